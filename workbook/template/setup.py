"""The Set-up sheet's rows: each a question, with its drop-down, what is said of its cell, and when it is in sight."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from workbook.layout import CHOICES, SETUP, Caption, Language
from workbook.template.sheets import Canvas, where

LONGEST = 255
"""Characters of what is said of a selected cell."""


NOBODY = Caption("", "")
"""For whom a row is that every company is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupRow:
    """A question as the sheet shows it; ``of`` is the connector that asks, ``hidden`` where another was chosen.

    A row that is not ``typed`` says something of a secret, which no cell holds.
    """

    key: str
    question: Caption
    value: Caption
    meaning: Caption
    example: Caption
    of: Caption = NOBODY
    choices: tuple[Caption, ...] = ()
    typed: bool = True
    hidden: bool = False

    def cells(self, language: Language) -> dict[str, str]:
        """The row's cells in a language."""
        texts = ("question", "value", "meaning", "example", "of")
        return {"key": self.key, **{name: getattr(self, name).of(language) for name in texts}}


def complete_setup(canvas: Canvas, drawn: Worksheet, rows: Sequence[SetupRow]) -> None:
    """Add what the table does not have by itself: drop-downs, words on selection, rows out of sight."""
    first, place = where(SETUP, "value")
    for number, row in enumerate(rows, first + 1):
        drawn.data_validation(number, place, number, place, _validation(row, canvas.language))
        if row.hidden:
            drawn.set_row(number, None, None, {"hidden": True})


def name_choices(canvas: Canvas, drawn: Worksheet, rows: Sequence[SetupRow]) -> None:
    """Keep what a question offers beside the workbook's own lists, each behind a name ``list_setup_…``."""
    for place, row in enumerate((row for row in rows if row.choices), len(CHOICES)):
        letter = xl_col_to_name(place)
        for number, choice in enumerate(row.choices, 2):
            canvas.say(drawn, f"{letter}{number}", choice, "blank")
        canvas.book.define_name(_list(row), f"=_lists!${letter}$2:${letter}${len(row.choices) + 1}")


def _list(row: SetupRow) -> str:
    return "list_setup_" + re.sub(r"\W", "_", row.key)


def _validation(row: SetupRow, language: Language) -> dict[str, object]:
    said = {"input_title": row.question.of(language)[:32], "input_message": row.meaning.of(language)[:LONGEST],
            "error_title": "Passerelle"}  # fmt: skip
    if not row.typed:
        return {"validate": "custom", "value": "=FALSE", "error_message": row.meaning.of(language)[:LONGEST], **said}
    if row.choices:
        return {"validate": "list", "source": f"={_list(row)}", **said}
    return {"validate": "any", **said}
