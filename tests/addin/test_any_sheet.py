"""Whatever a person does to the sheets, Check answers with problems by cell, and no untouched record changes status."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from openpyxl.cell import Cell

from addin.journal import RecordKey
from addin.session import Session
from addin.usecases.check import check
from connectors.problems import Place
from connectors.records import Kind, SyncStatus
from tests.addin.conftest import INVOICES, TODAY, Association, add_invoice
from workbook.book import CellError, Link
from workbook.file.file_book import FileBook
from workbook.layout import (
    ACCOUNT_MAP,
    COUNTS,
    ENTRIES,
    IDENTITY,
    LANGUAGES,
    LINES,
    MAPPING_TABLES,
    OVERVIEW,
    PROBLEMS_TABLE,
    REVIEW_TABLES,
    STATUSES,
    TAX_MAP,
    TEXTS,
    Table,
    tables,
)
from workbook.review import read, text_of

Drawn = list[list[object]]


@dataclass
class Sheet:
    """A table as a person left it: captions, the key of each column of ours, rows; what is hidden or filtered out."""

    table: Table
    keys: list[str]
    captions: list[str]
    rows: Drawn
    hidden_columns: set[int] = field(default_factory=set)
    filtered: set[int] = field(default_factory=set)

    def place(self, key: str) -> int:
        """Where a column stands, by its key."""
        return self.keys.index(key)


@dataclass
class Books:
    """The company whose workbook is mistreated, its journal as it was, and its tables."""

    association: Association
    journal: Path
    sheets: dict[str, Sheet]
    before: dict[RecordKey, SyncStatus]

    def statuses(self) -> dict[RecordKey, SyncStatus]:
        """What the journal says of each record."""
        with Session.open(self.association.profile, self.association.book, "log", TODAY) as session:
            return {key: seen.status for key, seen in session.journal.seen().items()}


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Books]:
    """Six invoices in several statuses, one transferred; their lines, a payment, deferred revenue."""
    place = tmp_path_factory.mktemp("any")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PASSERELLE_HOME", str(place / "home"))
        company = Association(place / "company", {"new_account_default": "yes"})
        fill(company)
        company.init()
        company.pull()
        for key, status in (("I2", "Do Not Sync"), ("I3", "Stand By"), ("I4", "Transfer Completed")):
            company.type(INVOICES, key, status=status, **({"reference": "L-4"} if key == "I4" else {}))
        company.run(check)
        sheets = {table.name: sheet_of(company.book, table) for _, table in tables()}
        journal = company.profile.place / "journal.sqlite"
        shutil.copy(journal, place / "journal")
        made = Books(company, place / "journal", sheets, {})
        made.before = made.statuses()
        yield made


def fill(company: Association) -> None:
    for number in "123":
        company.add("accounts", key=f"A{number}", number=f"100{number}", name=f"Société {number}")
    for number in "123456":
        add_invoice(company, f"I{number}", f"F-{number}", f"A{int(number) % 3 + 1}")
    company.add("payments", key="P1", number="R-1", date="2025-02-01", account="A2", currency="CAD", amount="114.98",
                method="cheque")  # fmt: skip
    company.add("allocations", payment="P1", invoice="I1", amount="114.98")
    company.add("gl_accounts", code="4100", name="Cotisations")
    company.add("taxes", code="GST", name="TPS", rate="5", sync_reference="2310")
    company.add("taxes", code="QST", name="TVQ", rate="9.975", sync_reference="2320")
    company.add("tax_groups", code="QC", name="TPS + TVQ", taxes="GST+QST", rounding="sum_of_rounded")
    company.add("gl_accounts", code="2400", name="Revenus reportés")
    company.add("schedules", key="S1", invoice="I1", line="1", start="2025-01-01", months="3", amount="100.00",
                deferred_account="2400", revenue_account="4100")  # fmt: skip
    company.add("methods", code="cheque", name="Chèque")


def sheet_of(book: FileBook, table: Table) -> Sheet:
    grid = book.read(table)
    keys = [column.key for column in table.columns]
    rows: Drawn = [[row.values.get(key) for key in keys] for row in grid.rows]
    return Sheet(table, keys, [column.caption.en for column in table.columns], rows)


# What a person may do ------------------------------------------------------------------------------------------------

TYPED = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    st.sampled_from([caption.of(language) for caption in STATUSES.values() for language in LANGUAGES]),
    st.sampled_from(["=1+1", "@SUM(1)", "-1", "\t", " ", "I1", "A2", "S1/2025-01#2", "#REF!", "Facture", "2025-13-45"]),
    st.just("x" * 32_767),
    st.none(),
    st.booleans(),
    st.decimals(-(10**12), 10**12, places=4).map(Decimal),
    st.integers(-5, 5).map(Decimal),
    st.dates(date(1900, 3, 1), date(9999, 12, 31)),
    st.sampled_from(["#REF!", "#DIV/0!", "#N/A", "#VALUE!"]).map(CellError),
)
MISTREATED = [table for _, table in tables() if table not in (IDENTITY, TEXTS)]


@dataclass(frozen=True)
class Deed:
    """One thing that a person did: what, to which table, and three numbers and a value to do it with."""

    what: str
    table: Table
    first: int
    second: int
    value: object

    def __repr__(self) -> str:
        return f"{self.what} {self.table.name} {self.first} {self.second} {str(self.value)[:40]!r}"


WHATS = (
    *("type", "type", "type", "rename", "hide", "move", "delete column", "sort"),
    *("duplicate", "delete row", "filter", "add column", "blank row"),
)
DEEDS = st.builds(
    Deed,
    st.sampled_from(WHATS),
    st.sampled_from([*MISTREATED, *REVIEW_TABLES * 3]),
    st.integers(0, 40),
    st.integers(0, 40),
    TYPED,
)


def do(sheet: Sheet, deed: Deed) -> set[str]:
    """Do it; the keys of the rows that are touched."""
    wide, high = len(sheet.keys), len(sheet.rows)
    column = deed.first % wide
    row = deed.second % high if high else None
    match deed.what:
        case "rename":
            sheet.captions[column] = f"Ma colonne {column}.{deed.second}"
        case "hide":
            sheet.hidden_columns.add(column)
        case "move":
            to = deed.second % wide
            for line in (sheet.keys, sheet.captions, *sheet.rows):
                line.insert(to, line.pop(column))  # type: ignore[attr-defined]
        case "delete column" if wide > 1:
            for line in (sheet.keys, sheet.captions, *sheet.rows):
                del line[column]  # type: ignore[attr-defined]
        case "add column":
            for line, new in ((sheet.keys, "mine"), (sheet.captions, f"Mon ajout {len(sheet.captions)}")):
                line.insert(column, new)
            for line in sheet.rows:
                line.insert(column, deed.value)
        case "sort":
            sheet.rows.sort(key=lambda line: text_of(line[column]), reverse=bool(deed.second % 2))
        case "filter" if row is not None:
            sheet.filtered.add(row)
        case "blank row":
            sheet.rows.insert(deed.second % (high + 1), [None] * wide)
        case _ if row is not None:
            return _touch(sheet, deed, row, column)
    return set()


def _touch(sheet: Sheet, deed: Deed, row: int, column: int) -> set[str]:
    touched = {_key(sheet, row)}
    if deed.what == "type":
        sheet.rows[row][column] = deed.value
        touched.add(_key(sheet, row))
    elif deed.what == "duplicate":
        sheet.rows.insert(deed.first % (len(sheet.rows) + 1), list(sheet.rows[row]))
    elif deed.what == "delete row":
        del sheet.rows[row]
    return touched


def _key(sheet: Sheet, row: int) -> str:
    key = text_of(sheet.rows[row][sheet.place("key")]) if "key" in sheet.keys else ""  # type: ignore[arg-type]
    return key.rpartition("#")[0] or key if sheet.table is ENTRIES else key


def draw(path: Path, sheets: Sequence[Sheet]) -> None:
    """The workbook as the person left it."""
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        for sheet in sheets:
            drawn = book.add_worksheet(sheet.table.name)
            columns = [{"header": caption} for caption in sheet.captions]
            bottom = 3 + max(1, len(sheet.rows))
            drawn.add_table(3, 0, bottom, len(columns) - 1, {"name": sheet.table.name, "columns": columns})
            for at in sheet.hidden_columns:
                drawn.set_column(at, at, None, None, {"hidden": True})
            day = book.add_format({"num_format": "yyyy-mm-dd"})
            for number, values in enumerate(sheet.rows, 4):
                if number - 4 in sheet.filtered:
                    drawn.set_row(number, None, None, {"hidden": True})
                for at, value in enumerate(values):
                    put(drawn, number, at, value, day)


def put(drawn: xlsxwriter.worksheet.Worksheet, row: int, column: int, value: object, day: object) -> None:
    match value:
        case bool():
            drawn.write_boolean(row, column, value)
        case Decimal():
            drawn.write_number(row, column, float(value))
        case date():
            drawn.write_datetime(row, column, value, day)
        case CellError(text):
            drawn.write_formula(row, column, f"={text}", None, text)
        case Link(_, text) | str(text) if text:
            drawn.write_string(row, column, text)


# What holds ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("examples", [12, pytest.param(40, marks=pytest.mark.long)])
def test_check_lists_problems_by_cell_and_leaves_untouched_records_alone(books: Books, examples: int) -> None:
    @settings(max_examples=examples, derandomize=True, phases=[Phase.generate])  # a failure is told at once
    @given(st.lists(DEEDS, min_size=4, max_size=12))
    def whatever_is_done(deeds: list[Deed]) -> None:
        done_and_checked(books, deeds)

    whatever_is_done()


def done_and_checked(books: Books, deeds: list[Deed]) -> None:
    sheets = {
        name: Sheet(sheet.table, list(sheet.keys), list(sheet.captions), [list(row) for row in sheet.rows])
        for name, sheet in books.sheets.items()
    }
    touched: set[str] = set()
    for deed in deeds:
        touched |= do(sheets[deed.table.name], deed)
    company = books.association
    path = company.profile.workbook.with_suffix(".xlsx")
    draw(path, list(sheets.values()))
    shutil.copy(books.journal, company.profile.place / "journal.sqlite")

    report = company.run(check, book=path)

    assert all(problem.place for problem in report.problems if problem.column and problem.code != "row_missing")
    assert all(deed_is_told(deed, {p.code for p in report.problems}) for deed in deeds)
    after = books.statuses()
    for key, status in books.before.items():
        if key[1] not in touched:
            assert after[key] is status


def deed_is_told(deed: Deed, codes: set[str]) -> bool:
    """Whether a column that is gone is named; a later deed may have deleted it, and then that is."""
    return deed.what not in ("rename", "delete column") or deed.table not in REVIEW_TABLES or "column_renamed" in codes


# Codes and lines that stand twice ------------------------------------------------------------------------------------


def test_a_code_mapped_twice_is_told_by_its_cells_and_no_row_of_it_counts(association: Association) -> None:
    association.init()
    association.pull()
    book = association.book
    book.append(ACCOUNT_MAP, [{"code": "4100", "name": "Cotisations", "ledger_code": "4500"}])
    book.write(ACCOUNT_MAP, {("",): {"ledger_code": "4500"}})  # nor does the default
    book.save()
    rows = [row for row in association.book.read(ACCOUNT_MAP).rows if row.values["code"] == "4100"]
    report = association.run(check)
    twice = [problem for problem in report.problems if problem.code == "code_mapped_twice"]
    assert [p.place for p in twice] == [Place(sheet="Mapping", cell=f"A{row.number}") for row in rows]
    assert "gl_account_not_mapped" in {problem.code for problem in report.problems}
    assert association.sync().counts["posted"].get(Kind.INVOICE, 0) == 0
    association.pull()
    assert len(association.book.read(ACCOUNT_MAP).rows) == len(book.read(ACCOUNT_MAP).rows)


@pytest.mark.parametrize("table", MAPPING_TABLES, ids=lambda table: table.name)
def test_every_mapping_tells_of_a_code_that_stands_twice(association: Association, table: Table) -> None:
    association.init()
    book = association.book
    book.append(table, [{"code": "X", "ledger_code": "1"}, {"code": "Y"}, {"code": "X", "ledger_code": "2"}])
    book.save()
    review = read(association.book)
    assert [(p.code, p.params["value"]) for p in review.problems] == [("code_mapped_twice", "X")] * 2
    assert review.mapped(table, "X") == ""


def test_a_copied_line_holds_its_document(association: Association) -> None:
    add_invoice(association, "I2", "F-2")
    association.init()
    association.pull()
    book = association.book
    line = book.read(LINES).rows[0]
    book.append(LINES, [{**line.values, "ledger_account": "4500"}])
    book.save()
    report = association.run(check)
    assert [(p.code, p.key) for p in report.problems if p.kind is Kind.INVOICE] == [("row_duplicated", "I1")] * 2
    association.sync()
    assert association.row(INVOICES, "I1")["status"] == "To Be Transferred"
    assert association.row(INVOICES, "I2")["status"] == "Transfer Completed"


# What the sheets show ------------------------------------------------------------------------------------------------


def test_a_record_opens_its_page_in_the_source_and_nothing_else(association: Association) -> None:
    pages = {
        "I1": "https://example.org/i/1",
        "I2": "file://evil.example/share",
        "I3": "#Settings!A1",
        "I4": "javascript:x",
    }
    association.files["documents"][0]["url"] = pages["I1"]
    for key in ("I2", "I3", "I4"):
        add_invoice(association, key, f"F-{key}", url=pages[key])
    association.init()
    association.pull()
    cells = {key: cell.value for key, cell in cells_of(association, INVOICES, "source_link").items()}
    assert cells == {**pages, "I1": '=HYPERLINK("https://example.org/i/1","Open")'}


def test_a_problem_leads_to_its_row(association: Association) -> None:
    add_invoice(association, "I2", "F-2")
    association.init()
    association.pull()
    association.type(INVOICES, "I2", status="Perdu")
    association.run(check)
    row = next(row.number for row in association.book.read(INVOICES).rows if row.values["key"] == "I2")
    [place] = cells_of(association, PROBLEMS_TABLE, "place").values()
    address = association.book.read(INVOICES).letters["status"] + str(row)
    assert place.value == f"""=HYPERLINK("#'Invoices'!{address}","Invoices {address}")"""


def test_amounts_of_several_currencies_are_numbers_and_never_added_up(association: Association) -> None:
    add_invoice(association, "I2", "F-2", currency="USD")
    association.init()
    association.pull()
    assert [association.row(INVOICES, key)["currency"] for key in ("I1", "I2")] == ["CAD", "USD"]
    total = cells_of(association, COUNTS, "total")["Invoice"]
    assert (total.data_type, total.value) == ("n", 114.98)
    assert total.number_format.startswith("#,##0.00")
    overview = {text_of(row.values["key"]): row.values["value"] for row in association.book.read(OVERVIEW).rows}
    assert overview["Amount to be transferred"] == (
        "Receivables (invoices less credits): 114.98 CAD, 114.98 USD\nMoney in: 114.98 CAD"
    )


def cells_of(association: Association, table: Table, column: str) -> dict[str, Cell]:
    """The cells of a column as openpyxl reads them, by the table's key."""
    opened = openpyxl.load_workbook(association.profile.workbook)
    sheet = next(sheet for sheet in opened if table.name in sheet.tables)
    key, at = ([each.key for each in table.columns].index(name) for name in (table.row_key[-1], column))
    return {str(row[key].value): row[at] for row in sheet[sheet.tables[table.name].ref][1:]}


def test_a_tax_and_a_group_of_taxes_of_one_code_have_one_row(association: Association) -> None:
    association.add("tax_groups", code="GST", name="TPS seule", taxes="GST", rounding="sum_of_rounded")
    association.init()
    association.pull()
    association.pull()
    rows = [row.values for row in association.book.read(TAX_MAP).rows if row.values["code"] == "GST"]
    assert [(row["name"], row["ledger_code"]) for row in rows] == [("TPS", "2310")]


@pytest.mark.parametrize(("table", "column"), [(ACCOUNT_MAP, "code"), (LINES, "invoice"), (LINES, "key")])
def test_a_column_that_is_gone_makes_no_row_a_copy(association: Association, table: Table, column: str) -> None:
    add_invoice(association, "I2", "F-2")
    association.init()
    association.pull()
    sheet = sheet_of(association.book, table)
    place = sheet.place(column)
    sheet.captions[place] = "Autre chose"
    path = association.folder / "renamed.xlsx"
    draw(path, [sheet])
    codes = {p.code for p in read(FileBook(path)).problems if p.code != "table_missing"}
    assert codes == {"column_renamed"}
