"""The values in the rows of a sheet: one pass over the XML, as fast as the patterns go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
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
    rows: Iterable[tuple[int, bytes]], words: Grammar, wanted: Mapping[str, tuple[str, Type]], values: Values
) -> Iterator[tuple[int, dict[str, Value]]]:
    """Of every row that holds anything wanted: its number and its values by key; ``wanted`` is by column letters.

    Raises ``BrokenMarkup`` where the file contradicts itself.
    """
    columns = {name.encode(): _Column(key, {}, type_) for name, (key, type_) in wanted.items()}
    empty: dict[str, Value] = dict.fromkeys(key for key, _ in wanted.values())
    for number, chunk in rows:
        try:
            found = _read(_cells(chunk, words), columns, values)
        except (ValueError, IndexError, ArithmeticError) as wrong:
            raise BrokenMarkup(f"row {number}: {wrong}") from wrong
        if found:
            yield number, empty | found


class _Column(NamedTuple):
    """A wanted column, and what reads its cells, by the attributes that cells had so far."""

    key: str
    readers: dict[bytes, Callable[[bytes], Value]]
    type: Type


def _read(cells: list[Found], columns: Mapping[bytes, _Column], values: Values) -> dict[str, Value]:
    """The values of a row that are not empty."""
    found: dict[str, Value] = {}
    for name, attributes, simple, inner in cells:
        if name in columns:
            key, readers, type_ = columns[name]
            if not simple:
                value = values.of(attributes, inner, type_)
            elif attributes in readers:
                value = readers[attributes](simple)
            else:
                readers[attributes] = values.reader(attributes, type_)
                value = readers[attributes](simple)
            if value is not None:
                found[key] = value
    return found


def _cells(chunk: bytes, words: Grammar) -> list[Found]:
    if chunk.count(words.placed) == chunk.count(words.placed[:-4]):
        return words.filled.findall(chunk)
    return _placed(words.any.findall(chunk))


def _placed(cells: list[Found]) -> list[Found]:
    """The cells with their letters, where the file leaves some out or does not name them first."""
    column, placed = 0, []
    for _, attributes, simple, inner in cells:
        reference = REFERENCE.search(attributes)
        column = column_number(reference[1].decode()) if reference else column + 1
        placed.append((letters(column).encode(), without_attribute(attributes, "r"), simple, inner))
    return placed
