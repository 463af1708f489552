"""What holds after every run, whatever went wrong in it."""

from __future__ import annotations

from collections import Counter
from contextlib import closing

from addin.hands import open_journal
from addin.journal import State
from addin.journal.rows import settled
from connectors.records import Kind, SyncStatus
from tests.addin.conftest import Association, documents_in
from workbook.book import Row
from workbook.file.file_book import FileBook
from workbook.layout import REVIEW_TABLES
from workbook.review import text_of

STATUSES = {"To Be Transferred", "Transfer Completed", "Transfer Error"}
"""Of the six statuses, those that a sync sets."""


def holds(
    company: Association, wanted: Counter[tuple[str, str]], found: Counter[tuple[str, str]] | None = None
) -> None:
    """Each document at most once; what the journal says was booked is there, and what it says was refused is not."""
    found = documents_in(company.folder / "book.beancount") if found is None else found
    assert max(found.values(), default=1) == 1, f"booked twice: {[key for key, n in found.items() if n > 1]}"
    assert found.keys() <= wanted.keys()
    assert set(statuses(company)) <= STATUSES
    with closing(open_journal(company.profile)) as journal:
        histories, seen = journal.transfers(), journal.seen()
    assert {transfer.state for history in histories.values() for transfer in history} <= set(State)
    documents = {(kind.value, key): history for (kind, key), history in histories.items() if kind is not Kind.CUSTOMER}
    booked = {key for key, history in documents.items() if settled(history)}
    assert booked <= found.keys(), f"forgotten by the ledger: {booked - found.keys()}"
    assert found.keys() <= documents.keys(), "booked without an intent"
    refused = {key for key, history in documents.items() if history[-1].state is State.REJECTED}
    assert not refused & found.keys(), f"said to be refused, and booked: {refused & found.keys()}"
    assert {each.status for each in seen.values()} <= set(SyncStatus)


def nothing_hidden(company: Association) -> None:
    """After a run that could write the sheet, what is not known yet says so in its row."""
    with closing(open_journal(company.profile)) as journal:
        waiting = journal.open()
    if not waiting:
        return
    reasons = {key for key, row in rows(company).items() if text_of(row.values.get("reason"))}
    hidden = {key for _, key in waiting} - reasons
    assert not hidden, f"not known, and not shown: {hidden}"


def rows(company: Association) -> dict[str, Row]:
    """The review rows by the key they show."""
    book = FileBook(company.profile.workbook)
    found = [row for table in REVIEW_TABLES for row in book.read(table).rows]
    return {text_of(row.values["key"]): row for row in found if row.values["key"]}


def statuses(company: Association) -> Counter[object]:
    """How many rows show which status."""
    return Counter(row.values["status"] for row in rows(company).values())


def mark_errors(company: Association) -> None:
    """The accountant has seen what was refused, and marks it to be transferred again."""
    book, marked = company.book, 0
    for table in REVIEW_TABLES:
        wrong = [row.number for row in book.read(table).rows if row.values.get("status") == "Transfer Error"]
        book.write(table, {number: {"status": "To Be Transferred"} for number in wrong})
        marked += len(wrong)
    if marked:
        book.save()
