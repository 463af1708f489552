"""A workbook of an earlier release with today's macros, ribbon and texts: every other part keeps its bytes."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

from connectors.problems import CannotRun, Problem
from workbook.captions import texts
from workbook.file.file_book import FileBook
from workbook.file.package import Package
from workbook.layout import IDENTITY, REVISION, TEXTS, Caption, tables
from workbook.review import text_of
from workbook.template.macros import renew_macros
from workbook.template.template import IDENTITY_ROWS, RIBBON, RIBBON_PART

PROJECT = "xl/vbaProject.bin"


def renew(path: Path) -> None:
    """Bring a closed workbook's macros, ribbon, texts and identity up to date. Raises ``CannotRun``."""
    package = Package(path)
    if PROJECT not in package or RIBBON_PART not in package:
        raise CannotRun(Problem(code="workbook_without_macros", params={"path": str(path)}))
    package.save({PROJECT: [_project(path)], RIBBON_PART: [RIBBON.read_bytes()]})
    book = FileBook(path)
    book.replace(TEXTS, [{"key": key, "en": text.en, "fr": text.fr} for key, text in texts().items()])
    known = {text_of(row.values.get("key")): text_of(row.values.get("value")) for row in book.read(IDENTITY).rows}
    rows = {**IDENTITY_ROWS, **known, "schema": str(REVISION)}
    book.replace(IDENTITY, [{"key": key, "value": value} for key, value in rows.items()])
    book.save()


def lacking(path: Path) -> list[tuple[Caption, Caption | None]]:
    """What today's workbook has and this one does not: sheets with a table of theirs, or one of its columns."""
    book, found = FileBook(path), list[tuple[Caption, Caption | None]]()
    for sheet, table in tables():
        if sheet.hidden:
            continue
        grid = book.read(table)
        missing = [table.column(key).caption for key in grid.missing] if grid.found else [None]
        found += [(sheet.caption, caption) for caption in missing]
    return list(dict.fromkeys(found))


def _project(path: Path) -> bytes:
    """The VBA project of a workbook with our modules as they are today; a person's own modules stay in it."""
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.xlsm"
        shutil.copyfile(path, copy)
        renew_macros(copy)
        with ZipFile(copy) as package:
            return package.read(PROJECT)
