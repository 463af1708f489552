"""Rows → typed values by column, with every mistake of a row at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from connectors.problems import Problem
from connectors.records import Kind, Provenance
from connectors.sources.tables.columns import Table, Type
from connectors.sources.tables.refusals import Refused
from connectors.sources.tables.rows import Content, Fault, Row, Subject, problem
from connectors.sources.tables.values import Value, shown, value_of
from connectors.sources.tables.writing import Writing

T = TypeVar("T")


@dataclass(slots=True)
class Fields:
    """One row: the values that could be read, and the faults found so far; a row with a fault becomes no record."""

    content: Content
    row: Row
    values: dict[str, Value]
    faults: list[Fault] = field(default_factory=list)

    @property
    def table(self) -> Table:
        """The table it stands in."""
        return self.content.table

    @property
    def provenance(self) -> Provenance:
        """Where the row stands."""
        if self.row.address:
            return Provenance(place=self.row.address)
        return Provenance(place=self.row.file or self.content.file, line=self.row.line)

    @property
    def good(self) -> bool:
        """Whether nothing is wrong with it."""
        return not self.faults

    @property
    def key(self) -> tuple[str, ...]:
        """The values of the table's key columns, empty where one could not be read."""
        values = [str(self.values.get(name) or "") for name in self.table.key]
        return tuple(values) if all(values) else ()

    @property
    def subject(self) -> Subject:
        """The record this row is, as far as it can be told."""
        kind = self.values.get("kind")
        return Subject(
            kind if isinstance(kind, Kind) else self.table.kind,
            str(self.values.get("key") or ""),
            str(self.values.get("number") or ""),
        )

    def get(self, column: str, kind: type[T]) -> T:
        """The value of a column of a good row, of the type it must have; raises ``TypeError``."""
        value = self.values[column]
        if not isinstance(value, kind):
            raise TypeError(f"{self.table.name}.{column} is no {kind.__name__}: {value!r}")
        return value

    def text(self, column: str) -> str:
        """The text of a column; empty where there is none or it could not be read."""
        value = self.values.get(column)
        return value if isinstance(value, str) else ""

    def codes(self, column: str) -> tuple[str, ...]:
        """The codes of a column that holds one or several; none where it is empty or could not be read."""
        value = self.values.get(column)
        return value if isinstance(value, tuple) else tuple(filter(None, (self.text(column),)))

    def day(self, column: str) -> date | None:
        """The date of a column that may be empty."""
        value = self.values[column]
        return value if isinstance(value, date) else None

    def refuse(self, code: str, column: str) -> None:
        """Note that the value of a column, though well formed, cannot be."""
        self.faults.append(Fault(code, column, shown(self.values.get(column))))

    def problems(self, subject: Subject | None = None) -> Iterator[Problem]:
        """What is wrong with the row, as problems of the record it is or is a part of."""
        for fault in self.faults:
            title = self.content.titles.get(fault.column, "")
            letter = self.content.letter(fault.column)
            whose = subject or self.subject
            place = self.row.file or self.content.file
            yield problem(fault, place, self.row.line, whose, title, letter=letter, row=self.row)


Rows = Mapping[str, Sequence[Fields]]
"""Rows by the name of their table."""


def fields_of(content: Content, writing: Writing, currencies: Mapping[str, str]) -> list[Fields]:
    """The rows of a file with their values; rows that have a key in common are all at fault.

    ``currencies`` tells the currency by the key of the record that a row belongs to; other rows have their own.
    """
    found = [_fields(row, content, writing, currencies) for row in content.rows]
    seen = Counter(row.key for row in found if row.key)
    for row in found:
        if seen[row.key] > 1:
            row.refuse("duplicate_key", content.table.key[-1])
    return found


def _fields(row: Row, content: Content, writing: Writing, currencies: Mapping[str, str]) -> Fields:
    fields = Fields(content, row, {}, list(row.faults))
    currency = writing.currency
    refused_already = {fault.column for fault in row.faults}
    for column in content.table.columns:
        if column.name in refused_already:
            continue
        cell = row.cells.get(column.name)
        try:
            value = value_of(cell, column, writing, currency)
        except Refused as refused:
            if refused.code == "value_missing" and row.file and row.faults:
                continue  # It is missing because of what is told already of a cell that it is made of.
            fields.faults.append(Fault(refused.code, column.name, shown(cell)))
            continue
        fields.values[column.name] = value
        if column.type is Type.CURRENCY:
            currency = str(value)
        elif column.name == content.table.owner:
            currency = currencies.get(str(value), currency)
    return fields
