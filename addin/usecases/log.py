"""Log: what the last runs did."""

from __future__ import annotations

from addin.in_force import in_force
from addin.session import Session
from addin.usecases.dashboard import message_of, who_of
from addin.usecases.report import Report

MOST = 100


def log(session: Session, most: int | None = MOST) -> Report:
    """The last lines of the log, or all of them, newest first."""
    events = [
        {
            "time": f"{event.time:%Y-%m-%dT%H:%M:%SZ}",
            "run": event.run,
            "who": who_of(event),
            "kind": event.kind,
            "number": event.number,
            "action": event.action,
            "result": event.result,
            "reference": event.reference,
            "was": event.was,
            "becomes": event.becomes,
            "message": message_of(session, event),
        }
        for event in session.journal.events(most)
    ]
    held = in_force(session.profile, session.journal, whole=True)
    return Report(run=session.run.id, facts={"events": events}, problems=held.problems)
