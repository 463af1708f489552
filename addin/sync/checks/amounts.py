"""Numbers and amounts: they add up, balance and fit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from addin.sync.case import Case, References, invoices_of
from connectors.problems import Problem, problem_of
from connectors.records import (
    ZERO,
    CreditNote,
    Document,
    Invoice,
    JournalEntry,
    Kind,
    Payment,
    SupplierInvoice,
)


def lines_add_up(case: Case) -> Iterator[Problem]:
    """The source's total is law: lines and taxes must come to it."""
    for document in case.documents():
        if not document.lines:
            yield problem_of(document, "no_lines")
        elif not adds_up(document):
            net, taxes = _sums(document)
            yield problem_of(
                document, "lines_do_not_add_up", column="total", lines=str(net), taxes=str(taxes),
                total=str(document.total),
            )  # fmt: skip
        if document.total < 0:
            yield problem_of(document, "negative_total", column="total", total=str(document.total))


def adds_up(document: Document) -> bool:
    """Whether a document's lines come to its subtotal, its taxes to its tax, and both to its total."""
    net, taxes = _sums(document)
    return (net, taxes, net + taxes) == (document.subtotal, document.tax, document.total)


def _sums(document: Document) -> tuple[Decimal, Decimal]:
    """What the lines come to, and the taxes."""
    net = sum((line.amount for line in document.lines), ZERO)
    return net, sum((tax.amount for tax in document.taxes), ZERO)


def lines_have_text(case: Case) -> Iterator[Problem]:
    """Each detail line has text (AutoVu, check 7)."""
    for document in case.documents():
        for line in document.lines:
            if not line.description.strip():
                yield problem_of(document, "line_without_text", line=str(line.number))


def entries_balance(case: Case) -> Iterator[Problem]:
    """Debits equal credits in every journal entry."""
    for entry in case.candidates.values():
        if isinstance(entry, JournalEntry):
            debit = sum((line.debit for line in entry.lines), ZERO)
            credit = sum((line.credit for line in entry.lines), ZERO)
            if debit != credit or not entry.lines:
                yield problem_of(entry, "entry_not_balanced", debit=str(debit), credit=str(credit))


def numbers_are_unique(case: Case) -> Iterator[Problem]:
    """No two documents of a kind carry one number (AutoVu, check 4)."""
    documents = case.documents()
    numbers = case.numbers() if documents else {}
    counts = Counter((kind, number.casefold()) for (kind, _), number in numbers.items() if number)
    for document in documents:
        others = counts[document.kind, document.number.casefold()]
        count = others + ((document.kind, document.key) not in numbers) if others else 0
        if count > 1:
            yield problem_of(document, "duplicate_number", column="number", count=str(count), number=document.number)


def invoices_are_the_payers(case: Case) -> Iterator[Problem]:
    """A payment or credit goes to invoices of its own account, or of its family where the ledger lets it."""
    for record in case.leaving.values():
        for key in invoices_of(record) if isinstance(record, Payment | CreditNote) else ():
            invoice = case.invoice(key)
            if invoice and isinstance(record, Payment | CreditNote) and not _of_one_party(case, record, invoice):
                yield problem_of(
                    record, "invoice_of_another", column="invoice", invoice=invoice.number or invoice.key,
                    account=_name(case, record.customer), other=_name(case, invoice.customer),
                )  # fmt: skip


def _of_one_party(case: Case, record: Payment | CreditNote, invoice: Invoice | SupplierInvoice) -> bool:
    """Whether an invoice is of the account that pays it, of the same customer there, or of a family that may pay it."""
    booked, ids = case.settled((invoice.kind, invoice.key)), References(case, but=())
    payer = ids.get((Kind.CUSTOMER, record.customer)) or ""
    billed = (booked.customer if booked else "") or ids.get((Kind.CUSTOMER, invoice.customer)) or ""
    if payer and billed:
        return payer == billed or _of_one_family(case, record.customer, invoice.customer)
    return record.customer == invoice.customer or _of_one_family(case, record.customer, invoice.customer)


def _name(case: Case, account: str) -> str:
    return case.customers[account].name if account in case.customers else account


def _of_one_family(case: Case, one: str, other: str) -> bool:
    return case.capabilities.pays_for_family and one != other and _head(case, one) == _head(case, other)


def _head(case: Case, account: str) -> str:
    return [account, *case.ancestors(account)][-1]
