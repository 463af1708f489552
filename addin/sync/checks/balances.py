"""What is left to pay of a document, as the source says it, beside its total and what pays it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from addin.sync.case import Case
from addin.sync.checks.booking import waits_until_paid
from connectors.problems import Problem, problem_of
from connectors.records import ZERO, CreditNote, Invoice, Kind, Payment


def balances_follow_payments(case: Case) -> Iterator[Problem]:
    """An invoice's balance is its total less its payments and credits; what a credit has too much stays unapplied.

    Only told of, for a file may show a part of the payments, unless it is the balance that lets the invoice leave
    (Membri 365, "Synchronize subscriptions and renewals when paid"). A source without any payment says nothing of them.
    A balance below zero or beyond the total is told of every document whose payments do not make it so.
    """
    documents = [document for document in case.documents() if not document.cancelled]
    settled = _settled(case) if any(isinstance(each, Invoice) for each in documents) else {}
    for document in documents:
        paid = settled.get(document.key, ZERO) if isinstance(document, Invoice) else ZERO
        owed = max(document.total - paid, ZERO)
        words = {"balance": str(document.balance), "total": str(document.total)}
        if document.balance in (owed, document.total - paid):
            continue
        if not ZERO <= document.balance <= max(document.total, ZERO):
            yield problem_of(document, "balance_impossible", column="balance", **words)
        elif settled and isinstance(document, Invoice):
            code = _told_as(case, document, paid)
            yield problem_of(document, code, column="balance", paid=str(paid), owed=str(owed), **words)


def _told_as(case: Case, invoice: Invoice, paid: Decimal) -> str:
    if invoice.paid and waits_until_paid(case.options, invoice):
        return "payment_not_shown"
    return "paid_without_payment" if invoice.paid and not paid else "balance_differs"


def _settled(case: Case) -> dict[str, Decimal]:
    """What the source's payments and credits take off each invoice."""
    settled: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for record in (*case.of_kind(Kind.PAYMENT), *case.of_kind(Kind.CREDIT_NOTE)):
        if case.seen[record.kind, record.key].left_source:
            continue
        if isinstance(record, Payment):
            for part in record.allocations:
                settled[part.invoice] += part.amount
        elif isinstance(record, CreditNote) and record.invoice and not record.cancelled:
            settled[record.invoice] += record.total
    return dict(settled)
