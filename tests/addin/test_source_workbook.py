"""A source workbook through the product: what cannot be read is told on the Dashboard, and nothing of it leaves."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from addin.cli import main
from connectors.records import Kind
from tests.addin.conftest import Association
from workbook.layout import INVOICES, PROBLEMS_TABLE
from workbook.review import text_of

Change = Callable[[openpyxl.Workbook], None]


def in_a_workbook(association: Association, change: Change = lambda _: None) -> Path:
    """The association's files as sheets of one Excel file, which its profile names."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in association.tables().items():
        sheet = book.create_sheet(name)
        titles = list(dict.fromkeys(title for row in rows for title in row))
        sheet.append(titles)
        for row in rows:
            sheet.append([row.get(title) for title in titles])
    change(book)
    path = association.folder / "data.xlsx"
    association.folder.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return path


def put(sheet: str, title: str, value: object, form: str = "General") -> Change:
    def change(book: openpyxl.Workbook) -> None:
        titles = [cell.value for cell in book[sheet][1]]
        cell = book[sheet].cell(2, titles.index(title) + 1, value)
        cell.number_format = form

    return change


@pytest.fixture
def company(association: Association) -> Association:
    association.settings["source.path"] = "data.xlsx"
    in_a_workbook(association)
    association.init()
    return association


def test_an_error_in_a_cell_keeps_its_invoice_from_leaving_and_is_told_with_its_cell(company: Association) -> None:
    """#N/A as a currency made the company's of it, and the invoice was booked."""
    in_a_workbook(company, put("documents", "currency", "#N/A"))
    pulled = company.pull()
    assert pulled.exit == 1
    assert ("error_in_cell", Kind.INVOICE, "I1") in {(p.code, p.kind, p.key) for p in pulled.problems}
    rows = company.book.read(PROBLEMS_TABLE).rows
    told = [" ".join(map(text_of, row.values.values())) for row in rows]
    assert any("#N/A" in text and "line 2 (" in text for text in told)
    assert company.sync().counts["posted"].get(Kind.INVOICE) is None
    assert "F-1" not in company.ledger_text()


def test_a_number_with_zeros_by_format_is_booked_as_it_shows(company: Association) -> None:
    in_a_workbook(company, put("documents", "number", 123, "00000"))
    assert company.pull().exit == 0
    assert company.row(INVOICES, "I1")["number"] == "00123"
    company.sync()
    assert '"00123"' in company.ledger_text()


def test_what_nobody_reads_is_told_and_stops_nothing(company: Association) -> None:
    def more(book: openpyxl.Workbook) -> None:
        book["documents"].cell(1, 40, "echeanse")
        book.create_sheet("Paymnts")

    in_a_workbook(company, more)
    pulled = company.pull()
    assert pulled.exit == 0
    assert {p.code for p in pulled.problems} == {"columns_not_read", "tables_not_read"}
    assert company.sync().counts["posted"][Kind.INVOICE] == 1


def test_a_known_invoice_among_many_that_were_not_read_is_held_for_that_and_has_not_left_its_source(
    company: Association,
) -> None:
    """Sixty dates in another format are told of as one problem; each record still knows why it waits."""
    company.pull()

    def of_another_country(book: openpyxl.Workbook) -> None:
        put("documents", "date", "15/01/2025")(book)
        row = [cell.value for cell in book["documents"][2]]
        titles = [cell.value for cell in book["documents"][1]]
        for n in range(60):
            row[titles.index("key")], row[titles.index("number")] = f"X{n}", f"X-{n}"
            book["documents"].append(row)

    in_a_workbook(company, of_another_country)
    pulled = company.pull()
    assert "dates_differ" in {p.code for p in pulled.problems}
    synced = company.sync()
    assert synced.counts["posted"].get(Kind.INVOICE) is None
    assert {p.code for p in synced.problems if p.key == "I1"} == {"not_read_again"}


HARM: dict[str, Callable[[Path], object]] = {
    "a pipe": lambda path: (path.unlink(), os.mkfifo(path)),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
    "a loop": lambda path: (path.unlink(), path.symlink_to(path.name)),
    "an old workbook": lambda path: path.write_bytes(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le")
    ),
    "encrypted": lambda path: path.write_bytes(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")
    ),
    "half of it": lambda path: path.write_bytes(path.read_bytes()[:2000]),
    "a name that leads nowhere": lambda path: (path.unlink(), path.symlink_to("not-there")),
    "text": lambda path: path.write_text("key,name\n"),
}


@pytest.mark.parametrize("harm", HARM)
def test_what_is_no_workbook_is_one_sentence_and_never_a_defect(
    company: Association, harm: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    HARM[harm](company.folder / "data.xlsx")
    monkeypatch.setattr("sys.argv", ["passerelle", "pull", str(company.profile.workbook)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    told = capsys.readouterr()
    assert "data.xlsx" in " ".join((told.out + told.err).split())
    assert "Traceback" not in told.out + told.err
