"""What the system refuses of a file, in our problem codes; and reading a file that is one."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from connectors.problems import Problem

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
NO_FILE = frozenset({errno.ELOOP, errno.EISDIR, errno.ENXIO, errno.ENODEV, errno.ESPIPE})
"""What is said of a link that leads round, a folder, a pipe nobody reads, a device that is not there."""

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)


class NotAFile(OSError):
    """A folder, a pipe, a socket or a device."""


def content_of(path: Path, most: int) -> bytes:
    """The bytes of a file, at most so many and one; a pipe would keep us waiting, and a device has no end.

    Raises ``OSError``.
    """
    try:
        descriptor = os.open(path, _FLAGS)
    except ValueError as wrong:  # a NUL in its name
        raise OSError(errno.EINVAL, str(wrong), str(path)) from wrong
    except PermissionError as refused:
        if path.is_dir():  # which Windows does not let anybody open
            raise NotAFile(errno.EISDIR, "not a file", str(path)) from refused
        raise
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise NotAFile(errno.EINVAL, "not a file", str(path))
        return stream.read(most + 1)


def require_file(path: Path) -> None:
    """Raise ``OSError`` where something stands at a path that is no file; that nothing does is fine."""
    try:
        mode = os.stat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return  # a link that leads nowhere too: what is written goes in its place
    except ValueError as wrong:
        raise OSError(errno.EINVAL, str(wrong), str(path)) from wrong
    if not stat.S_ISREG(mode):
        raise NotAFile(errno.EINVAL, "not a file", str(path))


def refusal(error: OSError, path: Path | str = "", *, writing: bool = False) -> Problem:
    """The problem for what the system refused of a file."""
    place = str(path or error.filename or "…")
    params, detail = {"path": place, "file": place}, error.strerror or str(error)
    if error.errno in FULL:
        return Problem(code="disk_full", params=params, detail=detail)
    if error.errno == errno.EROFS:
        return Problem(code="disk_read_only", params=params, detail=detail)
    if isinstance(error, NotAFile | IsADirectoryError) or error.errno in NO_FILE:
        return Problem(code="not_a_file", params=params, detail=detail)
    return Problem(code="file_unwritable" if writing else "file_not_opened", params=params, detail=detail)
