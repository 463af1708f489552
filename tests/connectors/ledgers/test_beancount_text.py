"""Whatever people write comes back out of Beancount's own parser unchanged."""

import string
from decimal import Decimal

import pytest
from beancount.core import account
from beancount.parser import parser
from hypothesis import given
from hypothesis import strategies as st

from connectors.ledgers.beancount.text import Money, component, link, metadata, money, quoted

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=3)


def read(text):
    entries, errors, _ = parser.parse_string(text)
    assert not errors
    [entry] = entries
    return entry


@given(TEXT, TEXT, TEXT)
def test_payee_narration_and_metadata_come_back_as_written(payee, narration, note):
    pairs = [("note", note), ("other", "x")]
    entry = read("\n".join([f"2024-01-01 * {quoted(payee)} {quoted(narration)}", *metadata(pairs)]) + "\n")
    assert (entry.payee, entry.narration, entry.meta.get("note", "")) == (payee, narration, note)
    assert entry.meta["other"] == "x"


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=65, max_size=80).map("\n".join))
def test_a_text_of_many_lines_is_not_too_long_for_beancount(text):
    assert read(f"2024-01-01 * {quoted(text)} {quoted('')}\n").payee == text


def test_a_lone_surrogate_becomes_the_replacement_character():
    assert quoted("a\ud800b") == '"a\ufffdb"'


@given(AMOUNTS, st.sampled_from(["CAD", "JPY", "KWD"]))
def test_amounts_come_back_exactly(number, currency):
    entry = read("\n".join(['2024-01-01 * "p" "n"', *metadata([("total", Money(number, currency))])]) + "\n")
    assert (entry.meta["total"].number, entry.meta["total"].currency) == (number, currency)


@pytest.mark.parametrize(
    ("number", "currency", "written"),
    [
        ("1E+3", "CAD", "1000.00 CAD"),
        ("-0.00", "CAD", "0.00 CAD"),
        ("5", "JPY", "5 JPY"),
        ("0.005", "CAD", "0.005 CAD"),
        ("-12.3", "CAD", "-12.30 CAD"),
    ],
)
def test_amounts_have_the_decimals_of_their_currency(number, currency, written):
    assert money(Decimal(number), currency) == written


@given(st.text(max_size=60))
def test_a_component_is_always_a_valid_part_of_an_account(text):
    name = f"Assets:AccountsReceivable:{component(text)}"
    assert account.is_valid(name)
    assert read(f"2024-01-01 open {name}\n").account == name


@pytest.mark.parametrize(
    ("text", "expected"),
    [("M0007", "M0007"), ("m/7", "M-7"), ("Été 2", "Été-2"), ("", "C"), ("学校", "C-学校"), ("_x_", "X")],
)
def test_a_component_stays_close_to_what_people_read(text, expected):
    assert component(text) == expected


@given(st.text(max_size=60))
def test_a_key_is_always_a_valid_link(key):
    assert len(read(f'2024-01-01 * "p" "n" {link(key)}\n').links) == 1


@given(st.text(string.ascii_letters + string.digits + "-_/.", min_size=1))
def test_a_key_of_a_links_characters_is_the_link(key):
    assert read(f'2024-01-01 * "p" "n" {link(key)}\n').links == {key}
