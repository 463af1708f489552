"""The payments of an export: a row each, or a row for each invoice that one pays."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from connectors.records import ZERO
from connectors.sources.exports.bills import Bills, key_of
from connectors.sources.exports.entries import Entry
from connectors.sources.exports.parties import Parties
from connectors.sources.tables.columns import PAYMENTS
from connectors.sources.tables.rows import Row

AMOUNT = "payments.amount"
_OURS = {f"payments.{column.name}": column.name for column in PAYMENTS.columns}


@dataclass
class Receipts:
    """Rows of payments and of what they pay."""

    payments: list[Row] = field(default_factory=list)
    allocations: list[Row] = field(default_factory=list)


def paid_by_document(payments: Sequence[Entry], names: Mapping[str, str]) -> dict[str, Decimal]:
    """What payments that name a document come to, by the document's key."""
    paid: dict[str, Decimal] = defaultdict(Decimal)
    for entry in payments:
        if name := key_of(entry):
            paid[names.get(name, name)] += entry.amount(AMOUNT) or ZERO
    return paid


def receipts(payments: Sequence[Entry], billed: Bills, parties: Parties) -> Receipts:
    """Every payment; rows of one number, day and customer on one sheet are one payment of several invoices.

    What another sheet says otherwise of a payment is a payment of the same key, which is told.
    """
    found, seen = Receipts(), Counter[tuple[str, str]]()
    together: dict[tuple[str, ...], list[Entry]] = {}
    for at, entry in enumerate(payments):
        number, account = entry.text("payments.key", "payments.number"), _account(entry, billed, parties)
        alike = (number, entry.text("payments.date"), account, entry.place)
        together.setdefault(alike if number else ("", str(at)), []).append(entry)
    for (number, *_), entries in together.items():
        first = entries[0]
        key = number or _named_by_itself(first, _account(first, billed, parties), seen)
        _add(found, key, entries, billed, parties)
    return found


def _named_by_itself(entry: Entry, account: str, seen: Counter[tuple[str, str]]) -> str:
    """A key for a payment without a number: what it pays or who paid, its day and amount, and which of several alike
    on its sheet it is."""
    name = " ".join(filter(None, (key_of(entry) or account, entry.text("payments.date"), entry.alike(AMOUNT))))
    seen[entry.place, name] += 1
    times = seen[entry.place, name]
    return name if times == 1 else f"{name} #{times}"


def _account(entry: Entry, billed: Bills, parties: Parties) -> str:
    """Who paid: as the row says, or, where that is nobody known, whose invoice it pays."""
    invoice = billed.keys.get(key_of(entry), "")
    return parties.known(entry) or billed.accounts.get(invoice) or parties.key_of(entry)


def _add(found: Receipts, key: str, entries: Sequence[Entry], billed: Bills, parties: Parties) -> None:
    first = entries[0]
    cells = {ours: first.cells[name] for name, ours in _OURS.items() if name in first.cells}
    own: dict[str, object] = {"key": key, "account": _account(first, billed, parties)}
    invoices = [billed.keys.get(name, name) for name in map(key_of, entries)]
    if len(entries) > 1:
        amounts = [entry.amount(AMOUNT) for entry in entries]
        own["amount"] = None if None in amounts else str(sum((amount for amount in amounts if amount), ZERO))
        for entry, invoice in zip(entries, invoices, strict=True):
            paid = {"payment": key, "invoice": invoice, "amount": entry.cells.get(AMOUNT)}
            if invoice:
                found.allocations.append(entry.row(paid))
    else:
        own["invoice"] = invoices[0]
    found.payments.append(first.row({**cells, **own}))
