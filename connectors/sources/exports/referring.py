"""Columns whose values are those by which another sheet names its customers or invoices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from connectors.sources.exports.fields import read_on
from connectors.sources.exports.guess import ColumnGuess, Ground, SheetGuess, Sure, Why
from connectors.sources.exports.traits import Traits

NAMING = {
    "accounts": ("accounts.key", "accounts.number", "accounts.name"),
    "documents": ("documents.key", "documents.number"),
}
"""By which fields the records of a sheet are named elsewhere."""
SAME = 0.95
"""The part of a column's values that must be those of another, for it to refer to it."""
FEWEST, SHORTEST = 3, 3
"""How many values, and how long they are at least: short numbers are alike by chance."""


@dataclass(frozen=True, slots=True)
class Named:
    """A column that names records: its field, where it stands, and its values."""

    field: str
    heading: str
    place: str
    values: frozenset[str]


def referred(guesses: Sequence[SheetGuess]) -> tuple[SheetGuess, ...]:
    """The guesses, with what refers to another sheet told by values, in words or in a heading's stead."""
    named = tuple(_named(guesses))
    return tuple(_with_references(guess, named) for guess in guesses)


def _named(guesses: Sequence[SheetGuess]) -> Iterator[Named]:
    for guess in guesses:
        for field in NAMING.get(guess.kind, ()):
            column = guess.by_field.get(field)
            if column:
                yield Named(field, column.heading, guess.sheet.name or guess.sheet.file, guess.of(field).distinct)


def _with_references(guess: SheetGuess, named: Sequence[Named]) -> SheetGuess:
    allowed = frozenset(read_on(guess.kind))
    foreign = [one for one in named if one.field in allowed and not one.field.startswith(f"{guess.kind}.")]
    for column in guess.columns:
        found = _named_by(guess.traits[column.at], foreign)
        if found and _may_be(column, found.field, guess):
            guess = guess.changed(_referring(column, found))
    return guess


def _named_by(traits: Traits, named: Sequence[Named]) -> Named | None:
    """The column of another sheet whose values these are."""
    values = traits.distinct
    if len(values) < FEWEST or min(map(len, values)) < SHORTEST or traits.dates:
        return None
    best = max(named, key=lambda one: len(values & one.values), default=None)
    return best if best and len(values & best.values) >= SAME * len(values) else None


def _may_be(column: ColumnGuess, field: str, guess: SheetGuess) -> bool:
    """Whether a column may be taken for a field that is free or its own, where its own is none or of that sort."""
    alike = {field for fields in NAMING.values() for field in fields}
    holder = guess.by_field.get(field)
    return (holder is None or holder == column) and (not column.field or column.field in alike or _vague(column))


def _vague(column: ColumnGuess) -> bool:
    return column.sure is Sure.GUESS


def _referring(column: ColumnGuess, to: Named) -> ColumnGuess:
    ground = Ground(Why.REFERS, {"heading": to.heading, "sheet": to.place})
    if column.field == to.field:
        return replace(column, sure=Sure.SURE, grounds=(*column.grounds, ground))
    return replace(column, field=to.field, sure=Sure.LIKELY, grounds=(ground,))
