"""Cell addresses: letters ⇄ column numbers, ranges ⇄ areas; rows and columns are counted from 1."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Self

from workbook.markup import BrokenMarkup

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384

_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?([1-9]\d*)(?::\$?([A-Z]{1,3})\$?([1-9]\d*))?")


@cache
def letters(column: int) -> str:
    """The letters of a column: 1 → A, 28 → AB."""
    rest, last = divmod(column - 1, 26)
    return (letters(rest) if rest else "") + chr(65 + last)


@cache
def column_number(name: str) -> int:
    """The number of a column's letters."""
    number = 0
    for letter in name:
        number = number * 26 + ord(letter) - 64
    return number


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of cells, both corners included."""

    top: int
    left: int
    bottom: int
    right: int

    @classmethod
    def of(cls, reference: str) -> Self:
        """The area of ``B4`` or ``B4:F9``; raises ``BrokenMarkup``, also for what lies beyond a sheet."""
        found = _RANGE.fullmatch(reference)
        if found is None:
            raise BrokenMarkup(f"not a range of cells: {reference!r}")
        left, top, right, bottom = found.groups()
        area = cls(int(top[:8]), column_number(left), int((bottom or top)[:8]), column_number(right or left))
        if area.bottom > LAST_ROW or area.right > LAST_COLUMN:
            raise BrokenMarkup(f"beyond the sheet: {reference!r}")
        return area

    def __str__(self) -> str:
        first, last = f"{letters(self.left)}{self.top}", f"{letters(self.right)}{self.bottom}"
        return first if first == last else f"{first}:{last}"

    def to(self, bottom: int) -> Area:
        """The area of these columns that ends at another row."""
        return replace(self, bottom=bottom)

    def has_row(self, number: int) -> bool:
        """Whether a row is one of its rows."""
        return self.top <= number <= self.bottom

    def meets(self, other: Area) -> bool:
        """Whether two areas have a cell in common."""
        return (
            self.top <= other.bottom
            and other.top <= self.bottom
            and self.left <= other.right
            and other.left <= self.right
        )


def areas(references: str) -> list[Area]:
    """The areas of a list of ranges (a ``sqref``); whole rows and columns (``A:A``) are left out."""
    return [Area.of(reference) for reference in references.split() if _RANGE.fullmatch(reference)]


def rows_of(area: str) -> tuple[int, int] | None:
    """The first and last row of an area as a program names it (``$A$5:$C$9``, ``$5:$9``); none of whole columns."""
    numbers = [int(number) for number in re.findall(r"\d+", area.rpartition("!")[2])]
    return (numbers[0], numbers[-1]) if numbers else None
