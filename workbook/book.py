"""The contract of a workbook: read a table, write cells of a table, tell the person something."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from connectors.problems import Place
from workbook.layout import Language, Table


@dataclass(frozen=True, slots=True)
class CellError:
    """An error value in a cell (``#REF!``)."""

    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """A cell that shows ``text`` and opens ``target``: an http(s) or file URL, or ``#Sheet!A1`` in this workbook."""

    target: str
    text: str


Value = str | Decimal | date | bool | CellError | Link | None

RowKey = tuple[str, ...]
"""What the columns show that say whose row it is (``Table.row_key``); a choice by its code."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: its row number on the sheet (1-based) and its values by column key."""

    number: int
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Grid:
    """What a table held when it was read; rows that are wholly empty are left out.

    ``letters`` says in which sheet column each found column stands; a column of the layout that is not in it was
    renamed or deleted. ``found`` is false when the table itself is missing.
    """

    table: Table
    sheet: str
    rows: tuple[Row, ...]
    letters: Mapping[str, str]
    found: bool = True

    @property
    def missing(self) -> tuple[str, ...]:
        """Keys of the layout's columns that the table no longer has."""
        return tuple(column.key for column in self.table.columns if column.key not in self.letters)

    def place(self, row: Row, column: str) -> Place:
        """The cell of a row's column; the row alone when the column is missing."""
        return Place(sheet=self.sheet, cell=f"{self.letters.get(column, '')}{row.number}")


class Book(Protocol):
    """A workbook, open in Excel or lying closed on disk; what both can do.

    Writes are by table, whole ranges at a time; they may be held back until ``save``. Text is stored as text, never
    as a formula; amounts as numbers; dates as dates; a ``Link`` as a hyperlink. Raises ``CannotRun`` with
    ``workbook_…`` problems.
    """

    path: Path

    def read(self, table: Table) -> Grid:
        """The table as it stands, unsaved writes included; columns are found by their caption in either language."""

    def write(
        self, table: Table, cells: Mapping[RowKey, Mapping[str, Value]], *, every: bool = False
    ) -> frozenset[RowKey]:
        """Change cells: whose row → column key → value; columns that are missing are passed over.

        Where the rows stand is looked up just before, for people sort, insert and delete rows meanwhile. Answers whose
        rows were left alone, because none is there any more, or several are and not ``every`` one is meant.
        """

    def standing(self, table: Table, rows: Collection[RowKey]) -> Mapping[RowKey, Sequence[int]]:
        """At which row numbers rows stand now, in one read of their keys; those that are gone are left out."""

    def append(self, table: Table, rows: Sequence[Mapping[str, Value]]) -> None:
        """Add rows at the end of a table; formats, validations and calculated columns go with them."""

    def replace(self, table: Table, rows: Sequence[Mapping[str, Value]]) -> None:
        """Give a table this content and no other; for tables in which nothing is typed."""

    def speak(self, language: Language) -> None:
        """Give the layout's sheets and headers their captions in a language; whatever refers to them follows.

        A sheet or header that a person renamed keeps that name, and so does one whose new name a person has taken.
        """

    def save(self) -> None:
        """Make every write so far durable."""

    def selected(self, table: Table) -> tuple[RowKey, ...]:
        """Whose rows of a table a person has selected and can see; none in a closed workbook."""

    def progress(self, text: str) -> None:
        """Show one line of what is going on; the empty text clears it."""

    def stop_asked(self) -> bool:
        """Whether the person pressed Stop since the last call."""
