"""Period: a month, or other days, as a workbook for the auditor, to keep or send."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from addin import texts
from addin.journal import RecordKey, Run, State, Transfer
from addin.session import Session
from addin.sync.case import Case
from addin.sync.reconcile import compare, is_gone
from addin.texts import mark
from addin.usecases.chosen_period import chosen_period, file_of, named
from addin.usecases.connect import reach
from addin.usecases.reconcile import difference
from addin.usecases.report import Report
from connectors import private
from connectors.disk import refusal
from connectors.ledger import AccountBalance
from connectors.problems import CannotRun, Problem
from connectors.records import ZERO, Customer, Kind, Side, Transferable, total_of
from workbook.layout import Caption, Column, Type
from workbook.review import text_of
from workbook.template.pages import Cells, Page, drawn

KIND = Column("kind", Caption("Kind", "Type"), width=22)
NUMBER = Column("number", Caption("Number", "Numéro"), width=18)
DAY = Column("date", Caption("Date", "Date"), Type.DATE, width=12)
ACCOUNT = Column("account", Caption("Account", "Compte"), width=36)
AMOUNT = Column("amount", Caption("Amount", "Montant"), Type.AMOUNT, width=14)
CURRENCY = Column("currency", Caption("Currency", "Devise"), width=9)
REASON = Column("reason", Caption("Reason", "Motif"), Type.LONG_TEXT, width=70)
THERE = Column("there", Caption("Number in the ledger", "Numéro en comptabilité"), width=20)

BALANCES = (
    Column("code", Caption("Code", "Code"), width=34),
    Column("name", Caption("Name", "Nom"), width=36),
    CURRENCY,
    Column("before", Caption("Before", "Avant"), Type.AMOUNT, width=16),
    Column("moved", Caption("Moved", "Mouvement"), Type.AMOUNT, width=16),
    Column("after", Caption("After", "Après"), Type.AMOUNT, width=16),
)
DOCUMENTS = (
    KIND, NUMBER, DAY, ACCOUNT, AMOUNT, CURRENCY,
    Column("status", Caption("Status", "Statut"), width=20),
    THERE,
    Column("id", Caption("Ledger reference", "Référence comptable"), width=18),
    Column("approved", Caption("Approved by", "Approuvé par"), width=20),
    Column("sent", Caption("Sent by", "Envoyé par"), width=20),
    Column("when", Caption("When (UTC)", "Quand (UTC)"), width=18),
)  # fmt: skip
REFUSALS = (KIND, NUMBER, DAY, ACCOUNT, AMOUNT, REASON)
REVERSALS = (
    KIND, NUMBER, DAY, ACCOUNT, AMOUNT, THERE,
    Column("what", Caption("What happened", "Ce qui s'est passé"), width=34),
    Column("sent", Caption("By", "Par"), width=20),
    Column("when", Caption("When (UTC)", "Quand (UTC)"), width=18),
)  # fmt: skip
DIFFERENCES = (
    Column("what", Caption("What", "Quoi"), width=16), ACCOUNT, KIND, NUMBER, AMOUNT, REASON,
)  # fmt: skip
COMPLETE = (
    KIND,
    Column("count", Caption("In the source", "À la source"), Type.COUNT, width=14),
    AMOUNT,
    Column("booked", Caption("In the ledger", "En comptabilité"), Type.COUNT, width=16),
    Column("booked_amount", Caption("Amount there", "Montant là"), Type.AMOUNT, width=16),
    Column("gone", Caption("Deleted in the source", "Supprimés à la source"), Type.COUNT, width=16),
)

SAID = {
    "balances": mark("The ledger's trial balance of {before} and of {after}; debits are positive."),
    "complete": mark("What the last pull showed of the period, and what of it is in the ledger."),
    "documents": mark("Every record of the period with its number in both systems, who approved and who sent it."),
    "refusals": mark("What was refused and is not in the ledger."),
    "differences": mark("Receivables and payables as of {after}: what one side has and the other has not."),
    "reversals": mark("What left the ledger again."),
}
BACK = {
    State.UNDONE: mark("Undone"),
    State.UNDOING: mark("Being undone, not known yet"),
    State.GONE: mark("Deleted in the ledger"),
}


def period_file(session: Session) -> Report:
    """Write the file of the days that the Period sheet names, beside the workbook and over no other file.

    Raises ``CannotRun`` (period_unread).
    """
    first, last = chosen_period(session)
    return period(session, first, last, file_of(session, first, last))


def period(session: Session, first: date, last: date, to: Path) -> Report:
    """Write the file of the days from ``first`` to ``last``; the ledger is asked for its balances.

    Raises ``CannotRun``.
    """
    session.book.progress(session.say("Connecting…"))
    with session.profile.open_ledger() as ledger:
        reach(session, ledger)
        before, after = ledger.balances(first - timedelta(days=1)), ledger.balances(last)
        aged = {Side.SALES: ledger.aged_receivables(last), Side.PURCHASES: ledger.aged_payables(last)}
    case, _ = session.case()
    told = _Records(session, case, first, last)
    differences = [
        {
            name: text_of(value) if name != "amount" else m.amount
            for name, value in difference(session, case, c, m).items()
        }
        for side in aged
        for c in compare(case, side, aged[side], last)
        for m in c.mismatches
    ]
    days = {"before": (first - timedelta(days=1)).isoformat(), "after": last.isoformat()}
    pages = [
        Page(caption=caption, hint=session.say(SAID[name], **days), columns=columns, rows=rows)
        for name, caption, columns, rows in (
            ("balances", Caption("Accounts", "Comptes"), BALANCES, _balances(case, before, after)),
            ("complete", Caption("Completeness", "Intégralité"), COMPLETE, told.complete()),
            ("documents", Caption("Documents", "Documents"), DOCUMENTS, told.documents()),
            ("refusals", Caption("Refusals", "Refus"), REFUSALS, told.refusals()),
            ("differences", Caption("Differences", "Écarts"), DIFFERENCES, differences),
            ("reversals", Caption("Reversals", "Annulations"), REVERSALS, told.reversals()),
        )
    ]
    title = f"{session.profile.company} · {named(first, last)}"
    _write(to, drawn(title, pages, session.language))
    session.book.progress("")
    return Report(run=session.run.id, facts={"file": str(to)})


def _write(to: Path, content: bytes) -> None:
    try:
        private.put(to, content)
    except OSError as refused:
        raise CannotRun(refusal(refused, to, writing=True)) from refused


def _balances(case: Case, before: Iterable[AccountBalance], after: Iterable[AccountBalance]) -> list[Cells]:
    names = {account.code: account.name for account in case.lists.accounts}
    then, now = ({(each.account, each.currency): each.amount for each in side} for side in (before, after))
    return [
        {"code": code, "name": names.get(code, ""), "currency": currency or case.lists.home_currency,
         "before": then.get((code, currency), ZERO), "after": now.get((code, currency), ZERO),
         "moved": now.get((code, currency), ZERO) - then.get((code, currency), ZERO)}
        for code, currency in sorted(then.keys() | now.keys())
    ]  # fmt: skip


class _Records:
    """The records of the period, and what the journal knows of each."""

    def __init__(self, session: Session, case: Case, first: date, last: date) -> None:
        self._session, self._case = session, case
        self._names = session.names({})
        self._runs: dict[int, Run] = {run.id: run for run in session.journal.runs(None)}
        self._approvals = session.approvals()
        dated = (each for each in case.records.values() if not isinstance(each, Customer))
        found = [each for each in dated if first <= each.date <= last]
        self._records = sorted(found, key=lambda each: (list(Kind).index(each.kind), each.date, each.number, each.key))
        self._all = case.transfers.fetch((each.kind, each.key) for each in found)

    def of(self, record: Transferable | None) -> dict[str, str | Decimal | date | int | None]:
        """What every page says of a record."""
        if record is None or isinstance(record, Customer):
            return {}
        party = self._case.customers.get(getattr(record, "customer", ""))
        return {
            "kind": self._names.choice("kind", record.kind), "number": record.number or record.key,
            "date": record.date, "account": party.name if party else "", "amount": total_of(record),
            "currency": record.currency,
        }  # fmt: skip

    def documents(self) -> list[Cells]:
        """Every record, those that never left among them."""
        return [{**self.of(each), **self._journal(each)} for each in self._records]

    def _journal(self, record: Transferable) -> dict[str, str]:
        key = (record.kind, record.key)
        booked, status = self._case.settled(key), self._case.statuses.get(key) or self._case.seen[key].status
        approved = self._approvals.get((record.kind.value, record.key))
        return {
            "status": self._names.choice("status", status),
            "approved": approved.who if approved and approved.action == "approve" else "",
            **(self._sent(booked) if booked else {}),
        }

    def _sent(self, transfer: Transfer) -> dict[str, str]:
        run = self._runs.get(transfer.run)
        there = {"there": transfer.ledger_number or transfer.ledger_id, "id": transfer.ledger_id}
        return {**there, "sent": run.who, "when": f"{run.started:%Y-%m-%d %H:%M}"} if run else there

    def refusals(self) -> list[Cells]:
        """What was refused, with what was said."""
        return [
            {**self.of(record), "reason": texts.what(self._session.language, problem)}
            for record in self._records
            if (problem := self._refusal((record.kind, record.key)))
        ]

    def _refusal(self, key: RecordKey) -> Problem | None:
        latest = self._case.latest(key)
        return latest.problem if latest and latest.state is State.REJECTED else None

    def reversals(self) -> list[Cells]:
        """Every generation that the ledger had and has no longer."""
        return [
            {**self.of(record), **self._sent(transfer), "what": self._session.say(BACK[transfer.state])}
            for record in self._records
            for transfer in self._all.get((record.kind, record.key), ())
            if transfer.state in BACK
        ]

    def complete(self) -> list[Cells]:
        """Count and amount by kind of what the source has, and of what of it the ledger has."""
        return list(self._by_kind())

    def _by_kind(self) -> Iterator[Cells]:
        for kind in Kind:
            mine = [each for each in self._records if each.kind is kind]
            live = [each for each in mine if not is_gone(self._case, each)]
            booked = [each for each in live if self._case.settled((kind, each.key))]
            if mine:
                yield {
                    "kind": self._names.choice("kind", kind), "count": len(live), "amount": _total(live),
                    "booked": len(booked), "booked_amount": _total(booked), "gone": len(mine) - len(live),
                }  # fmt: skip


def _total(records: Iterable[Transferable]) -> Decimal:
    return sum((total_of(each) for each in records), ZERO)
