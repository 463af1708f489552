"""Amounts, dates and encodings as people and systems write them; what could be two things is never one."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sources.exports.amounts import SIGNS, plain_amount, signs_of
from connectors.sources.exports.dates import ORDERS, day_of, orders_of
from connectors.sources.exports.traits import traits
from connectors.sources.exports.vocabulary import words_of
from connectors.sources.files.encodings import decoded
from connectors.sources.files.exported import export_sheets
from connectors.sources.files.ods import ods_sheets
from connectors.sources.files.refusals import FileRefused
from connectors.sources.files.settings import FilesSettings
from connectors.sources.files.xlsx.worksheet import MAX_TEXT
from connectors.sources.tables.cells import Unread

AMOUNTS = st.decimals(min_value=-(10**9), max_value=10**9, places=2, allow_nan=False)


@given(
    AMOUNTS,
    st.sampled_from(SIGNS),
    st.sampled_from(" \u00a0\u202f'"),
    st.sampled_from(("", "$", "€", "CAD")),
    st.booleans(),
)
def test_an_amount_is_read_as_it_was_written(amount, sign, thousands, money, after):
    text = f"{amount:,.2f}".replace(",", "T").replace(".", sign).replace("T", thousands)
    text = f"{text} {money}" if after else f"-{money}{text[1:]}" if text.startswith("-") else f"{money}{text}"
    assert Decimal(plain_amount(text, sign) or "NaN") == amount


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("1,234", ".,"),
        ("1.234", ".,"),
        ("1 234,56", ","),
        ("1,234.56", "."),
        ("1.234.567", ","),
        ("0,125", ","),
        ("0.125", "."),
        ("12,5", ","),
        ("1234", ".,"),
        ("($1,234.50)", "."),
        ("12,50-", ","),
        ("1,23,456", ""),
        ("F-1001", ""),
        ("12 rue", ""),
        ("", ""),
        ("418 555-1000", ""),
        ("2025-01-31", ""),
    ],
)
def test_a_decimal_sign_is_told_only_where_the_amount_tells_it(text, signs):
    assert signs_of(text) == frozenset(signs)


def test_a_sign_of_another_currency_makes_no_amount():
    assert plain_amount("12,00 €", ",", "EUR") == "12.00"
    assert plain_amount("12,00 €", ",", "CAD") is None
    assert plain_amount("US$12.00", ".", "CAD") is None
    assert plain_amount("$12.00", ".", "CAD") == "12.00"


@given(st.dates(date(1950, 1, 1), date(2099, 12, 31)), st.sampled_from(ORDERS), st.sampled_from("/-. "))
def test_a_date_is_read_in_the_order_it_was_written(day, order, between):
    parts = {"Y": f"{day:%Y}", "M": f"{day:%m}", "D": f"{day:%d}"}
    text = between.join(parts[part] for part in order)
    assert day_of(text, order) == day
    assert order in orders_of(text)


@pytest.mark.parametrize(
    ("text", "orders"),
    [
        ("2025-01-31", "YMD"),
        ("31/01/2025", "DMY"),
        ("01/31/2025", "MDY"),
        ("03/04/2025", "DMY MDY"),
        ("03/04/05", "YMD DMY MDY"),
        ("12 janv. 2025", "YMD DMY MDY"),
        ("January 12, 2025", "YMD DMY MDY"),
        ("20250131", "YMD"),
        ("2025-02-30", ""),
        ("418-555-1000", ""),
        ("1 000", ""),
        ("", ""),
    ],
)
def test_the_orders_in_which_a_text_is_a_date(text, orders):
    assert orders_of(text) == frozenset(orders.split())


TEXT = "Numéro;Échéance;Payé à\r\nF-1;2025-01-31;Hôtel de l’Anse\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "mac_roman"])
def test_a_text_is_read_whatever_its_encoding(encoding):
    assert decoded(TEXT.encode(encoding))[0].lstrip("\ufeff") == TEXT


def test_a_file_of_dos_is_told_by_its_accents():
    text = "Numéro;Échéance;Créé à"
    assert decoded(text.encode("cp850"))[0] == text


ODS = """<?xml version="1.0" encoding="UTF-8"?><office:document-content
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0">
<office:body><office:spreadsheet><table:table table:name="S">{rows}</table:table></office:spreadsheet></office:body>
</office:document-content>"""


def ods(rows: str) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("content.xml", ODS.format(rows=rows))
    file.seek(0)
    return file


def cell(kind: str, text: str, **values: str) -> str:
    told = "".join(f' office:{name.replace("_", "-")}="{value}"' for name, value in values.items())
    return f'<table:table-cell office:value-type="{kind}"{told}><text:p>{text}</text:p></table:table-cell>'


def test_a_sheet_of_opendocument_is_read_as_its_author_sees_it():
    """A code keeps its zeros, a comment is no value, an error is unreadable, and lines are counted through gaps."""
    rows = (
        f"<table:table-row>{cell('float', '00123', value='123')}{cell('currency', '1 234,50 $', value='1234.5')}"
        f"{cell('date', '31 janv.', date_value='2025-01-31T00:00:00')}"
        '<table:table-cell office:value-type="string"><office:annotation><text:p>no</text:p></office:annotation>'
        "<text:p>a</text:p><text:p>b</text:p></table:table-cell></table:table-row>"
        '<table:table-row table:number-rows-repeated="1000000"><table:table-cell/></table:table-row>'
        '<table:table-row><table:table-cell table:number-columns-repeated="2"/>'
        '<table:table-cell calcext:value-type="error"><text:p>#N/A</text:p></table:table-cell></table:table-row>'
    )
    [sheet] = ods_sheets(ods(rows))
    assert [(row.line, row.cells) for row in sheet.rows] == [
        (1, ("00123", 1234.5, date(2025, 1, 31), "a\nb")),
        (1_000_002, (None, None, Unread("error_in_cell", "#N/A"))),
    ]


def test_a_sheet_of_opendocument_that_repeats_itself_is_bounded():
    repeated = f'<table:table-row table:number-rows-repeated="1000000">{cell("string", "x") * 9}</table:table-row>'
    with pytest.raises(FileRefused) as refused:
        list(ods_sheets(ods(repeated)))
    assert refused.value.code == "file_too_large"


@pytest.mark.parametrize(
    "row",
    [cell("string", "x").replace("<table:table-cell", '<table:table-cell table:number-columns-repeated="16384"') * 2000,
     '<table:table-cell table:number-columns-repeated="16384"/>' * 2000 + cell("string", "x")],
    ids=["values", "blanks before a value"],
)  # fmt: skip
def test_a_row_of_opendocument_that_repeats_itself_is_never_held_whole(row):
    """A row has 16,384 columns, and a package of two kilobytes can name thirty million cells in one."""
    file = ods(f"<table:table-row>{row}</table:table-row>")
    tracemalloc.start()
    with pytest.raises(FileRefused) as refused:
        list(ods_sheets(file))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert refused.value.code == "file_too_large"
    assert most < 8 << 20


def test_rows_of_blanks_to_the_last_column_cost_nothing():
    """LibreOffice ends each row so."""
    blanks = '<table:table-cell table:number-columns-repeated="16384"/>'
    few = f"<table:table-row>{cell('string', 'x')}{blanks.replace('16384', '16383')}</table:table-row>"
    [sheet] = ods_sheets(ods(few + f"<table:table-row>{blanks}</table:table-row>" * 20))
    assert [(row.line, row.cells) for row in sheet.rows] == [(1, ("x",))]


def test_a_text_of_opendocument_in_countless_pieces_is_cut_where_no_cell_holds_it():
    [sheet] = ods_sheets(ods(f"<table:table-row>{cell('string', '&lt;' * 300_000)}</table:table-row>"))
    assert 32_767 < len(sheet.rows[0].cells[0]) <= MAX_TEXT


def test_a_file_of_text_with_too_many_cells_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("connectors.sources.files.exported.MAX_CELLS", 1000)
    (tmp_path / "export.csv").write_text("a,b,c\n" * 400, encoding="utf-8")
    sheets, problems = export_sheets(FilesSettings(folder=tmp_path, path="export.csv"))
    assert (sheets, [problem.code for problem in problems]) == ((), ["file_too_large"])


LONG = 300_000


@pytest.mark.parametrize("text", [f"1{' ' * LONG}x", f"a@{'.' * LONG}@", "(" * LONG, f"a{'-' * LONG}1"])
def test_a_long_text_is_no_amount_date_address_or_heading_and_costs_no_time(text):
    """Patterns that look for one in it would go through it anew from each of its letters: a day for each cell."""
    assert (plain_amount(text, "."), day_of(text, "DMY"), words_of(text)) == (None, None, ())
    assert not traits((text,)).emails
