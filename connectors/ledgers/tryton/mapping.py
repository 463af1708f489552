"""Records as Tryton's values: parties and invoices here, and what is booked as a move in ``moves``.

| record | in Tryton |
|---|---|
| customer | ``party.party``; our key is the code of one of its identifiers |
| invoice, credit note, supplier invoice, vendor credit | ``account.invoice``; our key is the note of its first line |
| the same, with a line on an account that Tryton's invoices do not take, or in a foreign currency | ``account.move`` |
| sales receipt, refund, payment, supplier's payment, journal entry | ``account.move``; our key ends its description |
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from connectors.ledger import Posting
from connectors.ledgers.tryton.books import Books, Party
from connectors.records import (
    ZERO,
    Address,
    CreditNote,
    Customer,
    Document,
    DocumentTax,
    Invoice,
    InvoiceLine,
    Kind,
    Side,
    SupplierInvoice,
    TaxCategory,
)
from connectors.taxes import unit

Values = dict[str, object]

JOURNALS: dict[Kind, str] = {
    Kind.INVOICE: "revenue",
    Kind.CREDIT_NOTE: "revenue",
    Kind.SUPPLIER_INVOICE: "expense",
    Kind.VENDOR_CREDIT: "expense",
    Kind.SALES_RECEIPT: "cash",
    Kind.REFUND: "cash",
    Kind.PAYMENT: "cash",
    Kind.SUPPLIER_PAYMENT: "cash",
    Kind.RETURNED_PAYMENT: "cash",
    Kind.JOURNAL_ENTRY: "general",
}
"""The type of the journal that each kind is booked in; of several of a type, the oldest."""

MECHANISMS = ("email", "phone", "mobile", "fax", "website")
LINE_ENDS = re.compile(r"[\t\n\r\x0b\x0c]+")
"""What a one-line field of Tryton's refuses (``fields.Char.forbidden_chars``)."""

KEY = re.compile(r"\[(?P<key>[^\[\]]*)\]$")
PRICE_DECIMALS = 4
"""Of a unit price (``product.price_digits``); a price with more is booked as one unit of the whole amount."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a payment or credit goes to: a line on a receivable or payable account, and its invoice if it has one.

    ``number`` is what people call it, ``total`` what it came to and ``left`` what is open of it, in its ``currency``
    (empty: the company's), and ``value`` what that is in the company's.
    """

    line: int
    account: str
    party: int
    invoice: int | None
    invoice_line: int | None = None
    number: str = ""
    total: Decimal = ZERO
    left: Decimal = ZERO
    currency: str = ""
    value: Decimal = ZERO


def one_line(text: str) -> str:
    """A descriptive text as a one-line field takes it."""
    return LINE_ENDS.sub(" ", text)


def is_invoice(posting: Posting, books: Books, targets: Sequence[Target]) -> bool:
    """Whether Tryton books a document as an invoice of its own: it takes income and expense accounts on its lines.

    A credit for what is not an invoice is none either, so that the two can be matched; nor is one that goes to its
    invoice in part: Tryton ties a credit note to an invoice whole or not at all, and the line of a move as it is.
    In a foreign currency Tryton's invoices come to other cents than the record (see ``exchange``).
    """
    record = posting.record
    if not isinstance(record, Invoice | CreditNote | SupplierInvoice) or record.currency != books.home:
        return False
    if any(target.invoice is None for target in targets):
        return False
    if targets and sum((part.amount for part in posting.applied), ZERO) < record.total:
        return False
    accounts = [books.accounts[line.ledger_account] for line in record.lines]
    return all(account.buys if record.side is Side.PURCHASES else account.sells for account in accounts)


def party(posting: Posting, record: Customer, books: Books) -> Values:
    """A new party; without a number of ours Tryton gives it one."""
    return {
        "name": record.name,
        **({"code": record.number} if record.number else {}),
        "addresses": [["create", [address(record.billing, books)]]],
        "identifiers": [["create", [{"code": posting.key}]]],
        "contact_mechanisms": [["create", list(mechanisms(record))]],
    }


def mechanisms(record: Customer) -> Iterator[Values]:
    """E-mail, telephones and web site, as far as there are any."""
    for kind in MECHANISMS:
        if value := one_line(getattr(record, kind)):
            yield {"type": kind, "value": value}


def address(billing: Address, books: Books) -> Values:
    """An address; the region goes beside the city, as Tryton knows subdivisions only where they were imported."""
    city = ", ".join(part for part in (billing.city, billing.region) if part)
    return {
        "street_unstructured": billing.street,
        "city": one_line(city),
        "postal_code": one_line(billing.postal_code),
        "country": books.countries.get(billing.country),
    }


def invoice(posting: Posting, record: Document, books: Books, to: Party, issued: date, target: Target | None) -> Values:
    """An invoice or, with the opposite sign, a credit note; taxes are the source's own, to the cent.

    ``issued`` is the date it is numbered under, which Tryton wants in order; the books always have the record's date.
    """
    bought = record.side is Side.PURCHASES
    sign = -1 if isinstance(record, CreditNote) else 1
    term = books.terms.get(record.ledger_terms) if record.due is None else None
    return {
        "company": books.company,
        "type": "in" if bought else "out",
        "party": to.id,
        "invoice_address": to.address,
        "currency": books.currency,
        "account": books.accounts[books.payable if bought else books.receivable].id,
        "journal": books.journals[JOURNALS[record.kind]],
        "reference": record.number,
        "description": one_line(record.memo),
        "invoice_date": issued,
        "accounting_date": record.date,
        "payment_term": term,
        "payment_term_date": record.date if term else record.due or record.date,
        "lines": [["create", list(_lines(posting, record, books, sign, target))]],
        "taxes": [["create", [_tax(tax, books, sign) for tax in record.taxes]]],
    }


def _lines(posting: Posting, record: Document, books: Books, sign: int, target: Target | None) -> Iterator[Values]:
    for place, line in enumerate(record.lines):
        quantity, price = _quantity(line, record.currency)
        yield {
            "type": "line",
            "invoice_type": "in" if record.side is Side.PURCHASES else "out",
            "company": books.company,
            "currency": books.currency,
            "account": books.accounts[line.ledger_account].id,
            "quantity": float(sign * quantity),
            "unit_price": price,
            "description": line.description,
            "note": posting.key if place == 0 else None,
            "origin": f"account.invoice.line,{target.invoice_line}" if target and target.invoice_line else None,
            "taxes": [["add", [books.zero_rate]]] if is_zero_rated(line) and books.zero_rate else [],
        }


def is_zero_rated(line: InvoiceLine) -> bool:
    """Whether a line bears a tax of 0 %, which Tryton counts its amount under, and not none."""
    return line.tax_category is TaxCategory.ZERO_RATED


def _quantity(line: InvoiceLine, currency: str) -> tuple[Decimal, Decimal]:
    """The source's quantity and price where they come to the amount there.

    Tryton's quantities are binary fractions, and it rounds half a cent to the even one (``Currency.round``, 8.2).
    """
    short = -int(line.unit_price.normalize().as_tuple().exponent) <= PRICE_DECIMALS
    exact = Decimal(float(line.quantity)) == line.quantity
    if short and exact and (line.quantity * line.unit_price).quantize(unit(currency), ROUND_HALF_EVEN) == line.amount:
        return line.quantity, line.unit_price
    return Decimal(1), line.amount


def _tax(tax: DocumentTax, books: Books, sign: int) -> Values:
    return {
        "manual": True,
        "account": books.accounts[tax.ledger_tax].id,
        "tax": books.tax(tax),
        "description": one_line(tax.tax) or tax.ledger_tax,
        "base": sign * tax.base,
        "amount": sign * tax.amount,
    }
