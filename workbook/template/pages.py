"""A workbook to read and keep: pages of rows under their captions, drawn as the sheets of the product are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from workbook.layout import Caption, Column, Language
from workbook.template.sheets import set_up_print
from workbook.template.styles import FONT, Styles

TOP = 3
"""The row (0-based) of the headers, below a page's title and what it says."""

Cells = Mapping[str, str | Decimal | date | int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One sheet: its name and title, a sentence of what it holds, its columns and rows; ``wide`` pages it prints on."""

    caption: Caption
    hint: str
    columns: tuple[Column, ...]
    rows: Sequence[Cells]
    wide: int = 1


def drawn(title: str, pages: Sequence[Page], language: Language) -> bytes:
    """The workbook's bytes; what comes from others is written as text, never as a formula or an address."""
    kept = BytesIO()
    font = {"font_name": FONT, "font_size": 10}
    options = {"default_format_properties": font, "in_memory": True, "strings_to_formulas": False,
               "strings_to_urls": False, "strings_to_numbers": False}  # fmt: skip
    book = Workbook(kept, options)
    book.set_properties({"title": title})
    styles = Styles(book)
    for page in pages:
        _draw(book, styles, title, page, language)
    book.close()
    return kept.getvalue()


def _draw(book: Workbook, styles: Styles, title: str, page: Page, language: Language) -> None:
    sheet = book.add_worksheet(page.caption.of(language))
    sheet.hide_gridlines(2)
    sheet.set_row(0, 30)
    sheet.write_string(0, 0, f"{title} · {page.caption.of(language)}", styles["title"])
    sheet.write_string(1, 0, page.hint, styles["hint"])
    sheet.set_row(TOP, 32)
    for place, column in enumerate(page.columns):
        sheet.set_column(place, place, column.width)
        sheet.write_string(TOP, place, column.caption.of(language), styles.header(column, filtered=True))
        for row, cells in enumerate(page.rows, TOP + 1):
            _put(sheet, row, place, cells.get(column.key), styles, column)
    if page.rows:
        sheet.autofilter(TOP, 0, TOP + len(page.rows), len(page.columns) - 1)
    sheet.freeze_panes(TOP + 1, 0)
    sheet.repeat_rows(0, TOP)
    set_up_print(sheet, page.wide)


def _put(sheet: Worksheet, row: int, place: int, value: str | Decimal | date | int | None, styles: Styles,
         column: Column) -> None:  # fmt: skip
    look = styles.cell(column)
    match value:
        case Decimal() | int():
            sheet.write_number(row, place, value, look)
        case date():
            sheet.write_datetime(row, place, value, look)
        case str() if value:
            sheet.write_string(row, place, value, look)
        case _:
            sheet.write_blank(row, place, None, look)
