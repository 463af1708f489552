"""Reconcile: accounts receivable in the source beside the ledger's, and each document that explains a difference."""

from __future__ import annotations

from collections.abc import Sequence

from addin import texts
from addin.session import Session, placed
from addin.sync.case import Case
from addin.sync.checks.standing import what_was_booked_is_there
from addin.sync.plan import plan
from addin.sync.reconcile import Compared, Mismatch, compare
from addin.sync.vanished import look
from addin.texts import mark
from addin.usecases.connect import reach, show_connection
from addin.usecases.report import Report
from addin.usecases.sync import deliver_to_sheet, deliver_to_source
from connectors.problems import Problem
from workbook.layout import MISMATCH, RECONCILIATION
from workbook.rows import Cells

NOT_OURS = mark("Booked in the ledger outside of this workbook")
CANCELLED = mark("Cancelled in the source, still in the ledger")
OTHERWISE = mark("Booked in the ledger with another amount than the source now has")
NOT_THERE = mark("Not in the ledger: {status}")


def reconcile(session: Session) -> Report:
    """Compare both sides account by account and show it; of what is gone from the ledger, also its row says so.

    Raises ``CannotRun``.
    """
    session.book.progress(session.say("Connecting…"))
    with session.profile.open_ledger() as ledger:
        show_connection(session, reach(session, ledger))
        moved = look(session.journal, ledger, session.run.id)
        aged = ledger.aged_receivables(session.today)
    case, standing = session.case()
    waiting = _deliver(session, case, standing) if moved else ()
    rows = compare(case, aged)
    session.book.replace(RECONCILIATION, [_row(case, compared) for compared in rows])
    session.book.replace(MISMATCH, [_mismatch(session, case, c, m) for c in rows for m in c.mismatches])
    session.book.save()
    session.book.progress("")
    home = case.lists.home_currency
    own = [c for c in rows if c.currency == home]
    unexplained = [m for c in rows for m in c.mismatches if m.record is None]
    gone = (*what_was_booked_is_there(case), *waiting)
    return Report(
        run=session.run.id,
        problems=tuple(placed(gone, case.review)),
        facts={
            "accounts": len(rows),
            "agree": sum(1 for c in rows if not c.difference),
            "source_balance": str(sum(c.source for c in own)),
            "ledger_balance": str(sum(c.ledger.total for c in own)),
            "explained": sum(1 for c in rows for m in c.mismatches if m.record is not None),
            "unexplained": len(unexplained),
        },
    )


def _deliver(session: Session, case: Case, standing: Sequence[Problem]) -> tuple[Problem, ...]:
    """Tell the rows and the source what is gone from the ledger, and what is there again."""
    problems = plan(case, tuple(standing)).problems
    return (*deliver_to_source(session, case), *deliver_to_sheet(session, case, problems))


def _name(case: Case, compared: Compared) -> str:
    """An account's name, with the currency where that is not the books' own."""
    own = compared.currency == case.lists.home_currency
    return compared.name if own else f"{compared.name} ({compared.currency})"


def _row(case: Case, compared: Compared) -> Cells:
    aged = compared.ledger
    return {
        "key": compared.account,
        "account": _name(case, compared),
        "source_balance": compared.source,
        "ledger_balance": aged.total,
        "difference": compared.difference,
        "current": aged.current,
        "days_30": aged.days_30,
        "days_60": aged.days_60,
        "days_90": aged.days_90,
        "older": aged.older,
    }


def _mismatch(session: Session, case: Case, compared: Compared, mismatch: Mismatch) -> Cells:
    record = mismatch.record
    cells: Cells = {"key": mismatch.account, "account": _name(case, compared), "amount": mismatch.amount}
    if record is None:
        return {**cells, "reason": session.say(NOT_OURS)}
    names = session.names({})
    booked = case.settled((record.kind, record.key))
    status = case.statuses.get((record.kind, record.key))
    latest = case.latest((record.kind, record.key))
    shown = names.choice("status", status) if status else ""
    reason = session.say(NOT_THERE, status=shown)
    if booked:
        reason = session.say(CANCELLED) if getattr(record, "cancelled", False) else session.say(OTHERWISE)
    if not booked and latest and latest.problem:
        reason = texts.what(session.language, latest.problem)
    return {**cells, "kind": names.choice("kind", record.kind), "number": record.number, "reason": reason}
