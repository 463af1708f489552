"""What the values of a column are, whatever stands above it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from connectors.sources.exports.amounts import SIGNS, signs_of, tells_sign
from connectors.sources.exports.dates import ORDERS, orders_of
from connectors.sources.exports.vocabulary import vocabulary, words_of
from connectors.sources.tables.cells import Number, Unread
from connectors.sources.tables.number_format import Look
from connectors.sources.tables.values import blank, shown

MOST = 0.9
"""The part of a column's values that must be of a sort, for the column to be of it."""
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
LONGEST_EMAIL = 254
"""Characters of an address (RFC 5321, 4.5.3.1.3, without the angle brackets)."""
_PHONE = re.compile(r"\+?[\d ().\-]{7,20}(?: ?(?:x|ext\.?|poste) ?\d{1,6})?", re.IGNORECASE)
_POSTAL = re.compile(r"[A-Z]\d[A-Z] ?\d[A-Z]\d|\d{5}(-\d{4})?|[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}", re.IGNORECASE)
_MONTH = re.compile(r"[^\W\d_]{3}")


@dataclass(frozen=True)
class Traits:
    """The values of a column that are not empty."""

    cells: tuple[object, ...]

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The values as they are shown."""
        return tuple(map(shown, self.cells))

    @cached_property
    def distinct(self) -> frozenset[str]:
        """The different values, without regard to case."""
        return frozenset(text.casefold() for text in self.texts)

    @property
    def empty(self) -> bool:
        """Whether nothing stands in it."""
        return not self.cells

    @property
    def unique(self) -> bool:
        """Whether no value comes twice."""
        return len(self.distinct) == len(self.cells)

    @cached_property
    def dates(self) -> bool:
        """Whether its values are dates."""
        return self._mostly(_is_date(cell) for cell in self.cells)

    @cached_property
    def orders(self) -> frozenset[str]:
        """The orders in which its dates can be written, as far as its values tell."""
        told = [found for cell in self.cells if isinstance(cell, str) and (found := orders_of(cell))]
        return frozenset(ORDERS).intersection(*told)

    @cached_property
    def orders_matter(self) -> bool:
        """Whether a date of it is a text of figures, which an order reads."""
        figures = (cell for cell in self.cells if isinstance(cell, str) and not _MONTH.search(cell))
        return any(orders_of(cell) for cell in figures)

    @cached_property
    def amounts(self) -> bool:
        """Whether its values are numbers or amounts."""
        return self._mostly(_is_amount(cell) for cell in self.cells)

    @cached_property
    def signs(self) -> frozenset[str]:
        """The decimal signs by which its texts are amounts, as far as they tell."""
        told = [found for cell in self.cells if isinstance(cell, str) and (found := signs_of(cell))]
        return frozenset(SIGNS).intersection(*told)

    @cached_property
    def signs_matter(self) -> bool:
        """Whether a text of it has a comma or a point, which a decimal sign reads."""
        return any(isinstance(cell, str) and tells_sign(cell) and signs_of(cell) for cell in self.cells)

    @cached_property
    def emails(self) -> bool:
        """Whether its values are e-mail addresses."""
        return self._mostly(len(text) <= LONGEST_EMAIL and bool(_EMAIL.fullmatch(text)) for text in self.texts)

    @cached_property
    def phones(self) -> bool:
        """Whether its values can be telephone numbers."""
        return self._mostly(bool(_PHONE.fullmatch(text)) for text in self.texts)

    @cached_property
    def postal_codes(self) -> bool:
        """Whether its values are postal codes."""
        return self._mostly(map(bool, map(_POSTAL.fullmatch, self.texts)))

    @cached_property
    def methods(self) -> bool:
        """Whether its values are ways to pay."""
        return self._mostly(words_of(text) in vocabulary().methods for text in self.texts)

    @cached_property
    def prose(self) -> bool:
        """Whether its values have letters, and are neither dates nor e-mail addresses."""
        lettered = self._mostly(any(map(str.isalpha, text)) for text in self.texts)
        return lettered and not (self.dates or self.emails or self.amounts)

    def examples(self, count: int = 3) -> tuple[str, ...]:
        """The first values that differ, as they are shown."""
        return tuple(list(dict.fromkeys(self.texts))[:count])

    def _mostly(self, marks: Iterable[bool]) -> bool:
        return bool(self.cells) and sum(marks) >= MOST * len(self.cells)


def traits(cells: Sequence[object]) -> Traits:
    """The traits of a column's cells, of which blank ones say nothing."""
    return Traits(tuple(cell for cell in cells if not blank(cell) and not isinstance(cell, Unread)))


def _is_date(cell: object) -> bool:
    return isinstance(cell, date) or (isinstance(cell, str) and bool(orders_of(cell.strip())))


def _is_amount(cell: object) -> bool:
    if isinstance(cell, Number):
        return cell.format.look in (Look.GENERAL, Look.NUMBER, Look.OTHER, Look.PERCENT)
    return (isinstance(cell, float) and not isinstance(cell, bool)) or (isinstance(cell, str) and bool(signs_of(cell)))
