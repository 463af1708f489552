"""Draws one sheet of the layout: its titles, tables, drop-downs, colours, protection and print set-up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_cell_to_rowcol, xl_col_to_name, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from connectors.records import SyncStatus
from workbook.captions import CHOOSE, CONNECTED, NOT_CONNECTED, NOT_IN_LEDGER, READ_ONLY
from workbook.layout import (
    AS_OF,
    COUNTS,
    OVERVIEW,
    PERIOD,
    RECONCILIATION,
    SETUP,
    SHEETS,
    STATUSES,
    Caption,
    Column,
    Language,
    Sheet,
    Table,
    Type,
    sheet_of,
)
from workbook.template.styles import BAD, BAND, ERROR_ROW, GOOD, INPUT, INPUT_BAND, STATUS_COLOURS, TOTAL_ROW, Styles

LAST_ROW = 100_000
"""Drop-downs and colours reach this far, so that rows added later have them."""

ALLOWED = {
    "objects": True,
    "scenarios": True,
    "format_cells": True,
    "format_columns": True,
    "format_rows": True,
    "insert_columns": True,
    "insert_hyperlinks": True,
    "sort": True,
    "autofilter": True,
    "pivot_tables": True,
}
"""What a person may do on a protected sheet; Excel itself still refuses to sort a range that holds locked cells."""

FORMS = (OVERVIEW, COUNTS, AS_OF, PERIOD, SETUP)
"""Tables of a few fixed rows, which nobody filters."""

LETTER = 1
SECRET = ".secret"  # noqa: S105 - the end of a name
"""How the name of a question ends that asks for a secret, which stands in no cell."""


@dataclass(frozen=True, slots=True)
class Canvas:
    """The workbook being drawn, its formats, its language, and by table the rows that a new workbook starts with."""

    book: Workbook
    styles: Styles
    language: Language
    rows: Mapping[str, Sequence[Mapping[str, str | int]]]

    def say(self, sheet: Worksheet, cell: str, caption: Caption, look: str) -> None:
        """Write a text that follows the workbook's language by itself."""
        sheet.write_formula(cell, bilingual(caption), self.styles[look], caption.of(self.language))


def bilingual(caption: Caption) -> str:
    """A formula that shows a caption in the workbook's language."""
    return f"=IF(in_french,{_literal(caption.fr)},{_literal(caption.en)})"


def _literal(text: str) -> str:
    # a text in a formula holds at most 255 characters
    parts = [text[start : start + 200].replace('"', '""') for start in range(0, len(text), 200)]
    return "&".join(f'"{part}"' for part in parts) or '""'


def sheet_name(sheet: Sheet, language: Language) -> str:
    """A sheet's name as formulas write it."""
    return f"'{sheet.caption.of(language)}'"


def where(table: Table, key: str) -> tuple[int, int]:
    """Row and column (0-based) of a column's header."""
    row, first = xl_cell_to_rowcol(table.anchor)
    return row, first + [column.key for column in table.columns].index(key)


def address(table: Table, key: str, language: Language) -> str:
    """The absolute address of a column's header, with its sheet."""
    return f"{sheet_name(sheet_of(table), language)}!{xl_rowcol_to_cell(*where(table, key), True, True)}"


def draw_sheet(canvas: Canvas, sheet: Sheet) -> Worksheet:
    """Add a sheet with its titles and tables; a table without rows has a blank one, because Excel wants one."""
    drawn = canvas.book.add_worksheet(sheet.caption.of(canvas.language))
    drawn.set_vba_name(f"sheet_{sheet.key}")
    drawn.hide_gridlines(2)
    _titles(canvas, drawn, sheet)
    for table in sheet.tables:
        draw_table(canvas, drawn, table)
    if sheet.hidden:
        drawn.very_hidden()
        return drawn
    top = max(xl_cell_to_rowcol(sheet.tables[0].anchor)[0] + 1, 1)
    drawn.freeze_panes(top, sheet.frozen)
    if not sheet.guarded:
        drawn.protect("", ALLOWED)
    drawn.outline_settings(symbols_right=False)
    set_up_print(drawn, sheet.pages)
    drawn.repeat_rows(0, top - 1)
    if sheet.frozen and sheet.pages > 1:
        drawn.repeat_columns(0, sheet.frozen - 1)
    return drawn


def set_up_print(drawn: Worksheet, pages: int) -> None:
    """Landscape Letter, so many pages wide, with the sheet and the page at the foot."""
    drawn.set_landscape()
    drawn.set_paper(LETTER)
    drawn.fit_to_pages(pages, 0)
    drawn.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    drawn.set_footer("&L&8Passerelle · &A&R&8&P / &N")


def _titles(canvas: Canvas, drawn: Worksheet, sheet: Sheet) -> None:
    drawn.set_row(0, 30)
    drawn.set_row(1, 18)
    drawn.set_row(2, 22 if len(sheet.tables) > 1 else 6)
    for table in sheet.tables:
        row, first = xl_cell_to_rowcol(table.anchor)
        for offset, column in enumerate(table.columns):
            if column.editable:  # or the titles' row would be unlocked with the column below
                for above in range(row):
                    drawn.write_blank(above, first + offset, None, canvas.styles["blank"])
    if not sheet.hidden:
        canvas.say(drawn, "A1", sheet.caption, "title")
        canvas.say(drawn, "A2", sheet.hint, "hint")


def draw_table(canvas: Canvas, drawn: Worksheet, table: Table) -> None:
    """An Excel table at its anchor: header, first rows, and what applies to every row to come."""
    rows: Sequence[Mapping[str, str | int]] = canvas.rows.get(table.name, ({},))
    filtered = table not in FORMS
    row, first = xl_cell_to_rowcol(table.anchor)
    styles, language = canvas.styles, canvas.language
    drawn.set_row(row, 32)
    if sheet_of(table).tables[1:] and not sheet_of(table).hidden:
        canvas.say(drawn, xl_rowcol_to_cell(row - 1, first), table.caption, "caption")
    drawn.add_table(
        row,
        first,
        row + len(rows),
        first + len(table.columns) - 1,
        {
            "name": table.name,
            "style": "Table Style Light 1",
            "banded_rows": False,
            "autofilter": filtered,
            "columns": [
                {"header": c.caption.of(language), "header_format": styles.header(c, filtered=filtered)}
                for c in table.columns
            ],
        },
    )
    _cells(canvas, drawn, table, rows)
    _colours(canvas, drawn, table)


def _cells(canvas: Canvas, drawn: Worksheet, table: Table, rows: Sequence[Mapping[str, str | int]]) -> None:
    row, first = xl_cell_to_rowcol(table.anchor)
    widths = _widths(sheet_of(table))
    for place, column in enumerate(table.columns, first):
        cell = canvas.styles.cell(column)
        for below, values in enumerate(rows, row + 1):
            _put(drawn, below, place, values.get(column.key, ""), cell)
        drawn.set_column(place, place, widths[place], _to_come(sheet_of(table), cell), _fold(table, place - first))
        if sheet_of(table).guarded and not column.editable:
            _guard(drawn, (row + 1, place, last_row(table), place))
        if column.choices and column.editable:
            offered = _offered(table, column, canvas.language) or f"list_{column.choices.replace('.', '_')}"
            _drop_down(drawn, column, f"={offered}", (row + 1, place, last_row(table), place))


def _fold(table: Table, place: int) -> dict[str, object]:
    """How a column stands in the outline: in the closed group, left of it with the sign that opens it, or in none."""
    columns = table.columns
    if columns[place].folded:
        return {"level": 1, "hidden": True}
    return {"collapsed": True} if columns[place + 1 :] and columns[place + 1].folded else {}


def _guard(drawn: Worksheet, cells: tuple[int, int, int, int]) -> None:
    """Refuse what is typed; a formula that is never true lets nothing in, and sorting and filtering are no typing."""
    drawn.data_validation(
        *cells,
        {
            "validate": "custom",
            "value": "=FALSE",
            "ignore_blank": False,
            "error_type": "stop",
            "error_title": "Passerelle",
            "error_message": f"{READ_ONLY.en} / {READ_ONLY.fr}",
        },
    )


def _put(drawn: Worksheet, row: int, place: int, value: str | int, cell: Format) -> None:
    if isinstance(value, int):
        drawn.write_number(row, place, value, cell)
    elif value:
        drawn.write_string(row, place, value, cell)  # a text that begins with = stays a text
    else:
        drawn.write_blank(row, place, None, cell)


def _widths(sheet: Sheet) -> dict[int, int]:
    """The width of every column of a sheet; of tables above each other the wider column counts."""
    widths: dict[int, int] = {}
    for table in sheet.tables:
        for place, column in enumerate(table.columns, xl_cell_to_rowcol(table.anchor)[1]):
            widths[place] = max(column.width, widths.get(place, 0))
    return widths


def _to_come(sheet: Sheet, cell: Format) -> Format | None:
    """The format of a whole column, for rows to come; none where tables stand above each other."""
    stacked = len({xl_cell_to_rowcol(table.anchor)[0] for table in sheet.tables}) > 1
    return None if stacked else cell


def _offered(table: Table, column: Column, language: Language) -> str:
    """A formula for what the table of a drop-down has in the row of the same key; none where it offers a whole column.

    Where no row has that key it is the empty cells above the header: nothing is offered.
    """
    of = next((other for sheet in SHEETS for other in sheet.tables if other.name == column.choices), None)
    if of is None:
        return ""
    head = address(of, of.columns[0].key, language)
    row, place = where(of, of.columns[0].key)
    letter = xl_col_to_name(place)
    keys = f"{head.split('!')[0]}!${letter}${row + 2}:${letter}${LAST_ROW}"
    found = f"IFERROR(MATCH({_cell(table, of.columns[0].key)},{keys},0),-1)"
    return f"OFFSET({head},{found},1,1,{len(of.columns) - 1})"


def _drop_down(drawn: Worksheet, column: Column, source: str, cells: tuple[int, int, int, int]) -> None:
    own = column.type is Type.CHOICE
    caption = CHOOSE if own else NOT_IN_LEDGER
    drawn.data_validation(
        *cells,
        {
            "validate": "list",
            "source": source,
            "show_error": own or "." in column.choices,
            "error_type": "stop" if own else "warning",
            "error_title": "Passerelle",
            "error_message": f"{caption.en} / {caption.fr}",
        },
    )


Rule = tuple[dict[str, object], dict[str, object]]
"""When a cell is coloured, in XlsxWriter's words, and how."""


def _colours(canvas: Canvas, drawn: Worksheet, table: Table) -> None:
    """Colours of the rows to come; ranges never overlap, because LibreOffice lets only one range colour a cell."""
    first = xl_cell_to_rowcol(table.anchor)[1]
    for rules, run in groupby(enumerate(table.columns), lambda place: _rules(table, place[1])):
        places = [first + offset for offset, _ in run]
        for when, look in rules:
            row = xl_cell_to_rowcol(table.anchor)[0] + 1
            rule = {**when, "format": canvas.styles.when(look)}
            drawn.conditional_format(row, places[0], last_row(table), places[-1], rule)


def _rules(table: Table, column: Column) -> list[Rule]:
    """What colours a column, the strongest first: its status, a tint of the row in error, every other record.

    Records are told apart by bands, not by lines: saving, LibreOffice forgets the colour of a conditional line.
    """
    rules: list[Rule] = []
    if column.key == "status":
        rules += [
            (_holds(text), {"bg_color": back, "font_color": ink})
            for code, (back, ink) in STATUS_COLOURS.items()
            for text in STATUSES[code]
        ]
    if table is OVERVIEW and column.key == "value":
        rules += [
            (_so(_begins(_cell(table, "value"), caption)), {"bg_color": back, "font_color": ink, "bold": True})
            for caption, (back, ink) in ((NOT_CONNECTED, BAD), (CONNECTED, GOOD))
        ]
    if table is RECONCILIATION:
        # One rule for every column: beside a range of its own LibreOffice draws the next columns without their indent.
        differs = f"AND(COLUMN()={where(table, 'difference')[1] + 1},{_cell(table, 'difference')}<>0)"
        total = f'AND({_cell(table, "key")}="",{_cell(table, "account")}<>"")'
        rules.append((_so(differs), {"bold": True, "font_color": BAD[1], "bg_color": BAD[0]}))
        rules.append((_so(total), {"bold": True, "bg_color": TOTAL_ROW}))
    if "status" in table:
        in_error = _shows(_cell(table, "status"), STATUSES[SyncStatus.ERROR])
        rules.append((_so(in_error), {"bg_color": ERROR_ROW}))
    filled = f'{_cell(table, table.columns[0].key)}&{_cell(table, table.columns[1].key)}<>""'
    if table is SETUP and column.editable:  # what is said of a secret is no place to type
        filled = f'AND({filled},RIGHT({_cell(table, "key")},{len(SECRET)})<>"{SECRET}")'
    rules.append((_so(f"AND({filled},MOD(ROW(),2)=0)"), {"bg_color": INPUT_BAND if column.editable else BAND}))
    return [*rules, (_so(filled), {"bg_color": INPUT})] if column.editable else rules


def _holds(text: str) -> dict[str, object]:
    # A formula would do as well; LibreOffice then looks at it again for each of the cells that a mark changes.
    return {"type": "cell", "criteria": "==", "value": f'"{text}"'}


def _so(formula: str) -> dict[str, object]:
    return {"type": "formula", "criteria": f"={formula}"}


def _cell(table: Table, key: str) -> str:
    row, place = where(table, key)
    return f"${xl_col_to_name(place)}{row + 2}"


def _shows(cell: str, caption: Caption) -> str:
    return "OR(" + ",".join(f'{cell}="{text}"' for text in caption) + ")"


def _begins(cell: str, caption: Caption) -> str:
    return "OR(" + ",".join(f'LEFT({cell},{len(text)})="{text}"' for text in caption) + ")"


def last_row(table: Table) -> int:
    """The last row (0-based) that a table may grow to: far down, or two rows above the table that stands below it."""
    row = xl_cell_to_rowcol(table.anchor)[0]
    below = [xl_cell_to_rowcol(other.anchor)[0] for other in sheet_of(table).tables]
    return min((other - 3 for other in below if other > row), default=LAST_ROW - 1)
