"""Files with people's data: their owner's alone, whatever the umask; those of a shared company also its group's.

A folder says whose its files are: one that carries the set-group-id bit and lets its group write (2770) is shared, and
what is made in it is the group's too (0660, folders 2770). Everything else is 0600 and 0700. All of this is POSIX; on
Windows a person's folders are private by what they inherit.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import TextIO, cast

from filelock import FileLock
from platformdirs import user_config_path

from connectors.disk import require_file

OWNER_FILE, OWNER_FOLDER = 0o600, 0o700
GROUP_FILE, GROUP_FOLDER = 0o660, 0o2770
SHARED = stat.S_ISGID | stat.S_IWGRP

POSIX = os.name == "posix"


def person_place() -> Path:
    """The folder of what a person decided on this machine, apart from every home that a workbook could name."""
    return user_config_path("Passerelle", appauthor=False)


def by_default() -> None:
    """Let whatever this process makes be its owner's alone, also what other libraries make for it."""
    os.umask(0o077)


def is_shared(folder: Path) -> bool:
    """Whether what lies in a folder is its group's too."""
    return POSIX and folder.is_dir() and folder.stat().st_mode & SHARED == SHARED


def file_mode(folder: Path) -> int:
    """The permissions of a new file in a folder."""
    return GROUP_FILE if is_shared(folder) else OWNER_FILE


def make_folder(folder: Path) -> Path:
    """The folder itself, made with those above it where they are missing; one that exists stays as it is."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(mode=OWNER_FOLDER, exist_ok=True)
        if POSIX:
            folder.chmod(GROUP_FOLDER if is_shared(folder.parent) else OWNER_FOLDER)
    return folder


def share(folder: Path, group: str) -> None:
    """Let a group of this machine work in a folder. Raises ``OSError``, ``LookupError`` (no such group)."""
    import shutil  # slow to import, and needed once in a company's life

    shutil.chown(make_folder(folder), group=group)
    folder.chmod(GROUP_FOLDER)


def make_private(path: Path) -> None:
    """Give a file that we have just made the permissions of its folder."""
    if POSIX:
        path.chmod(file_mode(path.parent))


def opened(path: str, flags: int) -> int:
    """What ``open`` takes as its ``opener``: a file that it makes is private from its first moment.

    A pipe that stands there does not keep us waiting for who reads it.
    """
    mode = file_mode(Path(path).parent)
    descriptor = os.open(path, flags | getattr(os, "O_NONBLOCK", 0), mode)
    if POSIX and mode == GROUP_FILE and os.fstat(descriptor).st_uid == os.geteuid():
        os.fchmod(descriptor, mode)  # the umask may have taken the group's part away
    return descriptor


def text(path: Path, mode: str) -> TextIO:
    """A text file opened to be written (``w``, ``a``); what it cannot hold is written escaped."""
    stream = open(path, mode, encoding="utf-8", errors="backslashreplace", opener=opened)  # noqa: SIM115
    return cast(TextIO, stream)


def create(path: Path) -> None:
    """Make an empty file where there is none and may be one; who then opens it says what is wrong there."""
    with suppress(OSError), open(path, "xb", opener=opened):
        pass


def write(path: Path, content: str, encoding: str = "utf-8") -> None:
    """Write a text as ``put`` does."""
    put(path, content.encode(encoding, "backslashreplace" if encoding == "utf-8" else "strict"))


def put(path: Path, content: bytes) -> None:
    """Write a file beside and move it in place, its folder made where it is missing.

    Raises ``OSError``, also where a pipe, a device or a link that leads round stands there: it is not replaced.
    """
    require_file(path)
    beside = make_folder(path.parent) / f"{path.name}.{os.getpid()}.new"
    try:
        with open(beside, "wb", opener=opened) as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(beside, path)
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def lock(path: Path, timeout: float = -1) -> FileLock:
    """A lock in a folder, which is made where it is missing; whoever may write there may take it."""
    make_folder(path.parent)
    return FileLock(path, timeout=timeout, mode=file_mode(path.parent))
