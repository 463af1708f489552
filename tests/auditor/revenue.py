"""Dues that were billed in advance, and what of them is revenue on a day: rules 2 and 3 of the books.

Money decides. Of a line that is spread over months, as much is earned as months have begun, of what is still billed of
the line, as far as the document was paid: in full or not at all, or in proportion. What is credited or given back is
billed no more. Nothing is earned before the document's day nor on a day of a closed period: that comes on the first
open one. Where a credit was booked on revenue itself, the line has to leave the liability all the same.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from tests.auditor.entries import DoubleEntry, Entry, Leg, day
from tests.auditor.refusals import ABSENT, CREDITS, Refusals
from tests.auditor.source import ZERO, Row, amount

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Revenue:
    """The schedules of a source; ``proportion`` says that a part payment earns its part, and not nothing."""

    books: DoubleEntry
    refusals: Refusals
    closed: date | None = None
    proportion: bool = False

    def sound(self, row: Row) -> bool:
        """Whether a schedule is its line: one of its own amount; another recognises nothing."""
        line = next(line for line in self.books.lines[row["invoice"]] if line["line"] == row["line"])
        others = [each for each in self.books.schedules[row["invoice"]] if each["line"] == row["line"]]
        return len(others) == 1 and amount(row["amount"]) == amount(line["amount"])

    def entries(self, until: date) -> Iterator[Entry]:
        """What moves from the liability to revenue, on each day on which it moves."""
        for row in self.books.source.rows("schedules"):
            document, moved = self.books.documents[row["invoice"]], ZERO
            there = (document["kind"], document["key"]) not in self.refusals.reasons
            for on in sorted(set(self._days(row))) if there and self.sound(row) else ():
                if on <= until and (more := self._moved_by(row, on) - moved):
                    moved += more
                    legs = (Leg(row["deferred_account"], more), Leg(row["revenue_account"], -more))
                    yield Entry("journal_entry", f"{row['key']}/{on}", on, legs, is_revenue=True)

    def earned(self, row: Row, on: date) -> Decimal:
        """What of a schedule is revenue on a day, whatever it was booked on."""
        document, whole = self.books.documents[row["invoice"]], self._worth(row)
        if on < day(document) or (self.closed and on <= self.closed):
            return ZERO
        share = self._share(document, on)
        months = int(row["months"])
        begun = sum(1 for month in range(months) if month_later(date.fromisoformat(row["start"]), month) <= on)
        left = whole - self._taken_off(row, on, (row["deferred_account"], row["revenue_account"]))
        return min(_cents(whole * begun / months * share), _cents(left * share), key=abs)

    def _moved_by(self, row: Row, on: date) -> Decimal:
        if self.closed and on <= self.closed:
            return ZERO
        credited = self._taken_off(row, on, (row["revenue_account"],))
        return self.earned(row, on) + credited

    def _share(self, document: Row, on: date) -> Decimal:
        """Which part of what a document still bills was paid by a day; of what was cancelled, none."""
        if document.get("cancelled") == "yes":
            return ZERO
        if document["kind"] == "sales_receipt":
            return Decimal(1)
        owed = (
            amount(document["total"])
            - sum((amount(row["total"]) for row in self._credits(document, on) if row["kind"] in CREDITS), ZERO)
            - self._discounts(document["key"], on)
        )
        money = self._received(document["key"], on)
        if money <= 0:
            return ZERO
        share = min(money / owed, Decimal(1)) if owed > 0 else Decimal(1)
        return share if self.proportion else Decimal(int(share))

    def _received(self, document: str, on: date) -> Decimal:
        """Money applied to a document by a day, less what the bank returned."""
        sums = ZERO
        for row in self.books.paying[document]:
            kind, returned = self.books.kind(row), row.get("kind") == "returned"
            if not self._came(kind, row) or day(row) > on:
                continue
            for part in self.books.parts[row["payment"] if returned else row["key"]]:
                if part["invoice"] == document:
                    sums += -amount(part["amount"]) if returned else amount(part["amount"])
        return sums

    def _came(self, kind: str, row: Row) -> bool:
        """Whether money came: also where the ledger does not have the payment yet, if nothing else is wrong with it."""
        return self.refusals.reasons.get((kind, row["key"]), ABSENT) == ABSENT

    def _discounts(self, document: str, on: date) -> Decimal:
        """What was taken off a document by a day because it was paid early: it is owed no more, and is no money."""
        rows = (row for row in self.books.paying[document] if day(row) <= on)
        there = (row for row in rows if self._came(self.books.kind(row), row))
        parts = (part for row in there for part in self.books.parts[row["key"]] if part["invoice"] == document)
        return sum(map(self.books.discount, parts), ZERO)

    def _taken_off(self, row: Row, on: date, accounts: tuple[str, ...]) -> Decimal:
        credits_ = self._credits(self.books.documents[row["invoice"]], on)
        lines = (line for each in credits_ for line in self.books.lines[each["key"]])
        sums = sum((amount(line["amount"]) for line in lines if self.books.account(line) in accounts), ZERO)
        return min(self.books.home(self.books.documents[row["invoice"]], sums), self._worth(row), key=abs)

    def _worth(self, row: Row) -> Decimal:
        """What a schedule moves, at home: what its line came with."""
        document, value = self.books.documents[row["invoice"]], amount(row["amount"])
        if self.books.rate(document) == 1 or not self.sound(row):
            return self.books.home(document, value)
        return self.books.line_at_home(document, row["line"])

    def _credits(self, document: Row, on: date) -> list[Row]:
        """Credit notes and refunds for a document, by a day."""
        return [
            row for row in self.books.crediting[document["key"]]
            if day(row) <= on and (self.closed is None or on > self.closed)
            and (row["kind"], row["key"]) not in self.refusals.reasons
        ]  # fmt: skip

    def _days(self, row: Row) -> Iterator[date]:
        """The days on which something may change: months that begin, money, credits, and the first open day."""
        start, document = date.fromisoformat(row["start"]), self.books.documents[row["invoice"]]
        yield from (month_later(start, month) for month in range(int(row["months"])))
        yield day(document)
        yield from map(day, self.books.paying[document["key"]])
        yield from map(day, self.books.crediting[document["key"]])
        if self.closed:
            yield self.closed + timedelta(days=1)


def month_later(start: date, months: int) -> date:
    """A date so many months later: its day of the month, or the month's last where it has no such day."""
    years, month = divmod(start.month - 1 + months, 12)
    return date(start.year + years, month + 1, min(start.day, monthrange(start.year + years, month + 1)[1]))


def _cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)
