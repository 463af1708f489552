"""What we do when something happens that we did not foresee: a report on disk, a problem to show."""

from __future__ import annotations

import errno
import os
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path

from addin.home import home
from addin.logbook import clear_old
from addin.texts.visible import visible
from connectors import private
from connectors.disk import FULL, refusal
from connectors.problems import Problem
from connectors.secrets.redaction import scrubbed

REPORTS = "defect-*.txt"
"""How the reports are called; they stay as long as the log does."""


SYSTEM = frozenset(
    {errno.EROFS, errno.ELOOP, errno.EISDIR, errno.ENOTDIR, errno.EEXIST, errno.EACCES, errno.EPERM, errno.EIO,
     errno.ENAMETOOLONG, errno.EMFILE, errno.ENFILE, errno.ENXIO, errno.ENODEV, errno.EINVAL}
)  # fmt: skip
"""What a system says of a file, wherever it was asked for one."""


def stopped_by(error: Exception) -> Problem:
    """The problem for what stopped us unforeseen: what the system refuses of a file is no defect, and told as that."""
    if isinstance(error, OSError) and (error.errno in FULL or (error.filename and error.errno in SYSTEM)):
        return refusal(error, writing=True)
    return report_defect(error)


def report_defect(error: Exception) -> Problem:
    """Write a report of an unforeseen error below the home; the problem that names it.

    Where that cannot be written, which may be the reason of the error, it goes to the system's temporary folder, and
    where there is no room either the problem says so.
    """
    name, text = type(error).__name__, visible(scrubbed("".join(map(_told, traceback.format_exception(error)))))
    file = REPORTS.replace("*", f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}-{os.getpid()}")
    for folder in (home(), Path(tempfile.gettempdir())):
        path = folder / file
        try:
            private.make_folder(folder)
            clear_old(folder, REPORTS)
            private.write(path, text)
        except OSError as refused:
            trouble = f"{name} ({refused.strerror})"
        else:
            return Problem(code="defect", detail=name, params={"path": str(path)})
    return Problem(code="defect", detail=trouble, params={"path": str(path)})


def _told(part: str) -> str:
    """A part of a traceback; what an error says in further lines stands so far in that it is taken for nothing else."""
    return part if part.startswith("  ") else "\n      ".join(part.strip("\n").split("\n")) + "\n"
