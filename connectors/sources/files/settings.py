"""What a company says about its files: where they are, and how amounts and dates are written in them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

_TOKENS = {"YYYY": r"(?P<year>\d{4})", "MM": r"(?P<month>\d{2})", "DD": r"(?P<day>\d{2})"}
_LOOSE = {"M": r"(?P<month>\d{1,2})", "D": r"(?P<day>\d{1,2})"}
_TOKEN = re.compile("YYYY|MM|DD|M|D")
ISO = "iso"
WORKBOOKS = frozenset((".xlsx", ".xlsm", ".xltx", ".xltm", ".xls", ".xlt", ".xlsb", ".ods", ".fods", ".numbers"))
"""Endings of a source that is one file."""


@cache
def date_pattern(date_format: str) -> re.Pattern[str]:
    """The pattern of a date format, with groups ``year``, ``month``, ``day``; raises ``ValueError``.

    ``iso`` is YYYY-MM-DD. MM and DD are exactly two digits, M and D one or two; the year is always four digits,
    because two of them would have to be guessed at.
    """
    wanted = "YYYY-MM-DD" if date_format == ISO else date_format
    pattern = _TOKEN.sub(lambda token: (_TOKENS | _LOOSE)[token.group()], re.sub(r"([^\w])", r"\\\1", wanted))
    try:
        compiled = re.compile(pattern, re.ASCII)
    except re.error as twice:
        raise ValueError(f"a date format names year, month and day once each: {date_format}") from twice
    if set(compiled.groupindex) != {"year", "month", "day"} or re.search("[A-Za-z]", _TOKEN.sub("", wanted)):
        raise ValueError(f"a date format is made of YYYY, MM or M, DD or D and punctuation: {date_format}")
    return compiled


def _checked(date_format: str) -> str:
    try:
        date_pattern(date_format)
    except ValueError as wrong:
        raise PydanticCustomError("date_format", "no date format") from wrong
    return date_format


class FilesSettings(BaseModel):
    """``path`` is a folder of CSV files or an Excel file, relative to the company's ``folder``.

    ``auto`` encoding is UTF-8 with or without a byte order mark, the same as ``utf-8``: cp1252 is never guessed. A
    file that begins with the mark is UTF-8 whatever is declared. ``auto`` delimiter is the one of comma and
    semicolon by which the header line shows more known columns.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: Path
    path: str = "source"
    encoding: Literal["auto", "utf-8", "cp1252"] = "auto"
    delimiter: Literal["auto", ",", ";"] = "auto"
    decimal: Literal[".", ","] = "."
    date_format: Annotated[str, AfterValidator(_checked)] = ISO
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "CAD"

    @property
    def source(self) -> Path:
        """The folder or file to read."""
        return self.folder / self.path

    @property
    def is_workbook(self) -> bool:
        """Whether the source is one Excel file rather than a folder; another spreadsheet's ending is told as that."""
        return self.source.suffix.lower() in WORKBOOKS

    @property
    def results(self) -> Path:
        """Where results are written: beside the input."""
        return (self.source.parent if self.is_workbook else self.source) / "results.csv"

    @property
    def changes(self) -> Path:
        """Where accepted changes of the ledger are written: beside the results."""
        return self.results.with_name("ledger_changes.csv")
