"""The workers' database: procrastinate's tables and our schedules, made where they are missing and brought forward."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, closing
from importlib.metadata import version
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from procrastinate.schema import SchemaManager
from psycopg import sql
from sqlalchemy.engine import URL

from addin.journal.opening import REFUSED, UNWRITABLE, shown
from addin.schedule.registrar import Schedule
from connectors.problems import CannotRun, Problem
from connectors.secrets.secret import Secret
from packaging.version import Version

Statement = LiteralString | sql.Composed | bytes

CONNECT_SECONDS = 10

MAKING = 5077001
"""The number of the lock under which the tables are made: several workers start at once."""

SCHEDULES = """
CREATE TABLE IF NOT EXISTS passerelle_schedules (
    key text PRIMARY KEY,
    company text NOT NULL,
    every interval NOT NULL,
    next timestamptz NOT NULL DEFAULT now()
)
"""


def connect(url: URL, password: Secret | None) -> psycopg.Connection[tuple[Any, ...]]:
    """A connection to the workers' database, with every table there.

    Raises ``CannotRun`` (queue_unreachable, database_refused).
    """
    try:
        with ExitStack() as unready:
            connection = unready.enter_context(closing(psycopg.connect(**arguments(url, password))))
            with connection.transaction():
                connection.execute("SELECT pg_advisory_xact_lock(%s)", (MAKING,))
                for statement in _missing(connection):
                    connection.execute(statement)
            unready.pop_all()
    except psycopg.Error as wrong:
        raise unreachable(url, wrong) from wrong
    return connection


def arguments(url: URL, password: Secret | None) -> dict[str, Any]:
    """What psycopg needs to connect."""
    named = url.set(drivername="postgresql").render_as_string()
    known = {"password": password.reveal()} if password else {}
    return {"conninfo": named, "connect_timeout": CONNECT_SECONDS, "application_name": "passerelle", **known}


def unreachable(url: URL, wrong: Exception) -> CannotRun:
    """The queue's database did not answer, or refused us."""
    told, state = str(wrong).strip(), getattr(wrong, "sqlstate", None) or ""
    code = "database_refused" if state in UNWRITABLE or REFUSED.search(told) else "queue_unreachable"
    return CannotRun(Problem(code=code, params={"place": shown(url)}, detail=told))


def _missing(connection: psycopg.Connection[tuple[Any, ...]]) -> Iterator[Statement]:
    """What makes the tables those of the procrastinate that is installed; the comment on one says which made them."""
    now = version("procrastinate")
    found = connection.execute("SELECT to_regclass('procrastinate_jobs')").fetchone()
    if found == (None,):
        yield SchemaManager.get_schema()
    else:
        noted = connection.execute("SELECT obj_description('procrastinate_jobs'::regclass)").fetchone()
        yield from migrations(str(noted[0]) if noted and noted[0] else now)
    yield sql.SQL("COMMENT ON TABLE procrastinate_jobs IS {}").format(now)
    yield SCHEDULES


def migrations(since: str) -> Iterator[Statement]:
    """procrastinate's own migrations that came after a release, in order; files ``03.04.00_01_pre_….sql``."""
    for path in sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql")):
        release = re.match(r"\d+\.\d+\.\d+", path.name)
        if release and Version(release[0]) > Version(since):
            yield path.read_bytes()


class Stored:
    """Schedules that the workers keep: a registrar like those of a workstation."""

    name = "server"

    def __init__(self, url: URL, password: Secret | None) -> None:
        self._url, self._password = url, password

    def register(self, schedule: Schedule) -> None:
        """Store it; the first round is at once. Raises ``CannotRun`` (queue_unreachable)."""
        with connect(self._url, self._password) as connection:
            connection.execute(
                "INSERT INTO passerelle_schedules (key, company, every) VALUES (%s, %s, %s) "
                "ON CONFLICT (key) DO UPDATE SET company = excluded.company, every = excluded.every, next = now()",
                (schedule.key, schedule.company, schedule.every),
            )

    def registered(self) -> list[Schedule]:
        """Every company of the workers, by name. Raises ``CannotRun`` (queue_unreachable)."""
        with connect(self._url, self._password) as connection:
            rows = connection.execute("SELECT key, company, every FROM passerelle_schedules ORDER BY 2").fetchall()
        return [Schedule(key=key, company=company, every=every) for key, company, every in rows]

    def remove(self, key: str) -> None:
        """Forget it; a round under way goes on. Raises ``CannotRun`` (queue_unreachable)."""
        with connect(self._url, self._password) as connection:
            connection.execute("DELETE FROM passerelle_schedules WHERE key = %s", (key,))
