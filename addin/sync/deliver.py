"""From the journal to the rows and to the source: what became of each record, told as often as it takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from addin import texts
from addin.journal import Journal, RecordKey, State, Transfer
from addin.journal.protocol import SETTLED
from addin.journal.rows import former
from addin.sync.case import Case
from addin.sync.claims import typed_reference
from connectors.problems import Problem
from connectors.records import Document, Kind, SyncStatus
from connectors.source import Result, Source
from workbook.book import Book, RowKey, Value
from workbook.layout import Table, Type
from workbook.review import Typed, text_of
from workbook.row_keys import keyed
from workbook.rows import Cells, Names, answered

TAKEN_OUT = frozenset({State.UNDONE, State.ABSENT})
"""Where a record was in the ledger or linked to it, and is no more: why stays in its row while it waits."""

TOLD = 4_000
"""Characters that a row says of its problems: more fits no screen, and a cell takes 32,767."""

WHY = frozenset({"reason", "fix"})
"""The columns that say why a row waits."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a record's row is to say; without a status, what is there stays."""

    status: SyncStatus | None
    reference: str
    problems: tuple[Problem, ...] = ()
    url: str = ""


def answers(case: Case, problems: Iterable[Problem], run: int) -> dict[RecordKey, Answer]:
    """What every row is to say, from the transfers and from the problems found now."""
    found: dict[RecordKey, list[Problem]] = {}
    for problem in problems:
        if problem.kind:
            found.setdefault((problem.kind, problem.key), []).append(problem)
    return {key: _answer(case, key, tuple(found.get(key, ())), run) for key in case.review.rows if key in case.records}


def unsolved(told: Mapping[RecordKey, Answer], problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Why rows are in Transfer Error, as far as no problem found now says so: it is said until it is solved."""
    said = {(problem.kind, problem.key, problem.code) for problem in problems}
    return tuple(
        replace(problem, kind=kind, key=key)
        for (kind, key), answer in told.items()
        if answer.status is SyncStatus.ERROR
        for problem in answer.problems
        if (kind, key, problem.code) not in said
    )


def _answer(case: Case, key: RecordKey, problems: tuple[Problem, ...], run: int) -> Answer:
    status = case.statuses.get(key)
    if key in case.findings and case.findings[key].problem:  # what was typed stays until a person changes it
        return Answer(status, typed_reference(case.review.rows[key], ()), problems)
    booked, latest = case.settled(key), case.latest(key)
    reference = "" if booked is None else booked.shown
    if latest and latest.state is State.REJECTED and latest.problem and _still(latest, status, run):
        kept = (latest.problem,) if latest.problem.code not in {p.code for p in problems} else ()
        return Answer(SyncStatus.ERROR, reference, (*problems, *kept))
    if booked is None:
        return _not_booked(case, key, latest, problems)
    if status is SyncStatus.TO_TRANSFER and case.changes_there(key):
        return Answer(status, reference, problems, booked.url)
    waits = status is not None and status not in (SyncStatus.COMPLETED, SyncStatus.TO_TRANSFER)
    if waits and (key[0] is Kind.CUSTOMER or case.changes_there(key)):
        return Answer(status, reference, problems, booked.url)
    known = {p.code for p in problems}
    differs = (booked.problem,) if booked.problem and booked.problem.code not in known else ()
    wrong = booked.problem is not None and _beyond(case, key, booked)
    return Answer(SyncStatus.ERROR if wrong else SyncStatus.COMPLETED, reference, (*problems, *differs), booked.url)


def _not_booked(case: Case, key: RecordKey, latest: Transfer | None, problems: tuple[Problem, ...]) -> Answer:
    status, typed = case.statuses.get(key), case.review.rows[key].text("reference")
    if latest and latest.state in (State.UNDOING, State.GONE):
        return Answer(status, latest.shown, problems)
    if latest and latest.state in TAKEN_OUT and latest.problem and status is not SyncStatus.TO_TRANSFER:
        problems = (*problems, *(() if latest.problem in problems else (latest.problem,)))
    link = next((url for problem in problems if (url := problem.params.get("url"))), "")
    return Answer(status, "" if typed in former(case.transfers.get(key, ())) else typed, problems, link)


def _still(latest: Transfer, status: SyncStatus | None, run: int) -> bool:
    """A refusal stands until the accountant has seen it and marked the record To Be Transferred again."""
    return latest.run == run or not latest.told_sheet or status is SyncStatus.ERROR


def _beyond(case: Case, key: RecordKey, transfer: Transfer) -> bool:
    record = case.records[key]
    if not isinstance(record, Document) or transfer.total is None:
        return False
    return abs(transfer.total - record.total) > case.options.difference_limit


def write(book: Book, case: Case, told: Mapping[RecordKey, Answer], names: Names) -> tuple[Problem, ...]:
    """Write the answers into the rows, changed cells alone; a problem for each record whose row is not there now."""
    tables: dict[str, _Changes] = {}
    for key, answer in told.items():
        typed = case.review.rows[key]
        cells = _cells(typed, answer, names, case.seen[key].reviewed_by)
        tables.setdefault(typed.table.name, _Changes(typed.table)).add(key, typed, cells)
    return tuple(problem for changes in tables.values() for problem in changes.write(book, case))


@dataclass(frozen=True, slots=True)
class _Changes:
    """What changes in a table; of rows that a record has twice, nobody can say which is its own: they say but why."""

    table: Table
    whose: dict[RowKey, RecordKey] = field(default_factory=dict)
    rows: dict[RowKey, Cells] = field(default_factory=dict)
    copies: dict[RowKey, Cells] = field(default_factory=dict)

    def add(self, key: RecordKey, typed: Typed, cells: Cells) -> None:
        """Take in what differs in the rows of a record."""
        times = Counter(row_key for row_key, _ in keyed(self.table, typed.rows))
        for row_key, row in keyed(self.table, typed.rows):
            copied = times[row_key] > 1
            changed = {c: v for c, v in cells.items() if _differs(self.table, c, v, row.values.get(c))}
            if copied:
                changed = {column: value for column, value in changed.items() if column in WHY}
            if changed:
                self.whose[row_key] = key
                (self.copies if copied else self.rows).setdefault(row_key, {}).update(changed)

    def write(self, book: Book, case: Case) -> Iterator[Problem]:
        """Write it; a problem for each record of which a row is gone, or stands there several times by now."""
        left = book.write(self.table, self.rows) | book.write(self.table, self.copies, every=True)
        for key in dict.fromkeys(key for row_key, key in self.whose.items() if row_key in left):
            number = case.seen[key].number
            params = {"number": number or key[1], "table": self.table.name}
            yield Problem(code="result_not_written", kind=key[0], key=key[1], number=number, params=params)


def _cells(typed: Typed, answer: Answer, names: Names, reviewed_by: str) -> Cells:
    reason = texts.shortened(" ".join(texts.what(names.language, p) for p in answer.problems), TOLD)
    fix = texts.shortened(" ".join(dict.fromkeys(texts.fix(names.language, p) for p in answer.problems)), TOLD)
    status = answer.status or SyncStatus.TO_TRANSFER
    cells = answered(typed.table, status, answer.reference, reason, fix, names, answer.url)
    if "reviewed_by" in typed.table:
        cells["reviewed_by"] = reviewed_by
    if answer.status is None:
        del cells["status"], cells["reference"]
    return cells


def _differs(table: Table, column: str, value: Value, found: Value) -> bool:
    if table.column(column).type is Type.LINK:
        return bool(value) and text_of(value) != text_of(found)
    return text_of(value) != text_of(found)


def gone_untold(case: Case) -> frozenset[RecordKey]:
    """The records that the ledger just told to be gone, which their rows do not say yet."""
    latest = ((key, case.latest(key)) for key in case.review.rows)
    return frozenset(key for key, each in latest if each and each.state is State.GONE and not each.told_sheet)


def told_sheet(journal: Journal, transfers: Iterable[Transfer]) -> None:
    """Note that the sheet shows these outcomes; what the source was told of them meanwhile stays."""
    shown = {t.key: t.id for t in transfers if not t.told_sheet and t.state is not State.INTENT}
    now = journal.transfers(only=set(shown.values()))
    journal.write([replace(t, told_sheet=True) for history in now.values() for t in history if t.key in shown])


def tell_source(journal: Journal, source: Source, case: Case, today: date) -> tuple[Problem, ...]:
    """Acknowledge every outcome the source does not know of yet. Raises ``CannotRun``.

    What it did not take is told, and waits for the next time; of a record that left it nothing is left to tell.
    """
    if not source.capabilities.acknowledges:
        return ()
    waiting = journal.untold()
    results = [_result(case, transfer, today) for transfer in waiting if transfer.id in case.records]
    refused = source.acknowledge(results) if results else ()
    problems = tuple(each for each in refused if not _left(case, each))
    waits = {(problem.kind, problem.key) for problem in problems}
    journal.write([replace(each, told_source=True) for each in waiting if each.id not in waits])
    return problems


def _left(case: Case, problem: Problem) -> bool:
    """Whether a problem is of a record that the last pull did not see any more."""
    return problem.kind is not None and case.seen[problem.kind, problem.key].left_source


def _result(case: Case, transfer: Transfer, today: date) -> Result:
    done = transfer.state in SETTLED
    waiting = SyncStatus.STAND_BY if transfer.state is State.UNDONE else SyncStatus.ERROR
    return Result(
        kind=transfer.kind,
        key=transfer.record,
        number=transfer.number,
        status=SyncStatus.COMPLETED if done else waiting,
        sync_reference=transfer.shown if done else "",
        ledger_number=transfer.ledger_number if done else "",
        reason=texts.what(case.language, transfer.problem) if transfer.problem else "",
        on=today,
        former=frozenset(filter(None, _references(case, transfer))),
    )


def _references(case: Case, transfer: Transfer) -> Iterator[str]:
    """The references of a record that the source said when it was pulled, or may have been told."""
    yield case.records[transfer.id].sync_reference
    yield from (each.shown for each in case.transfers.get(transfer.id, ()))
