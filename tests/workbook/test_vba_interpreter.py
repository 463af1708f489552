"""The macros in pyOpenVBA's Excel: marking, taking back, and what they look up."""

import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from pyopenvba.apps.excel import ExcelApplication
from pyopenvba.exceptions import VBARuntimeError

from tests.sampled import sampled
from workbook.captions import BUTTONS, MESSAGES
from workbook.layout import ENTRIES, INVOICES, LANGUAGES, SETUP, SHEETS, STATUSES, sheet_of
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
Public Sub Filter(sheet As String, address As String, criteria As String)
    ThisWorkbook.Worksheets(sheet).Unprotect
    ThisWorkbook.Worksheets(sheet).Range(address).AutoFilter 1, criteria
    ThisWorkbook.Worksheets(sheet).Protect
End Sub
Public Sub Recalculate(automatic As String)
    Application.Calculation = IIf(automatic = "yes", xlCalculationAutomatic, xlCalculationManual)
End Sub
Public Function Settings() As String
    Settings = Application.Calculation & " " & Application.ScreenUpdating & " " & Application.EnableEvents
End Function
Public Sub Lock(sheet As String, address As String)
    ThisWorkbook.Worksheets(sheet).Unprotect
    ThisWorkbook.Worksheets(sheet).Range(address).Locked = True
    ThisWorkbook.Worksheets(sheet).Protect
End Sub
Public Sub General(sheet As String, address As String)
    ThisWorkbook.Worksheets(sheet).Unprotect
    ThisWorkbook.Worksheets(sheet).Range(address).NumberFormat = "General"
    ThisWorkbook.Worksheets(sheet).Protect
End Sub
Public Function FormulaOf(sheet As String, address As String) As String
    FormulaOf = ThisWorkbook.Worksheets(sheet).Range(address).Formula
End Function
Public Sub Put(sheet As String, address As String, content As Variant)
    Application.EnableEvents = False
    ThisWorkbook.Worksheets(sheet).Unprotect
    ThisWorkbook.Worksheets(sheet).Range(address).Value = content
    ThisWorkbook.Worksheets(sheet).Protect
    Application.EnableEvents = True
End Sub
Public Sub Guard(sheet As String, address As String, formula As String, Optional title As String = "Passerelle")
    With ThisWorkbook.Worksheets(sheet).Range(address).Validation
        .Delete
        .Add 7, 1, 1, formula
        .ErrorTitle = title
    End With
End Sub
Public Sub DeleteRows(sheet As String, rows As String)
    ThisWorkbook.Worksheets(sheet).Unprotect
    ThisWorkbook.Worksheets(sheet).Rows(rows).Delete
End Sub
Public Function OnlyRead(sheet As String, address As String) As Boolean
    OnlyRead = IsOnlyRead(ThisWorkbook.Worksheets(sheet), ThisWorkbook.Worksheets(sheet).Range(address))
End Function
"""
FIRST = 5
KEYS = ("00123", "i2", "i3", "i4", "i5", "")
BEFORE = ("to_transfer", "stand_by", "completed", "error", "in_review", "to_transfer")

KEY, DATE, STATUS = (chr(ord("A") + where(INVOICES, name)[1]) for name in ("key", "date", "status"))
"""The letters of the columns that marking looks at."""


def serial(day):
    """A date as the number that a cell holds."""
    return float((day - datetime.date(1899, 12, 30)).days)


@cache
def drawn(language):
    """The template in a language, drawn once."""
    with TemporaryDirectory() as scratch:
        path = Path(scratch, "book.xlsm")
        build(path, language=language)
        return path.read_bytes()


class Driven:
    """A workbook open in the interpreter, with five invoices and a row without a key."""

    def __init__(self, path, language="en"):
        self.language = language
        path.write_bytes(drawn(language))
        self.app = ExcelApplication.open(path)
        self.app.add_module(DRIVER, name="Driver")
        self.name = sheet_of(INVOICES).caption.of(language)
        self.status = where(INVOICES, "status")[1]
        self.app.run("Recalculate", "no")  # after each cell the interpreter would look at every formula anew
        for row, (key, status) in enumerate(zip(KEYS, BEFORE, strict=True), FIRST):
            self.put(KEY, row, key)
            self.put(DATE, row, serial(datetime.date(2026, row - FIRST + 1, 15)))
            self.put(chr(ord("A") + self.status), row, STATUSES[status].of(language))
        self.app.run("Recalculate", "yes")

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


@pytest.fixture(params=sampled(LANGUAGES, "en"))
def book(request, tmp_path):
    return Driven(tmp_path / "book.xlsm", request.param)


@pytest.mark.parametrize("book", LANGUAGES, indirect=True)
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


def filter_by(book, word):
    """Filter a column of the person's own beside the table: every other record passes."""
    for row, mine in enumerate(("mine", "yes", "no", "yes", "no", "yes"), FIRST - 1):
        book.put("Z", row, mine)
    book.app.run("Filter", book.name, "Z4:Z9", word)


@pytest.mark.parametrize("address", ["A1:W500", f"{STATUS}5:{STATUS}9"])
def test_a_filter_keeps_what_it_hides(book, address):
    filter_by(book, "yes")
    said = book.mark(address, "do_not_sync")
    assert said == book.says("marked", n=3, status=STATUSES["do_not_sync"].of(book.language))
    assert book.statuses() == ["do_not_sync", "stand_by", "do_not_sync", "error", "do_not_sync", "to_transfer"]
    filter_by(book, "no")  # what was marked is out of sight now
    assert book.app.run("UndoMark") == book.says("undone", n=3)
    assert book.statuses() == list(BEFORE)


def test_undo_gives_every_row_its_own_status_back_under_a_filter(book):
    """While a filter is on, Excel gives every visible stretch of a range the first values of an array."""
    book.mark("A5:A9", "do_not_sync")
    filter_by(book, "yes")
    assert book.app.run("UndoMark") == book.says("undone", n=5)
    assert book.statuses() == list(BEFORE)


def test_marking_leaves_excel_set_as_it_was(book):
    book.app.run("Recalculate", "no")
    book.mark("A5:A9", "do_not_sync")
    assert book.app.run("Settings") == "-4135 True True"
    book.app.run("Recalculate", "yes")
    book.app.run("UndoMark")
    assert book.app.run("Settings") == "-4105 True True"


def test_where_excel_refuses_it_is_left_as_it_was_and_what_was_marked_can_be_taken_back(book):
    book.app.run("Lock", book.name, f"{STATUS}9")
    book.app.run("Hide", book.name, 8)  # so that there are two runs, and the first is written
    with pytest.raises(VBARuntimeError):
        book.mark("A5:A9", "do_not_sync")
    assert book.app.run("Settings") == "-4105 True True"
    assert book.statuses() == ["do_not_sync"] * 3 + list(BEFORE[3:])
    assert book.app.run("UndoMark") == book.says("undone", n=3)
    assert book.statuses() == list(BEFORE)


def test_a_formula_in_place_of_a_status_comes_back_as_a_formula(book):
    book.app.run("General", book.name, f"{STATUS}6")
    book.put(STATUS, 6, '="In" & " Review"')
    book.mark("A5:A7", "do_not_sync")
    book.app.run("UndoMark")
    assert book.app.run("FormulaOf", book.name, f"{STATUS}6") == '="In" & " Review"'


def test_a_whole_column_may_be_selected(book):
    book.mark(f"{STATUS}:{STATUS}", "in_review")
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
    book.put(KEY, 5, "i3")  # the rows 5 and 7 change places, as a sort would do
    book.put(KEY, 7, "00123")
    book.put(letter, 6, STATUSES["completed"].of(book.language))  # a sync has meanwhile transferred i2
    book.put(KEY, 8, "gone")
    assert book.app.run("UndoMark") == book.says("undone", n=2)
    assert book.statuses() == ["completed", "completed", "to_transfer", "do_not_sync", "in_review", "to_transfer"]


def test_undo_speaks_the_language_the_workbook_has_now(book):
    book.mark("A5:A6", "do_not_sync")
    other = "fr" if book.language == "en" else "en"
    book.app.run("SetIdentity", "language", other)
    for row in (5, 6):
        book.put(STATUS, row, STATUSES["do_not_sync"].of(other))
    book.app.run("UndoMark")
    shown = [book.app.sheet(book.name).value(f"{STATUS}{row}") for row in (5, 6)]
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


@pytest.mark.parametrize("book", LANGUAGES, indirect=True)
def test_columns_are_found_when_people_renamed_them(book):
    book.put(STATUS, 4, "My status")
    book.mark("A5", "do_not_sync")
    assert book.statuses()[0] == "do_not_sync"


def test_entries_are_marked_too(book):
    name = sheet_of(ENTRIES).caption.of(book.language)
    book.app.run("Put", name, f"{chr(ord('A') + where(ENTRIES, 'key')[1])}5", "e1#1")
    book.mark("B5", "do_not_sync", name)
    letter = chr(ord("A") + where(ENTRIES, "status")[1])
    assert book.app.sheet(name).value(f"{letter}5") == STATUSES["do_not_sync"].of(book.language)


def identify(book, **values):
    for key, value in values.items():
        book.app.run("SetIdentity", key, value)


def enabled(book):
    """The ids of the ribbon's buttons that are not greyed out."""
    return {button for button in BUTTONS if book.app.run("IsEnabled", button)}


def test_the_connection_is_told(book):
    connected, not_connected = MESSAGES["connected"].of(book.language), MESSAGES["not_connected"].of(book.language)
    assert book.app.run("ConnectionText") == not_connected
    identify(book, connected="yes", connected_to="Érables inc.", connected_until="2999-12-01")
    until = MESSAGES["until"].of(book.language).format(date="2999-12-01")
    assert book.app.run("ConnectionText") == f"{connected.format(company='Érables inc.')} {until}"
    identify(book, connected_until="2026-01-31")  # gone by
    assert book.app.run("ConnectionText") == not_connected


OVER_A_CONNECTION = {"same_one", "sync", "auto_sync", "reconcile", "period_file", "undo_transfer", "undo_run"}
OVER_A_CONNECTION |= {"start_in_sync"}
ALONE = {"log", "settings", "doctor", "guide", "about", "stop", "no_go_before", "undo_mark"}
ALONE |= {"set_up", "create_company"}
ALONE |= {f"mark_{status}" for status in ("to_transfer", "stand_by", "do_not_sync", "in_review")}


def test_a_workbook_of_no_company_lets_one_mark_and_look_around(book):
    assert enabled(book) == ALONE


@pytest.mark.parametrize(
    ("known", "greyed"),
    [
        ({}, OVER_A_CONNECTION),
        ({"connected": "no"}, {*OVER_A_CONNECTION, "disconnect"}),
        ({"connected": "yes"}, {"connect"}),
        ({"connected": "yes", "connected_until": "2999-12-31"}, {"connect"}),
        ({"connected": "yes", "connected_until": "2026-01-31"}, OVER_A_CONNECTION),
        ({"connected": "yes", "signs_in": "no"}, {"connect", "authorize"}),
        ({"connected": "yes", "signs_in": "yes", "review": "no"}, {"connect", "mark_in_review", "approve"}),
    ],
)
def test_buttons_are_greyed_by_what_python_wrote(tmp_path, known, greyed):
    book = Driven(tmp_path / "book.xlsm")
    identify(book, company="Petite association", **known)
    assert BUTTONS.keys() - enabled(book) == {*greyed, "create_company"}


def test_opening_goes_to_the_set_up_of_a_workbook_of_no_company(book):
    book.app.run("ThisWorkbook.Workbook_Open")
    assert book.app.evaluate("ActiveSheet.Name") == SETUP.caption.of(book.language)


def test_opening_goes_to_the_dashboard(book):
    identify(book, company="Petite association")
    book.app.run("ThisWorkbook.Workbook_Open")
    assert book.app.evaluate("ActiveSheet.Name") == ("Dashboard" if book.language == "en" else "Tableau de bord")


@pytest.mark.parametrize(
    ("address", "only_read"),
    [
        (f"{KEY}5", True), (f"{STATUS}5", False), (f"{STATUS}5:{STATUS}9", False), (f"{DATE}5:{STATUS}5", True),
        ("AZ5", False), ("A5:W9", False), (f"{KEY}:{KEY}", False), (f"{DATE}49999", True),
    ],
)  # fmt: skip
def test_what_is_only_read_is_told_from_what_is_typed_own_columns_and_sorts(book, address, only_read):
    """A change over the whole width is a sort or whole rows, one of whole columns an insertion: Check sees to those."""
    assert book.app.run("OnlyRead", book.name, address) is only_read


def test_the_guard_is_known_in_an_excel_that_says_false_in_french(book):
    """Excel tells a validation's formula in its own language: Formula1 is =FAUX there."""
    book.app.run("Guard", book.name, f"{KEY}5:{KEY}100000", "=FAUX")
    assert book.app.run("OnlyRead", book.name, f"{KEY}5") is True


def test_the_guard_stays_where_rows_were_deleted(book):
    book.app.run("DeleteRows", book.name, "6:7")
    assert book.app.run("OnlyRead", book.name, f"{KEY}5") is True


def test_a_validation_of_the_persons_own_is_no_guard(book):
    book.app.run("Guard", book.name, "AZ5:AZ100000", "=FALSE", "Mine")
    assert book.app.run("OnlyRead", book.name, "AZ5") is False


def test_the_other_sheets_have_no_guard(book):
    name = next(sheet.caption.of(book.language) for sheet in SHEETS if sheet.key == "settings")
    assert book.app.run("OnlyRead", name, "A5") is False
