"""The macros in LibreOffice, on the workbook as built: filters, several areas, moved columns, 20,000 rows."""

import datetime
import shutil

import pytest

from workbook.captions import MESSAGES
from workbook.layout import INVOICES, SETUP, STATUSES, Caption, sheet_of
from workbook.libreoffice.office import Office
from workbook.template.setup import NOBODY, SetupRow
from workbook.template.sheets import where
from workbook.template.template import build

pytestmark = [
    pytest.mark.skipif(not shutil.which("soffice"), reason="soffice (libreoffice-calc)"),
    pytest.mark.long,  # the macros run in an interpreter of their own in test_vba_interpreter.py
]

SHEET = sheet_of(INVOICES).caption.en
FIRST = 4  # 0-based
KEY = where(INVOICES, "key")[1]
STATUS = where(INVOICES, "status")[1]
DATE = where(INVOICES, "date")[1]
EN = {code: caption.en for code, caption in STATUSES.items()}
MACRO = "vnd.sun.star.script:VBAProject.{}?language=Basic&location=document"
ALWAYS_EXECUTE = 4


@pytest.fixture(scope="module")
def office():
    office = Office()
    yield office
    office.stop()


@pytest.fixture
def book(office, tmp_path):
    path = tmp_path / "book.xlsm"
    build(path)
    with_macros = office.properties(MacroExecutionMode=ALWAYS_EXECUTE)
    document = office.desktop.loadComponentFromURL(path.as_uri(), "_blank", 0, with_macros)
    yield Opened(document)
    document.close(True)


class Opened:
    """The workbook open in LibreOffice; its review rows have keys k0, k1 … and the statuses that are given."""

    def __init__(self, document):
        self.document = document
        self.sheet = document.Sheets.getByName(SHEET)

    def fill(self, statuses, keys=None):
        self.sheet.unprotect("")
        keys = keys or [f"k{n}" for n in range(len(statuses))]
        self.column(KEY, len(keys)).setDataArray(tuple((key,) for key in keys))
        self.column(STATUS, len(keys)).setDataArray(tuple((EN[status],) for status in statuses))
        self.sheet.protect("")

    def column(self, place, count):
        return self.sheet.getCellRangeByPosition(place, FIRST, place, FIRST + count - 1)

    def statuses(self, count, place=STATUS):
        codes = {caption: code for code, caption in EN.items()}
        return [codes[row[0]] for row in self.column(place, count).getDataArray()]

    def select(self, *addresses, sheet=SHEET):
        picked = self.document.Sheets.getByName(sheet)
        self.document.CurrentController.setActiveSheet(picked)
        ranges = self.document.createInstance("com.sun.star.sheet.SheetCellRanges")
        for address in addresses:
            ranges.addRangeAddress(picked.getCellRangeByName(address).RangeAddress, False)
        self.document.CurrentController.select(ranges)

    def run(self, macro, *arguments):
        return self.document.ScriptProvider.getScript(MACRO.format(macro)).invoke(arguments, (), ())[0]

    def mark(self, code):
        return self.run("PasserelleMarking.MarkSelection", code)

    def undo(self):
        return self.run("PasserelleMarking.UndoMark")


def marked(count, status):
    return MESSAGES["marked"].en.format(n=count, status=EN[status])


def test_opening_goes_to_the_set_up_of_a_workbook_of_no_company(book):
    assert book.document.CurrentController.ActiveSheet.Name == SETUP.caption.en


def row_of(key, of=""):
    said = {name: Caption(name, name) for name in ("question", "value", "meaning", "example")}
    return SetupRow(key=key, **{**said, "value": Caption(of, of)}, of=Caption(of, of) if "." in key else NOBODY)


def test_only_what_the_chosen_source_and_ledger_ask_is_in_sight(office, tmp_path):
    """Also where the macro meets an own row below, and whoever it is for."""
    rows = [row_of("source", "Files"), row_of("source.files.path", "Files"), row_of("ledger", "Ours"),
            row_of("ledger.ours.book", "Ours"), row_of("ledger.other.url", "Other")]  # fmt: skip
    build(tmp_path / "book.xlsm", setup=rows)
    with_macros = office.properties(MacroExecutionMode=ALWAYS_EXECUTE)
    document = office.desktop.loadComponentFromURL((tmp_path / "book.xlsm").as_uri(), "_blank", 0, with_macros)
    sheet = document.Sheets.getByName(SETUP.caption.en)
    sheet.unprotect("")

    def shown():
        Opened(document).run("PasserelleSetup.ShowAsked")
        return [row.key for number, row in enumerate(rows, FIRST) if sheet.Rows.getByIndex(number).IsVisible]

    try:
        assert shown() == ["source", "source.files.path", "ledger", "ledger.ours.book"]
        sheet.getCellByPosition(where(SETUP, "value")[1], FIRST + 2).String = "Other"
        assert shown() == ["source", "source.files.path", "ledger", "ledger.other.url"]
        sheet.getCellByPosition(where(SETUP, "value")[1], FIRST).String = ""
        assert shown() == ["source", "ledger", "ledger.other.url"]
    finally:
        document.close(True)


def test_several_areas_are_marked_and_taken_back(book):
    before = ["to_transfer", "stand_by", "completed", "error", "in_review"]
    book.fill(before)
    book.select("C5", "A7:F8")
    assert book.mark("do_not_sync") == marked(3, "do_not_sync")
    assert book.statuses(5) == ["do_not_sync", "stand_by", "do_not_sync", "do_not_sync", "in_review"]
    assert book.undo() == MESSAGES["undone"].en.format(n=3)
    assert book.statuses(5) == before
    assert book.undo() == MESSAGES["nothing_to_undo"].en


def test_filtered_rows_are_never_touched(office, book):
    book.fill(["to_transfer", "error"] * 5)
    book.sheet.unprotect("")
    rows = book.sheet.getCellRangeByName("A4:X14")
    by_status = rows.createFilterDescriptor(True)
    by_status.ContainsHeader = True
    condition = office.struct("com.sun.star.sheet.TableFilterField")
    condition.Field, condition.IsNumeric, condition.StringValue = STATUS, False, EN["error"]
    condition.Operator = office.uno.Enum("com.sun.star.sheet.FilterOperator", "EQUAL")
    by_status.setFilterFields((condition,))
    rows.filter(by_status)
    book.sheet.protect("")
    book.select("A5:X14")
    assert book.mark("stand_by") == marked(5, "stand_by")
    assert book.statuses(10) == ["to_transfer", "stand_by"] * 5


def test_rows_that_a_person_hid_are_never_touched(book):
    book.fill(["to_transfer"] * 4)
    book.sheet.Rows.getByIndex(FIRST + 1).IsVisible = False
    book.select("A5:X8")
    assert book.mark("stand_by") == marked(3, "stand_by")
    assert book.statuses(4) == ["stand_by", "to_transfer", "stand_by", "stand_by"]


def test_what_is_no_status_is_not_written_not_even_as_it_was(book):
    """Marking writes rows that it leaves as they are once more, but no formula and no text of somebody's own."""
    book.fill(["to_transfer"] * 5)
    book.sheet.unprotect("")
    formula, note = (book.sheet.getCellByPosition(STATUS, FIRST + n) for n in (1, 3))
    formula.NumberFormat = 0
    formula.setFormula('="In" & " Review"')
    note.setString("Ask Anna")
    words = note.createTextCursor()
    words.gotoStart(False)
    words.goRight(3, True)
    words.CharWeight = 150.0
    book.select("A5", "A7", "A9")
    assert book.mark("stand_by") == marked(3, "stand_by")
    shown = [row[0] for row in book.column(STATUS, 5).getDataArray()]
    assert shown == [EN["stand_by"], EN["in_review"], EN["stand_by"], "Ask Anna", EN["stand_by"]]
    assert formula.getFormula() == '="In" & " Review"'
    words.gotoStart(False)
    words.goRight(3, True)
    assert words.CharWeight == 150.0, "written anew, the note would have lost its bold word"


def test_a_selection_on_another_sheet_does_nothing_and_says_so(book):
    book.fill(["to_transfer"])
    book.select("A5:B9", sheet="Settings")
    assert book.mark("do_not_sync") == MESSAGES["not_a_review_sheet"].en
    assert book.statuses(1) == ["to_transfer"]


def test_columns_are_found_where_people_moved_them(book):
    book.fill(["to_transfer", "error"])
    book.sheet.unprotect("")
    book.sheet.Columns.insertByIndex(2, 2)
    book.select("A5")
    assert book.mark("do_not_sync") == marked(1, "do_not_sync")
    assert book.statuses(2, STATUS + 2) == ["do_not_sync", "error"]


def test_a_deleted_status_column_is_told_and_nothing_else_happens(book):
    book.fill(["to_transfer"])
    book.sheet.unprotect("")
    book.sheet.Columns.removeByIndex(STATUS, 1)
    book.select("A5")
    assert book.mark("do_not_sync") == MESSAGES["column_missing"].en


def test_keys_that_look_like_numbers_come_back_to_their_rows(book):
    before = ["to_transfer", "stand_by", "completed"]
    book.fill(before, keys=["00123", "1E5", "2026-01-01"])
    book.select("A5:A7")
    book.mark("do_not_sync")
    book.sheet.unprotect("")
    book.column(KEY, 3).setDataArray((("2026-01-01",), ("00123",), ("1E5",)))  # as a sort would leave them
    assert book.undo() == MESSAGES["undone"].en.format(n=3)
    assert book.statuses(3) == ["completed", "to_transfer", "stand_by"]


def test_no_go_before_a_date(book):
    book.fill(["to_transfer"] * 3)
    book.sheet.unprotect("")
    days = [(datetime.date(2026, month, 15) - datetime.date(1899, 12, 30)).days for month in (1, 3, 5)]
    book.column(DATE, 3).setDataArray(tuple((float(day),) for day in days))
    book.select("A1")
    assert book.run("PasserelleMarking.NoGoBefore", "2026-03-15") == marked(1, "do_not_sync")
    assert book.statuses(3) == ["do_not_sync", "to_transfer", "to_transfer"]


def test_twenty_thousand_rows_are_marked_and_taken_back(book):
    before = ["to_transfer", "error"] * 10_000
    book.fill(before)
    book.select("A1:X30000")
    assert book.mark("do_not_sync") == marked(20_000, "do_not_sync")
    assert set(book.statuses(20_000)) == {"do_not_sync"}
    assert book.undo() == MESSAGES["undone"].en.format(n=20_000)
    assert book.statuses(20_000) == before


def test_the_drop_down_and_titles_follow_the_language_by_themselves(book):
    book.run("PasserelleTexts.SetIdentity", "language", "fr")
    assert book.sheet.getCellRangeByName("A1").String == "Factures"
    shown = book.document.NamedRanges.getByName("list_status").getReferredCells().getDataArray()
    assert [row[0] for row in shown] == [caption.fr for caption in STATUSES.values()]
