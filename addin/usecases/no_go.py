"""No-go: what is dated before a day never leaves, of every kind at once; a later act moves the day or takes it back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date

from pydantic import BaseModel, ConfigDict

from addin.journal import RecordKey
from addin.journal.protocol import OPEN
from addin.session import Session, identify, placed
from addin.sync.case import Case, ours
from addin.texts import mark
from addin.usecases.check import amounts, show
from addin.usecases.preview import counted
from addin.usecases.report import Report, by_kind
from connectors.problems import CannotRun, Problem
from connectors.records import Customer, Kind, SyncStatus
from workbook.book import RowKey
from workbook.layout import REVIEW_TABLES
from workbook.row_keys import keyed
from workbook.rows import Cells

MEMO = "no-go"
"""The memo of what the last act marked."""

ASKED = mark("Mark these records, all dated before {day}, Do Not Sync? Undo no-go takes it back.")

SETTLED = frozenset({SyncStatus.DO_NOT_SYNC, SyncStatus.COMPLETED})
"""The statuses that an act leaves as they are."""

Agreed = Callable[[str], bool]
"""Asks the person whether what a sentence says is to be marked."""


class Marked(BaseModel):
    """What was marked and not taken back: before which day, and the status that each record had."""

    model_config = ConfigDict(frozen=True)

    day: date | None = None
    before: tuple[tuple[Kind, str, SyncStatus], ...] = ()

    @property
    def statuses(self) -> dict[RecordKey, SyncStatus]:
        """The former statuses by record."""
        return {(kind, key): status for kind, key, status in self.before}


def no_go(session: Session, day: date, agreed: Agreed | None = None, first: str = "") -> Report:
    """Mark everything that is dated before a day Do Not Sync, accounts apart, once the person agreed. May be repeated.

    What an earlier act marked, and is not before this day, has its former status again. The question says ``first``
    what it is told, then how many records of each kind there are and what they come to.
    """
    case, _ = session.case()
    earlier = _marked(session, case)
    meant = [key for key in case.review.rows if key in case.records and _goes(case, key, day)]
    back = {key: status for key, status in earlier.items() if not _is_before(case, key, day)}
    if agreed and (meant or back) and not agreed("\n".join(_question(session, case, meant, day, first))):
        return Report(run=session.run.id, facts={"declined": session.say("nothing was marked")})
    stays = {key: status for key, status in earlier.items() if key not in back}
    return _act(session, case, dict.fromkeys(meant, SyncStatus.DO_NOT_SYNC) | back, day, stays)


def typed_day(session: Session) -> date:
    """The day that was typed when a button was pressed. Raises ``CannotRun`` (day_unread)."""
    typed = session.identity.get("day", "")
    identify(session.book, {"day": ""})
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise CannotRun(Problem(code="day_unread", params={"value": typed})) from None


def undo_no_go(session: Session) -> Report:
    """Give everything that was marked so its former status again, but for what a person has changed since."""
    case, _ = session.case()
    return _act(session, case, _marked(session, case), None, {})


def _act(
    session: Session, case: Case, wanted: Mapping[RecordKey, SyncStatus], day: date | None,
    stays: Mapping[RecordKey, SyncStatus],
) -> Report:  # fmt: skip
    """Write statuses as a person would, keep what is marked now, and say what became so."""
    _write(session, case, wanted)
    after, standing = session.case()
    problems = show(session, after, standing)
    done = [key for key, status in wanted.items() if after.statuses.get(key) is status]
    marked = [key for key in done if wanted[key] is SyncStatus.DO_NOT_SYNC]
    former = {**stays, **{key: _given_back(case.statuses[key]) for key in marked}}
    kept = Marked(day=day, before=tuple((*key, status) for key, status in former.items()))
    session.journal.keep(MEMO, kept.model_dump_json())
    session.log("no_go", "done", message=f"{len(marked)} / {len(done) - len(marked)}")
    sums, beside = amounts(after, (after.records[key] for key in marked))
    counts = {"marked": by_kind(kind for kind, _ in marked), "given_back": by_kind(
        kind for kind, key in done if (kind, key) not in marked)}  # fmt: skip
    facts = {"before": day.isoformat()} if day else {}
    return Report(run=session.run.id, counts=counts, totals=sums, problems=tuple(placed(problems, after.review)),
                  facts={**facts, **beside})  # fmt: skip


def _given_back(status: SyncStatus) -> SyncStatus:
    """The status that a record has after an act is undone: only a Sync says that something is in error."""
    return SyncStatus.STAND_BY if status is SyncStatus.ERROR else status


def _marked(session: Session, case: Case) -> dict[RecordKey, SyncStatus]:
    """The former statuses of what was marked and still is as it was marked."""
    kept = Marked.model_validate_json(session.journal.kept(MEMO) or "{}")
    there = {key: status for key, status in kept.statuses.items() if key in case.review.rows and key in case.records}
    return {key: status for key, status in there.items() if case.statuses.get(key) is SyncStatus.DO_NOT_SYNC}


def _goes(case: Case, key: RecordKey, day: date) -> bool:
    """Whether a record is to be marked: its row can be trusted, the ledger has it not, nothing of it is under way."""
    latest, status = case.latest(key), case.statuses.get(key)
    waits = status is not None and status not in SETTLED and not case.settled(key)
    return waits and not (latest and latest.state in OPEN) and _is_before(case, key, day)


def _is_before(case: Case, key: RecordKey, day: date) -> bool:
    record = case.records[key]
    return not isinstance(record, Customer) and ours(record) and record.date < day


def _question(session: Session, case: Case, meant: Collection[RecordKey], day: date, first: str) -> list[str]:
    lines = counted(session, [(case.records[key], True) for key in meant])
    return [*filter(None, (first,)), session.say(ASKED, day=day.isoformat()), *lines]


def _write(session: Session, case: Case, wanted: Mapping[RecordKey, SyncStatus]) -> None:
    names = session.names({})
    for table in REVIEW_TABLES:
        changes: dict[RowKey, Cells] = {}
        for key, status in wanted.items():
            typed = case.review.rows[key]
            if typed.table is table:
                changes |= {row: {"status": names.choice("status", status)} for row, _ in keyed(table, typed.rows)}
        session.book.write(table, changes, every=True)
