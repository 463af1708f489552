"""Authorize, connect and disconnect: sign in to the ledger, reach both sides, and say whose books they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress

from addin.session import Session, identify, identity
from addin.usecases.dashboard import NEEDS_SIGN_IN, SIGNED_OUT, show_company
from addin.usecases.ending import ends_soon, note_ends
from addin.usecases.report import Report
from connectors.ledger import Connected, Ledger
from connectors.problems import CannotRun, Problem
from connectors.secrets.secret import Secret

BOOKS = "books"
"""The memo that says in whose books the journal's transfers are: the ledger, and its own word for them."""


def connect(session: Session) -> Report:
    """Reach both sides. Raises ``CannotRun``."""
    with session.profile.open_ledger() as ledger:
        identify(session.book, {"signs_in": "yes" if ledger.signs_in() else "no"})
        try:
            books = reach(session, ledger)
        except CannotRun:
            _show_no_connection(session)
            raise
    with session.profile.open_source() as source:
        origin = source.connect()
    show_connection(session, books)
    session.book.save()
    session.log("connect", "done", message=books.company)
    ending = ends_soon(session.journal, ledger.label, session.today)
    return Report(
        run=session.run.id,
        problems=(*books.warnings, *((ending,) if ending else ())),
        facts={
            "ledger": session.profile.ledger,
            "books_of": books.company,
            "until": books.until.isoformat() if books.until else "",
            "at_most": books.at_most.isoformat() if books.at_most else "",
            "source": session.profile.source,
            "source_of": origin.company,
        },
    )


def reach(session: Session, ledger: Ledger) -> Connected:
    """Connect to the ledger; the dashboard says so where it wants a new authorization. Raises ``CannotRun``."""
    try:
        return ledger.connect()
    except CannotRun as refused:
        note_sign_in(session, refused.problems)
        raise


def note_sign_in(session: Session, problems: Iterable[Problem]) -> None:
    """Show where the ledger wants a new authorization; in a workbook that cannot be written to, the next run does."""
    if NEEDS_SIGN_IN.isdisjoint(problem.code for problem in problems):
        return
    session.journal.keep(SIGNED_OUT, "yes")
    with suppress(CannotRun):
        identify(session.book, {"connected": "no"})
        show_company(session, session.journal.kept("company") or "")
        session.book.save()


def authorize(
    session: Session, open_browser: Callable[[str], bool], port: int = 0, paste: Callable[[], Secret] | None = None
) -> Report:
    """Let a person sign in to the ledger in a browser, then connect. Raises ``CannotRun``.

    ``paste`` brings the address that the person came back to, where she pastes it in a terminal.
    """
    from connectors.signin import by_pasting, in_browser  # slow to import, and only this button needs them

    with session.profile.open_ledger() as ledger:
        sign_in = ledger.signs_in()
        if sign_in is None:
            raise CannotRun(Problem(code="sign_in_needless", params={"ledger": ledger.label}))
        if paste:
            by_pasting(sign_in, paste, open_browser=open_browser)
        else:
            in_browser(sign_in, open_browser=open_browser, port=port)
    session.log("authorize", "done")
    return connect(session)


def disconnect(session: Session) -> Report:
    """Withdraw the ledger's authorization where there is one, and forget whom we were connected to."""
    with session.profile.open_ledger() as ledger:
        sign_in = ledger.signs_in()
        if sign_in is not None:
            from connectors.signin.flows import disconnect as withdraw  # as above

            try:
                withdraw(sign_in)
            except CannotRun as failed:
                if failed.problems[0].code == "not_revoked":  # forgotten here all the same
                    _show_no_connection(session)
                raise
    session.journal.keep(SIGNED_OUT, "")
    _show_no_connection(session)
    session.log("disconnect", "done")
    return Report(run=session.run.id)


def _show_no_connection(session: Session) -> None:
    session.journal.keep("company", "")
    note_ends(session.journal, None)
    identify(session.book, {"connected": "no", "connected_to": "", "connected_until": ""})
    session.identity = identity(session.book)
    show_company(session, "")
    session.book.save()


def same_books(session: Session, books: Connected) -> None:
    """Raises ``CannotRun`` (books_differ) where the journal knows of transfers to other books, or another ledger.

    A ledger that had no word for its books, and now has one, is the same ledger.
    """
    here, before = f"{session.profile.ledger} {books.books}".strip(), session.journal.kept(BOOKS)
    if before != here:
        if before and before != session.profile.ledger and session.journal.states():
            params = {"expected": before, "found": f"{books.company} ({here})"}
            raise CannotRun(Problem(code="books_differ", params=params))
        session.journal.keep(BOOKS, here)


def show_connection(session: Session, books: Connected) -> None:
    """Let the ribbon and the dashboard show whom we are connected to. Raises ``CannotRun`` (books_differ)."""
    same_books(session, books)
    session.journal.keep("company", books.company)
    note_ends(session.journal, books)
    session.journal.keep(SIGNED_OUT, "")
    until = books.until.isoformat() if books.until else ""
    identify(session.book, {"connected": "yes", "connected_to": books.company, "connected_until": until})
    session.identity = identity(session.book)
    show_company(session, books.company)
