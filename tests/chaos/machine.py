"""A machine that fails at a moment that a seed decides: killed, stalled, out of power, full, read-only."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from threading import RLock

import pytest
from sqlalchemy import Connection, Engine, event

from addin.journal import Journal, lease
from addin.journal import journal as journal_module
from addin.journal.lease import TERM
from addin.session import Session
from connectors.http import session as http_session
from connectors.ledgers.beancount import book as beancount_book
from connectors.problems import CannotRun
from connectors.watch import Watch
from tests.chaos.faults import FaultyLedger
from workbook.file import package

Places = tuple[tuple[object, str], ...]

OURS = ((Journal, "write"), (Journal, "see"), (Journal, "finish"), (package, "move_in_place"))
"""Where we write."""

STALLS = (OURS, ((FaultyLedger, "find"),))
"""Where we may stall for any length of time; from the last look at the clock to the call it is assumed to be short."""

DEPARTURE = ((Watch, "begin"),)
"""The last look at the clock: just before it, the intent is committed and this document was not sent."""

WRITING = ((Journal, "write"),)
"""Where the journal is written: what a stalled one is about to write, another may have done by then."""

SHOWN = ((package, "move_in_place"), (Journal, "finish"))
"""The end of a run: the workbook is in place, and the journal believes it told."""

PLACES = (*OURS, (beancount_book, "_move_in_place"), (FaultyLedger, "_book"), (http_session, "attempt"))
"""Where we write or call; the moments just before and just after each."""


@contextmanager
def at_moment(number: int, then: Callable[[], None], places: Places = PLACES) -> Iterator[None]:
    """Do something at the so-manieth moment, if there are as many."""
    left = number

    def passing() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            then()

    def around(inner: Callable[..., object]) -> Callable[..., object]:
        def outer(*arguments: object, **named: object) -> object:
            passing()
            result = inner(*arguments, **named)
            passing()
            return result

        return outer

    with pytest.MonkeyPatch.context() as patch:
        for owner, name in places:
            patch.setattr(owner, name, around(getattr(owner, name)))
        yield


class Worker:
    """A process of its own that begins warm, as a copy of this one."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._trouble = Path(os.environ["PASSERELLE_HOME"]).parent / "trouble.txt"
        self.pid = os.fork()
        if self.pid == 0:
            os._exit(self._tried(work))
        self.stopped = self._wait()

    def _tried(self, work: Callable[[], None]) -> int:
        try:
            work()
        except CannotRun:
            return 0
        except BaseException:  # noqa: BLE001 - whatever it is, the parent is told
            self._trouble.write_text("".join(traceback.format_exception(*sys.exc_info())), encoding="utf-8")
            return 1
        return 0

    def _wait(self) -> bool:
        """Whether it stalled instead of ending."""
        _, status = os.waitpid(self.pid, os.WUNTRACED)
        if os.WIFSTOPPED(status):
            return True
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        assert killed or os.waitstatus_to_exitcode(status) == 0, self._trouble.read_text(encoding="utf-8")
        return False

    def go_on(self) -> None:
        """Let it continue where it stalled, to its end."""
        if self.stopped:
            os.kill(self.pid, signal.SIGCONT)
            self.stopped = self._wait()


def killed() -> None:
    """SIGKILL."""
    os.kill(os.getpid(), signal.SIGKILL)


def stalled(skip: Callable[[float], None]) -> Callable[[], None]:
    """Stop until the parent lets us go on; by our own clocks a lease ended meanwhile."""

    def stop() -> None:
        os.kill(os.getpid(), signal.SIGSTOP)
        skip(2 * TERM)

    return stop


@contextmanager
def jumping_clocks() -> Iterator[Callable[[float], None]]:
    """This machine's clocks, and what makes them jump by so many seconds."""
    jumped, clocks = 0.0, lease.clocks

    def skip(seconds: float) -> None:
        nonlocal jumped
        jumped += seconds

    def jumping() -> tuple[float, float]:
        steady, awake = clocks()
        return steady + jumped, awake + jumped

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lease, "clocks", jumping)
        patch.setattr(journal_module, "clocks", jumping)
        yield skip


class Disk:
    """What of some folders would be there after a power cut: content and names as of the last fsync of each.

    A database commits with an fsync of its own, which is taken over at each commit, one thread's after the other's: a
    lease is renewed at the side.
    """

    def __init__(self, *folders: Path) -> None:
        self._names = {folder: _listing(folder) for folder in folders}
        self._content = {inode: path.read_bytes() for names in self._names.values() for path, inode in names.items()}
        self._synced = os.fsync
        self._one_by_one = RLock()

    def fsync(self, descriptor: int) -> None:
        """The system's, remembered."""
        self._synced(descriptor)
        path = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
        if path in self._names:
            self._names[path] = _listing(path)
        elif path.is_file():
            self._content[path.stat().st_ino] = path.read_bytes()

    def committed(self, connection: Connection) -> None:
        """The database's files are durable. SQLAlchemy tells of a commit before it is made: so it is made here."""
        file = Path(str(connection.engine.url.database))
        with self._one_by_one:
            connection.connection.commit()
            for path in file.parent.glob(f"{file.name}*"):
                self._content[path.stat().st_ino] = path.read_bytes()
                self._names.setdefault(file.parent, {})[path] = path.stat().st_ino

    def cut(self) -> None:
        """The power fails."""
        with self._one_by_one:
            for folder, names in self._names.items():
                for path in _listing(folder).keys() - names.keys():
                    path.unlink()
                for path, inode in names.items():
                    path.write_bytes(self._content.get(inode, b""))
            killed()


def _listing(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_ino for path in folder.iterdir() if path.is_file() and path.suffix != ".sqlite-shm"}


@contextmanager
def power(disk: Disk) -> Iterator[None]:
    """Whatever is made durable is remembered."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", disk.fsync)
        listen = event.listens_for(Engine, "commit")
        listen(disk.committed)
        try:
            yield
        finally:
            event.remove(Engine, "commit", disk.committed)


@contextmanager
def journal_refuses(chance: Random, session: Session) -> Iterator[str]:
    """From a certain transaction on, the journal's database finds its disk full, or may only be read."""
    engine = session.journal._engine
    full = engine.dialect.name == "sqlite" and chance.random() < 0.5
    left = chance.randint(2, 14)

    def refuse(connection: Connection) -> None:
        nonlocal left
        left -= 1
        if left > 0:
            return
        if full:
            connection.exec_driver_sql("PRAGMA max_page_count=1")
        elif engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA query_only=ON")
        else:
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")

    event.listen(engine, "begin", refuse)
    yield "the journal's disk is full" if full else "the journal is read-only"
    event.remove(engine, "begin", refuse)
