"""What is guessed of an export: for each column the field it probably is, how sure that is, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from connectors.sources.exports.heads import Head, LeftOut
from connectors.sources.exports.sheets import Sheet
from connectors.sources.exports.traits import Traits
from connectors.sources.tables.rows import RawRow


class Sure(StrEnum):
    """How sure a guess is; ``UNREAD`` of a column that is none of ours."""

    SURE = "sure"
    LIKELY = "likely"
    GUESS = "guess"
    UNREAD = "unread"


class Why(StrEnum):
    """What speaks for a guess, or against one."""

    HEADING = "heading"
    ALIKE = "alike"
    PARTLY = "partly"
    EXPORT = "export"
    REFERS = "refers"
    ADDS_UP = "adds_up"
    RATE = "rate"
    VALUES = "values"
    CONFIRMED = "confirmed"
    EMPTY = "empty"
    OTHER_VALUES = "other_values"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Ground:
    """One reason, with what its sentence shows."""

    why: Why
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ColumnGuess:
    """A column (counted from 0) under its own heading, with examples, and the field it probably is."""

    at: int
    heading: str
    examples: tuple[str, ...]
    field: str
    sure: Sure
    grounds: tuple[Ground, ...]


@dataclass(frozen=True, slots=True)
class SheetGuess:
    """A sheet: what it probably holds, its columns, and how its dates and amounts are written.

    ``orders`` and ``signs`` are those that its values leave open; more than one is asked about, and never chosen.
    """

    sheet: Sheet
    kind: str
    head: Head | None
    columns: tuple[ColumnGuess, ...] = ()
    orders: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    rows: tuple[RawRow, ...] = ()
    traits: tuple[Traits, ...] = ()

    @property
    def by_field(self) -> dict[str, ColumnGuess]:
        """The columns that are read, by their field."""
        return {column.field: column for column in self.columns if column.field}

    def of(self, field: str) -> Traits:
        """The values of the column that is a field; of none where there is no such column."""
        column = self.by_field.get(field)
        return self.traits[column.at] if column else Traits(())

    def changed(self, *columns: ColumnGuess) -> SheetGuess:
        """The guess with some of its columns guessed otherwise."""
        by_place = {column.at: column for column in columns}
        return replace(self, columns=tuple(by_place.get(column.at, column) for column in self.columns))


@dataclass(frozen=True, slots=True)
class Seen:
    """A sheet with its headings found and its columns' values looked at, before anything is guessed."""

    sheet: Sheet
    head: Head
    traits: tuple[Traits, ...]
    left_out: tuple[LeftOut, ...]
    rows: tuple[RawRow, ...]
