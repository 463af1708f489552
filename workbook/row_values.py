"""The values in the rows of a sheet: one pass over the XML, as fast as the patterns go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from workbook.addresses import column_number, letters
from workbook.book import Value
from workbook.layout import Type
from workbook.markup import BrokenMarkup
from workbook.row import REFERENCE, Grammar
from workbook.stored_values import Values

Found = tuple[bytes, bytes, bytes, bytes]
"""A cell as the pattern finds it: letters, other attributes, its ``v`` if that is all, or else all that is in it."""


def row_values(
    rows: Iterable[tuple[int, bytes]], words: Grammar, wanted: Mapping[str, tuple[str, Type]], values: Values
) -> Iterator[tuple[int, dict[str, Value]]]:
    """Of every row that holds anything wanted: its number and its values by key; ``wanted`` is by column letters.

    Raises ``BrokenMarkup`` where the file contradicts itself.
    """
    columns = {name.encode(): (key, _Column(type_, values)) for name, (key, type_) in wanted.items()}
    empty: dict[str, Value] = dict.fromkeys(key for key, _ in wanted.values())
    for number, chunk in rows:
        try:
            found = _read(_cells(chunk, words), columns)
        except (ValueError, IndexError, ArithmeticError) as wrong:
            raise BrokenMarkup(f"row {number}: {wrong}") from wrong
        if found:
            yield number, empty | found


class _Column:
    """How the cells of a wanted column are read; ``readers`` are by the attributes that cells had so far."""

    __slots__ = ("_type", "_values", "readers")

    def __init__(self, type_: Type, values: Values) -> None:
        self._type, self._values = type_, values
        self.readers: dict[bytes, Callable[[bytes], Value]] = {}

    def of(self, attributes: bytes, simple: bytes, inner: bytes) -> Value:
        """The value of a cell that no reader is for yet."""
        if not simple:
            return self._values.of(attributes, inner, self._type)
        reader = self._values.reader(attributes, self._type)
        if b" r=" not in attributes:
            self.readers[attributes] = reader
        return reader(simple)


def _read(cells: list[Found], columns: Mapping[bytes, tuple[str, _Column]]) -> dict[str, Value]:
    """The values of a row that are not empty."""
    found: dict[str, Value] = {}
    for name, attributes, simple, inner in cells:
        if name in columns:
            key, column = columns[name]
            reader = column.readers.get(attributes) if simple else None
            value = reader(simple) if reader else column.of(attributes, simple, inner)
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
        placed.append((letters(column).encode(), attributes, simple, inner))
    return placed
