"""Until when the ledger lets us in: kept when we connect, and told in time to whoever can renew it."""

from __future__ import annotations

from datetime import date, timedelta

from addin.journal import Journal
from connectors.ledger import Connected
from connectors.problems import Problem

UNTIL, AT_MOST = "authorized until", "authorized at most until"
"""The memos of the last day unless somebody renews the authorization, and of the last one even then."""
SOON = timedelta(days=14)
SOON_AT_MOST = timedelta(days=30)
"""How long before: what renews itself when somebody syncs, and what only a person with the rights can begin anew."""


def note_ends(journal: Journal, connected: Connected | None) -> None:
    """Keep until when we may; nothing once we are connected no more."""
    ends = (connected.until, connected.at_most) if connected else (None, None)
    for memo, day in zip((UNTIL, AT_MOST), ends, strict=True):
        journal.keep(memo, day.isoformat() if day else "")


def ends(journal: Journal) -> tuple[date | None, date | None]:
    """The last day unless somebody renews the authorization, and the last one even then."""
    return _day(journal, UNTIL), _day(journal, AT_MOST)


def ends_soon(journal: Journal, ledger: str, today: date) -> Problem | None:
    """A warning in the last days of an authorization; ``ledger`` is the ledger's name for people."""
    until, at_most = ends(journal)
    for day, soon, code in (
        (at_most, SOON_AT_MOST, "sign_in_ends_for_good"),
        (until, SOON, "sign_in_ends_soon"),
    ):
        if day is not None and today <= day <= today + soon:
            return Problem(code=code, params={"ledger": ledger, "date": day.isoformat()})
    return None


def _day(journal: Journal, memo: str) -> date | None:
    kept = journal.kept(memo)
    return date.fromisoformat(kept) if kept else None
