"""Carrying out a plan: intent before the call, outcome after, unknown looked up and never sent blindly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from addin.journal import Journal, RecordKey, State, Transfer
from addin.journal.lease import TERM
from addin.journal.protocol import OPEN, Step, next_state
from addin.journal.rows import settled
from addin.sync.case import Case
from addin.sync.checks import Effect, effect
from addin.sync.plan import Plan, Planned, held_back, planned
from connectors.ledger import Action, Applied, Ledger, Outcome, Posted, Posting, Rejected, Unknown
from connectors.problems import CannotRun, Problem, problem_of
from connectors.records import (
    Allocation,
    CreditNote,
    Customer,
    Document,
    JournalEntry,
    Kind,
    Payment,
    SyncStatus,
    Transferable,
)

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
    found = ledger.find([_sent(t, records[t.id].record(), settled(histories[t.id])) for t in waiting])
    resolved = []
    for transfer in waiting:
        if transfer.key in found:
            resolved.append(_booked(transfer, Step.FIND, found[transfer.key], run))
        elif ledger.capabilities.idempotent or now - transfer.sent >= TERM:
            resolved.append(transfer.after(Step.MISS, problem=None, told_sheet=True))
        else:
            # A clock that was set back would make it wait for longer than a term.
            doubt = transfer.problem or _named(Problem(code="outcome_unknown"), records[transfer.id].record())
            resolved.append(transfer.after(Step.LOSE, problem=doubt, sent=min(transfer.sent, now)))
    journal.write(resolved)
    return [transfer for transfer in resolved if transfer.state is State.POSTED]


class Sync:
    """One run of a plan against a connected ledger; ``stop`` is asked between batches."""

    def __init__(
        self, case: Case, journal: Journal, ledger: Ledger, run: int, progress: Progress, stop: Callable[[], bool]
    ) -> None:
        self._case, self._journal, self._ledger, self._run = case, journal, ledger, run
        self._progress, self._stop = progress, stop
        self._ids = {key: found.ledger_id for key in case.transfers if (found := case.settled(key))}
        self._done = 0
        self._cut = False
        self._refused: set[RecordKey] = set()
        self.tally = Tally()

    def carry_out(self, plan: Plan) -> Tally:
        """Send every step in order; a parent that failed holds its children back.

        A ledger that cannot be reached ends the sending. Raises ``CannotRun`` where the journal cannot be written, or
        another has the lease: then nothing more may be told to anybody.
        """
        self._total = sum(1 for _ in plan)
        self._ids = {key: reference for key, reference in self._ids.items() if key not in plan.unsound}
        self._keep([refused for problem in plan.problems if (refused := self._note(problem))])
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
        if not leaving or key in self._refused or (latest and latest.state in OPEN):
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
        for batch in _batches(ready, self._ledger.capabilities.batch_size):
            if self._cut or self.tally.stopped:
                return
            if self._stop():
                self.tally.stopped = True
                return
            self._send(step, batch)

    def _send(self, step: str, batch: Sequence[Planned]) -> None:
        self._progress(step, batch[0], self._done, self._total)
        sent = self._journal.departure()
        intents = {planned.key: replace(self._transfer(planned, Step.LEAVE), sent=sent) for planned in batch}
        self._keep(intents.values())
        self._journal.in_time()
        answered = self._outcomes(batch)
        self._keep([self._answered(planned, intents[planned.key], answered[planned.key]) for planned in batch])
        self._done += len(batch)

    def _outcomes(self, batch: Sequence[Planned]) -> dict[str, Outcome]:
        """One outcome for each; what was not answered is not known, and of two answers the more cautious counts."""
        outcomes: dict[str, Outcome] = {}
        lost = Problem(code="outcome_unknown")
        try:
            for outcome in self._answers([self._posting(planned) for planned in batch]):
                outcomes[outcome.key] = max(outcomes.get(outcome.key, outcome), outcome, key=_caution)
        except CannotRun as unreachable:
            self._cut = True
            self.tally.problems += unreachable.problems
            lost = replace(unreachable.problems[0], code="outcome_unknown", detail=str(unreachable))
        return {planned.key: outcomes.get(planned.key, Unknown(key=planned.key, problem=lost)) for planned in batch}

    def _answers(self, postings: Sequence[Posting]) -> Iterator[Outcome]:
        """A ledger that does not replay a key is asked for it first, in case another journal has sent it."""
        known = {} if self._ledger.capabilities.idempotent else self._ledger.find(postings)
        yield from (replace(posted, replayed=True) for posted in known.values())
        fresh = [posting for posting in postings if posting.key not in known]
        if fresh:
            yield from self._ledger.post(fresh)

    def _posting(self, planned: Planned) -> Posting:
        record = self._with_customers(planned.record)
        parent = record.parent if isinstance(record, Customer) else ""
        customer = record.customer if isinstance(record, Document | Payment) else ""
        return Posting(
            key=planned.key,
            record=record,
            action=planned.action,
            reference=self._ids[planned.id] if planned.action is Action.UPDATE else "",
            customer=self._ids.get((Kind.CUSTOMER, customer), ""),
            parent=self._ids.get((Kind.CUSTOMER, parent), ""),
            applied=tuple(self._applied(record)),
        )

    def _with_customers(self, record: Transferable) -> Transferable:
        """A journal entry names customers on its lines, in the ledger's words as everything else."""
        if not isinstance(record, JournalEntry):
            return record
        lines = (
            replace(line, customer=self._ids[Kind.CUSTOMER, line.customer]) if line.customer else line
            for line in record.lines
        )
        return replace(record, lines=tuple(lines))

    def _applied(self, record: Transferable) -> Iterator[Applied]:
        parts: Iterable[Allocation] = ()
        if isinstance(record, Payment):
            parts = record.allocations
        elif isinstance(record, CreditNote) and record.invoice:
            parts = (Allocation(invoice=record.invoice, amount=record.total),)
        for part in parts:
            yield Applied(ledger_id=self._ids[Kind.INVOICE, part.invoice], amount=part.amount)

    def _answered(self, planned: Planned, intent: Transfer, outcome: Outcome) -> Transfer:
        kind = planned.record.kind
        match outcome:
            case Posted():
                (self.tally.adopted if outcome.replayed else self.tally.posted)[kind] += 1
                transfer = _booked(intent, Step.BOOK, outcome, self._run)
                transfer = replace(transfer, problem=self._difference(planned.record, outcome))
                self._ids[planned.id] = outcome.ledger_id
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
        )

    def _keep(self, transfers: Collection[Transfer]) -> None:
        self._journal.write(transfers)
        self.tally.transfers.update((transfer.id, transfer) for transfer in transfers)


def _sent(transfer: Transfer, record: Transferable, former: Transfer | None) -> Posting:
    """What was on its way, as far as a look-up needs it; the number is the one it left with."""
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


def _caution(outcome: Outcome) -> int:
    """What a ledger says it booked is believed first; what it says it refused, last."""
    return (Rejected, Unknown, Posted).index(type(outcome))


def _batches(planned: Sequence[Planned], size: int) -> Iterator[list[Planned]]:
    waiting = iter(planned)
    while batch := list(islice(waiting, size)):
        yield batch
