"""LiveBook in LibreOffice: what only a workbook that is open can show (workbook.live, live_table, protection)."""

from __future__ import annotations

import re
import zipfile
from datetime import date
from decimal import Decimal

import books
import pytest

from connectors.problems import CannotRun
from tests.workbook.books import PAYMENTS
from workbook.layout import IDENTITY, OVERVIEW, PROBLEMS_TABLE
from workbook.libreoffice import sheets
from workbook.template.template import build

ALLOWED = {"sort": True, "autofilter": True, "format_columns": True}


def protection(path, sheet=1):
    """The attributes of a saved sheet's protection."""
    with zipfile.ZipFile(path) as package:
        found = re.search(rb"<sheetProtection[^>]*>", package.read(f"xl/worksheets/sheet{sheet}.xml"))
    switched = {"false": "0", "true": "1"}
    return {n.decode(): switched.get(v.decode(), v.decode()) for n, v in re.findall(rb'(\w+)="(\w+)"', found[0])}


@pytest.fixture
def calls(monkeypatch):
    """How often whole ranges are read and written."""
    counted = {"read": 0, "write": 0}
    whole = sheets.Range.raw_value

    def read(cells):
        counted["read"] += 1
        return whole.fget(cells)

    def write(cells, data):
        counted["write"] += 1
        whole.fset(cells, data)

    monkeypatch.setattr(sheets.Range, "raw_value", property(read, write))
    return counted


@pytest.mark.parametrize("count", [500, pytest.param(5_000, marks=pytest.mark.long)])
def test_thousands_of_rows_are_one_read_and_one_write(app, drawn, calls, count):
    rows = [{"key": f"p{n}", "amount": Decimal(n), "date": date(2026, 1, 1)} for n in range(count)]
    with books.live(app, books.draw(drawn)) as book:
        book.append(PAYMENTS, rows)
        assert calls == {"read": 4, "write": 1}, "the table, its header twice, and whether something stands below it"
        assert len(book.read(PAYMENTS).rows) == count
        assert calls == {"read": 5, "write": 1}
        book.write(PAYMENTS, {(f"p{n}",): {"status": "Stand By", "reference": "r"} for n in range(count)})
        assert calls == {"read": 9, "write": 2}, "the header and the keys, before and after; and one block"


def test_scattered_rows_are_one_write_for_each_run(app, drawn, calls):
    with books.live(app, books.draw(drawn, [{"Key": f"p{n}"} for n in range(20)])) as book:
        cells = {n: {"status": "Stand By", "reference": "r"} for n in (5, 6, 7, 10, 11, 20)}
        books.write_at(book, PAYMENTS, cells | {12: {"fix": "x"}})
    assert calls["write"] == 4


def test_protected_sheets_stay_protected_as_they_were(app, drawn):
    books.draw(drawn, [{"Key": "p1"}], protect=ALLOWED)
    before = protection(drawn)
    with books.live(app, drawn) as book:
        books.write_at(book, PAYMENTS, {5: {"status": "Stand By"}})
        book.append(PAYMENTS, [{"key": "p2"}])
        book.replace(PAYMENTS, [{"key": "p3"}])
        assert book.book.sheets["Review"].api.isProtected()
        book.save()
    after = protection(drawn)
    assert {name: after.get(name) for name in before} == before


def test_protection_is_put_back_when_a_write_fails(app, drawn):
    with books.live(app, books.draw(drawn, [{"Key": "p1"}], protect=ALLOWED)) as book:
        with pytest.raises(CannotRun):
            books.write_at(book, PAYMENTS, {5: {"reason": "x" * 40_000}})
        assert book.book.sheets["Review"].api.isProtected()
        assert book.book.app.calculation == "automatic"


def test_a_sheet_that_somebody_locked_with_a_password_is_named(app, drawn):
    books.draw(drawn, [{"Key": "p1"}], protect=ALLOWED, password="secret")
    with books.live(app, drawn) as book:
        with pytest.raises(CannotRun) as refused:
            books.write_at(book, PAYMENTS, {5: {"status": "Stand By"}})
        (problem,) = refused.value.problems
        assert (problem.code, problem.params["sheet"]) == ("sheet_locked", "Review")
        assert book.read(PAYMENTS).rows[0].values["status"] is None


def test_progress_shows_in_the_status_bar_until_it_is_cleared(app, drawn):
    with books.live(app, books.draw(drawn)) as book:
        book.progress("Facture 3 de 40")
        assert app.status_bar == "Facture 3 de 40"
        book.progress("Facture 4 de 40")
        assert app.status_bar == "Facture 4 de 40"
        book.progress("")
        assert app.status_bar is False


def test_stop_is_heard_once_and_looked_for_every_half_second(app, drawn, calls):
    now = [0.0]
    with books.live(app, books.draw(drawn), clock=lambda: now[0]) as book:
        assert not book.stop_asked()
        book.book.sheets["_hidden"].range("B6").value = "1"
        reads = calls["read"]
        now[0] = 0.4
        assert not book.stop_asked()
        assert calls["read"] == reads
        now[0] = 0.6
        assert book.stop_asked()
        assert book.read(IDENTITY).rows[1].values == {"key": "stop", "value": None}
        now[0] = 1.2
        assert not book.stop_asked()


def test_what_stands_below_a_table_is_moved_down(app, drawn):
    with books.live(app, books.draw(drawn, [{"Key": "p1"}], below="Checked by Zoé")) as book:
        book.append(PAYMENTS, [{"key": "p2"}, {"key": "p3"}])
        assert [row.values["key"] for row in book.read(PAYMENTS).rows] == ["p1", "p2", "p3"]
        assert book.book.sheets["Review"].range("A8").value == "Checked by Zoé"


def test_a_table_below_that_would_be_torn_blocks(app, tmp_path):
    path = tmp_path / "torn.xlsm"
    build(path)
    with books.live(app, path) as book:
        below = int(re.sub(r"\D", "", PROBLEMS_TABLE.anchor))
        with pytest.raises(CannotRun) as refused:
            book.replace(OVERVIEW, [{"key": str(n)} for n in range(below)])
        assert [p.code for p in refused.value.problems] == ["table_blocked"]


def test_formulas_of_a_person_follow_new_rows(app, drawn):
    rows = [{"Key": "p1", "Amount": 10, "Twice": "=C5*2"}]
    with books.live(app, books.draw(drawn, rows, headers=["Key", "Twice", "Amount"])) as book:
        book.append(PAYMENTS, [{"key": "p2", "amount": Decimal(21)}])
        assert book.book.sheets["Review"].range("B6").formula == "=C6*2"
        assert book.book.sheets["Review"].range("B6").value == 42


def test_a_table_that_was_deleted_is_not_found_any_more(app, drawn):
    with books.live(app, books.draw(drawn)) as book:
        assert book.read(PAYMENTS).found
        book.book.api.DatabaseRanges.removeByName(PAYMENTS.name)
        assert not book.read(PAYMENTS).found


def test_a_renamed_sheet_keeps_its_table(app, drawn):
    with books.live(app, books.draw(drawn, [{"Key": "p1"}])) as book:
        assert book.read(PAYMENTS).sheet == "Review"
        book.book.sheets["Review"].name = "Revue"
        assert book.read(PAYMENTS).sheet == "Revue"
        books.write_at(book, PAYMENTS, {5: {"status": "Stand By"}})
        assert book.read(PAYMENTS).rows[0].values["status"] == "Stand By"


def test_hidden_columns_and_rows_are_written_and_stay_hidden(app, drawn):
    rows = [{"Key": f"p{n}", "Status": "Stand By" if n % 2 else "Do Not Sync"} for n in range(6)]
    with books.live(app, books.draw(drawn, rows)) as book:
        sheet = book.book.sheets["Review"].api
        sheet.Columns.getByIndex(11).IsVisible = False
        for row in (4, 6, 8):
            sheet.Rows.getByIndex(row).IsVisible = False
        books.write_at(book, PAYMENTS, {n: {"reference": f"r{n}"} for n in range(5, 11)})
        assert [row.values["reference"] for row in book.read(PAYMENTS).rows] == [f"r{n}" for n in range(5, 11)]
        assert [sheet.Rows.getByIndex(row).IsVisible for row in range(4, 10)] == [False, True] * 3


def test_the_template_takes_rows_and_its_macros_run(app, tmp_path):
    path = tmp_path / "company.xlsm"
    build(path, language="fr", identity={"company": "Ordre"})
    with books.live(app, path) as book:
        book.append(PAYMENTS, [{"key": f"p{n}", "status": "En attente"} for n in range(3)])
        sheet = book.book.sheets["Paiements"]
        sheet.activate()
        sheet.range("A6:A7").select()
        assert "2" in book.book.macro("PasserelleMarking.MarkSelection")("to_transfer")
        assert [row.values["status"] for row in book.read(PAYMENTS).rows] == [
            "En attente",
            "À transférer",
            "À transférer",
        ]
        book.save()
    with zipfile.ZipFile(path) as package:
        assert "xl/vbaProject.bin" in package.namelist()
        assert any("customUI" in name for name in package.namelist())
