"""The XML part of a sheet, cut into its rows: read any cell, change single cells, leave every other byte alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from workbook.addresses import Area
from workbook.book import Value
from workbook.cells import Content
from workbook.file.row import REFERENCE, Cell, Row, cells_found, grammar, new_row, parsed, rebuilt, respelled, stretches
from workbook.file.row_values import row_values
from workbook.file.shared_formula import hand_on
from workbook.file.stored_values import Values
from workbook.layout import Type
from workbook.markup import ATTRIBUTES, BrokenMarkup, elements, masked, plain, text_of, with_attribute

_SHEET_DATA = re.compile(rb"<((?:[\w.-]+:)?)sheetData(?=[\s/>])" + ATTRIBUTES + rb"/?>")


class Layers:
    """Where a sheet's part has its rows: ``start`` to ``end``; ``shape`` is the part with its comments blanked."""

    def __init__(self, body: bytes) -> None:
        self.body, self.shape = body, masked(body)
        tag = _SHEET_DATA.search(self.shape)
        if tag is None:
            raise BrokenMarkup("no sheetData")
        self.words = grammar(tag[1])
        self.start = self.end = tag.end()
        self.hollow = tag[0].endswith(b"/>")
        if not self.hollow:
            self.end = self.shape.rindex(b"</%bsheetData" % tag[1])

    def rows(self) -> Iterator[tuple[int, bytes]]:
        """Every row with its number and what follows it up to the next; one without a number is given it."""
        tags = self.words.row_start.finditer(self.shape, self.start, self.end)
        last = 0
        for tag, stop in stretches(tags, self.end):
            row = self.body[tag.start() : stop]
            if tag[1]:
                number = int(tag[1])
            else:
                number, row = self._numbered(row, last + 1)
            if number <= last:
                raise BrokenMarkup(f"row {number} after row {last}")
            yield number, row
            last = number

    def _numbered(self, row: bytes, expected: int) -> tuple[int, bytes]:
        """The number of a row that does not name it first, and the row with it."""
        tag = self.words.row.match(row)
        reference = REFERENCE.search(tag[0]) if tag else None
        if tag is None or reference:
            return (int(reference[2]) if reference else expected), row
        return expected, with_attribute(tag[0], "r", str(expected)) + row[len(tag[0]) :]


class Sheet:
    """A sheet's part: ``frame`` is the part without its rows, ``rows`` the bytes of each row by its number.

    Raises ``BrokenMarkup`` for rows or cells out of order. ``lost_formula`` tells whether a place that had a formula
    has none any more.
    """

    def __init__(self, body: bytes) -> None:
        part = Layers(body)
        self.words = part.words
        self.lost_formula = False
        self.rows = dict(part.rows())
        head, tail = body[: part.start], body[part.end :]
        if part.hollow:
            head, tail = head[:-2].rstrip() + b">", b"</%bsheetData>" % self.words.prefix + tail
        first = self.words.row.search(part.shape, part.start, part.end)
        self.frame, self._before = head + tail, body[part.start : first.start() if first else part.end]

    def pieces(self) -> Iterator[bytes]:
        """The part put together again, piece by piece."""
        start = Layers(self.frame).start
        yield self.frame[:start] + self._before
        for number in sorted(self.rows):
            yield self.rows[number]
        yield self.frame[start:]

    def values(
        self, area: Area, wanted: Mapping[str, tuple[str, Type]], values: Values
    ) -> Iterator[tuple[int, dict[str, Value]]]:
        """As ``values_in``, of the part as it is changed so far."""
        rows = ((number, plain(self.rows[number])) for number in sorted(self.rows) if area.has_row(number))
        return row_values(rows, self.words, wanted, values)

    def row(self, number: int) -> Row:
        """A row taken apart; an empty one where the sheet has none."""
        prefix = self.words.prefix
        return parsed(self.rows.get(number) or b'<%brow r="%d"></%brow>' % (prefix, number, prefix), self.words)

    def put(self, number: int, contents: Mapping[int, Content], styles: Mapping[int, bytes] | None = None) -> None:
        """Give cells of a row another content, by column; ``styles`` are the formats of cells that are new."""
        if not contents:
            return
        if number not in self.rows:
            self.rows[number] = new_row(number, contents, styles or {}, self.words)
            return
        if b"shared" in self.rows[number]:
            hand_on(self.rows, number, contents.keys(), self.words)
        cells = cells_found(self.rows[number], number, contents, self.words)
        if cells is not None:
            self._note([cell for _, cell in cells.values()], contents)
            self.rows[number] = respelled(self.rows[number], number, cells, contents, self.words)
        else:
            row = self.row(number)
            self._note([cell for cell in row.cells if cell.column in contents], contents)
            self.rows[number] = rebuilt(row, number, contents, styles or {}, self.words)

    def _note(self, cells: Iterable[Cell], contents: Mapping[int, Content]) -> None:
        """Remember whether a formula goes."""
        going = (cell for cell in cells if self.computed(cell.inner))
        self.lost_formula = self.lost_formula or any(not self.computed(contents[cell.column].inner) for cell in going)

    def computed(self, inner: bytes) -> bool:
        """Whether the inside of a cell has a formula."""
        return b"f" in inner and self.words.formula.search(masked(inner)) is not None

    def formula(self, cell: Cell) -> str | None:
        """A cell's own formula; ``None`` when it has none, or shares another cell's."""
        formula = self.words.formula.search(plain(cell.inner))
        return text_of(formula[2]) if formula and formula[2] else None

    def column_styles(self, columns: Iterable[int]) -> dict[int, bytes]:
        """The index of the format that columns of the sheet have by themselves; empty is the default."""
        parts = [part.attributes for part in elements(self.frame) if part.path == "worksheet/cols/col"]
        spans = [
            (int(part.get("min", "0")), int(part.get("max", "0")), part.get("style", "").encode()) for part in parts
        ]
        return {c: next((style for first, last, style in spans if first <= c <= last), b"") for c in columns}


def values_in(
    body: bytes, area: Area, wanted: Mapping[str, tuple[str, Type]], values: Values
) -> Iterator[tuple[int, dict[str, Value]]]:
    """Of every row of a sheet's part within an area that holds anything wanted: its number and its values."""
    part = Layers(plain(body))
    placed = part.words.names_places(part.body, part.start, part.end)
    rows = (row for row in part.rows() if area.has_row(row[0]))
    return row_values(rows, part.words, wanted, values, placed=placed)
