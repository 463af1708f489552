"""What an export says otherwise than it did when it was confirmed is refused: nothing is posted twice or by half."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from connectors.problems import CannotRun
from connectors.records import Customer, Kind
from connectors.source import Pulled
from connectors.sources.exports.reading import Reading
from connectors.sources.files.connector import FilesSource
from connectors.sources.files.settings import FilesSettings


def folder_of(home: Path, **files: str) -> FilesSource:
    (home / "source").mkdir(exist_ok=True)
    for name, text in files.items():
        (home / "source" / f"{name}.csv").write_text(text, encoding="utf-8")
    return FilesSource(FilesSettings(folder=home))


def confirmed(home: Path, **files: str) -> FilesSource:
    source = folder_of(home, **files)
    source.confirm(source.look()[0])
    return source


def codes(pulled: Pulled) -> set[str]:
    return {problem.code for problem in pulled.problems}


def of_kind(pulled: Pulled, kind: Kind) -> dict[str, Decimal]:
    return {r.number: getattr(r, "total", None) or r.amount for r in pulled.records if r.kind is kind}


INVOICES = (
    "Invoice number,Invoice date,Customer,Total\n"
    "F-1,2025-01-31,Oak Farm,100.00\nF-2,2025-02-28,Mill,50.00\nF-3,2025-02-28,Mill,70.00\n"
)
RECEIPTS = (
    "Payment date,Receipt no,Invoice,Amount received,Memo\n"
    "2025-03-01,R-1,F-1,100.00,{memo}\n2025-03-01,R-2,F-2,50.00,b\n"
)


def test_a_receipt_that_another_file_tells_otherwise_is_not_counted_twice(tmp_path):
    source = confirmed(tmp_path, invoices=INVOICES, payments=RECEIPTS.format(memo="a"))
    folder_of(tmp_path, payments_2=RECEIPTS.format(memo="deposited"))
    pulled = source.pull()
    assert of_kind(pulled, Kind.PAYMENT) == {"R-2": Decimal(50)}
    assert "duplicate_key" in codes(pulled)


LINES = (
    "Invoice number,Invoice date,Customer,Item,Qty,Unit price,Line amount,Balance\n"
    "F-1,2025-01-31,Oak Farm,Dues,1,100.00,100.00,{balance}\nF-1,2025-01-31,Oak Farm,Meal,2,20.00,40.00,{balance}\n"
    "F-2,2025-01-31,Mill,Dues,1,100.00,100.00,100.00\n"
)


def test_an_invoice_whose_lines_another_file_tells_otherwise_is_not_of_both(tmp_path):
    source = confirmed(tmp_path, lines=LINES.format(balance="140.00"))
    assert of_kind(source.pull(), Kind.INVOICE) == {"F-1": Decimal(140), "F-2": Decimal(100)}
    folder_of(tmp_path, lines_2=LINES.format(balance="0.00"))
    pulled = source.pull()
    assert of_kind(pulled, Kind.INVOICE) == {"F-2": Decimal(100)}
    assert "duplicate_key" in codes(pulled)


def test_an_amount_written_in_another_currency_is_none_of_ours(tmp_path):
    source = confirmed(tmp_path, invoices=INVOICES)
    folder_of(tmp_path, invoices=INVOICES.replace("100.00", "US$100.00"))
    pulled = source.pull()
    assert of_kind(pulled, Kind.INVOICE) == {"F-2": Decimal(50), "F-3": Decimal(70)}
    assert "not_an_amount" in codes(pulled)


TAXED = (
    "Invoice number,Invoice date,Customer,GST,Total\n"
    "F-1,2025-01-31,Oak Farm,5.00,105.00\nF-2,2025-02-28,Mill,{tax},52.50\n"
)


def test_a_tax_that_cannot_be_read_is_not_taken_for_none(tmp_path):
    source = confirmed(tmp_path, invoices=TAXED.format(tax="2.50"))
    assert of_kind(source.pull(), Kind.INVOICE) == {"F-1": Decimal(105), "F-2": Decimal("52.50")}
    folder_of(tmp_path, invoices=TAXED.format(tax="2.50 (est.)"))
    pulled = source.pull()
    assert of_kind(pulled, Kind.INVOICE) == {"F-1": Decimal(105)}
    assert "not_an_amount" in codes(pulled)


@pytest.mark.parametrize("amount", ["1,250", "1.250"])
def test_a_decimal_sign_that_was_never_told_is_not_chosen_later(tmp_path, amount):
    whole = INVOICES.replace(".00", "")
    source = confirmed(tmp_path, invoices=whole)
    folder_of(tmp_path, invoices=whole.replace(",100\n", f',"{amount}"\n'))
    pulled = source.pull()
    assert of_kind(pulled, Kind.INVOICE) == {"F-2": Decimal(50), "F-3": Decimal(70)}


def test_an_amount_with_the_other_decimal_sign_than_was_confirmed_is_refused(tmp_path):
    semicolons = INVOICES.replace(",", ";").replace(".00", ",00")
    source = confirmed(tmp_path, invoices=semicolons)
    assert of_kind(source.pull(), Kind.INVOICE)["F-1"] == Decimal(100)
    folder_of(tmp_path, invoices=semicolons.replace("100,00", "100.00"))
    assert "F-1" not in of_kind(source.pull(), Kind.INVOICE)


def test_an_order_of_dates_that_was_never_told_is_not_chosen_later(tmp_path):
    named = INVOICES.replace("2025-01-31", "31 Jan 2025").replace("2025-02-28", "28 Feb 2025")
    source = confirmed(tmp_path, invoices=named)
    folder_of(tmp_path, invoices=named.replace("31 Jan 2025", "03/04/05"))
    pulled = source.pull()
    assert of_kind(pulled, Kind.INVOICE) == {"F-2": Decimal(50), "F-3": Decimal(70)}
    assert "not_a_date" in codes(pulled)


def test_dates_that_are_of_another_order_than_was_confirmed_cost_their_sheet(tmp_path):
    """With 28/02 in it, a sheet that was confirmed as month first is day first now: 03/04 is not what it was."""
    told = INVOICES.replace("2025-01-31", "01/31/2025").replace("2025-02-28", "02/28/2025")
    source = confirmed(tmp_path, invoices=told)
    assert len(of_kind(source.pull(), Kind.INVOICE)) == 3
    turned = INVOICES.replace("2025-01-31", "03/04/2025").replace("2025-02-28", "28/02/2025")
    folder_of(tmp_path, invoices=turned)
    pulled = source.pull()
    assert not of_kind(pulled, Kind.INVOICE)


def test_a_heading_that_stands_twice_now_costs_its_sheet(tmp_path):
    source = confirmed(tmp_path, invoices=INVOICES)
    rows = [line.split(",") for line in INVOICES.splitlines()]
    twice = "\n".join(",".join([*row[:3], "Total" if not at else "1.00", row[3]]) for at, row in enumerate(rows))
    folder_of(tmp_path, invoices=twice)
    pulled = source.pull()
    assert not of_kind(pulled, Kind.INVOICE)
    assert "duplicate_column" in codes(pulled)


def test_an_invoice_of_a_customer_called_total_is_no_total(tmp_path):
    rows = "Customer,Invoice number,Invoice date,Due date,Total\n" + "".join(
        f"{name},F-{at},2025-01-31,{due},10.00\n"
        for at, (name, due) in enumerate([("Mill", "2025-02-28"), ("Total Energies", ""), ("Oak", "2025-02-28")])
    )
    source = confirmed(tmp_path, invoices=f"{rows}Total,,,,30.00\n")
    assert set(of_kind(source.pull(), Kind.INVOICE)) == {"F-0", "F-1", "F-2"}


UNNUMBERED = (
    "Payment date,Received from,Amount received,Payment method\n"
    "2025-03-01,{0},{amount},Visa\n2025-03-01,{1},{amount},Cash\n"
)


def test_a_payment_without_a_number_is_known_by_who_paid_and_however_its_amount_is_written(tmp_path):
    source = confirmed(tmp_path, invoices=INVOICES, payments=UNNUMBERED.format("Oak Farm", "Mill", amount="30.00"))

    def payers() -> dict[str, str]:
        return {r.key: r.customer for r in source.pull().records if r.kind is Kind.PAYMENT}

    before = payers()
    assert sorted(before.values()) == ["Mill", "Oak Farm"]
    folder_of(tmp_path, payments=UNNUMBERED.format("Mill", "Oak Farm", amount="$30"))
    assert payers() == before


def without_taxes(reading: Reading) -> Reading:
    return reading.model_copy(update={"taxes": ()})


def test_a_tax_whose_rates_nobody_told_keeps_a_reading_from_being_confirmed(tmp_path):
    source = folder_of(tmp_path, invoices=TAXED.format(tax="2.50"))
    with pytest.raises(CannotRun) as stopped:
        source.confirm(without_taxes(source.look()[0]))
    assert [problem.code for problem in stopped.value.problems] == ["rates_asked"]


def test_half_a_cent_of_a_line_goes_up(tmp_path):
    lines = (
        "Invoice number,Invoice date,Customer,Item,Qty,Unit price\n"
        "F-1,2025-01-31,Oak Farm,Dues,0.5,10.25\nF-1,2025-01-31,Oak Farm,Meal,2,20.00\n"
    )
    assert of_kind(confirmed(tmp_path, lines=lines).pull(), Kind.INVOICE) == {"F-1": Decimal("45.13")}


def test_customers_are_not_made_twice(tmp_path):
    assert len([r for r in confirmed(tmp_path, invoices=INVOICES).pull().records if isinstance(r, Customer)]) == 2


UNALLOCATED = (
    "Payment date,Receipt no,Received from,Amount received,Payment method\n2025-03-01,{number},Oak Farm,30.00,{how}\n"
)


@pytest.mark.parametrize("number", ["R-1", ""], ids=["numbered", "without a number"])
def test_money_that_pays_no_invoice_is_not_taken_in_twice_where_another_file_tells_it_otherwise(tmp_path, number):
    source = confirmed(tmp_path, payments=UNALLOCATED.format(number=number or "R-9", how="Visa"))
    folder_of(tmp_path, payments=UNALLOCATED.format(number=number, how="Visa"))
    assert list(of_kind(source.pull(), Kind.PAYMENT).values()) == [Decimal(30)]
    folder_of(tmp_path, payments_2=UNALLOCATED.format(number=number, how="Cash"))
    pulled = source.pull()
    assert not of_kind(pulled, Kind.PAYMENT)
    assert "duplicate_key" in codes(pulled)


BOTH = "Invoice number,Invoice date,Customer,Subtotal,GST,Total tax,Total\nF-1,2025-01-31,Oak,100.00,5.00,5.00,105.00\n"
TOGETHER = "Invoice number,Invoice date,Customer,Subtotal,Total tax,Total\nG-1,2025-01-31,Mill,200.00,10.00,210.00\n"


def test_a_tax_that_a_sheet_tells_alone_and_together_counts_once(tmp_path):
    pulled = confirmed(tmp_path, invoices_a=BOTH, invoices_b=TOGETHER).pull()
    taxes = {record.number: record.tax for record in pulled.records if record.kind is Kind.INVOICE}
    assert taxes == {"F-1": Decimal(5), "G-1": Decimal(10)}


def test_a_line_with_more_values_than_headings_is_refused_for_its_amount_may_be_cut(tmp_path):
    source = confirmed(tmp_path, invoices=INVOICES)
    folder_of(tmp_path, invoices=INVOICES.replace("100.00", "1,100.00"))
    pulled = source.pull()
    assert of_kind(pulled, Kind.INVOICE) == {"F-2": Decimal(50), "F-3": Decimal(70)}
    assert "too_many_values" in codes(pulled)


@pytest.mark.parametrize("dash", ["-", " $-   ", "- $", "—"])
def test_a_dash_is_nothing_as_accounting_formats_write_it_and_costs_no_tax(tmp_path, dash):
    rows = f"F-{{}},2025-01-31,Oak,{dash},100.00\n"
    taxed = "Invoice number,Invoice date,Customer,GST,Total\nF-1,2025-01-31,Oak,5.00,105.00\n"
    pulled = confirmed(tmp_path, invoices=taxed + "".join(map(rows.format, range(2, 9)))).pull()
    taxes = {record.number: (record.tax, record.total) for record in pulled.records if record.kind is Kind.INVOICE}
    assert (taxes["F-1"], taxes["F-2"]) == ((Decimal(5), Decimal(105)), (Decimal(0), Decimal(100)))


def test_taxes_that_only_the_lines_tell_are_those_of_their_invoice(tmp_path):
    heads = "Invoice number,Invoice date,Customer,Subtotal\nF-1,2025-01-31,Oak,100.00\nF-2,2025-01-31,Mill,40.00\n"
    lines = (
        "Invoice number,Description,Qty,Unit price,Line amount,GST\nF-1,Dues,1,60.00,60.00,3.00\n"
        "F-1,Meal,1,40.00,40.00,2.00\nF-2,Dues,1,40.00,40.00,2.00\n"
    )
    pulled = confirmed(tmp_path, invoices=heads, lines=lines).pull()
    taxes = {record.number: (record.tax, record.total) for record in pulled.records if record.kind is Kind.INVOICE}
    assert taxes == {"F-1": (Decimal(5), Decimal(105)), "F-2": (Decimal(2), Decimal(42))}


def test_a_byte_that_is_no_letter_of_the_guessed_encoding_is_told_and_is_no_name(tmp_path):
    source = confirmed(tmp_path, invoices=INVOICES)
    raw = INVOICES.replace("Oak Farm", "Café Oak\x81").encode("latin-1")
    (tmp_path / "source" / "invoices.csv").write_bytes(raw)
    pulled = source.pull()
    assert of_kind(pulled, Kind.INVOICE) == {"F-2": Decimal(50), "F-3": Decimal(70)}
    assert "file_unreadable" in codes(pulled)


def test_rows_that_a_filter_hides_are_read_and_told(tmp_path):
    book = openpyxl.Workbook()
    for row in (line.split(",") for line in INVOICES.splitlines()):
        book.active.append(row)
    book.active.row_dimensions[3].hidden = True
    (tmp_path / "source").mkdir()
    book.save(tmp_path / "source" / "invoices.xlsx")
    pulled = confirmed(tmp_path).pull()
    assert set(of_kind(pulled, Kind.INVOICE)) == {"F-1", "F-2", "F-3"}
    [told] = [problem for problem in pulled.problems if problem.code == "rows_hidden"]
    assert (told.params["count"], told.params["line"]) == ("1", "3")


def test_an_order_of_dates_that_only_another_file_tells_is_asked(tmp_path):
    """Another file may be of another system: a bank's beside an association's."""
    invoices = INVOICES.replace("2025-01-31", "03/04/2025").replace("2025-02-28", "05/04/2025")
    source = folder_of(tmp_path, invoices=invoices, payments=RECEIPTS.replace("2025-03-01", "13/04/2025"))
    with pytest.raises(CannotRun) as stopped:
        source.confirm(source.look()[0])
    assert [(p.code, p.params["file"]) for p in stopped.value.problems] == [("dates_asked", "invoices.csv")]


def test_a_cell_that_cannot_be_read_is_told_once(tmp_path):
    source = confirmed(tmp_path, invoices=INVOICES)
    folder_of(tmp_path, invoices=INVOICES.replace("100.00", "€100.00"))
    assert [(p.code, p.params["value"]) for p in source.pull().problems] == [("not_an_amount", "€100.00")]


@pytest.mark.parametrize("other", ["2025-01-31,Mill", "2025-02-28,Oak Farm"], ids=["customer", "date"])
def test_lines_of_one_number_that_name_two_customers_or_days_are_not_one_invoice(tmp_path, other):
    lines = (
        "Invoice number,Invoice date,Customer,Item,Qty,Unit price,Line amount\n"
        "F-1,2025-01-31,Oak Farm,Dues,1,100.00,100.00\nF-1,{0},Meal,2,20.00,40.00\n"
        "F-2,2025-01-31,Mill,Dues,1,100.00,100.00\n"
    )
    source = confirmed(tmp_path, lines=lines.format(","))
    assert of_kind(source.pull(), Kind.INVOICE) == {"F-1": Decimal(140), "F-2": Decimal(100)}
    folder_of(tmp_path, lines=lines.format(other))
    pulled = source.pull()
    assert of_kind(pulled, Kind.INVOICE) == {"F-2": Decimal(100)}
    assert "duplicate_key" in codes(pulled)
