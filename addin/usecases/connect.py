"""Connect and disconnect: reach the ledger and the source, and say whose books they are."""

from __future__ import annotations

from addin.session import Session, identify
from addin.usecases.dashboard import show_company
from addin.usecases.report import Report
from connectors.ledger import Connected


def connect(session: Session) -> Report:
    """Reach both sides. Raises ``CannotRun``."""
    with session.profile.open_ledger() as ledger:
        books = ledger.connect()
    with session.profile.open_source() as source:
        origin = source.connect()
    show_connection(session, books)
    session.book.save()
    session.log("connect", "done", message=books.company)
    return Report(
        run=session.run.id,
        facts={
            "ledger": session.profile.ledger,
            "books_of": books.company,
            "until": books.until.isoformat() if books.until else "",
            "source": session.profile.source,
            "source_of": origin.company,
        },
    )


def disconnect(session: Session) -> Report:
    """Forget whom we were connected to."""
    session.journal.keep("company", "")
    identify(session.book, {"connected": "no", "connected_to": "", "connected_until": ""})
    show_company(session, "")
    session.book.save()
    session.log("disconnect", "done")
    return Report(run=session.run.id)


def show_connection(session: Session, books: Connected) -> None:
    """Let the ribbon and the dashboard show whom we are connected to."""
    session.journal.keep("company", books.company)
    until = books.until.isoformat() if books.until else ""
    identify(session.book, {"connected": "yes", "connected_to": books.company, "connected_until": until})
    show_company(session, books.company)
