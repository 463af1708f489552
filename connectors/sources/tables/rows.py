"""Raw rows → rows under known headings; what is wrong with a file as a whole is said here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from connectors.problems import Problem
from connectors.records import Kind, Provenance
from connectors.sources.tables.cells import letters
from connectors.sources.tables.columns import Table, heading
from connectors.sources.tables.nearness import listed
from connectors.sources.tables.values import blank, legible, shown, undecoded

SHOWN = 60
"""Characters of a value that a problem repeats."""


class RawRow(NamedTuple):
    """The cells of one record by the line it begins on; when it could not be read, the problem's code instead."""

    line: int
    cells: tuple[object, ...]
    code: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one cell of a row, or with the whole row where no column is named."""

    code: str
    column: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row's cells by column name, and what is wrong with the row before any cell is read.

    One that has an address of its own says it, and what people call it; any other is a line of its file:
    of ``file``, where that is not the file of its content's other rows.
    """

    line: int
    cells: Mapping[str, object]
    faults: tuple[Fault, ...] = ()
    address: str = ""
    name: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """What a file gave; ``titles`` are its own headings, by column name.

    ``torn`` says that it may hold, or should hold, rows that are not among these, of records nobody can name.
    ``positions`` are the columns' places on a sheet, from 0; a file of text has none.
    """

    table: Table
    file: str
    rows: tuple[Row, ...] = ()
    problems: tuple[Problem, ...] = ()
    torn: bool = False
    titles: Mapping[str, str] = field(default_factory=dict)
    positions: Mapping[str, int] = field(default_factory=dict)

    def letter(self, column: str) -> str:
        """The letter of a column on its sheet."""
        return letters(self.positions[column]) if column in self.positions else ""


@dataclass(frozen=True, slots=True)
class Subject:
    """Which record a problem concerns, as far as it is known."""

    kind: Kind | None = None
    key: str = ""
    number: str = ""


def problem(
    fault: Fault,
    file: str,
    line: int | None = None,
    subject: Subject = Subject(),
    title: str = "",
    detail: str = "",
    letter: str = "",
    row: Row | None = None,
) -> Problem:
    """A problem with a place in a file; ``title`` is the file's own heading of the column, ``letter`` its sheet's.

    A ``row`` that has an address of its own is told by that, and by its name.
    """
    place = "" if line is None else f"{line} ({letter}{line})" if letter else str(line)
    at = Provenance(place=file, line=line)
    if row and row.address:
        place, at = row.name, Provenance(place=row.address)
    return Problem(
        code=fault.code,
        kind=subject.kind,
        key=subject.key,
        number=subject.number,
        column=fault.column,
        params={
            "file": file,
            "line": place,
            "column": short(legible(title or fault.column)),
            "value": short(legible(fault.value)),
        },
        detail=detail,
        provenance=at,
    )


def notice(code: str, file: str, **params: str) -> Problem:
    """What is worth knowing of a file, and stops nothing."""
    return Problem(code=code, params={"file": file, **params}, provenance=Provenance(place=file))


def short(value: str) -> str:
    """A value as a problem repeats it."""
    return value if len(value) <= SHOWN else value[: SHOWN - 1] + "…"


def names_of(header: Sequence[object], table: Table) -> list[str | None]:
    """The column each heading names, in English or French; ``None`` for a heading that is not ours."""
    names = {heading(alias): column.name for column in table.columns for alias in (column.french, column.name)}
    return [names.get(heading(shown(cell))) for cell in header]


def content(table: Table, file: str, raw: Iterable[RawRow], sheet: bool = False) -> Content:
    """Rows under the headings of the first row that is not empty; headings that are not ours are named once."""
    remaining = iter(raw)
    header = next((row for row in remaining if row.code or not all(map(blank, row.cells))), None)
    if header is None:
        return Content(table, file, problems=(problem(Fault("file_empty"), file),), torn=True)
    names = names_of(header.cells, table)
    faults = _header_faults(header, names, table)
    if faults:
        found = tuple(
            problem(fault, file, header.line, title=_titles(table, fault.column), detail=header.detail)
            for fault in faults
        )
        return Content(table, file, problems=found, torn=True)
    rows: list[Row] = []
    problems: list[Problem] = []
    untitled: set[int] = set()
    nameless = [at for at, cell in enumerate(header.cells) if blank(cell)]
    for row in remaining:
        if row.code:
            problems.append(problem(Fault(row.code), file, row.line, detail=row.detail))
        elif not all(map(blank, row.cells)):
            beyond = range(len(names), len(row.cells)) if sheet else ()
            untitled.update(at for at in (*nameless, *beyond) if at < len(row.cells) and not blank(row.cells[at]))
            rows.append(_row(row, names, header.cells, beyond=not sheet))
    torn = bool(problems) or any(fault.code == "too_many_values" for row in rows for fault in row.faults)
    problems += unread_columns(header, names, untitled, table, file)
    placed = {name: at for at, name in enumerate(names) if name is not None}
    return Content(
        table,
        file,
        tuple(rows),
        tuple(problems),
        torn=torn,
        titles={name: shown(header.cells[at]) for name, at in placed.items()},
        positions=placed if sheet else {},
    )


def _titles(table: Table, name: str) -> str:
    """What a column that is not there could have been headed, in both languages."""
    column = next((column for column in table.columns if column.name == name), None)
    return " / ".join(dict.fromkeys((column.name, column.french))) if column else name


def _header_faults(header: RawRow, names: list[str | None], table: Table) -> list[Fault]:
    if header.code:
        return [Fault(header.code)]
    unreadable = next((text for text in map(shown, header.cells) if undecoded(text)), None)
    if unreadable is not None:
        return [Fault("file_unreadable", value=unreadable)]
    faults = [Fault("column_missing", c.name) for c in table.columns if c.required and c.name not in names]
    faults += [Fault("duplicate_column", c.name) for c in table.columns if names.count(c.name) > 1]
    return faults


def _row(row: RawRow, names: list[str | None], header: Sequence[object], beyond: bool) -> Row:
    """A row by column; on a line of text, a value ``beyond`` the headings is a sign that others have shifted."""
    faults = []
    for name, title, cell in zip(names, header, row.cells, strict=False):
        if name is None and isinstance(cell, str) and undecoded(cell):
            faults.append(Fault("file_unreadable", shown(title), shown(cell)))
    surplus = [shown(cell) for cell in row.cells[len(names) :] if beyond and not blank(cell)]
    if surplus:
        faults.append(Fault("too_many_values", value=surplus[0]))
    cells = {name: cell for name, cell in zip(names, row.cells, strict=False) if name is not None}
    return Row(row.line, cells, tuple(faults))


def unread_columns(
    header: RawRow, names: Sequence[str | None], untitled: Iterable[int], table: Table, file: str
) -> list[Problem]:
    """One notice that names the columns nobody reads, with the title that each was probably meant to have."""
    free = [column for column in table.columns if column.name not in names]
    titles = [shown(cell) for cell, name in zip(header.cells, names, strict=True) if name is None and not blank(cell)]
    unread = [*titles, *(letters(at) for at in sorted(untitled))]
    known = [title for column in free for title in (column.name, column.french)]
    return [notice("columns_not_read", file, columns=listed(unread, known))] if unread else []
