"""Merged cells of a sheet: they show one value for all of them, and only the first holds it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

from connectors.sources.files.xlsx.worksheet import Area
from connectors.sources.tables.rows import Content, Fault
from connectors.sources.tables.values import blank


def refuse_merged(content: Content, areas: Sequence[Area]) -> Content:
    """The content with a fault at every cell that shows another's value.

    One currency merged over three invoices would else be that of the first alone.
    """
    places = content.positions
    by_column = {name: sorted(area for area in areas if area.first.column <= at <= area.last.column)
                 for name, at in places.items()}  # fmt: skip
    if not any(by_column.values()):
        return content
    empty = {(row.line, places[name]) for row in content.rows for name, cell in row.cells.items() if blank(cell)}

    def faults(line: int) -> Iterator[Fault]:
        for name, spans in by_column.items():
            area = _covering(spans, line)
            if area and area.first not in empty and area.first != (line, places[name]):
                yield Fault("cell_merged", name)

    return replace(content, rows=tuple(replace(row, faults=(*row.faults, *faults(row.line))) for row in content.rows))


def _covering(areas: Sequence[Area], line: int) -> Area | None:
    """Of areas from top to bottom, none of which covers another, the one that a row runs through."""
    at = bisect_right(areas, line, key=lambda area: area.first.row)
    return areas[at - 1] if at and line <= areas[at - 1].last.row else None
