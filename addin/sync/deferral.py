"""Revenue received in advance: one dated journal entry a month, once the dues are paid (Membri 365, step 6)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

from connectors.records import Document, EntryLine, Invoice, JournalEntry, RevenueSchedule, decimals


@dataclass(frozen=True)
class Schedules:
    """The schedules of a company, as last pulled: which lines become revenue later, and what an entry is made from."""

    known: tuple[RevenueSchedule, ...] = ()

    @cached_property
    def by_key(self) -> dict[str, RevenueSchedule]:
        """The schedules by their keys."""
        return {schedule.key: schedule for schedule in self.known}

    @cached_property
    def by_line(self) -> dict[tuple[str, int], RevenueSchedule]:
        """The schedules by the key of their document and the number of its line."""
        return {(schedule.invoice, schedule.line): schedule for schedule in self.known}

    @cached_property
    def accounts(self) -> frozenset[str]:
        """The source's accounts that revenue is moved from."""
        return frozenset(schedule.deferred_account for schedule in self.known)

    def behind(self, entry: str) -> RevenueSchedule | None:
        """The schedule that an entry of this key was made from; none behind one that the source itself holds."""
        return self.by_key.get(schedule_of(entry))


def schedule_of(entry: str) -> str:
    """The key of the schedule in the key of an entry made from it."""
    return entry.rpartition("/")[0]


def entries(schedule: RevenueSchedule, document: Document, longest: int | None = None) -> Iterator[JournalEntry]:
    """The entries of a schedule; none until its invoice is paid, and none of what the source cancelled.

    Their amounts sum to the schedule's to the cent.

    ``longest`` is how many characters of a number the ledger takes.
    """
    if document.cancelled or (isinstance(document, Invoice) and not document.paid):
        return
    unit = Decimal(1).scaleb(-decimals(document.currency))
    moved = Decimal(0)
    for month in range(1, schedule.months + 1):
        target = (schedule.amount * month / schedule.months).quantize(unit, ROUND_HALF_UP)
        amount, moved = target - moved, target
        if amount:
            yield _entry(schedule, document, month, amount, longest)


def _entry(
    schedule: RevenueSchedule, document: Document, month: int, amount: Decimal, longest: int | None
) -> JournalEntry:
    on = month_later(schedule.start, month - 1)
    ending = f"-{on:%Y-%m}"
    # The end of a number tells it from the others.
    number = (document.number or document.key)[-max(1, longest - len(ending)) if longest else None :] + ending
    debit, credit = schedule.deferred_account, schedule.revenue_account
    if amount < 0:
        debit, credit, amount = credit, debit, -amount
    return JournalEntry(
        key=f"{schedule.key}/{on:%Y-%m}",
        number=number,
        date=on,
        currency=document.currency,
        lines=(EntryLine(account=debit, debit=amount), EntryLine(account=credit, credit=amount)),
        memo=f"{document.number} {month}/{schedule.months}",
        invoice=document.key if isinstance(document, Invoice) else "",
        provenance=schedule.provenance,
    )


def month_later(start: date, months: int) -> date:
    """The same day some months later, or that month's last day where it has no such day."""
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))
