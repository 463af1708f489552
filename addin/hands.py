"""One hand at a time on a company: a lock in its folder on this machine, a lease in its journal between machines."""

from __future__ import annotations

import time
from collections.abc import Callable

from filelock import FileLock, Timeout

from addin.databases import open_journal
from addin.journal import Holder, Journal
from addin.profile import Profile
from connectors import private
from connectors.disk import refusal
from connectors.problems import CannotRun, Problem

LOOK = 0.5
"""Seconds between two looks whether the company is free."""


def alone(
    profile: Profile, who: str, wait: float, tell: Callable[[Problem, float], None] = lambda *_: None
) -> tuple[FileLock, Journal]:
    """The folder's lock and the journal with its lease, taken within so many seconds.

    ``tell`` hears who has the company, and the seconds left, before each look. Raises ``CannotRun``.
    """
    until = time.monotonic() + wait
    while True:
        try:
            return _alone(profile, who)
        except CannotRun as stopped:
            left = until - time.monotonic()
            if left <= 0 or stopped.problems[0].code != "sync_running":
                raise
            tell(stopped.problems[0], left)
            time.sleep(min(LOOK, left))


def _alone(profile: Profile, who: str) -> tuple[FileLock, Journal]:
    place = profile.place / "running.lock"
    try:
        lock = private.lock(place)
        lock.acquire(timeout=0)
    except Timeout as busy:
        raise CannotRun(_running(profile)) from busy
    except OSError as refused:
        raise CannotRun(refusal(refused, place, writing=True)) from refused
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
