"""One Excel file instead of a folder: native numbers and dates, one sheet per table."""

from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest
from conftest import told

from connectors.problems import CannotRun
from connectors.sources.tables.cells import letters


def workbook(company, **sheets: list[list[object]]) -> None:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(company.folder / "data.xlsx")


DOCUMENT = ["key", "kind", "number", "date", "account", "subtotal", "tax", "total", "balance"]
SHEETS: dict[str, list[list[object]]] = {
    "Accounts": [["Clé", "Nom", "tax_exempt"], [1001, "Hôtel", True], [1002.0, 12.5, "non"]],
    "documents": [[], DOCUMENT, [1, "facture", 25001, date(2025, 1, 31), 1001, 100.1, 0.1 + 0.2, 100.4, 0]],
    "LINES": [["document", "line", "description", "amount", "unit_price"], [1, 1, "x", "100,10", 33.366666]],
}


def test_native_cells_are_read_as_excel_shows_them(company):
    workbook(company, **SHEETS)
    pulled = company.pull(path="data.xlsx", decimal=",", date_format="DD/MM/YYYY")
    assert not pulled.problems
    first, second, document = pulled.records
    assert [(a.key, a.name, a.tax_exempt) for a in (first, second)] == [
        ("1001", "Hôtel", True),
        ("1002", "12.5", False),
    ]
    assert (document.number, document.customer, document.date) == ("25001", "1001", date(2025, 1, 31))
    assert (document.subtotal, document.tax, document.total) == (Decimal("100.10"), Decimal("0.30"), Decimal("100.40"))
    assert (document.lines[0].amount, document.lines[0].unit_price) == (Decimal("100.10"), Decimal("33.366666"))
    assert (document.provenance.place, document.provenance.line) == ("data.xlsx, documents", 3)


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("date", 45_000, "not_a_date"),
        ("date", "31/01/2025", "not_a_date"),
        ("total", date(2025, 1, 1), "not_an_amount"),
        ("total", True, "not_an_amount"),
        ("total", 1.005, "too_many_decimals"),
        ("total", None, "value_missing"),
    ],
)
def test_a_cell_of_the_wrong_type_is_told_with_its_row(company, column, cell, code):
    row = list(SHEETS["documents"][2])
    row[DOCUMENT.index(column)] = cell
    workbook(company, **(SHEETS | {"documents": [DOCUMENT, row]}))
    place = f"2 ({letters(DOCUMENT.index(column))}2)"
    assert told(company.pull(path="data.xlsx", decimal=",")) == [(code, "data.xlsx, documents", place, column)]


def test_a_date_with_a_time_is_its_date(company):
    row = list(SHEETS["documents"][2])
    row[3] = datetime(2025, 1, 31, 15, 30)  # noqa: DTZ001 - a cell has no time zone
    workbook(company, **(SHEETS | {"documents": [DOCUMENT, row]}))
    assert company.pull(path="data.xlsx", decimal=",").records[2].date == date(2025, 1, 31)


def test_a_missing_or_empty_sheet_is_told_like_a_file(company):
    workbook(company, accounts=SHEETS["Accounts"], documents=[])
    assert told(company.pull(path="data.xlsx")) == [
        ("file_empty", "data.xlsx, documents", "", ""),
        ("file_missing", "data.xlsx, lines", "", ""),
    ]


def test_results_are_written_beside_the_workbook(company):
    assert company.open(path="deep/data.xlsx")._settings.results == company.folder / "deep" / "results.csv"


def test_a_file_that_is_no_workbook_stops_everything(company):
    (company.folder / "data.xlsx").write_bytes(b"junk")
    with pytest.raises(CannotRun) as stopped:
        company.pull(path="data.xlsx")
    assert [(p.code, p.params["value"]) for p in stopped.value.problems] == [("file_of_another_format", ".csv")]
