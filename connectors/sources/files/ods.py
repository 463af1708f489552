"""The sheets of an OpenDocument spreadsheet (ISO/IEC 26300-1, § 9), of a bounded size however often cells repeat."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import BinaryIO

from connectors.sources.files.refusals import FileRefused
from connectors.sources.files.xlsx.package import Package
from connectors.sources.files.xlsx.places import MAX_COLUMNS
from connectors.sources.files.xlsx.worksheet import MAX_CELLS, MAX_TEXT
from connectors.sources.tables.cells import Cell, Unread
from connectors.sources.tables.rows import RawRow

_TABLE, _OFFICE, _TEXT, _CALC = (
    "urn:oasis:names:tc:opendocument:xmlns:table:1.0 ",
    "urn:oasis:names:tc:opendocument:xmlns:office:1.0 ",
    "urn:oasis:names:tc:opendocument:xmlns:text:1.0 ",
    "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 ",
)
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")
_ANNOTATION = f"{_OFFICE}annotation"
_PADDED = re.compile(r"0\d+")
"""A number that is shown with zeros before it is a code."""
_NUMBERS = frozenset({"float", "currency", "percentage"})


@dataclass(slots=True)
class OdsSheet:
    """A sheet's name and the rows that hold something."""

    name: str
    rows: list[RawRow] = field(default_factory=list)


class _Reader:
    """Takes in the elements of the content, cell by cell."""

    def __init__(self) -> None:
        self.sheets: list[OdsSheet] = []
        self._row: list[Cell] = []
        self._blanks = 0
        self._line, self._rows_repeated, self._counted, self._notes = 0, 1, 0, 0
        self._attributes: dict[str, str] = {}
        self._pieces: list[str] | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == f"{_TABLE}table":
            self.sheets.append(OdsSheet(attributes.get(f"{_TABLE}name", "")))
            self._line = 0
        elif name == f"{_TABLE}table-row":
            self._row, self._blanks, self._rows_repeated = [], 0, _times(attributes, "number-rows-repeated")
        elif name in _CELLS:
            self._attributes, self._pieces = attributes, []
        elif name == _ANNOTATION:
            self._notes += 1
        elif name == f"{_TEXT}p" and self._pieces:
            self._pieces.append("\n")
        elif name in (f"{_TEXT}s", f"{_TEXT}tab"):
            self.text(" ")

    def text(self, piece: str) -> None:
        if self._pieces is not None and not self._notes and len(self._pieces) < MAX_TEXT:
            self._pieces.append(piece)

    def end(self, name: str) -> None:
        if name in _CELLS:
            self._add(_cell(self._attributes, "".join(self._pieces or ()).strip()))
            self._pieces = None
        elif name == f"{_TABLE}table-row" and self.sheets:
            self._end_row()
        elif name == _ANNOTATION:
            self._notes -= 1

    def _add(self, cell: Cell) -> None:
        """A cell as often as it stands; blank ones are only counted until something stands after them."""
        times = _times(self._attributes, "number-columns-repeated")
        if cell is None:
            self._blanks += times
            return
        if len(self._row) + self._blanks + times > MAX_COLUMNS:
            raise FileRefused("file_too_large", f"{MAX_COLUMNS} → {self.sheets[-1].name if self.sheets else ''}")
        self._row += [None] * self._blanks + [cell] * times
        self._blanks = 0

    def _end_row(self) -> None:
        cells = tuple(self._row)
        for again in range(self._rows_repeated if cells else 0):
            self._counted += len(cells)
            if self._counted > MAX_CELLS:
                raise FileRefused("file_too_large", f"{MAX_CELLS} → {self.sheets[-1].name}")
            self.sheets[-1].rows.append(RawRow(self._line + again + 1, cells))
        self._line += self._rows_repeated


def _times(attributes: dict[str, str], name: str) -> int:
    told = attributes.get(f"{_TABLE}{name}", "1")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 9 else 1


def _cell(attributes: dict[str, str], text: str) -> Cell:
    """What a cell holds; an error is unreadable."""
    if attributes.get(f"{_CALC}value-type") == "error":
        return Unread("error_in_cell", text)
    kind = attributes.get(f"{_OFFICE}value-type", "")
    try:
        if kind == "date":
            return date.fromisoformat(attributes[f"{_OFFICE}date-value"][:10])
        if kind == "boolean":
            return attributes[f"{_OFFICE}boolean-value"] == "true"
        if kind in _NUMBERS:
            return text if _PADDED.fullmatch(text) else float(attributes[f"{_OFFICE}value"])
    except (KeyError, ValueError):
        return Unread("cell_damaged", text)
    return text or None


def ods_sheets(stream: BinaryIO) -> Iterator[OdsSheet]:
    """The sheets of a spreadsheet; raises ``FileRefused``."""
    reader = _Reader()
    for _ in Package(stream).elements("content.xml", reader.start, reader.end, reader.text):
        pass
    yield from reader.sheets
