"""An accountant's whole day on the open workbook, with a picture of each step: ``python -m docs.day``.

The buttons are those of the ribbon, the marking is the workbook's own macro; LibreOffice stands in for Excel.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import xlwings

from addin import ribbon
from addin.profile import load
from addin.usecases.demo import COMPANY, SETTINGS
from addin.usecases.init import init
from connectors.records import Customer
from connectors.sources.files.sample import write_sample
from docs.render import render
from workbook import libreoffice
from workbook.book import Grid
from workbook.file.file_book import FileBook
from workbook.layout import ACCOUNT_MAP, ACCOUNTS, INVOICES, LANGUAGES, Language, Table, is_default
from workbook.libreoffice.office import Uno
from workbook.live.live_book import LiveBook
from workbook.review import text_of

PICTURES = Path(__file__).parent / "pictures" / "day"
MAPPED_TO = "4100"
SMALL = 12
"""Dollars: what is less than this the accountant of the story leaves out."""

Picture = Callable[[str, str], None]
"""Called after each step with its name and the key of the sheet to look at."""


def day(book: LiveBook, picture: Picture) -> None:
    """Connect, pull, filter, mark, link, map, check, sync, compare: as a person would, button by button."""
    ribbon.connect()
    picture("connect", "dashboard")
    ribbon.pull()
    picture("pull", "invoices")
    filter_small(book)
    picture("filter", "invoices")
    mark_visible(book)
    show_all(book)
    ribbon.suggest_matches()
    picture("suggest", "accounts")
    link_first(book)
    picture("link", "accounts")
    map_unmapped(book)
    picture("map", "mapping")
    ribbon.check()
    picture("check", "dashboard")
    ribbon.preview()
    ribbon.sync()
    picture("sync", "invoices")
    ribbon.reconcile()
    picture("reconcile", "reconciliation")
    picture("end", "dashboard")


def filter_small(book: LiveBook) -> None:
    """Filter the smallest documents, as the arrow on the header does."""
    grid = book.read(INVOICES)
    sheet = book.book.sheets[grid.sheet].api
    cells = sheet.getCellRangeByName(_whole(grid, 4))
    office = book.book.app.impl.office
    condition = office.struct("com.sun.star.sheet.TableFilterField")
    condition.Field = list(grid.letters).index("total")
    condition.IsNumeric, condition.NumericValue = True, SMALL
    condition.Operator = office.uno.Enum("com.sun.star.sheet.FilterOperator", "LESS")
    _filter(sheet, cells, (condition,))


def show_all(book: LiveBook) -> None:
    """Take the filter off."""
    grid = book.read(INVOICES)
    sheet = book.book.sheets[grid.sheet].api
    _filter(sheet, sheet.getCellRangeByName(_whole(grid, 4)), ())


def _whole(grid: Grid, first: int) -> str:
    """The cells of a table from a row on, over its whole width."""
    letters = list(grid.letters.values())
    return f"{letters[0]}{first}:{letters[-1]}{grid.rows[-1].number}"


def _filter(sheet: Uno, cells: Uno, conditions: tuple[Uno, ...]) -> None:
    descriptor = cells.createFilterDescriptor(True)
    descriptor.ContainsHeader = True
    descriptor.setFilterFields(conditions)
    cells.filter(descriptor)


def mark_visible(book: LiveBook) -> str:
    """Select all rows and mark them Do Not Sync, by the workbook's own macro; what it says."""
    grid = book.read(INVOICES)
    select(book, INVOICES, _whole(grid, 5))
    return str(book.book.macro("PasserelleMarking.MarkSelection")("do_not_sync"))


def link_first(book: LiveBook) -> None:
    """Select the first account with a suggestion and press Link."""
    rows = [row.number for row in book.read(ACCOUNTS).rows if text_of(row.values.get("suggested"))]
    select(book, ACCOUNTS, f"C{rows[0]}")
    ribbon.link()


def map_unmapped(book: LiveBook) -> None:
    """Type the ledger's code beside the first account of the source that has none."""
    rows = book.read(ACCOUNT_MAP).rows
    unmapped = [
        code for row in rows
        if not is_default(ACCOUNT_MAP, code := text_of(row.values["code"])) and not text_of(row.values["ledger_code"])
    ]  # fmt: skip
    book.write(ACCOUNT_MAP, {(unmapped[0],): {"ledger_code": MAPPED_TO}})


def select(book: LiveBook, table: Table, cells: str) -> None:
    """Select cells on a table's sheet, as with the mouse."""
    sheet = book.book.sheets[book.read(table).sheet]
    sheet.activate()
    sheet.range(cells).select()


def know_a_customer(book: Path, name: str) -> None:
    """Let the ledger know a customer beforehand, as one that was booked by hand."""
    with book.open("a", encoding="utf-8") as ledger:
        ledger.write(f'\n2020-01-01 open Assets:AccountsReceivable:C500\n  name: "{name}"\n')


def main() -> None:
    """Make the pictures of both languages."""
    app = libreoffice.start()
    try:
        for language in LANGUAGES:
            with tempfile.TemporaryDirectory() as scratch:
                _pictures(app, Path(scratch), language)
    finally:
        app.quit()


def _pictures(app: xlwings.App, scratch: Path, language: Language) -> None:
    os.environ["PASSERELLE_HOME"] = str(scratch / "home")
    folder, pictures = scratch / "company", PICTURES / language
    write_sample(folder)
    init(folder, COMPANY, "files", "beancount", SETTINGS, FileBook, language)
    profile = load(COMPANY)
    with profile.open_source() as source:
        names = [r.name for r in source.pull().records if isinstance(r, Customer) and not r.sync_reference]
    know_a_customer(folder / "book.beancount", names[0].upper())
    opened = app.books.open(str(profile.workbook))
    opened.set_mock_caller()
    book, taken = LiveBook(opened), []

    def picture(step: str, sheet: str) -> None:
        taken.append(step)
        book.save()
        copy = Path(shutil.copy(profile.workbook, scratch / f"{step}.xlsm"))
        found = next(p for p in render(copy, scratch / step, language) if p.stem.endswith(f"-{sheet}"))
        pictures.mkdir(parents=True, exist_ok=True)
        shutil.move(found, pictures / f"{len(taken):02}-{step}.png")
        sys.stdout.write(f"{language} {step}: {app.impl.said[-1]}\n")

    day(book, picture)
    opened.close()


if __name__ == "__main__":
    main()
