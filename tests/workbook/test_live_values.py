"""Raw cells as values and values as raw cells; scattered cells as runs; columns by caption."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workbook.books import PAYMENTS
from workbook.book import CellError, Link
from workbook.found import columns_found
from workbook.layout import INVOICES
from workbook.live.runs import runs
from workbook.live.values import content_of, value_of

TEXT, AMOUNT, DATE, LINK = (
    INVOICES.column("number"),
    INVOICES.column("total"),
    INVOICES.column("date"),
    INVOICES.column("source_link"),
)


@pytest.mark.parametrize(
    ("column", "raw", "value"),
    [
        (TEXT, None, None),
        (TEXT, "", None),
        (TEXT, " 007 ", " 007 "),
        (TEXT, 1042.0, "1042"),
        (TEXT, 1042.5, "1042.5"),
        (TEXT, 1e15, "1000000000000000"),
        (TEXT, datetime.fromisoformat("2026-03-01T12:00"), date(2026, 3, 1)),
        (AMOUNT, 0.1, Decimal("0.1")),
        (AMOUNT, 0.1 + 0.2, Decimal("0.3")),
        (AMOUNT, Decimal("12.5000"), Decimal("12.5")),
        (AMOUNT, "ten", "ten"),
        (AMOUNT, True, True),
        (AMOUNT, -2146826246, CellError("#N/A")),
        (AMOUNT, -2146826243, CellError("#SPILL!")),
        (AMOUNT, "#REF!", CellError("#REF!")),
        (DATE, datetime.fromisoformat("2026-03-01"), date(2026, 3, 1)),
        (DATE, "2026-03-01", "2026-03-01"),
        (LINK, 12.0, "12"),
    ],
)
def test_a_raw_cell_means_what_its_column_says(column, raw, value):
    read = value_of(column, raw)
    assert (type(read), read) == (type(value), value)


@pytest.mark.parametrize(
    ("column", "value", "content"),
    [
        (TEXT, "=1+1", "=1+1"),
        (TEXT, Decimal("42"), "42"),
        (TEXT, date(2026, 3, 1), "2026-03-01"),
        (TEXT, "a\r\nb\x00c", "a\nbc"),
        (TEXT, Link("https://x.test", "x"), "x"),
        (TEXT, None, None),
        (AMOUNT, "=1+1", "'=1+1"),
        (AMOUNT, Decimal("12.34"), 12.34),
        (AMOUNT, CellError("#N/A"), "'#N/A"),
        (DATE, date(2026, 3, 1), datetime.fromisoformat("2026-03-01")),
        (LINK, Link("https://x.test", 'a "b"'), '=HYPERLINK("https://x.test","a ""b""")'),
        (LINK, Link("javascript:alert(1)", "a"), "'a"),
        (LINK, "=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        (LINK, "", None),
    ],
)
def test_a_value_is_given_so_that_text_stays_text(column, value, content):
    given_out = content_of(column, value)
    assert (type(given_out), given_out) == (type(content), content)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=2))
def test_an_amount_survives_the_way_through_a_binary_number(amount):
    assert value_of(AMOUNT, content_of(AMOUNT, amount)) == amount


KEYS = [column.key for column in PAYMENTS.columns]


@given(
    st.dictionaries(st.integers(5, 30), st.sets(st.sampled_from(KEYS), max_size=4), max_size=12),
    st.permutations(KEYS),
    st.integers(0, len(KEYS)),
)
def test_runs_cover_the_cells_meant_and_nothing_else(cells, order, there):
    positions = {key: at for at, key in enumerate(order[:there])}
    found = [(row, key) for run in runs(cells, positions) for row in run.rows for key in run.keys]
    assert sorted(found) == sorted((row, key) for row, keys in cells.items() for key in keys if key in positions)
    for run in runs(cells, positions):
        assert [positions[key] for key in run.keys] == [*range(run.position, run.position + len(run.keys))]


def test_a_whole_block_is_one_run():
    cells = dict.fromkeys(range(5, 500), KEYS[3:7])
    assert len(list(runs(cells, {key: at for at, key in enumerate(KEYS)}))) == 1


@pytest.mark.parametrize(
    ("captions", "found"),
    [
        (["Key", "Amount"], {"key": 0, "amount": 1}),
        (["  CLÉ ", "montant"], {"key": 0, "amount": 1}),
        ([None, "Key", 12, "Key"], {"key": 1}),
        (["Clé", "Montant", "Statut", "Number", "Key"], {"key": 0, "amount": 1, "status": 2, "number": 3}),
        ([], {}),
    ],
)
def test_columns_are_found_by_their_caption_in_either_language(captions, found):
    assert columns_found(captions, PAYMENTS) == found
