"""Rows of a web service → rows of the tables that every source is read by, each with its own address."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from connectors.rest.pages import Body
from connectors.sources.tables.cells import Cell, Unread
from connectors.sources.tables.columns import TABLES, Table
from connectors.sources.tables.rows import Content, Row
from connectors.sources.tables.values import CODE_JOINT

NAMES = ("number", "code", "name")
"""The columns that people call a row by."""


@dataclass(frozen=True, slots=True)
class Part:
    """One value of a cell: its path, and the path of the yes or no that says whether it counts, if there is one."""

    path: str
    given: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How rows of a service are rows of one of our tables.

    ``name`` is the service's own of what they are. ``paths`` says by our column where its values stand, ``words`` by
    our column what each of their values is called here, ``always`` what a column says whatever the row does. A row
    without a value in one of the columns of ``needs`` is no row of ours. ``identity`` is the path of its own id,
    ``page`` how the address of its page begins.
    """

    table: Table
    name: str
    paths: Mapping[str, tuple[Part, ...]]
    identity: str
    page: str
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    always: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()

    def rows(self, bodies: Iterable[Body]) -> Iterator[Row]:
        """Their rows as ours, numbered from 1."""
        for line, body in enumerate(bodies, start=1):
            cells = {name: self._cell(name, parts, body) for name, parts in self.paths.items()} | dict(self.always)
            if all(cells.get(name) for name in self.needs):
                id_ = text_of(at(body, self.identity))
                called = next((str(cells[name]) for name in NAMES if cells.get(name)), id_)
                yield Row(line, cells, address=f"{self.page}{id_}", name=called)

    def _cell(self, name: str, parts: tuple[Part, ...], body: Body) -> Cell:
        texts = [text_of(at(body, part.path)) for part in parts if not part.given or at(body, part.given) is True]
        text = CODE_JOINT.join(filter(None, texts))
        words = self.words.get(name)
        if not text or words is None:
            return text
        return words.get(text) or Unread("value_unknown", text)


def contents(read: Iterable[tuple[Reading, Iterable[Body]]]) -> dict[str, Content]:
    """Every table of ours with the rows of all readings that give it; of rows of a list that are alike, one."""
    rows: defaultdict[str, list[Row]] = defaultdict(list)
    readings: defaultdict[str, list[Reading]] = defaultdict(list)
    for reading, bodies in read:
        rows[reading.table.name] += reading.rows(bodies)
        readings[reading.table.name].append(reading)
    return {table.name: _content(table, readings[table.name], rows[table.name]) for table in TABLES}


def _content(table: Table, readings: list[Reading], rows: list[Row]) -> Content:
    titles = {name: _title(parts) for reading in readings for name, parts in reading.paths.items()}
    if table.key == ("code",):
        rows = list({tuple(sorted(map(str, row.cells.items()))): row for row in rows}.values())
    file = ", ".join(dict.fromkeys(reading.name for reading in readings)) or table.name
    return Content(table, file, rows=tuple(rows), titles=titles)


def _title(parts: tuple[Part, ...]) -> str:
    return f" {CODE_JOINT} ".join(part.path for part in parts)


def at(body: Body, path: str) -> object:
    """What stands at a path, as ``owner/name``; nothing where a step of it is missing."""
    found: object = body
    for step in path.split("/"):
        found = found.get(step) if isinstance(found, dict) else None
    return found


def text_of(value: object) -> str:
    """A value of JSON as a cell of text: amounts with a point, yes or no, nothing where there is none."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return f"{value:f}"
    return str(value)
