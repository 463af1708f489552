"""The workbook as it is open in front of a person: in Excel on Windows and Mac, or in LibreOffice, through xlwings.

``LiveBook(xlwings.Book.caller())`` is the workbook whose button was pressed; ``workbook.libreoffice.start()`` gives
an application whose ``books.open(path)`` is one under LibreOffice.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import xlwings
from xlwings.main import Table as ExcelTable

from connectors.problems import CannotRun, Problem
from workbook.addresses import rows_of
from workbook.book import Grid, RowKey, Value
from workbook.layout import IDENTITY, Language, Table, tables
from workbook.live.busy import at_once, bound_retries, patiently, quiet, refusals
from workbook.live.filters import visible_rows
from workbook.live.protection import unprotected
from workbook.live.table import (
    LiveTable,
    fill_rows,
    format_columns,
    grow,
    head,
    last_typed,
    live_table,
    put,
    rows_by,
    shrink,
)
from workbook.row_keys import columns_to_find, keyed, row_numbers
from workbook.speaking import sheets_renamed

STOP = "stop"
"""The row of ``IDENTITY`` whose value the Stop button fills in."""

STOP_SECONDS = 0.5
"""The flag is looked at no more often than this: each look is a call to the program."""


class LiveBook:
    """A workbook that is open in a spreadsheet program; any method raises ``CannotRun(excel_busy)`` if it stays busy.

    People sort, insert and delete rows while we work: in LibreOffice, on a Mac, and a co-author anywhere. So nothing is
    written by where it stood when it was read: every write looks where it stands, and does so again after each wait.
    """

    def __init__(self, book: xlwings.Book, *, clock: Callable[[], float] = time.monotonic) -> None:
        bound_retries()
        self.book = book
        self.path = _path(book)
        self._clock = clock
        self._looked = float("-inf")
        self._tables: dict[str, ExcelTable] = {}

    def read(self, table: Table) -> Grid:
        """The table as it stands, in one read; columns are found by their caption in either language."""
        live = self._find(table, whole=True)
        if live is None:
            return Grid(table, "", (), {}, found=False)
        return Grid(table, live.sheet.name, tuple(live.rows()), live.letters)

    def standing(self, table: Table, rows: Collection[RowKey]) -> Mapping[RowKey, Sequence[int]]:
        """At which row numbers rows stand now; those that are gone are left out."""
        live = self._find(table, whole=True)
        if live is None:
            return {}
        return row_numbers(table, rows_by(live, columns_to_find(table, rows)), rows, every=True)

    def write(
        self, table: Table, cells: Mapping[RowKey, Mapping[str, Value]], *, every: bool = False
    ) -> frozenset[RowKey]:
        """Change cells of the rows that bear these keys; answers whose rows are not there, or stand several times.

        Raises ``CannotRun(workbook_changed_meanwhile)`` when rows moved even while they were being written to.
        """
        if not cells:
            return frozenset()
        with self._changing(self._get(table)):
            return patiently(partial(self._write_where_it_stands, table, cells, every=every))

    def _write_where_it_stands(
        self, table: Table, cells: Mapping[RowKey, Mapping[str, Value]], *, every: bool
    ) -> frozenset[RowKey]:
        with at_once():
            live = self._get(table)
            format_columns(live, cells.values())
            columns = columns_to_find(table, cells)
            numbers = row_numbers(table, rows_by(live, columns), cells, every=every)
            put(live, {number: cells[key] for key, found in numbers.items() for number in found})
            renamed = any(not changes.keys().isdisjoint(table.row_key) for changes in cells.values())
            if not renamed and numbers != row_numbers(table, rows_by(live, columns), numbers, every=every):
                raise CannotRun(Problem(code="workbook_changed_meanwhile", params={"path": str(self.path)}))
        return frozenset(cells.keys() - numbers.keys())

    def append(self, table: Table, rows: Sequence[Mapping[str, Value]]) -> None:
        """Add rows after the last that holds anything; raises ``CannotRun(table_blocked)`` when there is no room."""
        if not rows:
            return
        with self._changing(self._get(table)):
            above_end = patiently(partial(self._make_room, table, len(rows)))
            patiently(partial(self._fill_last, table, above_end, rows))

    def _make_room(self, table: Table, rows: int) -> int:
        """Give a table so many empty rows at its end; answers how many rows above its end they begin."""
        with at_once():
            live = self._get(table, whole=True)
            start = 1 + max([last_typed(live), *(row.number for row in live.rows())])
            return grow(live, start + rows - live.end).end - start

    def _fill_last(self, table: Table, above_end: int, rows: Sequence[Mapping[str, Value]]) -> None:
        with at_once():
            live = self._get(table)
            fill_rows(live, live.end - above_end, rows)

    def replace(self, table: Table, rows: Sequence[Mapping[str, Value]]) -> None:
        """Give a table this content; it keeps one row, and every row in which a person typed in a column of theirs."""
        with self._changing(self._get(table)):
            patiently(partial(self._fit, table, len(rows)))
            patiently(partial(self._fill_whole, table, rows))

    def _fit(self, table: Table, rows: int) -> None:
        with at_once():
            live = self._get(table)
            height = max(1, rows, last_typed(live) - live.row + 1)
            shrink(grow(live, height - live.height), height)

    def _fill_whole(self, table: Table, rows: Sequence[Mapping[str, Value]]) -> None:
        with at_once():
            live = self._get(table)
            fill_rows(live, live.row, [*rows, *[{}] * (live.height - len(rows))])

    def speak(self, language: Language) -> None:
        """Give sheets and headers their captions in a language; the program lets what refers to them follow."""
        for _, layout in tables():
            live = self._find(layout)
            if live is not None:
                with self._changing(live):
                    head(live, language)
        names = patiently(lambda: [sheet.name for sheet in self.book.sheets])
        for old, new in sheets_renamed(names, language).items():
            patiently(partial(setattr, self.book.sheets[old], "name", new))

    def save(self) -> None:
        """Save the workbook where it is; raises ``CannotRun(workbook_read_only)`` when the program refuses to."""
        try:
            patiently(self.book.save)
        except refusals() as refused:
            params = {"path": str(self.path)}
            raise CannotRun(Problem(code="workbook_read_only", params=params, detail=str(refused))) from refused

    def selected(self, table: Table) -> tuple[RowKey, ...]:
        """Whose rows of a table are in the selection, hidden and filtered ones apart.

        Excel is assumed to name at most 255 characters of a selection of many areas; the areas left out are not taken.
        """
        live, chosen = self._find(table), patiently(lambda: self.book.app.selection)
        if live is None or chosen is None or chosen.sheet != live.sheet:
            return ()
        taken: set[int] = set()
        for area in patiently(lambda: chosen.address).split(","):
            first, last = rows_of(area) or (live.row, live.end - 1)
            within = range(max(first, live.row), min(last, live.end - 1) + 1)
            taken.update(visible_rows(live, within))
        rows = rows_by(live, table.row_key) if taken else ()
        return tuple(key for key, row in keyed(table, rows) if row.number in taken)

    def progress(self, text: str) -> None:
        """Show a line in the status bar; the empty text gives the bar back."""
        # A line that a busy program does not show is not worth waiting for; pywin32 says that as an AttributeError.
        with contextlib.suppress(*refusals(), AttributeError):
            self.book.app.status_bar = text or False

    def stop_asked(self) -> bool:
        """Whether Stop was pressed since the last call that said so; it looks every half second."""
        if self._clock() - self._looked < STOP_SECONDS:
            return False
        self._looked = self._clock()
        rows = keyed(IDENTITY, self.read(IDENTITY).rows)
        asked = any(row.values.get("value") for key, row in rows if key == (STOP,))
        if asked:
            self.write(IDENTITY, {(STOP,): {"value": None}}, every=True)
        return asked

    def _find(self, layout: Table, *, whole: bool = False) -> LiveTable | None:
        """The table where it stands; all sheets are searched for it once, and again when it is not there any more."""
        known = self._tables.get(layout.name.casefold())
        if known is not None:
            with contextlib.suppress(*refusals()):  # It was deleted: whether it came back is asked below.
                return patiently(lambda: live_table(known, layout, whole=whole))
        tables = patiently(lambda: [table for sheet in self.book.sheets for table in sheet.tables])
        self._tables = {patiently(partial(getattr, table, "name")).casefold(): table for table in tables}
        found = self._tables.get(layout.name.casefold())
        return None if found is None else patiently(lambda: live_table(found, layout, whole=whole))

    def _get(self, layout: Table, *, whole: bool = False) -> LiveTable:
        found = self._find(layout, whole=whole)
        if found is None:
            raise CannotRun(Problem(code="table_missing", params={"table": layout.name}))
        return found

    @contextlib.contextmanager
    def _changing(self, live: LiveTable) -> Iterator[None]:
        with quiet(self.book.app), unprotected(live.sheet):
            yield


def _path(book: xlwings.Book) -> Path:
    """The file of a book; xlwings knows it for a synchronized folder too, if it can find that folder here."""
    try:
        return Path(patiently(lambda: book.fullname))
    except xlwings.XlwingsError as unknown:
        name = patiently(lambda: book.name)
        raise CannotRun(Problem(code="workbook_online", params={"name": name}, detail=str(unknown))) from unknown
