"""The values in the rows of a sheet: one pass over the XML, as fast as the patterns go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import NamedTuple

from workbook.addresses import column_number, letters
from workbook.book import Value
from workbook.file.row import REFERENCE, Grammar
from workbook.file.stored_values import Values
from workbook.layout import Type
from workbook.markup import BrokenMarkup, without_attribute

Found = tuple[bytes, bytes, bytes, bytes]
"""A cell as the pattern finds it: letters, other attributes, its ``v`` if that is all, or else all that is in it."""


def row_values(
    rows: Iterable[tuple[int, bytes]],
    words: Grammar,
    wanted: Mapping[str, tuple[str, Type]],
    values: Values,
    *,
    placed: bool = False,
) -> Iterator[tuple[int, dict[str, Value]]]:
    """Of every row that holds anything wanted: its number and its values by key; ``wanted`` is by column letters.

    ``placed`` says that every cell is known to name its place first. Raises ``BrokenMarkup`` where the file
    contradicts itself.
    """
    columns = {name.encode(): _Column(key, type_, {}) for name, (key, type_) in wanted.items()}
    cells = words.filled.findall if placed else partial(_cells, words)
    empty: dict[str, Value] = dict.fromkeys(key for key, _ in wanted.values())
    for number, chunk in rows:
        found = empty.copy()
        try:
            _read(cells(chunk), columns, values, found)
        except (ValueError, IndexError, ArithmeticError) as wrong:
            raise BrokenMarkup(f"row {number}: {wrong}") from wrong
        if found != empty:
            yield number, found


class _Column(NamedTuple):
    """A wanted column, and what reads its cells, by the attributes that cells had so far."""

    key: str
    type: Type
    readers: dict[bytes, Callable[[bytes], Value]]


def _read(cells: list[Found], columns: Mapping[bytes, _Column], values: Values, into: dict[str, Value]) -> None:
    """Read a row's values by key."""
    for name, attributes, simple, inner in cells:
        if name in columns:
            key, type_, readers = columns[name]
            if attributes not in readers:
                readers[attributes] = values.reader(attributes, type_)
            into[key] = readers[attributes](simple) if simple else values.of(attributes, inner, type_)


def _cells(words: Grammar, chunk: bytes) -> list[Found]:
    return words.filled.findall(chunk) if words.names_places(chunk) else _placed(words.any.findall(chunk))


def _placed(cells: list[Found]) -> list[Found]:
    """The cells with their letters, where the file leaves some out or does not name them first."""
    column, placed = 0, []
    for _, attributes, simple, inner in cells:
        reference = REFERENCE.search(attributes)
        column = column_number(reference[1].decode()) if reference else column + 1
        placed.append((letters(column).encode(), without_attribute(attributes, "r"), simple, inner))
    return placed
