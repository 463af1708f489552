"""Who works on a company now: one holder at a time, its token on every change, its time never taken for granted."""

from __future__ import annotations

import hashlib
import socket
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from pathlib import Path
from threading import Event, Thread

from sqlalchemy import (
    ColumnElement,
    Connection,
    Double,
    Engine,
    Row,
    Update,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    update,
)

from addin.journal import schema
from addin.journal.opening import speaking
from connectors.problems import CannotRun, Problem

TERM = 180.0
"""Seconds a lease lasts after its last renewal; how long the others wait when a machine dies."""

BEAT = 20.0
"""Seconds between two renewals while nothing is written."""

MARGIN = 120.0
"""Seconds that must be left of a lease before anything is sent: an intent is sent within a term less this, or never.

Assumption: a ledger books what it was sent within this time after the call began, or not at all (QuickBooks Online ends
a request after 120 s). So a term after its intent was written, a transfer that is not found is proved absent.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who takes a lease: the person, the machine's name, and ``id``, the same for one folder on one machine alone."""

    who: str
    machine: str
    id: str

    @classmethod
    def here(cls, who: str, place: Path) -> Holder:
        """This machine, working in a company's own folder."""
        machine = socket.gethostname()
        named = f"{machine}/{uuid.getnode():x}/{place}"  # of any length
        return cls(who=who, machine=machine, id=hashlib.sha256(named.encode()).hexdigest())


class Lease:
    """A lease on one company and ledger.

    The database's clock says when it ends. Whoever takes over counts the token up, and from then on the former holder
    changes nothing.
    """

    def __init__(self, engine: Engine, name: str, holder: Holder) -> None:
        self._engine, self._name, self._holder = engine, name, holder
        self.token = 0
        self._ended = Event()

    def take(self) -> None:
        """Take the lease, from a holder of this very folder at once: the caller has the folder's lock.

        Raises ``CannotRun`` (sync_running) with who holds it, on which machine, since when.
        """
        with speaking(self._engine), self._engine.execution_options(alone=True).begin() as connection:
            busy = self._taken(connection)
        if busy:
            raise CannotRun(busy)
        Thread(target=self._keep_alive, daemon=True).start()

    def _taken(self, connection: Connection) -> Problem | None:
        dialect = import_module(f"sqlalchemy.dialects.{connection.dialect.name}")
        first = dialect.insert(schema.lease).values(name=self._name, token=0)
        connection.execute(first.on_conflict_do_nothing())
        now = clock(connection)
        found = connection.execute(select(schema.lease, now.label("now")).where(self._ours).with_for_update()).one()
        if found.until <= found.now or found.holder == self._holder.id:
            self.token = found.token + 1
            connection.execute(
                update(schema.lease).where(self._ours).values(
                    token=self.token, holder=self._holder.id, who=self._holder.who, machine=self._holder.machine,
                    since=now, until=now + TERM,
                )
            )  # fmt: skip
            return None
        if found.until > found.now + TERM:
            # No renewal reaches so far: the clock was set back. A whole term from now on is still safe.
            connection.execute(update(schema.lease).where(self._ours).values(until=now + TERM))
        return running(found)

    def confirm(self, connection: Connection) -> None:
        """Make a transaction count only while the lease is ours, and renew it there. Raises ``CannotRun``: lease_lost.

        It comes first in the transaction: until that ends, nobody else can take the lease.
        """
        if connection.execute(_longer(connection.dialect.name), self._mine).rowcount != 1:
            raise CannotRun(self.lost(connection))

    def lost(self, connection: Connection) -> Problem:
        """The problem of a holder that was away for too long."""
        found = connection.execute(select(schema.lease).where(self._ours)).one()
        return Problem(code="lease_lost", params=_who(found))

    def renew(self) -> None:
        """Renew it in a transaction of its own. Raises ``CannotRun`` (lease_lost and what a database refuses)."""
        with speaking(self._engine), self._engine.begin() as connection:
            self.confirm(connection)

    def release(self) -> None:
        """Let the next one in."""
        self._ended.set()
        with speaking(self._engine), self._engine.begin() as connection:
            connection.execute(RELEASED, self._mine)

    def _keep_alive(self) -> None:
        while not self._ended.wait(BEAT):
            # A renewal that fails leaves less time, and what is sent or written next finds that out.
            with suppress(CannotRun):
                self.renew()

    @property
    def _ours(self) -> ColumnElement[bool]:
        return schema.lease.c.name == self._name

    @property
    def _mine(self) -> dict[str, str | int]:
        return {"of": self._name, "by": self._holder.id, "since_token": self.token}


HELD = (
    (schema.lease.c.name == bindparam("of"))
    & (schema.lease.c.token == bindparam("since_token"))
    & (schema.lease.c.holder == bindparam("by"))
)
"""Neither another's nor released: a renewal that comes late must not shut everybody out for a term."""

RELEASED = update(schema.lease).where(HELD).values(until=0, holder="")


@cache
def _longer(dialect: str) -> Update:
    """The renewal of a lease, made once: it comes with everything that is written."""
    return update(schema.lease).where(HELD).values(until=_clock(dialect) + TERM)


def current(engine: Engine, name: str) -> Problem:
    """The problem of a company that is being worked on, with what is known of who does it."""
    with speaking(engine), engine.connect() as connection:
        found = connection.execute(select(schema.lease).where(schema.lease.c.name == name)).one_or_none()
    return running(found) if found else Problem(code="sync_running", params={"who": "", "machine": "", "since": ""})


def holding(engine: Engine, name: str) -> Problem | None:
    """The problem that somebody works on a company, with who does it; ``None`` while nobody holds its lease."""
    with speaking(engine), engine.connect() as connection:
        lasts = (schema.lease.c.holder != "") & (schema.lease.c.until > clock(connection))
        found = connection.execute(select(schema.lease).where(schema.lease.c.name == name, lasts)).one_or_none()
    return running(found) if found else None


def running(found: Row[tuple[object, ...]]) -> Problem:
    """Somebody works on the company."""
    return Problem(code="sync_running", params=_who(found))


def _who(found: Row[tuple[object, ...]]) -> dict[str, str]:
    since = datetime.fromtimestamp(found.since, UTC).astimezone()
    return {"who": found.who, "machine": found.machine, "since": f"{since:%Y-%m-%d %H:%M}"}


def clock(connection: Connection) -> ColumnElement[float]:
    """The seconds of the database's clock, as they pass within a transaction too."""
    return _clock(connection.dialect.name)


@cache
def _clock(dialect: str) -> ColumnElement[float]:
    if dialect == "postgresql":
        return cast(func.extract("epoch", func.clock_timestamp()), Double)
    return literal_column("(julianday('now') - 2440587.5) * 86400.0", Double)


def clocks() -> tuple[float, float]:
    """This machine's clocks: one that is never set, and one that goes on while the machine sleeps."""
    return time.monotonic(), time.time()


def since(then: tuple[float, float]) -> float:
    """Seconds that passed; a machine that slept has lost that time, a clock set back wins none."""
    return max(now - before for now, before in zip(clocks(), then, strict=True))
