"""Keeping under a vendor's limits: one pacer for a company and its credential, shared by threads and processes."""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from connectors.problems import CannotRun, Problem

SCHEMA = """
CREATE TABLE IF NOT EXISTS call (at REAL NOT NULL, lane TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS call_at ON call (lane, at);
CREATE TABLE IF NOT EXISTS hold (at REAL NOT NULL, until REAL NOT NULL);
"""
STEP = 1.0
"""Seconds between two showings of a countdown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Time and chance: seconds since 1970, a way to wait, and a number from 0 to below 1."""

    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random


CLOCK = Clock()


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``calls`` within any ``seconds``; of one lane (``batch``), or of all calls when it names none."""

    calls: int
    seconds: float
    lane: str = ""


class Pacer:
    """Lets calls through as the limits allow; ``shared`` is a file that makes several processes keep to them together.

    ``concurrent`` bounds the calls under way in this process. A wait is told to ``countdown`` in seconds left, at
    least every second; what it raises ends the wait. A wait of more than ``longest_wait`` seconds is not begun:
    ``CannotRun`` (day_limit_reached). The rolling windows are counted by when a call leaves us; a vendor that counts
    by arrival may still say "too many", which ``hold`` answers.
    """

    def __init__(
        self,
        *limits: Limit,
        label: str,
        concurrent: int = 4,
        shared: Path | None = None,
        longest_wait: float = 300,
        countdown: Callable[[float], None] = lambda _: None,
        clock: Clock = CLOCK,
    ) -> None:
        self._limits, self._label, self.longest_wait = limits, label, longest_wait
        self._countdown, self._clock = countdown, clock
        self.concurrent = concurrent
        self._places = threading.BoundedSemaphore(concurrent)
        self._lock = threading.Lock()
        if shared:
            shared.parent.mkdir(parents=True, exist_ok=True)
        self._calls = sqlite3.connect(shared or ":memory:", timeout=60, isolation_level=None, check_same_thread=False)
        self._calls.executescript(SCHEMA)

    @contextmanager
    def turn(self, lane: str = "") -> Iterator[None]:
        """Wait until a call may leave, count it, and hold one of the concurrent places while it is under way."""
        with self._places:
            while waiting := self._take(lane):
                if waiting > self.longest_wait:
                    raise self._too_long(waiting)
                self._step(waiting)
            yield

    def hold(self, seconds: float) -> None:
        """Nobody calls for so long, because the vendor said so (``Retry-After``)."""
        with self._changing():
            now = self._clock.now()
            self._calls.execute("INSERT INTO hold VALUES (?, ?)", (now, now + seconds))

    def wait(self, seconds: float) -> None:
        """Wait by ourselves, with the countdown; others go on."""
        end = self._clock.now() + seconds
        while (left := end - self._clock.now()) > 0:
            self._step(min(left, seconds))

    def close(self) -> None:
        """Let go of the file."""
        self._calls.close()

    def _step(self, left: float) -> None:
        self._countdown(left)
        self._clock.sleep(min(left, STEP))

    def _too_long(self, left: float) -> CannotRun:
        minutes = str(ceil(left / 60))
        return CannotRun(Problem(code="day_limit_reached", params={"ledger": self._label, "minutes": minutes}))

    def _take(self, lane: str) -> float:
        """Count a call that leaves now and return 0, or the seconds after which to ask again."""
        with self._changing():
            now = self._clock.now()
            self._forget(now)
            waiting = max([0.0, self._held(now), *(self._full(limit, now) for limit in self._limits_of(lane))])
            if waiting <= 0:
                self._calls.execute("INSERT INTO call VALUES (?, ?)", (now, lane))
            return waiting

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with self._lock:
            self._calls.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._calls.execute("ROLLBACK")
                raise
            self._calls.execute("COMMIT")

    def _limits_of(self, lane: str) -> list[Limit]:
        return [limit for limit in self._limits if limit.lane in ("", lane)]

    def _full(self, limit: Limit, now: float) -> float:
        """Until the oldest call that fills the window has left it."""
        found = self._calls.execute(
            "SELECT at FROM call WHERE ? IN ('', lane) ORDER BY at DESC LIMIT 1 OFFSET ?", (limit.lane, limit.calls - 1)
        ).fetchone()
        return float(found[0]) + limit.seconds - now if found else 0.0

    def _held(self, now: float) -> float:
        found = self._calls.execute("SELECT max(until) FROM hold").fetchone()[0]
        return float(found) - now if found is not None else 0.0

    def _forget(self, now: float) -> None:
        """Drop what no window sees any more; a clock that was set back must not make anything lie in the future."""
        oldest = now - max((limit.seconds for limit in self._limits), default=0)
        self._calls.execute("DELETE FROM call WHERE at <= ?", (oldest,))
        self._calls.execute("UPDATE call SET at = ? WHERE at > ?", (now, now))
        self._calls.execute("DELETE FROM hold WHERE until <= ? OR at > ?", (now, now))
