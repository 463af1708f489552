"""How numbers and dates are read: docs/source-files.md, "Amounts" and "Dates"."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.sources.files.settings import FilesSettings
from connectors.sources.tables.numbers import amount, count, day, number, rate
from connectors.sources.tables.refusals import Refused
from connectors.sources.tables.writing import date_pattern

NBSP, NARROW = "\u00a0", "\u202f"


@pytest.mark.parametrize(
    ("text", "decimal", "expected"),
    [
        ("1234.56", ".", "1234.56"),
        ("-1234.56", ".", "-1234.56"),
        ("+5", ".", "5"),
        ("\u22125,25", ",", "-5.25"),
        ("1234,56", ",", "1234.56"),
        ("1 234,56", ",", "1234.56"),
        (f"1{NBSP}234,56", ",", "1234.56"),
        (f"12{NARROW}345{NARROW}678.9", ".", "12345678.9"),
        ("1,234.56", ".", "1234.56"),
        ("1.234,56", ",", "1234.56"),
        ("1,234,567", ".", "1234567"),
        ("1 234", ".", "1234"),
        ("007.50", ".", "7.50"),
        (1234.5, ",", "1234.5"),
        (0.1 + 0.2, ".", "0.3"),
        (-0.0, ".", "0"),
    ],
)
def test_a_number_that_can_be_meant_in_one_way_only_is_read(text, decimal, expected):
    assert str(number(text, decimal)) == expected


@pytest.mark.parametrize(
    ("text", "decimal"),
    [
        ("1,234", "."),
        ("1.234", ","),
        ("12,50", "."),
        ("12.50", ","),
        ("1,23,456.00", "."),
        ("1,2345.00", "."),
        ("1234,567.00", "."),
        (f"1 234{NBSP}567", "."),
        ("1 23", "."),
        ("1.2.3", "."),
        (".5", "."),
        ("5.", "."),
        ("1e3", "."),
        ("(12.00)", "."),
        ("12.00-", "."),
        ("--1", "."),
        ("$12.00", "."),
        ("12,00 $", ","),
        ("=1+2", "."),
        ("NaN", "."),
        ("Infinity", "."),
        ("١٢", "."),
        ("twelve", "."),
        ("1234567890123456", "."),
        ("0" * 50, "."),
        (1e16, "."),
        (date(2025, 1, 1), "."),
    ],
)
def test_a_number_that_could_be_meant_otherwise_is_refused(text, decimal):
    with pytest.raises(Refused) as refused:
        number(text, decimal)
    assert refused.value.code == "not_an_amount"


@pytest.mark.parametrize(
    ("text", "currency", "expected"),
    [("1.5", "CAD", "1.50"), ("1.500", "CAD", "1.50"), ("12", "JPY", "12"), ("1.234", "TND", "1.234")],
)
def test_an_amount_has_the_decimals_of_its_currency(text, currency, expected):
    assert str(amount(text, ".", currency)) == expected


@pytest.mark.parametrize(("text", "currency"), [("1.005", "CAD"), ("1.5", "JPY"), (0.001, "USD"), ("1.2345", "TND")])
def test_more_decimals_than_the_currency_has_are_refused_and_never_rounded(text, currency):
    with pytest.raises(Refused) as refused:
        amount(text, ".", currency)
    assert refused.value.code == "too_many_decimals"


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "10000", "x"])
def test_a_count_is_a_whole_number_from_one(text):
    with pytest.raises(Refused):
        count(text, ".")


@given(st.decimals(-(10**12), 10**12, places=2), st.sampled_from([".", ","]), st.sampled_from(["", " ", NBSP, NARROW]))
def test_every_amount_reads_back_in_either_dialect(value, decimal, space):
    text = f"{value:,.2f}".replace(",", space).replace(".", decimal)
    assert amount(text, decimal, "CAD") == value


@given(st.decimals(-(10**12), 10**12, places=2), st.sampled_from([".", ","]))
def test_the_other_sign_separates_thousands_of_an_amount_with_decimals(value, decimal):
    other = "," if decimal == "." else "."
    text = f"{value:,.2f}".replace(".", "d").replace(",", other).replace("d", decimal)
    assert amount(text, decimal, "CAD") == value


@given(st.integers(1, 999), st.integers(0, 999), st.sampled_from([".", ","]))
def test_one_group_after_the_other_sign_is_never_guessed_at(thousands, rest, decimal):
    other = "," if decimal == "." else "."
    with pytest.raises(Refused):
        number(f"{thousands}{other}{rest:03d}", decimal)


@pytest.mark.parametrize(
    ("cell", "date_format", "expected"),
    [
        ("2025-03-01", "iso", date(2025, 3, 1)),
        ("01/03/2025", "DD/MM/YYYY", date(2025, 3, 1)),
        ("03/01/2025", "MM/DD/YYYY", date(2025, 3, 1)),
        ("3/1/2025", "M/D/YYYY", date(2025, 3, 1)),
        ("2025.03.01", "YYYY.MM.DD", date(2025, 3, 1)),
        ("20250301", "YYYYMMDD", date(2025, 3, 1)),
        (date(2025, 3, 1), "DD/MM/YYYY", date(2025, 3, 1)),
        (datetime(2025, 3, 1, 23, 59), "iso", date(2025, 3, 1)),  # noqa: DTZ001 - a cell has no time zone
        ("2025-03-01T23:59:59", "iso", date(2025, 3, 1)),
        ("2025-03-01 23:59", "iso", date(2025, 3, 1)),
        ("2025-03-01 00:00:00.000", "iso", date(2025, 3, 1)),
        ("01/03/2025 08:00", "DD/MM/YYYY", date(2025, 3, 1)),
        ("2025-03-01T00:00:00Z", "iso", date(2025, 3, 1)),
        ("2025-03-01T00:00:00-05:00", "iso", date(2025, 3, 1)),
    ],
)
def test_a_date_is_read_by_the_declared_format(cell, date_format, expected):
    assert day(cell, date_format) == expected


@pytest.mark.parametrize(
    "cell",
    ["2026-01-10T23:30:00-05:00", "2026-01-10T23:30:00Z", "2026-01-10 05:00:00+00:00", "2026-01-10T12:00:00.5+0530"],
)
def test_a_moment_in_a_time_zone_is_no_date_of_its_own(cell):
    with pytest.raises(Refused) as refused:
        day(cell, "iso")
    assert refused.value.code == "date_in_zone"


@pytest.mark.parametrize(
    ("cell", "decimal", "expected"),
    [
        ("5", ".", Decimal("5")),
        ("5 %", ".", Decimal("5")),
        ("9,975\u00a0%", ",", Decimal("9.975")),
        (5.0, ".", Decimal("5")),
    ],
)
def test_a_rate_may_have_its_sign_of_percent(cell, decimal, expected):
    assert rate(cell, decimal) == expected


@pytest.mark.parametrize(
    ("cell", "date_format"),
    [
        ("2025-02-30", "iso"),
        ("2025-2-3", "iso"),
        ("2025-03-01T24:00:00", "iso"),
        ("2025-03-01T", "iso"),
        ("2025-03-01 12h00", "iso"),
        ("01/03/2025", "iso"),
        ("2025-03-01", "DD/MM/YYYY"),
        ("1/3/2025", "DD/MM/YYYY"),
        ("13/13/2025", "DD/MM/YYYY"),
        ("01-03-2025", "DD/MM/YYYY"),
        ("01/03/25", "DD/MM/YYYY"),
        ("0001-01-01", "iso"),
        ("1899-12-31", "iso"),
        ("٢٠٢٥-03-01", "iso"),
        (45000.0, "iso"),
        ("", "iso"),
    ],
)
def test_what_is_no_date_of_the_format_is_refused(cell, date_format):
    with pytest.raises(Refused) as refused:
        day(cell, date_format)
    assert refused.value.code == "not_a_date"


@pytest.mark.parametrize("wrong", ["DD/MM", "DD/MM/YY", "DD/DD/YYYY", "%d/%m/%Y", "D MMM YYYY", ""])
def test_a_date_format_names_day_month_and_a_whole_year_once_each(wrong, tmp_path):
    with pytest.raises(ValidationError):
        FilesSettings(folder=tmp_path, date_format=wrong)


@given(
    st.dates(date(1900, 1, 1)),
    st.sampled_from(["iso", "DD/MM/YYYY", "MM/DD/YYYY", "M/D/YYYY", "YYYYMMDD", "D.M.YYYY", "YYYY-D-M"]),
)
def test_every_date_reads_back_in_every_format(value, date_format):
    parts = {"YYYY": f"{value.year:04d}", "MM": f"{value.month:02d}", "DD": f"{value.day:02d}"}
    text = "YYYY-MM-DD" if date_format == "iso" else date_format
    for token, written in (*parts.items(), ("M", str(value.month)), ("D", str(value.day))):
        text = text.replace(token, written)
    assert date_pattern(date_format).fullmatch(text)
    assert day(text, date_format) == value
