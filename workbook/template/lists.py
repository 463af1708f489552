"""What the drop-downs offer: the workbook's own choices and the ledger's lists, each behind a name ``list_…``."""

from __future__ import annotations

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from workbook.layout import CHOICES, SHEETS
from workbook.template.sheets import LAST_ROW, Canvas, address, where


def draw_lists(canvas: Canvas) -> Worksheet:
    """The very hidden sheet of the workbook's own drop-downs, each a name ``list_…``, in its language at any time."""
    drawn = canvas.book.add_worksheet("_lists")
    drawn.set_vba_name("sheet_lists")
    drawn.very_hidden()
    for place, (name, choices) in enumerate(CHOICES.items()):
        letter = xl_col_to_name(place)
        drawn.write_string(0, place, name)
        for row, caption in enumerate(choices.values(), 2):
            canvas.say(drawn, f"{letter}{row}", caption, "blank")
        canvas.book.define_name(f"list_{name}", f"=_lists!${letter}$2:${letter}${len(choices) + 1}")
    return drawn


def name_ledger_lists(canvas: Canvas) -> None:
    """A name ``list_tbl…`` for every ledger column that a drop-down shows, as long as the list is at the time."""
    shown = {c.choices for sheet in SHEETS for table in sheet.tables for c in table.columns if "." in c.choices}
    tables = {table.name: table for sheet in SHEETS for table in sheet.tables}
    for choices in sorted(shown):
        name, key = choices.split(".")
        head = address(tables[name], key, canvas.language)
        row, place = where(tables[name], key)
        letter = xl_col_to_name(place)
        rows = f"{head.split('!')[0]}!${letter}${row + 2}:${letter}${LAST_ROW}"
        canvas.book.define_name(f"list_{name}_{key}", f"=OFFSET({head},1,0,MAX(1,COUNTA({rows})),1)")
