"""A ledger's own words for what it refuses, as a table: the first row whose pattern is found holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

UNMAPPED = "ledger_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A pattern of the ledger's words (in any case), its code where it has codes, and our problem's code.

    Named groups of the pattern become parameters of our sentence.
    """

    pattern: str
    problem: str
    code: str = ""


def problem_in(table: Sequence[Row], said: str, code: str = "") -> tuple[str, dict[str, str]]:
    """Our problem's code for a ledger's words, and what they tell; ``ledger_refused`` for what no row knows."""
    for row in table:
        found = re.search(row.pattern, said, re.IGNORECASE) if row.code in ("", code) else None
        if found:
            return row.problem, {name: value for name, value in found.groupdict().items() if value}
    return UNMAPPED, {}
