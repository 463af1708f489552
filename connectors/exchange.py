"""What a record in a foreign currency comes to in the home currency, at the rate that it names.

Every amount is rounded to the home currency's smallest unit, halves away from zero; the last line takes what rounding
leaves, so that the lines and taxes come to the total.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeVar

from connectors.records import (
    ZERO,
    Customer,
    Document,
    EntryLine,
    ExchangeRate,
    InvoiceLine,
    JournalEntry,
    Payment,
    Transferable,
)
from connectors.taxes import unit

AnyRecord = Transferable | Document | Payment
Rated = TypeVar("Rated", bound=AnyRecord)


def rate_of(record: AnyRecord, home: str) -> ExchangeRate | None:
    """The rate that a record in a foreign currency names; none where it is in the home currency, or names none."""
    return None if isinstance(record, Customer) or record.currency == home else record.exchange


def lacks_rate(record: AnyRecord, home: str) -> bool:
    """Whether a record is in a foreign currency and names no rate."""
    return not isinstance(record, Customer) and record.currency != home and record.exchange is None


def in_home(amount: Decimal, exchange: ExchangeRate, home: str) -> Decimal:
    """An amount at a rate."""
    return (amount * exchange.rate).quantize(unit(home), ROUND_HALF_UP)


def at_home(record: Rated, home: str) -> Rated:
    """A record in the home currency; as it is, where it names no rate or is in that currency already."""
    exchange = rate_of(record, home)
    if exchange is None:
        return record
    there: dict[str, Any] = {"currency": home, "exchange": None}
    match record:
        case Document():
            there |= _document(record, exchange, home)
        case Payment():
            there |= {name: in_home(getattr(record, name), exchange, home) for name in ("amount", "fee")}
        case JournalEntry():
            there["lines"] = _entry(record.lines, exchange, home)
    return replace(record, **there)


def settling(total: Decimal, parts: Iterable[Decimal], exchange: ExchangeRate, home: str) -> Decimal:
    """What the parts of a payment or credit that go to documents come to at its own rate.

    It is all of it but what stays on account, so that no cent is left over of parts that were rounded one by one.
    """
    return in_home(total, exchange, home) - in_home(total - sum(parts, ZERO), exchange, home)


def taken_off(part: Decimal, left: Decimal, value: Decimal, home: str) -> Decimal:
    """What a part takes off what is ``left`` of a document, of its ``value`` in the home currency.

    The last part takes what is left, so that nothing stays of a document that is paid.
    """
    if part >= left or not left:
        return value
    return (value * part / left).quantize(unit(home), ROUND_HALF_UP)


def _document(document: Document, exchange: ExchangeRate, home: str) -> dict[str, Any]:
    total = in_home(document.total, exchange, home)
    taxes = tuple(
        replace(tax, amount=in_home(tax.amount, exchange, home), base=in_home(tax.base, exchange, home))
        for tax in document.taxes
    )
    tax = sum((each.amount for each in taxes), ZERO)
    return {
        "total": total, "tax": tax, "subtotal": total - tax, "taxes": taxes,
        "balance": in_home(document.balance, exchange, home),
        "lines": _lines(document.lines, total - tax, exchange, home),
    }  # fmt: skip


def _lines(
    lines: Sequence[InvoiceLine], subtotal: Decimal, exchange: ExchangeRate, home: str
) -> tuple[InvoiceLine, ...]:
    made = [
        replace(
            line, amount=in_home(line.amount, exchange, home), unit_price=line.unit_price * exchange.rate,
            tax_amount=in_home(line.tax_amount, exchange, home),
        )
        for line in lines
    ]  # fmt: skip
    if made:
        left = subtotal - sum((line.amount for line in made), ZERO)
        made[-1] = replace(made[-1], amount=made[-1].amount + left)
    return tuple(made)


def _entry(lines: Sequence[EntryLine], exchange: ExchangeRate, home: str) -> tuple[EntryLine, ...]:
    made = [
        replace(line, debit=in_home(line.debit, exchange, home), credit=in_home(line.credit, exchange, home))
        for line in lines
    ]
    if made:
        left = sum((line.debit - line.credit for line in made), ZERO)
        last = made[-1]
        made[-1] = replace(last, credit=last.credit + left) if last.credit else replace(last, debit=last.debit - left)
    return tuple(made)
