"""The folder of CSV files, or the sheets of a workbook, one ``Content`` per table."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import BinaryIO, TextIO

from connectors import formats
from connectors.problems import CannotRun, Problem
from connectors.sources.files.csv_rows import Line, delimiter_of, lines, rows
from connectors.sources.files.merged import refuse_merged
from connectors.sources.files.refusals import FileRefused, refused
from connectors.sources.files.regular import mode_of, opened
from connectors.sources.files.settings import WORKBOOKS, FilesSettings
from connectors.sources.files.xlsx.workbook import Sheet, Workbook
from connectors.sources.files.xlsx.worksheet import Worksheet
from connectors.sources.tables.columns import TABLES, Table
from connectors.sources.tables.nearness import listed
from connectors.sources.tables.rows import Content, Fault, RawRow, content, names_of, notice, problem

_UTF8_MARK = b"\xef\xbb\xbf"
_ENCODINGS = {"auto": "utf-8", "utf-8": "utf-8", "cp1252": "cp1252"}
_TEMPORARY = ("~$", ".", "_")
"""How the names of files begin that a program keeps for itself."""


@dataclass(frozen=True, slots=True)
class Opened:
    """Every table's content by its name, and what is worth knowing of the source as a whole."""

    contents: dict[str, Content]
    notices: tuple[Problem, ...] = ()


def check(settings: FilesSettings) -> None:
    """Raise ``CannotRun`` where the folder or workbook is not there, or is something else."""
    source = settings.source
    try:
        mode = mode_of(source)
    except FileRefused as why:
        raise CannotRun(refused(why, str(source))) from why
    if not mode:
        raise CannotRun(problem(Fault("file_missing"), str(source)))
    if not (stat.S_ISREG(mode) if settings.is_workbook else stat.S_ISDIR(mode)):
        raise CannotRun(problem(Fault("not_a_file" if settings.is_workbook else "not_a_folder"), str(source)))


def open_source(settings: FilesSettings) -> Opened:
    """Everything there is; raises ``CannotRun`` where there is no source or no readable workbook."""
    check(settings)
    if settings.is_workbook:
        return _workbook(settings.source)
    contents = {table.name: _csv_file(settings.source / f"{table.name}.csv", table, settings) for table in TABLES}
    check(settings)
    return Opened(contents, _other_files(settings))


def _missing(table: Table, file: str) -> Content:
    problems = (problem(Fault("file_missing"), file),) if table.required else ()
    return Content(table, file, problems=problems, torn=table.required)


def _unreadable(table: Table, file: str, why: FileRefused) -> Content:
    return Content(table, file, problems=(refused(why, file),), torn=True)


def _require(stream: BinaryIO, wanted: str) -> None:
    """Raise ``FileRefused`` where a file is of another format than ``wanted``, or encrypted."""
    try:
        actual = formats.format_of(stream)
    except zipfile.BadZipFile as wrong:
        raise FileRefused("file_damaged", detail=str(wrong)) from wrong
    stream.seek(0)
    if actual == formats.ENCRYPTED:
        raise FileRefused("file_encrypted")
    if actual != wanted:
        raise FileRefused("file_of_another_format", actual)


def _workbook(path: Path) -> Opened:
    """The sheets of a workbook; a damaged sheet costs itself, a damaged workbook everything."""
    try:
        with opened(path) as stream:
            _require(stream, formats.XLSX)
            workbook = Workbook(stream)
            sheets = {sheet.name.casefold(): sheet for sheet in workbook.sheets}
            contents = {t.name: _sheet(workbook, sheets.get(t.name), path.name, t) for t in TABLES}
            return Opened(contents, _other_sheets(workbook, path.name))
    except FileNotFoundError as error:
        raise CannotRun(problem(Fault("file_missing"), str(path))) from error
    except FileRefused as why:
        raise CannotRun(refused(why, str(path))) from why


def _sheet(workbook: Workbook, sheet: Sheet | None, file: str, table: Table) -> Content:
    if sheet is None:
        return _missing(table, f"{file}, {table.name}")
    place = f"{file}, {sheet.name}"
    hidden: list[int] = []

    def raw(worksheet: Worksheet) -> Iterator[RawRow]:
        for row in worksheet.rows():
            if row.hidden:
                hidden.append(row.number)
            yield RawRow(row.number, row.cells)

    try:
        worksheet = workbook.worksheet(sheet)
        read = refuse_merged(content(table, place, raw(worksheet), sheet=True), worksheet.merged)
    except FileRefused as why:
        return _unreadable(table, place, why)
    notices = [notice("sheet_hidden", place)] if sheet.hidden else []
    if hidden:
        notices.append(notice("rows_hidden", place, count=str(len(hidden)), line=str(hidden[0])))
    return replace(read, problems=(*read.problems, *notices))


def _other_sheets(workbook: Workbook, file: str) -> tuple[Problem, ...]:
    known = {table.name for table in TABLES}
    others = [sheet.name for sheet in workbook.sheets if sheet.name.casefold() not in known and not sheet.hidden]
    free = known - {sheet.name.casefold() for sheet in workbook.sheets}
    return (notice("tables_not_read", file, columns=listed(others, sorted(free))),) if others else ()


def _other_files(settings: FilesSettings) -> tuple[Problem, ...]:
    """Files of the folder that look like the source's and are not read."""
    ours = {settings.results.name, settings.changes.name, *(f"{table.name}.csv" for table in TABLES)}
    try:
        names = sorted(os.listdir(settings.source))
    except OSError as error:
        raise CannotRun(refused(FileRefused("file_not_opened", detail=str(error)), str(settings.source))) from error
    others = [
        name
        for name in names
        if Path(name).suffix.lower() in WORKBOOKS | {".csv"} and name not in ours and not name.startswith(_TEMPORARY)
    ]
    free = [f"{table.name}.csv" for table in TABLES if f"{table.name}.csv" not in names]
    return (notice("tables_not_read", settings.source.name, columns=listed(others, free)),) if others else ()


def _csv_file(path: Path, table: Table, settings: FilesSettings) -> Content:
    try:
        with opened(path) as raw:
            _require(raw, formats.TEXT)
            marked = raw.read(len(_UTF8_MARK)) == _UTF8_MARK
            raw.seek(0)
            encoding = "utf-8-sig" if marked else _ENCODINGS[settings.encoding]
            stream = io.TextIOWrapper(raw, encoding=encoding, errors="surrogateescape")
            return content(table, path.name, _csv_rows(stream, table, settings))
    except FileNotFoundError:
        return _missing(table, path.name)
    except FileRefused as why:
        return _unreadable(table, path.name, why)


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
