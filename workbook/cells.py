"""A cell's content as the sheet's XML holds it, made from a value of ours."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from workbook.book import CellError, Link, Value
from workbook.formulas import hyperlink
from workbook.layout import Type

TEXT_LIMIT = 32_767
"""UTF-16 units in a cell (Microsoft, "Excel specifications and limits")."""

TEXTS = frozenset({Type.TEXT, Type.LONG_TEXT, Type.CHOICE})
"""Columns that hold text alone: a number or a date becomes its digits there."""

FIRST_DAY = {False: date(1899, 12, 30), True: date(1904, 1, 1)}
"""The day of serial 0, by whether the workbook counts from 1904; before March 1900 Excel is a day behind."""

_LEAP_BUG = date(1900, 3, 1)
_ILLEGAL = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_SPECIAL = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff&<>]|_x")
_SHORT, _KEPT = 64, 4_096
"""Texts of up to so many characters (statuses, codes, names) come again and again; so many are kept as contents."""


class ForbiddenText(ValueError):
    """A text that no cell can hold: too long, or with half of a surrogate pair."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a cell holds: the ``t`` attribute and the elements inside; both empty is an empty cell."""

    type: bytes = b""
    inner: bytes = b""


EMPTY = Content()


def content_of(value: Value, prefix: bytes = b"", *, from_1904: bool = False) -> Content:
    """A value as content; ``prefix`` is what the part's elements carry (``x:``). Raises ``ForbiddenText``.

    Text becomes an inline string, which is text to every reader and never a formula, whatever it begins with.
    """
    match value:
        case None | "":
            return EMPTY
        case str():
            return _text(value, prefix)
        case bool():
            return Content(b"b", _element(prefix, b"v", b"1" if value else b"0"))
        case Decimal():
            return Content(b"", _element(prefix, b"v", _digits(value)))
        case date():
            return Content(b"", _element(prefix, b"v", str(serial(value, from_1904=from_1904)).encode()))
        case CellError(text):
            return Content(b"e", _element(prefix, b"v", escaped(text)))
        case Link():
            return _link(value, prefix)
    raise TypeError(type(value).__name__)


def fitting(text: str) -> str:
    """A text as far as a cell can hold it; one that is put together from several may be longer, and ends with …"""
    if len(text) <= TEXT_LIMIT // 2:
        return text
    units = text.encode("utf-16-le", "surrogatepass")
    return text if len(units) <= 2 * TEXT_LIMIT else f"{units[: 2 * TEXT_LIMIT - 2].decode('utf-16-le', 'ignore')}…"


def as_text(value: Value) -> Value:
    """A value as a column of text holds it."""
    match value:
        case str() | None:
            return value
        case Decimal():
            return format(value, "f")
        case date():
            return value.isoformat()
    return value


def _element(prefix: bytes, name: bytes, inner: bytes) -> bytes:
    return b"<%b%b>%b</%b%b>" % (prefix, name, inner, prefix, name)


def _text(text: str, prefix: bytes) -> Content:
    return _short_text(text, prefix) if len(text) <= _SHORT else _any_text(text, prefix)


def _any_text(text: str, prefix: bytes) -> Content:
    if len(text) > TEXT_LIMIT // 2 and len(text.encode("utf-16-le", "surrogatepass")) > 2 * TEXT_LIMIT:
        raise ForbiddenText(f"more than {TEXT_LIMIT} characters")
    return Content(
        b"inlineStr",
        b'<%bis><%bt xml:space="preserve">%b</%bt></%bis>' % (prefix, prefix, escaped(text), prefix, prefix),
    )


_short_text = lru_cache(_KEPT)(_any_text)


def _link(link: Link, prefix: bytes) -> Content:
    formula = hyperlink(link)
    shown = link.text or link.target
    if formula is None:
        return content_of(shown, prefix)
    return formula_content(formula, prefix, shown=shown)


def formula_content(formula: str, prefix: bytes, *, shown: str | None = None, array: str = "") -> Content:
    """A formula with the text it gives, or to be computed on opening; ``array`` is the cell of an array formula."""
    attributes = f' t="array" ref="{array}"'.encode() if array else b""
    inner = b"<%bf%b>%b</%bf>" % (prefix, attributes, escaped(formula), prefix)
    return Content(b"", inner) if shown is None else Content(b"str", inner + _element(prefix, b"v", escaped(shown)))


def escaped(text: str) -> bytes:
    """Text as character data; what XML cannot hold becomes ``_xHHHH_`` (ST_Xstring)."""
    if _SPECIAL.search(text):
        text = _ILLEGAL.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    try:
        return text.encode()
    except UnicodeEncodeError as half:
        raise ForbiddenText("half of a surrogate pair") from half


def _digits(number: Decimal) -> bytes:
    if not number.is_finite():
        raise ForbiddenText(f"not a number: {number}")
    return format(number, "f").encode()


def serial(day: date, *, from_1904: bool) -> int:
    """A date as Excel counts it, in days; raises ``ForbiddenText`` for a day before its first."""
    day = date(day.year, day.month, day.day)
    number = (day - FIRST_DAY[from_1904]).days - (not from_1904 and day < _LEAP_BUG)
    if number < (0 if from_1904 else 1):
        raise ForbiddenText(f"before the first day of the workbook: {day}")
    return number
