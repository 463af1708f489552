"""Where a record as the ledger now has it differs from ours: field by field, in words that people can compare.

A document's field that is empty on our side was left to the ledger, which then fills it in: that is no difference.
Line ends and blanks at the ends of a text are none either, nor a country that a source has by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

from connectors.ledger import Change, Posting
from connectors.records import (
    Address,
    Customer,
    Document,
    EntryLine,
    ExchangeRate,
    InvoiceLine,
    JournalEntry,
    Payment,
    Transferable,
)

Told = str | Decimal | date | bool | None


@dataclass(frozen=True, slots=True)
class Difference:
    """A field and what both sides say of it; the part of an address has a dotted name (``billing.city``)."""

    field: str
    ours: Told
    theirs: Told


def differences(ours: Posting, change: Change) -> Iterator[Difference]:
    """What a change says otherwise than our record does; customers and invoices by the ledger's ids on both sides."""
    if change.record is None:
        return
    mine, now = our_values(ours, change.told), values(change.record, change.told)
    left_open = not isinstance(ours.record, Customer)
    for name, value in now.items():
        if name not in mine or (left_open and mine[name] in (None, "")) or _by_name(name, mine[name]):
            continue
        if _compared(name, mine[name]) != _compared(name, value):
            yield Difference(name, mine[name], value)


def our_values(ours: Posting, told: frozenset[str]) -> dict[str, Told]:
    """Some fields of a record of ours, with customers and invoices by the ledger's ids."""
    mine = values(ours.record, told)
    return mine | {name: value for name, value in _in_their_words(ours).items() if name in mine}


def values(record: Transferable, told: frozenset[str]) -> dict[str, Told]:
    """Some fields of a record, in their order, each as one value; lines and allocations as a line of text each."""
    found: dict[str, Told] = {}
    for each in fields(record):
        if each.name not in told:
            continue
        value = getattr(record, each.name)
        if isinstance(value, Address):
            found |= {f"{each.name}.{part.name}": getattr(value, part.name) for part in fields(value)}
        elif isinstance(value, ExchangeRate):
            found[each.name] = value.rate
        elif isinstance(value, tuple):
            found[each.name] = "\n".join(sorted(map(_line, value)))
        else:
            found[each.name] = value
    return found


def whole(record: Transferable, told: frozenset[str]) -> dict[str, Told]:
    """All that a ledger tells of a record that is nobody's yet: also each entry line's account, and a payment's method.

    Amounts of an entry's lines are debits, and negative where they are credits.
    """
    found = values(record, told)
    if isinstance(record, JournalEntry) and "lines" in found:
        lines = (_entry(" · ".join(filter(None, (line.account, line.memo))), line.debit - line.credit)
                 for line in record.lines)  # fmt: skip
        found["lines"] = "\n".join(lines)
    if isinstance(record, Payment) and record.method:
        found["method"] = record.method
    return found


def plain(amount: Decimal) -> str:
    """An amount with a point and cents, or with more decimals where it has them."""
    return f"{amount:.2f}" if amount == amount.quantize(Decimal("0.01")) else f"{amount:f}"


def _in_their_words(ours: Posting) -> Mapping[str, Told]:
    record = ours.record
    match record:
        case Customer():
            return {"parent": ours.parent}
        case Payment():
            applied = sorted(_entry(part.ledger_id, part.amount) for part in ours.applied)
            return {"customer": ours.customer, "allocations": "\n".join(applied)}
        case Document():
            return {"customer": ours.customer}
        case JournalEntry():
            return {}


def _line(part: Any) -> str:  # noqa: ANN401 (a line or allocation of any record)
    match part:
        case InvoiceLine():
            return _entry(part.description, part.amount)
        case EntryLine():
            return _entry(part.memo, part.debit - part.credit)
        case _:
            return _entry(part.invoice, part.amount)


def _entry(of: str, amount: Decimal) -> str:
    return ": ".join(filter(None, (" ".join(of.split()), plain(amount))))


def _by_name(name: str, value: Told) -> bool:
    """Whether a country is no code of two letters, which is what a ledger tells."""
    return name.endswith(".country") and len(str(value)) > 2


def _compared(name: str, value: Told) -> Told:
    """What is compared of a value; some lists of a ledger have no case, and streets as many lines as it likes."""
    if not isinstance(value, str):
        return value
    if name.endswith(".street"):
        return " ".join(value.split())
    lines = "\n".join(line.strip() for line in value.strip().splitlines())
    return lines.casefold() if name in WITHOUT_CASE else lines


WITHOUT_CASE = frozenset({"terms", "exempt_reason"})
