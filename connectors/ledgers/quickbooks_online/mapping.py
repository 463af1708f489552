"""Documents as QuickBooks Online takes them; which field goes where is data, and the documentation's table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from connectors.double_entry import Leg, legs
from connectors.exchange import rate_of
from connectors.ledger import Applied, Posted, Posting
from connectors.ledgers.quickbooks_online.books import PAYABLE, RECEIVABLE, SUPPLIER, Books
from connectors.ledgers.quickbooks_online.queries import Body
from connectors.ledgers.quickbooks_online.taxes import tax_detail
from connectors.records import (
    PURCHASES,
    CreditNote,
    Customer,
    Document,
    EntryLine,
    InvoiceLine,
    JournalEntry,
    Kind,
    Payment,
    ReturnedPayment,
    SupplierPayment,
    Transferable,
)

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
PAYERS = {Kind.CREDIT_NOTE: "Payment", Kind.VENDOR_CREDIT: "BillPayment"}
"""What applies a credit of each kind to what it is for: a payment of nothing."""
CHECK_LINK = "BillPaymentCheck"
"""The type under which a bill or vendor credit names a bill payment by cheque that is applied to it (bill, sample)."""
OWN_NUMBERS = frozenset({Kind.INVOICE, Kind.CREDIT_NOTE, Kind.SALES_RECEIPT, Kind.REFUND})
"""Kinds that the ledger numbers itself unless "custom transaction numbers" is on."""

PAGES = {
    "Invoice": "invoice?txnId",
    "CreditMemo": "creditmemo?txnId",
    "Bill": "bill?txnId",
    "VendorCredit": "vendorcredit?txnId",
    "SalesReceipt": "salesreceipt?txnId",
    "RefundReceipt": "refundreceipt?txnId",
    "Payment": "recvpayment?txnId",
    "BillPayment": "billpayment?txnId",
    "JournalEntry": "journal?txnId",
    "Purchase": "check?txnId",
    "Customer": "customerdetail?nameId",
    "Vendor": "vendordetail?nameId",
}
"""The pages of the vendor's own web application; not documented, as its address bar shows them."""

NOTE_LENGTH = 4000
CONFIRMATION = "Confirmation"
"""Begins the line of a payment's note that holds the processor's number; one word in English and in French."""
UNAPPLIED = "[unapplied]"
"""In the note of a credit note of ours whose invoice had nothing open: all of it stays on the customer's account."""
KEPT = ("Id", "SyncToken", "CustomerRef", "TotalAmt", "CurrencyRef", "ExchangeRate")
"""What is said of a payment again when its lines are changed."""
VOIDED = re.compile(r"^(?:Voided|Annulé)", re.IGNORECASE)
"""How the note of what is void begins; the vendor puts it before an existing note, several times (recorded)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """Where a field of the record goes; ``listed`` names the list of the company that turns its code into an id."""

    wire: str
    source: str
    listed: str = ""


_DATED = (Field(wire="TxnDate", source="date"), Field(wire="PrivateNote", source="memo"))
_NUMBERED = (Field(wire="DocNumber", source="number"), *_DATED)
_BILLED = (Field(wire="CustomerRef.value", source="customer"), *_NUMBERED)
_DUE = (
    Field(wire="DueDate", source="due"),
    Field(wire="SalesTermRef.value", source="ledger_terms", listed="terms"),
)
_PAID = (
    Field(wire="PaymentMethodRef.value", source="ledger_method", listed="methods"),
    Field(wire="DepositToAccountRef.value", source="deposit_account", listed="accounts"),
)
_EMAILED = Field(wire="BillEmail.Address", source="email")
_REFERENCE = Field(wire="PaymentRefNum", source="number")

HEADS: dict[Kind, tuple[Field, ...]] = {
    Kind.INVOICE: (*_BILLED, *_DUE, _EMAILED),
    Kind.CREDIT_NOTE: (*_BILLED, _EMAILED),
    Kind.SUPPLIER_INVOICE: (Field(wire="VendorRef.value", source="customer"), *_NUMBERED, *_DUE),
    Kind.VENDOR_CREDIT: (Field(wire="VendorRef.value", source="customer"), *_NUMBERED),
    Kind.SALES_RECEIPT: (*_BILLED, *_PAID, _REFERENCE, _EMAILED),
    Kind.REFUND: (*_BILLED, *_PAID, _REFERENCE, _EMAILED),
    Kind.PAYMENT: (
        Field(wire="CustomerRef.value", source="customer"),
        Field(wire="TotalAmt", source="amount"),
        _REFERENCE,
        *_DATED,
        *_PAID,
    ),
    Kind.SUPPLIER_PAYMENT: (
        Field(wire="VendorRef.value", source="customer"),
        Field(wire="TotalAmt", source="amount"),
        *_NUMBERED,
    ),
    Kind.RETURNED_PAYMENT: _NUMBERED,
    Kind.JOURNAL_ENTRY: _NUMBERED,
}
PAID_FROM = {
    "Bank": ("Check", "CheckPayment.BankAccountRef.value"),
    "Credit Card": ("CreditCard", "CreditCardPayment.CCAccountRef.value"),
}
"""By the type of the account that a vendor is paid from, the ``PayType`` and where the account goes."""
_DETAIL = (
    Field(wire="Description", source="description"),
    Field(wire="Amount", source="amount"),
    Field(wire="{detail}.TaxCodeRef.value", source="ledger_tax", listed="taxes"),
    Field(wire="{detail}.ClassRef.value", source="ledger_class", listed="classes"),
)
SALES_LINE = (*_DETAIL, Field(wire="{detail}.ItemRef.value", source="ledger_item", listed="items"))
PURCHASE_LINE = (*_DETAIL, Field(wire="{detail}.AccountRef.value", source="ledger_account", listed="accounts"))
ENTRY_LINE = (
    Field(wire="Description", source="memo"),
    Field(wire="{detail}.AccountRef.value", source="ledger_account", listed="accounts"),
)
SALES, PURCHASE, ENTRY = "SalesItemLineDetail", "AccountBasedExpenseLineDetail", "JournalEntryLineDetail"


def body_of(posting: Posting, books: Books, applied: Sequence[Applied] = ()) -> Body:
    """A document, payment or entry on the wire; ``applied`` names documents by the ledger's bare ids."""
    record = posting.record
    body: Body = {}
    for head in HEADS[record.kind]:
        put(body, head.wire, _head(posting, books, head))
    _put_currency(body, record, books)
    match record:
        case Document():
            _fill_document(body, record, books)
        case ReturnedPayment():
            body["Line"] = [_entry_line(_side(leg), record.currency, books) for leg in legs(posting, books.lists)]
        case Payment():
            if isinstance(record, SupplierPayment):
                _pay_from(body, record.deposit_account or books.lists.deposit, books)
            put(body, "Line", [link_of(part.amount, ENTITIES[record.pays], part.ledger_id) for part in applied])
        case JournalEntry():
            body["Line"] = [_entry_line(line, record.currency, books) for line in record.lines]
    return body


def credit_applied(posting: Posting, credit: str, applied: Sequence[Applied], books: Books) -> Body:
    """The payment of nothing that applies a credit note to its invoices, or a vendor credit to its bills.

    Assumption: one line for each linked document, as in a recorded payment that used a credit; the reference says
    only that a payment "can be linked to multiple Invoices or Credit Memos", and a bill payment to bills and vendor
    credits. It names an account of the bank as any, though nothing leaves it.
    """
    record = posting.record
    if not isinstance(record, CreditNote):
        raise TypeError("only credits are applied by a payment of nothing")
    total = sum((part.amount for part in applied), Decimal(0))
    party = "CustomerRef" if record.kind is Kind.CREDIT_NOTE else "VendorRef"
    body: Body = {"TotalAmt": Decimal(0), party: {"value": posting.customer.removeprefix(SUPPLIER)}}
    if record.kind is Kind.VENDOR_CREDIT:
        _pay_from(body, bank_of(books), books)
    put(body, "TxnDate", record.date)
    _put_currency(body, record, books)
    put(body, "PrivateNote", marked("", f"{posting.key}-applied"))
    body["Line"] = [
        *(link_of(part.amount, ENTITIES[record.pays], part.ledger_id) for part in applied),
        link_of(total, ENTITIES[record.kind], credit),
    ]
    return body


def _side(leg: Leg) -> EntryLine:
    """A leg as the line of an entry."""
    debit, credit = max(leg.amount, Decimal(0)), max(-leg.amount, Decimal(0))
    return EntryLine(
        account="", ledger_account=leg.account, debit=debit, credit=credit, memo=leg.memo, customer=leg.customer
    )


def payer_link(kind: Kind) -> str:
    """The type under which a credit of a kind names what applies it."""
    return CHECK_LINK if kind is Kind.VENDOR_CREDIT else PAYERS[kind]


def bank_of(books: Books) -> str:
    """The code of the account that a bill payment of nothing names; empty where the company has no bank account."""
    banks = sorted(account.code for account in books.lists.accounts if account.type == "Bank" and account.active)
    return books.lists.deposit if books.lists.deposit in banks else next(iter(banks), "")


def posted(key: str, entity: str, body: Body, web: str, *, replayed: bool = False) -> Posted:
    """What the ledger has, as it answers it; a document's id names its kind, so that no typed number looks like one."""
    bare = str(body["Id"])
    total, at_home = body.get("TotalAmt"), body.get("HomeTotalAmt") if "ExchangeRate" in body else None
    return Posted(
        key=key,
        ledger_id=reference_of(entity, bare),
        number=str(body.get("DocNumber") or body.get("PaymentRefNum") or body.get("DisplayName") or ""),
        total=None if total is None or entity == "JournalEntry" else Decimal(str(total)),
        url=f"{web}/app/{PAGES[entity]}={bare}",
        replayed=replayed,
        at_home=None if at_home is None else Decimal(str(at_home)),
    )


def reference_of(entity: str, bare: str) -> str:
    """Our reference for a vendor's id: ``Invoice:145``, a customer's bare id, ``V56`` for a vendor."""
    match entity:
        case "Customer":
            return bare
        case "Vendor":
            return f"{SUPPLIER}{bare}"
    return f"{entity}:{bare}"


def marked(text: str, key: str, limit: int = NOTE_LENGTH) -> str:
    """A note with our key at its end; a text too long for both is cut."""
    return _ended(text, f"[{key}]", limit)


def as_unapplied(note: str, key: str) -> str:
    """The note of a credit note of ours of which nothing is to be applied: the word before our key."""
    return _ended(note.replace(f"[{key}]", "").rstrip(), f"{UNAPPLIED}\n[{key}]", NOTE_LENGTH)


def _ended(text: str, mark: str, limit: int) -> str:
    return f"{text[: limit - len(mark) - 1].rstrip()}\n{mark}".lstrip()


def bears(note: object, key: str) -> bool:
    """Whether a note holds our key, wherever a person may have moved it."""
    return f"[{key}]" in str(note or "")


def is_void(body: Body) -> bool:
    """Whether a transaction counts for nothing any more: nothing but zeros, and a status or a note that says so.

    What a company in French writes before its notes is not established: any form of "annulé" counts.
    """
    zeros = not body.get("TotalAmt") and not any(line.get("Amount") for line in body.get("Line") or [])
    said = body.get("TxnStatus") == "Voided" or VOIDED.search(str(body.get("PrivateNote") or ""))
    return zeros and bool(said)


def put(body: Body, path: str, value: Any) -> None:  # noqa: ANN401 (JSON is anything)
    """Set a field by its dotted path; what is empty is not sent."""
    if value is None or value in ("", [], {}):
        return
    *outer, last = path.split(".")
    for name in outer:
        body = body.setdefault(name, {})
    body[last] = value.isoformat() if isinstance(value, date) else value


def id_of(books: Books, listed: str, code: str) -> str:
    """The vendor's id of a code; empty for an empty or unknown code, which the checks have refused before."""
    if listed == "taxes":
        return books.taxes[code].id if code in books.taxes else ""
    ids: dict[str, str] = getattr(books, listed)
    return ids.get(code, "")


def codes(posting: Posting, books: Books) -> Iterator[tuple[str, str]]:
    """Every code of a posting that the company's lists must have, with the name of its list."""
    record = posting.record
    for head in HEADS.get(record.kind, ()):
        if head.listed:
            yield head.listed, _code(record, head, books)
    lines: Sequence[InvoiceLine | EntryLine] = ()
    if isinstance(record, Document | JournalEntry):
        lines = record.lines
    for line in lines:
        for part in _line_fields(record.kind):
            if part.listed:
                yield part.listed, str(getattr(line, part.source))


def _head(posting: Posting, books: Books, head: Field) -> Any:  # noqa: ANN401
    record = posting.record
    match head.source:
        case "customer":
            return posting.customer.removeprefix(SUPPLIER)
        case "memo":
            return marked(memo_of(record, books), posting.key)
        case "number" if head.wire == "DocNumber" and record.kind in OWN_NUMBERS and not books.numbers:
            return ""
    if head.listed:
        return id_of(books, head.listed, _code(record, head, books))
    return getattr(record, head.source)


def memo_of(record: Transferable, books: Books) -> str:
    """What the note says before our key: the memo, after what the ledger has no field of its own for."""
    memo = str(getattr(record, "memo", ""))
    if isinstance(record, Payment) and record.confirmation:
        return f"{CONFIRMATION} {record.confirmation}\n{memo}".strip()
    renumbered = record.kind in OWN_NUMBERS and not books.numbers
    return f"{record.number}\n{memo}".strip() if renumbered else memo


def _code(record: Any, head: Field, books: Books) -> str:  # noqa: ANN401 (any kind of record)
    code = str(getattr(record, head.source))
    return code or (books.lists.deposit if head.source == "deposit_account" else "")


def _line_fields(kind: Kind) -> tuple[Field, ...]:
    if kind is Kind.JOURNAL_ENTRY:
        return ENTRY_LINE
    return PURCHASE_LINE if kind in PURCHASES else SALES_LINE


def _fill_document(body: Body, document: Document, books: Books) -> None:
    detail = PURCHASE if document.kind in PURCHASES else SALES
    body["Line"] = [_line(line, document, detail, books) for line in document.lines]
    if not books.american:
        body["GlobalTaxCalculation"] = "TaxExcluded"
    put(body, "TxnTaxDetail", tax_detail(document, books))
    if books.class_of_document:
        put(body, "ClassRef.value", id_of(books, "classes", document.lines[0].ledger_class) if document.lines else "")


def _pay_from(body: Body, code: str, books: Books) -> None:
    types = {account.code: account.type for account in books.lists.accounts}
    for_type, place = PAID_FROM[types[code]]
    put(body, "PayType", for_type)
    put(body, place, id_of(books, "accounts", code))


def _line(line: InvoiceLine, document: Document, detail: str, books: Books) -> Body:
    body: Body = {"LineNum": line.number, "DetailType": detail, detail: {}}
    _fill_line(body, line, _line_fields(document.kind), detail, books)
    if detail == SALES and line.quantity * line.unit_price == line.amount:  # 6070 where the product is another amount
        body[detail] |= {"Qty": line.quantity, "UnitPrice": line.unit_price}
    return body


def _put_currency(body: Body, record: Transferable, books: Books) -> None:
    """In which currency a transaction is, and its rate: units of the home currency for one of it (Transaction).

    A company of one currency takes no word of it (recorded: 6000).
    """
    if books.multi_currency and not isinstance(record, Customer):
        put(body, "CurrencyRef.value", record.currency)
        exchange = rate_of(record, books.home)
        put(body, "ExchangeRate", exchange.rate if exchange else None)


def _entry_line(line: EntryLine, currency: str, books: Books) -> Body:
    """A line of an entry; receivables and payables have an account of their own for each currency."""
    body: Body = {"DetailType": ENTRY, "Amount": line.debit or line.credit, ENTRY: {}}
    _fill_line(body, line, ENTRY_LINE, ENTRY, books)
    types = {books.lists.receivable: RECEIVABLE, books.lists.payable: PAYABLE}
    if control := books.controls.get((types.get(line.ledger_account, ""), currency)):
        body[ENTRY]["AccountRef"] = {"value": control}
    body[ENTRY]["PostingType"] = "Debit" if line.debit else "Credit"
    if line.customer:
        kind = "Vendor" if line.customer.startswith(SUPPLIER) else "Customer"
        body[ENTRY]["Entity"] = {"Type": kind, "EntityRef": {"value": line.customer.removeprefix(SUPPLIER)}}
    return body


def _fill_line(body: Body, line: InvoiceLine | EntryLine, fields: Sequence[Field], detail: str, books: Books) -> None:
    for part in fields:
        if part.listed == "classes" and books.class_of_document:
            continue
        value = getattr(line, part.source)
        put(body, part.wire.format(detail=detail), id_of(books, part.listed, value) if part.listed else value)


def with_lines(payment: Body, parts: Mapping[tuple[str, str], Decimal]) -> Body:
    """The update of a payment that makes it pay these, by their types and ids, and no others."""
    kept: Body = {name: payment[name] for name in KEPT if name in payment}
    lines = [link_of(amount, kind, bare) for (kind, bare), amount in parts.items()]
    return {**kept, "sparse": True, "Line": lines}


def link_of(amount: Decimal, kind: str, bare: str) -> Body:
    """A line of a payment: so much of it goes to a transaction of this type and id."""
    return {"Amount": amount, "LinkedTxn": [{"TxnId": bare, "TxnType": kind}]}
