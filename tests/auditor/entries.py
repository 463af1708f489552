"""What each record of the source does to the accounts, by the double entry of a textbook.

Accounts go by the source's own codes. The receivable, payable and bank accounts, and the account of each tax, are what
the auditor is told of the books.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from tests.auditor.source import ZERO, Row, Source, amount

CENT = Decimal("0.01")
PURCHASES = frozenset({"supplier_invoice", "vendor_credit"})
DEBITS = frozenset({"invoice", "sales_receipt", "vendor_credit"})
"""Documents whose total is a debit: what a customer owes or paid, and what takes off what we owe."""
ON_THE_SPOT = frozenset({"sales_receipt", "refund"})
PAID = {"received": "payment", "paid": "supplier_payment", "returned": "returned_payment"}
"""What a payment is called in the results, by its way."""


@dataclass(frozen=True, kw_only=True)
class Chart:
    """The accounts that documents and payments fall to, and where each tax goes.

    ``methods`` are accounts of payment methods that go elsewhere than to the ``bank``; ``fees`` what the bank charges;
    ``discounts`` what is taken off for paying early, ``exchange`` gains and losses of foreign currency.
    """

    receivable: str
    payable: str
    bank: str
    taxes: Mapping[str, str]
    fees: str = ""
    discounts: str = ""
    exchange: str = ""
    home: str = "CAD"
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
    """What one record books on one day, or a schedule moves to revenue, which is no record of the source.

    What is no record either, but the fee or the discount ``of`` a payment, stands with that one or not at all.
    """

    kind: str
    key: str
    on: date
    legs: tuple[Leg, ...]
    is_revenue: bool = False
    of: tuple[str, str] | None = None


class DoubleEntry:
    """Reads a source once and says what each of its records books, whether it may be booked or not."""

    def __init__(self, source: Source, chart: Chart) -> None:
        self.source, self.chart = source, chart
        self.documents = {row["key"]: row for row in source.rows("documents")}
        self.payments = {row["key"]: row for row in source.rows("payments")}
        self.lines, self.taxes = source.by("lines", "document"), source.by("document_taxes", "document")
        self.parts, self.entry_lines = source.by("allocations", "payment"), source.by("entry_lines", "entry")
        self.schedules = source.by("schedules", "invoice")
        self.paying = self._by_what_they_pay()
        self.crediting: dict[str, list[Row]] = defaultdict(list)
        for row in self.documents.values():
            self.crediting[row.get("invoice") or ""].append(row)
        self._came_back = {row["payment"] for row in self.payments.values() if row.get("kind") == "returned"}
        self._sold = {row["code"]: row.get("gl_account", "") for row in source.rows("items")}
        self._sellers = {row["account"] for row in self.documents.values() if row["kind"] in PURCHASES}
        self._sellers |= {row["key"] for row in source.rows("accounts") if row.get("is_supplier") == "yes"}
        self._buyers = {row["account"] for row in self.documents.values() if row["kind"] not in PURCHASES}

    def _by_what_they_pay(self) -> dict[str, list[Row]]:
        """The payments of each document, with those by which the bank returned one of them."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.payments.values():
            parts = (*self.parts[row["key"]], *self.parts[row.get("payment") or ""])
            for document in dict.fromkeys(part["invoice"] for part in parts):
                found[document].append(row)
        return found

    def __iter__(self) -> Iterator[Entry]:
        yield from map(self._document, self.documents.values())
        for row in self.payments.values():
            yield Entry(self.kind(row), row["key"], day(row), self._money(row))
            yield from self._beside(row)
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
        kind, chart, whole = row["kind"], self.chart, self.home(row, amount(row["total"]))
        sign = 1 if kind in DEBITS else -1
        if kind in ON_THE_SPOT:
            total = Leg(self._bank(row), sign * whole)
        else:
            owed = chart.payable if kind in PURCHASES else chart.receivable
            total = Leg(owed, sign * whole, row["account"])
        taxes = [
            Leg(chart.taxes[tax["tax"]], -sign * self.home(row, amount(tax["amount"])), tax=tax["tax"])
            for tax in self.taxes[row["key"]]
        ]
        lines = [
            Leg(self.account(line), -sign * self.home(row, amount(line["amount"]))) for line in self.lines[row["key"]]
        ]
        if lines and self.rate(row) != 1:  # the last takes what rounding leaves
            rest = -sum((leg.amount for leg in (total, *taxes, *lines)), ZERO)
            lines[-1] = Leg(lines[-1].account, lines[-1].amount + rest)
        legs = (total, *lines, *taxes)
        parts = {row["invoice"]: min(amount(row["total"]), self._open(row))} if self._credits(row) else {}
        return Entry(kind, row["key"], day(row), self._settled(row, legs, parts))

    def _money(self, row: Row) -> tuple[Leg, ...]:
        if row.get("kind") == "returned":
            return tuple(Leg(leg.account, -leg.amount, leg.party) for leg in self._money(self.payments[row["payment"]]))
        paid = self.kind(row) == "supplier_payment"
        owed, sign = (self.chart.payable, -1) if paid else (self.chart.receivable, 1)
        money = sign * self.home(row, amount(row["amount"]))
        parts = {part["invoice"]: amount(part["amount"]) for part in self.parts[row["key"]]}
        return self._settled(row, (Leg(self._bank(row), money), Leg(owed, -money, row["account"])), parts)

    def _beside(self, row: Row) -> Iterator[Entry]:
        """The fee that was kept of a payment, and the discounts that were taken with it."""
        on, of, fee = day(row), (self.kind(row), row["key"]), self.home(row, amount(row.get("fee")))
        if fee:
            of_money = self.payments[row["payment"]] if row.get("kind") == "returned" else row
            legs = (Leg(self.chart.fees, fee), Leg(self._bank(of_money), -fee))
            yield Entry("journal_entry", f"{row['key']}/fee", on, legs, of=of)
        for part in self.parts[row["key"]]:
            if off := self.discount(part):
                invoice = self.documents[part["invoice"]]
                bought = invoice["kind"] in PURCHASES
                owed, sign = (self.chart.payable, 1) if bought else (self.chart.receivable, -1)
                legs = (Leg(owed, sign * off, invoice["account"]), Leg(self.chart.discounts, -sign * off))
                kind = "vendor_credit" if bought else "credit_note"
                yield Entry(kind, f"{row['key']}/{part['invoice']}", on, legs, of=of)

    def discount(self, part: Row) -> Decimal:
        """What was taken off for paying early; nothing where the bank returned the payment: nobody paid early then."""
        return ZERO if part["payment"] in self._came_back else amount(part.get("discount"))

    def line_at_home(self, document: Row, number: str) -> Decimal:
        """What a line of a document comes to at home, what rounding leaves in it."""
        place = next(at for at, line in enumerate(self.lines[document["key"]], 1) if line["line"] == number)
        return abs(self._document(document).legs[place].amount)

    def rate(self, row: Row) -> Decimal:
        """What one of a record's currency is at home; of one without a rate nothing is booked."""
        foreign = row.get("currency", self.chart.home) not in ("", self.chart.home)
        return amount(row.get("rate")) if foreign and row.get("rate") else Decimal(1)

    def home(self, row: Row, value: Decimal) -> Decimal:
        """An amount of a record at home."""
        rate = self.rate(row)
        return value if rate == 1 else (value * rate).quantize(CENT, ROUND_HALF_UP)

    def _credits(self, row: Row) -> bool:
        return self.rate(row) != 1 and row["kind"] in ("credit_note", "vendor_credit") and bool(row.get("invoice"))

    def _settled(self, row: Row, legs: tuple[Leg, ...], parts: Mapping[str, Decimal]) -> tuple[Leg, ...]:
        """The legs with what is settled at the value that it came with; the difference is gain or loss."""
        if self.rate(row) == 1 or not parts:
            return legs
        whole = amount(row.get("amount") or row.get("total"))
        worth = self.home(row, whole) - self.home(row, whole - sum(parts.values(), ZERO))  # the rest is on account
        came = sum((self._came_with(key, part, row) for key, part in parts.items()), ZERO)
        settled = next(leg for leg in legs if leg.party)
        off = worth - came if settled.amount < 0 else came - worth
        changed = tuple(Leg(leg.account, leg.amount + off, leg.party) if leg is settled else leg for leg in legs)
        return (*changed, Leg(self.chart.exchange, -off)) if off else changed

    def _came_with(self, key: str, part: Decimal, by: Row) -> Decimal:
        """What a part of a document is of its value: of what was not settled before, so that nothing is left of it."""
        invoice = self.documents[key]
        total, before = amount(invoice["total"]), amount(invoice["total"]) - self._open(by, key)
        value = self.home(invoice, total)

        def until(much: Decimal) -> Decimal:
            return (value * much / total).quantize(CENT, ROUND_HALF_UP)

        return until(before + part) - until(before)

    def _open(self, by: Row, key: str = "") -> Decimal:
        """What was open of a document before a record settled more of it: payments of a day come before credits."""
        key, here = key or by["invoice"], (day(by), "total" in by, by["key"])
        left = amount(self.documents[key]["total"])
        for row in self.payments.values():
            if (day(row), False, row["key"]) < here:
                left -= sum((amount(part["amount"]) for part in self.parts[row["key"]] if part["invoice"] == key), ZERO)
        for row in self.documents.values():
            if row["kind"] in ("credit_note", "vendor_credit") and row.get("invoice") == key:
                left -= amount(row["total"]) if (day(row), True, row["key"]) < here else ZERO
        return left

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
