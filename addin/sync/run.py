"""Carrying out a plan: intent before the call, outcome after, unknown looked up and never sent blindly."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from addin.journal import Journal, RecordKey, State, Transfer
from addin.journal.lease import TERM
from addin.journal.protocol import OPEN, WAITING, Step, next_state
from addin.journal.rows import settled
from addin.sync.calls import Answers, Calls, next_batch
from addin.sync.case import Case, References
from addin.sync.checks import Effect, effect
from addin.sync.plan import Plan, Planned, held_back, planned
from addin.sync.postings import booked_on, posting_of
from connectors.ledger import Action, Ledger, Outcome, Posted, Posting, Rejected, Unknown
from connectors.pace import STEP
from connectors.problems import CannotRun, Problem, problem_of
from connectors.records import (
    Document,
    Kind,
    SyncStatus,
    Transferable,
)
from connectors.watch import NoTurn, Watch, watched, watching

PATIENCE = 5
"""How often in a row all that is under way may be turned away before the run ends; HTTP tries as often."""


Progress = Callable[[str, Planned, int, int], None]


@dataclass
class Tally:
    """What became of everything: counts per kind and the problems, in the order they came up."""

    posted: Counter[Kind] = field(default_factory=Counter)
    adopted: Counter[Kind] = field(default_factory=Counter)
    rejected: Counter[Kind] = field(default_factory=Counter)
    unknown: Counter[Kind] = field(default_factory=Counter)
    held: Counter[Kind] = field(default_factory=Counter)
    transfers: dict[RecordKey, Transfer] = field(default_factory=dict)
    when: dict[RecordKey, datetime] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    stopped: bool = False


def look_up(journal: Journal, ledger: Ledger, run: int) -> list[Transfer]:
    """Ask the ledger for everything whose answer never arrived: adopt what it has, free what it proves absent.

    Where a ledger does not know keys, what may still be on its way stays unknown until a term has passed.
    """
    histories = journal.open()
    waiting = [transfer for history in histories.values() for transfer in history if transfer.state in OPEN]
    if not waiting:
        return []
    now, records = journal.now(), journal.seen(only=histories.keys())
    asked = [_sent(t, records[t.id].record(), settled(histories[t.id])) for t in waiting]
    found = ledger.find(asked)
    adopted, resolved = [], []
    for transfer, posting in zip(waiting, asked, strict=True):
        if transfer.state is State.UNDOING:
            resolved.append(_undoing_looked_up(transfer, posting, posting.key in found, now, run))
        elif transfer.key in found:
            adopted.append(_booked(transfer, Step.FIND, found[transfer.key], run))
        elif ledger.capabilities.idempotent or now - transfer.sent >= TERM:
            resolved.append(transfer.after(Step.MISS, problem=None, told_sheet=True))
        else:
            # A clock that was set back would make it wait for longer than a term.
            doubt = transfer.problem or _named(Problem(code="outcome_unknown"), posting.record)
            resolved.append(transfer.after(Step.LOSE, problem=doubt, sent=min(transfer.sent, now)))
    journal.write([*adopted, *resolved])
    return adopted


def _undoing_looked_up(transfer: Transfer, posting: Posting, undone_there: bool, now: float, run: int) -> Transfer:
    """What is there a term after it was told to be undone stays; until then the ledger may still undo it."""
    if undone_there:
        return undone(transfer, Step.UNDO, posting.record, run)
    if now - transfer.sent >= TERM:
        return transfer.after(Step.KEEP)
    return transfer.after(Step.LOSE, sent=min(transfer.sent, now))


class Sync:
    """One run of a plan against a connected ledger; ``stop`` is asked between batches."""

    def __init__(
        self, case: Case, journal: Journal, ledger: Ledger, run: int, progress: Progress, stop: Callable[[], bool]
    ) -> None:
        self._case, self._journal, self._ledger, self._run = case, journal, ledger, run
        self._progress, self._stop = progress, stop
        self._ids = References(case, but=())
        self._intents: dict[str, Transfer] = {}
        self._done = self._turned_away = 0
        self._cut = False
        self._refused: set[RecordKey] = set()
        self.tally = Tally()

    def carry_out(self, plan: Plan) -> Tally:
        """Send every step in order; a parent that failed holds its children back.

        A ledger that cannot be reached ends the sending. Raises ``CannotRun`` where the journal cannot be written, or
        another has the lease: then nothing more may be told to anybody.
        """
        self._total = sum(1 for _ in plan)
        self._ids = References(self._case, but=plan.unsound)
        self._keep([refused for problem in plan.problems if (refused := self._note(problem))])
        with Calls[Sequence[Planned]](self._ledger) as self._calls:
            for step, levels in plan.steps:
                for level in levels:
                    self._send_level(step, level)
        return self.tally

    def _note(self, problem: Problem) -> Transfer | None:
        """Count a problem; a record that it keeps from leaving is refused, which is kept like a ledger's refusal."""
        self.tally.problems.append(problem)
        if problem.kind and effect(problem) is Effect.HOLD:
            self.tally.held[problem.kind] += 1
        record = self._case.records.get((problem.kind, problem.key)) if problem.kind else None
        if record is None or effect(problem) is not Effect.REFUSE:
            return None
        key = (record.kind, record.key)
        leaving = self._case.statuses.get(key) is SyncStatus.TO_TRANSFER and not self._case.settled(key)
        latest = self._case.latest(key)
        if not leaving or key in self._refused or (latest and latest.state in WAITING):
            return None
        self._refused.add(key)
        self.tally.rejected[record.kind] += 1
        return self._transfer(planned(self._case, record, Action.CREATE), Step.REFUSE, problem)

    def _send_level(self, step: str, level: Sequence[Planned]) -> None:
        ready = []
        for one in level:
            held = held_back(self._case, one.record, self._ids)
            if held:
                self._note(held)
                self._done += 1
            else:
                ready.append(one)
        self._send_all(step, deque(ready))

    def _send_all(self, step: str, waiting: deque[Planned]) -> None:
        """Several batches at once where the ledger allows that; this thread alone writes the journal."""
        while self._calls.under_way or (waiting and self._going):
            left = self._send(step, waiting) if waiting and self._going and self._calls.free else STEP
            if left and (answered := self._calls.answered(min(left, STEP))):
                waiting.extendleft(reversed(self._answered_all(*answered)))

    @property
    def _going(self) -> bool:
        return not (self._cut or self.tally.stopped)

    def _send(self, step: str, waiting: deque[Planned]) -> float:
        """Let the next batch leave and return 0, or the seconds after which to try again."""
        if self._stop():
            self.tally.stopped = True
            return STEP
        batch = next_batch(waiting, self._ledger.capabilities, self._calls.under_way)
        postings, watch = [posting_of(planned, self._ids) for planned in batch], Watch()
        if not batch or (left := self._turn(postings, watch)):
            waiting.extendleft(reversed(batch))
            return left if batch else STEP
        self._progress(step, batch[0], self._done, self._total)
        watch.left, sent = self._journal.left(), self._journal.now()
        intents = {planned.key: replace(self._transfer(planned, Step.LEAVE), sent=sent) for planned in batch}
        self._keep(intents.values())
        self._intents.update(intents)
        self._calls.begin(batch, postings, watch)
        return 0.0

    def _turn(self, postings: Sequence[Posting], watch: Watch) -> float:
        """Wait for the ledger's limits before any intent is written: what does not leave today stays as it is."""
        try:
            with watched(watch):
                left = self._ledger.turn(postings)
        except NoTurn as never:
            self._end(never.problems)
            return STEP
        if left:
            watching().waiting(left)
        return left

    def _end(self, problems: Iterable[Problem]) -> None:
        """Send nothing more; why is told once, and not by every call that was under way."""
        if not self._cut:
            self.tally.problems += problems
        self._cut = True

    def _answered_all(self, batch: Sequence[Planned], answers: Answers) -> list[Planned]:
        """Keep the outcomes, and say what is to be sent again because its turn did not come."""
        trouble = answers.trouble
        self._turned_away = self._turned_away + 1 if answers.unsent else 0
        if trouble and not (isinstance(trouble, NoTurn) and trouble.soon and 0 < self._turned_away < self._patience):
            self._end(trouble.problems)
        lost, kept, back = _lost(trouble), [], []
        for one in batch:
            intent, outcome = self._intents.pop(one.key), answers.outcomes.get(one.key)
            if outcome is None and answers.unsent:
                back.append(one)
                kept.append(intent.after(Step.HOLD_BACK, problem=None, told_sheet=True))
            else:
                kept.append(self._answered(one, intent, outcome or Unknown(key=one.key, problem=lost)))
        self._keep(kept)
        self._done += len(batch) - len(back)
        return back

    @property
    def _patience(self) -> int:
        return PATIENCE * self._ledger.capabilities.concurrency

    def _answered(self, planned: Planned, intent: Transfer, outcome: Outcome) -> Transfer:
        kind = planned.record.kind
        match outcome:
            case Posted():
                (self.tally.adopted if outcome.replayed else self.tally.posted)[kind] += 1
                transfer = _booked(intent, Step.BOOK, outcome, self._run)
                transfer = replace(transfer, problem=self._difference(planned.record, outcome))
                self._ids.add(planned.id, outcome.ledger_id)
            case Rejected():
                self.tally.rejected[kind] += 1
                transfer = intent.after(Step.DECLINE, problem=_named(outcome.problem, planned.record))
            case Unknown():
                self.tally.unknown[kind] += 1
                transfer = intent.after(Step.LOSE, problem=_named(outcome.problem, planned.record))
        if transfer.problem:
            self.tally.problems.append(transfer.problem)
        return transfer

    def _difference(self, record: Transferable, outcome: Posted) -> Problem | None:
        if not isinstance(record, Document) or outcome.total is None or outcome.total == record.total:
            return None
        return problem_of(record, "total_differs", column="total", ledger_total=str(outcome.total),
                          total=str(record.total))  # fmt: skip

    def _transfer(self, planned: Planned, step: Step, problem: Problem | None = None) -> Transfer:
        before = self._case.latest(planned.id)
        again = before is not None and before.generation == planned.generation
        return Transfer(
            kind=planned.record.kind,
            record=planned.record.key,
            number=planned.record.number,
            generation=planned.generation,
            key=planned.key,
            action=planned.action,
            digest=self._case.seen[planned.id].digest,
            state=next_state(before.state if before and again else None, step),
            problem=problem,
            run=self._run,
            customer=booked_on(planned.record, self._ids),
        )

    def _keep(self, transfers: Collection[Transfer]) -> None:
        self._journal.write(transfers)
        self.tally.transfers.update((transfer.id, transfer) for transfer in transfers)
        self.tally.when.update(dict.fromkeys((transfer.id for transfer in transfers), datetime.now(UTC)))


def _lost(trouble: CannotRun | None) -> Problem:
    """The problem of a posting that was not answered."""
    if trouble is None:
        return Problem(code="outcome_unknown")
    return replace(trouble.problems[0], code="outcome_unknown", detail=str(trouble))


def withdrawal(transfer: Transfer, record: Transferable) -> Posting:
    """What undoes a transfer, with what the ledger answered when it was booked."""
    return Posting(
        key=transfer.undo_key,
        record=replace(record, number=transfer.number),
        action=Action.VOID,
        reference=transfer.ledger_id,
        customer=transfer.customer,
        booked=Posted(key=transfer.key, ledger_id=transfer.ledger_id, number=transfer.ledger_number,
                      total=transfer.total),
    )  # fmt: skip


def undone(transfer: Transfer, step: Step, record: Transferable, run: int) -> Transfer:
    """A transfer that the ledger has no longer, with the notice of it for the row and the source."""
    today = datetime.now(UTC).astimezone().date()
    told = problem_of(record, "undone", column="reference", reference=transfer.shown, date=today.isoformat())
    return transfer.after(step, problem=told, run=run, told_sheet=False, told_source=False)


def _sent(transfer: Transfer, record: Transferable, former: Transfer | None) -> Posting:
    """What was on its way, as far as a look-up needs it; the number is the one it left with."""
    if transfer.state is State.UNDOING:
        return withdrawal(transfer, record)
    return Posting(
        key=transfer.key,
        record=replace(record, number=transfer.number),
        action=Action(transfer.action),
        reference=former.ledger_id if former else "",
    )


def _booked(transfer: Transfer, step: Step, posted: Posted, run: int) -> Transfer:
    return transfer.after(
        step,
        ledger_id=posted.ledger_id,
        ledger_number=posted.number,
        url=posted.url,
        total=posted.total,
        problem=None,
        run=run,
        told_sheet=False,
        told_source=False,
    )


def _named(problem: Problem, record: Transferable) -> Problem:
    return replace(problem, kind=record.kind, key=record.key, number=record.number, provenance=record.provenance)
