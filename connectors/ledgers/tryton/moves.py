"""Records as Tryton's moves: whatever its invoices do not take, from the one place that says what a posting does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from connectors.double_entry import Leg, legs
from connectors.ledger import Posting
from connectors.ledgers.tryton.books import Books, Party
from connectors.ledgers.tryton.exchange import Worth
from connectors.ledgers.tryton.mapping import JOURNALS, Target, Values, is_zero_rated, one_line
from connectors.records import ZERO, CreditNote, Document, DocumentTax, InvoiceLine, JournalEntry, Payment, Refund

Booked = Document | Payment | JournalEntry


def move(
    posting: Posting,
    record: Booked,
    books: Books,
    to: Mapping[str, Party],
    targets: Sequence[Target],
    worth: Worth | None = None,
) -> Values:
    """Anything as a move in its journal, from the one place that says what a posting does to the accounts.

    ``worth`` is what a record in a foreign currency comes to in the company's.
    """
    period = books.period(record.date)
    return {
        "company": books.company,
        "journal": books.journals[JOURNALS[record.kind]],
        "period": period.id if period else None,
        "date": record.date,
        "description": f"{record.number} [{posting.key}]".strip(),
        "lines": [["create", [*_move_lines(posting, record, books, to, targets, worth)]]],
    }


def _move_lines(
    posting: Posting,
    record: Booked,
    books: Books,
    to: Mapping[str, Party],
    targets: Sequence[Target],
    worth: Worth | None,
) -> Iterator[Values]:
    there = worth.record if worth else posting.record
    taxes, sold = (there.taxes, there.lines) if isinstance(there, Document) else ((), ())
    sides = legs(replace(posting, record=there), books.own)
    due, said = getattr(record, "due", None) or record.date, worth.rate if worth else ""
    for place, (leg, own) in enumerate(zip(sides, legs(posting, books.own), strict=True)):
        tax = taxes[place - len(sides)] if place >= len(sides) - len(taxes) else None
        line = sold[place - 1] if 0 < place <= len(sold) else None
        account = books.accounts[leg.account]
        values = {
            "account": account.id,
            "party": _party_id(leg, to) if account.with_party else None,
            "description": one_line(" · ".join(filter(None, (_text(leg, record), said if place == 0 else "")))),
            "maturity_date": due if account.with_party else None,
            "tax_lines": [["create", found]] if (found := _tax_lines(tax, line, record, books)) else [],
        }
        whole = [_Part(leg.amount, own.amount, None)]
        for part in _parts(posting, leg, own, targets, worth) if leg.customer and targets else whole:
            foreign = {"second_currency": books.currencies[record.currency], "amount_second_currency": part.own}
            yield {
                **values,
                **_sides(part.amount),
                "origin": f"account.move.line,{part.target.line}" if part.target else None,
                "invoice_payment": part.target.invoice if part.target else None,
                **(foreign if worth else {}),
            }
        if leg.customer and worth and worth.more:
            difference = -worth.more if leg.amount > ZERO else worth.more
            yield {"account": books.accounts[worth.account].id, **_sides(difference)}


def _sides(amount: Decimal) -> Values:
    return {"debit": max(amount, ZERO), "credit": max(-amount, ZERO)}


def _text(leg: Leg, record: Booked) -> str:
    """What a line says; of a payment also the processor's number, for which Tryton has no field."""
    if isinstance(record, Payment):
        return " · ".join(filter(None, (record.memo, record.confirmation)))
    return leg.memo or getattr(record, "memo", "")


def _party_id(leg: Leg, to: Mapping[str, Party]) -> int | None:
    return to[leg.customer].id if leg.customer else None


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a side in the company's currency and in its own, and what it goes to."""

    amount: Decimal
    own: Decimal
    target: Target | None


def _parts(posting: Posting, leg: Leg, own: Leg, targets: Sequence[Target], worth: Worth | None) -> Iterator[_Part]:
    """The side of the customer or supplier, split over what it pays; the rest stays on account."""
    parts = [part.amount for part in posting.applied]
    values = worth.values if worth else parts
    for value, part, target in zip(values, parts, targets, strict=True):
        yield _Part(value.copy_sign(leg.amount), part.copy_sign(own.amount), target)
    rest = own.amount - sum(parts, ZERO).copy_sign(own.amount)
    if rest:
        settled = worth.settling if worth else sum(parts, ZERO)
        yield _Part(leg.amount - settled.copy_sign(leg.amount), rest, None)


def _tax_lines(tax: DocumentTax | None, line: InvoiceLine | None, record: Booked, books: Books) -> list[Values]:
    """What Tryton's tax reports count of a leg: a tax with its base or, of a zero-rated line, its amount at 0 %."""
    sign = -1 if isinstance(record, CreditNote | Refund) else 1
    if tax and (found := books.tax(tax)):
        amounts = (("tax", tax.amount), ("base", tax.base))
        return [{"tax": found, "type": kind, "amount": sign * amount} for kind, amount in amounts]
    if line and is_zero_rated(line) and books.zero_rate:
        return [{"tax": books.zero_rate, "type": "base", "amount": sign * line.amount}]
    return []
