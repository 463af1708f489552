"""JSON whose numbers are exact: read as ``Decimal``, written digit by digit, never through a float."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from connectors.secrets.secret import Secret

WIDEST = 40
"""The most digits before or after the decimal sign; a wider number is no amount, and costs memory to write out."""
PLAIN = json.JSONEncoder(ensure_ascii=False)
"""Made once: ``json.dumps`` makes a new one for every text."""


def loads(text: str | bytes, *, whole: type[int] | type[Decimal] = int, secret: frozenset[str] = frozenset()) -> Any:  # noqa: ANN401 (JSON is anything)
    """Parse JSON: fractions become ``Decimal``, whole numbers ``whole``, the texts of the fields ``secret`` ``Secret``.

    Raises ``ValueError``, which tells where but nothing of the content.
    """

    def concealed(pairs: list[tuple[str, object]]) -> dict[str, object]:
        return {name: Secret(value) if name in secret and isinstance(value, str) else value for name, value in pairs}

    try:
        return json.loads(
            text, parse_float=_decimal, parse_int=_decimal if whole is Decimal else _whole, parse_constant=_refuse,
            object_pairs_hook=concealed,
        )  # fmt: skip
    except json.JSONDecodeError as wrong:
        why = f"{wrong.msg} at {wrong.pos}"
    except (ValueError, RecursionError) as wrong:
        why = "not text" if isinstance(wrong, UnicodeError) else str(wrong)
    raise ValueError(why)


def dumps(value: object) -> str:
    """Write JSON; a ``Decimal`` keeps its digits, trailing zeros included. Raises ``TypeError`` on a float."""
    match value:
        case None | bool() | str():
            return PLAIN.encode(value)
        case Decimal():
            return _digits(value)
        case int():
            return str(int(value))
        case Mapping():
            return "{" + ", ".join(f"{_name(name)}: {dumps(part)}" for name, part in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(dumps, value)) + "]"
    raise TypeError(f"{type(value).__name__} is not written as JSON")


def _name(name: object) -> str:
    if not isinstance(name, str):
        raise TypeError("names in JSON are text")
    return PLAIN.encode(name)


def _digits(number: Decimal) -> str:
    if not number.is_finite() or abs(number.adjusted()) > WIDEST:
        raise ValueError("not an amount")
    return format(number, "f")


def _whole(text: str) -> int:
    return int(_decimal(text))


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError("a number too large") from None
    if abs(number.adjusted()) > WIDEST or len(text) > 2 * WIDEST:
        raise ValueError("a number too large")
    return number


def _refuse(_: str) -> NoReturn:
    raise ValueError("not a number")
