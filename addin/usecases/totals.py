"""Control totals: signed, by direction and by currency, so that nothing is added up that does not belong together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum

from addin.texts import mark
from connectors.records import (
    ZERO,
    CreditNote,
    Customer,
    Kind,
    Refund,
    ReturnedPayment,
    SupplierPayment,
    Transferable,
    total_of,
)


class Direction(StrEnum):
    """Which way amounts go; the value is the name in JSON."""

    RECEIVABLE = "receivable"
    MONEY_IN = "money_in"
    MONEY_OUT = "money_out"
    PAYABLE = "payable"
    ENTRIES = "entries"


CAPTIONS: dict[Direction, str] = {
    Direction.RECEIVABLE: mark("Receivables (invoices less credits)"),
    Direction.MONEY_IN: mark("Money in"),
    Direction.MONEY_OUT: mark("Money out"),
    Direction.PAYABLE: mark("Payables (supplier invoices less credits)"),
    Direction.ENTRIES: mark("Journal entries (debits)"),
}
DIRECTIONS: dict[Kind, Direction] = {
    Kind.INVOICE: Direction.RECEIVABLE,
    Kind.CREDIT_NOTE: Direction.RECEIVABLE,
    Kind.PAYMENT: Direction.MONEY_IN,
    Kind.SUPPLIER_PAYMENT: Direction.MONEY_OUT,
    Kind.RETURNED_PAYMENT: Direction.MONEY_OUT,
    Kind.SALES_RECEIPT: Direction.MONEY_IN,
    Kind.REFUND: Direction.MONEY_OUT,
    Kind.SUPPLIER_INVOICE: Direction.PAYABLE,
    Kind.VENDOR_CREDIT: Direction.PAYABLE,
    Kind.JOURNAL_ENTRY: Direction.ENTRIES,
}
"""The direction of each kind; an account has none."""


def signed(record: Transferable) -> Decimal:
    """What a record counts for: a credit takes off, a refund, a supplier's payment or a returned one goes out, an entry
    counts its debits.
    """
    less = isinstance(record, CreditNote | Refund | SupplierPayment | ReturnedPayment)
    return -total_of(record) if less else total_of(record)


def totals(records: Iterable[Transferable], currency: str) -> dict[Kind, Decimal]:
    """What the records of each kind that are in one currency come to."""
    sums: dict[Kind, Decimal] = defaultdict(lambda: ZERO)
    for record in records:
        if not isinstance(record, Customer) and record.currency == currency:
            sums[record.kind] += signed(record)
    return dict(sums)


def by_direction(sums: Mapping[Kind, Decimal]) -> dict[Direction, Decimal]:
    """The totals of kinds that go the same way, in the order of the directions."""
    found: dict[Direction, Decimal] = defaultdict(lambda: ZERO)
    for kind, amount in sums.items():
        found[DIRECTIONS[kind]] += amount
    return {direction: found[direction] for direction in Direction if direction in found}


def left_out(records: Iterable[Transferable], currency: str) -> list[dict[str, str]]:
    """How many records are in other currencies, and what they come to, by currency and direction."""
    counts: Counter[tuple[str, Direction]] = Counter()
    sums: dict[tuple[str, Direction], Decimal] = defaultdict(lambda: ZERO)
    for record in records:
        if not isinstance(record, Customer) and record.currency != currency:
            place = record.currency, DIRECTIONS[record.kind]
            counts[place] += 1
            sums[place] += signed(record)
    return [
        {"currency": other, "direction": direction.value, "count": str(counts[other, direction]),
         "amount": str(sums[other, direction])}
        for other, direction in sorted(counts, key=lambda place: (place[0], list(Direction).index(place[1])))
    ]  # fmt: skip
