"""What an export is made of: sheets of rows, whatever file they stand in."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.sources.tables.rows import RawRow


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook, or a file of text, with its rows as they stand; ``name`` is empty for a file of text.

    ``encoding`` and ``delimiter`` are what a file of text was read by, ``hidden_rows`` the lines that nobody sees.
    """

    file: str
    name: str
    rows: tuple[RawRow, ...]
    hidden: bool = False
    hidden_rows: tuple[int, ...] = ()
    encoding: str = ""
    delimiter: str = ""

    @property
    def is_text(self) -> bool:
        """Whether it is a file of text, where a value beyond the headings is a sign that others have shifted."""
        return bool(self.delimiter)

    @property
    def place(self) -> str:
        """How a person names it: the file, and the sheet where the file has several."""
        return f"{self.file}, {self.name}" if self.name else self.file
