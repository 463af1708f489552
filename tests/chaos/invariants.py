"""What holds after every run, whatever went wrong in it."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Collection
from contextlib import closing

from addin.hands import open_journal
from addin.journal import RecordKey, State
from addin.journal.protocol import WAITING
from addin.journal.rows import settled
from connectors.records import Kind, SyncStatus
from tests.addin.conftest import Association, documents_in
from workbook.book import Row
from workbook.file.file_book import FileBook
from workbook.layout import REVIEW_TABLES
from workbook.review import text_of
from workbook.row_keys import keyed

STATUSES = {"To Be Transferred", "Transfer Completed", "Transfer Error", "Stand By"}
"""Of the six statuses, those that a sync or an undoing sets."""

STATES = {"Stand By": State.UNDONE, "Transfer Error": State.GONE}
"""What the journal says of a document that is not in the ledger in the end, by what its row shows."""

OUT = frozenset({State.REJECTED, State.UNDONE, State.GONE})
"""Of what the journal has in these states, nothing stands in the ledger."""


def holds(
    company: Association, wanted: Counter[tuple[str, str]], found: Counter[tuple[str, str]] | None = None,
    deleted: Collection[str] = (), lost: Collection[RecordKey] = (),
) -> None:  # fmt: skip
    """Each document at most once; what the journal says was booked is there, and what it says was refused, undone or
    lost is not.

    ``deleted`` are the keys of what a person deleted in the ledger, and ``lost`` the records that nobody let go since.
    """
    found = documents_in(company.folder / "book.beancount") if found is None else found
    assert max(found.values(), default=1) == 1, f"booked twice: {[key for key, n in found.items() if n > 1]}"
    assert found.keys() <= wanted.keys()
    assert set(statuses(company)) <= STATUSES
    with closing(open_journal(company.profile)) as journal:
        histories, seen = journal.transfers(), journal.seen()
    assert {transfer.state for history in histories.values() for transfer in history} <= set(State)
    documents = {(kind.value, key): history for (kind, key), history in histories.items() if kind is not Kind.CUSTOMER}
    booked = {key for key, history in documents.items() if (one := settled(history)) and one.key not in deleted}
    assert booked <= found.keys(), f"forgotten by the ledger: {booked - found.keys()}"
    assert found.keys() <= documents.keys(), "booked without an intent"
    out = {key: history[-1].state for key, history in documents.items() if history[-1].state in OUT}
    assert not out.keys() & found.keys(), f"not booked, and there: {[(out[k], k) for k in out.keys() & found.keys()]}"
    back = {(kind.value, key) for kind, key in lost} & found.keys()
    assert not back, f"deleted by a person, and back by itself: {back}"
    assert {each.status for each in seen.values()} <= set(SyncStatus)


def nothing_hidden(company: Association) -> None:
    """After a run that could write the sheet, what is not known yet or is gone says so in its row."""
    with closing(open_journal(company.profile)) as journal:
        waiting = {key for key, history in journal.transfers().items() if history[-1].state in WAITING}
    if not waiting:
        return
    reasons = {key for key, row in rows(company).items() if text_of(row.values.get("reason"))}
    hidden = {key for _, key in waiting} - reasons
    assert not hidden, f"not known or gone, and not shown: {hidden}"


def agrees(
    company: Association, wanted: Counter[tuple[str, str]], found: Counter[tuple[str, str]], touched: Collection[str]
) -> None:
    """In the end the rows and the source say what stands in the ledger, and whatever nobody undid or deleted does.

    ``touched`` are the keys of what somebody did. A payment waits for its invoice, and says so.
    """
    shown = rows(company)
    completed = {key for key, row in shown.items() if row.values["status"] == "Transfer Completed"}
    assert completed & {key for _, key in wanted} == {key for _, key in found}
    with (company.folder / "source" / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        told = {(row["kind"], row["key"]) for row in csv.DictReader(file) if row["status"] == "completed"}
    assert told & wanted.keys() == found.keys(), (
        f"the source was told otherwise: {(told & wanted.keys()) ^ found.keys()}"
    )
    with closing(open_journal(company.profile)) as journal:
        latest = {key: history[-1].state for (_, key), history in journal.transfers().items()}
    for _, key in wanted.keys() - found.keys():
        status = shown[key].values["status"]
        paid = f"I{key[1:]}"
        held = key.startswith("P") and paid not in completed and paid in touched and status == "To Be Transferred"
        out = key in touched and latest[key] is STATES.get(status)
        assert held or out, f"{key} is {status}"
        assert text_of(shown[key].values["reason"]), f"{key} is {status}, and does not say why"


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
    marked(company, "Transfer Error")


def marked(company: Association, status: str, which: Callable[[], bool] = lambda: True) -> None:
    """The accountant marks what shows a status to be transferred."""
    book, changed = company.book, 0
    for table in REVIEW_TABLES:
        rows = keyed(table, book.read(table).rows)
        chosen = [key for key, row in rows if row.values.get("status") == status and which()]
        book.write(table, {key: {"status": "To Be Transferred"} for key in chosen}, every=True)
        changed += len(chosen)
    if changed:
        book.save()
