"""What goes with a payment that the bank returned: the discounts that were taken with it."""

from __future__ import annotations

from collections.abc import Iterator

from addin.journal import RecordKey
from addin.sync.case import Case
from addin.sync.fees import discount_of
from connectors.records import Payment


def standing_discounts(case: Case, payment: Payment) -> Iterator[RecordKey]:
    """The discounts of a payment that the ledger has."""
    keys = [discount_of(payment, part) for part in payment.allocations if part.discount]
    return (key for key in keys if key in case.seen and case.settled(key))


def to_give_back(case: Case) -> list[RecordKey]:
    """The discounts in the ledger of payments whose return it has too: nobody paid early after all."""
    there = (each for returns in case.returns.values() for each in returns if case.settled((each.kind, each.key)))
    payments = dict.fromkeys(payment for back in there if (payment := case.payment_of(back)))
    return [key for payment in payments for key in standing_discounts(case, payment)]
