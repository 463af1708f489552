"""What an auditor lets stand in no books, and why, record by record in the order of their days.

A payment comes before a credit of the same day, and a document before both: what is open of an invoice is what was
billed, less what was paid, credited and not returned until then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from datetime import date
from decimal import Decimal

from tests.auditor.entries import DoubleEntry, day
from tests.auditor.rates import wrong_tax
from tests.auditor.source import ZERO, Row, amount

Key = tuple[str, str]
Judged = tuple[date, int, str, Row, Callable[[Row], Iterator[str]]]
"""A record with its day, its turn on that day, its kind and what judges it."""
ABSENT = "it is not there"
CREDITS = {"credit_note": "invoice", "vendor_credit": "supplier_invoice"}
"""What takes off a document of which kind."""


class Refusals:
    """The records that stay out of the books, each with the auditor's reason; ``paid`` and ``credited`` by document.

    What is ``booked`` is not judged again; what is ``absent`` stays out, whatever the auditor thinks of it.
    """

    def __init__(
        self,
        books: DoubleEntry,
        home: str = "CAD",
        closed: date | None = None,
        booked: Collection[Key] = (),
        absent: Collection[Key] = (),
    ) -> None:
        self._books, self._home, self._closed, self._booked = books, home, closed, booked
        self.reasons: dict[Key, str] = {}
        self.paid: dict[str, Decimal] = defaultdict(lambda: ZERO)
        self.credited: dict[str, Decimal] = defaultdict(lambda: ZERO)
        self._returned: set[str] = set()
        self._parents = {row["key"]: row.get("parent", "") for row in books.source.rows("accounts")}
        for _, __, kind, row, judge in sorted(self._in_order(), key=self._turn):
            reason = ABSENT if (kind, row["key"]) in absent else next(judge(row), "")
            if reason and (kind, row["key"]) not in booked:
                self.reasons[kind, row["key"]] = reason
            else:
                self._count(row)

    def _count(self, row: Row) -> None:
        """What a record that stands in the books pays, credits or reopens."""
        if row.get("kind") in CREDITS and row.get("invoice"):
            self.credited[row["invoice"]] += amount(row["total"])
        elif row.get("kind") == "returned":
            self._returned.add(row["payment"])
            for part in self._books.parts[row["payment"]]:
                self.paid[part["invoice"]] -= amount(part["amount"])
        elif row["key"] in self._books.payments:
            for part in self._books.parts[row["key"]]:
                self.paid[part["invoice"]] += amount(part["amount"])
                self.credited[part["invoice"]] += self._books.discount(part)

    def _turn(self, each: Judged) -> tuple[bool, date, int]:
        """What stands in the books already comes first; then day by day."""
        on, rank, kind, row, _ = each
        return (kind, row["key"]) not in self._booked, on, rank

    def _in_order(self) -> Iterator[Judged]:
        for row in self._books.documents.values():
            credit = row["kind"] in CREDITS
            yield day(row), 2 if credit else 0, row["kind"], row, self._credit if credit else self._document
        for row in self._books.payments.values():
            yield day(row), 1, self._books.kind(row), row, self._payment
        for row in self._books.source.rows("journal_entries"):
            yield day(row), 3, "journal_entry", row, self._journal

    def _any(self, row: Row) -> Iterator[str]:
        if self._closed and day(row) <= self._closed:
            yield "the period is closed"
        if row.get("currency", self._home) not in ("", self._home) and not row.get("rate"):
            yield "a foreign currency without a rate"

    def _document(self, row: Row) -> Iterator[str]:
        yield from self._any(row)
        if row.get("cancelled") == "yes":
            yield "cancelled"
        if row.get("sent") == "no":
            yield "a draft"
        if amount(row["total"]) < 0:
            yield "below zero"
        net = sum((amount(line["amount"]) for line in self._books.lines[row["key"]]), ZERO)
        tax = sum((amount(each["amount"]) for each in self._books.taxes[row["key"]]), ZERO)
        if (net, tax, net + tax) != (amount(row["subtotal"]), amount(row["tax"]), amount(row["total"])):
            yield "it does not add up"
        yield from wrong_tax(self._books, row)

    def _credit(self, row: Row) -> Iterator[str]:
        yield from self._document(row)
        if invoice := self._books.documents.get(row.get("invoice", "")):
            yield from self._may_settle(row, invoice, CREDITS[row["kind"]])
            if self.credited[invoice["key"]] + amount(row["total"]) > amount(invoice["total"]):
                yield "credited beyond its invoice"

    def _payment(self, row: Row) -> Iterator[str]:
        yield from self._any(row)
        if row.get("kind") == "returned":
            yield from self._return(row)
            return
        if amount(row["amount"]) < 0:
            yield "a negative payment that is no return"
        if self._books.undecided(row):
            yield "nothing says which way it went"
        parts = {part["invoice"]: amount(part["amount"]) for part in self._books.parts[row["key"]]}
        if sum(parts.values(), ZERO) > amount(row["amount"]):
            yield "shared out beyond its amount"
        off = {part["invoice"]: amount(part.get("discount")) for part in self._books.parts[row["key"]]}
        wanted = "supplier_invoice" if self._books.kind(row) == "supplier_payment" else "invoice"
        for key, part in parts.items():
            invoice = self._books.documents[key]
            yield from self._may_settle(row, invoice, wanted)
            if part + off[key] > self.open(invoice):
                yield "paid beyond what is open"

    def _return(self, row: Row) -> Iterator[str]:
        original = self._books.payments.get(row["payment"])
        if original is None or (self._books.kind(original), original["key"]) in self.reasons:
            yield "what is returned is not in the books"
        elif original["key"] in self._returned or amount(row["amount"]) != amount(original["amount"]):
            yield "what is returned is not what was paid"

    def _journal(self, row: Row) -> Iterator[str]:
        yield from self._any(row)
        lines, chart = self._books.entry_lines[row["key"]], self._books.chart
        if sum((amount(line["debit"]) - amount(line["credit"]) for line in lines), ZERO) or not lines:
            yield "debits are not credits"
        if any(line["gl_account"] in (chart.receivable, chart.payable) and not line.get("account") for line in lines):
            yield "on receivables or payables without a party"

    def open(self, invoice: Row) -> Decimal:
        """What is left to pay of a document, by the records looked at so far."""
        left = amount(invoice["total"]) - self.paid[invoice["key"]] - self.credited[invoice["key"]]
        return max(left, ZERO)

    def _may_settle(self, row: Row, invoice: Row, kind: str) -> Iterator[str]:
        if invoice["kind"] != kind:
            yield "it settles a document of the other side"
        if (invoice["kind"], invoice["key"]) in self.reasons:
            yield "what it settles is not in the books"
        if self._head(row["account"]) != self._head(invoice["account"]):
            yield "it settles a stranger's document"

    def _head(self, account: str) -> str:
        while self._parents.get(account):
            account = self._parents[account]
        return account
