"""Opens files that are files, and says what else is there: a pipe would keep us waiting, a device has no end."""

from __future__ import annotations

import errno
import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from connectors.sources.files.refusals import FileRefused

if TYPE_CHECKING:
    from typing_extensions import Buffer

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)


def mode_of(path: Path) -> int:
    """The mode of what a path leads to, 0 for nothing at all; raises ``FileRefused`` where it leads to no place."""
    try:
        return os.stat(path).st_mode
    except (FileNotFoundError, NotADirectoryError) as error:
        if os.path.lexists(path):
            raise FileRefused("not_a_file", detail=str(error)) from error
        return 0
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:  # no file can have this name
            return 0
        loops = isinstance(error, OSError) and error.errno == errno.ELOOP
        raise FileRefused("not_a_file" if loops else "file_not_opened", detail=str(error)) from error


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """A regular file, of which no more is read than it had when it was opened.

    Raises ``FileNotFoundError``, and ``FileRefused`` for what is no file, may not be opened, or was being written.
    """
    mode = mode_of(path)
    if not mode:
        raise FileNotFoundError(path)
    if not stat.S_ISREG(mode):
        raise FileRefused("not_a_file")
    try:
        with io.FileIO(os.open(path, _FLAGS)) as raw:
            before = os.fstat(raw.fileno())
            if not stat.S_ISREG(before.st_mode):
                raise FileRefused("not_a_file")
            yield io.BufferedReader(_Bounded(raw, before.st_size))
            after = os.fstat(raw.fileno())
            if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
                raise FileRefused("file_changing")
    except OSError as error:
        raise FileRefused("file_not_opened", detail=str(error)) from error


class _Bounded(io.RawIOBase):
    """The first ``size`` bytes of a file, however it grows meanwhile."""

    def __init__(self, raw: io.FileIO, size: int) -> None:
        self._raw, self._size = raw, size

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._raw.tell()

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if whence == os.SEEK_END:
            return self._raw.seek(max(self._size + offset, 0))
        return self._raw.seek(offset, whence)

    def readinto(self, buffer: Buffer) -> int | None:
        room = max(self._size - self._raw.tell(), 0)
        return self._raw.readinto(memoryview(buffer)[:room])
