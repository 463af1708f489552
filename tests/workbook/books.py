"""Workbooks drawn for tests, and the two ways in which the product opens one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import xlsxwriter

from workbook import layout
from workbook.book import Book, Value
from workbook.file.file_book import FileBook
from workbook.layout import IDENTITY, Table, Type
from workbook.live.live_book import LiveBook
from workbook.row_keys import row_key

PAYMENTS = replace(
    layout.PAYMENTS,
    columns=tuple(
        map(
            layout.PAYMENTS.column,
            ("key", "date", "account", "invoice", "method", "number", "currency", "rate", "amount", "direction",
             "deposit_account", "status", "reference", "reason", "fix", "changed"),
        )
    ),
    keys=("key",),
)  # fmt: skip
"""A table of every type of column, whose rows one cell names, in an order of its own: columns are found by their
captions."""

Opening = Callable[[Path], AbstractContextManager[Book]]

FORMATS = {Type.AMOUNT: "#,##0.00", Type.DATE: "yyyy-mm-dd"}


def draw(
    path: Path,
    rows: Sequence[dict[str, object]] = ({},),
    *,
    table: Table = PAYMENTS,
    headers: Sequence[str] = (),
    language: str = "en",
    protect: dict[str, bool] | None = None,
    password: str = "",
    hidden_rows: Sequence[int] = (),
    below: str = "",
    totals: bool = False,
    beside: Mapping[str, str] = MappingProxyType({}),
) -> Path:
    """A workbook with one table whose header is in row 4, and the hidden identity; ``rows`` are by header.

    ``beside`` are texts in cells that are none of the table's, by their addresses.
    """
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Review")
        captions = headers or [column.caption.of(language) for column in table.columns]
        types = {c.caption.of(lang): c.type for c in table.columns for lang in ("en", "fr")}
        columns = [{"header": c, "total_function": "sum" if c == "Amount" and totals else None} for c in captions]
        bottom = 3 + len(rows) + totals
        sheet.add_table(3, 0, bottom, len(captions) - 1, {"name": table.name, "columns": columns, "total_row": totals})
        for place, caption in enumerate(captions):
            form = book.add_format({"num_format": FORMATS.get(types.get(caption, Type.TEXT), "@"), "locked": False})
            for at, row in enumerate(rows, 4):
                put(sheet, at, place, row.get(caption), form)
        for number in hidden_rows:
            sheet.set_row(number - 1, None, None, {"hidden": True})
        if below:
            sheet.write_string(4 + len(rows), 0, below)
        for cell, text in beside.items():
            sheet.write_string(cell, text)
        if protect is not None:
            sheet.protect(password, protect)
        hidden = book.add_worksheet("_hidden")
        hidden.add_table(
            "A4:B6", {"name": IDENTITY.name, "columns": [{"header": c.caption.en} for c in IDENTITY.columns]}
        )
        hidden.write_column("A5", ["schema", "stop"])
        hidden.very_hidden()
    return path


def write_at(book: Book, table: Table, cells: Mapping[int, Mapping[str, Value]]) -> None:
    """Write to the rows that now have these numbers; each has a key of its own."""
    rows = {row.number: row.values for row in book.read(table).rows}
    changes = {row_key(table, rows[number]): changed for number, changed in cells.items()}
    assert book.write(table, changes) == frozenset()
    assert len(changes) == len(cells)


def put(sheet: xlsxwriter.worksheet.Worksheet, row: int, column: int, value: object, form: object) -> None:
    """A cell of the type of its value; a text that begins with ``=`` is a formula."""
    if isinstance(value, str) and value.startswith("="):
        sheet.write_formula(row, column, value, form, "#DIV/0!" if "/0" in value else "0")
    elif isinstance(value, str):
        sheet.write_string(row, column, value, form)
    else:
        sheet.write(row, column, value, form)


@contextmanager
def live(app, path: Path, **options):
    """A workbook open in a running application, closed without saving in the end."""
    book = app.books.open(path)
    try:
        yield LiveBook(book, **options)
    finally:
        book.close()


@contextmanager
def file(path: Path):
    """A workbook as a closed file."""
    yield FileBook(path)
