"""Numbers and dates as people write them, strictly: what could be read in two ways is refused, never guessed."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from functools import cache

from connectors.records import decimals
from connectors.sources.files.settings import date_pattern

MAX_DIGITS = 15
"""Digits of a number that Excel keeps (Microsoft, "Excel specifications and limits")."""
MAX_LENGTH = 40
MAX_COUNT = 9_999
FIRST_YEAR = 1900
"""Excel has no earlier dates, and systems write them for "no date"."""
SPACES = " \u00a0\u202f"


class Refused(ValueError):
    """A cell that cannot be read, with the code of the problem."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def excel_text(number: float) -> str:
    """Fifteen significant digits, as Excel shows: a computed 0.30000000000000004 is 0.3."""
    text = f"{Decimal(format(number, f'.{MAX_DIGITS}g')):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def number(cell: object, decimal: str) -> Decimal:
    """A number of at most 15 digits; raises ``Refused``.

    Thousands may be separated by spaces, or by the other one of comma and point where the number cannot be meant
    otherwise: with several groups, or with a decimal part. ``1,234`` alone is refused whichever sign is declared.
    """
    if isinstance(cell, float):
        return _bounded(excel_text(cell))
    text = str(cell).replace("\u2212", "-")
    other = "," if decimal == "." else "."
    if len(text) > MAX_LENGTH or not _pattern(decimal, other).fullmatch(text):
        raise Refused("not_an_amount")
    for separator in (*SPACES, other):
        text = text.replace(separator, "")
    return _bounded(text.replace(decimal, "."))


@cache
def _pattern(decimal: str, other: str) -> re.Pattern[str]:
    d, o = re.escape(decimal), re.escape(other)
    plain = rf"[0-9]+({d}[0-9]+)?"
    spaced = rf"[0-9]{{1,3}}(?P<space>[{SPACES}])[0-9]{{3}}((?P=space)[0-9]{{3}})*({d}[0-9]+)?"
    grouped = rf"[0-9]{{1,3}}({o}[0-9]{{3}}){{2,}}|[0-9]{{1,3}}({o}[0-9]{{3}})+{d}[0-9]+"
    return re.compile(rf"[+-]?({plain}|{spaced}|{grouped})")


def _bounded(text: str) -> Decimal:
    if len(text.lstrip("+-0.").replace(".", "")) > MAX_DIGITS:
        raise Refused("not_an_amount")
    return Decimal(text) + 0


def amount(cell: object, decimal: str, currency: str) -> Decimal:
    """A number with no more decimals than its currency has; raises ``Refused``."""
    found, places = number(cell, decimal), decimals(currency)
    if found != round(found, places):
        raise Refused("too_many_decimals")
    return round(found, places)


def count(cell: object, decimal: str) -> int:
    """A whole number of 1 to ``MAX_COUNT``; raises ``Refused``."""
    found = number(cell, decimal)
    if found != found.to_integral_value() or not 1 <= found <= MAX_COUNT:
        raise Refused("not_an_amount")
    return int(found)


def day(cell: object, date_format: str) -> date:
    """A date: a native one as it is, without its time of day; a text by the declared format; raises ``Refused``."""
    if isinstance(cell, datetime):
        found = cell.date()
    elif isinstance(cell, date):
        found = cell
    else:
        found = _written(str(cell), date_format)
    if found.year < FIRST_YEAR:
        raise Refused("not_a_date")
    return found


def _written(text: str, date_format: str) -> date:
    match = date_pattern(date_format).fullmatch(text)
    if match is None:
        raise Refused("not_a_date")
    try:
        return date(int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError as impossible:
        raise Refused("not_a_date") from impossible
