"""Sheets, tables and ranges of a LibreOffice document as an xlwings engine gives them.

Rows and columns are counted from 1 here, as in Excel, and from 0 by UNO. What a sheet's text becomes follows
Excel: in a cell formatted as text it is stored as it is, anywhere else it is read as if it were typed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

import xlwings

from workbook.addresses import letters
from workbook.libreoffice.formulas import from_excel, to_excel
from workbook.libreoffice.office import Uno

if TYPE_CHECKING:
    from workbook.libreoffice.engine import Book

DATE, LOGICAL, TEXT = 2, 1024, 256
"""Kinds of number format (com.sun.star.util.NumberFormat)."""

CONSTANTS = 1 | 2 | 4
"""What a cell holds that is typed and not computed (com.sun.star.sheet.CellFlags VALUE, DATETIME, STRING)."""

FORMULA = 16
POINTS = 72 / 2540
"""A hundredth of a millimetre."""

DAY = timedelta(days=1)

ERRORS = {
    32767: "#N/A",
    502: "#VALUE!",
    503: "#NUM!",
    508: "#NAME?",
    519: "#VALUE!",
    521: "#NULL!",
    524: "#REF!",
    525: "#NAME?",
    532: "#DIV/0!",
}
"""LibreOffice's error codes (help, "Error Codes in LibreOffice Calc") as Excel shows them; others are ``#VALUE!``."""


class CellFault(str):
    """An error value in a cell, told apart from a text of the same spelling."""

    __slots__ = ()


class Range:
    """A rectangle of cells."""

    def __init__(self, sheet: Sheet, row: int, column: int, shape: tuple[int, int]) -> None:
        self.sheet = sheet
        self.row = row
        self.column = column
        self.shape = shape
        self.options: dict[str, object] = {}
        self.max_cells_per_read = self.max_cells_per_write = None

    @cached_property
    def api(self) -> Uno:
        return self.sheet.api.getCellRangeByPosition(
            self.column - 1, self.row - 1, self.column + self.shape[1] - 2, self.row + self.shape[0] - 2
        )

    def __len__(self) -> int:
        return self.shape[0] * self.shape[1]

    def __call__(self, row: int, column: int | None = None) -> Range:
        if column is None:
            row, column = divmod(row - 1, self.shape[1])
            row, column = row + 1, column + 1
        return Range(self.sheet, self.row + row - 1, self.column + column - 1, (1, 1))

    def part(self, rows: slice, columns: slice) -> Range:
        """The cells between two rows and two columns of this range, counted from 0, ends excluded."""
        shape = (rows.stop - rows.start, columns.stop - columns.start)
        return Range(self.sheet, self.row + rows.start, self.column + columns.start, shape)

    def get_address(self, row_absolute: bool, column_absolute: bool, external: bool) -> str:
        row_mark, column_mark = "$" * row_absolute, "$" * column_absolute

        def cell(row: int, column: int) -> str:
            return f"{column_mark}{letters(column)}{row_mark}{row}"

        last = cell(self.row + self.shape[0] - 1, self.column + self.shape[1] - 1)
        area = cell(self.row, self.column) + (f":{last}" if len(self) > 1 else "")
        return f"'[{self.sheet.book.name}]{self.sheet.name}'!{area}" if external else area

    @property
    def address(self) -> str:
        return self.get_address(True, True, False)

    @property
    def raw_value(self) -> list[list[object]]:
        cells = [[_tabbed(value) for value in row] for row in self.api.getDataArray()]
        for kind, rows, columns in self._formats():
            if kind & (DATE | LOGICAL):
                self._typed(cells, kind, rows, columns)
        if any(None in row for row in cells):
            self._faults(cells)
        return cells

    @raw_value.setter
    def raw_value(self, data: object) -> None:
        rows = self._rows(data)
        typed = self._typed_columns(
            {c for row in rows for c, v in enumerate(row) if isinstance(v, str | bool) and v != ""}
        )
        self.api.setDataArray(tuple(tuple("" if c in typed else v for c, v in enumerate(row)) for row in rows))
        for column in typed:
            cells = self.part(slice(0, self.shape[0]), slice(column, column + 1))
            cells.api.setFormulaArray(tuple((_typed_in(row[column]),) for row in rows))

    def _typed_columns(self, wanted: set[int]) -> set[int]:
        """Those of the wanted columns (from 0) in which some cell is not formatted as text."""
        if wanted and self.api.getPropertyState("NumberFormat").value != "AMBIGUOUS_VALUE":
            return set() if self.sheet.book.format_kind(self.api.NumberFormat) & TEXT else wanted
        return {c for kind, _, columns in self._formats() if not kind & TEXT for c in columns if c in wanted}

    def _typed(self, cells: list[list[Uno]], kind: int, rows: range, columns: range) -> None:
        start = self.sheet.book.first_day
        for row in rows:
            for column in columns:
                if isinstance(value := cells[row][column], float):
                    cells[row][column] = bool(value) if kind & LOGICAL else start + value * DAY

    def _faults(self, cells: list[list[Uno]]) -> None:
        for row, values in enumerate(cells):
            for column, value in enumerate(values):
                if value is None:
                    code = self.api.getCellByPosition(column, row).getError()
                    values[column] = CellFault(ERRORS.get(code, "#VALUE!"))

    def _formats(self) -> Iterator[tuple[int, range, range]]:
        """The kinds of number format in this range, each with the rows and columns (from 0) where it applies."""
        for cells in self.api.getUniqueCellFormatRanges():
            kind = self.sheet.book.format_kind(cells.NumberFormat)
            for area in cells.getRangeAddresses():
                rows = range(area.StartRow - self.row + 1, area.EndRow - self.row + 2)
                yield kind, rows, range(area.StartColumn - self.column + 1, area.EndColumn - self.column + 2)

    def _rows(self, data: object) -> tuple[tuple[Uno, ...], ...]:
        if not isinstance(data, list | tuple):
            data = [[data] * self.shape[1]] * self.shape[0]
        return tuple(tuple(map(self.sheet.book.serial, row)) for row in data)

    @property
    def formula(self) -> str | tuple[tuple[str, ...], ...]:
        rows = tuple(tuple(map(to_excel, row)) for row in self.api.getFormulaArray())
        return rows if len(self) > 1 else rows[0][0]

    @formula.setter
    def formula(self, data: object) -> None:
        self.api.setFormulaArray(tuple(tuple(map(_typed_in, row)) for row in self._rows(data)))

    @property
    def number_format(self) -> str | None:
        keys = {cells.NumberFormat for cells in self.api.getUniqueCellFormatRanges()}
        return self.sheet.book.format_code(keys.pop()) if len(keys) == 1 else None

    @number_format.setter
    def number_format(self, code: str) -> None:
        self.api.NumberFormat = self.sheet.book.format_key(code)

    @property
    def color(self) -> tuple[int, int, int] | None:
        back: int = self.api.CellBackColor
        return None if back < 0 else (back >> 16 & 255, back >> 8 & 255, back & 255)

    @color.setter
    def color(self, rgb: tuple[int, int, int] | None) -> None:
        self.api.CellBackColor = -1 if rgb is None else rgb[0] << 16 | rgb[1] << 8 | rgb[2]

    @property
    def row_height(self) -> float | None:
        """In points, the first row's; 0 where all rows are hidden or filtered out, nothing where some are."""
        areas = self.api.queryVisibleCells().RangeAddresses
        seen = {row for area in areas for row in range(area.StartRow, area.EndRow + 1)}
        if seen and len(seen) < self.shape[0]:
            return None
        return float(self.api.Rows.getByIndex(0).Height * POINTS) if seen else 0.0

    def clear_contents(self) -> None:
        self.api.clearContents(CONSTANTS | FORMULA)

    def insert(self, shift: str, copy_origin: str | None = None) -> None:
        mode = self.sheet.book.app.office.uno.Enum(
            "com.sun.star.sheet.CellInsertMode", "DOWN" if shift == "down" else "RIGHT"
        )
        self.sheet.api.insertCells(self.api.RangeAddress, mode)

    def select(self) -> None:
        self.sheet.book.api.CurrentController.select(self.api)


class Selection(Range):
    """Rectangles that are selected together: the place of the first, the address of all, as Excel answers it."""

    def __init__(self, areas: Sequence[Range]) -> None:
        first = areas[0]
        super().__init__(first.sheet, first.row, first.column, first.shape)
        self.areas = areas

    def get_address(self, row_absolute: bool, column_absolute: bool, external: bool) -> str:
        return ",".join(area.get_address(row_absolute, column_absolute, external) for area in self.areas)


def _tabbed(value: Uno) -> Uno:
    """A cell's content with its tabs, which a text of several lines gives as U+0001."""
    return value.replace("\1", "\t") if isinstance(value, str) and "\1" in value else value


def _typed_in(value: object) -> str:
    """A value as somebody would type it in English, for ``setFormulaArray``."""
    match value:
        case bool():
            return f"={value}()".upper()
        case str():
            return from_excel(value) if value.startswith("=") else value
        case None:
            return ""
    return repr(value)


class Table:
    """An Excel table, which LibreOffice keeps as a database range of the same name."""

    def __init__(self, sheet: Sheet, name: str) -> None:
        self.parent = sheet
        self.name = self.display_name = name

    @property
    def api(self) -> Uno:
        return self.parent.book.database_range(self.name)

    @property
    def range(self) -> Range:
        area = self.api.DataArea
        shape = (area.EndRow - area.StartRow + 1, area.EndColumn - area.StartColumn + 1)
        return Range(self.parent, area.StartRow + 1, area.StartColumn + 1, shape)

    @property
    def show_totals(self) -> bool:
        return bool(self.api.TotalsRow)

    @property
    def header_row_range(self) -> Range:
        whole = self.range
        return whole.part(slice(0, 1), slice(0, whole.shape[1]))

    @property
    def data_body_range(self) -> Range | None:
        whole = self.range
        end = whole.shape[0] - self.show_totals
        return whole.part(slice(1, end), slice(0, whole.shape[1])) if end > 1 else None

    def resize(self, range: xlwings.Range) -> None:  # noqa: A002 - xlwings' own name
        """As Excel does: rows that are new to the table take the last row's formats, validations and formulas."""
        before, after = self.range, range.impl
        self.api.setDataArea(after.api.RangeAddress)
        new = after.shape[0] - before.shape[0]
        if new > 0 and before.shape[0] > 1:
            width = slice(0, after.shape[1])
            down = self.parent.book.app.office.uno.Enum("com.sun.star.sheet.FillDirection", "TO_BOTTOM")
            after.part(slice(before.shape[0] - 1, after.shape[0]), width).api.fillAuto(down, 1)
            after.part(slice(before.shape[0], after.shape[0]), width).api.clearContents(CONSTANTS)


class Tables:
    """The tables that stand on one sheet."""

    def __init__(self, sheet: Sheet) -> None:
        self.parent = sheet

    @property
    def api(self) -> Uno:
        return self.parent.book.database_ranges

    def __iter__(self) -> Iterator[Table]:
        here = self.parent.index - 1
        for name in self.api.ElementNames:
            if self.parent.book.database_range(name).DataArea.Sheet == here:
                yield Table(self.parent, name)

    def __call__(self, key: str | int) -> Table:
        if isinstance(key, int):
            return list(self)[key - 1]
        for table in self:
            if table.name.casefold() == key.casefold():
                return table
        raise KeyError(key)

    def __contains__(self, key: str) -> bool:
        return any(table.name.casefold() == key.casefold() for table in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Sheet:
    """A sheet of a document."""

    def __init__(self, book: Book, api: Uno) -> None:
        self.book = book
        self.api = api

    @property
    def name(self) -> str:
        return str(self.api.Name)

    @name.setter
    def name(self, value: str) -> None:
        self.api.Name = value

    @property
    def index(self) -> int:
        return int(self.api.RangeAddress.Sheet) + 1

    @property
    def visible(self) -> bool:
        return bool(self.api.IsVisible)

    @visible.setter
    def visible(self, value: bool) -> None:
        self.api.IsVisible = value

    @property
    def tables(self) -> Tables:
        return Tables(self)

    @property
    def cells(self) -> Range:
        return self._of(self.api)

    @property
    def used_range(self) -> Range:
        cursor = self.api.createCursor()
        cursor.gotoStartOfUsedArea(False)
        cursor.gotoEndOfUsedArea(True)
        return self._of(cursor)

    def range(self, arg1: str | tuple[int, ...] | Range, arg2: str | tuple[int, ...] | Range | None = None) -> Range:
        first = self._range(arg1)
        if arg2 is None:
            return first
        last = self._range(arg2)
        shape = (last.row + last.shape[0] - first.row, last.column + last.shape[1] - first.column)
        return Range(self, first.row, first.column, shape)

    def _range(self, place: str | tuple[int, ...] | Range) -> Range:
        match place:
            case Range():
                return place
            case str():
                return self._of(self.api.getCellRangeByName(place))
            case (row, column):
                return Range(self, row, column, (1, 1))
            case (row, column, height, width):
                return Range(self, row, column, (height, width))
        raise TypeError(type(place).__name__)

    def _of(self, cells: Uno) -> Range:
        return self.area(cells.RangeAddress)

    def area(self, area: Uno) -> Range:
        """The cells of an address."""
        shape = (area.EndRow - area.StartRow + 1, area.EndColumn - area.StartColumn + 1)
        return Range(self, area.StartRow + 1, area.StartColumn + 1, shape)

    def activate(self) -> None:
        self.book.api.CurrentController.setActiveSheet(self.api)

    select = activate


class Sheets:
    """The sheets of a document."""

    def __init__(self, book: Book) -> None:
        self.book = book

    @property
    def api(self) -> Uno:
        return self.book.spreadsheets

    @property
    def active(self) -> Sheet:
        return Sheet(self.book, self.book.api.CurrentController.ActiveSheet)

    def __call__(self, key: str | int) -> Sheet:
        if isinstance(key, int):
            return Sheet(self.book, self.api.getByIndex(key - 1))
        for sheet in self:
            if sheet.name.casefold() == key.casefold():
                return sheet
        raise KeyError(key)

    def __contains__(self, key: str) -> bool:
        return any(sheet.name.casefold() == key.casefold() for sheet in self)

    def __len__(self) -> int:
        return int(self.api.Count)

    def __iter__(self) -> Iterator[Sheet]:
        for at in range(len(self)):
            yield Sheet(self.book, self.api.getByIndex(at))
