"""One cell → one value of its column's type."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from connectors.sources.files.columns import Column, Type, heading
from connectors.sources.files.numbers import Refused, amount, count, day, excel_text, number
from connectors.sources.files.settings import FilesSettings
from connectors.sources.files.words import WORDS

Value = str | Decimal | int | date | bool | tuple[str, ...] | StrEnum | None

MAX_TEXT = 32_767
"""UTF-16 units an Excel cell holds (Microsoft, "Excel specifications and limits")."""
CODE_JOINT = "+"
"""What stands between codes in a cell of several."""

_UNDECODED = re.compile("[\udc80-\udcff]")
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_CURRENCY = re.compile("[A-Z]{3}")


def shown(cell: object) -> str:
    """A cell as text, without blanks around: numbers as Excel shows them, ISO dates, line breaks as line feeds."""
    match cell:
        case str():
            return cell.replace("\r\n", "\n").replace("\r", "\n").strip()
        case None:
            return ""
        case bool():
            return "yes" if cell else "no"
        case float():
            return excel_text(cell)
        case datetime():
            return cell.date().isoformat()
        case _:
            return str(cell)


def undecoded(text: str) -> bool:
    """Whether a text holds bytes that are not of its file's encoding, which are read as lone surrogates."""
    return _UNDECODED.search(text) is not None


def legible(text: str) -> str:
    """A text that any sheet can show: bytes that are not UTF-8 as cp1252 shows them, what no cell holds as U+FFFD."""
    if undecoded(text):
        text = text.encode("utf-8", "surrogateescape").decode("cp1252", "replace")
    return _FORBIDDEN.sub("\ufffd", text)


def value_of(cell: object, column: Column, settings: FilesSettings, currency: str) -> Value:
    """The value of a cell in a row of this currency; raises ``Refused``."""
    text = _allowed(shown(cell))
    if text:
        return _read(cell if isinstance(cell, float | date) else text, text, column, settings, currency)
    if column.required:
        raise Refused("value_missing")
    if column.default:
        return _read(column.default, column.default, column, settings, currency)
    match column.type:
        case Type.TEXT:
            return ""
        case Type.CODES:
            return ()
        case Type.CURRENCY:
            return settings.currency
    return None


def _allowed(text: str) -> str:
    if _FORBIDDEN.search(text):
        raise Refused("file_unreadable" if undecoded(text) else "text_forbidden")
    if len(text) > MAX_TEXT // 2 and len(text.encode("utf-16-le")) // 2 > MAX_TEXT:
        raise Refused("text_forbidden")
    return text


def _read(cell: object, text: str, column: Column, settings: FilesSettings, currency: str) -> Value:
    match column.type:
        case Type.TEXT:
            return text
        case Type.CODES:
            return tuple(code for part in text.split(CODE_JOINT) if (code := part.strip()))
        case Type.AMOUNT:
            return amount(cell, settings.decimal, currency)
        case Type.NUMBER:
            return number(cell, settings.decimal)
        case Type.COUNT:
            return count(cell, settings.decimal)
        case Type.DATE:
            return day(cell, settings.date_format)
        case Type.CURRENCY:
            return _currency(text)
    return _choice(text, column.type)


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
