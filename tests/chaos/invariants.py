"""What holds after every run, whatever went wrong in it."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import closing
from decimal import Decimal

from addin import texts
from addin.hands import open_journal
from addin.journal import RecordKey, State, Transfer
from addin.journal.protocol import WAITING
from addin.journal.rows import settled
from connectors.problems import Problem
from connectors.records import Kind
from tests.addin.conftest import Association, documents_in
from tests.chaos.books import Document
from tests.chaos.worlds import World, at_home, record_of
from workbook.book import Row, RowKey
from workbook.file.file_book import FileBook
from workbook.layout import ACCOUNTS, INVOICES, PAYMENTS, REVIEW_TABLES, Table
from workbook.review import text_of
from workbook.row_keys import keyed

Sheet = Mapping[Table, list[Row]]

COMPLETED = "Transfer Completed"

STATUSES = {"To Be Transferred", "In Review", "Transfer Completed", "Transfer Error", "Stand By"}
"""Of the six statuses, those that a sync, an undoing or reviewing sets."""

REPLACED = texts.what("en", Problem(code="replaced_in_source"))
"""What a row says of an entry that its schedule no longer makes."""

STATES = {"Stand By": State.UNDONE, "Transfer Error": State.GONE}
"""What the journal says of a document that is not in the ledger in the end, by what its row shows."""

OUT = frozenset({State.REJECTED, State.UNDONE, State.GONE})
"""Of what the journal has in these states, nothing stands in the ledger."""


def is_derived(key: str) -> bool:
    """Whether a record was made of others at a pull: a fee, a discount, an entry of a schedule."""
    return "/" in key


def counted(standing: Iterable[Document]) -> Counter[tuple[str, str]]:
    """How often each record of the source stands in the ledger, whoever booked it."""
    return Counter(each.about for each in standing if each.record)


def holds(
    company: Association, wanted: Counter[tuple[str, str]], standing: Collection[Document] | None = None,
    deleted: Collection[str] = (), lost: Collection[RecordKey] = (), sheet: Sheet | None = None,
) -> None:  # fmt: skip
    """Each document at most once, ours or keyed in; what the journal says was booked is there, and what it says was
    refused, undone or lost was not booked by us.

    ``deleted`` are the keys of what a person deleted in the ledger, and ``lost`` the records that nobody let go since.
    """
    found = documents_in(company.folder / "book.beancount") if standing is None else counted(standing)
    ours = found if standing is None else counted(each for each in standing if not each.by_hand)
    assert max(found.values(), default=1) == 1, f"booked twice: {[key for key, n in found.items() if n > 1]}"
    strange = {(kind, key) for kind, key in found.keys() - wanted.keys() if not is_derived(key)}
    assert not strange, f"there, and nobody's: {strange}"
    assert set(statuses(company, sheet)) <= STATUSES
    with closing(open_journal(company.profile)) as journal:
        histories = journal.transfers()
    documents = {(kind.value, key): booking(history) for (kind, key), history in histories.items()
                 if kind is not Kind.CUSTOMER}  # fmt: skip
    booked = {key for key, history in documents.items() if (one := settled(history)) and one.key not in deleted}
    assert booked <= found.keys(), f"forgotten by the ledger: {booked - found.keys()}"
    assert ours.keys() <= documents.keys(), "booked without an intent"
    out = {key: history[-1].state for key, history in documents.items() if history[-1].state in OUT}
    assert not out.keys() & ours.keys(), f"not booked, and there: {[(out[k], k) for k in out.keys() & ours.keys()]}"
    back = {(kind.value, key) for kind, key in lost} & ours.keys()
    assert not back, f"deleted by a person, and back by itself: {back}"


def every_row_is_true(
    world: World, sheet: Sheet, standing: Collection[Document], touched: Collection[str], over: Mapping[str, str]
) -> None:
    """A row that is Completed names the document of its own record, of its customer and its amount, which stands.

    ``touched`` are the keys of what somebody undid or deleted: their rows may not know it yet. ``over`` is what a
    person typed himself over the reference of a row that was Completed: it stays, and the row says that it is wrong.
    """
    for table, column in ((INVOICES, "total"), (PAYMENTS, "amount")):
        for row in sheet[table]:
            key, number, reference = (text_of(row.values[name]) for name in ("key", "number", "reference"))
            if not is_derived(key):
                record, shown = record_of(world.company, key), {total for _, total in world.read[key]}
                assert number == record["number"], f"the row of {key} says {number}"
                told = at_home(record, Decimal(text_of(row.values[column])))
                assert told in shown, f"the row of {key} has the amount of another"
            if row.values["status"] == COMPLETED and key not in touched and over.get(key) != reference:
                named = [each for each in standing if each.record == key and each.is_called(reference)]
                assert named, f"{key} is Completed as {reference}, which it is not"
    for each in standing:
        read = set() if not each.record or is_derived(each.record) else world.read[each.record]
        alike = (total for name, total in read if each.customer in ("", name))  # a refund of a book names nobody
        assert not read or each.total in alike, f"{each.record} stands in the ledger as {each.customer}, {each.total}"


def every_account_is_right(
    company: Association, sheet: Sheet, customers: Mapping[str, str], over: Mapping[str, str]
) -> None:
    """An account that is Completed is linked to the customer of its name.

    ``customers`` are the ledger's references by name.
    """
    names = {row["key"]: row["name"] for row in company.files["accounts"]}
    for row in sheet[ACCOUNTS]:
        key, reference = text_of(row.values["key"]), text_of(row.values["reference"])
        if row.values["status"] == COMPLETED and over.get(key) != reference:
            assert customers.get(names[key]) == reference, f"{names[key]} is Completed as {reference}"


def nothing_waits_without_a_reason(sheet: Sheet, over: Mapping[str, str], standing: Collection[Document] = ()) -> None:
    """After a run in which nothing failed, what did not leave says in its row why not, and what to do.

    So does a row whose right reference a person typed over with one that is not its own.
    """
    for table in (INVOICES, PAYMENTS):
        for row in sheet[table]:
            key, reference = text_of(row.values["key"]), text_of(row.values["reference"])
            own = any(each.record == key and each.is_called(reference) for each in standing)
            mistyped = over.get(key) == reference and not own
            if mistyped or row.values["status"] in ("To Be Transferred", "Transfer Error"):
                told = [text_of(row.values[name]) for name in ("reason", "fix")]
                assert all(told), f"{key} is {row.values['status']}, and says only {told}"


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
    company: Association, wanted: Counter[tuple[str, str]], standing: Iterable[Document], touched: Collection[str]
) -> None:
    """In the end the rows and the source say what stands in the ledger, and whatever nobody undid or deleted does.

    ``touched`` are the keys of what somebody did. What refers to that waits for it, and says so.
    """
    shown = rows(company)
    completed = {key for key, row in shown.items() if row.values["status"] == "Transfer Completed"}
    found = counted(each for each in standing if not _keyed_in_aside(each, shown, touched))
    with closing(open_journal(company.profile)) as journal:
        latest = {key: booking(history)[-1].state for (_, key), history in journal.transfers().items()}
    of_documents = {key for key in completed if key not in _accounts(company)}
    differing = of_documents ^ {key for _, key in found}
    rows_of = {key: [text_of(shown[key].values.get(name)) for name in ("status", "reference")] for key in differing}
    assert not differing, f"completed in the row or there in the ledger, and not both: {rows_of}"
    with (company.folder / "source" / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        told = {(row["kind"], row["key"]) for row in csv.DictReader(file) if row["status"] == "completed"}
    of_source = {about for about in found if about in wanted and not is_derived(about[1])}
    told = {about for about in told & wanted.keys() if not is_derived(about[1])}
    assert told == of_source, f"the source was told otherwise: {told ^ of_source}"
    for _, key in wanted.keys() - found.keys():
        status = shown[key].values["status"]
        held = status == "To Be Transferred" and bool(_before(company, key) & touched - completed)
        out = key in touched and latest.get(key) is STATES.get(status, "")
        assert held or out, f"{key} is {status}"
        assert text_of(shown[key].values["reason"]), f"{key} is {status}, and does not say why"


def _accounts(company: Association) -> set[str]:
    return {row["key"] for row in company.files["accounts"]}


def _before(company: Association, key: str) -> set[str]:
    """What has to be in the ledger before a record: what it pays, credits, gives back or is of, and so on."""
    files = company.files
    if is_derived(key):
        first = {*key.split("/")} & {row["key"] for row in (*files["payments"], *files["documents"])}
    else:
        record = record_of(company, key)
        first = {record.get("invoice", ""), record.get("payment", "")} - {""}
        paid = {part["invoice"] for part in files["allocations"] if part["payment"] == key}
        first |= paid | _opening_again(company, paid, key)
    return first.union(*(_before(company, each) for each in first))


def _opening_again(company: Association, paid: Collection[str], key: str) -> set[str]:
    """The returns of other payments by which what a payment pays is open again."""
    payments = {part["payment"] for part in company.files["allocations"] if part["invoice"] in paid} - {key}
    return {row["key"] for row in company.files["payments"] if row.get("payment") in payments}


def booking(history: Sequence[Transfer]) -> Sequence[Transfer]:
    """The attempts to book a record, without those that apply or change what was booked."""
    return [each for each in history if each.action == "create"] or history


def _keyed_in_aside(document: Document, shown: Mapping[str, Row], touched: Collection[str]) -> bool:
    """Whether a person keyed in again what was undone and stands by: nothing of it leaves, so nothing is asked."""
    undone = document.record in touched and shown[document.record].values["status"] == "Stand By"
    return document.by_hand and undone


def rows(company: Association) -> dict[str, Row]:
    """The review rows by the key they show, of an entry its first."""
    shown = [row for found in sheet_of(company).values() for row in found]
    return {text_of(row.values["key"]).partition("#")[0]: row for row in reversed(shown)}


def sheet_of(company: Association) -> Sheet:
    """The rows of each review table that are a record's."""
    book = FileBook(company.profile.workbook)
    return {table: [row for row in book.read(table).rows if row.values["key"]] for table in REVIEW_TABLES}


def statuses(company: Association, sheet: Sheet | None = None) -> Counter[object]:
    """How many rows show which status."""
    return Counter(row.values["status"] for found in (sheet or sheet_of(company)).values() for row in found)


def incomplete(company: Association) -> list[tuple[object, ...]]:
    """The rows that are not transferred: each with its number, its status and what it says of it.

    An entry that its schedule no longer makes stays until the accountant has seen that, and is nobody's to book.
    """
    rows = [row.values for found in sheet_of(company).values() for row in found]
    shown = ("key", "number", "status", "reason")
    waiting = (
        row
        for row in rows
        if row["status"] != "Transfer Completed" and not text_of(row.get("reason")).startswith(REPLACED)
    )
    return [tuple(row.get(name) for name in shown) for row in waiting]


def mark_errors(company: Association) -> None:
    """The accountant has seen what was refused, and marks it to be transferred again."""
    marked(company, "Transfer Error")


def _record_of(key: RowKey) -> str:
    return key[-1].partition("#")[0]


def marked(company: Association, status: str, which: Callable[[], bool] = lambda: True) -> None:
    """The accountant marks what shows a status to be transferred; of an entry all lines, for they leave together."""
    book, changed = company.book, 0
    for table in REVIEW_TABLES:
        rows = [key for key, row in keyed(table, book.read(table).rows) if row.values.get("status") == status]
        going = {name: which() for name in dict.fromkeys(_record_of(key) for key in rows)}
        chosen = [key for key in rows if going[_record_of(key)]]
        book.write(table, {key: {"status": "To Be Transferred"} for key in chosen}, every=True)
        changed += len(chosen)
    if changed:
        book.save()
