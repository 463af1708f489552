"""Good rows → records, one function per kind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from connectors.records import (
    Address,
    Allocation,
    CreditNote,
    Customer,
    Direction,
    DocumentTax,
    EntryLine,
    ExchangeRate,
    Invoice,
    InvoiceLine,
    JournalEntry,
    Kind,
    Origin,
    Payment,
    Refund,
    ReturnedPayment,
    RevenueSchedule,
    SalesReceipt,
    SupplierInvoice,
    SupplierPayment,
    VendorCredit,
)
from connectors.sources.tables.fields import Fields

AnyDocument = Invoice | CreditNote | SupplierInvoice | VendorCredit | SalesReceipt | Refund


def customer(row: Fields) -> Customer:
    """An account."""
    text = row.text
    return Customer(
        key=text("key"),
        number=text("number"),
        sync_reference=text("sync_reference"),
        url=text("url"),
        provenance=row.provenance,
        name=text("name"),
        is_person=row.get("is_person", bool),
        is_supplier=row.get("is_supplier", bool),
        first_name=text("first_name"),
        last_name=text("last_name"),
        contact=text("contact"),
        email=text("email"),
        phone=text("phone"),
        mobile=text("mobile"),
        fax=text("fax"),
        website=text("website"),
        billing=_address(row, "billing"),
        shipping=_address(row, "shipping"),
        parent=text("parent"),
        care_of=text("care_of"),
        terms=text("terms"),
        tax_exempt=row.get("tax_exempt", bool),
        exempt_reason=text("exempt_reason"),
        notes=text("notes"),
        currency=text("currency"),
    )


def _address(row: Fields, which: str) -> Address:
    return Address(
        street=row.text(f"{which}_street"),
        city=row.text(f"{which}_city"),
        region=row.text(f"{which}_region"),
        postal_code=row.text(f"{which}_postal_code"),
        country=row.text(f"{which}_country"),
    )


def _line(row: Fields) -> InvoiceLine:
    document, number = row.text("document"), row.get("line", int)
    amount, quantity = row.get("amount", Decimal), row.get("quantity", Decimal)
    unit_price = row.values["unit_price"]
    if not isinstance(unit_price, Decimal):
        unit_price = amount if quantity == 1 else Decimal(0)
    return InvoiceLine(
        key=f"{document}/{number}",
        number=number,
        description=row.text("description"),
        amount=amount,
        quantity=quantity,
        unit_price=unit_price,
        item=row.text("item"),
        gl_account=row.text("gl_account"),
        tax_group=row.text("tax_group"),
        class_code=row.text("class"),
        tax_amount=row.get("tax_amount", Decimal),
        provenance=row.provenance,
    )


def _document_tax(row: Fields) -> DocumentTax:
    return DocumentTax(tax=row.text("tax"), amount=row.get("amount", Decimal), base=row.get("base", Decimal))


def document(row: Fields, lines: Sequence[Fields], taxes: Sequence[Fields]) -> AnyDocument:
    """A document of the kind its row names."""
    shared, invoice = _shared(row, lines, taxes), row.text("invoice")
    method, deposit = row.text("method"), row.text("deposit_account")
    match row.get("kind", Kind):
        case Kind.CREDIT_NOTE:
            return CreditNote(**shared, invoice=invoice)
        case Kind.SUPPLIER_INVOICE:
            return SupplierInvoice(**shared)
        case Kind.VENDOR_CREDIT:
            return VendorCredit(**shared, invoice=invoice)
        case Kind.SALES_RECEIPT:
            return SalesReceipt(**shared, method=method, deposit_account=deposit)
        case Kind.REFUND:
            return Refund(**shared, invoice=invoice, method=method, deposit_account=deposit)
        case _:
            return Invoice(**shared)


def _head(row: Fields) -> dict[str, Any]:
    """What every document and payment begins with: whose it is, of which day, and where it was read."""
    return {
        "key": row.text("key"),
        "number": row.text("number"),
        "sync_reference": row.text("sync_reference"),
        "url": row.text("url"),
        "provenance": row.provenance,
        "date": row.get("date", date),
        "customer": row.text("account"),
    }


def _shared(row: Fields, lines: Sequence[Fields], taxes: Sequence[Fields]) -> dict[str, Any]:
    """What every kind of document is made with; each value has been checked to be of its field's type."""
    return {
        **_head(row),
        "province": row.text("province").upper(),
        "currency": row.text("currency"),
        "lines": tuple(sorted(map(_line, lines), key=lambda found: found.number)),
        "subtotal": row.get("subtotal", Decimal),
        "tax": row.get("tax", Decimal),
        "total": row.get("total", Decimal),
        "taxes": tuple(map(_document_tax, taxes)),
        "balance": row.get("balance", Decimal),
        "due": row.day("due"),
        "care_of": row.text("care_of"),
        "origin": row.get("origin", Origin),
        "terms": row.text("terms"),
        "sent": row.get("sent", bool),
        "cancelled": row.get("cancelled", bool),
        "memo": row.text("memo"),
        "email": row.text("email"),
        "exchange": _exchange(row),
    }


def _exchange(row: Fields) -> ExchangeRate | None:
    """The rate of a row; none where it says none."""
    rate = row.values["rate"]
    if not isinstance(rate, Decimal):
        return None
    return ExchangeRate(rate=rate, date=row.day("rate_date"), source=row.text("rate_source"))


def _allocation(row: Fields) -> Allocation:
    return Allocation(
        invoice=row.text("invoice"), amount=row.get("amount", Decimal), discount=row.get("discount", Decimal)
    )


def _own_allocation(row: Fields) -> tuple[Allocation, ...]:
    """A payment of one invoice may name it on its own row."""
    invoice = row.text("invoice")
    return (Allocation(invoice=invoice, amount=row.get("amount", Decimal)),) if invoice else ()


def payment(row: Fields, allocations: Sequence[Fields]) -> Payment:
    """A payment, received, made or returned as was decided of its row."""
    shared: dict[str, Any] = {
        **_head(row),
        "currency": row.text("currency"),
        "amount": row.get("amount", Decimal),
        "allocations": tuple(map(_allocation, allocations)) or _own_allocation(row),
        "method": row.text("method"),
        "deposit_account": row.text("deposit_account"),
        "direction": row.get("direction", Direction),
        "memo": row.text("memo"),
        "confirmation": row.text("confirmation"),
        "fee": row.get("fee", Decimal),
        "exchange": _exchange(row),
    }
    match row.get("kind", Kind):
        case Kind.SUPPLIER_PAYMENT:
            return SupplierPayment(**shared)
        case Kind.RETURNED_PAYMENT:
            return ReturnedPayment(**shared, payment=row.text("payment"))
        case _:
            return Payment(**shared)


def _entry_line(row: Fields) -> EntryLine:
    return EntryLine(
        account=row.text("gl_account"),
        debit=row.get("debit", Decimal),
        credit=row.get("credit", Decimal),
        memo=row.text("memo"),
        customer=row.text("account"),
    )


def journal_entry(row: Fields, lines: Sequence[Fields]) -> JournalEntry:
    """A journal entry."""
    return JournalEntry(
        key=row.text("key"),
        number=row.text("number"),
        sync_reference=row.text("sync_reference"),
        url=row.text("url"),
        provenance=row.provenance,
        date=row.get("date", date),
        currency=row.text("currency"),
        lines=tuple(map(_entry_line, lines)),
        memo=row.text("memo"),
        invoice=row.text("invoice"),
        exchange=_exchange(row),
    )


def schedule(row: Fields) -> RevenueSchedule:
    """A schedule of revenue received in advance."""
    return RevenueSchedule(
        key=row.text("key"),
        invoice=row.text("invoice"),
        line=row.get("line", int),
        start=row.get("start", date),
        months=row.get("months", int),
        amount=row.get("amount", Decimal),
        deferred_account=row.text("deferred_account"),
        revenue_account=row.text("revenue_account"),
        provenance=row.provenance,
    )
