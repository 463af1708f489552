"""The source: files in, records out, results beside them."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel

from connectors.ledger import Connected
from connectors.problems import Problem
from connectors.source import Accepted, Pulled, Result, Source, SourceCapabilities
from connectors.sources.files.opening import check, open_source
from connectors.sources.files.results import write_changes, write_results
from connectors.sources.files.settings import FilesSettings
from connectors.sources.tables.pulling import pulled


class FilesSource(Source):
    """A folder of CSV files, or one Excel file."""

    name = "files"
    label = "CSV or Excel files"
    Settings = FilesSettings
    capabilities = SourceCapabilities(takes_changes=True)

    def __init__(self, settings: BaseModel) -> None:
        self._settings = FilesSettings.model_validate(settings.model_dump())

    def connect(self) -> Connected:
        """Make sure that the folder or file is there. Raises ``CannotRun``."""
        check(self._settings)
        return Connected(company=self._settings.source.name)

    def pull(self) -> Pulled:
        """Every well-formed record; every mistake in every file as a problem with its line."""
        opened = open_source(self._settings)
        return pulled(opened.contents, self._settings, opened.notices)

    def acknowledge(self, results: Sequence[Result]) -> Sequence[Problem]:
        """Merge the results into ``results.csv`` beside the input, all of them; raises ``CannotRun``."""
        write_results(self._settings.results, results)
        return ()

    def take(self, changes: Sequence[Accepted]) -> None:
        """Merge the accepted changes into ``ledger_changes.csv`` beside the input; raises ``CannotRun``."""
        write_changes(self._settings.changes, changes)
