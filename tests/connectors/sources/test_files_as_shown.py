"""A source file is read as its author sees it: what a cell shows, not what lies behind it (docs/source-files.md)."""

from __future__ import annotations

import csv
import subprocess
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from conftest import DOCUMENTS, csv_of
from hypothesis import given, settings
from hypothesis import strategies as st
from source_workbooks import LINE, Shown, replace_parts, save, sheets

from connectors.records import DOCUMENT_KINDS, Invoice, Kind
from connectors.sources.files.xlsx.workbook import Workbook
from connectors.sources.tables.number_format import number_format
from tests.sampled import examples


def pulled(company, tables, **options):
    save(company.folder / "data.xlsx", tables)
    return company.pull(path="data.xlsx", **options)


def invoice(found) -> Invoice:
    assert not [problem for problem in found.problems if problem.code != "columns_not_read"]
    return next(record for record in found.records if record.kind is Kind.INVOICE)


def codes(found) -> list[tuple[str, str, str]]:
    return [(problem.code, problem.column, problem.params.get("line", "")) for problem in found.problems]


# Numbers that are codes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (123, "00000", "00123"),
        (123, '"INV-"0000', "INV-0123"),
        (123, "\\F0000", "F0123"),
        (5145550101, "000-000-0000", "514-555-0101"),
        (5145550101, "[<=9999999]###-####;(###) ###-####", "(514) 555-0101"),
        (5550101, "[<=9999999]###-####;(###) ###-####", "555-0101"),
        (123456789, "000 000 000", "123 456 789"),
        (1234567, "#,##0", "1234567"),
        (123, "0.00", "123.00"),
        (123.4, "0", "123"),
        (-5, "00000", "-00005"),
        (-5, "0;(0)", "(5)"),
        (7, "[Red]000", "007"),
        (7, "[$-40C]000", "007"),
        (7, "General", "7"),
        (7, "@", "7"),
        ("123", '"INV-"@', "INV-123"),
        (123, '"INV-"@', "123"),
        ("123", '0;-0;0;"x"@', "x123"),
        (-5, '0;"neg"@', "-5"),
        (123456789012345, "General", "123456789012345"),
        (1.0, "General", "1"),
        ("00123", "@", "00123"),
        ("INV 1", "General", "INV 1"),
        (" INV\u00a01 \u00a0", "General", "INV 1"),
        ("\u200eINV\u200b-1\ufeff", "General", "INV-1"),
        ("\u202d514-555-0101\u202c", "General", "514-555-0101"),
    ],
)
def test_a_code_is_what_its_cell_shows(company, value, form, text):
    """00123 by format, a number by mask, blanks and characters that nobody sees."""
    assert invoice(pulled(company, sheets(number=Shown(value, form)))).number == text


@pytest.mark.parametrize(
    ("value", "form", "code"),
    [
        (12e10, "0.00E+00", "shown_otherwise"),
        (0.5, "# ?/?", "shown_otherwise"),
        (0.05, "0%", "shown_otherwise"),
        (date(2026, 1, 2), "d-mmm", "shown_otherwise"),
        (46024, "yyyy-mm-dd", "shown_otherwise"),
        (0.5, "h:mm", "shown_otherwise"),
        (123, ";;;", "shown_otherwise"),
        ("F-1", ";;;", "shown_otherwise"),
        ("1.23457E+11", "@", "shown_otherwise"),
        ("########", "@", "shown_otherwise"),
        (True, "General", "shown_otherwise"),
        (1234567890123456, "0", "digits_lost"),
        (12345678901234567890, "General", "digits_lost"),
        (-1234567890123456, "0", "digits_lost"),
        ("F\n1", "General", "line_break"),
        ("F\t1", "General", "line_break"),
        ("\u202e1-F", "General", "text_reordered"),
    ],
)
def test_a_code_that_nobody_can_read_for_sure_is_refused_at_its_cell(company, value, form, code):
    found = pulled(company, sheets(number=Shown(value, form)))
    assert codes(found)[0] == (code, "number", "2 (C2)")
    assert not [record for record in found.records if record.kind is Kind.INVOICE]


def test_a_reference_shown_alike_on_both_sheets_is_found(company):
    tables = sheets(account=Shown(42, "00000"))
    tables["accounts"][1] = ("00042", "Acme", Shown(5145550101, "000-000-0000"), Shown(2101, "00000"))
    found = pulled(company, tables)
    assert invoice(found).customer == "00042"
    account = next(record for record in found.records if record.kind is Kind.CUSTOMER)
    assert (account.phone, account.billing.postal_code) == ("514-555-0101", "02101")


# Errors, formulas, amounts, dates -----------------------------------------------------------------------------------


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!"])
@pytest.mark.parametrize("column", ["currency", "cancelled", "number", "total"])
def test_an_error_is_a_problem_of_its_cell_and_never_an_empty_one(company, error, column):
    """#N/A made CAD of USD, and an invoice of what was cancelled."""
    found = pulled(company, sheets(**{column: error}))
    letter = "ABCDEFGHIJK"[list(sheets()["documents"][0]).index(column)]
    assert codes(found)[0] == ("error_in_cell", column, f"2 ({letter}2)")
    assert (found.problems[0].kind, found.problems[0].key, found.problems[0].params["value"]) == (
        Kind.INVOICE, "D1", error,
    )  # fmt: skip
    assert not [record for record in found.records if record.kind is Kind.INVOICE]


@pytest.mark.parametrize("error", ["#SPILL!", "#CALC!", "#GETTING_DATA", "#FIELD!"])
def test_an_error_that_only_new_excels_have_is_one_too(company, error):
    save(company.folder / "data.xlsx", sheets(currency="#N/A"))
    replace_parts(company.folder / "data.xlsx", xl__worksheets__sheet2=lambda xml: xml.replace(b"#N/A", error.encode()))
    assert codes(company.pull(path="data.xlsx"))[0][:2] == ("error_in_cell", "currency")


@pytest.mark.parametrize(
    "error", ["#N/A", "#REF!", "#VALEUR!", "#NOM?", "#DIV/0!", "#VALEUR\u00a0!", "#N/D", "Err:502"]
)
@pytest.mark.parametrize("column", ["number", "currency", "memo"])
def test_an_error_written_into_a_file_of_text_is_one_too(company, error, column):
    """Excel and LibreOffice save it as the word that the cell showed, which was posted as the document's number."""
    row = {"key": "D1", "kind": "invoice", "number": "F-1", "date": "2025-01-31", "account": "A1", "currency": "CAD",
           "subtotal": "1", "tax": "0", "total": "1", "balance": "1", "memo": "", column: error}  # fmt: skip
    company.write(documents=csv_of(row), lines="document,line,amount\nD1,1,1\n")
    found = company.pull()
    assert codes(found)[0] == ("error_in_cell", column, "2")
    assert not [record for record in found.records if record.kind is Kind.INVOICE]


@pytest.mark.parametrize("name", ["#1 Plumbing", "# 12", "N/A", "Err: 50", "Deal! #2", "C#"])
def test_what_only_looks_like_an_error_is_a_text(company, name):
    company.write(accounts=f"key,name\nA1,{name}\nA2,x\n")
    assert {record.name for record in company.pull().records if record.kind is Kind.CUSTOMER} == {name, "x"}


@pytest.mark.parametrize("code", ["12E10", "3E+2", "1E5-77", "#", "#12"])
def test_what_only_looks_like_a_long_number_is_a_code(company, code):
    company.write(documents=DOCUMENTS.replace("F-1", code))
    assert code in {record.number for record in company.pull().records if record.kind is Kind.INVOICE}


@pytest.mark.parametrize(("value", "form"), [(0.05, "0%"), (0.5, "h:mm"), (123, ";;;"), (0.5, "# ?/?"), (1e16, "0")])
def test_a_description_that_shows_another_thing_than_it_keeps_is_refused(company, value, form):
    """“5 %” was posted as 0.05."""
    tables = sheets()
    tables["lines"] = [LINE, ("D1", 1, Shown(value, form), 100)]
    assert codes(pulled(company, tables))[0][1:] == ("description", "2 (C2)")


# Merged cells -------------------------------------------------------------------------------------------------------


def merged(company, area, tables, sheet="documents"):
    path = company.folder / "data.xlsx"
    save(path, tables)
    book = openpyxl.load_workbook(path)
    book[sheet].merge_cells(area)
    book.save(path)
    return company.pull(path="data.xlsx")


def two_invoices(**second: object):
    tables = sheets(currency="USD", cancelled="yes")
    row = dict(zip(*tables["documents"], strict=True)) | {"key": "D2", "number": "F-2", **second}
    tables["documents"].append(tuple(row.values()))
    tables["lines"].append(("D2", 1, "Dues", 100))
    return tables


@pytest.mark.parametrize(("area", "column"), [("F2:F3", "currency"), ("K2:K3", "cancelled"), ("E2:E3", "account")])
def test_a_merged_cell_shows_a_value_for_every_row_and_is_refused_in_all_but_the_first(company, area, column):
    """One USD over two invoices made dollars of Canada of the second; one “cancelled” over both booked it."""
    found = merged(company, area, two_invoices(**{column: None}))
    assert codes(found) == [("cell_merged", column, f"3 ({area[0]}3)"), *codes(found)[1:]]
    assert (found.problems[0].kind, found.problems[0].key) == (Kind.INVOICE, "D2")
    assert {record.key for record in found.records if record.kind is Kind.INVOICE} == {"D1"}


def test_cells_merged_side_by_side_are_refused_too(company):
    assert codes(merged(company, "F2:G2", sheets(currency="USD")))[0] == ("cell_merged", "subtotal", "2 (G2)")


@pytest.mark.parametrize("area", ["F2:F3", "M2:M9", "F7:F9", "M1:O1"])
def test_cells_merged_that_show_nothing_or_hold_no_record_change_nothing(company, area):
    tables = two_invoices(currency=None)
    tables["documents"][1] = tuple(None if value == "USD" else value for value in tables["documents"][1])
    assert not merged(company, area, tables).problems


def test_a_formula_that_was_never_computed_is_not_empty(company):
    found = pulled(company, sheets(balance="=H2+1"))
    assert codes(found)[0] == ("formula_not_computed", "balance", "2 (J2)")


def test_a_formula_that_comes_to_nothing_is_empty_and_one_that_was_computed_is_its_value(company):
    save(company.folder / "data.xlsx", sheets(currency="FORMULA", number="OTHER"))

    def computed(xml: bytes) -> bytes:
        nothing = b'<c r="F2" t="str"><f>IF(1,"","x")</f><v></v></c>'
        value = b'<c r="C2" t="str"><f>"F-"&amp;9</f><v>F-9</v></c>'
        before, _, rest = xml.partition(b'<c r="F2"')
        xml = before + nothing + rest.partition(b"</c>")[2]
        before, _, rest = xml.partition(b'<c r="C2"')
        return before + value + rest.partition(b"</c>")[2]

    replace_parts(company.folder / "data.xlsx", xl__worksheets__sheet2=computed)
    found = invoice(company.pull(path="data.xlsx"))
    assert (found.number, found.currency) == ("F-9", "CAD")


@pytest.mark.parametrize(
    ("value", "form", "amount"),
    [
        (1234.5, "#,##0.00", "1234.50"),
        (1234.5, "#,##0.00\\ [$$-C0C]", "1234.50"),
        (1234.5, "0.00E+00", "1234.50"),
        (1234.5, "0.00;[Red]0.00", "1234.50"),
        (0.1 + 0.2, "0.00", "0.30"),
        ("1\u202f234,50", "@", "1234.50"),
    ],
)
def test_an_amount_is_its_number(company, value, form, amount):
    found = pulled(company, sheets(balance=Shown(value, form)), decimal="," if isinstance(value, str) else ".")
    assert invoice(found).balance == Decimal(amount)


@pytest.mark.parametrize(
    ("value", "form"),
    [
        (1234000, "#,##0,"),
        (5_000_000, '0.0,,"M"'),
        (0.05, "0%"),
        (12, ";;;"),
        (46024, "yyyy-mm-dd"),
        (0.5, "[h]:mm"),
        (5, '0"00"'),
        (5, '"9"0'),
    ],
)
def test_an_amount_that_shows_another_number_than_it_keeps_is_refused(company, value, form):
    assert codes(pulled(company, sheets(balance=Shown(value, form))))[0] == ("not_an_amount", "balance", "2 (J2)")


@pytest.mark.parametrize(("value", "form"), [(0.05, "0%"), (0.05, "0.000%"), (5, "General"), ("5 %", "@"), ("5", "@")])
def test_a_rate_of_five_percent_is_five_however_it_is_shown(company, value, form):
    tables = sheets() | {"taxes": [("code", "rate"), ("GST", Shown(value, form))]}
    assert pulled(company, tables).lists.taxes[0].rate == 5


@pytest.mark.parametrize(
    "form", ["yyyy-mm-dd", "d/m/yyyy", "mm-dd-yy", "[$-40C]d\\ mmmm\\ yyyy;@", "mmm yyyy", "m/d/yy h:mm"]
)
def test_a_date_shown_as_a_date_is_that_date(company, form):
    assert invoice(pulled(company, sheets(date=Shown(46032.75, form)))).date == date(2026, 1, 10)


@pytest.mark.parametrize(("value", "form"), [(46032, "General"), (46032, "0"), (0.25, "h:mm"), (60, "yyyy-mm-dd")])
def test_a_number_that_shows_no_date_is_none(company, value, form):
    """Day 60 is Excel's 29 February 1900, which never was."""
    assert codes(pulled(company, sheets(date=Shown(value, form))))[0] == ("not_a_date", "date", "2 (D2)")


def test_dates_count_from_1904_where_the_workbook_does(company):
    book_path = company.folder / "data.xlsx"
    save(book_path, sheets())
    book = openpyxl.load_workbook(book_path)
    book.epoch = openpyxl.utils.datetime.MAC_EPOCH
    book["documents"]["D2"] = date(2026, 1, 10)
    book.save(book_path)
    assert b'date1904="1"' in _part(book_path, "xl/workbook.xml")
    assert invoice(company.pull(path="data.xlsx")).date == date(2026, 1, 10)


def _part(path: Path, name: str) -> bytes:
    import zipfile

    with zipfile.ZipFile(path) as package:
        return package.read(name)


# Columns, sheets and rows that nobody reads -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "nearest"),
    [("factur", "facture"), ("Invoise", "invoice"), ("Mode de paiment", "mode_de_paiement"), ("colour", "")],
)
def test_a_column_that_nobody_reads_is_named_with_the_title_that_was_meant(company, title, nearest):
    company.write(payments=f"key,date,account,amount,{title}\nP1,2025-03-01,A1,5.00,x\nP2,2025-03-01,A1,6.00,y\n")
    [problem] = company.pull().problems
    assert problem.code == "columns_not_read"
    assert problem.params["columns"] == (f"{title} (→ {nearest})" if nearest else title)


def test_a_column_without_a_title_that_holds_something_is_named_by_its_letter(company):
    tables = sheets()
    tables["accounts"] = [("key", "name", None, "notes"), ("A1", "Acme", "lost", "n")]
    [problem] = pulled(company, tables).problems
    assert (problem.code, problem.params["columns"]) == ("columns_not_read", "C")


def test_sheets_and_files_that_nobody_reads_are_named(company):
    found = pulled(company, sheets() | {"Paymnts": [("key",)], "Notes": [("x",)]})
    assert [(p.code, p.params["columns"]) for p in found.problems] == [
        ("tables_not_read", "Paymnts (→ payments); Notes")
    ]
    company.write(Payment="key\n")
    assert [(p.code, p.params["columns"]) for p in company.pull().problems] == [
        ("tables_not_read", "Payment.csv (→ payments.csv)")
    ]


def test_what_is_hidden_is_read_and_said(company):
    path = company.folder / "data.xlsx"
    save(path, sheets())
    book = openpyxl.load_workbook(path)
    book["documents"].row_dimensions[2].hidden = True
    book["accounts"].sheet_state = "hidden"
    book.save(path)
    found = company.pull(path="data.xlsx")
    assert [(p.code, p.params["file"]) for p in found.problems] == [
        ("sheet_hidden", "data.xlsx, accounts"),
        ("rows_hidden", "data.xlsx, documents"),
    ]
    assert len(found.records) == 2


# Payments -----------------------------------------------------------------------------------------------------------


def test_an_invoice_named_on_a_payments_own_row_is_its_allocation(company):
    company.write(payments="clé,date,compte,montant,facture\nP1,2025-03-01,A1,5.00,D1\n")
    found = company.pull()
    payment = next(record for record in found.records if record.kind is Kind.PAYMENT)
    assert not found.problems
    assert [(part.invoice, part.amount) for part in payment.allocations] == [("D1", Decimal("5.00"))]


@pytest.mark.parametrize(
    ("invoice_of_row", "allocated", "code"),
    [("D1", "D1", ""), ("D1", "D2", "allocations_differ"), ("", "D2", ""), ("D9", "", "reference_unknown")],
)
def test_a_payments_row_and_its_allocations_agree(company, invoice_of_row, allocated, code):
    company.write(payments=f"key,date,account,amount,invoice\nP1,2025-03-01,A1,5.00,{invoice_of_row}\n")
    if allocated:
        company.write(allocations=f"payment,invoice,amount\nP1,{allocated},3.00\n")
    found = company.pull()
    assert [p.code for p in found.problems] == ([code] if code else [])
    if not code:
        payment = next(record for record in found.records if record.kind is Kind.PAYMENT)
        assert [(part.invoice, part.amount) for part in payment.allocations] == [(allocated, Decimal("3.00"))]


def test_a_negative_payment_is_told_as_that(company):
    company.write(payments="key,date,account,amount\nP1,2025-03-01,A1,-5.00\n")
    [problem] = company.pull().problems
    assert (problem.code, problem.column, problem.key) == ("payment_negative", "amount", "P1")


# Whose problem it is ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "text", "kind", "key"),
    [
        ("accounts", "key,name,is_person\nA1,x,perhaps\nA2,y,no\n", Kind.CUSTOMER, "A1"),
        ("documents", "key,kind,number,date,account,subtotal,tax,total,balance\nD1,invoice,F,x,A1,1,0,1,1\n",
         Kind.INVOICE, "D1"),
        ("documents", "key,kind,number,date,account,subtotal,tax,total,balance\nD1,bill,F,2025-01-31,A1,1,0,1,1\n",
         None, "D1"),
        ("lines", "document,line,amount\nD1,1,x\n", Kind.INVOICE, "D1"),
        ("lines", "document,line,amount\nD7,1,5\n", None, "D7"),
        ("payments", "key,date,account,amount\nP1,x,A1,1\n", Kind.PAYMENT, "P1"),
        ("allocations", "payment,invoice,amount\nP7,D1,x\n", Kind.PAYMENT, "P7"),
        ("entry_lines", "entry,line,gl_account,debit\nE7,1,4100,x\n", Kind.JOURNAL_ENTRY, "E7"),
        ("schedules", "key,invoice,line,start,months,amount,deferred_account,revenue_account\nS1,D1,1,x,12,5,1,2\n",
         Kind.INVOICE, "D1"),
    ],
)  # fmt: skip
def test_a_problem_says_whose_it_is_wherever_the_key_could_be_read(company, table, text, kind, key):
    company.write(**{table: text})
    problem = next(p for p in company.pull().problems if p.provenance.place == f"{table}.csv")
    assert (problem.kind, problem.key) == (kind, key)


def test_each_record_that_was_not_read_is_named_also_where_many_are_told_of_at_once(company):
    """The engine holds what it knows of them: they have not left their source."""
    head = "key,kind,number,date,account,subtotal,tax,total,balance\n"
    rows = [f"D{n},invoice,F-{n},31/01/2025,A1,1.00,0.00,1.00,1.00\n" for n in range(60)]
    company.write(
        documents=head + "".join(rows) + "X,bill,X,2025-01-31,A1,1.00,0.00,1.00,1.00\n", lines="document,line,amount\n"
    )
    found = company.pull()
    assert [p.params.get("count") for p in found.problems] == ["60", None]
    invoices = {p.key: p.code for p in found.unread if p.kind is Kind.INVOICE}
    assert invoices == {f"D{n}": "not_a_date" for n in range(60)} | {"X": "value_unknown"}
    assert {p.kind for p in found.unread if p.key == "X"} == DOCUMENT_KINDS


def test_a_column_of_errors_is_told_once_with_how_many_more(company):
    tables = sheets()
    head, row = tables["documents"]
    tables["documents"] = [head, *((f"D{n}", *row[1:5], "#N/A", *row[6:]) for n in range(60))]
    found = [problem for problem in pulled(company, tables).problems if problem.code == "error_in_cell"]
    assert [problem.params["line"] for problem in found] == ["2 (F2), +59"]


def test_a_schedule_that_was_not_read_does_not_make_its_invoice_unread(company):
    company.write(
        schedules="key,invoice,line,start,months,amount,deferred_account,revenue_account\nS1,D1,1,x,12,5,1,2\n"
    )
    found = company.pull()
    assert [(p.kind, p.key) for p in found.problems] == [(Kind.INVOICE, "D1")]
    assert found.unread == ()


# An independent witness ---------------------------------------------------------------------------------------------

FORMATS = (
    "General", "0", "00000", "0000000000", "0.00", "0.0##", "#,##0", "000-000-0000", '"INV-"0000', "0;(0)", "\\A000",
    "(000) 000-0000", "000 000 000", "[Red]0000", "0.00;-0.00;0.00", "#", "00-00", "0000\\/00", "+0;-0", "0_)", "# 000",
    '"INV-"@', '0;"neg"@', '0;-0;0;"x"@',
)  # fmt: skip
NUMBERS = (0, 1, 7, 42, 123, 1234, 99999, 123456, 5145550101, 1.5, 0.25, 12.345, 0.005, -3, -123, -1.5, 1e-3)


@pytest.mark.long
def test_libreoffice_shows_what_we_read(tmp_path):
    """Every format with every number, as LibreOffice writes it into a CSV file "as shown"."""
    path = tmp_path / "shown.xlsx"
    save(path, {"shown": [[Shown(number, form) for number in NUMBERS] for form in FORMATS]})
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to",
         "csv:Text - txt - csv (StarCalc):44,34,76,1,,1033,false,true", "--outdir", str(tmp_path), str(path)],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    with (tmp_path / "shown.csv").open(encoding="utf-8", newline="") as stream:
        theirs = list(csv.reader(stream))
    for form, row in zip(FORMATS, theirs, strict=True):
        ours = [number_format(form).text(number) for number in NUMBERS]
        grouped = "," in form
        assert [(text or "").strip() for text in ours] == [
            (text.replace(",", "") if grouped else text).strip() for text in row
        ], form


@settings(max_examples=examples(40))
@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(1, 12)), min_size=1, max_size=8))
def test_leading_zeros_by_format_read_as_zfill_writes_them(cells):
    for number, width in cells:
        assert number_format("0" * width).text(number) == str(number).zfill(width)


@settings(max_examples=examples(25))
@given(
    st.lists(
        st.one_of(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12),
                  st.integers(-(10**9), 10**9),
                  st.booleans(), st.none(), st.dates(date(1900, 3, 1), date(9999, 12, 31))),
        min_size=1, max_size=10,
    )
)  # fmt: skip
def test_whatever_openpyxl_writes_reads_back(tmp_path_factory, cells):
    path = tmp_path_factory.getbasetemp() / "any.xlsx"
    book = openpyxl.Workbook()
    for at, value in enumerate(cells, 1):
        cell = book.active.cell(3, at)
        if isinstance(value, str):
            cell.data_type, cell._value = "s", value
        else:
            cell.value = value
    book.save(path)
    with path.open("rb") as stream:
        workbook = Workbook(stream)
        rows = list(workbook.worksheet(workbook.sheets[0]).rows())
    found = list(rows[0].cells) if rows else []
    wanted = [None if isinstance(value, str) and not value.strip() else value for value in cells]
    while wanted and wanted[-1] is None:
        wanted.pop()
    assert found == wanted
