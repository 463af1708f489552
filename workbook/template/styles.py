"""How cells look: a restrained palette, a font every machine has, and one format per kind of cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.records import SyncStatus
from workbook.layout import Column, Type

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format

FONT = "Arial"
INK = "#1F2937"
MUTED = "#6B7280"
RULE = "#E5E7EB"
BRAND = "#1F4E5F"
BAND = "#F5F7F9"
INPUT, INPUT_BAND = "#FFF9DB", "#FFF5C6"
LINK = "#1D4ED8"
GOOD, BAD = ("#DCFCE7", "#166534"), ("#FEE2E2", "#991B1B")
ERROR_ROW = "#FEF5F5"
TOTAL_ROW = "#E3EBEF"

STATUS_COLOURS: dict[str, tuple[str, str]] = {
    SyncStatus.STAND_BY: ("#E5E7EB", "#374151"),
    SyncStatus.TO_TRANSFER: ("#DBEAFE", "#1E40AF"),
    SyncStatus.COMPLETED: GOOD,
    SyncStatus.ERROR: BAD,
    SyncStatus.DO_NOT_SYNC: ("#CBD5E1", "#1E293B"),
    SyncStatus.IN_REVIEW: ("#FEF3C7", "#92400E"),
}
"""Background and text of each status."""

CHART_COLOURS: dict[str, str] = {
    SyncStatus.STAND_BY: "#9CA3AF",
    SyncStatus.TO_TRANSFER: "#3B82F6",
    SyncStatus.COMPLETED: "#22A565",
    SyncStatus.ERROR: "#DC4C4C",
    SyncStatus.DO_NOT_SYNC: "#64748B",
    SyncStatus.IN_REVIEW: "#E5A50A",
}

NUMBER_FORMATS: dict[Type, str] = {
    Type.AMOUNT: "#,##0.00;[Red]-#,##0.00",
    Type.QUANTITY: "#,##0.00##",
    Type.COUNT: "#,##0",
    Type.RATE: "0.00####",
    Type.PERCENT: "0%",
    Type.DATE: "yyyy-mm-dd",
}
"""By column type; every other type is text, so that codes that look like numbers stay codes."""

NUMBERS = frozenset({Type.AMOUNT, Type.QUANTITY, Type.COUNT, Type.RATE, Type.PERCENT})

LOOKS: dict[str, dict[str, Any]] = {
    "title": {"font_size": 18, "bold": True, "font_color": BRAND, "valign": "vcenter"},
    "hint": {"font_color": MUTED, "valign": "vcenter"},
    "caption": {"font_size": 11, "bold": True, "font_color": BRAND, "valign": "bottom"},
    "header": {"bold": True, "font_color": "#FFFFFF", "bg_color": BRAND, "text_wrap": True, "valign": "vcenter"},
    "blank": {},
    "lead": {"font_size": 11, "text_wrap": True, "valign": "top"},
    "part": {"font_size": 13, "bold": True, "font_color": BRAND, "valign": "bottom", "bottom": 1, "bottom_color": RULE},
    "number": {"font_size": 11, "bold": True, "font_color": BRAND, "align": "center", "valign": "top"},
    "step": {"font_size": 11, "text_wrap": True, "valign": "top"},
}


class Styles:
    """The formats of one workbook, made as they are first asked for."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._made: dict[str, Format] = {}

    def __getitem__(self, look: str) -> Format:
        """A format of ``LOOKS``; raises ``KeyError``."""
        return self._make(look, LOOKS[look])

    def cell(self, column: Column) -> Format:
        """The format of a column's cells."""
        look: dict[str, Any] = {"num_format": NUMBER_FORMATS.get(column.type, "@"), "valign": "top"}
        if column.editable:
            look["locked"] = False
        if column.type in NUMBERS:
            look |= {"align": "right", "indent": 1}
        if column.type is Type.DATE:
            look["align"] = "left"
        if column.type is Type.LONG_TEXT:
            look["text_wrap"] = True
        if column.type is Type.LINK:
            look |= {"font_color": LINK, "underline": 1}
        return self._make(repr(look), look)

    def header(self, column: Column, *, filtered: bool) -> Format:
        """The format of a column's header; over numbers it leaves room for the filter's button."""
        right = {"align": "right", "indent": 2 if filtered else 1}
        look = LOOKS["header"] | (right if column.type in NUMBERS else {})
        return self._make(repr(look), look)

    def when(self, look: dict[str, object]) -> Format:
        """What a conditional format changes."""
        return self._book.add_format(look)

    def _make(self, name: str, look: dict[str, Any]) -> Format:
        if name not in self._made:
            self._made[name] = self._book.add_format({"font_name": FONT, "font_size": 10, "font_color": INK} | look)
        return self._made[name]
