"""Rows that a filter hides: which they are, and how Excel is to be written to while a filter is on.

Of a range in which anything is visible Excel then changes the visible cells alone, and gives each stretch of them an
array's first values; a range with nothing visible it changes whole (as pyOpenVBA measured it in Excel, and as xlwings
issue 747 shows). Without a filter, and in LibreOffice, hidden cells are written like any other.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeAlias

import xlwings

from workbook.live.busy import patiently
from workbook.live.runs import Run

if TYPE_CHECKING:
    from workbook.live.table import LiveTable

Api: TypeAlias = Any
"""The program's own object, of which Python has no type."""


def visible_rows(live: LiveTable, rows: range) -> Iterator[int]:
    """Those of some rows that are neither hidden nor filtered out; rows of one height are asked for together."""
    if not rows:
        return
    height = patiently(partial(getattr, live.cells(rows.start, len(rows)), "row_height"))
    if height is None and len(rows) > 1:
        middle = len(rows) // 2
        yield from visible_rows(live, rows[:middle])
        yield from visible_rows(live, rows[middle:])
    elif height:
        yield from rows


def writable(live: LiveTable, runs: Iterable[Run]) -> Iterator[Run]:
    """Runs of cells in pieces that are written whole: under a filter one column each, all visible or all hidden."""
    if not patiently(partial(is_filtered, live.sheet)):
        yield from runs
        return
    for run in runs:
        visible = set(visible_rows(live, run.rows))
        for _, stretch in groupby(run.rows, visible.__contains__):
            numbers = tuple(stretch)
            rows = range(numbers[0], numbers[-1] + 1)
            yield from (Run(rows, (key,), run.position + at) for at, key in enumerate(run.keys))


def is_filtered(sheet: xlwings.Sheet) -> bool:
    """Whether Excel has a filter on for a sheet or for any table that stands on it; never so in LibreOffice."""
    if sheet.book.app.engine.name == "libreoffice":
        return False
    on = on_mac if sys.platform == "darwin" else on_windows
    return on(sheet.api, [table.api for table in sheet.tables])


def on_windows(sheet: Api, tables: Iterable[Api]) -> bool:
    """Whether a filter is on, by Excel's Worksheet and ListObjects (COM); a table without buttons has no AutoFilter."""
    return sheet.FilterMode or any(table.AutoFilter is not None and table.AutoFilter.FilterMode for table in tables)


def on_mac(sheet: Api, tables: Iterable[Api]) -> bool:
    """Whether a filter is on, in AppleScript's words: those of Excel's dictionary in xlwings' mac_dict."""
    filters = (table.autofilter_object for table in tables if table.show_autofilter.get())
    return sheet.filter_mode.get() or any(found.autofiltermode.get() for found in filters)
