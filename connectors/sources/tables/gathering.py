"""Many problems that have one cause are told of as one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from connectors.problems import Problem

MANY = 50
"""So many lines that are wrong in one way have one cause, and are told of as one problem."""

TOGETHER = {
    "file_unreadable": "encoding_differs",
    "not_an_amount": "amounts_differ",
    "not_a_date": "dates_differ",
    "reference_unknown": "references_left_out",
    **{
        code: code
        for code in (
            *("error_in_cell", "formula_not_computed", "cell_damaged", "digits_lost", "shown_otherwise"),
            "cell_merged",
            *("date_in_zone", "line_break", "value_missing", "value_unknown", "payment_negative"),
            "amount_too_small",
        )
    },
}
"""What is wrong with one cell, and what it means where it is wrong with many; the same, with how many more."""


def gathered(problems: Iterable[Problem]) -> Iterator[Problem]:
    """The problems; first, one for all where many lines have it in a column (in a file, where it is its encoding)."""
    told: dict[object, list[Problem]] = {}
    for problem in problems:
        column = "" if problem.code == "file_unreadable" else problem.column
        alike = (problem.code, problem.params.get("file"), column) if problem.code in TOGETHER else id(problem)
        told.setdefault(alike, []).append(problem)
    single: list[Problem] = []
    for found in told.values():
        if len({problem.provenance for problem in found}) < MANY:
            single += found
        else:
            first = found[0]
            params = {**first.params, "count": str(len(found))}
            if TOGETHER[first.code] == first.code:
                params["line"] += f", +{len(found) - 1}"
            yield replace(first, code=TOGETHER[first.code], kind=None, key="", number="", params=params)
    yield from single
