"""What each record of the source does to the accounts, by the double entry of a textbook.

Accounts go by the source's own codes. The receivable, payable and bank accounts, and the account of each tax, are what
the auditor is told of the books.
"""

from __future__ import annotations

from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from tests.auditor.source import ZERO, Row, Source, amount

CENT = Decimal("0.01")


@dataclass(frozen=True, kw_only=True)
class Chart:
    """The accounts that documents and payments fall to, and where each tax goes."""

    receivable: str
    payable: str
    bank: str
    taxes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Leg:
    """A debit (positive) or credit (negative) of an account, and whose it is on a receivable or payable."""

    account: str
    amount: Decimal
    party: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """What one record books on one day."""

    kind: str
    key: str
    on: date
    legs: tuple[Leg, ...]


class Auditor:
    """Reads a source once and says what each of its records books."""

    def __init__(self, source: Source, chart: Chart) -> None:
        self._source, self._chart = source, chart
        self._lines, self._taxes = source.by("lines", "document"), source.by("document_taxes", "document")
        self._parts, self._entry_lines = source.by("allocations", "payment"), source.by("entry_lines", "entry")
        self._sold = {row["code"]: row.get("gl_account", "") for row in source.rows("items")}
        self.documents = {row["key"]: row for row in source.rows("documents")}

    def entries(self) -> Iterator[Entry]:
        """Every record of the source, whether it may be booked or not."""
        yield from map(self._document, self.documents.values())
        yield from map(self._payment, self._source.rows("payments"))
        yield from map(self._journal, self._source.rows("journal_entries"))
        for schedule in self._source.rows("schedules"):
            yield from self._recognised(schedule)

    def _document(self, row: Row) -> Entry:
        kind, chart = row["kind"], self._chart
        sign = 1 if kind in ("invoice", "sales_receipt") else -1
        against = {"supplier_invoice": chart.payable, "sales_receipt": chart.bank, "refund": chart.bank}
        account = row.get("deposit_account") or against.get(kind, chart.receivable)
        party = row["account"] if account in (chart.receivable, chart.payable) else ""
        legs = [Leg(account, sign * amount(row["total"]), party)]
        for line in self._lines[row["key"]]:
            legs.append(Leg(line["gl_account"] or self._sold[line["item"]], -sign * amount(line["amount"])))
        for tax in self._taxes[row["key"]]:
            legs.append(Leg(chart.taxes[tax["tax"]], -sign * amount(tax["amount"])))
        return Entry(kind, row["key"], date.fromisoformat(row["date"]), tuple(legs))

    def _payment(self, row: Row) -> Entry:
        paid = [self.documents[part["invoice"]]["kind"] for part in self._parts[row["key"]]]
        sign = -1 if "supplier_invoice" in paid else 1
        account = self._chart.payable if sign < 0 else self._chart.receivable
        money = Leg(row.get("deposit_account") or self._chart.bank, sign * amount(row["amount"]))
        owed = Leg(account, -sign * amount(row["amount"]), row["account"])
        return Entry("payment", row["key"], date.fromisoformat(row["date"]), (money, owed))

    def _journal(self, row: Row) -> Entry:
        legs = [
            Leg(line["gl_account"], amount(line["debit"]) - amount(line["credit"]), line.get("account") or "")
            for line in self._entry_lines[row["key"]]
        ]
        return Entry("journal_entry", row["key"], date.fromisoformat(row["date"]), tuple(legs))

    def _recognised(self, schedule: Row) -> Iterator[Entry]:
        """One entry a month, the sum of all exact; nothing of dues that are not paid or were cancelled."""
        document = self.documents[schedule["invoice"]]
        if amount(document["balance"]) or document.get("cancelled") == "yes":
            return
        start, months, whole = (
            date.fromisoformat(schedule["start"]),
            int(schedule["months"]),
            amount(schedule["amount"]),
        )
        moved = ZERO
        for month in range(months):
            upto = (whole * (month + 1) / months).quantize(CENT, ROUND_HALF_UP)
            part, moved = upto - moved, upto
            on = _later(start, month)
            legs = (Leg(schedule["deferred_account"], part), Leg(schedule["revenue_account"], -part))
            yield Entry("journal_entry", f"{schedule['key']}/{on:%Y-%m}", on, legs)


def trial_balance(entries: Iterable[Entry], until: date | None = None) -> dict[str, Decimal]:
    """The balance of each account on a day, without those that come to nothing."""
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for entry in entries:
        for leg in entry.legs if until is None or entry.on <= until else ():
            sums[leg.account] += leg.amount
    return {account: balance for account, balance in sums.items() if balance}


def by_party(entries: Iterable[Entry], account: str) -> dict[str, Decimal]:
    """What each party owes or is owed on one account."""
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for entry in entries:
        for leg in entry.legs:
            if leg.account == account:
                sums[leg.party] += leg.amount
    return {party: balance for party, balance in sums.items() if balance}


def unbalanced(entries: Iterable[Entry]) -> Counter[tuple[str, str]]:
    """The records whose debits are not their credits."""
    return Counter((entry.kind, entry.key) for entry in entries if sum((leg.amount for leg in entry.legs), ZERO))


def _later(start: date, months: int) -> date:
    years, month = divmod(start.month - 1 + months, 12)
    return date(start.year + years, month + 1, min(start.day, monthrange(start.year + years, month + 1)[1]))
