"""One cell → one value of its column's type."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from connectors.sources.tables.cells import Number, Unread
from connectors.sources.tables.columns import Column, Type, heading
from connectors.sources.tables.number_format import DIGITS
from connectors.sources.tables.numbers import amount, count, day, excel_text, number, rate
from connectors.sources.tables.refusals import Refused
from connectors.sources.tables.words import WORDS
from connectors.sources.tables.writing import Writing

Value = str | Decimal | int | date | bool | tuple[str, ...] | StrEnum | None

MAX_TEXT = 32_767
"""UTF-16 units an Excel cell holds (Microsoft, "Excel specifications and limits")."""
CODE_JOINT = "+"
"""What stands between codes in a cell of several."""

_UNDECODED = re.compile("[\udc80-\udcff]")
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_CURRENCY = re.compile("[A-Z]{3}")
_WIDTHLESS = re.compile("[\u00ad\u061c\u200b\u200e\u200f\u202a\u202c\u202d\u2060\u2066\u2068\u2069\ufeff]")
_REORDERING = re.compile("[\u202b\u202e\u2067]")
"""What shows a text from right to left: nobody sees then what it says."""
_ERROR = re.compile(r"#N/[AD]|#GETTING_DATA|#[A-ZÀ-Þ][A-ZÀ-Þ0-9_/]{1,20}[ \u00a0]?[!?]|Err[ \u00a0]?:\d{3}", re.ASCII)
"""What Excel and LibreOffice write into a file of text for an error, in any language: #N/A, #VALEUR!, Err:502."""
_TOO_NARROW = re.compile("#{2,}")
"""What stands for a number in a column too narrow for it."""
_POWER = re.compile(r"[+-]?\d[.,]\d+E[+-]\d{2,3}", re.ASCII)
"""A long number as Excel shows and writes it: 1.23457E+11."""
_SPACE = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")


def shown(cell: object) -> str:
    """A cell as text, without blanks around: numbers as Excel shows them, ISO dates, line breaks as line feeds."""
    match cell:
        case str():
            return cell.replace("\r\n", "\n").replace("\r", "\n").strip()
        case None:
            return ""
        case bool():
            return "TRUE" if cell else "FALSE"
        case float():
            return excel_text(cell)
        case Number():
            return (cell.format.text(cell.value) or "").strip() or excel_text(cell.value)
        case Unread():
            return cell.text or "="
        case _:
            return str(cell)


def blank(cell: object) -> bool:
    """Whether a cell holds nothing that a person could see."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def undecoded(text: str) -> bool:
    """Whether a text holds bytes that are not of its file's encoding, which are read as lone surrogates."""
    return _UNDECODED.search(text) is not None


def legible(text: str) -> str:
    """A text that any sheet can show: bytes that are not UTF-8 as cp1252 shows them, what no cell holds as U+FFFD."""
    if undecoded(text):
        text = text.encode("utf-8", "surrogateescape").decode("cp1252", "replace")
    return _FORBIDDEN.sub("\ufffd", text)


def value_of(cell: object, column: Column, writing: Writing, currency: str) -> Value:
    """The value of a cell in a row of this currency; raises ``Refused``."""
    if isinstance(cell, Unread):
        raise Refused(cell.code)
    text = allowed(shown(cell))
    if text:
        return _read(text if isinstance(cell, str) else cell, text, column, writing, currency)
    if column.required:
        raise Refused("value_missing")
    if column.default:
        return _read(column.default, column.default, column, writing, currency)
    match column.type:
        case Type.TEXT | Type.CODE:
            return ""
        case Type.CODES:
            return ()
        case Type.CURRENCY:
            return writing.currency
    return None


def allowed(text: str) -> str:
    """A text that a value may be read of; raises ``Refused`` where it is an error or cannot be shown."""
    if _FORBIDDEN.search(text):
        raise Refused("file_unreadable" if undecoded(text) else "text_forbidden")
    if len(text) > MAX_TEXT // 2 and len(text.encode("utf-16-le")) // 2 > MAX_TEXT:
        raise Refused("text_forbidden")
    if _ERROR.fullmatch(text):
        raise Refused("error_in_cell")
    return text


def _read(cell: object, text: str, column: Column, writing: Writing, currency: str) -> Value:
    match column.type:
        case Type.TEXT:
            return _prose(cell, text, column)
        case Type.CODE:
            return _present(_code(cell, text), column)
        case Type.CODES:
            return tuple(code for part in _code(cell, text).split(CODE_JOINT) if (code := part.strip()))
        case Type.AMOUNT:
            return amount(cell, writing.decimal, currency)
        case Type.NUMBER:
            return number(cell, writing.decimal)
        case Type.RATE:
            return rate(cell, writing.decimal)
        case Type.COUNT:
            return count(cell, writing.decimal)
        case Type.DATE:
            return day(cell if isinstance(cell, date) else text, writing.date_format)
        case Type.CURRENCY:
            return _currency(text)
    return _choice(text, column.type)


def _prose(cell: object, text: str, column: Column) -> str:
    if isinstance(cell, float | Number):
        return _number_as_shown(cell, text)
    if not column.long and len(text.splitlines()) > 1:
        raise Refused("line_break")
    return text


def _present(code: str, column: Column) -> str:
    if column.required and not code:
        raise Refused("value_missing")
    return code


def _code(cell: object, text: str) -> str:
    """A code or number as a person sees it: characters without width are none, and every space is a space."""
    if isinstance(cell, float | Number):
        return _number_as_shown(cell, text)
    if isinstance(cell, bool | date) or _TOO_NARROW.fullmatch(text) or _POWER.fullmatch(text):
        raise Refused("shown_otherwise")
    if _REORDERING.search(text):
        raise Refused("text_reordered")
    if len(text.splitlines()) > 1 or "\t" in text:
        raise Refused("line_break")
    return _SPACE.sub(" ", _WIDTHLESS.sub("", text)).strip()


def _number_as_shown(cell: float | Number, text: str) -> str:
    value = cell if isinstance(cell, float) else cell.value
    if abs(value) >= 10**DIGITS:
        raise Refused("digits_lost")
    if isinstance(cell, Number) and not (cell.format.text(value) or "").strip():
        raise Refused("shown_otherwise")
    return text


def _currency(text: str) -> str:
    if not _CURRENCY.fullmatch(text):
        raise Refused("value_unknown")
    return text


@lru_cache
def _choice(text: str, of: Type) -> bool | StrEnum:
    chosen = WORDS[of].get(heading(text))
    if chosen is None:
        raise Refused("value_unknown")
    return chosen
