"""What each record of the source does to the accounts, by the double entry of a textbook.

Accounts go by the source's own codes. The receivable, payable and bank accounts, and the account of each tax, are what
the auditor is told of the books.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from tests.auditor.source import Row, Source, amount

PURCHASES = frozenset({"supplier_invoice", "vendor_credit"})
DEBITS = frozenset({"invoice", "sales_receipt", "vendor_credit"})
"""Documents whose total is a debit: what a customer owes or paid, and what takes off what we owe."""
ON_THE_SPOT = frozenset({"sales_receipt", "refund"})
PAID = {"received": "payment", "paid": "supplier_payment", "returned": "returned_payment"}
"""What a payment is called in the results, by its way."""


@dataclass(frozen=True, kw_only=True)
class Chart:
    """The accounts that documents and payments fall to, and where each tax goes.

    ``methods`` are accounts of payment methods that go elsewhere than to the ``bank``; ``fees`` what the bank charges.
    """

    receivable: str
    payable: str
    bank: str
    taxes: Mapping[str, str]
    fees: str = ""
    methods: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Leg:
    """A debit (positive) or credit (negative) of an account; on a receivable or payable whose, of a tax which."""

    account: str
    amount: Decimal
    party: str = ""
    tax: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """What one record books on one day, or a schedule moves to revenue, which is no record of the source."""

    kind: str
    key: str
    on: date
    legs: tuple[Leg, ...]
    is_revenue: bool = False


class DoubleEntry:
    """Reads a source once and says what each of its records books, whether it may be booked or not."""

    def __init__(self, source: Source, chart: Chart) -> None:
        self.source, self.chart = source, chart
        self.documents = {row["key"]: row for row in source.rows("documents")}
        self.payments = {row["key"]: row for row in source.rows("payments")}
        self.lines, self.taxes = source.by("lines", "document"), source.by("document_taxes", "document")
        self.parts, self.entry_lines = source.by("allocations", "payment"), source.by("entry_lines", "entry")
        self.schedules = source.by("schedules", "invoice")
        self._sold = {row["code"]: row.get("gl_account", "") for row in source.rows("items")}
        self._sellers = {row["account"] for row in self.documents.values() if row["kind"] in PURCHASES}
        self._sellers |= {row["key"] for row in source.rows("accounts") if row.get("is_supplier") == "yes"}
        self._buyers = {row["account"] for row in self.documents.values() if row["kind"] not in PURCHASES}

    def __iter__(self) -> Iterator[Entry]:
        yield from map(self._document, self.documents.values())
        yield from (Entry(self.kind(row), row["key"], day(row), self._money(row)) for row in self.payments.values())
        yield from map(self._journal, self.source.rows("journal_entries"))

    def account(self, line: Row) -> str:
        """Where a document's line stands: the account it says, or its item's."""
        return line.get("gl_account") or self._sold[line["item"]]

    def kind(self, payment: Row) -> str:
        """Whether money was received, paid or returned: as the source says, by what is paid, by who the party is."""
        return PAID[payment.get("kind") or ("paid" if self._pays(payment) else "received")]

    def undecided(self, payment: Row) -> bool:
        """Whether nothing says which way the money went: a party of both sides, and nothing that is paid."""
        party = payment["account"]
        told = payment.get("kind") or self.parts[payment["key"]]
        return not told and party in self._sellers and party in self._buyers

    def _pays(self, payment: Row) -> bool:
        paid = {self.documents[part["invoice"]]["kind"] in PURCHASES for part in self.parts[payment["key"]]}
        return any(paid) if paid else payment["account"] in self._sellers

    def _document(self, row: Row) -> Entry:
        kind, chart = row["kind"], self.chart
        sign = 1 if kind in DEBITS else -1
        if kind in ON_THE_SPOT:
            total = Leg(self._bank(row), sign * amount(row["total"]))
        else:
            owed = chart.payable if kind in PURCHASES else chart.receivable
            total = Leg(owed, sign * amount(row["total"]), row["account"])
        lines = [Leg(self.account(line), -sign * amount(line["amount"])) for line in self.lines[row["key"]]]
        taxes = [
            Leg(chart.taxes[tax["tax"]], -sign * amount(tax["amount"]), tax=tax["tax"])
            for tax in self.taxes[row["key"]]
        ]
        return Entry(kind, row["key"], day(row), (total, *lines, *taxes))

    def _money(self, row: Row) -> tuple[Leg, ...]:
        if row.get("kind") == "returned":
            back = tuple(Leg(leg.account, -leg.amount, leg.party) for leg in self._money(self.payments[row["payment"]]))
            fee = amount(row.get("fee"))
            return (*back, Leg(self.chart.fees, fee), Leg(back[0].account, -fee)) if fee else back
        paid = self.kind(row) == "supplier_payment"
        owed, sign = (self.chart.payable, -1) if paid else (self.chart.receivable, 1)
        money = sign * amount(row["amount"])
        return Leg(self._bank(row), money), Leg(owed, -money, row["account"])

    def _bank(self, row: Row) -> str:
        return row.get("deposit_account") or self.chart.methods.get(row.get("method") or "", self.chart.bank)

    def _journal(self, row: Row) -> Entry:
        legs = [
            Leg(line["gl_account"], amount(line["debit"]) - amount(line["credit"]), line.get("account") or "")
            for line in self.entry_lines[row["key"]]
        ]
        return Entry("journal_entry", row["key"], day(row), tuple(legs))


def day(row: Row) -> date:
    """The day of a record."""
    return date.fromisoformat(row["date"])


def legs_of(entries: Sequence[Entry], until: date | None = None) -> Iterator[Leg]:
    """The legs of entries up to a day."""
    return (leg for entry in entries if until is None or entry.on <= until for leg in entry.legs)
