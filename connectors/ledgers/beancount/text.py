"""Beancount's own spelling: strings, amounts, links, metadata and names of accounts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from connectors.records import ZERO, decimals

ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
NOT_IN_A_LINK = re.compile(r"[^A-Za-z0-9\-_/.]")
NOT_IN_A_COMPONENT = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount with its currency."""

    number: Decimal
    currency: str


Value = str | date | bool | Money


def quoted(text: str) -> str:
    """A string literal that Beancount reads back as this text.

    Line ends are escaped, because Beancount limits the lines of a string. A lone surrogate, which UTF-8 cannot hold,
    becomes U+FFFD.
    """
    return f'"{LONE_SURROGATE.sub(chr(0xFFFD), text).translate(ESCAPES)}"'


def money(number: Decimal, currency: str) -> str:
    """An amount with at least the decimals of its currency, and never an exponent or a negative zero."""
    places = max(decimals(currency), -int(number.as_tuple().exponent))
    return f"{abs(number) if number == ZERO else number:.{places}f} {currency}"


def link(key: str) -> str:
    """A key as a link; what a link cannot hold becomes a hyphen (the exact key stands in the metadata)."""
    return "^" + (NOT_IN_A_LINK.sub("-", key) or "-")


def metadata(pairs: Iterable[tuple[str, Value]], indent: str = "  ") -> Iterator[str]:
    """Lines of metadata; what is empty is left out."""
    for name, value in pairs:
        if value not in ("", False):
            yield f"{indent}{name}: {_value(value)}"


def component(text: str) -> str:
    """The nearest valid last part of an account's name: letters, digits and hyphens, begun by a capital or a digit."""
    parts = NOT_IN_A_COMPONENT.sub("-", unicodedata.normalize("NFC", text)).strip("-")
    plain = "".join(c for c in parts if c == "-" or unicodedata.category(c) in ("Lu", "Ll", "Lt", "Lm", "Lo", "Nd"))
    first = plain[:1].upper()
    if len(first) == 1 and unicodedata.category(first) in ("Lu", "Nd"):
        return first + plain[1:]
    return f"C-{plain}" if plain else "C"


def _value(value: Value) -> str:
    match value:
        case str():
            return quoted(value)
        case bool():
            return "TRUE"
        case date():
            return value.isoformat()
        case Money():
            return money(value.number, value.currency)
