"""What is left to pay of a document, as the source says it, beside its total and what pays it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from addin.sync.case import Case
from addin.sync.checks.booking import waits_until_paid
from addin.sync.reconcile import paid_off
from connectors.problems import Problem, problem_of
from connectors.records import ZERO, Invoice, SupplierInvoice


def balances_follow_payments(case: Case) -> Iterator[Problem]:
    """An invoice's balance is its total less its payments and credits; what a credit has too much stays unapplied.

    Only told of, for a file may show a part of the payments, unless it is the balance that lets the invoice leave
    (Membri 365, "Synchronize subscriptions and renewals when paid"). A source without any payment says nothing of
    them, nor one without a supplier's of what suppliers are owed.
    A balance below zero or beyond the total is told of every document whose payments do not make it so.
    """
    documents = [document for document in case.documents() if not document.cancelled]
    settled = paid_off(case) if any(isinstance(each, Invoice | SupplierInvoice) for each in documents) else {}
    told = {kind for kind, _ in settled}
    for document in documents:
        paid = settled.get((document.kind, document.key), ZERO)
        owed = max(document.total - paid, ZERO)
        words = {"balance": str(document.balance), "total": str(document.total)}
        if document.balance in (owed, document.total - paid):
            continue
        if not ZERO <= document.balance <= max(document.total, ZERO):
            yield problem_of(document, "balance_impossible", column="balance", **words)
        elif document.kind in told and isinstance(document, Invoice | SupplierInvoice):
            code = _told_as(case, document, paid)
            yield problem_of(document, code, column="balance", paid=str(paid), owed=str(owed), **words)


def _told_as(case: Case, invoice: Invoice | SupplierInvoice, paid: Decimal) -> str:
    if isinstance(invoice, Invoice) and invoice.paid and waits_until_paid(case.options, invoice):
        return "payment_not_shown"
    return "paid_without_payment" if invoice.paid and not paid else "balance_differs"
