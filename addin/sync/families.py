"""What an account pays for another of its family: some ledgers count it with the invoice, and some with who paid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from decimal import Decimal

from addin.journal import RecordKey
from addin.sync.case import Case
from connectors.records import CreditNote, Kind, Payment, Transferable

Across = Mapping[tuple[str, str], list[tuple[Transferable, Decimal]]]
"""By the source's key of an account and the currency: each payment or credit, and what it adds to what is owed there
in a ledger that counts it with the invoice."""


def across(case: Case, kinds: Collection[Kind], on: date) -> Across:
    """What of these kinds was booked until a day and goes to an invoice of another account than its own."""
    moved: defaultdict[tuple[str, str], list[tuple[Transferable, Decimal]]] = defaultdict(list)
    for record in case.records.values():
        if not isinstance(record, Payment | CreditNote) or record.kind not in kinds or record.date > on:
            continue
        for key, amount in _parts(record):
            invoice = case.invoice(key)
            if invoice and invoice.customer != record.customer and case.settled((record.kind, record.key)):
                moved[record.customer, record.currency].append((record, amount))
                moved[invoice.customer, record.currency].append((record, -amount))
    return moved


def _parts(record: Payment | CreditNote) -> Iterator[tuple[RecordKey, Decimal]]:
    """What it goes to, and how much of it."""
    if isinstance(record, CreditNote):
        if record.invoice:
            yield (record.pays, record.invoice), record.total
        return
    for part in record.allocations:
        yield (record.pays, part.invoice), part.amount
