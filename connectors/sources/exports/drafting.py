"""A guess → a reading that waits to be confirmed; what was confirmed before goes before what is guessed anew."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from connectors.sources.exports.fields import TAX, TAXES, UNREAD
from connectors.sources.exports.guess import ColumnGuess, Ground, SheetGuess, Sure, Why
from connectors.sources.exports.reading import ASKED, ColumnRead, Reading, SheetRead, TaxRead, taxes_of
from connectors.sources.exports.reckoning import CENT, SUBTOTAL, TOTAL, Values, tax_columns, values_at
from connectors.sources.exports.vocabulary import vocabulary
from connectors.sources.tables.columns import heading

FEW = 0.05
"""Of a tax's amounts, the part that a rate must be of, for the tax to have it."""


def draft(guesses: Sequence[SheetGuess], confirmed: Reading | None = None) -> Reading:
    """The reading that a guess makes."""
    known = confirmed.sheets if confirmed else ()
    sheets = tuple(_sheet(guess, _known(guess, known)) for guess in guesses if guess.head)
    taxes = {tax.field: tax for guess in guesses for tax in _taxes(guess)}
    remembered = {tax.field: tax for tax in confirmed.taxes} if confirmed else {}
    return Reading(sheets=sheets, taxes=tuple((taxes | {f: t for f, t in remembered.items() if f in taxes}).values()))


def _known(guess: SheetGuess, confirmed: Sequence[SheetRead]) -> SheetRead | None:
    """The sheet as it was confirmed: of its file, or of the one file that has a sheet of its name."""
    named = [read for read in confirmed if (read.sheet or read.file) == (guess.sheet.name or guess.sheet.file)]
    own = [read for read in named if read.file == guess.sheet.file] or named
    return own[0] if len(own) == 1 else None


def with_every_tax(reading: Reading) -> Reading:
    """The reading with the taxes of its columns, also where a person made a column one: its rates are then asked."""
    known = {tax.field: tax for tax in reading.taxes}
    new = {
        column.field: TaxRead(field=column.field, code=_code(column.heading))
        for sheet in reading.sheets
        for column in sheet.columns
        if column.field in taxes_of(sheet)
    }
    return reading.model_copy(update={"taxes": tuple((new | known).values())})


def _sheet(guess: SheetGuess, known: SheetRead | None) -> SheetRead:
    fields = {heading(column.heading): column.field for column in known.columns} if known else {}
    return SheetRead(
        file=guess.sheet.file,
        sheet=guess.sheet.name,
        kind=known.kind if known else guess.kind,
        dates=_one(guess.orders, known.dates if known else ""),  # type: ignore[arg-type]
        decimal=_one(guess.signs, known.decimal if known else ""),  # type: ignore[arg-type]
        columns=tuple(_column(column, fields) for column in guess.columns),
    )


def _one(left: tuple[str, ...], known: str) -> str:
    """What is left of how it may be written; what was confirmed decides where more is left than one."""
    if len(left) > 1:
        return known if known in left else ASKED
    return left[0] if left else ""


def _column(column: ColumnGuess, known: dict[str, str]) -> ColumnRead:
    field, sure, grounds = column.field, column.sure, column.grounds
    if (name := heading(column.heading)) in known:
        field = known[name]
        sure, grounds = Sure.SURE if field else Sure.UNREAD, (Ground(Why.CONFIRMED),)
    told = tuple({"why": ground.why.value, **ground.params} for ground in grounds)
    return ColumnRead(heading=column.heading, field=field, sure=sure.value, grounds=told, examples=column.examples)


def _taxes(guess: SheetGuess) -> list[TaxRead]:
    """The taxes of a sheet, each with the rates that its amounts are of."""
    columns = tax_columns(guess) or [column for column in guess.columns if column.field == TAX]
    if not columns:
        return []
    bases = _bases(guess, columns)
    return [
        TaxRead(
            field=column.field, code=_code(column.heading), rates=_rates(column, values_at(guess, column.at), bases)
        )
        for column in columns
    ]


def _code(text: str) -> str:
    """A tax's name as its heading says it, without a rate or a currency."""
    words = [word for word in text.replace("(", " (").split() if word[0].isalpha() or word[0] == "/"]
    return " ".join(words)[:20] or UNREAD


def _bases(guess: SheetGuess, columns: Sequence[ColumnGuess]) -> Values:
    """The amount before tax of each row, as far as the sheet says one."""
    by_field = guess.by_field
    before = by_field.get(SUBTOTAL) or by_field.get("lines.amount")
    if before:
        return values_at(guess, before.at)
    if not (after := by_field.get(TOTAL)):
        return [None] * len(guess.rows)
    taxes = [values_at(guess, column.at) for column in columns]
    rows = zip(values_at(guess, after.at), *taxes, strict=True)
    return [
        total - sum((tax or Decimal(0) for tax in own), Decimal(0)) if total is not None else None
        for total, *own in rows
    ]


def _rates(column: ColumnGuess, amounts: Values, bases: Values) -> tuple[Decimal, ...]:
    """The rates that a tax is known to have and that its amounts are of; none where they are of none."""
    every = {rate for rates in vocabulary().rates.values() for rate in rates}
    known = vocabulary().rates[column.field] if column.field.startswith(TAXES) else sorted(every, key=Decimal)
    rows = [(tax, base) for tax, base in zip(amounts, bases, strict=True) if tax and base]
    of = {Decimal(rate): sum(abs(tax - base * Decimal(rate) / 100) < 2 * CENT for tax, base in rows) for rate in known}
    return tuple(rate for rate, count in of.items() if count and count >= FEW * len(rows))
