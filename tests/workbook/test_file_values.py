"""What cells of a closed file hold, in every shape in which programs write them (ECMA-376 part 1, 18.3 and 18.4)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import openpyxl
import pytest
import python_calamine
import rich_workbooks as rich
import xlsxwriter

from connectors.problems import CannotRun
from tests.workbook.books import PAYMENTS
from workbook.book import CellError
from workbook.cells import content_of, fitting
from workbook.file.file_book import FileBook
from workbook.layout import Type

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning"),  # openpyxl, of its own loss
    pytest.mark.filterwarnings("ignore:Workbook contains no default style:UserWarning"),
]

FORMATS = ("0", "14", "49", "164", "165", "166", "167", "20", "168")
STYLES = (
    f'<styleSheet xmlns="{rich.MAIN}"><numFmts count="5"><numFmt numFmtId="164" formatCode="00000"/>'
    '<numFmt numFmtId="165" formatCode="[$-C0C]d mmmm yyyy;@"/>'
    '<numFmt numFmtId="166" formatCode="[Red]0.00&quot; days&quot;"/>'
    '<numFmt numFmtId="167" formatCode="mmm\\-yy"/><numFmt numFmtId="168" formatCode="[h]:mm"/></numFmts><cellXfs>'
    + "".join(f'<xf numFmtId="{number}"/>' for number in FORMATS)
    + "</cellXfs></styleSheet>"
)
ZERO, DAY, TEXT, ZEROS, LONG_DAY, DAYS, MONTH, TIME, HOURS = range(9)


def read(path, cells, *, captions=("Key", "Amount", "Date"), strings="", **options):
    rows = "".join(f'<row r="{n}">{row}</row>' for n, row in enumerate(cells, 5))
    options = {"strings": strings, "area": f"A4:{'ABCDEFG'[len(captions) - 1]}{4 + max(1, len(cells))}"} | options
    more = {"xl/styles.xml": STYLES.encode()} | options.pop("more", {})
    return FileBook(rich.raw(path, f'<row r="4"/>{rows}', captions=captions, more=more, **options)).read(PAYMENTS)


def one(tmp_path, key, cell, **options):
    grid = read(
        tmp_path / "one.xlsx",
        [cell.replace("<c", '<c r="A5"', 1)],
        captions=(PAYMENTS.column(key).caption.en,),
        **options,
    )
    return grid.rows[0].values[key] if grid.rows else None


@pytest.mark.parametrize(
    ("key", "cell", "expected"),
    [
        ("amount", "<c><v>12.50</v></c>", Decimal("12.5")),
        ("amount", "<c><v>1.1000000000000001</v></c>", Decimal("1.1")),
        ("amount", "<c><v>0.30000000000000004</v></c>", Decimal("0.30000000000000004")),
        ("amount", "<c><v>-1E-2</v></c>", Decimal("-0.01")),
        ("amount", '<c t="n"><v>1200</v></c>', Decimal(1200)),
        ("amount", '<c t="str"><f>A1</f><v>ten</v></c>', "ten"),
        ("amount", "<c><f>1+1</f><v>2</v></c>", Decimal(2)),
        ("amount", "<c><f>1+1</f></c>", None),
        ("amount", "<c><v></v></c>", None),
        ("amount", f'<c s="{DAYS}"><v>3.5</v></c>', Decimal("3.5")),
        ("amount", f'<c s="{DAY}"><v>46082</v></c>', date(2026, 3, 1)),
        ("amount", '<c t="b"><v>1</v></c>', True),
        ("amount", '<c t="e"><v>#REF!</v></c>', CellError("#REF!")),
        ("amount", '<c t="e"><f>1/0</f><v>#DIV/0!</v></c>', CellError("#DIV/0!")),
        ("account", '<c t="inlineStr"><is><t>#REF!</t></is></c>', "#REF!"),
        ("account", "<c><v>1200</v></c>", "1200"),
        ("account", "<c><v>12.50</v></c>", "12.5"),
        ("account", "<c><v>1E+15</v></c>", "1000000000000000"),
        ("account", f'<c s="{ZEROS}"><v>42</v></c>', "00042"),
        ("account", f'<c s="{DAY}"><v>46082</v></c>', date(2026, 3, 1)),
        ("status", "<c><v>7</v></c>", "7"),
        ("account", '<c t="inlineStr"><is><t>2026-03-01</t></is></c>', "2026-03-01"),
        ("account", '<c t="inlineStr"><is><t xml:space="preserve">  a  </t></is></c>', "  a  "),
        ("account", '<c t="inlineStr"><is><t></t></is></c>', None),
        ("account", '<c t="inlineStr"><is><r><t>Zo</t></r><r><rPr><b/></rPr><t>&#233;&amp;</t></r></is></c>', "Zoé&"),
        ("account", '<c t="inlineStr"><is><t>東</t><rPh sb="0" eb="1"><t>ヒガシ</t></rPh></is></c>', "東"),
        ("account", '<c t="str"><v>_x0041__x005F_x0041__x000A__xD83D__xDE00_</v></c>', "A_x0041_\n😀"),
        ("account", '<c t="inlineStr"><is><t>a\r\nb</t></is></c>', "a\nb"),
        ("account", '<c t="inlineStr"><is><t><![CDATA[<b> & ]]>]]&gt;</t></is></c>', "<b> & ]]>"),
        ("account", '<c t="inlineStr"><!-- <c r="A5"><v>1</v></c> --><is><t>x<?p <v> ?></t></is></c>', "x"),
        ("account", '<c t="str"><f>HYPERLINK("https://a.test","Open")</f><v>Open</v></c>', "Open"),
        ("account", '<c\n  t="inlineStr"\n>\n  <is>\n    <t>spread</t>\n  </is>\n</c >', "spread"),
        ("account", "<c t='inlineStr' s='2'><is><t>single</t></is></c>", "single"),
        ("date", f'<c s="{DAY}"><v>46082</v></c>', date(2026, 3, 1)),
        ("date", f'<c s="{DAY}"><v>46082.75</v></c>', date(2026, 3, 1)),
        ("date", f'<c s="{LONG_DAY}"><v>46082</v></c>', date(2026, 3, 1)),
        ("date", f'<c s="{MONTH}"><v>46082</v></c>', date(2026, 3, 1)),
        ("date", f'<c s="{DAY}"><v>59</v></c>', date(1900, 2, 28)),
        ("date", f'<c s="{DAY}"><v>60</v></c>', Decimal(60)),
        ("date", f'<c s="{DAY}"><v>61</v></c>', date(1900, 3, 1)),
        ("date", f'<c s="{DAY}"><v>2958465</v></c>', date(9999, 12, 31)),
        ("date", f'<c s="{DAY}"><v>2958466</v></c>', Decimal(2958466)),
        ("date", f'<c s="{DAY}"><v>-1</v></c>', Decimal(-1)),
        ("date", f'<c s="{TIME}"><v>0.5</v></c>', Decimal("0.5")),
        ("date", f'<c s="{HOURS}"><v>30.5</v></c>', Decimal("30.5")),
        ("date", "<c><v>46082</v></c>", Decimal(46082)),
        ("date", '<c t="d"><v>2026-03-01T00:00:00</v></c>', date(2026, 3, 1)),
        ("date", '<c t="d"><v>T10:00:00.5x</v></c>', "T10:00:00.5x"),
        ("date", '<c t="inlineStr"><is><t>1 mars</t></is></c>', "1 mars"),
    ],
)  # fmt: skip
def test_a_cell_is_read_as_its_column_means_it(tmp_path, key, cell, expected):
    found = one(tmp_path, key, cell)
    assert (type(found), found) == (type(expected), expected)


def test_a_workbook_that_counts_from_1904(tmp_path):
    path = tmp_path / "mac.xlsx"
    properties = '<workbookPr date1904="1"/>'
    grid = read(path, [f'<c r="A5" s="{DAY}"><v>0</v></c>'], captions=("Date",), properties=properties)
    assert grid.rows[0].values["date"] == date(1904, 1, 1)
    book = FileBook(path)
    book.append(PAYMENTS, [{"date": date(2026, 3, 1)}])
    book.save()
    sheet = openpyxl.load_workbook(path).active
    assert sheet["A6"].value.date() == date(2026, 3, 1)


def test_shared_strings_plain_rich_and_empty(tmp_path):
    strings = (
        "<si><t>plain</t></si><si/><si><t xml:space='preserve'> s </t></si>"
        "<si><r><rPr><b/></rPr><t>ri</t></r><r><t>ch</t></r><phoneticPr fontId='1'/></si><si><t/></si>"
    )
    cells = [f'<c r="A{5 + n}" t="s"><v>{n}</v></c><c r="B{5 + n}"><v>1</v></c>' for n in range(5)]
    grid = read(tmp_path / "s.xlsx", cells, strings=strings)
    assert [row.values["key"] for row in grid.rows] == ["plain", None, " s ", "rich", None]


def test_wholly_empty_rows_are_left_out_and_rows_keep_their_numbers(tmp_path):
    grid = read(tmp_path / "e.xlsx", ['<c r="A5"><v>1</v></c>', '<c r="A6" s="1"/>', "", '<c r="B8"><v>2</v></c>'])
    assert [row.number for row in grid.rows] == [5, 8]


SHAPES = {
    "prefix": {
        "prefix": "x:",
        "rows": '<x:row r="5"><x:c r="A5" t="inlineStr"><x:is><x:t>k</x:t></x:is></x:c></x:row>',
    },
    "no places": {
        "rows": "<row r='4'/><row><c t='str'><v>k</v></c><c><v>5</v></c></row><row><c/><c><v>6</v></c></row>"
    },
    "places last": {"rows": '<row spans="1:3" r="5"><c s="1" r="B5"><v>5</v></c></row>'},
    "gaps": {"rows": '<row r="5"><c r="A5"><v>1</v></c><c r="C5"><v>3</v></c></row>'},
    "comments": {
        "rows": '<!-- <row r="1"> --><row r="5"><!-- <c r="A5"/> --><c r="B5"><v>5</v><!-- </c> --></c></row>'
    },
    "extension in a row": {"rows": '<row r="5"><c r="A5"><v>1</v></c><extLst><ext uri="u"/></extLst></row>'},
    "no rows": {"rows": ""},
    "spread over lines": {"rows": '\r\n  <row r="5">\r\n    <c r="A5">\r\n      <v>1</v>\r\n    </c>\r\n  </row>\r\n'},
    "default column": {"rows": "", "head": '<cols><col min="3" max="5" width="9" style="1"/></cols>'},
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_a_write_into_any_shape_of_xml_is_read_by_others(tmp_path, shape):
    path = rich.raw(tmp_path / "shape.xlsx", **SHAPES[shape], formats=("0", "14"))
    before = {row.number: dict(row.values) for row in FileBook(path).read(PAYMENTS).rows}
    meant = {5: {"key": "=new", "date": date(2026, 3, 1)}, 6: {"amount": Decimal("1.5")}}
    book = FileBook(path)
    book._put(PAYMENTS, meant)
    book.save()
    empty = dict.fromkeys(("key", "amount", "date"))
    after = {row.number: dict(row.values) for row in FileBook(path).read(PAYMENTS).rows}
    # A cell that was not there has no format that shows a number as a day, unless its column has one.
    day = after[5].pop("date")
    assert day in (date(2026, 3, 1), Decimal(46082))
    expected = {n: empty | before.get(n, {}) | meant[n] for n in meant}
    expected[5].pop("date")
    assert after == expected
    sheet = openpyxl.load_workbook(path).active
    assert (sheet["A5"].value, sheet["A5"].data_type, sheet["B6"].value) == ("=new", "s", 1.5)
    rows = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    assert (rows[4][0], rows[5][1]) == ("=new", 1.5)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "iso-8859-1"])
def test_every_other_byte_of_a_sheet_stays_in_any_encoding(tmp_path, encoding):
    name = {"utf-8-sig": "UTF-8", "utf-16-be": "UTF-16"}.get(encoding, encoding)
    text = (
        f'<?xml version="1.0" encoding="{name}"?>\r\n<worksheet xmlns="{rich.MAIN}" xmlns:r="{rich.RELATED}">\r\n'
        '<sheetData>\n<row r="4"  ht="20"><c r="A4" t="inlineStr"><is><t>é\r\n</t></is></c></row>\n'
        '<row r="5" spans="1:3"><c  r="A5" s="1"   t="inlineStr"><is><t>œ</t></is></c> <c r="B5"><v>1</v></c> </row>\t'
        '</sheetData>\r\n<!-- à --><tableParts count="1"><tablePart r:id="rId1"/></tableParts></worksheet>\r\n'
    ).replace("œ", "ç")
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    path = rich.raw(tmp_path / "e.xlsx", "", body=mark + text.encode(encoding))
    assert FileBook(path).read(PAYMENTS).rows[0].values["key"] == "ç"
    book = FileBook(path)
    book._put(PAYMENTS, {5: {"amount": Decimal(2)}})
    book.save()
    new = text.replace('<c r="B5"><v>1</v></c>', '<c r="B5"><v>2</v></c>')
    assert rich.parts(path)["xl/worksheets/sheet1.xml"] == mark + new.encode(encoding)


def test_text_that_xml_cannot_hold_comes_back(tmp_path):
    text = "".join(map(chr, range(32))) + "\ufffe\uffff_x0041_ _x000D_ &lt; ]]> 😀 \x7f\x85\u2028"
    path = rich.raw(tmp_path / "t.xlsx", "")
    book = FileBook(path)
    book._put(PAYMENTS, {5: {"key": text}})
    book.save()
    assert FileBook(path).read(PAYMENTS).rows[0].values["key"] == text
    rows = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    # calamine leaves the two characters that Unicode has not assigned escaped
    assert rows[4][0] == text.replace("\ufffe", "_xFFFE_").replace("\uffff", "_xFFFF_")


@pytest.mark.parametrize("value", ["\ud800", "x" * 32_768, "😀" * 16_384, Decimal("NaN"), date(1899, 12, 31)])
def test_what_no_cell_can_hold_is_refused_and_nothing_is_written(tmp_path, value):
    path = rich.raw(tmp_path / "t.xlsx", '<row r="5"><c r="A5"><v>1</v></c></row>')
    book = FileBook(path)
    key = {str: "key", Decimal: "amount", date: "date"}[type(value)]
    with pytest.raises(CannotRun) as refused:
        book._put(PAYMENTS, {5: {"key": "good"}, 6: {key: value}})
    (problem,) = refused.value.problems
    assert (problem.code, problem.column, problem.place.cell[1:]) == ("text_forbidden", key, "6")
    assert [row.values["key"] for row in book.read(PAYMENTS).rows] == ["1"]


def test_the_value_of_a_dynamic_array_or_picture_leaves_no_metadata_behind(tmp_path):
    path = rich.raw(tmp_path / "t.xlsx", '<row r="5"><c r="A5" s="1" vm="1" cm="2" t="e"><v>#VALUE!</v></c></row>')
    book = FileBook(path)
    book._put(PAYMENTS, {5: {"key": "k"}})
    book.save()
    cell = '<c r="A5" s="1" t="inlineStr"><is><t xml:space="preserve">k</t></is></c>'
    assert cell in rich.parts(path)["xl/worksheets/sheet1.xml"].decode()


def test_captions_with_line_breaks_and_capitals_are_found(tmp_path):
    captions = ("kEY ", "Sync_x000a_reference", "Montant")
    grid = read(tmp_path / "c.xlsx", ['<c r="B5"><v>7</v></c>'], captions=captions)
    assert grid.letters == {"key": "A", "amount": "C", "reference": "B"}
    assert grid.rows[0].values["reference"] == "7"


def test_every_type_of_column_takes_every_value_it_may_hold(tmp_path):
    path = tmp_path / "types.xlsx"
    columns = {c.type: c for c in PAYMENTS.columns}
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("S")
        sheet.add_table(
            "A4:P5", {"name": PAYMENTS.name, "columns": [{"header": c.caption.en} for c in PAYMENTS.columns]}
        )
    book = FileBook(path)
    values = (Decimal("1.10"), True, CellError("#N/A"), "x", None)
    book.append(
        PAYMENTS,
        [{"key": f"{t} {n}", c.key: v} for t, c in columns.items() if c.key != "key" for n, v in enumerate(values)],
    )
    for row in book.read(PAYMENTS).rows:
        kind, number = row.values["key"].split()
        column, value = columns[Type(kind)], values[int(number)]
        if isinstance(value, Decimal) and column.type in (Type.TEXT, Type.LONG_TEXT, Type.CHOICE):
            value = "1.10"
        assert row.values[column.key] == value


@pytest.mark.parametrize("text", ["x" * 32_767, "é" * 20_000, "😀" * 16_383, "court"])
def test_a_text_that_fits_a_cell_stays_whole(text):
    assert fitting(text) == text


@pytest.mark.parametrize("text", ["x" * 32_768, "x" * 200_000, "😀" * 16_384, "x" + "😀" * 20_000])
def test_a_text_that_fits_no_cell_is_cut_between_characters(text):
    cut = fitting(text)
    assert content_of(cut).type == b"inlineStr"
    assert cut.endswith("…")
    assert text.startswith(cut[:-1])
    assert len(cut.encode("utf-16-le")) >= 2 * 32_766


def test_rows_of_a_new_workbook_are_read_as_they_were_written(tmp_path):
    """Inline texts as programs write them: plain, escaped, in runs, with or without ``xml:space`` and a style."""
    texts = {
        '<c t="inlineStr"><is><t>plain</t></is></c>': "plain",
        '<c s="2" t="inlineStr"><is><t xml:space="preserve"> a &amp; b </t></is></c>': " a & b ",
        '<c t="inlineStr" s="2"><is><t>after</t></is></c>': "after",
        '<c t="inlineStr"><is><t>_x0041__x000D_</t></is></c>': "A\r",
        '<c t="inlineStr"><is><r><t>two </t></r><r><t>runs</t></r></is></c>': "two runs",
        '<c t="inlineStr"><is><t></t></is></c>': None,
        '<c t="inlineStr"><is/></c>': None,
        "<c><is><t>no type</t></is></c>": None,
    }
    for number, (cell, text) in enumerate(texts.items()):
        place = tmp_path / str(number)
        place.mkdir()
        assert one(place, "key", cell) == text
