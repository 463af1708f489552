"""The macros in pyOpenVBA's Excel: marking, taking back, and what they look up."""

import datetime

import pytest
from pyopenvba.apps.excel import ExcelApplication

from workbook.captions import MESSAGES
from workbook.layout import ENTRIES, INVOICES, LANGUAGES, STATUSES, sheet_of
from workbook.template.sheets import where
from workbook.template.template import build

DRIVER = """
Public Sub Pick(sheet As String, address As String)
    ThisWorkbook.Worksheets(sheet).Activate
    ThisWorkbook.Worksheets(sheet).Range(address).Select
End Sub
Public Sub Hide(sheet As String, row As Long)
    ThisWorkbook.Worksheets(sheet).Unprotect
    ThisWorkbook.Worksheets(sheet).Rows(row).Hidden = True
    ThisWorkbook.Worksheets(sheet).Protect
End Sub
Public Sub Put(sheet As String, address As String, content As Variant)
    ThisWorkbook.Worksheets(sheet).Unprotect
    ThisWorkbook.Worksheets(sheet).Range(address).Value = content
    ThisWorkbook.Worksheets(sheet).Protect
End Sub
"""
FIRST = 5
KEYS = ("00123", "i2", "i3", "i4", "i5", "")
BEFORE = ("to_transfer", "stand_by", "completed", "error", "in_review", "to_transfer")


def serial(day):
    """A date as the number that a cell holds."""
    return float((day - datetime.date(1899, 12, 30)).days)


class Driven:
    """A workbook open in the interpreter, with five invoices and a row without a key."""

    def __init__(self, path, language="en"):
        self.language = language
        build(path, language=language)
        self.app = ExcelApplication.open(path)
        self.app.add_module(DRIVER, name="Driver")
        self.name = sheet_of(INVOICES).caption.of(language)
        self.status = where(INVOICES, "status")[1]
        for row, (key, status) in enumerate(zip(KEYS, BEFORE, strict=True), FIRST):
            self.put("A", row, key)
            self.put("D", row, serial(datetime.date(2026, row - FIRST + 1, 15)))
            self.put(chr(ord("A") + self.status), row, STATUSES[status].of(language))

    def put(self, letter, row, value):
        self.app.run("Put", self.name, f"{letter}{row}", value)

    def statuses(self, letter=""):
        letter = letter or chr(ord("A") + self.status)
        shown = {caption.of(self.language): code for code, caption in STATUSES.items()}
        cells = [self.app.sheet(self.name).value(f"{letter}{FIRST + n}") for n in range(len(KEYS))]
        return [shown[cell] for cell in cells]

    def mark(self, address, code, sheet=""):
        self.app.run("Pick", sheet or self.name, address)
        return self.app.run("MarkSelection", code)

    def says(self, key, **values):
        return MESSAGES[key].of(self.language).format(**values)


@pytest.fixture(params=LANGUAGES)
def book(request, tmp_path):
    return Driven(tmp_path / "book.xlsm", request.param)


def test_marking_takes_the_selected_rows_of_every_area_once(book):
    said = book.mark("C5,A7:B8,D7", "do_not_sync")
    assert book.statuses() == ["do_not_sync", "stand_by", "do_not_sync", "do_not_sync", "in_review", "to_transfer"]
    assert said == book.says("marked", n=3, status=STATUSES["do_not_sync"].of(book.language))


def test_hidden_rows_and_rows_without_a_key_are_left_alone(book):
    book.app.run("Hide", book.name, 6)
    book.mark("A1:W500", "stand_by")
    assert book.statuses() == ["stand_by", "stand_by", "stand_by", "stand_by", "stand_by", "to_transfer"]
    assert book.app.run("UndoMark") == book.says("undone", n=4)
    assert book.statuses() == list(BEFORE)


def test_a_whole_column_may_be_selected(book):
    book.mark("P:P", "in_review")
    assert book.statuses() == ["in_review"] * 5 + ["to_transfer"]


def test_a_selection_elsewhere_does_nothing_and_says_so(book):
    for sheet in ("Settings", "Lines") if book.language == "en" else ("Paramètres", "Lignes"):
        assert book.mark("A5:C9", "do_not_sync", sheet) == book.says("not_a_review_sheet")
    assert book.statuses() == list(BEFORE)


def test_a_selection_without_records_does_nothing_and_keeps_the_last_mark(book):
    book.mark("A5", "do_not_sync")
    assert book.mark("A1:W4", "stand_by") == book.says("no_rows")
    assert book.app.run("UndoMark") == book.says("undone", n=1)
    assert book.statuses() == list(BEFORE)


def test_undo_is_one_step_and_only_one(book):
    book.mark("A5:A9", "do_not_sync")
    book.mark("A5:A6", "stand_by")
    assert book.app.run("UndoMark") == book.says("undone", n=2)
    assert book.statuses()[:5] == ["do_not_sync"] * 5
    assert book.app.run("UndoMark") == book.says("nothing_to_undo")


def test_undo_finds_rows_that_were_sorted_and_leaves_what_changed_since(book):
    book.mark("A5:A8", "do_not_sync")
    letter = chr(ord("A") + book.status)
    book.put("A", 5, "i3")  # the rows 5 and 7 change places, as a sort would do
    book.put("A", 7, "00123")
    book.put(letter, 6, STATUSES["completed"].of(book.language))  # a sync has meanwhile transferred i2
    book.put("A", 8, "gone")
    assert book.app.run("UndoMark") == book.says("undone", n=2)
    assert book.statuses() == ["completed", "completed", "to_transfer", "do_not_sync", "in_review", "to_transfer"]


def test_undo_speaks_the_language_the_workbook_has_now(book):
    book.mark("A5:A6", "do_not_sync")
    other = "fr" if book.language == "en" else "en"
    book.app.run("SetIdentity", "language", other)
    for row in (5, 6):
        book.put("P", row, STATUSES["do_not_sync"].of(other))
    book.app.run("UndoMark")
    shown = [book.app.sheet(book.name).value(f"P{row}") for row in (5, 6)]
    assert shown == [STATUSES["to_transfer"].of(other), STATUSES["stand_by"].of(other)]


def test_no_go_before_takes_only_older_visible_records(book):
    book.app.run("Hide", book.name, 6)
    book.app.run("Pick", book.name, "A1")
    said = book.app.run("NoGoBefore", "2026-03-15")
    assert book.statuses() == ["do_not_sync", *BEFORE[1:]]
    assert said == book.says("marked", n=1, status=STATUSES["do_not_sync"].of(book.language))


@pytest.mark.parametrize("typed", ["15/03/2026", "2026-13-01", "2026-02-30", "tomorrow", "2026-3-1"])
def test_what_is_no_date_marks_nothing(tmp_path, typed):
    book = Driven(tmp_path / "book.xlsm")
    book.app.run("Pick", book.name, "A1")
    assert book.app.run("NoGoBefore", typed) == book.says("not_a_date")
    assert book.statuses() == list(BEFORE)


def test_accounts_have_no_dates(book):
    book.app.run("Pick", "Accounts" if book.language == "en" else "Comptes", "A5")
    assert book.app.run("NoGoBefore", "2026-03-15") == book.says("no_dates_here")


def test_columns_are_found_when_people_renamed_them(book):
    book.put("P", 4, "My status")
    book.mark("A5", "do_not_sync")
    assert book.statuses()[0] == "do_not_sync"


def test_entries_are_marked_too(book):
    name = sheet_of(ENTRIES).caption.of(book.language)
    book.app.run("Put", name, "A5", "e1#1")
    book.mark("B5", "do_not_sync", name)
    letter = chr(ord("A") + where(ENTRIES, "status")[1])
    assert book.app.sheet(name).value(f"{letter}5") == STATUSES["do_not_sync"].of(book.language)


def test_the_connection_is_told_and_greys_buttons(book):
    connected, not_connected = MESSAGES["connected"].of(book.language), MESSAGES["not_connected"].of(book.language)
    assert book.app.run("ConnectionText") == not_connected
    assert book.app.run("IsEnabled", "disconnect")  # as long as nobody has said so, no button is greyed out
    book.app.run("SetIdentity", "connected", "yes")
    book.app.run("SetIdentity", "connected_to", "Érables inc.")
    book.app.run("SetIdentity", "connected_until", "2026-12-01")
    until = MESSAGES["until"].of(book.language).format(date="2026-12-01")
    assert book.app.run("ConnectionText") == f"{connected.format(company='Érables inc.')} {until}"
    assert not book.app.run("IsEnabled", "connect")
    book.app.run("SetIdentity", "connected", "no")
    assert not book.app.run("IsEnabled", "disconnect")
    assert book.app.run("IsEnabled", "sync")


def test_opening_goes_to_the_dashboard(book):
    book.app.run("ThisWorkbook.Workbook_Open")
    assert book.app.evaluate("ActiveSheet.Name") == ("Dashboard" if book.language == "en" else "Tableau de bord")
