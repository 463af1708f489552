"""Carrying out a plan: intent before the call, outcome after, unknown looked up and never sent blindly."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from addin.journal import Journal, RecordKey, State, Transfer
from addin.journal.protocol import WAITING, Step, next_state
from addin.journal.rows import digest_of, payload_of, says_the_same
from addin.sync.calls import Answers, Calls, next_batch
from addin.sync.case import Case, References, booked_on
from addin.sync.checks.booked import question_about
from addin.sync.effects import Effect, effect
from addin.sync.enquiry import Books, ask
from addin.sync.outcomes import booked, lost, named
from addin.sync.plan import Plan, Planned, held_back, planned
from addin.sync.postings import OF_BOOKED, posting_of
from addin.sync.twins import features
from connectors.exchange import in_home, rate_of
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
    applied: Counter[Kind] = field(default_factory=Counter)
    amended: Counter[Kind] = field(default_factory=Counter)
    rejected: Counter[Kind] = field(default_factory=Counter)
    unknown: Counter[Kind] = field(default_factory=Counter)
    held: Counter[Kind] = field(default_factory=Counter)
    transfers: dict[RecordKey, Transfer] = field(default_factory=dict)
    when: dict[RecordKey, datetime] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    stopped: bool = False


class Sync:
    """One run of a plan against a connected ledger; ``stop`` is asked between batches."""

    def __init__(
        self, case: Case, journal: Journal, ledger: Ledger, run: int, progress: Progress, stop: Callable[[], bool]
    ) -> None:
        self._case, self._journal, self._ledger, self._run = case, journal, ledger, run
        self._progress, self._stop = progress, stop
        self._books = Books(ledger, journal, case.company, case.ledger, case.lists.home_currency)
        self._intents: dict[str, Transfer] = {}
        self._done = self._turned_away = 0
        self._cut = False
        self._refused: set[RecordKey] = set()
        self._held: set[RecordKey] = set()
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
                    # What was never its turn is held back by nothing, and its row has nothing to say.
                    if self._going:
                        self._send_level(step, level)
        self.tally.problems = [each for each in self.tally.problems if not self._is_done(each)]
        held = self._held - self._refused - self.tally.transfers.keys()
        self.tally.held = Counter(kind for kind, _ in held)
        return self.tally

    def _is_done(self, problem: Problem) -> bool:
        """Whether what was to be told to the ledger has been, or was refused."""
        done = self.tally.transfers.get((problem.kind, problem.key)) if problem.kind else None
        told = done is not None and done.action == Action.AMEND and done.state in (State.POSTED, State.REJECTED)
        return problem.code == "to_be_amended" and told

    def _note(self, problem: Problem) -> Transfer | None:
        """Count a problem; a record that it keeps from leaving is refused, which is kept like a ledger's refusal."""
        self.tally.problems.append(problem)
        if problem.kind and effect(problem) is Effect.HOLD:
            self._held.add((problem.kind, problem.key))
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
        leaving = self._not_booked_yet(batch)
        if len(leaving) < len(batch):
            watch.give_back()
            waiting.extendleft(reversed(leaving))
            return 0.0
        self._progress(step, batch[0], self._done, self._total)
        watch.left, sent = self._journal.left(), self._journal.now()
        intents = {planned.key: replace(self._transfer(planned, Step.LEAVE), sent=sent) for planned in batch}
        self._keep(intents.values())
        self._intents.update(intents)
        self._calls.begin(batch, postings, watch)
        return 0.0

    def _not_booked_yet(self, batch: Sequence[Planned]) -> Sequence[Planned]:
        """A batch without what the ledger has by now: a person may have keyed it in since it was planned."""
        mine = {one.id: features(one.record, booked_on(one.record, self._ids)) for one in batch
                if one.record.kind is not Kind.CUSTOMER and one.action is Action.CREATE}  # fmt: skip
        try:
            alike = self._books.search({}, mine).alike
        except CannotRun as unreachable:
            self._end(unreachable.problems)
            return ()
        asked = {question.id: question for question in ask(self._journal, self._case.questions, mine, alike)}
        for question in asked.values():
            self._note(question_about(self._case, question))
        self._done += len(asked)
        return [one for one in batch if one.id not in asked]

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
        """Keep the outcomes, and say what is to be sent again because its turn did not come.

        A refusal that ended the call (no sign-in, too many requests) is no document's: it stays as it was.
        """
        trouble = answers.trouble
        self._turned_away = self._turned_away + 1 if answers.unsent else 0
        if trouble and not (isinstance(trouble, NoTurn) and trouble.soon and 0 < self._turned_away < self._patience):
            self._end(trouble.problems)
        ended = {problem.code for problem in trouble.problems} if trouble else set()
        doubt, kept, back = lost(trouble), [], []
        for one in batch:
            intent, outcome = self._intents.pop(one.key), answers.outcomes.get(one.key)
            unsent = outcome is None and answers.unsent
            if unsent or (isinstance(outcome, Rejected) and outcome.problem.code in ended):
                back += [one] if unsent else []
                kept.append(intent.after(Step.HOLD_BACK, told_sheet=True))
            else:
                kept.append(self._answered(one, intent, outcome or Unknown(key=one.key, problem=doubt)))
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
                counted = self.tally.adopted if outcome.replayed else self.tally.posted
                of_booked = {Action.APPLY: self.tally.applied, Action.AMEND: self.tally.amended}
                of_booked.get(planned.action, counted)[kind] += 1
                transfer = booked(intent, Step.BOOK, outcome, self._run)
                transfer = replace(transfer, problem=self._difference(planned.record, outcome))
                self._ids.add(planned.id, outcome.ledger_id)
            case Rejected():
                self.tally.rejected[kind] += 1
                transfer = intent.after(Step.DECLINE, problem=named(outcome.problem, planned.record))
            case Unknown():
                self.tally.unknown[kind] += 1
                transfer = intent.after(Step.LOSE, problem=named(outcome.problem, planned.record))
        if transfer.problem:
            self.tally.problems.append(transfer.problem)
        return transfer

    def _difference(self, record: Transferable, outcome: Posted) -> Problem | None:
        """What the ledger computed otherwise than the source says: the total, or what it comes to at its rate."""
        if not isinstance(record, Document):
            return None
        if outcome.total not in (None, record.total):
            words = {"ledger_total": str(outcome.total), "total": str(record.total)}
            return problem_of(record, "total_differs", column="total", **words)
        home = self._case.lists.home_currency
        exchange = rate_of(record, home)
        wanted = in_home(record.total, exchange, home) if exchange else None
        if outcome.at_home is None or wanted is None or outcome.at_home == wanted:
            return None
        words = {"ledger_total": f"{outcome.at_home} {home}", "total": f"{wanted} {home}"}
        return problem_of(record, "home_total_differs", column="total", **words)

    def _transfer(self, planned: Planned, step: Step, problem: Problem | None = None) -> Transfer:
        before = self._case.latest(planned.id)
        again = before is not None and before.generation == planned.generation
        digest, payload = self._as_it_leaves(planned)
        return Transfer(
            kind=planned.record.kind,
            record=planned.record.key,
            number=planned.record.number,
            generation=planned.generation,
            key=planned.key,
            action=planned.action,
            digest=digest,
            state=next_state(before.state if before and again else None, step),
            problem=problem,
            run=self._run,
            customer=booked_on(planned.record, self._ids),
            accounts=planned.accounts,
            payload=payload,
        )

    def _as_it_leaves(self, planned: Planned) -> tuple[str, str]:
        """Digest and text of a record as the ledger has it after this: of what was booked, part may stay as it was."""
        seen = self._case.seen[planned.id]
        left = self._case.leaving.get(planned.id) if planned.action in OF_BOOKED else None
        if left is not None and not says_the_same(left, self._case.records[planned.id]):
            return digest_of(left), payload_of(left)
        return seen.digest, "" if planned.record.kind is Kind.CUSTOMER else seen.payload

    def _keep(self, transfers: Collection[Transfer]) -> None:
        self._journal.write(transfers)
        self.tally.transfers.update((transfer.id, transfer) for transfer in transfers)
        self.tally.when.update(dict.fromkeys((transfer.id for transfer in transfers), datetime.now(UTC)))
