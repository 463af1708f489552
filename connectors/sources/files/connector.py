"""The source: files in, records out, results beside them."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel

from connectors.ledger import Connected
from connectors.problems import CannotRun, Problem
from connectors.source import Accepted, Pulled, Result, Source, SourceCapabilities
from connectors.sources.exports.contents import contents
from connectors.sources.exports.drafting import draft
from connectors.sources.exports.looked_at import LookedAt, require_whole
from connectors.sources.exports.looking import look
from connectors.sources.exports.reading import Reading
from connectors.sources.files.exported import export_sheets, is_export
from connectors.sources.files.opening import check, open_source
from connectors.sources.files.reading_kept import confirmed, keep_confirmed, keep_waiting, waiting
from connectors.sources.files.results import write_changes, write_results
from connectors.sources.files.settings import FilesSettings
from connectors.sources.tables.pulling import pulled
from connectors.sources.tables.rows import Fault, problem
from connectors.sources.tables.writing import Writing


class FilesSource(Source, LookedAt):
    """A folder of files, or one file: with our names for tables and columns, or as another system exports it."""

    name = "files"
    label = "CSV or Excel files"
    Settings = FilesSettings
    capabilities = SourceCapabilities(takes_changes=True)

    def __init__(self, settings: BaseModel) -> None:
        self._settings = FilesSettings.model_validate(settings.model_dump())

    def connect(self) -> Connected:
        """Make sure that the folder or file is there. Raises ``CannotRun``."""
        if not (confirmed(self._settings.folder) or is_export(self._settings)):
            check(self._settings)
        return Connected(company=self._settings.source.name)

    def pull(self) -> Pulled:
        """Every well-formed record; every mistake in every file as a problem with its line.

        An export of other names is read as it was confirmed, and not at all before: ``CannotRun`` (not_confirmed).
        """
        reading = confirmed(self._settings.folder)
        if reading:
            sheets, problems = export_sheets(self._settings)
            files, notices = contents(reading, sheets, self._settings.currency)
            return pulled(files, Writing(currency=self._settings.currency), (*problems, *notices))
        if is_export(self._settings):
            raise CannotRun(problem(Fault("not_confirmed"), self._settings.source.name))
        opened = open_source(self._settings)
        return pulled(opened.contents, self._settings, opened.notices)

    def look(self) -> tuple[Reading, tuple[Problem, ...]]:
        sheets, problems = export_sheets(self._settings)
        if not sheets:
            raise CannotRun(*problems or (problem(Fault("file_missing"), str(self._settings.source)),))
        reading = draft(look(sheets), confirmed(self._settings.folder))
        keep_waiting(self._settings.folder, reading)
        return reading, problems

    def waiting(self) -> Reading | None:
        return waiting(self._settings.folder)

    def amend(self, reading: Reading) -> None:
        keep_waiting(self._settings.folder, reading)

    def confirm(self, reading: Reading) -> None:
        require_whole(reading)
        keep_confirmed(self._settings.folder, reading)

    def acknowledge(self, results: Sequence[Result]) -> Sequence[Problem]:
        """Merge the results into ``results.csv`` beside the input, all of them; raises ``CannotRun``."""
        write_results(self._settings.results, results)
        return ()

    def take(self, changes: Sequence[Accepted]) -> None:
        """Merge the accepted changes into ``ledger_changes.csv`` beside the input; raises ``CannotRun``."""
        write_changes(self._settings.changes, changes)
