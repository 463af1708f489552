"""A file that cannot be read, by its problem's code."""

from __future__ import annotations

from connectors.problems import Problem
from connectors.sources.tables.rows import Fault, problem


class FileRefused(Exception):
    """A file that cannot be read, with the code of the problem, what it is instead, and technical detail."""

    def __init__(self, code: str, value: str = "", detail: str = "") -> None:
        super().__init__(code, value, detail)
        self.code, self.value, self.detail = code, value, detail


def refused(why: FileRefused, file: str) -> Problem:
    """A problem with a file as a whole."""
    return problem(Fault(why.code, value=why.value), file, detail=why.detail)
