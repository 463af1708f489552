"""The databases that several machines share: a company's journal, the workers' queue; and the passwords to them."""

from __future__ import annotations

import os
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


def open_journal(profile: Profile) -> Journal:
    """The company's journal: the database its profile names, else a file of this machine. Raises ``CannotRun``."""
    if not profile.journal_url:
        return Journal.at(profile.place / "journal.sqlite")
    url = database(profile.journal_url, "journal_url", PASSWORD)
    known = password(profile.home, PASSWORD, password_name(profile))
    return Journal(url.set(password=known.reveal()) if known else url)


def database(named: str, setting: str, secret: str) -> URL:
    """The URL of a shared database, which holds no password. Raises ``CannotRun`` (settings_invalid)."""
    try:
        url = make_url(named)
    except ArgumentError as wrong:
        raise _refused(setting, str(wrong)) from wrong
    if url.password:
        raise _refused(setting, f"a password does not belong there: passerelle password, PGPASSFILE, {secret}")
    return url


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


def _refused(setting: str, why: str) -> CannotRun:
    return CannotRun(Problem(code="settings_invalid", params={"setting": setting, "why": why, "known": ""}))
