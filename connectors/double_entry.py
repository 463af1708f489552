"""What a posting does to the accounts: the one place that says which side an amount falls on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from connectors.ledger import LedgerLists, Posting
from connectors.records import (
    CreditNote,
    Customer,
    Document,
    Invoice,
    JournalEntry,
    Kind,
    Payment,
    Refund,
    ReturnedPayment,
    SalesReceipt,
    Side,
    SupplierInvoice,
    SupplierPayment,
)

DEBITS = frozenset({Kind.INVOICE, Kind.SALES_RECEIPT, Kind.VENDOR_CREDIT})
"""The kinds of documents whose total is a debit: what a customer owes or paid, and what takes off what we owe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One account's part of a posting, by the ledger's code of it; a debit is positive, a credit negative.

    ``class_code`` is the ledger's class of the line, or the source's where the ledger keeps no classes;
    ``tax_category`` is what a line is in a tax return, empty where that is not known. ``foreign`` is what is owed by it
    in the record's own currency, where that is another than the ledger's.
    """

    account: str
    amount: Decimal
    customer: str = ""
    memo: str = ""
    class_code: str = ""
    tax_category: str = ""
    foreign: Decimal | None = None


def legs(posting: Posting, lists: LedgerLists) -> tuple[Leg, ...]:
    """The legs of a posting; their sum is zero exactly when the record adds up. A customer has none."""
    record = posting.record
    match record:
        case Customer():
            return ()
        case JournalEntry():
            return tuple(
                Leg(
                    account=line.ledger_account, amount=line.debit - line.credit, customer=line.customer, memo=line.memo
                )
                for line in record.lines
            )
        case Payment():
            sign = -1 if isinstance(record, SupplierPayment | ReturnedPayment) else 1
            owed = lists.payable if record.side is Side.PURCHASES else lists.receivable
            return (
                Leg(account=record.deposit_account or lists.deposit, amount=sign * record.amount, memo=record.memo),
                Leg(account=owed, amount=-sign * record.amount, customer=posting.customer),
            )
        case _:
            sign = 1 if record.kind in DEBITS else -1
            return (_counterpart(posting, record, lists, sign), *_sales(record, -sign))


def _counterpart(posting: Posting, record: Document, lists: LedgerLists, sign: int) -> Leg:
    match record:
        case Invoice() | CreditNote() | SupplierInvoice():
            owed = lists.payable if record.side is Side.PURCHASES else lists.receivable
            return Leg(account=owed, amount=sign * record.total, customer=posting.customer)
        case SalesReceipt() | Refund():
            return Leg(account=record.deposit_account or lists.deposit, amount=sign * record.total)
    raise TypeError(type(record).__name__)


def _sales(record: Document, sign: int) -> Iterator[Leg]:
    for line in record.lines:
        yield Leg(
            account=line.ledger_account,
            amount=sign * line.amount,
            memo=line.description,
            class_code=line.ledger_class or line.class_code,
            tax_category=line.tax_category or "",
        )
    for tax in record.taxes:
        yield Leg(account=tax.ledger_tax, amount=sign * tax.amount, memo=tax.tax)
