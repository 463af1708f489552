"""Builds the macro-enabled workbook from the layout, the macro sources and the ribbon: same input, same bytes."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError

from connectors import private
from connectors.disk import refusal, require_file
from connectors.problems import CannotRun, Problem
from workbook.captions import texts
from workbook.layout import (
    AS_OF,
    AS_OF_ROW,
    IDENTITY,
    OVERVIEW,
    PERIOD,
    PERIOD_ROW,
    REVIEW_TABLES,
    REVISION,
    SETUP,
    SHEETS,
    TEXTS,
    Language,
)
from workbook.template.dashboard import complete_dashboard, draw_start, first_rows
from workbook.template.lists import draw_lists, name_ledger_lists
from workbook.template.macros import add_macros
from workbook.template.setup import SetupRow, complete_setup, name_choices
from workbook.template.sheets import Canvas, address, draw_sheet
from workbook.template.styles import FONT, Styles

RIBBON = Path(__file__).with_name("ribbon.xml")
CREATED = datetime(2026, 1, 1)  # noqa: DTZ001 a workbook's properties have no zone; a clock would change the bytes
ZIP_TIME = (1980, 1, 1, 0, 0, 0)

PLAIN_WORKBOOK = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
MACRO_WORKBOOK = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
RIBBON_PART = "customUI/customUI14.xml"
RIBBON_RELATION = (
    b'<Relationship Id="rIdRibbon" Type="http://schemas.microsoft.com/office/2007/relationships/ui/extensibility"'
    b' Target="customUI/customUI14.xml"/></Relationships>'
)

IDENTITY_ROWS: dict[str, str] = {
    "workbook_id": "",
    "company": "",
    "schema": str(REVISION),
    "language": "en",
    "connected": "",
    "connected_to": "",
    "connected_until": "",
    "signs_in": "",
    "review": "",
    "stop": "",
    "search": "",
    "day": "",
}
"""What a workbook knows of itself; the macros read ``company``, ``language`` and everything from ``connected`` on.

Which program the buttons start is no business of a cell (``RibbonProgram`` in the macros); ``connected``,
``signs_in`` (whether the ledger wants a sign-in) and ``review`` are ``yes``, ``no`` or unknown, and grey buttons out
together with ``company`` and ``connected_until``; ``stop`` becomes ``yes`` when Stop is pressed; ``search`` is what was
last typed to be looked for in the ledger, ``day`` the day last typed for a button that asks for one.
"""


def build(
    path: Path, *, language: Language = "en", identity: Mapping[str, str] = {}, setup: Sequence[SetupRow] = ()
) -> None:
    """Write the workbook of a company that has not pulled yet, beside and then in place.

    ``identity`` adds to or overrides ``IDENTITY_ROWS``, ``setup`` is what the Set-up sheet asks. Raises ``CannotRun``
    when the folder is missing (``file_missing``) or refuses the file, on Windows most often because it is open in Excel
    (``workbook_open``).
    """
    if not path.parent.is_dir():
        raise CannotRun(Problem(code="file_missing", params={"file": str(path.parent)}))
    beside = path.with_name(f".{path.stem}.{os.getpid()}.xlsm")
    try:
        require_file(path)
        draw(beside, language, {**IDENTITY_ROWS, "language": language, **identity}, setup)
        private.make_private(beside)
        os.replace(beside, path)
    except FileCreateError as refused:
        raise CannotRun(_refused(refused.args[0], path)) from refused
    except OSError as refused:
        raise CannotRun(_refused(refused, path)) from refused
    finally:
        beside.unlink(missing_ok=True)


def _refused(error: OSError, path: Path) -> Problem:
    """What the system says of a workbook that is to be made; Windows refuses one that a program has open."""
    if os.name == "nt" and isinstance(error, PermissionError):
        return Problem(code="workbook_open", params={"path": path.name}, detail=str(error))
    return refusal(error, path, writing=True)


def draw(path: Path, language: Language, identity: Mapping[str, str], setup: Sequence[SetupRow] = ()) -> None:
    """Draw the whole workbook at this path, with its macros and its ribbon."""
    _draw_sheets(path, language, identity, setup)
    add_macros(path)
    _finish(path)


def _draw_sheets(path: Path, language: Language, identity: Mapping[str, str], setup: Sequence[SetupRow]) -> None:
    font = {"font_name": FONT, "font_size": 10}
    book = Workbook(str(path), {"default_format_properties": font, "in_memory": True})
    rows: dict[str, Sequence[Mapping[str, str | int]]] = {
        IDENTITY.name: [{"key": key, "value": value} for key, value in identity.items()],
        TEXTS.name: [{"key": key, "en": text.en, "fr": text.fr} for key, text in texts().items()],
        AS_OF.name: [{"key": AS_OF_ROW.of(language)}],
        PERIOD.name: [{"key": PERIOD_ROW.of(language)}],
        SETUP.name: [row.cells(language) for row in setup] or [{}],
        **first_rows(identity["company"], language),
    }
    canvas = Canvas(book, Styles(book), language, rows)
    book.set_properties({"title": "Passerelle", "created": CREATED})
    book.set_vba_name("ThisWorkbook")
    _name_cells(canvas)
    draw_start(canvas)
    for sheet in SHEETS:
        drawn = draw_sheet(canvas, sheet)
        if sheet.key == "dashboard":
            complete_dashboard(canvas, drawn)
        if sheet.key == "setup":
            complete_setup(canvas, drawn, setup)
    name_choices(canvas, draw_lists(canvas), setup)
    _draw_marks(canvas)
    book.close()


def _name_cells(canvas: Canvas) -> None:
    """Names for what macros and formulas find: header cells (they follow what people move), the language."""
    found = [(table, key) for table in REVIEW_TABLES for key in ("key", "status", "date") if key in table]
    found += [(SETUP, key) for key in ("key", "value", "of")]
    for table, key in (*found, (OVERVIEW, "key"), (IDENTITY, "key"), (TEXTS, "key")):
        canvas.book.define_name(f"head_{table.name}_{key}", f"={address(table, key, canvas.language)}")
    canvas.book.define_name("head_marks_key", "=_marks!$A$1")
    name_ledger_lists(canvas)
    rows = "_passerelle!$A$5:$B$104"
    canvas.book.define_name("in_french", f'=IFERROR(VLOOKUP("language",{rows},2,FALSE)="fr",FALSE)')


def _draw_marks(canvas: Canvas) -> None:
    """The very hidden sheet in which the macros keep what Undo mark takes back."""
    drawn = canvas.book.add_worksheet("_marks")
    drawn.set_vba_name("sheet_marks")
    drawn.very_hidden()
    text = canvas.book.add_format({"num_format": "@"})
    drawn.set_column(0, 1, 40, text)


def _finish(path: Path) -> None:
    """Make the package a macro-enabled workbook with a ribbon, with nothing in it that depends on the clock."""
    with ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(PLAIN_WORKBOOK, MACRO_WORKBOOK)
    parts["_rels/.rels"] = parts["_rels/.rels"].replace(b"</Relationships>", RIBBON_RELATION)
    parts[RIBBON_PART] = RIBBON.read_bytes()
    with path.open("wb") as file:
        with ZipFile(file, "w", ZIP_DEFLATED, compresslevel=6) as package:
            for name, content in parts.items():
                part = ZipInfo(name, ZIP_TIME)
                part.compress_type = ZIP_DEFLATED
                package.writestr(part, content, compresslevel=6)
        file.flush()
        os.fsync(file.fileno())
