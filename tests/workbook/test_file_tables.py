"""How a table on the closed file grows and shrinks, and what happens to a person's formulas and formats around it."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
import rich_workbooks as rich
import xlsxwriter

from connectors.problems import CannotRun
from tests.workbook.books import PAYMENTS
from workbook.addresses import Area
from workbook.file.file_book import FileBook
from workbook.layout import INVOICES, LINES

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning"),  # openpyxl, of its own loss
    pytest.mark.filterwarnings("ignore:Workbook contains no default style:UserWarning"),
]

LAST = rich.TOP + rich.ROWS - 1


def sheet_xml(path, name="xl/worksheets/sheet1.xml"):
    return rich.parts(path)[name].decode()


def form(cell):
    """Everything about how a cell looks."""
    return tuple(cell._style)


def appended(path, count=3, table=INVOICES):
    book = FileBook(path)
    book.append(table, [{"key": f"new {n}"} for n in range(count)])
    book.save()
    return path


def hand_made(path, rows, **options):
    """A table of three columns (key, amount, date) in A4, as XML."""
    header = '<row r="4"><c r="A4" t="inlineStr"><is><t>Key</t></is></c></row>'
    return rich.raw(path, header + rows, **options)


def test_formats_and_rules_over_a_column_reach_the_new_rows_and_others_stay(tmp_path):
    before = sheet_xml(rich.drawn(tmp_path / "before.xlsx"))
    after = sheet_xml(appended(rich.drawn(tmp_path / "after.xlsx")))
    ranges = r'(?:sqref="|<xm:sqref>)([^"<]+)'
    old, new = re.findall(ranges, before), re.findall(ranges, after)
    moved = {was: now for was, now in zip(old, new, strict=True) if was != now}
    assert moved == {f"{c}5:{c}{LAST}": f"{c}5:{c}{LAST + 3}" for c in "QMNC"}
    assert {"A1:XFD1", f"A{LAST}", "Z5"} <= set(new)
    used = [Area.of(re.search(r'<dimension ref="([^"]+)"', text)[1]) for text in (before, after)]
    assert [used[1].bottom, used[1].right] == [LAST + 3, used[0].right]


def test_the_table_its_filter_and_its_sorting_reach_the_new_rows(tmp_path):
    table = (
        f'<table xmlns="{rich.MAIN}" id="1" name="tblPayments" displayName="tblPayments" ref="A4:C5">'
        '<autoFilter ref="A4:C5"/><sortState ref="A5:C5"><sortCondition ref="B5:B5"/></sortState>'
        '<tableColumns count="3"><tableColumn id="1" name="Key"/><tableColumn id="2" name="Amount"/>'
        '<tableColumn id="3" name="Date"/></tableColumns></table>'
    )
    path = hand_made(tmp_path / "t.xlsx", '<row r="5"><c r="A5"><v>1</v></c></row>', area="A4:C5", table=table)
    appended(path, 2, PAYMENTS)
    assert rich.parts(path)["xl/tables/table1.xml"].decode() == table.replace("C5", "C7").replace("B5:B5", "B5:B7")


def test_calculated_columns_go_on_and_new_cells_look_like_those_above(tmp_path):
    path = appended(rich.drawn(tmp_path / "t.xlsx"))
    sheet = openpyxl.load_workbook(path)["Invoices"]
    formula = sheet.cell(LAST, len(INVOICES.columns) + 2).value
    assert "tblInvoices[[#This Row],[Total]]*2" in formula
    for row in range(LAST + 1, LAST + 4):
        assert sheet.cell(row, len(INVOICES.columns) + 2).value == formula
        for column in range(1, len(INVOICES.columns) + 2):
            assert form(sheet.cell(row, column)) == form(sheet.cell(LAST, column))


def test_a_calculated_column_with_addresses_is_filled_down(tmp_path):
    table = (
        f'<table xmlns="{rich.MAIN}" id="1" name="tblPayments" displayName="tblPayments" ref="A4:D5">'
        '<tableColumns count="4"><tableColumn id="1" name="Key"/><tableColumn id="2" name="Amount"/>'
        '<tableColumn id="3" name="Date"/><tableColumn id="4" name="Own">'
        '<calculatedColumnFormula>B5*$A$1&amp;"B5"</calculatedColumnFormula>'
        "</tableColumn></tableColumns></table>"
    )
    rows = '<row r="5"><c r="A5"><v>1</v></c><c r="D5"><f>B5*$A$1&amp;"B5"</f><v>0</v></c></row>'
    path = appended(hand_made(tmp_path / "t.xlsx", rows, table=table), 2, PAYMENTS)
    sheet = openpyxl.load_workbook(path).active
    assert [sheet.cell(row, 4).value for row in (5, 6, 7)] == [f'=B{n}*$A$1&"B5"' for n in (5, 6, 7)]


BESIDE = ("R6", "R7", "R8", "R11")
"""Cells of nobody's: in rows that the totals row leaves, passes and comes to."""


def totals_workbook(path):
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("S")
        bold = book.add_format({"bold": True, "num_format": "0.00"})
        columns = [{"header": c.caption.en} for c in PAYMENTS.columns]
        columns[8] |= {"total_function": "sum", "format": bold}
        columns[0] |= {"total_string": "Total"}
        sheet.add_table("A4:P7", {"name": PAYMENTS.name, "columns": columns, "total_row": True})
        sheet.write_column("A5", ["p1", "p2"])
        sheet.write_column("I5", [1, 2], bold)
        for cell in BESIDE:
            sheet.write_string(cell, cell, bold)
    return path


def test_a_totals_row_moves_down_and_what_is_beside_it_stays(tmp_path):
    path = appended(totals_workbook(tmp_path / "t.xlsx"), 4, PAYMENTS)
    sheet = openpyxl.load_workbook(path)["S"]
    assert sheet.tables[PAYMENTS.name].ref == "A4:P11"
    assert sheet.tables[PAYMENTS.name].autoFilter.ref == "A4:P10"
    assert [sheet.cell(row, 1).value for row in range(5, 12)] == ["p1", "p2", *(f"new {n}" for n in range(4)), "Total"]
    assert sheet["I11"].value == "=SUBTOTAL(109,[Amount])"
    assert sheet["I7"].value is None
    assert [sheet[cell].value for cell in BESIDE] == list(BESIDE)
    assert sheet["R11"].font.bold


def test_a_totals_row_moves_up_when_rows_are_replaced_by_fewer(tmp_path):
    path = appended(totals_workbook(tmp_path / "t.xlsx"), 4, PAYMENTS)
    book = FileBook(path)
    book.replace(PAYMENTS, [{"key": "only", "amount": Decimal(5)}])
    book.save()
    sheet = openpyxl.load_workbook(path)["S"]
    assert sheet.tables[PAYMENTS.name].ref == "A4:P6"
    assert (sheet["A6"].value, sheet["I6"].value) == ("Total", "=SUBTOTAL(109,[Amount])")
    assert [sheet.cell(row, 1).value for row in range(7, 13)] == [None] * 6
    assert [sheet[cell].value for cell in BESIDE] == list(BESIDE)


@pytest.mark.parametrize(
    ("below", "tail"),
    [
        ('<row r="8"><c r="B8"><v>1</v></c></row>', ""),
        ('<row r="8"><c r="C8"><f>1+1</f></c></row>', ""),
        ("", '<mergeCells count="1"><mergeCell ref="C8:E9"/></mergeCells>'),
    ],
    ids=["a value", "a formula", "a merged cell"],
)
def test_what_stands_below_a_table_is_not_overwritten(tmp_path, below, tail):
    rows = '<row r="5"><c r="A5"><v>1</v></c></row><row r="6"><c r="A6"><v>2</v></c></row>' + below
    path = hand_made(tmp_path / "t.xlsx", rows, tail=tail)
    before = path.read_bytes()
    book = FileBook(path)
    book.append(PAYMENTS, [{"key": "fits"}])
    with pytest.raises(CannotRun) as refused:
        book.append(PAYMENTS, [{"key": "does"}, {"key": "not"}])
    (problem,) = refused.value.problems
    assert (problem.code, problem.params["table"], problem.place.cell[1]) == ("table_blocked", "tblPayments", "8")
    assert path.read_bytes() == before
    assert [row.values["key"] for row in book.read(PAYMENTS).rows] == ["1", "2", "fits"]


def test_formats_alone_are_not_in_the_way(tmp_path):
    rows = '<row r="5"><c r="A5"><v>1</v></c></row><row r="7"><c r="A7" s="1"/><c r="F7"><v>9</v></c></row>'
    path = appended(hand_made(tmp_path / "t.xlsx", rows), 4, PAYMENTS)
    sheet = openpyxl.load_workbook(path).active
    assert (sheet.tables[PAYMENTS.name].ref, sheet["F7"].value) == ("A4:C9", 9)


def test_another_table_below_is_in_the_way(tmp_path):
    path = tmp_path / "t.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("S")
        sheet.add_table(
            "A4:P5", {"name": PAYMENTS.name, "columns": [{"header": c.caption.en} for c in PAYMENTS.columns]}
        )
        sheet.add_table("C9:D12", {"name": "Theirs", "header_row": False})
    book = FileBook(path)
    with pytest.raises(CannotRun) as refused:
        book.append(PAYMENTS, [{"key": str(n)} for n in range(6)])
    assert refused.value.problems[0].place.cell == "C9"


def test_a_shorter_content_leaves_formats_and_no_value(tmp_path):
    path = rich.drawn(tmp_path / "t.xlsx")
    sheet = openpyxl.load_workbook(path)["Lines"]
    forms = {(row, column): form(sheet.cell(row, column)) for row in range(5, LAST + 1) for column in range(1, 15)}
    book = FileBook(path)
    book.replace(LINES, [{"key": "one"}])
    book.save()
    sheet = openpyxl.load_workbook(path)["Lines"]
    assert sheet.tables["tblLines"].ref == "A4:O5"
    assert {place: form(sheet.cell(*place)) for place in forms} == forms
    assert {sheet.cell(*place).value for place in forms} == {None, "one"}


SHARED = (
    '<row r="5"><c r="A5"><v>1</v></c><c r="B5"><f t="shared" ref="B5:B7" si="0">A5*$A$1</f><v>1</v></c></row>'
    '<row r="6"><c r="A6"><v>2</v></c><c r="B6"><f t="shared" si="0"/><v>2</v></c></row>'
    '<row r="7"><c r="A7"><v>3</v></c><c r="B7"><f t="shared" si="0"/><v>3</v></c></row>'
)


def test_a_formula_filled_over_cells_survives_the_loss_of_its_first(tmp_path):
    path = hand_made(tmp_path / "t.xlsx", SHARED, area="A4:C7")
    book = FileBook(path)
    book._put(PAYMENTS, {5: {"amount": Decimal(10)}})
    book.save()
    sheet = openpyxl.load_workbook(path).active
    assert [sheet.cell(row, 2).value for row in (5, 6, 7)] == [10, "=A6*$A$1", "=A7*$A$1"]
    assert '<f t="shared" ref="B6:B7" si="0">A6*$A$1</f><v>2</v>' in sheet_xml(path)


def chained(path, *cells):
    """The workbook with a calculation chain of these cells, as Excel saves one."""
    chain = "".join(f'<c r="{cell}" i="1"/>' for cell in cells)
    content = rich.parts(path) | {"xl/calcChain.xml": f'<calcChain xmlns="{rich.MAIN}">{chain}</calcChain>'.encode()}
    relation = f'<Relationship Id="c" Type="{rich.RELATED}/calcChain" Target="calcChain.xml"/></Relationships>'
    related = "xl/_rels/workbook.xml.rels"
    content[related] = content[related].replace(b"</Relationships>", relation.encode())
    return rich.packed(path, content)


COMPUTED = (
    '<row r="5"><c r="A5"><v>1</v></c><c r="B5"><f>A5+1</f><v>2</v></c></row>'
    '<row r="6"><c r="A6"><v>2</v></c><c r="B6"><f>A6+1</f><v>3</v></c></row>'
)


def test_the_calculation_chain_goes_when_a_formula_it_names_goes(tmp_path):
    path = chained(hand_made(tmp_path / "t.xlsx", COMPUTED), "B5", "B6")
    before = rich.parts(path)
    book = FileBook(path)
    book._put(PAYMENTS, {5: {"amount": Decimal(7)}})
    book.save()
    after = rich.parts(path)
    assert before.keys() - after.keys() == {"xl/calcChain.xml"}
    assert {n for n in after if after[n] != before[n]} == {
        "[Content_Types].xml",
        "xl/_rels/workbook.xml.rels",
        "xl/workbook.xml",
        "xl/worksheets/sheet1.xml",
    }
    assert b"calcChain" not in after["[Content_Types].xml"] + after["xl/_rels/workbook.xml.rels"]
    assert [cell.value for cell in openpyxl.load_workbook(path).active["B"]][4:] == [7, "=A6+1"]


def test_the_calculation_chain_goes_when_a_totals_row_moves(tmp_path):
    path = appended(chained(totals_workbook(tmp_path / "t.xlsx"), "I7"), 1, PAYMENTS)
    assert "xl/calcChain.xml" not in rich.parts(path)


def test_the_calculation_chain_stays_when_no_formula_goes(tmp_path):
    path = chained(hand_made(tmp_path / "t.xlsx", COMPUTED), "B5", "B6")
    before = rich.parts(path)
    book = FileBook(path)
    book._put(PAYMENTS, {5: {"key": "k"}})
    book.save()
    after = rich.parts(path)
    assert {n for n in after if after[n] != before[n]} == {"xl/workbook.xml", "xl/worksheets/sheet1.xml"}


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ('<calcPr calcId="191029"/>', '<calcPr calcId="191029" fullCalcOnLoad="1"/>'),
        ('<calcPr calcId="1" fullCalcOnLoad="0"></calcPr>', '<calcPr calcId="1" fullCalcOnLoad="1"></calcPr>'),
        ('<calcPr fullCalcOnLoad="1"/>', '<calcPr fullCalcOnLoad="1"/>'),
        (
            '<definedNames><definedName name="a">1</definedName></definedNames><extLst/>',
            '<definedNames><definedName name="a">1</definedName></definedNames><calcPr fullCalcOnLoad="1"/><extLst/>',
        ),
        ("", '<calcPr fullCalcOnLoad="1"/>'),
    ],
)
def test_a_person_s_formulas_are_computed_anew_on_opening(tmp_path, settings, expected):
    rows = '<row r="5"><c r="A5"><v>1</v></c><c r="H5"><f>SUM(B:B)</f><v>2</v></c></row>'
    path = hand_made(tmp_path / "t.xlsx", rows, settings=settings)
    before = rich.parts(path)["xl/workbook.xml"].decode()
    book = FileBook(path)
    book._put(PAYMENTS, {5: {"amount": Decimal(7)}})
    book.save()
    end = "</sheets>"
    assert rich.parts(path)["xl/workbook.xml"].decode() == before.replace(f"{end}{settings}", f"{end}{expected}")


def test_without_a_formula_but_links_the_workbook_s_part_keeps_its_bytes(tmp_path):
    rows = (
        '<row r="5"><c r="A5"><v>1</v></c><c r="C5" t="str"><f>HYPERLINK("https://a.test/?b=""1""&amp;c=2","Open")</f>'
        "<v>Open</v></c></row>"
    )
    path = hand_made(tmp_path / "t.xlsx", rows)
    before = rich.parts(path)
    book = FileBook(path)
    book._put(PAYMENTS, {5: {"date": date(2026, 1, 1)}})
    book.save()
    after = rich.parts(path)
    assert {name for name in after if after[name] != before[name]} == {"xl/worksheets/sheet1.xml"}
