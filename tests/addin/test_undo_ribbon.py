"""Undo a transfer from the ribbon, on an open workbook in LibreOffice, and from the command line on the closed file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import xlwings

from addin import ribbon
from tests.addin.command_line import passerelle
from tests.addin.conftest import Association
from tests.addin.test_cli import answer
from tests.addin.test_undo import shown, standing
from workbook.layout import INVOICES
from workbook.live.live_book import LiveBook


@pytest.fixture
def opened(two_booked: Association, office: xlwings.App) -> Iterator[LiveBook]:
    """Its workbook, open in LibreOffice as the workbook whose button is pressed."""
    book = office.books.open(str(two_booked.profile.workbook))
    book.set_mock_caller()
    yield LiveBook(book)
    book.close()


def select(book: LiveBook, key: str) -> None:
    grid = book.read(INVOICES)
    [row] = [row.number for row in grid.rows if row.values["key"] == key]
    sheet = book.book.sheets[grid.sheet]
    sheet.activate()
    sheet.range(f"{grid.letters['status']}{row}").select()


def test_the_selected_row_is_undone_once_the_person_agrees(
    opened: LiveBook, two_booked: Association, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    said: list[str] = []
    monkeypatch.setattr(ribbon, "tell", lambda _, text: said.append(text))
    answers = iter((False, True))
    monkeypatch.setattr(ribbon, "agreed", lambda _, question: asked.append(question) or next(answers))
    select(opened, "I2")
    ribbon.undo_transfer()
    assert standing(two_booked) == {"F-1": 1, "F-2": 1, "R-1": 1}
    ribbon.undo_transfer()
    assert standing(two_booked) == {"F-1": 1, "R-1": 1}
    assert asked[0] == asked[1]
    assert asked[0].startswith("Undo the transfer of what is in the 1 selected rows?")
    assert said == ["1 transfers undone, 0 rows left as they are. 0 need you: see the Dashboard."]
    [row] = [row for row in opened.read(INVOICES).rows if row.values["key"] == "I2"]
    assert (row.values["status"], row.values["reference"]) == ("Stand By", None)


def test_nothing_selected_is_said_without_a_question(
    opened: LiveBook, two_booked: Association, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(ribbon, "tell", lambda _, text: said.append(text))
    monkeypatch.setattr(ribbon, "agreed", lambda *_: pytest.fail("asked"))
    opened.book.sheets[0].activate()
    opened.book.sheets[0].range("A1").select()
    ribbon.undo_transfer()
    assert len(said) == 1
    assert standing(two_booked) == {"F-1": 1, "F-2": 1, "R-1": 1}


def test_by_command_on_the_closed_file(two_booked: Association, tmp_path: Path) -> None:
    book, home = str(two_booked.profile.workbook), tmp_path / "home"
    chosen = ("undo", book, "--kind", "invoice", "--number", "F-1", "--number", "F-2", "--json")
    done = passerelle(*chosen, home=home)
    assert done.returncode == 1
    report = answer(done)
    assert report["undone"] == {"invoice": 1}
    assert report["left"] == 1
    [problem] = report["problems"]
    assert (problem["code"], problem["number"], problem["sheet"]) == ("undo_applied", "F-1", "Invoices")
    assert shown(two_booked, INVOICES, "I2") == ("Stand By", "")
    assert standing(two_booked) == {"F-1": 1, "R-1": 1}
