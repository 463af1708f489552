"""The folder of CSV files, or the sheets of a workbook, one ``Content`` per table."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TextIO

from python_calamine import CalamineError, CalamineWorkbook

from connectors.problems import CannotRun
from connectors.sources.files.columns import TABLES, Table
from connectors.sources.files.csv_rows import Line, RawRow, delimiter_of, lines, rows
from connectors.sources.files.rows import Content, Fault, content, names_of, problem
from connectors.sources.files.settings import FilesSettings

_UTF8_MARK = b"\xef\xbb\xbf"
_ENCODINGS = {"auto": "utf-8", "utf-8": "utf-8", "cp1252": "cp1252"}


def check(settings: FilesSettings) -> None:
    """Raise ``CannotRun`` where the folder or workbook is not there."""
    source = settings.source
    if not (source.is_file() if settings.is_workbook else source.is_dir()):
        raise CannotRun(problem(Fault("file_missing"), str(source)))


def contents(settings: FilesSettings) -> dict[str, Content]:
    """Every table's content by its name; raises ``CannotRun`` where there is no source or no readable workbook."""
    check(settings)
    if settings.is_workbook:
        return _sheets(settings.source)
    return {table.name: _csv_file(settings.source / f"{table.name}.csv", table, settings) for table in TABLES}


def _missing(table: Table, file: str) -> Content:
    problems = (problem(Fault("file_missing"), file),) if table.required else ()
    return Content(table, file, problems=problems, torn=table.required)


def _sheets(path: Path) -> dict[str, Content]:
    """The sheets of a workbook. A cell with an error value reads as an empty one: python-calamine does not tell."""
    try:
        with CalamineWorkbook.from_path(path) as book:
            names = {name.casefold(): name for name in book.sheet_names}
            return {table.name: _sheet(book, names.get(table.name), path.name, table) for table in TABLES}
    except (CalamineError, OSError) as error:
        raise CannotRun(problem(Fault("file_unreadable"), str(path), detail=str(error))) from error


def _sheet(book: CalamineWorkbook, name: str | None, file: str, table: Table) -> Content:
    if name is None:
        return _missing(table, f"{file}, {table.name}")
    cells = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    return content(table, f"{file}, {name}", (RawRow(line, tuple(row)) for line, row in enumerate(cells, 1)))


def _csv_file(path: Path, table: Table, settings: FilesSettings) -> Content:
    if not path.exists():
        return _missing(table, path.name)
    try:
        with path.open("rb") as raw:
            marked = raw.read(len(_UTF8_MARK)) == _UTF8_MARK
        encoding = "utf-8-sig" if marked else _ENCODINGS[settings.encoding]
        with path.open(encoding=encoding, errors="surrogateescape") as stream:
            return content(table, path.name, _csv_rows(stream, table, settings))
    except OSError as error:
        unreadable = problem(Fault("file_unreadable"), path.name, detail=str(error))
        return Content(table, path.name, problems=(unreadable,), torn=True)


def _csv_rows(stream: TextIO, table: Table, settings: FilesSettings) -> Iterator[RawRow]:
    """The rows of a CSV file, whose first line that is not blank tells the delimiter."""
    source = lines(stream)
    start: list[Line] = []
    for line in source:
        start.append(line)
        if line.text is None or line.text.strip():
            break
    delimiter: str = settings.delimiter
    if delimiter == "auto":
        header = (start[-1].text if start else None) or ""
        delimiter = delimiter_of(header, lambda cells: sum(name is not None for name in names_of(cells, table)))
    return rows(chain(start, source), delimiter)
