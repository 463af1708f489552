"""Whose row it is: rows are written to by what identifies them, wherever they stand by then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from workbook.book import Row, RowKey, Value
from workbook.layout import CHOICES, Column, Table, code_of
from workbook.review import text_of


def row_key(table: Table, values: Mapping[str, Value]) -> RowKey | None:
    """What identifies a row of a table; ``None`` where a column that it takes is gone. Choices count by their code."""
    if not values.keys() >= set(table.row_key):
        return None
    return tuple(_part(table.column(key), values[key]) for key in table.row_key)


def _part(column: Column, value: Value) -> str:
    shown = text_of(value)
    code = code_of(column.choices, shown) if column.choices in CHOICES else None
    return shown if code is None else code


def keyed(table: Table, rows: Iterable[Row]) -> Iterator[tuple[RowKey, Row]]:
    """The rows with what identifies each; those without are left out."""
    for row in rows:
        key = row_key(table, row.values)
        if key is not None:
            yield key, row


def columns_to_find(table: Table, wanted: Iterable[RowKey]) -> tuple[str, ...]:
    """The columns to read to find rows: where a key is empty all, for there are rows that hold nothing at all."""
    return table.row_key if all(map(any, wanted)) else tuple(column.key for column in table.columns)


def row_numbers(table: Table, rows: Iterable[Row], wanted: Iterable[RowKey], *, every: bool) -> dict[RowKey, list[int]]:
    """The row numbers at which wanted rows stand; where several rows bear a key none, unless ``every`` one is meant."""
    numbers: dict[RowKey, list[int]] = defaultdict(list)
    for key, row in keyed(table, rows):
        numbers[key].append(row.number)
    return {key: numbers[key] for key in wanted if key in numbers and (every or len(numbers[key]) == 1)}
