"""Connect: reach the ledger and the source, and say whose books they are."""

from __future__ import annotations

from addin.session import Session
from addin.usecases.report import Report


def connect(session: Session) -> Report:
    """Reach both sides. Raises ``CannotRun``."""
    with session.profile.open_ledger() as ledger:
        books = ledger.connect()
    with session.profile.open_source() as source:
        origin = source.connect()
    session.journal.keep("company", books.company)
    session.log("connect", "done", message=books.company)
    until = books.until.isoformat() if books.until else ""
    return Report(
        run=session.run.id,
        facts={
            "ledger": session.profile.ledger,
            "books_of": books.company,
            "until": until,
            "source": session.profile.source,
            "source_of": origin.company,
        },
    )
