"""Amounts that add up: a column that is another and the taxes, or a quantity times a price, is what it comes to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from connectors.sources.exports.amounts import plain_amount
from connectors.sources.exports.fields import TAX, TAXES
from connectors.sources.exports.guess import ColumnGuess, Ground, SheetGuess, Sure, Why
from connectors.sources.exports.vocabulary import vocabulary
from connectors.sources.tables.cells import Number
from connectors.sources.tables.numbers import excel_text
from connectors.sources.tables.values import shown

SUBTOTAL, TOTAL = "documents.subtotal", "documents.total"
AMOUNT, QUANTITY, PRICE = "lines.amount", "lines.quantity", "lines.unit_price"
MOST = 0.9
"""The part of the rows on which it must add up."""
CENT = Decimal("0.011")
Values = list[Decimal | None]


def reckoned(guess: SheetGuess) -> SheetGuess:
    """The guess, with its amounts told apart by what they come to."""
    if guess.kind == "documents":
        return _document(guess)
    return _line(guess) if guess.kind == "lines" else guess


def decimal_of(cell: object, sign: str) -> Decimal | None:
    """The number of a cell; ``None`` where it is none."""
    match cell:
        case bool():
            return None
        case float():
            return Decimal(excel_text(cell))
        case Number():
            return Decimal(excel_text(cell.value))
    plain = plain_amount(shown(cell), sign)
    return None if plain is None else Decimal(plain)


def values_at(guess: SheetGuess, at: int) -> Values:
    """The numbers of a column by row."""
    sign = guess.signs[0] if guess.signs else "."
    return [decimal_of(row.cells[at], sign) if at < len(row.cells) else None for row in guess.rows]


def tax_columns(guess: SheetGuess) -> list[ColumnGuess]:
    """The columns that are the amount of one tax each."""
    return [column for column in guess.columns if column.field.startswith(TAXES)]


def _document(guess: SheetGuess) -> SheetGuess:
    taxes = _taxes(guess)
    if taxes is None:
        return guess
    for before, after in _pairs(guess):
        if _adds_up(values_at(guess, before.at), taxes, values_at(guess, after.at)):
            return guess.changed(*_told(before, SUBTOTAL, after), *_told(after, TOTAL, before))
    alone = guess.by_field.get(TOTAL) or guess.by_field.get(SUBTOTAL)
    return guess.changed(*_by_rate(guess, alone, taxes)) if alone and len(_amounts(guess)) == 1 else guess


def _amounts(guess: SheetGuess) -> list[ColumnGuess]:
    """The columns that may be an amount of the whole document: those that are, and amounts that nobody reads."""
    return [
        column
        for column in guess.columns
        if column.field in (SUBTOTAL, TOTAL)
        or (not column.field and guess.traits[column.at].amounts and column.heading)
    ]


def _pairs(guess: SheetGuess) -> Iterator[tuple[ColumnGuess, ColumnGuess]]:
    """Two columns that may be before and after taxes; those that are called so come first."""
    found = _amounts(guess)
    order = sorted(found, key=lambda column: (column.field != SUBTOTAL, column.field == TOTAL, column.at))
    yield from ((a, b) for a in order for b in reversed(order) if a != b and (a.field or b.field))


def _taxes(guess: SheetGuess) -> Values | None:
    """The taxes of each row together; ``None`` where no column is one."""
    columns = tax_columns(guess) or [c for c in guess.columns if c.field == TAX]
    return _sums([values_at(guess, column.at) for column in columns]) if columns else None


def _sums(columns: Sequence[Values]) -> Values:
    return [sum((value or Decimal(0) for value in row), Decimal(0)) for row in zip(*columns, strict=True)]


def _adds_up(before: Values, taxes: Values, after: Values) -> bool:
    """Whether one column and the taxes are the other, also where a tax is more than nothing."""
    rows = [(b, t, a) for b, t, a in zip(before, taxes, after, strict=True) if b is not None and a is not None]
    agree = [b is not None and a is not None and abs(b + (t or 0) - a) < CENT for b, t, a in rows]
    return any(t for _, t, _ in rows) and sum(agree) >= MOST * len(rows)


def _told(column: ColumnGuess, field: str, other: ColumnGuess) -> Iterator[ColumnGuess]:
    ground = Ground(Why.ADDS_UP, {"heading": other.heading})
    if column.field == field:
        yield replace(column, sure=Sure.SURE, grounds=(*column.grounds, ground))
    else:
        yield replace(column, field=field, sure=Sure.LIKELY, grounds=(ground,))


def _by_rate(guess: SheetGuess, alone: ColumnGuess, taxes: Values) -> Iterable[ColumnGuess]:
    """Where there is one amount beside the taxes: before or after them, as the rate of one of them says."""
    amounts = values_at(guess, alone.at)
    before = [a - t if a is not None and t is not None else None for a, t in zip(amounts, taxes, strict=True)]
    for column in tax_columns(guess):
        rates = [Decimal(rate) / 100 for rate in vocabulary().rates[column.field]]
        tax = values_at(guess, column.at)
        for field, bases in ((SUBTOTAL, amounts), (TOTAL, before)):
            if _is_rate(tax, bases, rates):
                ground = Ground(Why.RATE, {"heading": column.heading})
                return (replace(alone, field=field, sure=Sure.LIKELY, grounds=(*alone.grounds, ground)),)
    return ()


def _is_rate(tax: Values, bases: Values, rates: Sequence[Decimal]) -> bool:
    rows = [(t, b) for t, b in zip(tax, bases, strict=True) if t and b]
    agree = [any(abs(t - b * rate) < 2 * CENT for rate in rates) for t, b in rows]
    return bool(rows) and sum(agree) >= MOST * len(rows)


def _line(guess: SheetGuess) -> SheetGuess:
    """A total on a sheet of lines is of the line where it is quantity times price, or differs within a document."""
    total = guess.by_field.get(TOTAL)
    if total is None or AMOUNT in guess.by_field:
        return guess
    quantity, price = guess.by_field.get(QUANTITY), guess.by_field.get(PRICE)
    amounts = values_at(guess, total.at)
    if quantity and price:
        pairs = zip(values_at(guess, quantity.at), values_at(guess, price.at), strict=True)
        products = [a * b if a is not None and b is not None else None for a, b in pairs]
        if _adds_up_alone(products, amounts):
            ground = Ground(Why.ADDS_UP, {"heading": f"{quantity.heading} × {price.heading}"})
            return guess.changed(replace(total, field=AMOUNT, sure=Sure.SURE, grounds=(*total.grounds, ground)))
    if _differs_within(guess, amounts):
        return guess.changed(replace(total, field=AMOUNT, sure=Sure.LIKELY, grounds=total.grounds))
    return guess


def _adds_up_alone(products: Values, amounts: Values) -> bool:
    rows = [(p, a) for p, a in zip(products, amounts, strict=True) if p is not None and a is not None]
    return bool(rows) and sum(abs(p - a) < CENT for p, a in rows) >= MOST * len(rows)


def _differs_within(guess: SheetGuess, amounts: Values) -> bool:
    """Whether rows of one document have different amounts, or no document has several rows."""
    number = guess.by_field.get("documents.number") or guess.by_field.get("documents.key")
    if number is None:
        return True
    of: dict[str, list[Decimal | None]] = defaultdict(list)
    for row, amount in zip(guess.rows, amounts, strict=True):
        of[shown(row.cells[number.at]) if number.at < len(row.cells) else ""].append(amount)
    several = [found for found in of.values() if len(found) > 1]
    return not several or any(len(set(found)) > 1 for found in several)
