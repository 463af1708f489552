"""Reconcile: accounts receivable in the source beside the ledger's, and each document that explains a difference."""

from __future__ import annotations

from addin import texts
from addin.session import Session
from addin.sync.case import Case
from addin.sync.reconcile import Compared, Mismatch, compare
from addin.texts import mark
from addin.usecases.report import Report
from workbook.layout import MISMATCH, RECONCILIATION
from workbook.rows import Cells

NOT_OURS = mark("Booked in the ledger outside of this workbook")
CANCELLED = mark("Cancelled in the source, still in the ledger")
NOT_THERE = mark("Not in the ledger: {status}")


def reconcile(session: Session) -> Report:
    """Compare both sides account by account and show it. Raises ``CannotRun``."""
    session.book.progress(session.say("Connecting…"))
    with session.profile.open_ledger() as ledger:
        ledger.connect()
        aged = ledger.aged_receivables(session.today)
    case, _ = session.case()
    rows = compare(case, aged)
    session.book.replace(RECONCILIATION, [_row(compared) for compared in rows])
    session.book.replace(MISMATCH, [_mismatch(session, case, c, m) for c in rows for m in c.mismatches])
    session.book.save()
    session.book.progress("")
    unexplained = [m for c in rows for m in c.mismatches if m.record is None]
    return Report(
        run=session.run.id,
        facts={
            "accounts": len(rows),
            "agree": sum(1 for c in rows if not c.difference),
            "source_balance": str(sum(c.source for c in rows)),
            "ledger_balance": str(sum(c.ledger.total for c in rows)),
            "explained": sum(1 for c in rows for m in c.mismatches if m.record is not None),
            "unexplained": len(unexplained),
        },
    )


def _row(compared: Compared) -> Cells:
    aged = compared.ledger
    return {
        "key": compared.account,
        "account": compared.name,
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
    cells: Cells = {"key": mismatch.account, "account": compared.name, "amount": mismatch.amount}
    if record is None:
        return {**cells, "reason": session.say(NOT_OURS)}
    names = session.names({})
    booked = case.settled((record.kind, record.key))
    status = case.statuses.get((record.kind, record.key))
    latest = case.latest((record.kind, record.key))
    shown = names.choice("status", status) if status else ""
    reason = session.say(CANCELLED) if booked else session.say(NOT_THERE, status=shown)
    if not booked and latest and latest.problem:
        reason = texts.what(session.language, latest.problem)
    return {**cells, "kind": names.choice("kind", record.kind), "number": record.number, "reason": reason}
