"""What was received for a document, what is owed of it no more, and what was taken off its accounts, day by day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from addin.sync.sides import account_of
from connectors.records import (
    ZERO,
    CreditNote,
    Kind,
    LedgerAccount,
    Payment,
    Refund,
    ReturnedPayment,
    Transferable,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """What a payment, credit or refund does to a document on a day.

    ``received`` is money (negative: given back), ``credited`` what is owed no more; ``taken`` is what its lines take
    off each of the source's accounts again.
    """

    on: date
    cause: Transferable
    received: Decimal = ZERO
    credited: Decimal = ZERO
    taken: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def reduces(self) -> bool:
        """Whether less than before may be revenue after it."""
        return self.received < 0 or self.credited > 0


def movements(records: Iterable[Transferable], items: Mapping[str, LedgerAccount]) -> dict[str, list[Movement]]:
    """The movements of each document by its key, in order of date; ``items`` are the source's accounts of its items."""
    found: defaultdict[str, list[Movement]] = defaultdict(list)
    records = list(records)
    payments = {record.key: record for record in records if record.kind is Kind.PAYMENT}
    for record in records:
        match record:
            case ReturnedPayment():
                for part in getattr(payments.get(record.payment), "allocations", ()):
                    found[part.invoice].append(Movement(on=record.date, cause=record, received=-part.amount))
            case Payment():
                for part in record.allocations:
                    found[part.invoice].append(Movement(on=record.date, cause=record, received=part.amount))
            case CreditNote(invoice=invoice) if invoice and not record.cancelled:
                found[invoice].append(_credited(record, ZERO, items))
            case Refund(invoice=invoice) if invoice and not record.cancelled:
                found[invoice].append(_credited(record, -record.total, items))
    return {key: sorted(several, key=lambda each: (each.on, each.cause.key)) for key, several in found.items()}


def _credited(record: CreditNote | Refund, received: Decimal, items: Mapping[str, LedgerAccount]) -> Movement:
    taken: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for line in record.lines:
        taken[account_of(record, line, items)] += line.amount
    return Movement(on=record.date, cause=record, received=received, credited=record.total, taken=dict(taken))
