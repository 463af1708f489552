"""What a company says about its files: where they are, and how amounts and dates are written in them."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from connectors.sources.tables.writing import Writing

WORKBOOKS = frozenset((".xlsx", ".xlsm", ".xltx", ".xltm", ".xls", ".xlt", ".xlsb", ".ods", ".fods", ".numbers"))
"""Endings of a source that is one workbook."""
TEXTS = frozenset((".csv", ".tsv", ".tab", ".txt"))
"""Endings of an export that is one file of text."""


class FilesSettings(Writing):
    """``path`` is a folder of CSV files or an Excel file, relative to the company's ``folder``.

    ``auto`` encoding is UTF-8 with or without a byte order mark, the same as ``utf-8``: cp1252 is never guessed. A
    file that begins with the mark is UTF-8 whatever is declared. ``auto`` delimiter is the one of comma and
    semicolon by which the header line shows more known columns.
    """

    folder: Path
    path: str = Field(
        default="source",
        title="Files",
        description="A folder of CSV files or an Excel file, in the company's folder or by its whole path.",
        examples=["export.xlsx"],
    )
    encoding: Literal["auto", "utf-8", "cp1252"] = Field(
        default="auto",
        title="Encoding",
        description="How CSV files are written: auto and utf-8 are the same, cp1252 is what older Windows programs do.",
    )
    delimiter: Literal["auto", ",", ";"] = Field(
        default="auto", title="Separator", description="What stands between the columns of CSV files."
    )

    @property
    def source(self) -> Path:
        """The folder or file to read."""
        return self.folder / self.path

    @property
    def is_workbook(self) -> bool:
        """Whether the source is one Excel file rather than a folder; another spreadsheet's ending is told as that."""
        return self.source.suffix.lower() in WORKBOOKS

    @property
    def is_one_file(self) -> bool:
        """Whether the source is one file rather than a folder."""
        return self.is_workbook or self.source.suffix.lower() in TEXTS

    @property
    def results(self) -> Path:
        """Where results are written: beside the input."""
        return (self.source.parent if self.is_one_file else self.source) / "results.csv"

    @property
    def changes(self) -> Path:
        """Where accepted changes of the ledger are written: beside the results."""
        return self.results.with_name("ledger_changes.csv")
