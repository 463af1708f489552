"""Reconcile: accounts receivable in the source beside the ledger's, and each document that explains a difference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from addin import texts
from addin.session import Session, placed
from addin.sync.case import Case
from addin.sync.checks.standing import what_was_booked_is_there
from addin.sync.claims import described
from addin.sync.enquiry import Books
from addin.sync.plan import plan
from addin.sync.reconcile import Compared, Mismatch, compare, unexplained, with_documents_by_hand
from addin.sync.vanished import look
from addin.texts import mark
from addin.usecases.connect import reach, show_connection
from addin.usecases.report import Report
from addin.usecases.sync import deliver_to_sheet, deliver_to_source
from connectors.problems import Problem
from workbook.layout import MISMATCH, RECONCILIATION
from workbook.rows import Cells

NOT_OURS = mark("Booked in the ledger, and no document explains it")
BY_HAND = mark("Booked by hand in the ledger, and not linked: {there}")
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
        case, standing = session.case(ledger)
        rows = _explained(session, compare(case, aged), session.books(ledger))
    waiting = _deliver(session, case, standing) if moved else ()
    session.book.replace(RECONCILIATION, [_row(case, compared) for compared in rows])
    session.book.replace(MISMATCH, [_mismatch(session, case, c, m) for c in rows for m in c.mismatches])
    session.book.save()
    session.book.progress("")
    home = case.lists.home_currency
    own = [c for c in rows if c.currency == home]
    gone = (*what_was_booked_is_there(case), *_left_over(rows), *waiting)
    return Report(
        run=session.run.id,
        problems=tuple(placed(gone, case.review)),
        facts={
            "accounts": len(rows),
            "agree": sum(1 for c in rows if not c.difference),
            "source_balance": str(sum(c.source for c in own)),
            "ledger_balance": str(sum(c.ledger.total for c in own)),
            "explained": sum(1 for c in rows for m in c.mismatches if m.record is not None),
            "by_hand": sum(1 for c in rows for m in c.mismatches if m.by_hand is not None),
            "unexplained": sum(1 for _ in unexplained(rows)),
        },
    )


def _explained(session: Session, rows: Sequence[Compared], books: Books) -> list[Compared]:
    """The accounts with the documents that people booked in the ledger, where nothing of ours explains a difference."""
    wanted = {row.ledger.customer for row, _ in unexplained(rows) if row.ledger.customer}
    there = books.by_hand(sorted(wanted), session.today)
    left = {(row.account, row.currency) for row, _ in unexplained(rows)}
    return [
        with_documents_by_hand(row, there.get(row.ledger.customer, ())) if (row.account, row.currency) in left else row
        for row in rows
    ]


def _left_over(rows: Sequence[Compared]) -> Iterator[Problem]:
    """What no document explains, told once for each currency: until it is, the books do not agree."""
    left: dict[str, list[Decimal]] = {}
    for row, mismatch in unexplained(rows):
        left.setdefault(row.currency, []).append(mismatch.amount)
    for currency, amounts in left.items():
        shown = f"{sum(amounts, Decimal(0)):.2f} {currency}"
        yield Problem(code="unexplained_balance", params={"count": str(len(amounts)), "amount": shown})


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
    if mismatch.by_hand is not None:
        there = mismatch.by_hand
        kind = session.names({}).choice("kind", there.kind) if there.kind else ""
        shown = described(there, "", compared.currency)
        return {**cells, "kind": kind, "number": there.number, "reason": session.say(BY_HAND, there=shown)}
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
