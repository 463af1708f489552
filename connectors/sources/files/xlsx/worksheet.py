"""The rows of one sheet as they stand in its XML: only cells that hold something, wherever the sheet says it ends."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from connectors.sources.files.refusals import FileRefused
from connectors.sources.files.xlsx.package import Package
from connectors.sources.files.xlsx.places import MAX_COLUMNS, MAX_ROWS, Position, day_of, position
from connectors.sources.tables.cells import Cell, Number, Unread
from connectors.sources.tables.number_format import Look, NumberFormat, plain

NAMESPACES = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
MAX_CELLS = 5_000_000
"""Cells of a sheet, those counted that are passed over on the way to one further right."""
MAX_MERGED = 100_000
"""Areas of merged cells of a sheet."""
MAX_TEXT = 1 << 17
"""Pieces of a cell's text that are read; more than a cell may hold is refused with its column."""
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_NUMBER = re.compile("[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([Ee][+-]?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row (from 1) that holds something: its cells from the first column on, and whether it is hidden."""

    number: int
    cells: tuple[Cell, ...]
    hidden: bool = False


class Area(NamedTuple):
    """Cells that are shown as one; only the first holds a value."""

    first: Position
    last: Position


@dataclass(frozen=True, slots=True)
class Shared:
    """What the cells of all sheets refer to: texts, formats, and where the calendar begins."""

    texts: Sequence[str] = ()
    formats: Sequence[NumberFormat] = ()
    since_1904: bool = False


def names(*tags: str) -> dict[str, str]:
    """Tags of the workbook's own namespaces by the name under which a parser tells them."""
    return {f"{namespace} {tag}": tag for namespace in NAMESPACES for tag in tags}


def unescaped(text: str) -> str:
    """A text whose characters are partly written as ``_x000D_`` (ECMA-376 part 1, § 22.9.2.19)."""
    if "_x" not in text:
        return text
    plain = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    return _SURROGATES.sub(lambda pair: pair[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le"), plain)


class Worksheet:
    """One sheet of a package, of which ``rows`` gives what it holds; ``merged`` is known once all are read."""

    def __init__(self, package: Package, part: str, shared: Shared) -> None:
        self._package, self._part, self._shared = package, part, shared
        self._done: list[SheetRow] = []
        self._row, self._column, self._hidden, self._counted = 0, -1, False, 0
        self._cells: list[Cell] = []
        self._cell: dict[str, str] = {}
        self._pieces: list[str] = []
        self._reading = self._formula = self._valued = self._phonetic = False
        self.merged: list[Area] = []
        self._formats = {str(index): None if plain(form) else form for index, form in enumerate(shared.formats)}
        self._formats.setdefault("0", None)

    def rows(self) -> Iterator[SheetRow]:
        """The rows from top to bottom. Raises ``FileRefused``."""
        starts = {
            "c": self._start_cell,
            "v": self._start_value,
            "t": self._start_text,
            "f": self._start_formula,
            "row": self._start_row,
            "rPh": self._start_phonetic,
            "mergeCell": self._start_merged,
        }
        ends = {
            "c": self._end_cell,
            "v": self._end_text,
            "t": self._end_text,
            "row": self._end_row,
            "rPh": self._end_phonetic,
        }
        by_start = {name: starts[tag] for name, tag in names(*starts).items()}
        by_end = {name: ends[tag] for name, tag in names(*ends).items()}

        def start(name: str, attributes: dict[str, str]) -> None:
            if name in by_start:
                by_start[name](attributes)

        def end(name: str) -> None:
            if name in by_end:
                by_end[name]()

        for _ in self._package.elements(self._part, start, end, self._text):
            yield from self._done
            self._done.clear()

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self._cell = attributes
        self._pieces = []
        self._formula = self._valued = False
        address = attributes.get("r")
        place = (self._row, self._column + 1) if address is None else position(address)
        if place is None or place[0] != self._row or not self._column < place[1] < MAX_COLUMNS:
            raise FileRefused("file_damaged", detail=f"{self._part}: cell {address} in row {self._row}")
        self._column = place[1]

    def _start_value(self, _: dict[str, str]) -> None:
        self._reading = self._valued = True

    def _start_text(self, _: dict[str, str]) -> None:
        self._reading = not self._phonetic

    def _start_formula(self, _: dict[str, str]) -> None:
        self._formula = True

    def _start_merged(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("ref", "")
        first, last = (position(corner) for corner in (reference.partition(":")[0], reference.rpartition(":")[2]))
        if first is None or last is None or len(self.merged) == MAX_MERGED:
            raise FileRefused("file_damaged", detail=f"{self._part}: merged cells {reference}")
        self.merged.append(Area(first, last))

    def _start_phonetic(self, _: dict[str, str]) -> None:
        self._phonetic = True

    def _end_text(self) -> None:
        self._reading = False

    def _end_phonetic(self) -> None:
        self._phonetic = False

    def _end_cell(self) -> None:
        self._keep(self._value())

    def _end_row(self) -> None:
        if self._cells:
            self._done.append(SheetRow(self._row, tuple(self._cells), self._hidden))
        self._cells = []

    def _text(self, text: str) -> None:
        if self._reading and len(self._pieces) <= MAX_TEXT:
            self._pieces.append(text)

    def _start_row(self, attributes: dict[str, str]) -> None:
        number = attributes.get("r", str(self._row + 1))
        if not number.isdecimal() or not self._row < int(number) <= MAX_ROWS:
            raise FileRefused("file_damaged", detail=f"{self._part}: row {number} after {self._row}")
        self._row, self._column, self._cells = int(number), -1, []
        self._hidden = attributes.get("hidden") in ("1", "true")

    def _keep(self, value: Cell) -> None:
        """Put a value into its column; a blank takes no room."""
        if value is None or (isinstance(value, str) and not value.strip()):
            return
        gap = self._column - len(self._cells)
        self._counted += gap + 1
        if self._counted > MAX_CELLS:
            raise FileRefused("file_too_large", f"{MAX_CELLS} → {self._part}")
        self._cells.extend([None] * gap)
        self._cells.append(value)

    def _value(self) -> Cell:
        text = "".join(self._pieces)
        kind = self._cell.get("t", "n")
        if kind in ("inlineStr", "str"):
            return self._not_computed(text) if kind == "str" and not self._valued else self._words(unescaped(text))
        if not text:
            return self._not_computed(text)
        match kind:
            case "s":
                return (
                    self._words(self._shared.texts[int(text)]) if self._is_index(text) else Unread("cell_damaged", text)
                )
            case "b":
                return text in ("1", "true")
            case "e":
                return Unread("error_in_cell", text)
            case "d":
                return _iso(text)
            case _:
                return self._number(text)

    def _not_computed(self, text: str) -> Cell:
        return Unread("formula_not_computed", text) if self._formula else None

    def _words(self, text: str) -> Cell:
        """A text as its format shows it: ``"INV-"@`` shows INV-7 of 7."""
        form = self._formats.get(self._cell.get("s", "0"))
        if form is None or not text.strip():
            return text
        return form.around(text) or Unread("shown_otherwise", text)

    def _is_index(self, text: str) -> bool:
        return text.isdecimal() and len(text) < 10 and int(text) < len(self._shared.texts)

    def _number(self, text: str) -> Cell:
        style = self._cell.get("s", "0")
        value = float(text) if _NUMBER.fullmatch(text) else math.inf
        if style not in self._formats or not math.isfinite(value):
            return Unread("cell_damaged", text)
        form = self._formats[style]
        if form is None:
            return value
        if form.look is Look.DATE:
            return day_of(value, self._shared.since_1904) or Number(value, form)
        return Number(value, form)


def _iso(text: str) -> Cell:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return Unread("cell_damaged", text)
