"""Formulas as the file holds them: hyperlinks we write, and a person's formulas carried to another cell."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from workbook.addresses import LAST_COLUMN, LAST_ROW, column_number, letters
from workbook.book import Link

SCHEMES = frozenset({"http", "https", "file", "mailto"})
LITERAL_LIMIT = 255
"""Characters of a text inside a formula (Microsoft, "Excel specifications and limits")."""

_SKIPPED = r"""(?P<skip>"(?:[^"]|"")*"|'(?:[^']|'')*'!?|\[(?:[^\[\]]|\[[^\[\]]*\])*\])"""
_CELL = re.compile(
    _SKIPPED + r"|(?<![\w.$!:])(?P<sheet>[\w.]+!)?(?P<first>\$?[A-Z]{1,3}\$?[1-9]\d{0,6})(?![\w.(!])"
    r"|(?<=:)(?P<last>\$?[A-Z]{1,3}\$?[1-9]\d{0,6})(?![\w.(!])"
    r"|(?<=!)(?P<far>\$?[A-Z]{1,3}\$?[1-9]\d{0,6})(?![\w.(!])"
)
_PARTS = re.compile(r"(\$?)([A-Z]{1,3})(\$?)(\d+)")
_OWN = re.compile(rb'HYPERLINK\((?:"[^"]*"|&quot;.*?&quot;)+,(?:"[^"]*")+\)')


def hyperlink(link: Link) -> str | None:
    """The formula of a link; ``None`` when its target may not be opened from a cell or it does not fit a formula."""
    target, text = link.target, link.text or link.target
    if not _opens(target) or max(len(target), len(text)) > LITERAL_LIMIT or not (target + text).isprintable():
        return None
    return "HYPERLINK({},{})".format(*('"' + part.replace('"', '""') + '"' for part in (target, text)))


def _opens(target: str) -> bool:
    if target.startswith("#"):
        return True
    try:
        return urlsplit(target).scheme.lower() in SCHEMES
    except ValueError:
        return False


is_hyperlink = _OWN.fullmatch
"""Whether a formula, as it stands in the file, is a link between two texts and so depends on no cell."""


def moved(formula: str, rows: int, columns: int = 0) -> str:
    """A formula as filling it down or right would leave it: relative addresses move, absolute ones stay.

    Texts, quoted sheet names and structured references are passed over; an address that leaves the sheet becomes
    ``#REF!``. Whole rows and columns (``3:3``, ``A:A``) are left as they are.
    """

    def move(found: re.Match[str]) -> str:
        if found["skip"]:
            return found[0]
        address = found["first"] or found["last"] or found["far"]
        return (found["sheet"] or "") + _moved_address(address, rows, columns)

    return _CELL.sub(move, formula)


def _moved_address(address: str, rows: int, columns: int) -> str:
    found = _PARTS.fullmatch(address)
    if found is None:
        raise ValueError(address)
    fixed_column, name, fixed_row, number = found.groups()
    row = int(number) + (0 if fixed_row else rows)
    column = column_number(name) + (0 if fixed_column else columns)
    if not (1 <= row <= LAST_ROW and 1 <= column <= LAST_COLUMN):
        return "#REF!"
    return f"{fixed_column}{letters(column)}{fixed_row}{row}"
