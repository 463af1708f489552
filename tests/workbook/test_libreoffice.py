"""The xlwings engine over LibreOffice: it answers as Excel does, or says why it cannot."""

from __future__ import annotations

import builtins
import os
import sys
from datetime import datetime
from types import BuiltinFunctionType

import books
import pytest
import xlwings
from hypothesis import given
from hypothesis import strategies as st

from connectors.problems import CannotRun
from workbook import libreoffice
from workbook.libreoffice.formulas import from_excel, to_excel
from workbook.libreoffice.office import find_soffice


@pytest.fixture
def sheet(app):
    """A sheet of an empty book."""
    book = app.books.add()
    yield book.sheets[0]
    book.close()


def test_cells_read_and_written_through_xlwings(sheet):
    sheet["A1:C2"].value = [["Facture", 12.5, datetime.fromisoformat("2026-03-01")], [None, True, -1]]
    sheet["C1"].number_format = "yyyy-mm-dd"
    assert sheet["A1:C2"].value == [["Facture", 12.5, datetime.fromisoformat("2026-03-01")], [None, True, -1.0]]
    assert sheet["B1:C2"].address == "$B$1:$C$2"
    assert sheet["A1:B2"].offset(1, 1).resize(1, 1).value is True
    assert sheet.used_range.shape == (2, 3)


def test_what_is_written_to_a_cell_that_is_no_text_is_read_as_if_it_were_typed(sheet):
    sheet["A1"].value = [["=1+1", "'=1+1", "007", "abc"]]
    assert sheet["A1:D1"].value == [2.0, "=1+1", 7.0, "abc"]
    assert sheet["A1:D1"].formula == (("=1+1", "=1+1", "7", "abc"),)


def test_what_is_written_to_a_cell_of_text_stays_text(sheet):
    sheet["A1:B1"].number_format = "@"
    sheet["A1"].value = [["=1+1", "007"]]
    assert sheet["A1:B1"].value == ["=1+1", "007"]
    assert sheet["A1:B1"].number_format == "@"
    assert sheet["A1:C1"].number_format is None


def test_errors_are_none_or_their_text(sheet):
    sheet["A1"].formula = [["=1/0", "=NA()", "=nosuch()", '=VALUE("x")', "=EXP(1000)"]]
    assert sheet["A1:E1"].value == [None] * 5
    assert sheet["A1:E1"].options(err_to_str=True).value == ["#DIV/0!", "#N/A", "#NAME?", "#VALUE!", "#NUM!"]


def test_formulas_are_in_excels_grammar(app, sheet):
    sheet.name = "Journal entries"
    sheet["A1"].value = [[1], [2], [3]]
    sheet["B1"].formula = '=IF(SUM(\'Journal entries\'!A1:A3,1)>6,"a,b;c","no")'
    assert sheet["B1"].value == "a,b;c"
    assert sheet["B1"].formula == '=IF(SUM(\'Journal entries\'!A1:A3,1)>6,"a,b;c","no")'


PIECES = st.sampled_from(["SUM(", ")", ",", "A1", "$B$2", '"a,;!."', "'x y'!C3", "Sheet1!A1", "1.5", "+", '"it""s"'])


@given(st.lists(PIECES, max_size=12).map("".join))
def test_a_formula_comes_back_as_it_went(body):
    assert to_excel(from_excel(f"={body}")) == f"={body}"


def test_colours_contents_and_sheets(sheet):
    sheet["A1"].value = "x"
    sheet["A1"].color = (255, 249, 219)
    assert sheet["A1"].color == (255, 249, 219)
    sheet["A1"].clear_contents()
    assert sheet["A1"].value is None
    assert sheet.visible
    assert "nowhere" not in sheet.book.sheets
    with pytest.raises(KeyError):
        sheet.book.sheets["nowhere"]


def test_a_book_that_is_open_is_found_by_its_name(app, drawn):
    books.draw(drawn)
    book = app.books.open(drawn)
    try:
        assert app.books.open(drawn) == book
        assert book.fullname == str(drawn)
        assert [table.name for table in book.sheets["Review"].tables] == ["tblPayments"]
        with pytest.raises(KeyError):
            app.books["other.xlsx"]
    finally:
        book.close()


def test_a_file_that_is_no_workbook_is_damage(app, tmp_path):
    path = tmp_path / "broken.xlsx"
    path.write_bytes(b"PK\x03\x04 not a workbook")
    with pytest.raises(CannotRun) as refused:
        app.books.open(path)
    assert [p.code for p in refused.value.problems] == ["workbook_damaged"]


def test_a_workbook_that_somebody_else_has_open_is_named(app, drawn):
    books.draw(drawn)
    drawn.with_name(f".~lock.{drawn.name}#").write_text(",zoe,elsewhere,21.11.2026 20:00,file:///home/zoe/profile;")
    with pytest.raises(CannotRun) as refused:
        app.books.open(drawn)
    assert [p.code for p in refused.value.problems] == ["workbook_open"]


def test_macros_that_are_not_there_are_a_key_error(app, sheet):
    with pytest.raises(KeyError):
        sheet.book.macro("Nowhere.Nothing")()


@pytest.mark.usefixtures("app")
def test_the_office_ends_with_all_it_started_and_leaves_nothing():
    own = libreoffice.start()
    office = own.impl.office
    assert office.profile.is_dir()
    own.books.add()
    own.quit()
    own.impl.office.stop()
    assert not office.profile.exists()
    assert own.pid not in xlwings.engines["libreoffice"].apps.keys()  # noqa: SIM118
    if sys.platform != "win32":
        with pytest.raises(ProcessLookupError):
            os.killpg(own.pid, 0)


def test_of_two_offices_the_one_whose_sheet_is_activated_is_the_active_one(app):
    second = libreoffice.start()
    try:
        for each in (second, app, second):
            each.books.add().sheets[0].activate()
            assert xlwings.engines["libreoffice"].apps.active == each
    finally:
        second.quit()


def test_the_bridge_leaves_python_as_it_was(app):
    assert isinstance(builtins.__import__, BuiltinFunctionType)
    assert not any("libreoffice" in folder or folder.endswith("dist-packages") for folder in sys.path)


def test_a_machine_without_libreoffice_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("workbook.libreoffice.office.PROGRAMS", ())
    with pytest.raises(CannotRun) as refused:
        find_soffice()
    (problem,) = refused.value.problems
    assert (problem.code, problem.owner, problem.params) == ("office_missing", "administrator", {"what": "soffice"})


def test_nothing_of_libreoffice_is_loaded_before_it_is_asked_for():
    code = "import sys, workbook.live, workbook.libreoffice; sys.exit('uno' in sys.modules or 'pyuno' in sys.modules)"
    assert os.spawnv(os.P_WAIT, sys.executable, [sys.executable, "-c", code]) == 0
