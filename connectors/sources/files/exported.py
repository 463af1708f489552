"""The sheets of an export, from whatever files it came in: CSV, .xlsx, .xls, .ods."""

from __future__ import annotations

import csv
import io
import os
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import BinaryIO

from python_calamine import CalamineError, CalamineWorkbook

from connectors import formats
from connectors.problems import CannotRun, Problem
from connectors.sources.exports.sheets import Sheet
from connectors.sources.files.csv_rows import lines, rows
from connectors.sources.files.encodings import decoded
from connectors.sources.files.ods import ods_sheets
from connectors.sources.files.refusals import FileRefused, refused
from connectors.sources.files.regular import opened
from connectors.sources.files.settings import TEXTS, WORKBOOKS, FilesSettings
from connectors.sources.files.xlsx.workbook import Workbook
from connectors.sources.files.xlsx.worksheet import MAX_CELLS, Area
from connectors.sources.tables.cells import Cell, Unread
from connectors.sources.tables.columns import TABLES
from connectors.sources.tables.rows import RawRow

MAX_BYTES = 1 << 27
"""Bytes of a file of text or an old workbook, which are read whole."""
DELIMITERS = (",", ";", "\t", "|")
_TEMPORARY = ("~$", ".", "_")
_TRIED = 60
"""Lines by which a delimiter is told."""
Found = tuple[tuple[Sheet, ...], tuple[Problem, ...]]


def is_export(settings: FilesSettings) -> bool:
    """Whether something is there, and none of it has the name of a table that we require."""
    source, ours = settings.source, {table.name for table in TABLES if table.required}
    if settings.is_workbook:
        names = _sheet_names(source)
        return bool(names) and not any(name.casefold() in ours for name in names)
    if settings.is_one_file:
        return source.is_file() and source.stem.casefold() not in ours
    files = export_files(settings) if source.is_dir() else []
    return bool(files) and not any(path.suffix.lower() == ".csv" and path.stem.casefold() in ours for path in files)


def _sheet_names(source: Path) -> list[str]:
    """The names of a workbook's sheets; none of what is no such workbook, which is told where it is read."""
    try:
        with opened(source) as stream:
            return [sheet.name for sheet in Workbook(stream).sheets]
    except (FileRefused, FileNotFoundError):
        return []


def export_sheets(settings: FilesSettings) -> Found:
    """Every sheet of every file of the source, and the problems of the files that could not be read."""
    sheets: list[Sheet] = []
    problems: list[Problem] = []
    for path in export_files(settings):
        try:
            sheets += _of_file(path, settings)
        except FileRefused as why:
            problems.append(refused(why, path.name))
        except FileNotFoundError as gone:
            raise CannotRun(refused(FileRefused("file_missing", detail=str(gone)), str(path))) from gone
    return tuple(sheets), tuple(problems)


def export_files(settings: FilesSettings) -> list[Path]:
    """The files of the source, without what is ours and what programs keep for themselves."""
    source = settings.source
    if settings.is_one_file:
        return [source]
    ours = {settings.results.name, settings.changes.name}
    try:
        names = sorted(os.listdir(source))
    except OSError as error:
        raise CannotRun(refused(FileRefused("file_not_opened", detail=str(error)), str(source))) from error
    readable = WORKBOOKS | TEXTS
    return [
        source / name
        for name in names
        if Path(name).suffix.lower() in readable and name not in ours and not name.startswith(_TEMPORARY)
    ]


def _of_file(path: Path, settings: FilesSettings) -> Iterator[Sheet]:
    with opened(path) as stream:
        try:
            found = formats.format_of(stream)
        except zipfile.BadZipFile as wrong:
            raise FileRefused("file_damaged", detail=str(wrong)) from wrong
        stream.seek(0)
        match found:
            case formats.XLSX:
                yield from _xlsx(stream, path.name)
            case ".ods":
                yield from (Sheet(path.name, sheet.name, tuple(sheet.rows)) for sheet in ods_sheets(stream))
            case ".xls":
                yield from _xls(stream, path.name)
            case formats.TEXT | "UTF-16":
                yield _text(stream, path.name, settings)
            case formats.ENCRYPTED:
                raise FileRefused("file_encrypted")
            case other:
                raise FileRefused("file_of_another_format", other)


def _whole(stream: BinaryIO, name: str) -> bytes:
    raw = stream.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise FileRefused("file_too_large", f"{MAX_BYTES} → {name}")
    return raw


def _text(stream: BinaryIO, name: str, settings: FilesSettings) -> Sheet:
    declared = "" if settings.encoding == "auto" else settings.encoding
    text, encoding = decoded(_whole(stream, name), declared)
    delimiter = _delimiter(text) if settings.delimiter == "auto" else settings.delimiter
    found = tuple(_bounded(map(_blank_cells, rows(lines(io.StringIO(text, newline="")), delimiter)), name))
    return Sheet(name, "", found, encoding=encoding, delimiter=delimiter)


def _bounded(found: Iterable[RawRow], name: str) -> Iterator[RawRow]:
    """The rows; raises ``FileRefused`` where they have more cells than a sheet may have."""
    cells = 0
    for row in found:
        cells += len(row.cells)
        if cells > MAX_CELLS:
            raise FileRefused("file_too_large", f"{MAX_CELLS} → {name}")
        yield row


def _blank_cells(row: RawRow) -> RawRow:
    return row._replace(cells=tuple(cell or None for cell in row.cells))


def _delimiter(text: str) -> str:
    """The sign by which most lines have the same number of values, more than one."""
    start = text[: 1 << 16].splitlines()[:_TRIED]

    def agreeing(delimiter: str) -> tuple[int, int]:
        try:
            widths = Counter(len(row) for row in csv.reader(start, delimiter=delimiter) if len(row) > 1)
        except csv.Error:
            return 0, 0
        width, count = max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
        return count, width

    return max(DELIMITERS, key=agreeing)


def _xlsx(stream: BinaryIO, name: str) -> Iterator[Sheet]:
    workbook = Workbook(stream)
    for sheet in workbook.sheets:
        worksheet = workbook.worksheet(sheet)
        found, hidden_rows = [], []
        for row in worksheet.rows():
            found.append(RawRow(row.number, row.cells))
            hidden_rows += [row.number] if row.hidden else []
        whole = tuple(_without_merged(found, worksheet.merged))
        yield Sheet(name, sheet.name, whole, hidden=sheet.hidden, hidden_rows=tuple(hidden_rows))


def _without_merged(found: list[RawRow], merged: list[Area]) -> Iterator[RawRow]:
    """The rows, where a cell that shows another row's value holds nothing that can be read."""
    down = [area for area in merged if area.last.row > area.first.row]
    for row in found:
        covering = [area for area in down if area.first.row < row.line <= area.last.row]
        places = {at for area in covering for at in range(area.first.column, area.last.column + 1)}
        cells = list(row.cells) + [None] * (max(places, default=-1) + 1 - len(row.cells))
        yield row._replace(cells=tuple(Unread("cell_merged", "") if at in places else c for at, c in enumerate(cells)))


def _xls(stream: BinaryIO, name: str) -> Iterator[Sheet]:
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(_whole(stream, name)))
        for title in workbook.sheet_names:
            sheet = workbook.get_sheet_by_name(title)
            if sheet.total_height * sheet.total_width > MAX_CELLS:
                raise FileRefused("file_too_large", f"{MAX_CELLS} → {title}")
            found = (tuple(map(_old_cell, row)) for row in sheet.to_python(skip_empty_area=False))
            yield Sheet(name, title, tuple(RawRow(line, cells) for line, cells in enumerate(found, 1)))
    except CalamineError as error:
        raise FileRefused("file_damaged", detail=str(error)) from error


def _old_cell(value: object) -> Cell:
    """A cell of an old workbook, which tells no formats."""
    match value:
        case "" | None:
            return None
        case bool() | str():
            return value
        case int() | float():
            return float(value)
        case datetime():
            return value.date()
        case date():
            return value
        case time() | timedelta():
            return str(value)
    return Unread("cell_damaged", str(value))
