"""Where a cell stands on a sheet, and which day a number is in a workbook's calendar."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384
"""Rows and columns of a sheet (Microsoft, "Excel specifications and limits")."""
LAST_DAY = 2_958_465
"""The number of 9999-12-31."""

_ADDRESS = re.compile("([A-Z]{1,3})([0-9]{1,7})")
_EPOCH, _EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
_LEAP = 60
"""The number of 29 February 1900, a day that Excel has and that never was; earlier days are one further on."""


def day_of(number: float, since_1904: bool) -> date | None:
    """The date that a number stands for in a workbook's calendar; ``None`` where it has none."""
    days = int(number // 1)
    if since_1904:
        return _EPOCH_1904 + timedelta(days) if 0 <= days <= LAST_DAY - 1462 else None
    if not 1 <= days <= LAST_DAY or days == _LEAP:
        return None
    return _EPOCH + timedelta(days + 1 if days < _LEAP else days)


@cache
def _column(letters_of_it: str) -> int:
    column = 0
    for letter in letters_of_it:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1


class Position(NamedTuple):
    """A cell of a sheet: its row (from 1) and its column (from 0)."""

    row: int
    column: int


def position(address: str) -> Position | None:
    """The cell of an address; ``None`` where a sheet has no such cell."""
    found = _ADDRESS.fullmatch(address)
    if found is None:
        return None
    row, column = int(found[2]), _column(found[1])
    return Position(row, column) if 1 <= row <= MAX_ROWS and column < MAX_COLUMNS else None
