"""A file given new content: written beside, made durable, then moved in place, so that it is old or new, never half."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path


def write_beside(target: Path, content: bytes) -> Path:
    """A durable file in the target's folder with this content and the target's permissions."""
    descriptor, name = tempfile.mkstemp(prefix=".", suffix=f"{target.suffix}.tmp", dir=target.parent)
    beside = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(target, beside)
    except BaseException:
        discard(beside)
        raise
    return beside


def move_in_place(beside: Path, target: Path) -> None:
    """Let ``beside`` take the target's name; on failure the target is untouched and ``beside`` is gone."""
    try:
        os.replace(beside, target)
    except BaseException:
        discard(beside)
        raise
    if os.name == "posix":
        _settle(target.parent)


def discard(beside: Path) -> None:
    """Remove what was written beside."""
    with contextlib.suppress(FileNotFoundError):
        beside.unlink()


def _settle(folder: Path) -> None:
    """Make the new name itself durable; Windows has no such call and needs none."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # Some network folders cannot; the file is in place all the same.
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
