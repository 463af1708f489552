"""Records as Beancount directives; which field becomes which metadata is data, and the documentation's table.

Descriptive words that this ledger has no list for (terms, methods, classes) are written as the source says them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import chain

from beancount.core.data import Posting as Line
from beancount.core.data import Transaction

from connectors.double_entry import Leg
from connectors.ledger import Applied, Posting
from connectors.ledgers.beancount.contents import APPLIED, CUSTOMER, FOREIGN, RETURNS, foreign
from connectors.ledgers.beancount.text import Money, Value, link, metadata, money, quoted
from connectors.records import PAYMENT_KINDS, Address, Customer, ExchangeRate, Kind, Record, Transferable, total_of

Fields = tuple[tuple[str, str], ...]
"""Name of the metadata and field of the record; a field that is empty is not written."""

CUSTOMER_FIELDS: Fields = (
    ("name", "name"),
    ("number", "number"),
    ("source", "key"),
    ("supplier", "is_supplier"),
    ("person", "is_person"),
    ("first-name", "first_name"),
    ("last-name", "last_name"),
    ("contact", "contact"),
    ("email", "email"),
    ("phone", "phone"),
    ("mobile", "mobile"),
    ("fax", "fax"),
    ("website", "website"),
    ("billing", "billing"),
    ("shipping", "shipping"),
    ("care-of", "care_of"),
    ("terms", "terms"),
    ("tax-exempt", "tax_exempt"),
    ("exempt-reason", "exempt_reason"),
    ("currency", "currency"),
    ("notes", "notes"),
    ("url", "url"),
)
_HEAD: Fields = (("kind", "kind"), ("number", "number"), ("source", "key"), ("rate", "exchange"))
_DOCUMENT: Fields = (
    *_HEAD,
    ("due", "due"),
    ("care-of", "care_of"),
    ("province", "province"),
    ("origin", "origin"),
    ("terms", "terms"),
    ("email", "email"),
    ("url", "url"),
)
_CREDIT: Fields = (("invoice", "invoice"),)
_PAID: Fields = (("method", "method"),)

FIELDS: dict[Kind, Fields] = {
    Kind.INVOICE: _DOCUMENT,
    Kind.CREDIT_NOTE: (*_DOCUMENT, *_CREDIT),
    Kind.SUPPLIER_INVOICE: _DOCUMENT,
    Kind.VENDOR_CREDIT: (*_DOCUMENT, *_CREDIT),
    Kind.SALES_RECEIPT: (*_DOCUMENT, *_PAID),
    Kind.REFUND: (*_DOCUMENT, *_CREDIT, *_PAID),
    **dict.fromkeys(
        sorted(PAYMENT_KINDS),
        (*_HEAD, *_PAID, ("confirmation", "confirmation"), ("url", "url")),
    ),
    Kind.JOURNAL_ENTRY: (*_HEAD, *_CREDIT, ("url", "url")),
}


def opening(posting: Posting, customer: Customer, account: str, on: date) -> str:
    """A new customer: a sub-account, opened on the day its parent was, so that it takes what the parent takes."""
    return _directive(f"{on} open {account}", (*_customer(posting, customer),))


def change(posting: Posting, customer: Customer, account: str, on: date) -> str:
    """A changed customer: what is true from now on, whole; of several, the last in the file is true."""
    return _directive(f'{on} custom "{CUSTOMER}" {account}', (*_customer(posting, customer),))


def opening_of_other_side(account: str, on: date, name: str) -> str:
    """A supplier who is billed too, or a customer who bills us, gets a sub-account on that side as well."""
    return _directive(f"{on} open {account}", (("name", name),))


def transaction(
    posting: Posting, legs: Sequence[tuple[str, Leg]], payee: str, home: str, values: Sequence[Decimal] = ()
) -> str:
    """Any document as a balanced transaction; ``legs`` are beside the full names of their accounts.

    What is in a foreign currency is booked in the ``home`` currency; ``values`` are what it takes off each document.
    """
    record = posting.record
    if isinstance(record, Customer):
        raise TypeError("a customer is no transaction")
    links = " ".join(link(key) for key in (posting.key, posting.returned) if key)
    head = f"{record.date} * {quoted(payee)} {quoted(narration(record))} {links}"
    pairs = (
        ("key", posting.key),
        *_values(record, FIELDS[record.kind]),
        ("customer", posting.customer),
        ("total", Money(total_of(record), record.currency)),
        *_applied(posting.applied, record.currency),
        *((f"applied-value-{place}", Money(value, home)) for place, value in enumerate(values, 1)),
        (RETURNS, posting.returned),
    )
    return _directive(head, pairs, chain.from_iterable(_leg(name, leg, record.currency, home) for name, leg in legs))


def narration(record: Transferable) -> str:
    """What the head of a transaction says: the memo or, where there is none, the number."""
    return getattr(record, "memo", "") or record.number


def application(posting: Posting, parts: Sequence[Applied], on: date) -> str:
    """To what more a payment or credit note goes from a day on; the transaction itself stays as it was written."""
    record, booked = posting.record, posting.booked
    if isinstance(record, Customer):
        raise TypeError("a customer goes to no document")
    pairs: tuple[tuple[str, Value], ...] = (
        ("key", posting.key),
        ("number", booked.number if booked else ""),
        ("customer", posting.customer),
        ("total", Money(total_of(record), record.currency)),
        *_applied(parts, record.currency),
    )
    return _directive(f'{on} custom "{APPLIED}" {quoted(posting.reference)}', pairs)


def reversal(posting: Posting, entry: Transaction) -> str:
    """What takes a document back: the accounts and amounts as they stand, with the opposite signs, on its day or later.

    It is added, and the document itself is left: whoever reads the book sees both, linked to each other; a file that
    is only ever appended to cannot lose what a person wrote or moved; and the key stays known, so that the document
    is not booked again by a copy of it that comes late. On the same day, for every balance and every age of a debt
    to be what it was before; what lies in a closed or filed period stands until the day that the posting names.
    """
    links = f"{link(posting.key)} {link(posting.reference)}"
    day, payee = posting.reverse_on or entry.date, quoted(entry.payee or "")
    head = f"{day} * {payee} {quoted(f'Void: {entry.narration}')} {links}"
    pairs = (("key", posting.key), ("voids", posting.reference), ("kind", "void"))
    return _directive(head, pairs, chain.from_iterable(map(_taken_back, entry.postings)))


def _taken_back(leg: Line) -> Iterator[str]:
    units, owed = leg.units, foreign(leg)
    if units and units.number is not None:
        yield f"  {leg.account:<46} {money(-units.number, units.currency):>16}"
    if owed and owed.number is not None:
        yield from metadata(((FOREIGN, Money(-owed.number, owed.currency)),), "    ")


def _customer(posting: Posting, customer: Customer) -> Iterator[tuple[str, Value]]:
    yield "key", posting.key
    yield from _values(customer, CUSTOMER_FIELDS)
    yield "parent", posting.parent


def _applied(parts: Sequence[Applied], currency: str) -> Iterator[tuple[str, Value]]:
    for place, applied in enumerate(parts, start=1):
        yield f"applied-{place}", applied.ledger_id
        yield f"applied-amount-{place}", Money(applied.amount, currency)


def _values(record: Record, fields: Fields) -> Iterator[tuple[str, Value]]:
    for name, attribute in fields:
        match getattr(record, attribute):
            case Address() as address:
                parts = (address.street, address.city, address.region, address.postal_code, address.country)
                yield name, ", ".join(part for part in parts if part)
            case None:
                pass
            case ExchangeRate() as exchange:
                yield name, str(exchange.rate)
                yield f"{name}-date", exchange.date or ""
                yield f"{name}-source", exchange.source
            case str() | bool() | date() as value:
                yield name, value


def _directive(head: str, pairs: Sequence[tuple[str, Value]], postings: Iterable[str] = ()) -> str:
    return "\n".join((head, *metadata(pairs), *postings)) + "\n"


def _leg(account: str, leg: Leg, currency: str, home: str) -> Iterator[str]:
    yield f"  {account:<46} {money(leg.amount, home):>16}"
    owed: Value = "" if leg.foreign is None else Money(leg.foreign, currency)
    below = leg.customer if not account.endswith(f":{leg.customer}") else ""
    pairs: tuple[tuple[str, Value], ...] = (
        (FOREIGN, owed),
        ("memo", leg.memo),
        ("class", leg.class_code),
        ("tax-category", leg.tax_category),
        ("customer", below),
    )
    yield from metadata(pairs, "    ")
