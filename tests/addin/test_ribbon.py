"""The ribbon's buttons on an open workbook: the very functions that Excel calls, in LibreOffice."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path

import pytest
import xlwings

from addin import ribbon
from connectors.ledger import Outcome, Posting
from connectors.ledgers.beancount.connector import BeancountLedger
from connectors.problems import CannotRun, Problem
from docs.day import know_a_customer
from tests.addin.conftest import Association
from tests.addin.person import Person
from workbook import libreoffice
from workbook.captions import MESSAGES
from workbook.layout import ACCOUNTS, IDENTITY, INVOICES, PERIOD, STATUSES, TAX_BOXES, Table
from workbook.libreoffice.office import Uno
from workbook.live.live_book import LiveBook
from workbook.review import text_of

ROOT = Path(__file__).parents[2]


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


@pytest.mark.long
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
        "Sync would transfer 3 records; the Preview sheet shows them. 0 need you.",
        "3 records transferred, 0 refused, 0 held back. 0 need you.",
        "0 records transferred, 0 refused, 0 held back. 0 need you.",
        "0 accounts of 0 agree; the Reconciliation sheet explains the others.",
        "Disconnected.",
    ]


def test_tax_boxes_and_the_periods_file_are_of_the_days_on_the_sheet(
    opened: LiveBook, spoken: list[str], association: Association
) -> None:
    ribbon.pull()
    ribbon.sync()
    ribbon.tax_boxes()
    opened.write(PERIOD, {("Period",): {"first": date(2025, 1, 1)}})
    ribbon.tax_boxes()
    ribbon.period_file()
    file = association.profile.workbook.with_name(f"{association.profile.workbook.stem} 2025-01.xlsx")
    assert spoken[2].startswith("The Period sheet is to be from “…” to “…”, which is no period.")
    assert spoken[3:] == ["12 boxes of 2025-01-01 – 2025-01-31 are on the Period sheet.", f"Written: {file}"]
    assert file.is_file()
    assert len(opened.read(TAX_BOXES).rows) == 12


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
        for tag in re.findall(r"<(?:button|toggleButton)\b[^>]*Ribbon(?:Python|Find|Day)[^>]*>", xml)
    }
    assert ids == ribbon.BUTTONS.keys()
    for name in ("suggest_matches", "doctor", "about", "settings", "set_up", "log"):
        ribbon.BUTTONS[name]()
    assert len(spoken) == 3
    assert not [said for said in spoken if "defect-" in said]


@pytest.mark.long
def test_auto_sync_goes_on_until_stop_is_pressed(
    opened: LiveBook, spoken: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stop fills in a row of the identity, as its macro does; here once the first batch has left."""
    post = BeancountLedger.post

    def posting(self: BeancountLedger, postings: Sequence[Posting]) -> Iterator[Outcome]:
        opened.write(IDENTITY, {("stop",): {"value": "yes"}})
        yield from post(self, postings)

    monkeypatch.setattr(BeancountLedger, "post", posting)
    ribbon.auto_sync()
    assert re.fullmatch(r"[123] records transferred in [12] rounds, 0 refused, [01] held back. .*", spoken[0])
    assert identity(opened)["stop"] == ""


def test_a_stop_pressed_while_nothing_runs_does_not_end_the_next_sync(opened: LiveBook, spoken: list[str]) -> None:
    ribbon.pull()
    opened.write(IDENTITY, {("stop",): {"value": "yes"}})
    ribbon.sync()
    assert identity(opened)["stop"] == ""
    assert spoken[1].startswith("3 records transferred, 0 refused, 0 held back.")
    assert statuses(opened) == ["Transfer Completed"]


@pytest.mark.long
def test_what_cannot_be_saved_is_no_defect_and_is_told_to_the_rows_by_the_next_sync(
    opened: LiveBook, spoken: list[str], association: Association
) -> None:
    """As for a workbook opened to be read: Excel lets its cells be written, and refuses to save them."""
    ribbon.pull()
    path = association.profile.workbook
    saved = path.rename(path.with_suffix(".before"))
    path.mkdir()
    ribbon.sync()
    path.rmdir()
    saved.rename(path)
    assert spoken[1].startswith("3 records transferred, 0 refused, 0 held back.")
    assert association.row(INVOICES, "I1")["status"] == "To Be Transferred"
    ribbon.sync()
    assert association.row(INVOICES, "I1")["status"] == "Transfer Completed"


def test_a_workbook_whose_file_is_not_on_this_machine_is_said_by_every_button(
    opened: LiveBook, spoken: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """xlwings raises this where it cannot tell the folder of a synchronized workbook."""

    def online(_: xlwings.Book) -> str:
        raise xlwings.XlwingsError("Couldn't find your local OneDrive folder.")

    monkeypatch.setattr(xlwings.Book, "fullname", property(online))
    for button in ribbon.BUTTONS.values():
        button()
    assert len(spoken) == len(ribbon.BUTTONS)
    assert all(opened.book.name in said for said in spoken)


def test_what_refuses_to_be_read_before_the_question_is_said(
    opened: LiveBook, spoken: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(_: LiveBook, __: Table) -> tuple[int, ...]:
        raise CannotRun(Problem(code="excel_busy", params={"seconds": "16"}))

    monkeypatch.setattr(LiveBook, "selected", busy)
    ribbon.undo_transfer()
    assert len(spoken) == 1
    assert "Traceback" not in spoken[0]


@pytest.fixture(scope="module")
def front() -> Iterator[xlwings.App]:
    """A visible office, which shows its boxes."""
    if shutil.which("soffice") is None:
        pytest.skip("libreoffice-calc")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAL_USE_VCLPLUGIN", "svp")
        app = libreoffice.start(visible=True)
    yield app
    app.quit()


@pytest.fixture
def seen(association: Association, front: xlwings.App) -> Iterator[tuple[LiveBook, Person]]:
    """The small association's workbook, pulled, in that office, with somebody before it."""
    association.init()
    know_a_customer(association.folder / "book.beancount", "Échecs et Mat inc.")
    association.pull()
    book = front.books.open(str(association.profile.workbook))
    book.set_mock_caller()
    yield LiveBook(book), Person(front)
    book.close()


def test_find_asks_what_to_look_for_and_shows_who_was_found(seen: tuple[LiveBook, Person]) -> None:
    book, person = seen
    sheet = book.book.sheets[book.read(ACCOUNTS).sheet]
    sheet.activate()
    sheet.range(f"{book.read(ACCOUNTS).letters['name']}5").select()
    ask = book.book.macro("PasserelleRibbon.AskWhatToFind")
    asked, box = person.answers(ask, "OK", typed="  échecs ET ")
    assert asked is True
    assert (box.title, box.given) == ("Find in ledger…", "Club d'échecs de l'Île")
    assert MESSAGES["search"].en in box.texts
    assert identity(book)["search"] == "échecs ET"
    _, shown = person.answers(ribbon.find_in_ledger, "OK")
    assert shown.title == "Passerelle"
    assert "Customers of the ledger, as last pulled, for “échecs ET”:" in shown.texts[0]
    assert "C500 · Échecs et Mat inc." in shown.texts[0]


def test_a_search_that_is_cancelled_or_empty_looks_for_nothing(seen: tuple[LiveBook, Person]) -> None:
    book, person = seen
    ask = book.book.macro("PasserelleRibbon.AskWhatToFind")
    assert person.answers(ask, "Cancel", typed="échecs")[0] is False
    assert person.answers(ask, "OK", typed="  ")[0] is False
    assert identity(book)["search"] == ""


def test_no_go_asks_for_a_day_and_offers_today(seen: tuple[LiveBook, Person]) -> None:
    book, person = seen
    book.book.sheets[book.read(INVOICES).sheet].activate()
    ask = book.book.macro("PasserelleRibbon.AskAndExclude")
    said, box = person.answers(ask, "OK", typed="2025-01-16")
    assert said == MESSAGES["marked"].en.format(n=1, status=STATUSES["do_not_sync"].en)
    assert date.fromisoformat(box.given) <= datetime.now().astimezone().date()
    assert statuses(book) == ["Do Not Sync"]
    assert person.answers(ask, "Cancel", typed="2025-01-16")[0] == ""


def test_a_message_stays_until_it_is_closed_and_a_question_takes_no_for_an_answer(
    seen: tuple[LiveBook, Person],
) -> None:
    book, person = seen
    _, box = person.answers(ribbon.check, "OK")
    assert box.buttons == {"OK"}
    assert "need you: see the Dashboard." in box.texts[0]
    for button, wanted in (("OK", True), ("Cancel", False)):
        agreed, box = person.answers(lambda: ribbon.agreed(book, "Sure?"), button)
        assert (agreed, box.buttons) == (wanted, {"OK", "Cancel"})


def control(book: LiveBook, button: str) -> Uno:
    """A button as a macro is given it."""
    bag = book.book.app.impl.office.service("com.sun.star.beans.PropertyBag")
    bag.addProperty("ID", 0, button)
    return bag


def test_the_review_buttons_mark_and_take_back(seen: tuple[LiveBook, Person]) -> None:
    book, person = seen
    sheet = book.book.sheets[book.read(INVOICES).sheet]
    sheet.activate()
    sheet.range("A5").select()
    press = book.book.macro("PasserelleRibbon.RibbonMark")
    press(control(book, "mark_stand_by"))
    assert statuses(book) == ["Stand By"]
    press(control(book, "undo_mark"))
    assert statuses(book) == ["To Be Transferred"]
    person.answers(lambda: press(control(book, "no_go_before")), "OK", typed="2025-01-16")
    assert statuses(book) == ["Do Not Sync"]


def test_a_day_is_asked_for_and_everything_before_it_is_marked_and_taken_back(
    seen: tuple[LiveBook, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    book, person = seen
    ask = book.book.macro("PasserelleRibbon.AskForDay")
    asked, box = person.answers(lambda: ask("no_go"), "OK", typed="2025-01-16")
    assert (asked, box.title) == (True, "No-go, all sheets…")
    assert identity(book)["day"] == "2025-01-16"
    said: list[str] = []
    monkeypatch.setattr(ribbon, "tell", lambda _, text: said.append(text))
    _, question = person.answers(ribbon.no_go, "OK")
    assert "Invoice: 1 · 114.98 CAD" in question.texts[0]
    assert statuses(book) == ["Do Not Sync"]
    ribbon.undo_no_go()
    assert statuses(book) == ["To Be Transferred"]
    assert said[0] == "1 records before 2025-01-16 are Do Not Sync, 0 are as they were before."
