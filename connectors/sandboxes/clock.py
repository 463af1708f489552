"""The clock of a stand-in server: real time, or a fixed start, moved forward on demand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from threading import Lock


class Clock:
    """Tells UTC time to the microsecond; with ``start`` it stands still until ``advance`` moves it."""

    def __init__(self, start: datetime | None = None) -> None:
        self._start = start
        self._moved = timedelta()
        self._lock = Lock()

    def now(self) -> datetime:
        """The time now, aware, in UTC."""
        with self._lock:
            return (self._start or datetime.now(UTC)) + self._moved

    def today(self) -> date:
        """The date now, in UTC."""
        return self.now().date()

    def advance(self, seconds: float) -> None:
        """Move the clock forward; raises ``ValueError`` for a step back, which no server's clock takes."""
        if seconds < 0:
            raise ValueError("a clock does not go back")
        with self._lock:
            self._moved += timedelta(seconds=seconds)
