"""Running a scheduler's own program, and what it says."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from connectors.problems import CannotRun, Problem

PATIENCE = 60
"""Seconds that such a program may take."""


def asked(command: Sequence[str], given: str = "") -> subprocess.CompletedProcess[str]:
    """What a program answers, whatever its status. Raises ``CannotRun`` (scheduler_refused) where it cannot be run."""
    try:
        return subprocess.run(  # noqa: S603 - a fixed program of the system, its arguments never through a shell
            command, input=given, capture_output=True, text=True, errors="replace", timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as wrong:
        raise refused(command[0], str(wrong)) from wrong


def told(command: Sequence[str], given: str = "") -> str:
    """What a program printed. Raises ``CannotRun`` (scheduler_refused) where its status is not that of success."""
    done = asked(command, given)
    if done.returncode:
        raise refused(command[0], done.stderr.strip() or done.stdout.strip())
    return done.stdout


def refused(program: str, why: str) -> CannotRun:
    """A scheduler did not do what it was asked."""
    return CannotRun(Problem(code="scheduler_refused", params={"scheduler": program}, detail=why))
