"""A source whose export is looked at, and read as a person confirmed it."""

from __future__ import annotations

from abc import ABC, abstractmethod

from connectors.problems import CannotRun, Problem
from connectors.sources.exports.confirming import Lack, lacking
from connectors.sources.exports.reading import Reading
from connectors.sources.tables.rows import notice


class LookedAt(ABC):
    """What may be asked of such a source beside its records."""

    @abstractmethod
    def look(self) -> tuple[Reading, tuple[Problem, ...]]:
        """Guess how the export is read, keep that until it is confirmed, and say which files could not be looked at.

        Raises ``CannotRun`` where nothing is there.
        """

    @abstractmethod
    def waiting(self) -> Reading | None:
        """The reading that waits to be confirmed."""

    @abstractmethod
    def amend(self, reading: Reading) -> None:
        """Keep a reading that a person has changed, until it is confirmed."""

    @abstractmethod
    def confirm(self, reading: Reading) -> None:
        """From now on read the export so. Raises ``CannotRun`` where something is missing or asked."""


def require_whole(reading: Reading) -> None:
    """Raise ``CannotRun`` with everything that a reading lacks."""
    if problems := [_problem(lack) for lack in lacking(reading)]:
        raise CannotRun(*problems)


def _problem(lack: Lack) -> Problem:
    return notice(lack.code, lack.place, column=lack.name)
