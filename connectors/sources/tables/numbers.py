"""Numbers and dates as people write them, strictly: what could be read in two ways is refused, never guessed."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import cache

from connectors.records import decimals
from connectors.sources.tables.cells import Number
from connectors.sources.tables.number_format import DIGITS, Look
from connectors.sources.tables.refusals import Refused
from connectors.sources.tables.writing import date_pattern

MAX_LENGTH = 40
MAX_COUNT = 9_999
FIRST_YEAR = 1900
"""Excel has no earlier dates, and systems write them for "no date"."""
_TIME = re.compile(
    r"[Tt ](?P<clock>([01]\d|2[0-3]):[0-5]\d(:[0-5]\d([.,]\d{1,9})?)?) ?(?P<zone>[Zz]|UTC|[+-]\d\d(:?\d\d)?)?$",
    re.ASCII,
)
"""A time of day after a date (ISO 8601, RFC 3339)."""
SPACES = " \u00a0\u202f"


def excel_text(number: float) -> str:
    """Fifteen significant digits, as Excel shows: a computed 0.30000000000000004 is 0.3."""
    text = f"{Decimal(format(number, f'.{DIGITS}g')):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def number(cell: object, decimal: str) -> Decimal:
    """A number of at most 15 digits; raises ``Refused``.

    Thousands may be separated by spaces, or by the other one of comma and point where the number cannot be meant
    otherwise: with several groups, or with a decimal part. ``1,234`` alone is refused whichever sign is declared.
    """
    if isinstance(cell, Number):
        if not cell.format.true_to_value:
            raise Refused("not_an_amount")
        cell = cell.value
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
    if len(text.lstrip("+-0.").replace(".", "")) > DIGITS:
        raise Refused("not_an_amount")
    return Decimal(text) + 0


def amount(cell: object, decimal: str, currency: str) -> Decimal:
    """A number with no more decimals than its currency has; raises ``Refused``."""
    found, places = number(cell, decimal), decimals(currency)
    if found != round(found, places):
        raise Refused("too_many_decimals")
    return round(found, places)


def rate(cell: object, decimal: str) -> Decimal:
    """A rate in percent, as a number or shown with a sign of percent: 5, “5 %”, or a cell that shows 0.05 as 5 %."""
    if isinstance(cell, Number) and cell.format.look is Look.PERCENT:
        return _bounded(excel_text(cell.value)) * 100
    if isinstance(cell, str) and cell.endswith("%"):
        return number(cell.removesuffix("%").rstrip(), decimal)
    return number(cell, decimal)


def count(cell: object, decimal: str) -> int:
    """A whole number of 1 to ``MAX_COUNT``; raises ``Refused``."""
    found = number(cell, decimal)
    if found != found.to_integral_value() or not 1 <= found <= MAX_COUNT:
        raise Refused("not_an_amount")
    return int(found)


def day(cell: object, date_format: str) -> date:
    """A date: a cell's own, or a text by the declared format; raises ``Refused``.

    A time of day after it says nothing, and neither does midnight in a time zone. Another time in a time zone is
    refused: which day it is depends on where one stands.
    """
    found = date(cell.year, cell.month, cell.day) if isinstance(cell, date) else _written(str(cell), date_format)
    if found.year < FIRST_YEAR:
        raise Refused("not_a_date")
    return found


def _written(text: str, date_format: str) -> date:
    time = _TIME.search(text)
    match = date_pattern(date_format).fullmatch(text[: time.start()] if time else text)
    if match is None:
        raise Refused("not_a_date")
    if time and time["zone"] and time["clock"].strip("0:.,"):
        raise Refused("date_in_zone")
    try:
        return date(int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError as impossible:
        raise Refused("not_a_date") from impossible
