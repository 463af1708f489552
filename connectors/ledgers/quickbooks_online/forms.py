"""QuickBooks Online's fields, both ways: one table for each kind of record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from connectors.exchange import rate_of
from connectors.ledger import Posting
from connectors.ledgers.quickbooks_online import notes
from connectors.ledgers.quickbooks_online.books import PAYABLE, RECEIVABLE, SUPPLIER, Books
from connectors.ledgers.quickbooks_online.queries import Body
from connectors.records import ZERO, EntryLine, ExchangeRate, InvoiceLine, Kind, Payment, SupplierPayment
from connectors.wire.form import Field, Form

ENTITIES = {
    Kind.INVOICE: "Invoice",
    Kind.CREDIT_NOTE: "CreditMemo",
    Kind.SUPPLIER_INVOICE: "Bill",
    Kind.VENDOR_CREDIT: "VendorCredit",
    Kind.SALES_RECEIPT: "SalesReceipt",
    Kind.REFUND: "RefundReceipt",
    Kind.PAYMENT: "Payment",
    Kind.SUPPLIER_PAYMENT: "BillPayment",
    Kind.RETURNED_PAYMENT: "JournalEntry",
    Kind.JOURNAL_ENTRY: "JournalEntry",
}
OWN_NUMBERS = frozenset({Kind.INVOICE, Kind.CREDIT_NOTE, Kind.SALES_RECEIPT, Kind.REFUND})
"""Kinds that the ledger numbers itself unless "custom transaction numbers" is on."""
SALES, PURCHASE, ENTRY = "SalesItemLineDetail", "AccountBasedExpenseLineDetail", "JournalEntryLineDetail"
PAID_FROM = {
    "Bank": ("Check", "CheckPayment.BankAccountRef.value"),
    "Credit Card": ("CreditCard", "CreditCardPayment.CCAccountRef.value"),
}
"""By the type of the account that a vendor is paid from, the ``PayType`` and where the account goes."""


def _day(told: object) -> date:
    return date.fromisoformat(str(told)[:10])


def bare(reference: str) -> str:
    """The vendor's id of a customer or vendor."""
    return reference.removeprefix(SUPPLIER)


def _vendor(told: str) -> str:
    return f"{SUPPLIER}{told}"


def _currency(_: Posting, record: Any, books: Books) -> str:  # noqa: ANN401 (any kind of record)
    """A company of one currency takes no word of it (recorded: 6000)."""
    return str(record.currency) if books.multi_currency else ""


def _rate(_: Posting, record: Any, books: Books) -> Decimal | None:  # noqa: ANN401 (any kind of record)
    """Units of the home currency for one of it (Transaction)."""
    exchange = rate_of(record, books.home) if books.multi_currency else None
    return exchange.rate if exchange else None


def _exchange(told: object) -> ExchangeRate | None:
    return ExchangeRate(rate=Decimal(str(told))) if told else None


def _noted(posting: Posting, record: Any, books: Books) -> str:  # noqa: ANN401 (any kind of record)
    return notes.marked(said(record, numbers=books.numbers), posting.key)


def said(record: Any, *, numbers: bool) -> str:  # noqa: ANN401 (any kind of record)
    """What the note says before our key: the memo, after what the ledger has no field of its own for."""
    memo = str(getattr(record, "memo", ""))
    if isinstance(record, Payment) and record.confirmation:
        return f"{notes.CONFIRMATION} {record.confirmation}\n{memo}".strip()
    renumbered = record.kind in OWN_NUMBERS and not numbers
    return f"{record.number}\n{memo}".strip() if renumbered else memo


def _own_number(_: Posting, record: Any, books: Books) -> str:  # noqa: ANN401 (any kind of record)
    return str(record.number) if books.numbers or record.kind not in OWN_NUMBERS else ""


def tax_of(told: Body) -> Decimal:
    """The tax of a transaction; some of the vendor's answers have its lines and no total (recorded)."""
    lines = (Decimal(str(line.get("Amount") or 0)) for line in told.get("TaxLine") or [])
    return Decimal(str(told["TotalTax"] or 0)) if "TotalTax" in told else sum(lines, ZERO)


# --- lines


def _whole(of: Callable[[InvoiceLine], Decimal]) -> Callable[[Posting, InvoiceLine, Books], Decimal | None]:
    """Quantity and price, where their product is the amount (6070 where it is another)."""

    def given(_: Posting, line: InvoiceLine, __: Books) -> Decimal | None:
        return of(line) if line.quantity * line.unit_price == line.amount else None

    return given


def _line(detail: str, *own: Field) -> tuple[Field, ...]:
    return (
        Field(wire="Id", ours="key", way="back"),
        Field(wire="LineNum", ours="number"),
        Field(wire="DetailType", always=detail),
        Field(wire=f"{detail}.TaxCodeRef.value", ours="ledger_tax", listed="taxes", way="there"),
        Field(wire=f"{detail}.ClassRef.value", ours="ledger_class", listed="classes of lines"),
        *own,
        Field(wire="Description", ours="description"),
        Field(wire="Amount", ours="amount"),
    )


SALES_LINE = _line(
    SALES,
    Field(wire=f"{SALES}.ItemRef.value", ours="ledger_item", listed="items"),
    Field(wire=f"{SALES}.Qty", ours="quantity", gives=_whole(lambda line: line.quantity)),
    Field(wire=f"{SALES}.UnitPrice", ours="unit_price", gives=_whole(lambda line: line.unit_price)),
)
PURCHASE_LINE = _line(
    PURCHASE,
    Field(wire=f"{PURCHASE}.AccountRef.value", ours="ledger_account", listed="accounts"),
    Field(wire=f"{PURCHASE}.ItemRef.value", ours="ledger_item", listed="items", way="back"),
    Field(wire=f"{PURCHASE}.Qty", ours="quantity", way="back"),
    Field(wire=f"{PURCHASE}.UnitPrice", ours="unit_price", way="back"),
)


def _side(_: Posting, line: EntryLine, __: Books) -> Decimal:
    return line.debit or line.credit


def _account(posting: Posting, line: EntryLine, books: Books) -> str:
    """Receivables and payables have an account of their own for each currency."""
    types = {books.lists.receivable: RECEIVABLE, books.lists.payable: PAYABLE}
    currency = getattr(posting.record, "currency", "")
    control = books.controls.get((types.get(line.ledger_account, ""), currency))
    return control or books.word("accounts", line.ledger_account)


def _party(_: Posting, line: EntryLine, __: Books) -> Body | None:
    if not line.customer:
        return None
    kind = "Vendor" if line.customer.startswith(SUPPLIER) else "Customer"
    return {"Type": kind, "EntityRef": {"value": bare(line.customer)}}


def _reference(told: Body) -> str:
    id_ = str((told.get("EntityRef") or {}).get("value") or "")
    return f"{SUPPLIER if id_ and told.get('Type') == 'Vendor' else ''}{id_}"


ENTRY_LINE = (
    Field(wire="DetailType", always=ENTRY),
    Field(wire="Amount", ours="debit", gives=_side),
    Field(wire=f"{ENTRY}.AccountRef.value", ours="ledger_account", listed="accounts", gives=_account),
    Field(wire=f"{ENTRY}.PostingType", gives=lambda _, line, __: "Debit" if line.debit else "Credit"),
    Field(wire=f"{ENTRY}.Entity", ours="customer", gives=_party, back=_reference),
    Field(wire="Description", ours="memo"),
)

# --- heads

_DATED = Field(wire="TxnDate", ours="date")
_NUMBER = Field(wire="DocNumber", ours="number", gives=_own_number)
_NOTE = Field(wire="PrivateNote", ours="memo", gives=_noted, back=notes.text_in)
_NOTES = (
    Field(wire="PrivateNote", ours="memo", gives=_noted, back=notes.memo_in),
    Field(wire="PrivateNote", ours="confirmation", way="back", back=notes.confirmation_in),
)
_CUSTOMER = Field(wire="CustomerRef.value", ours="customer")
_VENDOR = Field(wire="VendorRef.value", ours="customer", there=bare, back=_vendor)
_DUE = (
    Field(wire="DueDate", ours="due"),
    Field(wire="SalesTermRef.value", ours="ledger_terms", listed="terms", way="there"),
)
_DEPOSIT = Field(wire="DepositToAccountRef.value", ours="deposit_account", listed="money", way="there")
_MONEY = (Field(wire="PaymentMethodRef.value", ours="ledger_method", listed="methods", way="there"), _DEPOSIT)
_EMAIL = Field(wire="BillEmail.Address", ours="email")
_REFERENCE = Field(wire="PaymentRefNum", ours="number", way="there")
_ABROAD = (
    Field(wire="CurrencyRef.value", ours="currency", gives=_currency),
    Field(wire="ExchangeRate", ours="exchange", gives=_rate, back=_exchange),
)
_TOTALS = (
    Field(wire="TxnTaxDetail", ours="tax", way="back", back=tax_of),
    Field(wire="TotalAmt", ours="total", way="back"),
)
_BALANCE = Field(wire="Balance", ours="balance", way="back")
_TOTAL = Field(wire="TotalAmt", ours="amount")


def _document(kind: Kind, *own: Field) -> Form:
    line = SALES_LINE if own[0] is _CUSTOMER else PURCHASE_LINE
    return _form(kind, *own, *_ABROAD, *_TOTALS, line=line, untold={"balance"})


def _form(kind: Kind, *fields: Field, line: tuple[Field, ...] = (), untold: set[str] | None = None) -> Form:
    return Form(
        kind=kind, entity=ENTITIES[kind], id="Id", fields=fields, lines="Line" if line else "", line=line, day=_day,
        untold=frozenset(untold or ()),
    )  # fmt: skip


def _paid_from(type_: str) -> Callable[[Posting, SupplierPayment, Books], str]:
    """The account that a vendor is paid from, where it is of this type."""

    def given(_: Posting, record: SupplierPayment, books: Books) -> str:
        code = record.deposit_account or books.lists.deposit
        return books.word("accounts", code) if books.type_of(code) == type_ else ""

    return given


def _pay_type(_: Posting, record: SupplierPayment, books: Books) -> str:
    return PAID_FROM[books.type_of(record.deposit_account or books.lists.deposit)][0]


_BILLED = (_CUSTOMER, _NUMBER, _DATED, _NOTE)
_SUPPLIED = (_VENDOR, _NUMBER, _DATED, _NOTE)
FORMS = {
    Kind.INVOICE: _document(Kind.INVOICE, *_BILLED, *_DUE, _EMAIL, _BALANCE),
    Kind.CREDIT_NOTE: _document(Kind.CREDIT_NOTE, *_BILLED, _EMAIL, _BALANCE),
    Kind.SUPPLIER_INVOICE: _document(Kind.SUPPLIER_INVOICE, *_SUPPLIED, *_DUE, _BALANCE),
    Kind.VENDOR_CREDIT: _document(Kind.VENDOR_CREDIT, *_SUPPLIED, _BALANCE),
    Kind.SALES_RECEIPT: _document(Kind.SALES_RECEIPT, *_BILLED, *_MONEY, _REFERENCE, _EMAIL),
    Kind.REFUND: _document(Kind.REFUND, *_BILLED, *_MONEY, _REFERENCE, _EMAIL),
    Kind.PAYMENT: _form(
        Kind.PAYMENT, _CUSTOMER, _TOTAL, Field(wire="PaymentRefNum", ours="number"), _DATED, *_NOTES,
        Field(wire="PaymentMethodRef.value", ours="ledger_method", listed="methods"), _DEPOSIT, *_ABROAD,
        untold={"ledger_method"},
    ),
    Kind.SUPPLIER_PAYMENT: _form(
        Kind.SUPPLIER_PAYMENT, _VENDOR, _TOTAL, _NUMBER, _DATED, *_NOTES, *_ABROAD,
        Field(wire="PayType", gives=_pay_type),
        *(Field(wire=place, gives=_paid_from(type_)) for type_, (_, place) in PAID_FROM.items()),
    ),
    Kind.RETURNED_PAYMENT: _form(Kind.RETURNED_PAYMENT, _NUMBER, _DATED, _NOTE, *_ABROAD),
    Kind.JOURNAL_ENTRY: _form(
        Kind.JOURNAL_ENTRY, _NUMBER, _DATED, Field(wire="PrivateNote", ours="memo", gives=_noted, back=notes.memo_in),
        *_ABROAD, line=ENTRY_LINE, untold={"exchange"},
    ),
}  # fmt: skip
"""An entry that gives a payment back is at that one's rate, and no rate of an entry is told."""
ENTRY_FORM = FORMS[Kind.JOURNAL_ENTRY]
_NOTHING = Field(wire="TotalAmt", always=ZERO)
_APPLYING = Field(wire="PrivateNote", gives=lambda posting, *_: notes.marked("", f"{posting.key}{notes.APPLIED}"))
_BANK = (
    Field(wire="PayType", always="Check"),
    Field(wire=PAID_FROM["Bank"][1], gives=lambda _, __, books: books.word("accounts", books.bank)),
)
PAYERS = {
    Kind.CREDIT_NOTE: replace(
        _form(Kind.CREDIT_NOTE, _NOTHING, _CUSTOMER, _DATED, *_ABROAD, _APPLYING), entity=ENTITIES[Kind.PAYMENT]
    ),
    Kind.VENDOR_CREDIT: replace(
        _form(Kind.VENDOR_CREDIT, _NOTHING, _VENDOR, *_BANK, _DATED, *_ABROAD, _APPLYING),
        entity=ENTITIES[Kind.SUPPLIER_PAYMENT],
    ),
}
"""What applies a credit of each kind to what it is for: a payment of nothing. To a vendor credit it names an account of
the bank as any, though nothing leaves it."""
