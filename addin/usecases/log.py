"""Log: what the last runs did."""

from __future__ import annotations

from addin.session import Session
from addin.usecases.report import Report

MOST = 100


def log(session: Session, most: int | None = MOST) -> Report:
    """The last lines of the log, or all of them, newest first."""
    events = [
        {
            "time": f"{event.time:%Y-%m-%dT%H:%M:%SZ}",
            "run": event.run,
            "who": event.who,
            "kind": event.kind,
            "number": event.number,
            "action": event.action,
            "result": event.result,
            "reference": event.reference,
            "message": event.message,
        }
        for event in session.journal.events(most)
    ]
    return Report(run=session.run.id, facts={"events": events})
