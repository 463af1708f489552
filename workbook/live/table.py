"""A table of a workbook that is open: where it stands, how it grows and shrinks, how its cells are written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import xlwings
from xlwings.main import Table as ExcelTable

from connectors.problems import CannotRun, Place, Problem
from workbook.addresses import letters
from workbook.book import Row, Value
from workbook.cells import ForbiddenText
from workbook.found import columns_found
from workbook.layout import Column, Language, Table, Type
from workbook.live.busy import patiently, refusals
from workbook.live.filters import writable
from workbook.live.runs import Run, runs
from workbook.live.values import content_of, value_of
from workbook.speaking import headers_renamed
from workbook.template.styles import NUMBER_FORMATS

TEXT_FORMAT, GENERAL = "@", "General"
FORMATS = NUMBER_FORMATS | {Type.LINK: GENERAL}
"""What columns are formatted as; every other one holds text."""


@dataclass(frozen=True, slots=True)
class LiveTable:
    """A table on its sheet: row and column (1-based) of its first data cell, its size, where its columns stand.

    ``positions`` are counted from 0 within the table; ``values`` are the raw data cells, when they were read.
    """

    of: Table
    table: ExcelTable
    row: int
    column: int
    height: int
    width: int
    totals: bool
    positions: Mapping[str, int]
    values: Sequence[Sequence[object]] = ()

    @property
    def sheet(self) -> xlwings.Sheet:
        """The sheet it stands on."""
        return self.table.parent

    @property
    def end(self) -> int:
        """The row after its last data row."""
        return self.row + self.height

    @property
    def letters(self) -> dict[str, str]:
        """The sheet column of each column found."""
        return {key: letters(self.column + position) for key, position in self.positions.items()}

    def cells(self, row: int, height: int, position: int = 0, width: int = 0) -> xlwings.Range:
        """Cells from a row of the sheet and a position in the table; the table's whole width without a width."""
        first = self.column + position
        return self.sheet.range((row, first), (row + height - 1, first + (width or self.width) - 1))

    def rows(self) -> Iterator[Row]:
        """The rows that hold anything in the layout's columns."""
        columns = [(self.of.column(key), position) for key, position in self.positions.items()]
        for number, raw in enumerate(self.values, self.row):
            values = {column.key: value_of(column, raw[position]) for column, position in columns}
            if any(value is not None for value in values.values()):
                yield Row(number, values)


def rows_by(live: LiveTable, keys: Iterable[str]) -> tuple[Row, ...]:
    """The rows that hold anything in some columns as they stand now: one read, from the first of them to the last."""
    positions = {key: live.positions[key] for key in keys if key in live.positions}
    if not positions or not live.height:
        return ()
    first = min(positions.values())
    cells = live.cells(live.row, live.height, first, max(positions.values()) - first + 1)
    values = patiently(lambda: cells.options(ndim=2, err_to_str=True).value)
    there = {key: position - first for key, position in positions.items()}
    return tuple(replace(live, positions=there, values=values).rows())


def last_typed(live: LiveTable) -> int:
    """The last row in which a person typed in a column of theirs, or the row above the data; formulas do not count."""
    typed = live.row - 1
    theirs = set(range(live.width)) - set(live.positions.values())
    for position in theirs if live.height else ():
        formulas = patiently(partial(getattr, live.cells(live.row, live.height, position, 1), "formula"))
        rows = [[formulas]] if isinstance(formulas, str) else formulas
        filled = (at for at, (text,) in enumerate(rows, live.row) if text and not text.startswith("="))
        typed = max([typed, *filled])
    return typed


def live_table(table: ExcelTable, layout: Table, *, whole: bool) -> LiveTable:
    """Where a table stands now, with its data cells if they are wanted ``whole``: one read either way."""
    cells = table.range
    header, *values = (cells if whole else cells[0, :]).options(ndim=2, err_to_str=True).value
    totals = bool(table.show_totals)
    height = cells.shape[0] - 1 - totals
    return LiveTable(
        of=layout,
        table=table,
        row=cells.row + 1,
        column=cells.column,
        height=height,
        width=cells.shape[1],
        totals=totals,
        positions=columns_found(header, layout),
        values=values[:height],
    )


def format_columns(live: LiveTable, rows: Iterable[Mapping[str, Value]]) -> None:
    """See to the formats of the columns that are to be written to."""
    for key in {key for values in rows for key in values if key in live.positions}:
        patiently(partial(_format, live, live.of.column(key)))


def put(live: LiveTable, cells: Mapping[int, Mapping[str, Value]]) -> None:
    """Write row number → column key → value, one call for each run of rows in neighbouring columns."""
    # Raw values spare the many questions that xlwings asks the program about a range before it writes to it.
    prepared = live.sheet.book.app.engine.impl.prepare_xl_data_element
    columns = {column.key: column for column in live.of.columns}
    for run in writable(live, runs(cells, live.positions)):
        contents = [[_content(live, columns[key], row, cells[row][key]) for key in run.keys] for row in run.rows]
        data = [[prepared(content, {}) for content in row] for row in contents]
        target = live.cells(run.rows[0], len(run.rows), run.position, len(run.keys))
        patiently(partial(setattr, target, "raw_value", data))


def _content(live: LiveTable, column: Column, row: int, value: Value) -> object:
    try:
        return content_of(column, value)
    except ForbiddenText as wrong:
        place = Place(sheet=live.sheet.name, cell=f"{live.letters[column.key]}{row}")
        params = {"file": live.sheet.book.name, "line": str(row), "column": column.key}
        problem = Problem(code="text_forbidden", params=params, column=column.key, place=place, detail=str(wrong))
        raise CannotRun(problem) from wrong


def fill_rows(live: LiveTable, start: int, rows: Sequence[Mapping[str, Value]]) -> None:
    """Write whole rows from a row on; a column that a row does not name becomes empty."""
    format_columns(live, [dict.fromkeys(live.positions)] if rows else [])
    put(live, {start + at: {key: row.get(key) for key in live.positions} for at, row in enumerate(rows)})


def head(live: LiveTable, language: Language) -> None:
    """Give the header cells their captions in a language."""
    cells = live.cells(live.row - 1, 1)
    captions = headers_renamed(patiently(lambda: cells.options(ndim=1, err_to_str=True).value), live.of, language)
    for run in writable(live, runs({live.row - 1: captions.keys()}, live.positions)):
        target = live.cells(live.row - 1, 1, run.position, len(run.keys))
        patiently(partial(setattr, target, "value", [captions[key] for key in run.keys]))


def _format(live: LiveTable, column: Column) -> None:
    """See to it that a column of text is formatted as text, and no other column is.

    Excel reads what is written to any other cell as if it were typed: ``=1+1`` becomes a formula, ``007`` a number.
    """
    cells = live.cells(live.row, live.height, live.positions[column.key], 1)
    now = cells.number_format
    wanted = FORMATS.get(column.type, TEXT_FORMAT)
    if wanted in (TEXT_FORMAT, GENERAL):
        settled = now == wanted
    else:
        settled = now not in (None, TEXT_FORMAT) and (now != GENERAL or column.type is not Type.DATE)
    if not settled:
        whole = Run(range(live.row, live.end), (column.key,), live.positions[column.key])
        for run in writable(live, [whole]):
            live.cells(run.rows[0], len(run.rows), run.position, 1).number_format = wanted


def grow(live: LiveTable, rows: int) -> LiveTable:
    """The table with so many more rows at its end; what stands in their way is moved down.

    Excel gives new rows of a table its formats, validations and calculated columns. Raises
    ``CannotRun(table_blocked)`` when what is in the way cannot be moved.
    """
    if rows <= 0:
        return live
    if live.totals or _taken(live.cells(live.end, rows)):
        _make_room(live, rows)
    grown = replace(live, height=live.height + rows)
    patiently(partial(_resize, grown))
    return grown


def _taken(cells: xlwings.Range) -> bool:
    values = patiently(lambda: cells.options(ndim=2, err_to_str=True).value)
    return any(value is not None for row in values for value in row)


def _make_room(live: LiveTable, rows: int) -> None:
    below = live.cells(live.end, rows)
    sheet, cell = live.sheet.name, f"{letters(live.column)}{live.end}"
    params = {"table": live.of.name, "sheet": sheet, "cell": cell}
    blocked = CannotRun(Problem(code="table_blocked", params=params, place=Place(sheet=sheet, cell=cell)))
    if patiently(lambda: any(_cut(live, other.range) for other in live.sheet.tables)):
        raise blocked
    try:
        patiently(partial(below.insert, "down"))
    except refusals() as refused:
        raise blocked from refused


def _cut(live: LiveTable, other: xlwings.Range) -> bool:
    """Whether moving down what is below this table would tear another table apart."""
    left, right = other.column, other.column + other.shape[1]
    beside = right <= live.column or left >= live.column + live.width
    inside = left >= live.column and right <= live.column + live.width
    return other.row >= live.end and not beside and not inside


def shrink(live: LiveTable, height: int) -> LiveTable:
    """The table with its rows past a height emptied and, where it has no totals row, given up."""
    if height >= live.height:
        return live
    surplus = Run(range(live.row + height, live.end), ("",) * live.width, 0)
    for run in writable(live, [surplus]):
        patiently(live.cells(run.rows[0], len(run.rows), run.position, len(run.keys)).clear_contents)
    if live.totals:
        return live
    shrunk = replace(live, height=height)
    patiently(partial(_resize, shrunk))
    return shrunk


def _resize(live: LiveTable) -> None:
    live.table.resize(live.cells(live.row - 1, live.height + 1 + live.totals))
