"""Reconcile: what is owed in the source beside the ledger's on a day, and each document that explains a difference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby

from addin import texts
from addin.session import Session, placed
from addin.sync.case import Case
from addin.sync.checks.standing import what_was_booked_is_there
from addin.sync.claims import described
from addin.sync.enquiry import Books
from addin.sync.held import deferred, money
from addin.sync.plan import plan
from addin.sync.reconcile import Compared, Mismatch, Why, compare, unexplained, with_documents_by_hand
from addin.sync.vanished import look
from addin.texts import mark
from addin.usecases.connect import reach, show_connection
from addin.usecases.report import Report
from addin.usecases.sync import deliver_to_sheet, deliver_to_source
from connectors.problems import CannotRun, Problem
from connectors.records import ZERO, Side
from workbook.layout import AS_OF, MISMATCH, RECONCILIATION, caption_of
from workbook.review import text_of
from workbook.rows import Cells

NOT_OURS = mark("Booked in the ledger, and no document explains it")
BY_HAND = mark("Booked by hand in the ledger, and not linked: {there}")
NOT_THERE = mark("Not in the ledger: {status}")
SAID = {
    Why.KEPT_OUT: mark("Marked Do Not Sync, and the ledger does not seem to have it"),
    Why.CANCELLED: mark("Cancelled in the source, still in the ledger"),
    Why.LEFT: mark("No longer in the source, still in the ledger"),
    Why.OTHERWISE: mark("Booked in the ledger with another amount than the source now has"),
    Why.BALANCE: mark("The source says another balance than its payments and credits leave"),
    Why.UNPLANNED: mark("Booked on deferred revenue, and no schedule moves that amount"),
    Why.FAMILY: mark("Within a family: the source counts it with who paid, the ledger with whose invoice it pays"),
    Why.ELSEWHERE: mark("In the ledger alone: what was there before, deposits, fees, and what was booked by hand"),
    Why.NOTHING: NOT_OURS,
}


def reconcile(session: Session, on: date | None = None) -> Report:
    """Compare both sides account by account on a day, and show it; of what is gone from the ledger, its row says so.

    Without a day, it is the one that the sheet names, or today. Raises ``CannotRun``.
    """
    day = on or _day(session)
    session.book.progress(session.say("Connecting…"))
    with session.profile.open_ledger() as ledger:
        show_connection(session, reach(session, ledger))
        moved = look(session.journal, ledger, session.run.id)
        balances = ledger.balances(day)
        aged = {Side.SALES: ledger.aged_receivables(day), Side.PURCHASES: ledger.aged_payables(day)}
        case, standing = session.case(ledger)
        books = session.books(ledger)
        rows = [row for side in aged for row in _explained(compare(case, side, aged[side], day), books, side, day)]
    rows += [*deferred(case, balances, day), *money(case, balances, day)]
    waiting = _deliver(session, case, standing) if moved else ()
    session.book.replace(RECONCILIATION, list(_rows(session, case, rows, day)))
    session.book.replace(MISMATCH, [difference(session, case, c, m) for c in rows for m in c.mismatches])
    session.book.save()
    session.book.progress("")
    home = case.lists.home_currency
    parties = [c for c in rows if c.what in set(Side)]
    own = {side: [c for c in rows if c.currency == home and c.what == side] for side in Side}
    gone = (*what_was_booked_is_there(case), *_left_over(rows), *waiting)
    return Report(
        run=session.run.id,
        problems=tuple(placed(gone, case.review)),
        facts={
            "accounts": len(parties),
            "agree": sum(1 for c in parties if not c.difference),
            "deferred_source": str(sum((c.source for c in rows if c.what == "deferred"), ZERO)),
            "deferred_ledger": str(sum((c.ledger.total for c in rows if c.what == "deferred"), ZERO)),
            "on": day.isoformat(),
            "source_balance": str(sum(c.source for c in own[Side.SALES])),
            "ledger_balance": str(sum(c.ledger.total for c in own[Side.SALES])),
            "payable_source": str(sum(c.source for c in own[Side.PURCHASES])),
            "payable_ledger": str(sum(c.ledger.total for c in own[Side.PURCHASES])),
            "explained": sum(1 for c in parties for m in c.mismatches if m.record is not None),
            "by_hand": sum(1 for c in rows for m in c.mismatches if m.by_hand is not None),
            "unexplained": sum(1 for _ in unexplained(rows)),
        },
    )


def _day(session: Session) -> date:
    """The day that the sheet names, or today. Raises ``CannotRun`` (day_unread)."""
    grid = session.book.read(AS_OF)
    typed = next((row for row in grid.rows if text_of(row.values.get("on"))), None)
    if typed is None:
        return session.today
    shown = text_of(typed.values["on"])
    try:
        return date.fromisoformat(shown)
    except ValueError:
        wrong = Problem(code="day_unread", column="on", place=grid.place(typed, "on"), params={"value": shown})
        raise CannotRun(wrong) from None


def _explained(rows: Sequence[Compared], books: Books, side: Side, on: date) -> list[Compared]:
    """The accounts with the documents that people booked in the ledger, where nothing of ours explains a difference."""
    wanted = {row.ledger.customer for row, _ in unexplained(rows) if row.ledger.customer}
    there = books.by_hand(side, sorted(wanted), on)
    left = {(row.account, row.currency) for row, _ in unexplained(rows)}
    return [
        with_documents_by_hand(row, there.get(row.ledger.customer, ())) if (row.account, row.currency) in left else row
        for row in rows
    ]


def _left_over(rows: Sequence[Compared]) -> Iterator[Problem]:
    """What no document explains, told once for each side and currency: until it is, the books do not agree."""
    left: dict[tuple[str, str], list[Decimal]] = {}
    for row, mismatch in unexplained(rows):
        left.setdefault((row.what, row.currency), []).append(mismatch.amount)
    for (_, currency), amounts in left.items():
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


AGES = ("current", "days_30", "days_60", "days_90", "older")
SUMMED = ("source_balance", "ledger_balance", "difference", *AGES)
TOTAL = mark("Total: {what}")


def _rows(session: Session, case: Case, compared: Sequence[Compared], on: date) -> Iterator[Cells]:
    """A row for each account, and below those of what customers owe, or suppliers are owed, their total by currency."""
    for what, group in groupby(compared, lambda each: each.what):
        shown = [(each.currency, _row(case, each, on)) for each in group]
        yield from (row for _, row in shown)
        for currency in dict.fromkeys(currency for currency, _ in shown) if what in set(Side) else ():
            own = [row for of, row in shown if of == currency]
            caption = caption_of("reconciled", what, case.language)
            named = caption if currency == case.lists.home_currency else f"{caption} ({currency})"
            sums = {name: sum((_amount(row, name) for row in own), ZERO) for name in SUMMED}
            yield {"account": session.say(TOTAL, what=named), **sums, "on": on}


def _amount(row: Cells, name: str) -> Decimal:
    amount = row.get(name)
    return amount if isinstance(amount, Decimal) else ZERO


def _row(case: Case, compared: Compared, on: date) -> Cells:
    aged = compared.ledger
    ages = AGES if compared.what in set(Side) else ()
    return {
        "key": compared.account,
        "account": _name(case, compared),
        "source_balance": compared.source,
        "ledger_balance": aged.total,
        "difference": compared.difference,
        **{age: getattr(aged, age) for age in ages},
        "what": caption_of("reconciled", compared.what, case.language),
        "on": on,
    }


def difference(session: Session, case: Case, compared: Compared, mismatch: Mismatch) -> Cells:
    """What is shown of a difference: whose it is, the document, and what it is put down to."""
    record = mismatch.record
    what = caption_of("reconciled", compared.what, case.language)
    cells: Cells = {
        "key": mismatch.account, "account": _name(case, compared), "amount": mismatch.amount, "what": what
    }  # fmt: skip
    if mismatch.by_hand is not None:
        there = mismatch.by_hand
        kind = session.names({}).choice("kind", there.kind) if there.kind else ""
        shown = texts.measured(session.language, described(there, "", compared.currency))
        return {**cells, "kind": kind, "number": there.number, "reason": session.say(BY_HAND, there=shown)}
    if record is None:
        return {**cells, "reason": session.say(SAID[mismatch.why])}
    names = session.names({})
    status = case.statuses.get((record.kind, record.key))
    latest = case.latest((record.kind, record.key))
    shown = names.choice("status", status) if status else ""
    if mismatch.why is not Why.NOT_THERE:
        reason = session.say(SAID[mismatch.why])
    elif latest and latest.problem:
        reason = texts.what(session.language, latest.problem)
    else:
        reason = session.say(NOT_THERE, status=shown)
    return {**cells, "kind": names.choice("kind", record.kind), "number": record.number, "reason": reason}
