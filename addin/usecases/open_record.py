"""Open record: a record's page in the ledger, or in the source while the ledger does not have it."""

from __future__ import annotations

import webbrowser
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from addin.journal import RecordKey, Seen
from addin.journal.rows import settled
from addin.session import Session
from addin.usecases.report import Report
from connectors.problems import CannotRun, Problem
from connectors.records import Kind
from workbook.layout import REVIEW_TABLES
from workbook.review import read
from workbook.row_keys import keyed

SCHEMES = frozenset({"http", "https"})


def open_record(
    session: Session, kind: Kind | None = None, number: str = "", browse: Callable[[str], bool] = webbrowser.open
) -> Report:
    """Open the record of this kind and number, or the selected one, in the browser.

    Raises ``CannotRun``: ``nothing_selected``, or ``link_missing`` where there is no page of it on the web.
    """
    seen = session.journal.seen()
    key = _selected(session, seen) if kind is None else _named(seen, kind, number)
    if key is None:
        raise CannotRun(Problem(code="nothing_selected"))
    booked = settled(session.journal.transfers().get(key, ()))
    for url in (booked.url if booked else "", seen[key].record().url):
        if _on_the_web(url):
            browse(url)
            return Report(run=session.run.id, facts={"url": url})
    called = seen[key].number or key[1]
    raise CannotRun(Problem(code="link_missing", kind=key[0], key=key[1], params={"number": called}))


def _named(seen: Mapping[RecordKey, Seen], kind: Kind, number: str) -> RecordKey | None:
    return next((key for key, each in seen.items() if key[0] is kind and number in (each.number, each.key)), None)


def _selected(session: Session, seen: Mapping[RecordKey, Seen]) -> RecordKey | None:
    selected = {(table.name, row) for table in REVIEW_TABLES for row in session.book.selected(table)}
    for key, typed in read(session.book).rows.items() if selected else ():
        if key in seen and any((typed.table.name, row) in selected for row, _ in keyed(typed.table, typed.rows)):
            return key
    return None


def _on_the_web(url: str) -> bool:
    try:
        return urlsplit(url).scheme.lower() in SCHEMES
    except ValueError:
        return False
