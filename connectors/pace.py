"""Keeping under a vendor's limits: one pacer for a company and its credential, shared by threads and processes."""

from __future__ import annotations

import errno
import random
import re
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from pathlib import Path

from connectors import private
from connectors.problems import CannotRun, Problem
from connectors.watch import NoTurn, watching

PATIENCE = 60.0
"""Seconds that a program waits for others that have the file."""

SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS call (
    id INTEGER PRIMARY KEY AUTOINCREMENT, lane TEXT NOT NULL, departed REAL NOT NULL, arrived REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS call_arrived ON call (arrived);
CREATE TABLE IF NOT EXISTS hold (at REAL NOT NULL, until REAL NOT NULL);
CREATE TABLE IF NOT EXISTS room (
    header TEXT PRIMARY KEY, calls INTEGER NOT NULL, at REAL NOT NULL, until REAL NOT NULL
);
"""
"""``arrived`` is when the vendor has counted a call at the latest. Assumption: the file is on a disk of this machine;
what a power cut takes from it are the last calls. ``room`` is what the vendor said is left of a limit, where that is
little."""

DAMAGED = ("SQLITE_NOTADB", "SQLITE_CORRUPT")
"""Result codes of SQLite (sqlite.org/rescode.html)."""

STEP = 1.0
"""Seconds between two showings of a countdown."""
UNDER_WAY = 300.0
"""Seconds after its departure by which a call has arrived, also when nobody told its end: its program died."""
COUNT = re.compile("[0-9]{1,9}")
"""How many calls are left, as a header says it; anything else says nothing."""

LOOKED_AT_AGAIN = 3600.0
"""Seconds after which a limit is looked at again of which the vendor says that little is left."""
DRIFT = 0.001
"""How much faster our clock may run than the vendor's: twice what time synchronisation corrects at (500 ppm)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Time and chance: seconds since 1970, a way to wait, and a number from 0 to below 1."""

    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random


CLOCK = Clock()


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``calls`` within any ``seconds``; of one lane (``batch``), or of all calls when it names none.

    ``header`` is that of an answer that says how many are left, whoever made the others. ``reserve`` are the calls that
    nothing new begins with, so that what was begun can be finished.
    """

    calls: int
    seconds: float
    lane: str = ""
    header: str = ""
    reserve: int = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """A place in a lane that a pacer keeps for a call to come."""

    pacer: Pacer
    lane: str
    id: int

    def give_back(self) -> None:
        """As if it had never been taken."""
        self.pacer.forget(self)


class Pacer:
    """Lets calls through as the limits allow; ``shared`` is a file that makes several processes keep to them together.

    A vendor counts a call some time between its departure and its answer. So a window is full for us while as many
    calls as it takes are under way or were answered within it: wherever in between the vendor counted them, it never
    counts more. ``concurrent`` bounds the calls under way in this process.

    Whoever watches is told of a wait and may end it. A wait of more than ``longest_wait`` seconds, or than a write
    may still leave in, is not begun: ``NoTurn`` (day_limit_reached, too_many_requests). What the disk refuses raises
    ``CannotRun`` (disk_full, file_unwritable) before anything leaves; a damaged file is made anew.
    """

    def __init__(
        self,
        *limits: Limit,
        label: str,
        concurrent: int = 4,
        shared: Path | None = None,
        longest_wait: float = 300,
        clock: Clock = CLOCK,
    ) -> None:
        self._limits, self._label, self.longest_wait = limits, label, longest_wait
        self._clock = clock
        self.concurrent = concurrent
        self._places = threading.BoundedSemaphore(concurrent)
        self._lock = threading.Lock()
        self._shared = shared
        with _speaking(shared):
            self._calls = _opened(shared)

    @contextmanager
    def turn(self, lane: str = "") -> Iterator[None]:
        """Wait until a call may leave, count it, and hold one of the concurrent places while it is under way."""
        with self._places:
            call = self._taken(lane)
            try:
                yield
            finally:
                # An end that cannot be noted now loses nothing but its place: it counts as under way for a while.
                with suppress(CannotRun), self._changing() as now:
                    self._calls.execute("UPDATE call SET arrived = ? WHERE id = ?", (now, call))

    def keep(self, lane: str = "", calls: int = 1) -> float:
        """Keep places for calls under this watch and return 0, or the seconds after which to ask again.

        Raises ``NoTurn`` (day_limit_reached).
        """
        with self._changing() as now:
            if waiting := self._full(lane, now, calls, new=True):
                self._bear(waiting)
                return waiting
            watching().places += [Kept(self, lane, self._count(lane, now)) for _ in range(calls)]
            return 0.0

    def forget(self, kept: Kept) -> None:
        """A call that was not made after all."""
        with self._changing():
            self._calls.execute("DELETE FROM call WHERE id = ?", (kept.id,))

    def hold(self, seconds: float) -> None:
        """Nobody calls for so long, because the vendor said so (``Retry-After``)."""
        with self._changing() as now:
            self._calls.execute("INSERT INTO hold VALUES (?, ?)", (now, now + seconds))

    def heed(self, headers: Mapping[str, str]) -> None:
        """Take the vendor's word for what is left of its limits; other programs of other machines may use them too."""
        told = [(limit, headers.get(limit.header, "")) for limit in self._limits if limit.header]
        little = {limit: int(left) for limit, left in told if COUNT.fullmatch(left)}
        if not little:
            return
        with suppress(CannotRun), self._changing() as now:  # what cannot be noted is said again by the next answer
            for limit, left in little.items():
                self._calls.execute("DELETE FROM room WHERE header = ?", (limit.header,))
                if left <= limit.reserve + self.concurrent:
                    until = now + self._over(limit, now)
                    self._calls.execute("INSERT INTO room VALUES (?, ?, ?, ?)", (limit.header, left, now, until))

    def wait(self, seconds: float) -> None:
        """Wait by ourselves, with the countdown; others go on."""
        end = self._clock.now() + seconds
        while (left := end - self._clock.now()) > 0:
            self._step(min(left, seconds))

    def close(self) -> None:
        """Let go of the file."""
        self._calls.close()

    def _taken(self, lane: str) -> int:
        while True:
            waiting, call = self._take(lane)
            if not waiting:
                return call
            self._bear(waiting)
            self._step(waiting)

    def _bear(self, waiting: float) -> None:
        params = {"ledger": self._label}
        if waiting > self.longest_wait:
            when = datetime.fromtimestamp(60 * ceil((self._clock.now() + waiting) / 60), UTC).astimezone()
            raise NoTurn(Problem(code="day_limit_reached", params={**params, "when": f"{when:%Y-%m-%d %H:%M}"}))
        if waiting > watching().patience:
            raise NoTurn(Problem(code="too_many_requests", params=params), soon=True)

    def _step(self, left: float) -> None:
        watch = watching()
        if watch.stop():
            raise NoTurn(Problem(code="stopped", params={"ledger": self._label}))
        watch.waiting(left)
        self._clock.sleep(min(left, STEP))

    def _take(self, lane: str) -> tuple[float, int]:
        """Seconds after which to ask again or, with 0, the call that leaves now, at the place kept for it if any."""
        with self._changing() as now:
            places = watching().places
            kept = next((p for p in places if isinstance(p, Kept) and (p.pacer, p.lane) == (self, lane)), None)
            if waiting := self._held(now) if kept else self._full(lane, now):
                return waiting, 0
            if kept is None:
                return 0.0, self._count(lane, now)
            places.remove(kept)
            self._calls.execute("UPDATE call SET departed = ?, arrived = ? WHERE id = ?",
                                (now, now + UNDER_WAY, kept.id))  # fmt: skip
            return 0.0, kept.id

    def _count(self, lane: str, now: float) -> int:
        made = self._calls.execute(
            "INSERT INTO call (lane, departed, arrived) VALUES (?, ?, ?)", (lane, now, now + UNDER_WAY)
        )
        return int(made.lastrowid or 0)

    @contextmanager
    def _changing(self) -> Iterator[float]:
        with self._lock, _speaking(self._shared):
            try:
                self._calls.execute("BEGIN IMMEDIATE")
                now = self._clock.now()
                self._tidy(now)
                yield now
                self._calls.execute("COMMIT")
            except BaseException:
                self._calls.rollback()
                raise

    def _full(self, lane: str, now: float, calls: int = 1, *, new: bool = False) -> float:
        """Until so many calls fit into every window; for something ``new``, beside what is kept for the rest."""
        limits = [limit for limit in self._limits if limit.lane in ("", lane)]
        spare = {limit: calls + limit.reserve if new else calls for limit in limits}
        counted = (self._left_of(limit, now, some) for limit, some in spare.items())
        told = (self._short_of(limit, now, some, new) for limit, some in spare.items())
        return max(self._held(now), *counted, *told, 0.0)

    def _short_of(self, limit: Limit, now: float, calls: int, new: bool) -> float:
        """Until a window is over of which the vendor said that too little is left; what was begun asks it anew, where
        the window is long: its refusal says until when."""
        if not limit.header or (not new and limit.seconds > self.longest_wait):
            return 0.0
        found = self._calls.execute("SELECT until FROM room WHERE header = ? AND calls < ?", (limit.header, calls))
        return max((float(until) - now for (until,) in found), default=0.0)

    def _over(self, limit: Limit, now: float) -> float:
        """Until a window that began with our first call in it is over; of a long one, an hour at least: nobody sits
        through what is left of a day."""
        ours = self._calls.execute("SELECT min(arrived) FROM call WHERE arrived > ?", (now - limit.seconds,))
        first = ours.fetchone()[0]
        over = limit.seconds if first is None else min(float(first), now) + limit.seconds - now
        return max(over, LOOKED_AT_AGAIN) if limit.seconds > LOOKED_AT_AGAIN else over

    def _left_of(self, limit: Limit, now: float, calls: int) -> float:
        """Until enough of the calls that fill a window have left it; what is under way could arrive just now."""
        found = self._calls.execute(
            "SELECT arrived FROM call WHERE ? IN ('', lane) ORDER BY arrived DESC LIMIT 1 OFFSET ?",
            (limit.lane, max(0, limit.calls - calls)),
        ).fetchone()
        return max(0.0, min(float(found[0]), now) + limit.seconds * (1 + DRIFT) - now) if found else 0.0

    def _held(self, now: float) -> float:
        found = self._calls.execute("SELECT max(until) FROM hold").fetchone()[0]
        return max(0.0, float(found) - now) if found is not None else 0.0

    def _tidy(self, now: float) -> None:
        """Drop what no window sees any more; a clock that was set back must not make anything lie in the future."""
        oldest = now - max((limit.seconds for limit in self._limits), default=0) * (1 + DRIFT)
        self._calls.execute("DELETE FROM call WHERE arrived <= ?", (oldest,))
        self._calls.execute("UPDATE call SET departed = ?, arrived = ? WHERE departed > ?", (now, now, now))
        for table in ("hold", "room"):
            self._calls.execute(f"DELETE FROM {table} WHERE until <= ? OR at > ?", (now, now))  # noqa: S608 (ours)


def _opened(shared: Path | None) -> sqlite3.Connection:
    """The calls made until now. Of a damaged file they are given up: the vendor still says when there were too many."""
    if shared is None:
        return _connected(":memory:")
    private.make_folder(shared.parent)
    try:
        return _connected(shared)
    except sqlite3.DatabaseError as wrong:
        if wrong.sqlite_errorname not in DAMAGED:
            raise
    for part in ("", "-wal", "-shm"):
        shared.with_name(shared.name + part).unlink(missing_ok=True)
    return _connected(shared)


def _connected(place: Path | str) -> sqlite3.Connection:
    if place != ":memory:":
        private.create(Path(place))
    calls = sqlite3.connect(place, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        _prepare(calls, until=time.monotonic() + PATIENCE)
    except sqlite3.Error:
        calls.close()
        raise
    return calls


def _prepare(calls: sqlite3.Connection, until: float) -> None:
    """Make the tables; where several programs make them at once SQLite refuses some of them without waiting."""
    while True:
        try:
            calls.executescript(SCHEMA)
        except sqlite3.OperationalError as busy:
            if busy.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


@contextmanager
def _speaking(shared: Path | None) -> Iterator[None]:
    """What the disk refuses, in our problem codes."""
    try:
        yield
    except (sqlite3.Error, OSError) as wrong:
        full = getattr(wrong, "sqlite_errorname", "") == "SQLITE_FULL" or getattr(wrong, "errno", 0) == errno.ENOSPC
        code = "disk_full" if full else "file_unwritable"
        raise CannotRun(Problem(code=code, params={"path": str(shared or "")}, detail=str(wrong))) from wrong
