"""One hand at a time on a company: a lock in its folder on this machine, a lease in its journal between machines."""

from __future__ import annotations

import os
import time

from filelock import FileLock, Timeout
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from addin.journal import Holder, Journal
from addin.profile import Profile
from connectors.problems import CannotRun, Problem

PASSWORD = "journal-password"  # noqa: S105 - the name of the secret
LOOK = 0.5
"""Seconds between two looks whether the company is free."""


def open_journal(profile: Profile) -> Journal:
    """The company's journal: the database its profile names, else a file of this machine. Raises ``CannotRun``."""
    if not profile.journal_url:
        return Journal.at(profile.place / "journal.sqlite")
    try:
        url = make_url(profile.journal_url)
    except ArgumentError as wrong:
        raise _wrong_url(str(wrong)) from wrong
    if url.password:
        raise _wrong_url(f"a password does not belong there: PGPASSFILE, PGPASSWORD, {PASSWORD}")
    from connectors.secrets.store import open_secrets  # only a database elsewhere asks for it

    # Where we are given none, the driver looks in its own places: PGPASSWORD, PGPASSFILE, the person's .pgpass.
    given = None if "PGPASSWORD" in os.environ else open_secrets(profile.home / "secrets").given(PASSWORD)
    return Journal(url.set(password=given.reveal()) if given else url)


def alone(profile: Profile, who: str, wait: float) -> tuple[FileLock, Journal]:
    """The folder's lock and the journal with its lease, taken within so many seconds. Raises ``CannotRun``."""
    until = time.monotonic() + wait
    while True:
        try:
            return _alone(profile, who)
        except CannotRun as stopped:
            left = until - time.monotonic()
            if left <= 0 or stopped.problems[0].code != "sync_running":
                raise
            time.sleep(min(LOOK, left))


def _alone(profile: Profile, who: str) -> tuple[FileLock, Journal]:
    profile.place.mkdir(parents=True, exist_ok=True)
    lock = FileLock(profile.place / "running.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as busy:
        raise CannotRun(_running(profile)) from busy
    try:
        journal = open_journal(profile)
        try:
            journal.take(profile.id, profile.ledger, Holder.here(who, profile.place))
        except CannotRun:
            journal.close()
            raise
    except CannotRun:
        lock.release()
        raise
    return lock, journal


def _running(profile: Profile) -> Problem:
    journal = open_journal(profile)
    try:
        return journal.running(profile.ledger)
    finally:
        journal.close()


def _wrong_url(why: str) -> CannotRun:
    return CannotRun(Problem(code="settings_invalid", params={"setting": "journal_url", "why": why, "known": ""}))
