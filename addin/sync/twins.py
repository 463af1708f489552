"""What in the books may be a record that is about to leave: how alike both have to be, as data, and one comparison."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from connectors.ledger import Sought, Standing
from connectors.records import (
    PAYMENT_KINDS,
    PURCHASES,
    Document,
    JournalEntry,
    Kind,
    Payment,
    Refund,
    SalesReceipt,
    Transferable,
    total_of,
)

CENTS = Decimal("0.05")
"""How far apart the amounts of one document may be: what was keyed in by hand may be rounded otherwise."""

DAYS = {**dict.fromkeys(Kind, 10), Kind.JOURNAL_ENTRY: 0}
"""How many days apart the dates of one document may be.

Dues of one amount come every month, or every two weeks. Entries name nobody, and many of one amount stand on one day.
"""

PARTYS_OWN = PAYMENT_KINDS | PURCHASES
"""The kinds whose numbers are not of one series: a cheque's, a transfer's, a supplier's. Two parties may have the same.
"""


class Likeness(StrEnum):
    """Why a document is asked about: it bears the number, or it is the same but for its number."""

    NUMBER = "number"
    CONTENT = "content"


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What a record is compared by; ``customer`` is the ledger's id, empty where the ledger does not have it yet."""

    kind: Kind
    number: str
    customer: str
    total: Decimal
    day: date
    currency: str
    method: str = ""


def features(record: Transferable, customer: str) -> Features:
    """What a document, payment or entry is compared by; it is resolved, so that its method is the ledger's."""
    assert isinstance(record, Document | Payment | JournalEntry)
    return Features(
        kind=record.kind,
        number=record.number,
        customer=customer,
        total=total_of(record),
        day=record.date,
        currency=record.currency,
        method=record.ledger_method if isinstance(record, Payment | SalesReceipt | Refund) else "",
    )


def sought(name: str, mine: Features) -> Sought | None:
    """What a ledger is asked for; nothing where neither a number nor a customer says what to look for."""
    entry = mine.kind is Kind.JOURNAL_ENTRY
    by_content = bool(mine.customer) or entry
    if not (mine.number or by_content):
        return None
    days = timedelta(DAYS[mine.kind])
    return Sought(
        name=name,
        kind=mine.kind,
        number=mine.number,
        customer="" if entry else mine.customer,
        total=mine.total if entry else None,
        first=mine.day - days if by_content else None,
        last=mine.day + days if by_content else None,
    )


def likeness(mine: Features, theirs: Standing, home: str) -> Likeness | None:
    """Whether a document of the ledger may be this record, and why; what is void is nothing any more.

    ``home`` is the ledger's currency, in which what it tells no currency of is.
    """
    if theirs.void or theirs.kind not in (None, mine.kind) or (theirs.currency or home) != mine.currency:
        return None
    close = _close(mine, theirs)
    if _same(mine.number, theirs.number) and (mine.kind not in PARTYS_OWN or _of_one_party(mine, theirs, close)):
        return Likeness.NUMBER
    if mine.kind is Kind.JOURNAL_ENTRY:
        return Likeness.CONTENT if close and not (mine.number and theirs.number) else None
    parties = bool(mine.customer) and mine.customer == theirs.customer
    return Likeness.CONTENT if parties and close and not _told_apart(mine, theirs) else None


def _close(mine: Features, theirs: Standing) -> bool:
    """Whether amount and day are the same, or nearly."""
    if theirs.total is None or theirs.date is None:
        return False
    return abs(theirs.total - mine.total) <= CENTS and abs((theirs.date - mine.day).days) <= DAYS[mine.kind]


def _of_one_party(mine: Features, theirs: Standing, close: bool) -> bool:
    """Whether a number that is the other party's own is that of one party, as far as both are known."""
    if mine.customer and theirs.customer:
        return mine.customer == theirs.customer and (close or mine.kind in (Kind.SUPPLIER_INVOICE, Kind.VENDOR_CREDIT))
    return close


def _told_apart(mine: Features, theirs: Standing) -> bool:
    """Payments that were made in another way and bear another number are two."""
    other_number = bool(mine.number and theirs.number) and not _same(mine.number, theirs.number)
    other_method = bool(mine.method and theirs.method) and not _same(mine.method, theirs.method)
    return mine.kind in PAYMENT_KINDS and other_number and other_method


def _same(one: str, other: str) -> bool:
    return bool(one.strip()) and one.strip().casefold() == other.strip().casefold()


def identity(record: Transferable) -> Hashable | None:
    """What two records of the source have in common when they may be one; ``None`` where a number tells them apart.

    Documents of one number are refused by a rule of their own.
    """
    match record:
        case Payment():
            alone = (record.method, record.allocations) if not record.number else ()
            return record.kind, record.number.casefold(), record.customer, record.date, record.amount, *alone
        case JournalEntry():
            legs = tuple((line.account, line.customer, line.debit, line.credit) for line in record.lines)
            return record.kind, record.number.casefold(), record.date, record.invoice, legs
        case Document() if not record.number:
            lines = tuple((line.description, line.amount) for line in record.lines)
            return record.kind, record.customer, record.date, record.total, lines
    return None
