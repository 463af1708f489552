"""Xero's fields, both ways: one table for each kind of record."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from connectors.ledger import Posting
from connectors.ledgers.xero.company import TAB
from connectors.ledgers.xero.service import day_of
from connectors.records import ZERO, Address, Document, EntryLine, InvoiceLine, Kind
from connectors.wire.form import Codes, Field, Form
from connectors.wire.parties import lines_of
from connectors.wire.taxes import on_lines

REFERENCE, DESCRIPTION = 255, 4000
"""Characters of a reference and of a description (invoices); of a payment's reference and a narration none are told."""
STREET = ("AddressLine1", "AddressLine2", "AddressLine3", "AddressLine4")
FOUR_PLACES = Decimal("0.0001")


def _due(_: Posting, document: Document, __: Codes) -> str:
    """What is authorised needs a due date."""
    return (document.due or document.date).isoformat()


def _text(_: Posting, line: InvoiceLine, __: Codes) -> str:
    """At least one character, and no more than there is room for."""
    return line.description.strip()[:DESCRIPTION] or "—"


def tax_of(posting: Posting, line: InvoiceLine, codes: Codes) -> Decimal:
    """What of the document's tax falls on a line."""
    document = posting.record
    assert isinstance(document, Document)
    return on_lines(document, codes.taxes_of)[document.lines.index(line)]


def _is_by_unit(posting: Posting, line: InvoiceLine, codes: Codes) -> bool:
    """Whether quantity and price come to the amount, and the tax of the whole is no more than the price of one.

    "TaxAmount specified cannot be greater than the UnitAmount": a line of many cheap units goes as one of its amount.
    """
    exact = line.unit_price == line.unit_price.quantize(FOUR_PLACES)
    fits = line.quantity > ZERO and line.quantity * line.unit_price == line.amount
    return exact and fits and abs(tax_of(posting, line, codes)) <= abs(line.unit_price)


def _quantity(posting: Posting, line: InvoiceLine, codes: Codes) -> Decimal:
    return line.quantity if _is_by_unit(posting, line, codes) else Decimal(1)


def _unit(posting: Posting, line: InvoiceLine, codes: Codes) -> Decimal:
    return line.unit_price if _is_by_unit(posting, line, codes) else line.amount


def _side(_: Posting, line: EntryLine, __: Codes) -> Decimal:
    """Debits are positive, credits negative."""
    return line.debit - line.credit


def _tracked(word: str) -> list[dict[str, str]]:
    name, _, option = word.partition(TAB)
    return [{"Name": name, "Option": option}]


def _option(told: Any) -> str:  # noqa: ANN401 (JSON is anything)
    first = told[0] if told else {}
    return f"{first.get('Name', '')}{TAB}{first.get('Option', '')}" if first else ""


def _letters(country: str) -> str:
    """A country has letters alone."""
    return "".join(c for c in country if c.isascii() and (c.isalpha() or c == " "))


_AMOUNTS = (
    Field(wire="CurrencyCode", ours="currency"),
    Field(wire="SubTotal", ours="subtotal", way="back"),
    Field(wire="TotalTax", ours="tax", way="back"),
    Field(wire="Total", ours="total", way="back"),
)
_BILLED = (
    Field(wire="Contact.ContactID", ours="customer"),
    Field(wire="Date", ours="date"),
    Field(wire="LineAmountTypes", always="Exclusive"),
    *_AMOUNTS,
)
_ON_ACCOUNT = (*_BILLED, Field(wire="Status", always="AUTHORISED"))
_DUE = (Field(wire="DueDate", ours="due", gives=_due), Field(wire="AmountDue", ours="balance", way="back"))
_NOTED = Field(wire="Reference", ours="memo", keyed=True, most=REFERENCE)
_NAMED = Field(wire="Reference", ours="number memo", keyed=True, most=REFERENCE)

_PRICED = (
    Field(wire="Description", ours="description", gives=_text),
    Field(wire="Quantity", ours="quantity", gives=_quantity),
    Field(wire="UnitAmount", ours="unit_price", gives=_unit),
    Field(wire="LineAmount", ours="amount", way="back"),
    Field(wire="AccountCode", ours="ledger_account", listed="accounts"),
    Field(wire="TaxType", ours="ledger_tax", listed="taxes"),
    Field(wire="Tracking", ours="ledger_class", listed="classes", there=_tracked, back=_option),
)
LINE = (*_PRICED, Field(wire="TaxAmount", ours="tax_amount", gives=tax_of))
BANK_LINE = (*_PRICED, Field(wire="TaxAmount", ours="tax_amount", way="back"))
"""Of a bank transaction the service reckons the tax itself, and takes no other ("must match")."""


def _document(kind: Kind, entity: str, type_: str, *fields: Field) -> Form:
    numbered = Field(wire=f"{entity[:-1]}Number", ours="number", most=REFERENCE)
    return Form(
        kind=kind, entity=entity, id=f"{entity[:-1]}ID", lines="LineItems", line=LINE, day=day_of,
        fields=(Field(wire="Type", always=type_), numbered, *_ON_ACCOUNT, *fields),
    )  # fmt: skip


def _money(kind: Kind, type_: str) -> Form:
    account = Field(wire="BankAccount.AccountID", ours="deposit_account", listed="banks")
    return Form(
        kind=kind, entity="BankTransactions", id="BankTransactionID", lines="LineItems", line=BANK_LINE, day=day_of,
        fields=(Field(wire="Type", always=type_), *_BILLED, account, _NAMED),
    )  # fmt: skip


def _payment(kind: Kind) -> Form:
    return Form(
        kind=kind, entity="Payments", id="PaymentID", day=day_of,
        fields=(Field(wire="Account.AccountID", ours="deposit_account", listed="banks"),
                Field(wire="Date", ours="date"), _NAMED),
    )  # fmt: skip


def _overpayment(kind: Kind, type_: str) -> Form:
    """What of a payment goes to no document; its single line holds the note and the rest of the amount."""
    return Form(
        kind=kind, entity="BankTransactions", id="OverpaymentID", day=day_of,
        fields=(
            Field(wire="Type", always=type_),
            Field(wire="Contact.ContactID", ours="customer"),
            Field(wire="BankAccount.AccountID", ours="deposit_account", listed="banks"),
            Field(wire="Date", ours="date"),
            Field(wire="LineAmountTypes", always="NoTax"),
        ),
    )  # fmt: skip


FORMS = {
    Kind.INVOICE: _document(Kind.INVOICE, "Invoices", "ACCREC", *_DUE, _NOTED),
    Kind.SUPPLIER_INVOICE: _document(Kind.SUPPLIER_INVOICE, "Invoices", "ACCPAY", *_DUE),
    Kind.CREDIT_NOTE: _document(Kind.CREDIT_NOTE, "CreditNotes", "ACCRECCREDIT", _NOTED),
    Kind.VENDOR_CREDIT: _document(Kind.VENDOR_CREDIT, "CreditNotes", "ACCPAYCREDIT"),
    Kind.SALES_RECEIPT: _money(Kind.SALES_RECEIPT, "RECEIVE"),
    Kind.REFUND: _money(Kind.REFUND, "SPEND"),
    Kind.PAYMENT: _payment(Kind.PAYMENT),
    Kind.SUPPLIER_PAYMENT: _payment(Kind.SUPPLIER_PAYMENT),
    Kind.JOURNAL_ENTRY: Form(
        kind=Kind.JOURNAL_ENTRY, entity="ManualJournals", id="ManualJournalID", lines="JournalLines", day=day_of,
        fields=(
            Field(wire="Narration", ours="number memo", keyed=True, most=DESCRIPTION),
            Field(wire="Date", ours="date"),
            Field(wire="Status", always="POSTED"),
            Field(wire="LineAmountTypes", always="NoTax"),
        ),
        line=(
            Field(wire="LineAmount", ours="debit", gives=_side),
            Field(wire="AccountCode", ours="ledger_account", listed="accounts"),
            Field(wire="Description", ours="memo"),
        ),
    ),
}  # fmt: skip
NOTED_IN_A_LINE = frozenset({Kind.SUPPLIER_INVOICE, Kind.VENDOR_CREDIT})
"""Kinds that have no reference ("ACCREC only"): a line of text alone bears their memo and key."""
ON_ACCOUNT = {
    Kind.PAYMENT: _overpayment(Kind.PAYMENT, "RECEIVE-OVERPAYMENT"),
    Kind.SUPPLIER_PAYMENT: _overpayment(Kind.SUPPLIER_PAYMENT, "SPEND-OVERPAYMENT"),
}


def _phone(type_: str, ours: str) -> Field:
    return Field(wire=f"Phones[PhoneType={type_}].PhoneNumber", ours=ours)


def _address(type_: str, ours: str) -> tuple[Field, ...]:
    place = f"Addresses[AddressType={type_}]"

    def line(name: str) -> Field:
        def given(posting: Posting, record: Any, _: Codes) -> str:  # noqa: ANN401 (a customer)
            address: Address = getattr(record, ours)
            return lines_of(address.street, STREET)[name]

        return Field(wire=f"{place}.{name}", gives=given)

    return (
        *(line(name) for name in STREET),
        Field(wire=f"{place}.City", ours=f"{ours}.city"),
        Field(wire=f"{place}.Region", ours=f"{ours}.region"),
        Field(wire=f"{place}.PostalCode", ours=f"{ours}.postal_code"),
        Field(wire=f"{place}.Country", ours=f"{ours}.country", there=_letters),
    )


CONTACT = Form(
    kind=Kind.CUSTOMER, entity="Contacts", id="ContactID",
    fields=(
        Field(wire="Name", ours="name"),
        Field(wire="FirstName", ours="first_name"),
        Field(wire="LastName", ours="last_name"),
        Field(wire="EmailAddress", ours="email"),
        _phone("DEFAULT", "phone"),
        _phone("MOBILE", "mobile"),
        _phone("FAX", "fax"),
        Field(wire="Addresses[AddressType=POBOX].AttentionTo", ours="care_of"),
        *_address("POBOX", "billing"),
        *_address("STREET", "shipping"),
    ),
)  # fmt: skip
