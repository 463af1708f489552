"""Approve: an approver agrees to records that wait In Review, each as it now is; nothing else of it leaves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from addin.journal import Event, RecordKey
from addin.session import Session, placed
from addin.sync.approval import APPROVE, content
from addin.sync.case import Case
from addin.texts import mark
from addin.usecases.check import check
from addin.usecases.mapping import uses
from addin.usecases.report import Report, by_kind
from addin.usecases.undo import Chosen
from connectors.problems import CannotRun, Problem, problem_of
from connectors.records import Kind, SyncStatus, Transferable
from workbook.book import Row
from workbook.layout import MAPPING_TABLES, Table, is_default
from workbook.row_keys import keyed

ACTS: dict[str, str] = {
    "status": mark("its status"),
    "reference": mark("its sync reference"),
    "typed": mark("what is typed beside it"),
    "map": mark("a mapping that it goes by"),
}
"""What a person may have done last to a record, so that another has to approve it."""


def approve(session: Session, chosen: Chosen | None = None) -> Report:
    """Approve the chosen records that wait In Review; they are To Be Transferred then, exactly as they now are.

    Raises ``CannotRun``: nothing_selected, and what speaks against the rights of the company while something does.
    """
    case, _ = session.case()
    if session.in_force.problems:
        raise CannotRun(*session.in_force.problems)
    waiting = [key for key in (chosen or Chosen()).of(session, case) if _waits(session, case, key)]
    if not waiting:
        raise CannotRun(Problem(code="nothing_selected"))
    own = dict(_own(session, case, waiting)) if session.in_force.two_people else {}
    approved = [key for key in waiting if key not in own]
    _record(session, case, approved)
    report = check(session)
    mine = tuple(
        problem_of(case.records[key], "approval_own", column="status", act=ACTS[act.action]) for key, act in own.items()
    )
    return replace(
        report,
        counts={"approved": by_kind(kind for kind, _ in approved)},
        problems=(*placed(mine, case.review), *report.problems),
        facts={"left": len(own)},
    )


def _waits(session: Session, case: Case, key: RecordKey) -> bool:
    return (
        key[0] in session.in_force.review
        and case.statuses.get(key) is SyncStatus.IN_REVIEW
        and key not in case.review.unsound
    )


def _record(session: Session, case: Case, keys: Iterable[RecordKey]) -> None:
    """First what was approved, in the log; then the status, in the journal and in the row."""
    chosen = list(keys)
    review, leaves = SyncStatus.IN_REVIEW, SyncStatus.TO_TRANSFER
    session.journal.append(
        session.act_on(APPROVE, case.seen[key], was=review, becomes=leaves, content=content(case, key))
        for key in chosen
    )
    session.journal.see(replace(case.seen[key], status=leaves, changed="", reviewed_by=session.who) for key in chosen)
    caption, rows = session.names({}).choice("status", leaves), dict[str, tuple[Table, list[Row]]]()
    for key in chosen:
        typed = case.review.rows[key]
        rows.setdefault(typed.table.name, (typed.table, []))[1].extend(typed.rows)
    for table, waiting in rows.values():
        session.book.write(table, {at: {"status": caption} for at, _ in keyed(table, waiting)}, every=True)


def _mapped(case: Case, record: Transferable) -> Iterator[tuple[str, str]]:
    """The rows of the mappings that a record goes by, as the log names them: its codes', else the defaults'."""
    for name, code in uses(record, case.items):
        rows = case.review.maps.get(name, {})
        own = rows.get(code)
        yield "", f"{name} {code}"
        if own is None or not own.text("ledger_code"):
            table = next(table for table in MAPPING_TABLES if table.name == name)
            yield from (("", f"{name} {default}") for default in rows if is_default(table, default))


def _own(session: Session, case: Case, keys: Iterable[RecordKey]) -> Iterator[tuple[RecordKey, Event]]:
    """The records that this person changed or marked last, or whose account or mapping, and with what."""
    acts = session.journal.last_of(*ACTS)
    for key in keys:
        record = case.records[key]
        account = (Kind.CUSTOMER.value, getattr(record, "customer", ""))
        touched = [acts[at] for at in ((key[0].value, key[1]), account, *_mapped(case, record)) if at in acts]
        mine = [act for act in touched if session.person.id == act.person or session.who == act.who]
        if mine:
            yield key, mine[0]
