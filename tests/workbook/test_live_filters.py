"""Writing while a filter is on: LibreOffice, made to take a write as Excel then does (workbook.live.filters)."""

from __future__ import annotations

from types import SimpleNamespace

import books
import pytest
from xlwings.mac_dict import properties

from tests.workbook.books import PAYMENTS
from workbook.libreoffice import sheets
from workbook.live import filters

COUNT = 9
HIDDEN = (6, 7, 10)


def reached(cells):
    """The parts of a range that a write reaches under a filter: its visible stretches, or all where none is."""
    stretches = cells.api.queryVisibleCells().RangeAddresses
    return [cells.sheet.area(area) for area in stretches] or [cells]


@pytest.fixture
def _as_excel(monkeypatch):
    """As pyOpenVBA measured it in Excel: each visible stretch takes the array from its first value on."""
    whole, clear = sheets.Range.raw_value, sheets.Range.clear_contents
    formatted = sheets.Range.number_format

    def write(cells, data):
        for part in reached(cells):
            height, width = part.shape
            whole.fset(part, [row[:width] for row in data[:height]])

    def change(cells, code):
        for part in reached(cells):
            formatted.fset(part, code)

    monkeypatch.setattr(sheets.Range, "raw_value", property(whole.fget, write))
    monkeypatch.setattr(sheets.Range, "number_format", property(formatted.fget, change))
    monkeypatch.setattr(sheets.Range, "clear_contents", lambda cells: [clear(part) for part in reached(cells)])
    monkeypatch.setattr(filters, "is_filtered", lambda _: True)


@pytest.fixture
def filtered(app, drawn, _as_excel):
    """A table of which a filter hides some rows, and a person a column."""
    rows = [{"Key": f"p{n}", "Status": "Stand By"} for n in range(COUNT)]
    with books.live(app, books.draw(drawn, rows)) as book:
        sheet = book.book.sheets["Review"].api
        for number in HIDDEN:
            sheet.Rows.getByIndex(number - 1).IsVisible = False
        sheet.Columns.getByName(book.read(PAYMENTS).letters["reason"]).IsVisible = False
        yield book


def values(book, *keys):
    return [tuple(row.values[key] for key in keys) for row in book.read(PAYMENTS).rows]


def test_every_row_gets_its_own_values_seen_or_not(filtered):
    wanted = [(f"s{n}", f"ref{n}", f"why{n}", f"fix{n}") for n in range(COUNT)]
    keys = ("status", "reference", "reason", "fix")
    books.write_at(filtered, PAYMENTS, {5 + n: dict(zip(keys, row, strict=True)) for n, row in enumerate(wanted)})
    assert values(filtered, *keys) == wanted


def test_headers_are_renamed_beside_a_hidden_column(filtered):
    filtered.speak("fr")
    header = filtered.book.sheets["Review"].range((4, 1), (4, len(PAYMENTS.columns)))
    assert header.value == [column.caption.fr for column in PAYMENTS.columns]


def test_a_list_made_anew_keeps_nothing_of_the_old_in_rows_out_of_sight(filtered):
    filtered.replace(PAYMENTS, [{"key": "new"}])
    assert values(filtered, "key") == [("new",)]
    assert filtered.book.sheets["Review"].range("A6:A13").value == [None] * 8


def test_rows_out_of_sight_become_text_as_well(filtered):
    letter = filtered.read(PAYMENTS).letters["reference"]
    cells = filtered.book.sheets["Review"].range(f"{letter}5:{letter}13")
    cells.api.NumberFormat = 0  # as if pasted over
    books.write_at(filtered, PAYMENTS, {number: {"reference": "007"} for number in range(5, 14)})
    assert values(filtered, "reference") == [("007",)] * COUNT


@pytest.mark.parametrize("on_table", [True, False, None])
@pytest.mark.parametrize("on_sheet", [True, False])
def test_a_filter_of_the_sheet_or_of_a_table_counts(on_sheet, on_table):
    """As Microsoft has it: Worksheet.FilterMode, ListObject.AutoFilter (Nothing without buttons) and its FilterMode."""
    windows = SimpleNamespace(AutoFilter=None if on_table is None else SimpleNamespace(FilterMode=on_table))
    assert filters.on_windows(SimpleNamespace(FilterMode=on_sheet), [windows]) == bool(on_sheet or on_table)
    mac = SimpleNamespace(show_autofilter=said(on_table is not None))
    if on_table is not None:
        mac.autofilter_object = SimpleNamespace(autofiltermode=said(on_table))
    assert filters.on_mac(SimpleNamespace(filter_mode=said(on_sheet)), [mac]) == bool(on_sheet or on_table)


def test_the_words_for_the_mac_are_in_excels_dictionary():
    assert {"filter_mode", "show_autofilter", "autofilter_object", "autofiltermode"} <= {name for name, _ in properties}


def said(value):
    """A property as appscript gives it."""
    return SimpleNamespace(get=lambda: value)
