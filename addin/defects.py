"""What we do when something happens that we did not foresee: a report on disk, a problem to show."""

from __future__ import annotations

import os
import traceback
from datetime import UTC, datetime

from addin.home import home
from connectors.problems import Problem
from connectors.secrets.secret import scrubbed


def report_defect(error: Exception) -> Problem:
    """Write a report of an unforeseen error below the home; the problem that names it."""
    path = home() / f"defect-{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.getpid()}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(scrubbed("".join(traceback.format_exception(error))), encoding="utf-8")
    return Problem(code="defect", detail=type(error).__name__, params={"path": str(path)})
