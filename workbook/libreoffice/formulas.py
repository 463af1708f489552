"""Formulas in Excel's grammar and in the one that LibreOffice's cells take and give."""

from __future__ import annotations

import re
from collections.abc import Callable

_QUOTED = re.compile(r"""("(?:[^"]|"")*"|'(?:[^']|'')*')""")
_SHEET = re.compile(r"(?:\$(?=$)|\$?\b([A-Za-z_]\w*))?\.(?=\$?[A-Z]{1,3}\$?\d)")


def from_excel(formula: str) -> str:
    """A formula as Excel writes it (English names, commas, ``Sheet!A1``), for ``setFormulaArray``.

    Separators and sheet references are translated outside quotes; array constants and structured references, of
    which the workbook's own formulas have none, are not.
    """
    return _outside_quotes(formula, lambda piece: piece.replace(",", ";").replace("!", "."))


def to_excel(formula: str) -> str:
    """A formula as ``getFormulaArray`` gives it, as Excel writes it; what is no formula stays as it is."""
    if not formula.startswith("="):
        return formula.removeprefix("'")
    return _outside_quotes(formula, lambda piece: _SHEET.sub(r"\1!", piece.replace(";", ",")))


def _outside_quotes(formula: str, translate: Callable[[str], str]) -> str:
    pieces = _QUOTED.split(formula)
    return "".join(piece if at % 2 else translate(piece) for at, piece in enumerate(pieces))
