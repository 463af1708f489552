"""What a worker does with one company: the round that a person's buttons make, on the closed workbook."""

from __future__ import annotations

from collections.abc import Callable

from addin.defects import report_defect
from addin.profile import load
from addin.session import Session
from addin.usecases.report import Report
from addin.usecases.round import scheduled
from connectors.problems import CannotRun, Owner, Problem
from workbook.file.file_book import FileBook

FIRST_WAIT, LONGEST_WAIT = 15, 900
"""Seconds until a company that could not be worked on is tried again: twice as long each time, up to the longest."""

MOST_TRIES = 10
"""After so many, the company waits for its schedule."""


def make_round(company: str, stop: Callable[[], bool]) -> Report:
    """Pull and sync one company. Raises ``CannotRun``, also where what is left will go by itself a little later."""
    try:
        profile = load(company)
        with Session.open(profile, FileBook(profile.workbook, stop=stop), "sync") as session:
            report = scheduled(session)
    except CannotRun:
        raise
    except Exception as defect:  # noqa: BLE001 - the last resort: one company's defect must not end the worker
        raise CannotRun(report_defect(defect)) from None
    later = [problem for problem in report.problems if problem.kind is None and problem.owner is Owner.LATER]
    if later:
        raise CannotRun(*later)
    return report


def wait_before_again(problems: tuple[Problem, ...], tries: int) -> int | None:
    """Seconds until a company is tried again after so many tries; ``None`` where trying does not help."""
    if tries >= MOST_TRIES or any(problem.owner is not Owner.LATER for problem in problems):
        return None
    return min(FIRST_WAIT << tries, LONGEST_WAIT)
