"""Undoing transfers: what may be undone, what is applied first, and the intent of each before the call."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import groupby
from time import sleep

from addin.journal import Journal, RecordKey, State, Transfer
from addin.journal.protocol import Step
from addin.journal.rows import latest, settled
from addin.sync.calls import Answers, ask
from addin.sync.case import Case, References
from addin.sync.outcomes import named, undone
from addin.sync.postings import applied as applied_parts
from addin.sync.postings import withdrawal
from addin.sync.referring import applied, brought_by, state_of
from addin.sync.turns import turns
from connectors.ledger import Ledger, Posted, Posting, Rejected, Unknown
from connectors.pace import STEP
from connectors.problems import Problem, problem_of
from connectors.records import (
    CREDIT_KINDS,
    DOCUMENT_KINDS,
    PAYMENT_KINDS,
    Customer,
    Kind,
    ReturnedPayment,
    Transferable,
)
from connectors.watch import NoTurn, Watch, watched, watching

ORDER: tuple[frozenset[Kind], ...] = (
    frozenset({Kind.JOURNAL_ENTRY}),
    PAYMENT_KINDS | {Kind.REFUND},
    CREDIT_KINDS,
    frozenset({Kind.INVOICE, Kind.SUPPLIER_INVOICE, Kind.SALES_RECEIPT}),
)
"""The steps of a sync backwards: what is applied to a document goes before it."""


@dataclass
class Undone:
    """What became of it: the transfers that the ledger has no longer, and the problems in the order they came up."""

    transfers: list[Transfer] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    stopped: bool = False


class Undo:
    """One run against a connected ledger; ``stop`` is asked between batches."""

    def __init__(
        self, case: Case, journal: Journal, ledger: Ledger, run: int, progress: Callable[[int, int], None],
        stop: Callable[[], bool],
    ) -> None:  # fmt: skip
        self._case, self._journal, self._ledger, self._run = case, journal, ledger, run
        self._progress, self._stop = progress, stop
        self._cut = False
        self.result = Undone()

    def carry_out(self, chosen: Collection[RecordKey]) -> Undone:
        """Undo these, as far as they can be. What a person deleted in the ledger is accepted as undone, without a call.

        Raises ``CannotRun`` where the journal cannot be written, or another has the lease.
        """
        self._accept(key for key in chosen if state_of(self._case, key) is State.GONE)
        self.result.transfers += [found for key in chosen if (found := self._found_undone(key))]
        done = {transfer.id for transfer in self.result.transfers}
        # One that is being undone already is told of by the checks, and looked up by the next run.
        others = [key for key in chosen if key not in done and state_of(self._case, key) is not State.UNDOING]
        problems = {key: refused(self._case, key) for key in others}
        self.result.problems = [problem for problem in problems.values() if problem]
        ready = [key for key, problem in problems.items() if problem is None]
        self._applied = applied(self._case, {key for key in ready if key[0] in DOCUMENT_KINDS | {Kind.PAYMENT}})
        for key, brought in brought_by(self._case, ready).items():
            self._applied[key] += brought
        first = {key for key in ready if key[0] not in PAYMENT_KINDS and self._case.payment_of(self._case.records[key])}
        self._level([key for key in ready if key in first], len(ready))
        for kinds in ORDER:
            for level in self._levels([key for key in ready if key[0] in kinds and key not in first]):
                self._level(level, len(ready))
        return self.result

    def _levels(self, keys: list[RecordKey]) -> list[list[RecordKey]]:
        """What paid again goes before the return that let it, and that before its payment."""
        later = turns(self._case, [self._case.records[key] for key in keys])
        order = sorted(keys, key=lambda key: -later.get(key, 0))
        return [list(level) for _, level in groupby(order, key=lambda key: later.get(key, 0))]

    def _found_undone(self, key: RecordKey) -> Transfer | None:
        """One whose undoing was under way, and which the look-up before this found to be done."""
        latest = self._case.latest(key)
        return latest if latest and latest.state is State.UNDONE and latest.run == self._run else None

    def _accept(self, gone: Iterable[RecordKey]) -> None:
        histories = [(key, latest(self._case.transfers[key])) for key in gone]
        self._keep([undone(last, Step.ACCEPT, self._case.records[key], self._run) for key, last in histories])

    def _level(self, keys: Sequence[RecordKey], total: int) -> None:
        done = {transfer.id for transfer in self.result.transfers}
        free = []
        for key in keys:
            holding = [other for other in self._applied[key] if other not in done]
            if holding:
                numbers = ", ".join(self._case.records[other].number or other[1] for other in holding)
                self.result.problems.append(problem_of(self._case.records[key], "undo_applied", numbers=numbers))
            else:
                free.append(key)
        size = self._ledger.capabilities.batch_size
        for start in range(0, len(free), size):
            if self._cut or self.result.stopped:
                return
            self.result.stopped = self._stop()
            if not self.result.stopped:
                self._progress(len(self.result.transfers), total)
                self._send(free[start : start + size])

    def _send(self, batch: Sequence[RecordKey]) -> None:
        records = [self._case.records[key] for key in batch]
        transfers = [settled for key in batch if (settled := self._case.settled(key))]
        postings, watch = list(map(self._withdrawal, transfers, records)), Watch()
        if not self._turn(postings, watch):
            return
        watch.left, sent = self._journal.left(), self._journal.now()
        leaving = [transfer.after(Step.WITHDRAW, sent=sent, run=self._run) for transfer in transfers]
        self._journal.write(leaving)
        pairs = list(zip(leaving, records, strict=True))
        answers = ask(self._ledger, postings, watch)
        if answers.trouble:
            self._cut = True
            self.result.problems += answers.trouble.problems
        self._keep([self._answered(transfer, record, answers) for transfer, record in pairs])

    def _withdrawal(self, transfer: Transfer, record: Transferable) -> Posting:
        """What undoes a transfer; of a returned payment with the payment, and what that is to pay again."""
        on = reversed_on(self._case, record, transfer)
        posting, ids = withdrawal(transfer, record, on), References(self._case, but=())
        payment = self._case.payment_of(record) if isinstance(record, ReturnedPayment) else None
        if payment is None:
            return posting
        parts = tuple(applied_parts(payment, ids))
        return replace(posting, returned=ids.get((payment.kind, payment.key)) or "", applied=parts)

    def _turn(self, postings: Sequence[Posting], watch: Watch) -> bool:
        """Wait for the ledger's limits before any intent is written; whether the turn came."""
        try:
            while left := self._asked(postings, watch):
                self.result.stopped = self._stop()
                if self.result.stopped:
                    return False
                watching().waiting(left)
                sleep(min(left, STEP))
        except NoTurn as never:
            self._cut = True
            self.result.problems += never.problems
        return not self._cut

    def _asked(self, postings: Sequence[Posting], watch: Watch) -> float:
        with watched(watch):
            return self._ledger.turn(postings)

    def _answered(self, transfer: Transfer, record: Transferable, answers: Answers) -> Transfer:
        outcome = answers.outcomes.get(transfer.undo_key)
        if outcome is None and answers.unsent:
            return transfer.after(Step.KEEP, told_sheet=False)
        match outcome:
            case Posted():
                return undone(transfer, Step.UNDO, record, self._run)
            case Rejected():
                self.result.problems.append(named(outcome.problem, record))
                return transfer.after(Step.KEEP, told_sheet=False)
            case Unknown() | None:  # the checks tell of it until it is known
                return transfer.after(Step.LOSE, told_sheet=False)

    def _keep(self, transfers: Sequence[Transfer]) -> None:
        self._journal.write(transfers)
        self.result.transfers += [transfer for transfer in transfers if transfer.state is State.UNDONE]


def unfinished(case: Case) -> list[RecordKey]:
    """What somebody undid and the ledger still has, perhaps by half: the answer never came."""
    booked = ((key, settled(case.transfers.get(key, ()))) for key in case.awake)
    return [key for key, each in booked if each and each.problem and each.problem.code == "undo_unfinished"]


def refused(case: Case, key: RecordKey) -> Problem | None:
    """Why there is nothing to undo, or nothing that we may undo, as far as it can be told without the ledger."""
    record, transfer = case.records[key], case.settled(key)
    if transfer is None:
        return problem_of(record, "undo_nothing")
    if transfer.state is State.MANUAL:
        return problem_of(record, "undo_by_hand", reference=transfer.shown)
    if record.kind not in case.capabilities.voids:
        return problem_of(record, "undo_unsupported", kind=record.kind)
    on = reversed_on(case, record, transfer)
    if on and record.kind not in case.capabilities.reverses:
        return problem_of(record, "undo_in_past", column="date", date=str(booked_day(record, transfer)))
    return None


def reversed_on(case: Case, record: Transferable, transfer: Transfer) -> date | None:
    """The day on which undoing reverses what lies in a closed or filed period; none for what is undone on its own."""
    day, filed = booked_day(record, transfer), case.options.filed_until
    past = day is not None and (case.lists.first_open(day) > day or (filed is not None and day <= filed))
    if not past or not case.options.undo_reverses_today:
        return None
    return case.lists.first_open(max(case.today, filed + timedelta(1)) if filed else case.today)


def booked_day(record: Transferable, transfer: Transfer) -> date | None:
    """The day that a record was booked on, as far as that is kept; none of an account."""
    booked = transfer.left_as() or record
    return None if isinstance(booked, Customer) else booked.date
