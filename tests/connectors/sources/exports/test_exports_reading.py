"""An export as it came becomes records to the cent, once a person has confirmed how it is read, and not before."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from connectors.problems import CannotRun
from connectors.records import DOCUMENT_KINDS, ZERO, Customer, Kind
from connectors.sources.exports.reading import FILE, Reading
from connectors.sources.files.connector import FilesSource
from connectors.sources.files.settings import FilesSettings

from .corpus import Export, Style, held_by, styles, write


def opened(export: Export, **settings: object) -> FilesSource:
    return FilesSource(FilesSettings(folder=export.path.parent, path=export.path.name, **settings))


def codes(stopped: pytest.ExceptionInfo[CannotRun]) -> list[str]:
    return [problem.code for problem in stopped.value.problems]


WRITTEN_HERE = [style for style in styles() if style.format in ("csv", "xlsx")]


@pytest.mark.parametrize("style", WRITTEN_HERE, ids=lambda style: style.name)
def test_nothing_is_read_before_it_is_confirmed_and_everything_to_the_cent_after(style, tmp_path):
    export = write(tmp_path, style)
    source = opened(export)
    with pytest.raises(CannotRun) as stopped:
        source.pull()
    assert codes(stopped) == ["not_confirmed"]
    reading, problems = source.look()
    assert not problems
    with pytest.raises(CannotRun):
        source.pull()
    source.confirm(reading)
    pulled = source.pull()
    assert {problem.code for problem in pulled.problems} <= {"columns_not_read", "rows_left_out"}
    held = held_by(style)
    documents = {record.number: record for record in pulled.records if record.kind in DOCUMENT_KINDS}
    assert {number: record.total for number, record in documents.items()} == {
        invoice.number: abs(told) for invoice, told in totals(style, held.invoices)
    }
    assert all(
        (record.kind is Kind.CREDIT_NOTE) == (record.number in credits(held.invoices)) for record in documents.values()
    )
    assert all(record.subtotal == sum((line.amount for line in record.lines), ZERO) for record in documents.values())
    names = {record.key: record.name for record in pulled.records if isinstance(record, Customer)}
    assert {n: names[r.customer] for n, r in documents.items()} == {i.number: i.customer.name for i in held.invoices}
    paid = Counter[str]()
    for record in pulled.records:
        if record.kind is Kind.PAYMENT:
            for part in record.allocations:
                paid[next(d.number for d in documents.values() if d.key == part.invoice)] += part.amount
    if any(record.kind is Kind.PAYMENT for record in pulled.records):
        wanted = Counter[str]()
        for payment in held.payments:
            wanted[payment.invoice.number] += payment.amount
        assert paid == wanted


def paid(records) -> Counter[str]:
    found = Counter[str]()
    for record in records:
        if record.kind is Kind.PAYMENT:
            found[record.customer] += record.amount
    return found


def totals(style: Style, invoices):
    """What each invoice comes to in its export: one that shows lines alone shows no taxes."""
    return [(invoice, invoice.total) for invoice in invoices]


def credits(invoices) -> set[str]:  # noqa: A001
    return {invoice.number for invoice in invoices if invoice.sign < 0}


HOME = Style("workbook", "fr", "csv", order="DMY", decimal=",", delimiter=";", totals=True)


@pytest.fixture
def home(tmp_path: Path) -> Export:
    export = write(tmp_path, HOME)
    source = opened(export)
    source.confirm(source.look()[0])
    return export


def change(export: Export, sheet: str, do) -> None:
    path = export.path / f"{sheet}.csv"
    rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines(), delimiter=";"))
    do(rows)
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, delimiter=";").writerows(rows)


def test_a_heading_that_changed_is_told_with_the_nearest_and_its_sheet_gives_nothing(home):
    change(home, "Factures", lambda rows: rows[0].__setitem__(0, "No. de la facture"))
    pulled = opened(home).pull()
    told = [(p.code, p.params["column"], p.params["value"]) for p in pulled.problems if p.code == "heading_gone"]
    assert told == [("heading_gone", "No de facture", "No. de la facture")]
    assert not any(record.kind in DOCUMENT_KINDS for record in pulled.records)


def test_a_column_that_moved_is_found_by_its_heading(home):
    before = {(r.key, getattr(r, "total", None)) for r in opened(home).pull().records}

    def move(rows):
        for row in rows:
            if row:
                row[:] = [*row[3:], *row[:3]]

    change(home, "Factures", move)
    records = opened(home).pull().records
    assert {(r.key, getattr(r, "total", None)) for r in records} == before


def test_a_new_column_is_named_and_not_read(home):
    change(home, "Factures", lambda rows: [row.append("x") for row in rows if row])
    pulled = opened(home).pull()
    assert any(p.code == "columns_not_read" and "x" in p.params["columns"] for p in pulled.problems)
    assert any(record.kind is Kind.INVOICE for record in pulled.records)


def test_a_sheet_that_is_gone_is_told_with_what_is_there_and_its_payments_are_left_out(home):
    (home.path / "Factures.csv").rename(home.path / "Autre chose.csv")
    change(home, "Autre chose", lambda rows: rows.__delitem__(slice(None)))
    pulled = opened(home).pull()
    assert [p.code for p in pulled.problems if p.code == "sheet_gone"] == ["sheet_gone"]
    assert not any(record.kind in DOCUMENT_KINDS for record in pulled.records)


def test_a_sheet_of_another_name_with_all_its_headings_is_the_same(home):
    (home.path / "Factures.csv").rename(home.path / "Factures 2026.csv")
    pulled = opened(home).pull()
    assert any(record.kind is Kind.INVOICE for record in pulled.records)
    assert all(p.provenance.place != "Factures.csv" for p in pulled.problems)


def test_next_weeks_file_is_read_beside_this_weeks_and_what_stands_in_both_counts_once(home):
    before = opened(home).pull().records
    for name in ("Factures", "Encaissements"):
        shutil.copy(home.path / f"{name}.csv", home.path / f"{name} (2).csv")
    change(home, "Factures (2)", lambda rows: rows.__delitem__(slice(1, 12)))
    change(home, "Factures (2)", lambda rows: rows[1].__setitem__(0, "F-9999999"))
    pulled = opened(home).pull()
    assert {r.key for r in pulled.records} == {
        *(r.key for r in before),
        "F-9999999",
    }
    assert paid(pulled.records) == paid(before)
    assert not [p for p in pulled.problems if p.code == "duplicate_key"]


def test_an_invoice_that_another_file_tells_otherwise_is_told_and_neither_is_trusted(home):
    shutil.copy(home.path / "Factures.csv", home.path / "Factures (2).csv")
    change(home, "Factures (2)", lambda rows: rows[2].__setitem__(6, "28/02/2031"))
    pulled = opened(home).pull()
    told = [p for p in pulled.problems if p.code == "duplicate_key"]
    assert {problem.key for problem in told} == {"F-2025001"}
    assert {problem.params["file"] for problem in told} == {"Factures.csv", "Factures (2).csv"}
    assert told[0].key not in {record.key for record in pulled.records}


def test_a_sheet_that_nobody_reads_is_named(home):
    (home.path / "Notes.csv").write_text("Couleur;Forme\nbleu;rond\nvert;plat\n", encoding="utf-8")
    told = [p.params["columns"] for p in opened(home).pull().problems if p.code == "tables_not_read"]
    assert told == ["Notes.csv"]


def test_an_amount_shown_in_another_currency_is_none_of_ours(tmp_path):
    book = openpyxl.Workbook()
    rows = [["Invoice number", "Invoice date", "Customer", "Total"], ["F-1", date(2025, 1, 31), "Oak Farm", 10.0]]
    for row in [*rows, ["F-2", date(2025, 1, 31), "Oak Farm", 12.0]]:
        book.active.append(row)
    book.active["D2"].number_format = "#,##0.00 [$€-40C]"
    book.active["D3"].number_format = '#,##0.00 "$"'
    book.save(tmp_path / "export.xlsx")
    source = FilesSource(FilesSettings(folder=tmp_path, path="export.xlsx"))
    source.confirm(source.look()[0])
    pulled = source.pull()
    assert [r.number for r in pulled.records if r.kind is Kind.INVOICE] == ["F-2"]
    assert "not_an_amount" in {p.code for p in pulled.problems}


def workbook_of(folder: Path, *sheets: tuple[str, list[list[object]]]) -> FilesSource:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(folder / "export.xlsx")
    source = FilesSource(FilesSettings(folder=folder, path="export.xlsx"))
    source.confirm(source.look()[0])
    return source


BILLED = ["Invoice number", "Invoice date", "Customer", "Total"]
DAY = date(2025, 1, 31)


def test_an_error_in_a_cell_that_names_a_record_is_told_and_is_no_name(tmp_path):
    rows = [BILLED, ["F-1", DAY, "Oak Farm", 10.0], ["#N/A", DAY, "Oak Farm", 11.0], ["F-3", DAY, "#REF!", 12.0]]
    pulled = workbook_of(tmp_path, ("Invoices", rows)).pull()
    assert [r.number for r in pulled.records if r.kind is Kind.INVOICE] == ["F-1"]
    assert {p.code for p in pulled.problems} >= {"error_in_cell"}
    assert {r.name for r in pulled.records if isinstance(r, Customer)} == {"Oak Farm"}


def test_a_cell_merged_over_rows_is_refused_for_it_shows_the_value_of_another(tmp_path):
    book = openpyxl.Workbook()
    for row in [BILLED, ["F-1", DAY, "Oak Farm", 10.0], ["F-2", DAY, None, 11.0]]:
        book.active.append(row)
    book.active.merge_cells("C2:C3")
    book.save(tmp_path / "export.xlsx")
    source = FilesSource(FilesSettings(folder=tmp_path, path="export.xlsx"))
    source.confirm(source.look()[0])
    pulled = source.pull()
    assert [r.number for r in pulled.records if r.kind is Kind.INVOICE] == ["F-1"]
    assert "cell_merged" in {p.code for p in pulled.problems}


def test_a_payment_by_a_name_that_two_customers_have_is_of_the_one_whose_invoice_it_pays(tmp_path):
    billed = [
        ["Invoice number", "Invoice date", "Customer no", "Customer", "Total"],
        ["F-1", DAY, "C-101", "John Smith", 10.0],
        ["F-2", DAY, "C-102", "John Smith", 11.0],
    ]
    paid_rows = [
        ["Payment date", "Receipt no", "Invoice", "Received from", "Amount received"],
        [DAY, "R-1", "F-2", "John Smith", 11.0],
        [DAY, "R-2", "F-1", "J. Smith", 10.0],
    ]
    pulled = workbook_of(tmp_path, ("Invoices", billed), ("Payments", paid_rows)).pull()
    payers = {r.number: r.customer for r in pulled.records if r.kind is Kind.PAYMENT}
    assert payers == {"R-1": "C-102", "R-2": "C-101"}


def test_rows_of_one_receipt_are_one_payment_of_several_invoices(tmp_path):
    billed = [BILLED, ["F-1", DAY, "Oak Farm", 10.0], ["F-2", DAY, "Oak Farm", 11.0]]
    paid_rows = [
        ["Payment date", "Receipt no", "Invoice", "Amount received"],
        [DAY, "R-1", "F-1", 10.0],
        [DAY, "R-1", "F-2", 11.0],
    ]
    pulled = workbook_of(tmp_path, ("Invoices", billed), ("Payments", paid_rows)).pull()
    [payment] = [r for r in pulled.records if r.kind is Kind.PAYMENT]
    assert payment.amount == Decimal("21.00")
    assert {part.invoice: part.amount for part in payment.allocations} == {"F-1": Decimal(10), "F-2": Decimal(11)}


LINED = ["Invoice number", "Invoice date", "Customer", "Description", "Qty", "Unit price", "Amount", "GST", "Total"]


@pytest.mark.parametrize(
    ("taxes", "total"),
    [((5.0, 2.5), 157.5), ((7.5, 7.5), 157.5)],
    ids=["of each line", "of the invoice, repeated"],
)
def test_taxes_on_rows_of_lines_are_of_each_line_or_of_the_invoice_as_its_total_says(tmp_path, taxes, total):
    rows = [
        LINED,
        ["F-1", DAY, "Oak Farm", "Dues", 2.0, 50.0, 100.0, taxes[0], total],
        ["F-1", DAY, "Oak Farm", "Meal", 1.0, 50.0, 50.0, taxes[1], total],
        ["F-2", DAY, "Oak Farm", "Book", 1.0, 20.0, 20.0, 1.0, 21.0],
    ]
    pulled = workbook_of(tmp_path, ("Invoices", rows)).pull()
    first = next(r for r in pulled.records if r.number == "F-1" and r.kind is Kind.INVOICE)
    assert [(line.description, line.quantity, line.amount) for line in first.lines] == [
        ("Dues", Decimal(2), Decimal(100)),
        ("Meal", Decimal(1), Decimal(50)),
    ]
    assert (first.subtotal, first.tax, first.total) == (Decimal(150), Decimal("7.50"), Decimal("157.50"))
    assert [(t.tax, t.amount) for t in first.taxes] == [("GST", Decimal("7.50"))]


def test_a_kind_is_taken_by_its_word_and_an_unknown_word_is_refused(tmp_path):
    rows = [
        [*BILLED, "Transaction type"],
        ["F-1", DAY, "Oak Farm", 10.0, "Invoice"],
        ["F-2", DAY, "Oak Farm", -11.0, "Credit Memo"],
        ["F-3", DAY, "Oak Farm", 12.0, "Note de crédit"],
        ["F-4", DAY, "Oak Farm", 13.0, "Estimate"],
    ]
    pulled = workbook_of(tmp_path, ("Invoices", rows)).pull()
    assert {r.number: (r.kind, r.total) for r in pulled.records if r.kind in DOCUMENT_KINDS} == {
        "F-1": (Kind.INVOICE, Decimal(10)),
        "F-2": (Kind.CREDIT_NOTE, Decimal(11)),
        "F-3": (Kind.CREDIT_NOTE, Decimal(12)),
    }
    assert [p.code for p in pulled.problems] == ["value_unknown"]


def test_a_customer_who_is_not_on_the_sheet_of_customers_is_told_and_not_made_up(tmp_path):
    listed = [["Customer number", "Customer name", "Email"], ["C-1", "Oak Farm", "a@x.ca"], ["C-2", "Mill", "b@x.ca"]]
    billed = [
        ["Invoice number", "Invoice date", "Customer number", "Total"],
        ["F-1", DAY, "C-1", 1.0],
        ["F-2", DAY, "C-9", 2.0],
    ]
    pulled = workbook_of(tmp_path, ("Customers", listed), ("Invoices", billed)).pull()
    assert [r.number for r in pulled.records if r.kind is Kind.INVOICE] == ["F-1"]
    assert [(p.code, p.number) for p in pulled.problems] == [("reference_unknown", "F-2")]
    assert sum(isinstance(r, Customer) for r in pulled.records) == 2


def test_a_total_that_the_rows_do_not_come_to_is_told_for_a_row_may_be_missing(home):
    change(home, "Factures", lambda rows: rows.__delitem__(3))
    told = [p for p in opened(home).pull().problems if p.code == "export_total_differs"]
    assert {p.params["column"] for p in told} >= {"Sous-total", "Total"}


def ambiguous(folder: Path, text: str, name: str = "export.csv") -> FilesSource:
    (folder / name).write_text(text, encoding="utf-8")
    return FilesSource(FilesSettings(folder=folder, path=name))


def test_an_order_of_dates_or_a_decimal_sign_that_nothing_decides_is_asked(tmp_path):
    source = ambiguous(
        tmp_path, "Invoice number;Date;Customer;Total\nF-1;03/04/2025;Oak Farm;1,234\nF-2;05/04/2025;Oak Farm;2,500\n"
    )
    reading, _ = source.look()
    with pytest.raises(CannotRun) as stopped:
        source.confirm(reading)
    assert codes(stopped) == ["dates_asked", "decimals_asked"]
    answered = reading.sheets[0].model_copy(update={"dates": "DMY", "decimal": "."})
    source.confirm(reading.model_copy(update={"sheets": (answered,)}))
    invoice = next(record for record in source.pull().records if record.kind is Kind.INVOICE)
    assert (invoice.date.isoformat(), invoice.total) == ("2025-04-03", Decimal("1234.00"))


def test_a_rate_that_the_amounts_do_not_tell_is_asked(tmp_path):
    source = ambiguous(
        tmp_path, "Invoice number,Date,Customer,Subtotal,GST,Total\nF-1,2025-04-30,Oak Farm,100.00,3.00,103.00\n"
    )
    with pytest.raises(CannotRun) as stopped:
        source.confirm(source.look()[0])
    assert codes(stopped) == ["rates_asked"]


def test_a_field_without_a_column_or_with_two_is_told(tmp_path):
    source = ambiguous(tmp_path, "Invoice number,Invoice date,Customer,Payee\nF-1,2025-04-30,Oak Farm,x\n")
    reading, _ = source.look()
    columns = [
        c.model_copy(update={"field": "accounts.name"} if c.heading == "Payee" else {})
        for c in reading.sheets[0].columns
    ]
    twice = reading.sheets[0].model_copy(update={"columns": tuple(columns), "kind": "documents"})
    with pytest.raises(CannotRun) as stopped:
        source.confirm(reading.model_copy(update={"sheets": (twice,)}))
    assert codes(stopped) == ["field_twice", "field_needed"]
    with pytest.raises(CannotRun):
        source.confirm(Reading())


def test_what_was_confirmed_is_remembered_when_it_is_looked_at_again(home):
    source = opened(home)
    reading, _ = source.look()
    first = reading.sheets[1]
    columns = tuple(c.model_copy(update={"field": ""}) if c.field == "documents.due" else c for c in first.columns)
    source.confirm(
        reading.model_copy(update={"sheets": (reading.sheets[0], first.model_copy(update={"columns": columns}))})
    )
    again, _ = source.look()
    assert "documents.due" not in again.sheets[1].fields
    assert all(ground["why"] == "confirmed" for column in again.sheets[1].columns for ground in column.grounds)


def test_a_new_look_changes_nothing_before_it_is_confirmed(home):
    kept = (home.path.parent / FILE).read_text(encoding="utf-8")
    source = opened(home)
    source.amend(source.look()[0].model_copy(update={"sheets": ()}))
    assert (home.path.parent / FILE).read_text(encoding="utf-8") == kept
    assert any(record.kind is Kind.INVOICE for record in source.pull().records)


def test_our_own_names_for_columns_go_on_unasked(tmp_path):
    from connectors.sources.files.sample import write_sample

    write_sample(tmp_path)
    assert FilesSource(FilesSettings(folder=tmp_path)).pull().records
