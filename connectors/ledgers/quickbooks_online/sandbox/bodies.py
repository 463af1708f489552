"""JSON bodies as the server holds them: dictionaries whose amounts are ``Decimal``."""

from __future__ import annotations

import json
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Json = Any
"""Whatever JSON holds: the shape of a value is known by the vendor's table alone."""

Body = dict[str, Json]

ZERO = Decimal(0)
CENT = Decimal("0.01")


def cents(amount: Decimal) -> Decimal:
    """An amount rounded to the cent, halves away from zero."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def loads(text: bytes | str) -> Json:
    """Read JSON, amounts as ``Decimal``; raises ``ValueError`` for what is no JSON, ``NaN`` and its like included."""
    return json.loads(text, parse_float=Decimal, parse_constant=_no_number)


def dumps(body: object, indent: int | None = None) -> bytes:
    """Write JSON, amounts as numbers; ``repr`` of a float gives back every decimal of up to 15 digits."""
    return json.dumps(body, default=_number, indent=indent, ensure_ascii=False).encode()


def reference(body: Body | None, name: str) -> str:
    """The id that a reference of this name holds; empty when there is none."""
    return str(((body or {}).get(name) or {}).get("value", ""))


def _number(value: object) -> float | int:
    if not isinstance(value, Decimal):
        raise TypeError(type(value).__name__)
    return int(value) if value == value.to_integral_value() and value.as_tuple().exponent == 0 else float(value)


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is not JSON")
