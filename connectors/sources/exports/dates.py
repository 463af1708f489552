"""Dates as people write them: three orders, any separator, months by number or by name in English and French."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from connectors.sources.tables.columns import heading

ORDERS = ("YMD", "DMY", "MDY")
"""In which order year, month and day may stand."""
FIRST, LAST = 1950, 2099
"""Years that a date of an export is of."""
CENTURY = 2000
MAX_LENGTH = 80
"""Characters of a date with the day of its week and its time."""
_TIME = r"(?:[T ]+\d{1,2}[:h]\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[AaPp]\.?[Mm]\.?)?)?"
_NUMBERS = re.compile(rf"(\d{{1,4}})([/.\- ])(\d{{1,2}})\2(\d{{1,4}}){_TIME}", re.ASCII)
_CLOSE = re.compile(rf"((?:19|20)\d\d)(\d\d)(\d\d){_TIME}", re.ASCII)
_DAY_FIRST = re.compile(
    rf"(?:[^\W\d]+,? )?(\d{{1,2}})(?:er|st|nd|rd|th)?[ \-/.]+([^\W\d]+)\.?[ \-/.,]+(\d{{4}}|\d{{2}}){_TIME}"
)
_MONTH_FIRST = re.compile(
    rf"(?:[^\W\d]+,? )?([^\W\d]+)\.?[ \-/.]+(\d{{1,2}})(?:er|st|nd|rd|th)?,?[ \-/.]+(\d{{4}}|\d{{2}}){_TIME}"
)
_NAMES = (
    "january jan janvier janv",
    "february feb fevrier fevr fev",
    "march mar mars",
    "april apr avril avr",
    "may mai",
    "june jun juin",
    "july jul juillet juil",
    "august aug aout",
    "september sept sep septembre",
    "october oct octobre",
    "november nov novembre",
    "december dec decembre",
)
MONTHS: Mapping[str, int] = {name: at for at, names in enumerate(_NAMES, 1) for name in names.split()}


@lru_cache(65_536)
def day_of(text: str, order: str) -> date | None:
    """The date that a text is in an order; the order does not matter where the month has a name."""
    if len(text) > MAX_LENGTH:
        return None
    text = " ".join(text.split())
    if found := _DAY_FIRST.fullmatch(text):
        return _day(found[3], str(_month(found[2])), found[1])
    if found := _MONTH_FIRST.fullmatch(text):
        return _day(found[3], str(_month(found[1])), found[2])
    if found := _CLOSE.fullmatch(text):
        return _day(found[1], found[2], found[3]) if order == "YMD" else None
    if not (found := _NUMBERS.fullmatch(text)):
        return None
    parts = dict(zip(order, (found[1], found[3], found[4]), strict=True))
    return _day(parts["Y"], parts["M"], parts["D"])


def day_without_order(text: str) -> date | None:
    """The date that a text is whatever the order; ``None`` where orders make different dates of it."""
    days = {day for order in ORDERS if (day := day_of(text, order))}
    return days.pop() if len(days) == 1 else None


def orders_of(text: str) -> frozenset[str]:
    """The orders in which a text is a date."""
    return frozenset(order for order in ORDERS if day_of(text, order) is not None)


def _month(name: str) -> int:
    return MONTHS.get(heading(name), 0)


def _day(year: str, month: str, day: str) -> date | None:
    """The day; a year of two figures is of this century, one of one or three figures none."""
    if len(year) not in (2, 4) or len(day) > 2:
        return None
    whole = int(year) + (CENTURY if len(year) == 2 else 0)
    try:
        return date(whole, int(month), int(day)) if FIRST <= whole <= LAST else None
    except ValueError:
        return None
