"""The entries of deferred revenue that a pull makes, with their keys, numbers and memos.

What was transferred is taken as it was sent; what was not is made anew at each pull.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import count

from addin.options import Recognise
from addin.sync.allowance import Allowance, month_later
from addin.sync.deferral import Schedules, Waiting, month_of, schedule_of, serial_of
from addin.sync.memos import memo_of
from addin.sync.money import movements
from addin.sync.numbering import Numbers
from addin.sync.recognition import Moved, Opening, Step, steps
from addin.sync.sides import account_of
from connectors.exchange import at_home, in_home, rate_of
from connectors.records import (
    ZERO,
    Customer,
    Document,
    EntryLine,
    Invoice,
    JournalEntry,
    Kind,
    LedgerAccount,
    RevenueSchedule,
    Transferable,
)

FORWARD = frozenset({Kind.INVOICE, Kind.SALES_RECEIPT})
"""The kinds whose lines put on the deferred account what becomes revenue; those of other kinds took it off there."""

Say = Callable[..., str]


@dataclass(frozen=True, kw_only=True)
class Given:
    """What entries are made from: the source's records, the entries that the ledger has or may have, and the rules.

    ``former`` are schedules of before that entries were made from; ``longest`` is how many characters of a number the
    ledger takes. What is in a foreign currency becomes revenue in the ``home`` currency, at the document's rate.
    """

    records: tuple[Transferable, ...]
    schedules: tuple[RevenueSchedule, ...]
    former: tuple[RevenueSchedule, ...] = ()
    transferred: tuple[JournalEntry, ...] = ()
    items: Mapping[str, LedgerAccount] = field(default_factory=dict)
    rule: Recognise = Recognise.PAID_IN_FULL
    opening: Opening = lambda day: day
    today: date
    say: Say
    longest: int | None = None
    home: str = "CAD"


@dataclass(frozen=True, kw_only=True)
class Made:
    """The entries as they now are, transferred ones included, and what is kept of the schedules."""

    entries: tuple[JournalEntry, ...]
    schedules: Schedules


def made_from(given: Given) -> Made:
    """Every entry that the schedules need, and what they need no more told apart."""
    return _Making(given).made()


class _Making:
    def __init__(self, given: Given) -> None:
        self._given = given
        self._documents = {each.key: each for each in given.records if isinstance(each, Document)}
        self._names = {each.key: each.name for each in given.records if isinstance(each, Customer)}
        self._movements = movements(given.records, given.items)
        self._by_line = {(each.invoice, each.line): each for each in given.schedules}
        lines = {schedule.key: (schedule.invoice, schedule.line) for schedule in (*given.former, *given.schedules)}
        self._transferred: defaultdict[tuple[str, int], list[JournalEntry]] = defaultdict(list)
        for entry in given.transferred:
            if line := lines.get(schedule_of(entry.key)):
                self._transferred[line].append(entry)
        sources = (each for each in given.records if isinstance(each, JournalEntry))
        self._numbers = Numbers((each.number for each in (*given.transferred, *sources)), given.longest)
        self._outdated: dict[str, tuple[str, ...]] = {}

    def made(self) -> Made:
        entries = [entry for schedule in self._given.schedules for entry in self._of(schedule)]
        now = {schedule.key for schedule in self._given.schedules}
        former = tuple(each for each in self._given.former if each.key not in now)
        schedules = Schedules(
            (*self._given.schedules, *former), frozenset(each.key for each in former), self._outdated,
            tuple(self._waiting()),
        )  # fmt: skip
        return Made(entries=tuple(entries), schedules=schedules)

    def _of(self, schedule: RevenueSchedule) -> Iterator[JournalEntry]:
        document = self._documents.get(schedule.invoice)
        if document is None:
            return
        allowance, there = self._allowance(schedule, document), self._transferred[schedule.invoice, schedule.line]
        months = {f"{day:%Y-%m}": month for month, day in enumerate(allowance.days, 1)}
        moved = [_moved(entry, schedule, document, months) for entry in there]
        own = [entry for entry in there if schedule_of(entry.key) == schedule.key]
        kept = [entry for entry in own if not month_of(entry.key) or month_of(entry.key) in months]
        if outdated := _outdated(allowance, zip(there, moved, strict=True)):
            self._outdated[schedule.key] = outdated
        yield from kept
        serials = count(1 + max((serial_of(entry.key) for entry in own), default=0))
        for step in steps(allowance, moved, self._given.opening, self._given.today):
            yield self._entry(allowance, step, serials)

    def _allowance(self, schedule: RevenueSchedule, document: Document) -> Allowance:
        schedule = self._at_home(schedule, document)
        on: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
        for line in document.lines:
            on[self._account_of(document, line.number)] += line.amount
        return Allowance(
            schedule=schedule, document=document, movements=tuple(self._movements.get(document.key, ())),
            currency=self._currency(document), rule=self._given.rule, deferred=on[schedule.deferred_account],
            direct=on[schedule.revenue_account],
        )  # fmt: skip

    def _at_home(self, schedule: RevenueSchedule, document: Document) -> RevenueSchedule:
        """A schedule in the home currency: what its line came with in the books, if it is its line."""
        exchange = rate_of(document, self._given.home)
        if exchange is None:
            return schedule
        lines = zip(document.lines, at_home(document, self._given.home).lines, strict=True)
        came = next((there.amount for line, there in lines
                     if (line.number, line.amount) == (schedule.line, schedule.amount)), None)  # fmt: skip
        return replace(schedule, amount=came or in_home(schedule.amount, exchange, self._given.home))

    def _currency(self, document: Document) -> str:
        """The currency in which a document becomes revenue."""
        return at_home(document, self._given.home).currency

    def _entry(self, allowance: Allowance, step: Step, serials: Iterator[int]) -> JournalEntry:
        schedule, document = allowance.schedule, allowance.document
        day = allowance.days[step.month - 1] if step.month else step.on
        ending = f"{day:%Y-%m}" if step.month else f"{day:%Y-%m}.{next(serials)}"
        moved = step.amount if document.kind in FORWARD else -step.amount
        one, other = max(moved, ZERO), max(-moved, ZERO)
        return JournalEntry(
            key=f"{schedule.key}/{ending}",
            number=self._numbers.free(document.number or document.key, ending),
            date=step.on,
            currency=self._currency(document),
            lines=(
                EntryLine(account=schedule.deferred_account, debit=one, credit=other),
                EntryLine(account=schedule.revenue_account, debit=other, credit=one),
            ),
            memo=memo_of(allowance, step, schedule.key in self._outdated, self._given.say),
            invoice=document.key if isinstance(document, Invoice) else "",
            provenance=schedule.provenance,
        )

    def _account_of(self, document: Document, number: int) -> str:
        """The source's account of a line: the one its schedule moves it from, else its own or its item's."""
        schedule = self._by_line.get((document.key, number))
        line = next(line for line in document.lines if line.number == number)
        return schedule.deferred_account if schedule else account_of(document, line, self._given.items)

    def _waiting(self) -> Iterator[Waiting]:
        """The lines that no money stands for; one without a schedule is taken to have the longest of its account."""
        longest: dict[str, int] = {}
        for each in self._given.schedules:
            longest[each.deferred_account] = max(each.months, longest.get(each.deferred_account, 0))
        for document in self._documents.values():
            for line in document.lines if isinstance(document, Invoice) and not document.cancelled else ():
                account = self._account_of(document, line.number)
                if account not in longest:
                    continue
                schedule = self._by_line.get((document.key, line.number)) or RevenueSchedule(
                    key="", invoice=document.key, line=line.number, start=document.date, months=longest[account],
                    amount=line.amount, deferred_account=account, revenue_account="",
                )  # fmt: skip
                if amount := self._allowance(schedule, document).waiting(self._given.today):
                    yield self._told(document, schedule, amount)

    def _told(self, document: Document, schedule: RevenueSchedule, amount: Decimal) -> Waiting:
        return Waiting(
            kind=document.kind, key=document.key, document=document.number or document.key, line=schedule.line,
            account=self._names.get(document.customer, document.customer), amount=amount,
            currency=self._currency(document), deferred=schedule.deferred_account,
            ends=month_later(schedule.start, schedule.months),
        )  # fmt: skip


def _moved(entry: JournalEntry, schedule: RevenueSchedule, document: Document, months: Mapping[str, int]) -> Moved:
    """What an entry moved to revenue, with the sign of the schedule's amount."""
    own = (line for line in entry.lines if line.account == schedule.deferred_account)
    line = next(own, entry.lines[0])
    amount = line.debit - line.credit
    return Moved(
        on=entry.date, amount=amount if document.kind in FORWARD else -amount, month=months.get(month_of(entry.key), 0)
    )


def _outdated(allowance: Allowance, transferred: Iterable[tuple[JournalEntry, Moved]]) -> tuple[str, ...]:
    """The numbers of the months' entries that were transferred, and that the schedule would not make any more."""
    ways = [(replace(allowance, rule=rule), as_paid) for rule in Recognise for as_paid in (False, True)]
    numbers = []
    for entry, moved in transferred:
        parts = {way.part(at, moved.month, as_paid=as_paid) for at in allowance.moments for way, as_paid in ways
                 if moved.month}  # fmt: skip
        if month_of(entry.key) and moved.amount not in parts:
            numbers.append(entry.number or entry.key)
    return tuple(numbers)
