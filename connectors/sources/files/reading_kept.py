"""The readings of an export, one confirmed and one that waits, as files in the company's folder."""

from __future__ import annotations

from pathlib import Path

from connectors import private
from connectors.problems import CannotRun
from connectors.sources.exports.reading import DRAFT, FILE, Reading, reading_of
from connectors.sources.files.refusals import FileRefused, refused


def confirmed(folder: Path) -> Reading | None:
    """The reading that was confirmed. Raises ``CannotRun`` where its file is damaged."""
    return _read(folder / FILE)


def waiting(folder: Path) -> Reading | None:
    """The reading that waits to be confirmed. Raises ``CannotRun`` where its file is damaged."""
    return _read(folder / DRAFT)


def keep_waiting(folder: Path, reading: Reading) -> None:
    """Keep a reading until it is confirmed."""
    private.write(folder / DRAFT, reading.text())


def keep_confirmed(folder: Path, reading: Reading) -> None:
    """Read the export so from now on; nothing waits any more."""
    private.write(folder / FILE, reading.text())
    (folder / DRAFT).unlink(missing_ok=True)


def _read(path: Path) -> Reading | None:
    try:
        return reading_of(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as wrong:
        raise CannotRun(refused(FileRefused("file_damaged", detail=str(wrong)), str(path))) from wrong
