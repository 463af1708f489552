"""The accountant's whole day on the open workbook, in both languages: docs/day.py on a small association."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from threading import Thread

import pytest
import xlwings

from addin import ribbon
from addin.usecases.check import check
from addin.usecases.init import init
from connectors.ledger import Outcome, Posting
from connectors.ledgers.beancount.connector import BeancountLedger
from docs.day import day, know_a_customer
from tests.addin.conftest import ACCOUNTS, INVOICES, Association, add_invoice, documents_in
from workbook.captions import BUTTONS
from workbook.file.file_book import FileBook
from workbook.layout import IDENTITY, LOG_TABLE, PAYMENTS, STATUSES, Language
from workbook.live import live_book
from workbook.live.live_book import LiveBook
from workbook.review import text_of
from workbook.row_keys import keyed


@pytest.fixture(params=[pytest.param("en", marks=pytest.mark.long), "fr"])  # the buttons' own tests are in English
def company(association: Association, request: pytest.FixtureRequest) -> tuple[Association, Language]:
    """A zero invoice, one of an unmapped GL account, and an account that the ledger knows by another spelling."""
    add_invoice(association, "I2", "F-2")
    association.files["lines"][1]["gl_account"] = "4999"
    add_invoice(association, "I3", "F-3", subtotal="0.00", tax="0.00", total="0.00")
    association.files["lines"][2] |= {"amount": "0.00", "unit_price": "0.00", "tax_amount": "0.00"}
    association.files["document_taxes"] = association.files["document_taxes"][:4]
    association.add("accounts", key="A2", number="1002", name="Société d'horticulture")
    add_invoice(association, "I4", "F-4", "A2")
    association.add("gl_accounts", code="4999", name="Divers")
    association.settings = {}
    association.write()
    init(association.folder, association.name, "files", "beancount", {}, FileBook, request.param)
    know_a_customer(association.folder / "book.beancount", "CLUB D'ECHECS DE L'ILE INC.")
    return association, request.param


def test_a_whole_day(company: tuple[Association, Language], office: xlwings.App) -> None:
    association, language = company
    opened = office.books.open(str(association.profile.workbook))
    opened.set_mock_caller()
    seen: dict[str, dict[str, str]] = {}
    book = LiveBook(opened)
    day(book, lambda step, _: seen.update({step: statuses(book)}))
    book.save()
    opened.close()

    caption = {code: text.of(language) for code, text in STATUSES.items()}
    assert set(seen["pull"].values()) == {caption["to_transfer"]}
    assert seen["suggest"] == {**seen["pull"], "F-3": caption["do_not_sync"]}
    assert seen["sync"] == {
        "F-1": caption["completed"],
        "F-2": caption["completed"],
        "F-3": caption["do_not_sync"],
        "F-4": caption["to_transfer"],
    }
    account = association.row(ACCOUNTS, "A1")
    assert (account["reference"], account["status"]) == ("C500", caption["completed"])
    assert set(documents_in(association.folder / "book.beancount").values()) == {1}
    assert statuses(association.book) == seen["sync"]
    assert len(association.book.read(LOG_TABLE).rows) >= 5
    held = association.run(check).problems
    assert [(p.code, p.number) for p in held if p.code == "account_not_linked"] == [("account_not_linked", "1002")]


def statuses(book: LiveBook | FileBook) -> dict[str, str]:
    """The status that each invoice shows, by number."""
    return {text_of(r.values["number"]): text_of(r.values["status"]) for r in book.read(INVOICES).rows}


@pytest.fixture
def opened(association: Association, office: xlwings.App) -> Iterator[LiveBook]:
    """The small association's workbook, pulled, in front of a person."""
    association.init()
    association.pull()
    book = office.books.open(str(association.profile.workbook))
    book.set_mock_caller()
    yield LiveBook(book)
    book.close()


@pytest.mark.long
def test_the_language_button_switches_there_and_back(opened: LiveBook, office: xlwings.App) -> None:
    ribbon.language()
    assert office.impl.said[-1] == "Le classeur est maintenant en français."
    assert statuses(opened) == {"F-1": "À transférer"}
    assert opened.read(INVOICES).sheet == "Factures"
    assert opened.book.sheets["Factures"]["A1"].value == "Factures"
    assert opened.book.macro("PasserelleTexts.TextOf")("ribbon.pull") == "Importer"
    ribbon.language()
    assert office.impl.said[-1] == "The workbook is now in English."
    assert statuses(opened) == {"F-1": "To Be Transferred"}


def greyed(book: LiveBook) -> set[str]:
    """The ids of the buttons that the ribbon shows grey, by the macro that it asks; a company is made but once."""
    enabled = book.book.macro("PasserelleRibbon.IsEnabled")
    return {button for button in BUTTONS if not enabled(button)} - {"create_company"}


REVIEWING = {"mark_in_review", "approve"}
"""The buttons of a company that reviews nothing, once the program has said so."""

OVER_A_CONNECTION = {"same_one", "sync", "auto_sync", "reconcile", "period_file", "undo_transfer", "undo_run"}
OVER_A_CONNECTION |= {"start_in_sync"}


def test_buttons_follow_the_connection(association: Association, office: xlwings.App) -> None:
    association.init()
    association.write()
    opened = office.books.open(str(association.profile.workbook))
    opened.set_mock_caller()
    book, said = LiveBook(opened), opened.macro("PasserelleRibbon.ConnectionText")
    assert (greyed(book), said()) == (OVER_A_CONNECTION, "Not connected")
    ribbon.pull()
    assert (greyed(book), said()) == ({"connect", *REVIEWING}, "Connected to Petite association")
    ribbon.disconnect()
    assert (greyed(book), said()) == ({*OVER_A_CONNECTION, *REVIEWING, "disconnect"}, "Not connected")
    ribbon.connect()
    assert greyed(book) == {"connect", "authorize", *REVIEWING}, "a Beancount book asks nobody to sign in"
    (association.folder / "book.beancount").rename(association.folder / "elsewhere")
    ribbon.connect()
    assert (greyed(book), said()) == ({*OVER_A_CONNECTION, *REVIEWING, "disconnect", "authorize"}, "Not connected")
    opened.close()


def test_stop_ends_a_sync_after_the_document_in_hand(
    association: Association, office: xlwings.App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody presses Stop while the third of eight invoices is being booked; the next Sync does the rest."""
    for number in range(2, 9):
        add_invoice(association, f"I{number}", f"F-{number}")
    association.init()
    association.pull()
    opened = office.books.open(str(association.profile.workbook))
    opened.set_mock_caller()
    book, whole = LiveBook(opened), BeancountLedger.post
    stop = office.impl.office.service("com.sun.star.beans.PropertyBag")
    stop.addProperty("ID", 0, "stop")

    def post(ledger: BeancountLedger, postings: Sequence[Posting]) -> Iterator[Outcome]:
        if [p.record.key for p in postings] == ["I3"]:
            pressed = Thread(target=opened.macro("PasserelleRibbon.RibbonStop"), args=(stop,))
            pressed.start()
            pressed.join()
        yield from whole(ledger, postings)

    monkeypatch.setattr(BeancountLedger, "post", post)
    monkeypatch.setattr(BeancountLedger, "capabilities", replace(BeancountLedger.capabilities, batch_size=1))
    monkeypatch.setattr(live_book, "STOP_SECONDS", 0)
    ribbon.sync()
    rows = {text_of(r.values["key"]): r.values for r in book.read(INVOICES).rows}
    assert {key for key, cells in rows.items() if cells["status"] == "Transfer Completed"} == {"I1", "I2", "I3"}
    assert all(rows[key]["reference"] for key in ("I1", "I2", "I3"))
    assert {cells["status"] for key, cells in rows.items() if key > "I3"} == {"To Be Transferred"}
    assert payments(book) == {"P1": "To Be Transferred"}
    booked = documents_in(association.folder / "book.beancount")
    assert {key for kind, key in booked if kind == "invoice"} == {"I1", "I2", "I3"}
    assert "stop" not in {text_of(r.values["key"]) for r in book.read(IDENTITY).rows if r.values["value"]}

    ribbon.sync()
    assert set(statuses(book).values()) == {"Transfer Completed"}
    assert payments(book) == {"P1": "Transfer Completed"}
    booked = documents_in(association.folder / "book.beancount")
    assert set(booked.values()) == {1}
    assert {key for kind, key in booked if kind == "invoice"} == {f"I{n}" for n in range(1, 9)}
    opened.close()


def payments(book: LiveBook) -> dict[str, str]:
    """The status that each payment shows, by key."""
    return {text_of(r.values["key"]): text_of(r.values["status"]) for r in book.read(PAYMENTS).rows}


def test_only_visible_selected_rows_are_linked(opened: LiveBook) -> None:
    sheet = opened.book.sheets[opened.read(ACCOUNTS).sheet]
    sheet.activate()
    sheet.range("A1:C400").select()
    rows = [row.number for row in opened.read(ACCOUNTS).rows]
    assert opened.selected(ACCOUNTS) == tuple(key for key, _ in keyed(ACCOUNTS, opened.read(ACCOUNTS).rows))
    assert opened.selected(INVOICES) == ()
    sheet.api.Rows.getByIndex(rows[0] - 1).IsVisible = False
    assert opened.selected(ACCOUNTS) == ()
