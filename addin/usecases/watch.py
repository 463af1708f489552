"""Watch: what somebody else's run on a company does, until it has ended."""

from __future__ import annotations

import time
from collections.abc import Callable

from addin.journal import State
from addin.session import Session
from addin.texts import mark
from addin.usecases.report import Report, by_kind
from connectors.problems import Problem
from connectors.records import Kind

LOOK = 1.0
"""Seconds between two looks into the journal."""

AT_WORK = mark("{who} is working on this company on {machine} since {since}: {answered} answered, {away} on the way.")
NOBODY = mark("Nobody is working on this company now.")


def watch(session: Session, tell: Callable[[str], None], pause: Callable[[float], None] = time.sleep) -> Report:
    """Say how far the run under way has come, then what the last one did. Raises ``CannotRun``."""
    said = ""
    while at_work := session.journal.at_work(session.profile.ledger):
        now = _how_far(session, at_work)
        if now != said:
            tell(said := now)
        pause(LOOK)
    tell(session.say(NOBODY))
    return _last(session)


def _how_far(session: Session, at_work: Problem) -> str:
    states = session.journal.states(_latest(session))
    away = sum(count for (_, state), count in states.items() if state in (State.INTENT, State.UNDOING))
    return session.say(AT_WORK, **at_work.params, answered=sum(states.values()) - away, away=away)


def _last(session: Session) -> Report:
    latest = _latest(session)
    events = [event for event in session.journal.events(None, latest) if event.kind]
    counted = (State.POSTED, State.REJECTED, State.UNKNOWN)
    counts = {state.value: by_kind(Kind(event.kind) for event in events if event.result == state) for state in counted}
    return Report(run=latest, counts=counts if events else {})


def _latest(session: Session) -> int:
    return next((run.id for run in session.journal.runs(1)), 0)
