"""The source's files as rows of text and amounts, read without the product's own reader."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

Row = dict[str, str]
Tables = Mapping[str, Sequence[Row]]
ZERO = Decimal(0)


def amount(text: str | None) -> Decimal:
    """An amount as the files write it; zero where there is none."""
    return Decimal(text) if text else ZERO


@dataclass(frozen=True)
class Source:
    """Every table by its name; ``by`` gives the rows of a table that belong to a record."""

    tables: Tables

    @classmethod
    def read(cls, folder: Path) -> Source:
        """The CSV files of a folder; a table that is not there is empty."""
        tables: dict[str, list[Row]] = {}
        for path in sorted(folder.glob("*.csv")):
            with path.open(encoding="utf-8-sig", newline="") as file:
                tables[path.stem] = list(csv.DictReader(file))
        return cls(tables)

    def rows(self, table: str) -> Sequence[Row]:
        """All rows of a table."""
        return self.tables.get(table, [])

    def by(self, table: str, column: str) -> dict[str, list[Row]]:
        """The rows of a table by what one of their columns says."""
        rows: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows(table):
            rows[row[column]].append(row)
        return rows
