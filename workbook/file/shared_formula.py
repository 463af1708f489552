"""A formula filled over a range stands in its first cell alone; when that cell changes, the next one takes it over."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from workbook.addresses import Area
from workbook.cells import escaped
from workbook.file.row import Cell, Grammar, Row, joined, parsed
from workbook.formulas import moved
from workbook.markup import plain, text_of

_SHARED = re.compile(rb"""\st\s*=\s*["']shared["']""")
_GROUP = re.compile(rb"""\ssi\s*=\s*["']([0-9]+)["']""")
_RANGE = re.compile(rb"""\sref\s*=\s*["']([A-Z0-9:]+)["']""")


def hand_on(rows: dict[int, bytes], number: int, leaving: Collection[int], words: Grammar) -> None:
    """Before cells of a row lose their content, pass the shared formulas they hold to the next cell of each range."""
    for cell in parsed(rows[number], words).cells:
        found = words.formula.search(plain(cell.inner))
        if cell.column not in leaving or not (found and found[2] and _SHARED.search(found[1])):
            continue
        group, extent = _GROUP.search(found[1]), _RANGE.search(found[1])
        if not group or not extent:
            continue
        area = Area.of(extent[1].decode())
        for heir_row, row, heir in _sharing(rows, group[1], area, number, words):
            if heir_row == number and heir.column in leaving:
                continue
            text = moved(text_of(found[2]), heir_row - number, heir.column - cell.column)
            rest = Area(heir_row, heir.column if heir_row == number else area.left, area.bottom, area.right)
            rows[heir_row] = _heading(row, heir, text, rest, group[1], words)
            break


def _sharing(
    rows: dict[int, bytes], group: bytes, area: Area, first: int, words: Grammar
) -> Iterator[tuple[int, Row, Cell]]:
    """The cells of a range that take their formula from its first cell, with their rows."""
    for number in range(first, area.bottom + 1):
        if b"shared" not in rows.get(number, b""):
            continue
        row = parsed(rows[number], words)
        for cell in row.cells:
            found = words.formula.search(plain(cell.inner))
            of = found and not found[2] and _GROUP.search(found[1])
            if of and of[1] == group:
                yield number, row, cell


def _heading(row: Row, heir: Cell, text: str, area: Area, group: bytes, words: Grammar) -> bytes:
    """The row in which the heir holds the formula for the rest of the range."""
    formula = b'<%bf t="shared" ref="%b" si="%b">%b</%bf>' % (
        words.prefix,
        str(area).encode(),
        group,
        escaped(text),
        words.prefix,
    )
    rest = words.formula.sub(lambda _: formula, heir.rest, count=1)
    return joined(row, [cell._replace(rest=rest) if cell is heir else cell for cell in row.cells])
