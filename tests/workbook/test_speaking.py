"""A workbook changes its language: sheets, headers, and whatever a person made refer to them (``Book.speak``)."""

from __future__ import annotations

import zipfile

import books
import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference
from openpyxl.formatting.rule import FormulaRule
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.hyperlink import Hyperlink

from tests.workbook.books import PAYMENTS
from workbook.file.file_book import FileBook
from workbook.layout import ACCOUNTS, INVOICES, LANGUAGES, SHEETS, tables
from workbook.speaking import Renaming, headers_renamed, sheets_renamed
from workbook.template.template import build

RENAMING = Renaming(
    {"Invoices": "Factures", "Journal entries": "Entrées de journal", "Start": "L'accueil"},
    {"tblinvoices": {"total": "Le total", "exempt reason": "Motif d'exonération"}},
)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("SUM(Invoices!A1:A3)", "SUM('Factures'!A1:A3)"),
        ("'Journal entries'!$A$1+Start!B2", "'Entrées de journal'!$A$1+'L''accueil'!B2"),
        ("SUM('Invoices:Start'!A1)", "SUM('Factures:L''accueil'!A1)"),
        ('"Invoices!A1"&Invoices!A1', "\"Invoices!A1\"&'Factures'!A1"),
        ("[1]Invoices!A1+'[book.xlsx]Invoices'!A1", "[1]Invoices!A1+'[book.xlsx]Invoices'!A1"),
        ("MyInvoices!A1+Invoices2!A1", "MyInvoices!A1+Invoices2!A1"),
        ("SUM(tblInvoices[Total])", "SUM(tblInvoices[Le total])"),
        ("tblInvoices[[#This Row],[Exempt reason]]", "tblInvoices[[#This Row],[Motif d''exonération]]"),
        ("tblInvoices[[#All],[Total]:[Tax]]", "tblInvoices[[#All],[Le total]:[Tax]]"),
        ("tblOther[Total]+tblInvoices[]", "tblOther[Total]+tblInvoices[]"),
        ("A1*2", "A1*2"),
    ],
)
def test_a_formula_follows_and_its_texts_do_not(formula, expected):
    """Excel renames sheets and columns in formulas, never in texts nor in what belongs to another workbook."""
    assert RENAMING.formula(formula) == expected


def test_a_name_that_a_person_took_is_left_to_them():
    assert sheets_renamed(["Invoices", "Factures", "My sheet"], "fr") == {}
    captions = [c.caption.en for c in PAYMENTS.columns]
    assert "amount" in headers_renamed(captions, PAYMENTS, "fr")
    assert "amount" not in headers_renamed([*captions, "Montant"], PAYMENTS, "fr")


def test_headers_change_and_every_column_is_still_found(opening, drawn):
    with opening(books.draw(drawn, [{"Key": "p1", "Amount": 5, "Status": "Stand By"}])) as book:
        before = book.read(PAYMENTS)
        book.speak("fr")
        after = book.read(PAYMENTS)
        assert (after.letters, after.rows) == (before.letters, before.rows)
        books.write_at(book, PAYMENTS, {5: {"status": "À transférer"}})
        book.save()
    sheet = openpyxl.load_workbook(drawn)["Review"]
    captions = [column.caption.fr for column in PAYMENTS.columns]
    assert [cell.value for cell in sheet[4]] == captions
    assert [column.name for column in sheet.tables[PAYMENTS.name].tableColumns] == captions


def test_a_whole_workbook_changes_over_and_back(opening, tmp_path):
    path = tmp_path / "book.xlsm"
    build(path)
    before = shape(path)
    with opening(path) as book:
        book.speak("fr")
        assert all(book.read(table).missing == () for _, table in tables())
        assert book.read(INVOICES).sheet == "Factures"
        book.save()
    french = openpyxl.load_workbook(path, keep_vba=True)
    assert {sheet.caption.fr for sheet in SHEETS} | {"Accueil"} <= set(french.sheetnames)
    assert "Invoices" not in str([name.attr_text for name in french.defined_names.values()])
    with opening(path) as book:
        book.speak("en")
        book.save()
    assert shape(path) == before


def shape(path):
    """Sheet names, and each table's captions."""
    book = openpyxl.load_workbook(path, keep_vba=True)
    captions = {t.name: t.column_names for sheet in book for t in sheet.tables.values()}
    return book.sheetnames, captions


def test_speaking_the_language_it_speaks_changes_nothing(tmp_path):
    path = tmp_path / "book.xlsm"
    build(path)
    before = path.read_bytes()
    book = FileBook(path)
    book.speak("en")
    book.save()
    assert path.read_bytes() == before


@pytest.fixture
def persons(tmp_path):
    """A workbook as built, to which a person added a sheet, a chart, a name, a rule and a drop-down of their own."""
    path = tmp_path / "book.xlsm"
    build(path)
    book = openpyxl.load_workbook(path, keep_vba=True)
    mine = book.create_sheet("Mon analyse")
    mine["A1"] = "=SUM(tblInvoices[Total])+COUNTA(Invoices!B:B)"
    mine["A2"] = "see Invoices!A1"
    mine["A3"] = '="Invoices!A1"'
    mine["A4"] = "Go"
    mine["A4"].hyperlink = Hyperlink(ref="A4", location="Invoices!A5")
    mine.conditional_formatting.add("B1:B9", FormulaRule(formula=["Invoices!$A$5=1"]))
    choice = DataValidation(type="list", formula1="=Invoices!$A$5:$A$9")
    choice.add("C1")
    mine.add_data_validation(choice)
    book.defined_names["mine"] = DefinedName("mine", attr_text="'Journal entries'!$A$5")
    chart = BarChart()
    chart.add_data(Reference(book["Invoices"], min_col=12, min_row=4, max_row=9), titles_from_data=True)
    mine.add_chart(chart, "E5")
    book.save(path)
    return path


def test_what_a_person_added_follows(persons):
    book = FileBook(persons)
    book.speak("fr")
    book.save()
    read = openpyxl.load_workbook(persons, keep_vba=True)
    mine = read["Mon analyse"]
    assert mine["A1"].value == "=SUM(tblInvoices[Total])+COUNTA('Factures'!B:B)"
    assert mine["A2"].value == "see Invoices!A1"
    assert mine["A3"].value == '="Invoices!A1"'
    assert mine["A4"].hyperlink.location == "'Factures'!A5"
    assert read.defined_names["mine"].attr_text == "'Entrées de journal'!$A$5"
    (rule,) = [rule for rules in mine.conditional_formatting for rule in rules.rules]
    assert rule.formula == ["'Factures'!$A$5=1"]
    assert mine.data_validations.dataValidation[0].formula1 == "='Factures'!$A$5:$A$9"
    with zipfile.ZipFile(persons) as package:
        charts = b"".join(package.read(name) for name in package.namelist() if "charts/chart" in name)
    assert b"'Factures'!" in charts
    assert b"Invoices" not in charts


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_caption_of_a_language_is_another_columns_in_the_other(language):
    """Else two headers of one table would have the same caption on the way."""
    for table in (ACCOUNTS, *(table for _, table in tables())):
        captions = [column.caption.of(language).casefold() for column in table.columns]
        assert len(captions) == len(set(captions))
