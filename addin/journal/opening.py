"""Opening a journal's database: made where it is empty, brought forward where it is of an earlier release."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, create_engine, event, insert, inspect, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DatabaseError, DataError, IntegrityError, NoSuchModuleError, ProgrammingError
from sqlalchemy.util import LRUCache

from addin.journal import schema
from connectors import private
from connectors.disk import FULL as FULL_DISK
from connectors.problems import CannotRun, Problem

UNVERSIONED = "0001"
"""The revision of a journal that says none: release 0.1 wrote no version."""

FULL = {"SQLITE_FULL", "53100"}
UNWRITABLE = {"SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_IOERR", "42501", "25006"}
DAMAGED = {"SQLITE_CORRUPT", "SQLITE_NOTADB", "XX001", "XX002"}
"""Result codes of SQLite (sqlite.org/rescode.html) and SQLSTATE of PostgreSQL (appendix A of its manual)."""

REFUSED = re.compile(
    r"password authentication failed|no password supplied|no pg_hba\.conf entry|(role|database) \".*\" does not exist"
    r"|not permitted to log in|permission denied for database|invalid (connection option|URI query parameter)"
)
"""Words of PostgreSQL and its driver, which give no SQLSTATE where they let nobody in; in another language than
English they are not known, and count as not reached."""

WAITS = {
    "connect_timeout": 10, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3,
    "tcp_user_timeout": 60_000, "options": "-c lock_timeout=30s -c idle_in_transaction_session_timeout=60s",
}  # fmt: skip
"""What bounds every wait for a PostgreSQL that is gone, and frees the lease's row from a machine that fell asleep in
the middle of a transaction (its manual, 34.1.2 and 19.11.1); what a profile's URL says itself wins. Seconds, but
milliseconds for ``tcp_user_timeout``."""

ROOM = 1 << 18
"""Bytes that a journal needs free beside itself, for its write-ahead log and what its programs share."""

COMPILED = LRUCache[Any, Any](500)
"""Statements as they were compiled, for all journals of a process: a round opens those of many companies."""

UNREACHED = "journal_unreachable"
OURS = (IntegrityError, ProgrammingError, DataError)
"""Mistakes of ours in a statement, unless the database says that it was about rights."""


def opened(url: str | URL) -> Engine:
    """An engine over a journal at the revision of this program.

    Raises ``CannotRun``: journal_newer, journal_unreachable, database_refused, journal_unwritable, journal_damaged,
    disk_full.
    """
    engine = _engine(make_url(url))
    with ExitStack() as unopened:
        unopened.callback(engine.dispose)
        with speaking(engine):
            with engine.connect() as connection:
                found = _revision(connection)
            if found != schema.HEAD:
                _bring_forward(engine, found)
        unopened.pop_all()
    return engine


def _engine(url: URL) -> Engine:
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    waits = {name: most for name, most in WAITS.items() if name not in url.query}
    server = url.get_backend_name() == "postgresql"
    try:
        engine = create_engine(url, pool_pre_ping=server, connect_args=waits if server else {})
    except (NoSuchModuleError, ModuleNotFoundError) as missing:
        problem = Problem(code="journal_driver_missing", params={"url": shown(url)}, detail=str(missing))
        raise CannotRun(problem) from missing
    if engine.dialect.name == "sqlite":
        engine.dialect = _sqlite()
        engine.update_execution_options(compiled_cache=COMPILED)
        event.listen(engine, "connect", _durable)
        event.listen(engine, "begin", _begin)
    return engine


@cache
def _sqlite() -> Dialect:
    """One dialect for the files of all companies: what SQLAlchemy compiled, it finds again under the same dialect."""
    engine = create_engine("sqlite://")
    engine.connect().close()
    return engine.dialect


def _durable(connection: Any, _: object) -> None:  # noqa: ANN401 - the driver's own connection type
    # The driver would begin a transaction at the first change only, and none at all for changes of the tables.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout=30000")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


def _begin(connection: Connection) -> None:
    alone = connection.get_execution_options().get("alone")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if alone else "BEGIN")


def _revision(connection: Connection) -> str:
    """The revision a journal is at; empty where there is none."""
    tables = inspect(connection)
    if tables.has_table(schema.version.name):
        return str(connection.scalar(select(schema.version.c.version_num)))
    return UNVERSIONED if tables.has_table(schema.transfer.name) else ""


def _bring_forward(engine: Engine, found: str) -> None:
    if found > schema.HEAD:
        raise CannotRun(
            Problem(code="journal_newer", params={"place": shown(engine.url), "found": found, "known": schema.HEAD})
        )
    if found and engine.url.database and engine.dialect.name == "sqlite":
        _copy_beside(Path(engine.url.database), found)
    with engine.execution_options(alone=True).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('passerelle.journal'))")
        found = _revision(connection)
        if not found:
            schema.metadata.create_all(connection)
            connection.execute(insert(schema.version).values(version_num=schema.HEAD))
        elif found < schema.HEAD:
            _migrate(connection, found)


def _migrate(connection: Connection, found: str) -> None:
    from alembic import command  # imported only when there is something to migrate: it costs a tenth of a second
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection
    if not inspect(connection).has_table(schema.version.name):
        command.stamp(config, found)
    command.upgrade(config, schema.HEAD)


def _copy_beside(file: Path, revision: str) -> None:
    """Keep the journal as it was, complete with what its write-ahead log holds."""
    copy = file.with_name(f"{file.name}.{revision}")
    if copy.exists():
        return
    beside = file.with_name(f"{copy.name}.{os.getpid()}.new")
    private.create(beside)
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(beside)) as target:
        source.backup(target)
    os.replace(beside, copy)


@contextmanager
def speaking(engine: Engine) -> Iterator[None]:
    """What the database or its disk refuses, in our problem codes; a mistake of ours in a statement stays a defect."""
    try:
        yield
    except (DatabaseError, sqlite3.Error) as wrong:
        problem = _problem(engine, wrong)
        if isinstance(wrong, OURS) and problem.code == UNREACHED:
            raise
        raise CannotRun(problem) from wrong
    except OSError as wrong:
        code = "disk_full" if wrong.errno in FULL_DISK else "journal_unwritable"
        raise CannotRun(Problem(code=code, params=_place(engine), detail=str(wrong))) from wrong


def _problem(engine: Engine, wrong: DatabaseError | sqlite3.Error) -> Problem:
    cause = wrong.orig if isinstance(wrong, DatabaseError) else wrong
    told = getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None) or ""
    table = (FULL, "disk_full"), (UNWRITABLE, "journal_unwritable"), (DAMAGED, "journal_damaged")
    code = next(
        (code for names, code in table if any(told == name or told.startswith(f"{name}_") for name in names)),
        "database_refused" if REFUSED.search(str(cause)) else UNREACHED,
    )
    if code == "journal_unwritable" and _is_full(engine.url):
        code = "disk_full"
    return Problem(code=code, params=_place(engine), detail=str(cause).strip())


def _is_full(url: URL) -> bool:
    """Whether the disk of a journal's file has no room: SQLite calls it so only where it was its file that grew."""
    if url.get_backend_name() != "sqlite" or not url.database:
        return False
    try:
        return shutil.disk_usage(Path(url.database).parent).free < ROOM
    except OSError:
        return False


def _place(engine: Engine) -> dict[str, str]:
    return {"path": shown(engine.url), "place": shown(engine.url)}


def shown(url: URL) -> str:
    """Where a journal is, as a person reads it: a path, or a URL without its password."""
    named = url.set(drivername=url.get_backend_name())
    return str(url.database) if named.drivername == "sqlite" else named.render_as_string(hide_password=True)
