"""Where facts are written: a file a day below the home, one JSON object a line, secrets redacted by construction."""

from __future__ import annotations

import json
import logging
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from addin.home import home
from addin.texts.visible import visible
from connectors import private
from connectors.facts import LOG
from connectors.secrets.redaction import scrubbed

KEPT = 30
"""Days that a file stays."""


class OneLine(logging.Formatter):
    """A fact as one line of JSON; what stands under a secret's name is masked even should a vendor repeat it."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        values = getattr(record, "values", {})
        line = {"time": at, "event": record.getMessage(), "process": record.process, **values}
        return visible(scrubbed(json.dumps(line, ensure_ascii=False, default=str)))


class DayFile(logging.Handler):
    """The file of the day in the home of the moment, made when there is something to say.

    It goes on when a line cannot be written: a full disk must not stop a sync, nor print a traceback.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(OneLine())
        self._path: Path | None = None
        self._stream: TextIO | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        try:
            stream = self._of_today()
            stream.write(f"{self.format(record)}\n")
            stream.flush()
        except OSError:
            self._path = None

    def _of_today(self) -> TextIO:
        path = logs() / f"passerelle-{datetime.now(UTC):%Y-%m-%d}.jsonl"
        if self._stream is None or path != self._path:
            self.close_file()
            private.make_folder(path.parent)
            clear_old(path.parent, "passerelle-*.jsonl")
            self._stream, self._path = private.text(path, "a"), path
        return self._stream

    def close_file(self) -> None:
        """Let go of the file; the next fact opens it again."""
        if self._stream:
            self._stream.close()
        self._stream = self._path = None


WRITER = DayFile()


def logs() -> Path:
    """The folder of the files."""
    return home() / "logs"


def keep_facts() -> None:
    """Write the facts of this process from now on."""
    if WRITER not in LOG.handlers:
        LOG.addHandler(WRITER)
        LOG.setLevel(logging.INFO)
        LOG.propagate = False


def clear_old(folder: Path, called: str) -> None:
    """Delete the files of such a name that are ``KEPT`` days old, but for one that another process holds."""
    oldest = time.time() - KEPT * 24 * 3600
    for path in folder.glob(called):
        with suppress(OSError):
            if path.stat().st_mtime < oldest:
                path.unlink()
