"""Upgrade: today's macros, ribbon and texts for a workbook of an earlier release, which keeps all that was typed."""

from __future__ import annotations

from addin.session import claimed
from addin.usecases.report import Report
from workbook.book import Book
from workbook.layout import Language
from workbook.template.renewal import lacking, renew


def upgrade(book: Book) -> Report:
    """Bring a closed workbook up to date, and tell what only a new one would have. Raises ``CannotRun``.

    One of a newer Passerelle is refused (workbook_newer), before anything of it is changed.
    """
    spoken: Language = "fr" if claimed(book).get("language") == "fr" else "en"
    renew(book.path)
    missing = [": ".join(caption.of(spoken) for caption in each if caption) for each in lacking(book.path)]
    return Report(run=0, facts={"workbook": str(book.path), "lacking": ", ".join(missing)})
