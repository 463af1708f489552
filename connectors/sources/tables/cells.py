"""What a cell of a table holds: text, truth, a date, a number as its format shows it, or nothing readable."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from connectors.sources.tables.number_format import NumberFormat


@dataclass(frozen=True, slots=True)
class Number:
    """A number under a format that shows it in some way of its own."""

    value: float
    format: NumberFormat


@dataclass(frozen=True, slots=True)
class Unread:
    """A cell that holds no value: the code of the problem, and what stands there."""

    code: str
    text: str


Cell = str | bool | float | date | Number | Unread | None


def letters(column: int) -> str:
    """The letters of a column, which is counted from 0: A, B … XFD."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(ord("A") + rest) + text
    return text
