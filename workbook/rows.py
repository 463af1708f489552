"""Records as the cells that show them: one function per table, each a dict of column key → value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from connectors.records import (
    Address,
    Customer,
    Document,
    InvoiceLine,
    JournalEntry,
    Kind,
    Payment,
    ReturnedPayment,
    SyncStatus,
    Transferable,
)
from workbook.book import Link, Value
from workbook.cells import fitting
from workbook.layout import ACCOUNTS, ENTRIES, INVOICES, PAYMENTS, Language, Table, caption_of

Cells = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Names:
    """What keys are called in the sheets: accounts by name (and number where two share one), documents by number."""

    language: Language
    accounts: Mapping[str, str] = field(default_factory=dict)
    documents: Mapping[str, str] = field(default_factory=dict)
    payments: Mapping[str, str] = field(default_factory=dict)

    def account(self, key: str) -> str:
        """An account as a person knows it; an unknown key shows itself."""
        return self.accounts.get(key, key)

    def document(self, key: str) -> str:
        """A document's number; an unknown key shows itself."""
        return self.documents.get(key, key)

    def payment(self, key: str) -> str:
        """A payment's number; an unknown key shows itself."""
        return self.payments.get(key, key)

    def choice(self, choices: str, code: str) -> str:
        """The caption of a code."""
        return caption_of(choices, code, self.language)

    def yes_no(self, value: bool) -> str:
        """Yes or no."""
        return self.choice("yes_no", "yes" if value else "no")


def names_of(records: Mapping[tuple[Kind, str], Transferable], language: Language) -> Names:
    """The names by which a set of records refer to each other."""
    customers = [record for record in records.values() if isinstance(record, Customer)]
    seen: dict[str, int] = {}
    for customer in customers:
        seen[customer.name.casefold()] = seen.get(customer.name.casefold(), 0) + 1
    accounts = {
        c.key: c.name if seen[c.name.casefold()] == 1 else fitting(f"{c.name} ({c.number or c.key})") for c in customers
    }
    documents = {record.key: record.number or record.key for record in records.values() if isinstance(record, Document)}
    payments = {record.key: record.number or record.key for record in records.values() if record.kind is Kind.PAYMENT}
    return Names(language, accounts, documents, payments)


def table_of(kind: Kind) -> Table:
    """The review table in which a kind of record stands."""
    match kind:
        case Kind.CUSTOMER:
            return ACCOUNTS
        case Kind.PAYMENT | Kind.SUPPLIER_PAYMENT | Kind.RETURNED_PAYMENT:
            return PAYMENTS
        case Kind.JOURNAL_ENTRY:
            return ENTRIES
        case _:
            return INVOICES


def shown(record: Transferable, names: Names) -> list[Cells]:
    """The rows of a record in its review table, without what the accountant types or the sync answers."""
    match record:
        case Customer():
            return [_account(record, names)]
        case Payment():
            return [_payment(record, names)]
        case JournalEntry():
            return list(_entry(record, names))
        case _:
            return [_document(record, names)]


def _account(customer: Customer, names: Names) -> Cells:
    return {
        "key": customer.key,
        "number": customer.number,
        "name": customer.name,
        "contact": customer.contact or fitting(" ".join(filter(None, (customer.first_name, customer.last_name)))),
        "email": customer.email,
        "phone": customer.phone,
        "mobile": customer.mobile,
        "fax": customer.fax,
        "website": customer.website,
        "billing": address(customer.billing),
        "shipping": address(customer.shipping),
        "parent": names.account(customer.parent),
        "care_of": names.account(customer.care_of),
        "terms": customer.terms,
        "tax_exempt": names.yes_no(customer.tax_exempt),
        "exempt_reason": customer.exempt_reason,
        "notes": customer.notes,
        "source_link": _source_link(customer.url, names),
    }


def address(value: Address) -> str:
    """An address on one line."""
    street = value.street.replace("\r\n", "\n").replace("\n", ", ")
    city = " ".join(filter(None, (value.city, f"({value.region})" if value.region else "")))
    return fitting(", ".join(filter(None, (street, city, value.postal_code, value.country))))


def _document(document: Document, names: Names) -> Cells:
    return {
        "key": document.key,
        "kind": names.choice("kind", document.kind),
        "number": document.number,
        "date": document.date,
        "due": document.due,
        "account": names.account(document.customer),
        "care_of": names.account(document.care_of),
        "origin": names.choice("origin", document.origin),
        "currency": document.currency,
        "rate": document.exchange.rate if document.exchange else None,
        "subtotal": document.subtotal,
        "tax": document.tax,
        "total": document.total,
        "balance": document.balance,
        "sent": names.yes_no(document.sent),
        "paid": names.yes_no(document.paid),
        "source_link": _source_link(document.url, names),
    }


def lines(document: Document) -> Iterator[Cells]:
    """The rows of a document's lines, without what the accountant types."""
    for line in document.lines:
        yield _line(document, line)


def _line(document: Document, line: InvoiceLine) -> Cells:
    return {
        "key": line.key,
        "invoice": document.key,
        "line": Decimal(line.number),
        "description": line.description,
        "item": line.item,
        "gl_account": line.gl_account,
        "class_code": line.class_code,
        "quantity": line.quantity,
        "unit_price": line.unit_price,
        "amount": line.amount,
        "tax_amount": line.tax_amount,
    }


def _payment(payment: Payment, names: Names) -> Cells:
    return {
        "key": payment.key,
        "kind": names.choice("kind", payment.kind),
        "date": payment.date,
        "account": names.account(payment.customer),
        "invoice": fitting(", ".join(_settled(payment, names))),
        "method": payment.method,
        "number": payment.number,
        "currency": payment.currency,
        "rate": payment.exchange.rate if payment.exchange else None,
        "amount": payment.amount,
        "direction": names.choice("direction", payment.direction),
    }


def _settled(payment: Payment, names: Names) -> Iterator[str]:
    """What a payment pays, or the payment that it gives back."""
    if isinstance(payment, ReturnedPayment):
        yield names.payment(payment.payment)
    yield from (names.document(part.invoice) for part in payment.allocations)


def _entry(entry: JournalEntry, names: Names) -> Iterator[Cells]:
    for number, line in enumerate(entry.lines, 1):
        yield {
            "key": f"{entry.key}#{number}",
            "entry": entry.number or entry.key,
            "date": entry.date,
            "account": line.account,
            "debit": line.debit,
            "credit": line.credit,
            "memo": line.memo or entry.memo,
            "invoice": names.document(entry.invoice),
        }


def _source_link(url: str, names: Names) -> Value:
    """What a source names as a page is opened only if it is one: not a file, and no place in this workbook."""
    return _link(url, names) if url.lower().startswith(("http://", "https://")) else url


def _link(url: str, names: Names) -> Value:
    return Link(url, "Ouvrir" if names.language == "fr" else "Open") if url else None


def answered(
    table: Table, status: SyncStatus, reference: str, reason: str, fix: str, names: Names, url: str = ""
) -> Cells:
    """What a sync or a check writes into a record's row."""
    cells: Cells = {
        "status": names.choice("status", status),
        "reference": reference,
        "reason": reason,
        "fix": fix,
        "ledger_link": _link(url, names),
    }
    if "fix" not in table:
        cells["reason"] = " ".join(filter(None, (reason, fix)))
    return {key: value for key, value in cells.items() if key in table}
