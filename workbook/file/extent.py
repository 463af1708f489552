"""How far a table reaches: more or fewer data rows, and everything on its sheet and in its part that goes along."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from workbook.addresses import LAST_ROW, Area, areas, letters
from workbook.cells import EMPTY, Content, formula_content
from workbook.file.outline import Standing, TableColumn
from workbook.file.row import Cell, joined
from workbook.file.sheet import Sheet
from workbook.formulas import moved
from workbook.markup import Element, elements, spliced, with_attribute

_FOLLOWING = frozenset(
    f"worksheet/{path}"
    for path in (
        "conditionalFormatting",
        "dataValidations/dataValidation",
        "ignoredErrors/ignoredError",
        "protectedRanges/protectedRange",
        "extLst/ext/conditionalFormattings/conditionalFormatting/sqref",
        "extLst/ext/dataValidations/dataValidation/sqref",
    )
)
"""What a person lays over a column and expects to reach down to its last row."""

_TAG = re.compile(rb"<[^>]*>")


def obstacle(sheet: Sheet, standing: Standing, others: list[Area], bottom: int) -> str | None:
    """The cell below a table that is in the way of a new last data row, if any; formats alone are not in the way."""
    area = standing.area
    below = replace(area, top=area.bottom + 1, bottom=bottom + standing.totals)
    if below.bottom > LAST_ROW:
        return f"{letters(area.left)}{LAST_ROW}"
    merged = (part for part in elements(sheet.frame) if part.path == "worksheet/mergeCells/mergeCell")
    for other in (*others, *(Area.of(part.attributes.get("ref", "")) for part in merged)):
        if other.meets(below):
            return f"{letters(other.left)}{other.top}"
    for number in range(below.top, below.bottom + 1):
        for cell in sheet.row(number).cells if number in sheet.rows else ():
            if cell.inner and area.left <= cell.column <= area.right:
                return f"{letters(cell.column)}{number}"
    return None


def resized(standing: Standing, bottom: int) -> Standing:
    """The table with another last data row."""
    return replace(standing, area=standing.area.to(bottom + standing.totals))


def resized_part(body: bytes, standing: Standing, bottom: int) -> bytes:
    """The table's own part with another last data row: its range, its filter and its sorting."""
    root, *rest = elements(body)
    old = standing.data.bottom
    edits = [_attribute(body, root, "ref", str(resized(standing, bottom).area))]
    for part in rest:
        if "ref" in part.attributes:
            area = Area.of(part.attributes["ref"])
            if area.bottom == old:
                edits.append(_attribute(body, part, "ref", str(area.to(bottom))))
    return spliced(body, edits)


def _attribute(body: bytes, part: Element, name: str, value: str) -> tuple[int, int, bytes]:
    return part.start, part.inner, with_attribute(body[part.start : part.inner], name, value)


def move_totals(sheet: Sheet, standing: Standing, bottom: int) -> None:
    """Take the totals row of a table along to below a new last data row.

    A formula elsewhere follows it if it names the table (``tblInvoices[[#Totals],[Total]]``, what Excel writes when
    a person points at the cell); one typed with the cell's address does not.
    """
    if not standing.totals:
        return
    left, right, old, new = standing.area.left, standing.area.right, standing.area.bottom, bottom + standing.totals
    source, target = sheet.row(old), sheet.row(new)
    inside = [cell for cell in source.cells if left <= cell.column <= right]
    sheet.lost_formula = sheet.lost_formula or any(sheet.computed(cell.inner) for cell in inside)
    going = [_renumbered(cell, old, new) for cell in inside]
    sheet.rows[old] = joined(source, [cell for cell in source.cells if cell not in inside])
    staying = [cell for cell in target.cells if not left <= cell.column <= right]
    sheet.rows[new] = joined(target, sorted([*staying, *going], key=lambda cell: cell.column))


def _renumbered(cell: Cell, old: int, new: int) -> Cell:
    """A cell in another row; the range of a shared or array formula goes along."""

    def renumber(tag: re.Match[bytes]) -> bytes:
        return re.sub(rb"(?<=[A-Z])%d(?=[:\"'])" % old, b"%d" % new, tag[0])

    return cell._replace(tag=_TAG.sub(renumber, cell.tag), rest=_TAG.sub(renumber, cell.rest))


def stretch(sheet: Sheet, standing: Standing, bottom: int) -> None:
    """Let the sheet's used range, and what is laid over the table's columns, reach a new last data row."""
    frame = sheet.frame
    edits = []
    for part in elements(frame):
        if part.path == "worksheet/dimension":
            used = areas(part.attributes.get("ref", ""))
            edits += [
                _attribute(frame, part, "ref", str(_union(area, resized(standing, bottom).area))) for area in used
            ]
        elif part.path in _FOLLOWING and part.path.endswith("/sqref"):
            stretched = _stretched(frame[part.inner : part.close].decode(), standing.data, bottom)
            edits.append((part.inner, part.close, stretched.encode()))
        elif part.path in _FOLLOWING and "sqref" in part.attributes:
            stretched = _stretched(part.attributes["sqref"], standing.data, bottom)
            if stretched != part.attributes["sqref"]:
                edits.append(_attribute(frame, part, "sqref", stretched))
    sheet.frame = spliced(frame, edits)


def _union(one: Area, other: Area) -> Area:
    return Area(
        min(one.top, other.top),
        min(one.left, other.left),
        max(one.bottom, other.bottom),
        max(one.right, other.right),
    )


def _stretched(references: str, data: Area, bottom: int) -> str:
    """A list of ranges in which those that cover a column of the data to its last row reach the new one.

    A single cell at the end of a table of several rows was singled out by a person, and stays single.
    """
    answer = []
    for reference in references.split():
        for area in areas(reference):
            inside = data.left <= area.left and area.right <= data.right and area.top <= data.bottom
            whole = area.top < area.bottom or data.top == data.bottom
            if inside and whole and data.bottom <= area.bottom < bottom:
                reference = str(area.to(bottom))
        answer.append(reference)
    return " ".join(answer)


def new_row_styles(sheet: Sheet, standing: Standing) -> dict[int, bytes]:
    """The format of each column's new cells: that of the last data row's cell, else the sheet column's."""
    above = {cell.column: cell.style for cell in sheet.row(standing.data.bottom).cells}
    below = sheet.column_styles(range(standing.area.left, standing.area.right + 1))
    return {column: above.get(column, b"") or style for column, style in below.items()}


def column_formulas(sheet: Sheet, standing: Standing) -> dict[int, tuple[str, int, bool]]:
    """Calculated columns: sheet column → formula, the row it is written for (0 for any), whether it is an array's."""
    return {
        number: _formula(sheet, standing, column, number)
        for number, column in enumerate(standing.columns, standing.area.left)
        if column.formula
    }


def _formula(sheet: Sheet, standing: Standing, column: TableColumn, number: int) -> tuple[str, int, bool]:
    if moved(column.formula, 1) == column.formula:
        return column.formula, 0, column.array
    for row in range(standing.data.bottom, standing.data.top - 1, -1):
        for cell in sheet.row(row).cells:
            formula = sheet.formula(cell) if cell.column == number else None
            if formula:
                return formula, row, column.array
    return column.formula, standing.data.top, column.array


def calculated(formulas: dict[int, tuple[str, int, bool]], row: int, prefix: bytes) -> dict[int, Content]:
    """The contents of a new row's calculated cells, to be computed when the workbook is opened."""
    contents = {}
    for column, (formula, written_for, array) in formulas.items():
        text = moved(formula, row - written_for) if written_for else formula
        contents[column] = formula_content(text, prefix, array=f"{letters(column)}{row}" if array else "")
    return contents


def empty(sheet: Sheet, standing: Standing, rows: range) -> None:
    """Clear the cells of a table in some rows; their formats stay."""
    nothing = dict.fromkeys(range(standing.area.left, standing.area.right + 1), EMPTY)
    for number in rows:
        if number in sheet.rows:
            sheet.put(number, nothing)


def last_filled(sheet: Sheet, standing: Standing, ours: Collection[int], *, theirs_alone: bool = False) -> int:
    """The last data row that holds anything, or the row above the data; ``ours`` are the layout's columns.

    A formula in a column that a person added is there in empty rows too, and does not count.
    """
    data = standing.data
    columns = range(data.left, data.right + 1)
    counted = [column for column in columns if column not in ours or not theirs_alone]
    for number in range(data.bottom, data.top - 1, -1):
        for cell in sheet.row(number).cells if counted and number in sheet.rows else ():
            if cell.inner and cell.column in counted and (cell.column in ours or not sheet.computed(cell.inner)):
                return number
    return data.top - 1
