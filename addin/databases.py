"""The databases that several machines share: a company's journal, the workers' queue; and the passwords to them."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from addin.journal import Journal
from addin.profile import Profile, slug
from connectors.problems import CannotRun, Problem

if TYPE_CHECKING:
    from connectors.secrets.secret import Secret

PASSWORD = "journal-password"  # noqa: S105 - the name of the secret
SERVER = "server-password"

POSTGRES = frozenset({"postgresql", "postgresql+psycopg"})
HIGHEST_PORT = 65535
QUERIES = frozenset({"password", "sslpassword"})
"""Where else than after the person's name libpq takes a password in a URL."""


def open_journal(profile: Profile) -> Journal:
    """The company's journal: the database its profile names, else a file of this machine. Raises ``CannotRun``."""
    url = journal_url(profile)
    if url is None:
        return Journal.at(profile.place / "journal.sqlite")
    known = password(profile.home, PASSWORD, password_name(profile))
    return Journal(url.set(password=known.reveal()) if known else url)


def journal_url(profile: Profile) -> URL | None:
    """The database that a profile names for the journal, if any. Raises ``CannotRun`` as ``database`` does."""
    return database(profile.journal_url, "journal_url", frozenset({"sqlite"})) if profile.journal_url else None


def database(named: str, setting: str, others: frozenset[str] = frozenset()) -> URL:
    """The URL of a PostgreSQL database, or one of these others, which holds no password.

    Raises ``CannotRun`` (database_wrong, database_password) that repeats nothing of it: it may be a password.
    """
    url = _read(named)
    if url is None or url.drivername not in POSTGRES | others or (url.port or 0) > HIGHEST_PORT:
        raise CannotRun(Problem(code="database_wrong", params={"setting": setting}))
    if url.password or QUERIES & url.query.keys():
        raise CannotRun(Problem(code="database_password", params={"setting": setting}))
    return url


def _read(named: str) -> URL | None:
    """What is no URL is nothing: the error of a port that is no number repeats it, and it may be a password."""
    with suppress(ArgumentError, ValueError):
        return make_url(named)
    return None


def password_name(profile: Profile) -> str:
    """The name under which the password of one company's journal is kept."""
    return f"{PASSWORD}.{slug(profile.company)}"[:120].rstrip(".-")


def password(home: Path, *names: str) -> Secret | None:
    """A database's password: given from outside under any of these names, else kept by us under the last.

    Without one, the driver looks in its own places: PGPASSWORD, PGPASSFILE, the person's .pgpass. Raises ``CannotRun``.
    """
    if "PGPASSWORD" in os.environ:
        return None
    from connectors.secrets.store import open_secrets  # only a database elsewhere asks for it

    secrets = open_secrets(home / "secrets")
    if given := next(filter(None, map(secrets.given, names)), None):
        return given
    try:
        return secrets.read(names[-1])
    except CannotRun as shut:
        if shut.problems[0].code == "vault_missing":  # then nothing was ever kept in one either
            return None
        raise
