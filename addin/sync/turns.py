"""In which order invoices are paid, reopened and credited, and who may leave for that together."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from addin.journal import RecordKey
from addin.sync.case import Case
from connectors.records import CreditNote, Payment, ReturnedPayment, Transferable


def settling_order(case: Case, record: Payment | CreditNote) -> tuple[date, int, str, str]:
    """Day by day: what came back after it was paid, then what is paid, again or first, then credits."""
    match record:
        case CreditNote():
            rank = 3
        case ReturnedPayment():
            rank = 1
        case _:
            rank = 0 if record.key in case.returns else 2
    return record.date, rank, record.number, record.key


def reopening(case: Case, record: Transferable) -> list[ReturnedPayment]:
    """The returns that are to leave and open again, before a payment, an invoice that it pays."""
    if not isinstance(record, Payment) or isinstance(record, ReturnedPayment):
        return []
    there = (each for part in record.allocations for each in case.reopened.get((record.pays, part.invoice), ()))
    mine = settling_order(case, record)
    return [back for back in there if settling_order(case, back) < mine]


def turns(case: Case, records: Iterable[Transferable]) -> dict[RecordKey, int]:
    """The turn of each payment: a return follows its payment, and what pays an invoice again the return."""
    payments = [record for record in records if isinstance(record, Payment)]
    found: dict[RecordKey, int] = {}
    reopened: dict[RecordKey, int] = {}
    for payment in sorted(payments, key=lambda each: settling_order(case, each)):
        back = case.payment_of(payment)
        if back:
            turn = found.get((back.kind, back.key), -1) + 1
            reopened |= {(back.pays, part.invoice): turn for part in back.allocations}
        else:
            again = [reopened.get((payment.pays, part.invoice), -1) for part in payment.allocations]
            turn = max(again, default=-1) + 1
        found[payment.kind, payment.key] = turn
    return found
