"""What the cells of an open workbook give, as values of ours, and what they take for one."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from workbook.book import CellError, Link, Value
from workbook.cells import TEXT_LIMIT, TEXTS, ForbiddenText, as_text
from workbook.formulas import hyperlink
from workbook.layout import Column, Type

ERRORS = {
    2000: "#NULL!",
    2007: "#DIV/0!",
    2015: "#VALUE!",
    2023: "#REF!",
    2029: "#NAME?",
    2036: "#NUM!",
    2042: "#N/A",
    2043: "#GETTING_DATA",
    2045: "#SPILL!",
    2046: "#CONNECT!",
    2047: "#BLOCKED!",
    2048: "#UNKNOWN!",
    2049: "#FIELD!",
    2050: "#CALC!",
}
"""Excel's error values by their numbers (XlCVError)."""

_ERROR_CODES = {number - 2_146_828_288: text for number, text in ERRORS.items()}
"""Excel's error values as COM hands them out (``CVErr`` as an HRESULT); xlwings names seven, and passes on the rest."""

_ERROR_TEXTS = frozenset(ERRORS.values())
_CONTROLS = {code: None for code in range(32) if chr(code) not in "\t\n"}


def value_of(column: Column, raw: object) -> Value:
    """What a raw cell means in its column: text stays text, a number where text belongs is the text of its digits.

    Numbers have at most the 15 significant digits that Excel keeps of what a person types. A link is read as the
    text it shows. A text that spells an error value is taken for one: on the Mac the two cannot be told apart.
    """
    match raw:
        case None | "":
            return None
        case str():
            return CellError(raw) if raw in _ERROR_TEXTS else raw
        case bool():
            return raw
        case int() if raw in _ERROR_CODES:
            return CellError(_ERROR_CODES[raw])
        case int() | float() | Decimal():
            number = Decimal(f"{raw:.15g}") if isinstance(raw, float) else Decimal(raw)
            return digits(number) if column.type in TEXTS or column.type is Type.LINK else number
        case datetime():
            return raw.date()
        case date():
            return raw
    return str(raw)


def digits(number: Decimal) -> str:
    """A number as text without an exponent and without zeros that say nothing."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def content_of(column: Column, value: Value) -> object:
    """What xlwings is given for a value, once the column is formatted for its type; raises ``ForbiddenText``.

    In a column of text everything is text. Elsewhere an apostrophe marks a text as one, as a person would type it.
    """
    match as_text(value) if column.type in TEXTS else value:
        case None | "":
            return None
        case str(text) | CellError(text):
            return _text(column, text)
        case Link() as link:
            formula = None if column.type in TEXTS else hyperlink(link)
            return f"={formula}" if formula else _text(column, link.text or link.target)
        case Decimal() as number:
            return float(number)
        case date() as day:
            return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - cells know no time zone
        case other:
            return other


def _text(column: Column, text: str) -> str:
    """A text as a cell holds it: tabs and line feeds are its only control characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_CONTROLS)
    if len(text) > TEXT_LIMIT:
        raise ForbiddenText(f"more than {TEXT_LIMIT} characters")
    return text if column.type in TEXTS else f"'{text}"
