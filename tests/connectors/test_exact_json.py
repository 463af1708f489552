"""Numbers come out of JSON as they went in, digit by digit."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import exact_json

AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30, places=6)
TREES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | AMOUNTS | st.text(),
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(st.text(), parts, max_size=4),
)


@given(TREES)
def test_what_is_written_is_read_again(tree: object) -> None:
    assert exact_json.loads(exact_json.dumps(tree)) == tree


@given(AMOUNTS)
def test_an_amount_keeps_its_digits(amount: Decimal) -> None:
    assert exact_json.dumps(amount) == format(amount, "f")
    assert str(exact_json.loads(f"[{amount:f}]")[0]) == str(Decimal(f"{amount:f}"))


@given(TREES)
def test_other_readers_understand_it(tree: object) -> None:
    assert json.loads(exact_json.dumps(tree), parse_float=Decimal) == tree


@pytest.mark.parametrize(
    ("number", "text"), [("1E+3", "1000"), ("1.10", "1.10"), ("-0.00", "-0.00"), ("1E-7", "0.0000001")]
)
def test_no_exponent_is_written(number: str, text: str) -> None:
    assert exact_json.dumps(Decimal(number)) == text


@pytest.mark.parametrize("value", [0.1, [1.0], {"a": 1.5}, {1: 2}, object(), {"a": b"x"}, {1, 2}])
def test_what_is_not_exact_json_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        exact_json.dumps(value)


@pytest.mark.parametrize("value", ["NaN", "Infinity", "sNaN", "1E+100", "1E-100"])
def test_what_is_no_amount_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        exact_json.dumps(Decimal(value))


@pytest.mark.parametrize(
    "text", ["NaN", "-Infinity", "1e999999999999999999999", "1e400", "9" * 5000, "[1", "", "{'a': 1}", "[" * 100_000]
)
def test_what_cannot_be_trusted_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        exact_json.loads(text)
    assert not isinstance(caught.value, json.JSONDecodeError)
