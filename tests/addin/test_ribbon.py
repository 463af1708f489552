"""The ribbon's buttons on an open workbook: the very functions that Excel calls, in LibreOffice."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import xlwings

from addin import ribbon
from tests.addin.conftest import Association
from workbook import libreoffice
from workbook.layout import IDENTITY, INVOICES
from workbook.live.live_book import LiveBook
from workbook.review import text_of

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def office() -> Iterator[xlwings.App]:
    if shutil.which("soffice") is None:
        pytest.skip("libreoffice-calc")
    app = libreoffice.start()
    yield app
    app.quit()


@pytest.fixture
def spoken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the buttons said; a message box is the one thing that cannot be closed here."""
    said: list[str] = []
    monkeypatch.setattr(ribbon, "tell", lambda _, text: said.append(text))
    return said


@pytest.fixture
def opened(association: Association, office: xlwings.App) -> Iterator[LiveBook]:
    """The small association's workbook, open in LibreOffice as the workbook whose button is pressed."""
    association.init()
    association.write()
    book = office.books.open(str(association.profile.workbook))
    book.set_mock_caller()
    yield LiveBook(book)
    book.close()


def statuses(book: LiveBook) -> list[str]:
    return [text_of(row.values["status"]) for row in book.read(INVOICES).rows]


def identity(book: LiveBook) -> dict[str, str]:
    return {text_of(row.values["key"]): text_of(row.values["value"]) for row in book.read(IDENTITY).rows}


def test_connect_pull_check_preview_sync_reconcile_and_disconnect(
    opened: LiveBook, spoken: list[str], association: Association
) -> None:
    ribbon.connect()
    assert identity(opened)["connected"] == "yes"
    ribbon.pull()
    assert statuses(opened) == ["To Be Transferred"]
    ribbon.check()
    ribbon.preview()
    assert "F-1" not in association.ledger_text()
    ribbon.sync()
    assert statuses(opened) == ["Transfer Completed"]
    assert "F-1" in association.ledger_text()
    ribbon.sync()
    ribbon.reconcile()
    ribbon.disconnect()
    assert identity(opened)["connected"] == "no"
    assert spoken == [
        "Connected to Petite association.",
        "3 records pulled, 3 of them new. 0 need you: see the Dashboard.",
        "3 records are ready to leave. 0 need you: see the Dashboard.",
        "Sync would transfer 3 records. 0 need you: see the Dashboard.",
        "3 records transferred, 0 refused, 0 held back. 0 need you.",
        "0 records transferred, 0 refused, 0 held back. 0 need you.",
        "0 accounts of 0 agree; the Reconciliation sheet explains the others.",
        "Disconnected.",
    ]


def test_what_stops_a_button_is_said_with_what_to_do(
    opened: LiveBook, spoken: list[str], association: Association
) -> None:
    (association.folder / "source").rename(association.folder / "elsewhere")
    ribbon.pull()
    assert len(spoken) == 1
    assert "\n" in spoken[0]
    assert "Traceback" not in spoken[0]


def test_our_own_defect_is_said_with_its_report_and_no_traceback(
    opened: LiveBook, spoken: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise KeyError("surprise")

    monkeypatch.setattr("addin.usecases.pull.pull", broken)
    ribbon.pull()
    assert "Traceback" not in spoken[0]
    report = re.search(r"\S+defect-\S+\.txt", spoken[0])
    assert report
    assert "surprise" in Path(report.group()).read_text(encoding="utf-8")


def test_every_button_of_the_ribbon_that_calls_python_is_there_and_none_fails(
    opened: LiveBook, spoken: list[str]
) -> None:
    """The ids of ribbon.xml whose action calls Python, at once or after a question, are the functions of ribbon.py."""
    xml = (ROOT / "workbook" / "template" / "ribbon.xml").read_text(encoding="utf-8")
    ids = {
        re.search(r'\bid="([a-z_]+)"', tag).group(1)  # type: ignore[union-attr]
        for tag in re.findall(r"<(?:button|toggleButton)\b[^>]*Ribbon(?:Python|Find)[^>]*>", xml)
    }
    assert ids == ribbon.BUTTONS.keys()
    for name in ("auto_sync", "suggest_matches", "undo_transfer", "doctor", "about", "settings", "log"):
        ribbon.BUTTONS[name]()
    assert spoken[0] == "This button is not ready yet in this version."
