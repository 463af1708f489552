"""Whatever is written in whatever order, others read what a plain list of rows would hold."""

from __future__ import annotations

import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
import python_calamine
import rich_workbooks as rich
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from tests.sampled import examples
from tests.workbook.books import PAYMENTS
from workbook.addresses import LAST_COLUMN, LAST_ROW, Area, column_number, letters
from workbook.file.file_book import FileBook
from workbook.formulas import moved
from workbook.markup import check

pytestmark = pytest.mark.filterwarnings("ignore:Workbook contains no default style:UserWarning")

KEYS = ("key", "account", "reason", "amount", "date", "status")
DATES = st.dates(date(1900, 3, 1), date(9999, 12, 31))
AMOUNTS = st.decimals(Decimal("-9999999999"), Decimal("9999999999"), places=4)
TEXTS = st.text(max_size=30) | st.sampled_from(
    ["=1+1", "+1", "-1", "@x", "\t=2", "_x0041_", "007", "&amp;", "]]>", " a "]
)
ROWS = st.fixed_dictionaries(
    {},
    optional={
        "key": TEXTS,
        "account": TEXTS,
        "reason": TEXTS | st.none(),
        "amount": AMOUNTS | st.none() | TEXTS,
        "date": DATES | st.none(),
        "status": TEXTS,
    },
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.lists(ROWS, max_size=4)),
        st.tuples(st.just("replace"), st.lists(ROWS, max_size=6)),
        st.tuples(st.just("write"), st.dictionaries(st.integers(0, 9), ROWS, max_size=4)),
        st.tuples(st.just("save"), st.none()),
    ),
    max_size=6,
)


@pytest.fixture(scope="module", params=["drawn", "by hand"])
def original(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "original.xlsx"
    if request.param == "drawn":
        with xlsxwriter.Workbook(path) as book:
            sheet, day = book.add_worksheet("S"), book.add_format({"num_format": "yyyy-mm-dd"})
            sheet.set_column("B:B", 12, day)
            columns = [{"header": c.caption.en} for c in PAYMENTS.columns] + [{"header": "Own"}]
            sheet.add_table("A4:Q6", {"name": PAYMENTS.name, "columns": columns})
            sheet.write_string("A5", "first")
    else:
        captions = ("Reason", "Date", "Key", "Own", "Amount", "Account", "Status")
        rows = '<x:row r="4"/>\n<x:row><x:c/><x:c s="1"/><x:c t="str"><x:v>first</x:v></x:c></x:row>\n'
        head = '<x:cols><x:col min="2" max="2" width="9" style="1"/></x:cols>'
        rich.raw(path, rows, captions=captions, area="A4:G6", prefix="x:", head=head)
    return path


class Model:
    """A table as a list of rows: what a closed file must hold after any steps; an empty row holds no key."""

    def __init__(self) -> None:
        self.rows: list[dict[str, object]] = [{"key": "first"}, {}]

    def append(self, rows) -> None:
        while rows and self.rows and not self.rows[-1]:
            self.rows.pop()
        self.rows += map(held, rows)

    def replace(self, rows) -> None:
        self.rows = [held(row) for row in rows] or [{}]

    def write(self, cells) -> None:
        for number, row in cells.items():
            self.rows[number] = held(self.rows[number] | row)


def held(row):
    return {key: value for key, value in row.items() if value is not None and value != ""}


def run(book, model, steps):
    """Do the same to both; the table's length in the file is what a write may reach."""
    for step, what in steps:
        if step == "save":
            book.save()
        elif step == "write":
            cells = {number: row for number, row in what.items() if number < len(model.rows)}
            book._put(PAYMENTS, {5 + number: row for number, row in cells.items()})
            model.write(cells)
        else:
            getattr(book, step)(PAYMENTS, what)
            getattr(model, step)(what)
        assert read(book) == expected(model)


def expected(model):
    return {number: row for number, row in enumerate(model.rows, 5) if row}


def read(book):
    return {row.number: held(row.values) for row in book.read(PAYMENTS).rows}


def as_openpyxl(value):
    """openpyxl resolves line ends as XML reads them, but no escapes."""
    return unescape(value) if isinstance(value, str) else value


def plain(value):
    if isinstance(value, Decimal):
        return float(value)
    return value


@settings(max_examples=examples(60))
@given(steps=STEPS)
def test_any_steps_are_read_by_others_as_a_model_holds_them(original, steps):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "book.xlsx")
        path.write_bytes(original.read_bytes())
        book, model = FileBook(path), Model()
        run(book, model, steps)
        book.save()
        assert read(FileBook(path)) == expected(model)
        for part in ("xl/worksheets/sheet1.xml", "xl/tables/table1.xml"):
            check(rich.parts(path)[part])
        columns = {key: column_number(name) for key, name in book.read(PAYMENTS).letters.items()}
        wanted = {(n, columns[key]): plain(value) for n, row in expected(model).items() for key, value in row.items()}
        assert by_openpyxl(path) == wanted
        assert by_calamine(path) == {place: calamine_text(value) for place, value in wanted.items()}


def by_openpyxl(path):
    sheet = openpyxl.load_workbook(path).active
    found = {}
    for row in sheet.iter_rows(min_row=5):
        for cell in row:
            if cell.value is not None:
                assert cell.data_type in "snd"
                value = cell.value.date() if cell.is_date else as_openpyxl(cell.value)
                found[cell.row, cell.column] = value
    return found


def by_calamine(path):
    sheet = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
    rows = sheet.to_python(skip_empty_area=False)[4:]
    return {(n, c): value for n, row in enumerate(rows, 5) for c, value in enumerate(row, 1) if value != ""}


def calamine_text(value):
    """calamine leaves the two characters that Unicode has not assigned escaped."""
    return value.replace("\ufffe", "_xFFFE_").replace("\uffff", "_xFFFF_") if isinstance(value, str) else value


@given(st.integers(1, LAST_COLUMN), st.integers(1, LAST_ROW))
def test_addresses_and_areas_are_inverse(column, row):
    assert column_number(letters(column)) == column
    area = Area(row, column, LAST_ROW, LAST_COLUMN)
    assert Area.of(str(area)) == area


@given(st.integers(1, 500), st.integers(1, 200), st.integers(0, 500), st.integers(0, 200))
def test_a_formula_moves_as_filling_moves_it_and_back(row, column, down, right):
    here = f"{letters(column)}{row}"
    formula = f"""SUM({here}:$B$3,'It''s {here}'!{here},tbl[[#This Row],[{here}]],"{here}")+LOG10(2)*{here}_x"""
    there = f"{letters(column + right)}{row + down}"
    expected = f"""SUM({there}:$B$3,'It''s {here}'!{there},tbl[[#This Row],[{here}]],"{here}")+LOG10(2)*{here}_x"""
    assert moved(formula, down, right) == expected
    assert moved(expected, -down, -right) == formula


def test_a_formula_that_leaves_the_sheet_is_an_error_as_in_excel():
    assert moved("A1+$A$1+Sheet2!B2", -1) == "#REF!+$A$1+Sheet2!B1"
