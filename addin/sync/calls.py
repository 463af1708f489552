"""Calls to a ledger: as many under way at once as it allows, each with a batch, answered in any order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue
from typing import Generic, ParamSpec, Self, TypeVar

from addin.sync.plan import Planned
from connectors.ledger import Capabilities, Ledger, Outcome, Posted, Posting, Rejected, Unknown
from connectors.problems import CannotRun
from connectors.records import CreditNote, Payment, Refund
from connectors.watch import NothingDone, Watch, watched

Batch = TypeVar("Batch")
P = ParamSpec("P")
T = TypeVar("T")

SIGHT = 20
"""How many batches are looked through for one that nothing under way holds up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What came of a call: outcomes by key, and what ended it before all were there.

    ``unsent``: certainly nothing was sent of what has no outcome.
    """

    outcomes: Mapping[str, Outcome]
    trouble: CannotRun | None
    unsent: bool


class Calls(Generic[Batch]):
    """The calls of one run. A ledger that takes one at a time is called in this very thread: it may be bound to it."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger, self._most = ledger, ledger.capabilities.concurrency
        self._executor: Executor = ThreadPoolExecutor(self._most) if self._most > 1 else _AtOnce()
        self._answered: SimpleQueue[Future[Answers]] = SimpleQueue()
        self._under_way: dict[Future[Answers], Batch] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._executor.shutdown()

    @property
    def under_way(self) -> Sequence[Batch]:
        """The batches whose answers were not taken yet."""
        return tuple(self._under_way.values())

    @property
    def free(self) -> bool:
        """Whether one more may leave."""
        return len(self._under_way) < self._most

    def begin(self, batch: Batch, postings: Sequence[Posting], watch: Watch) -> None:
        """Let a batch leave."""
        future = self._executor.submit(ask, self._ledger, postings, watch)
        self._under_way[future] = batch
        future.add_done_callback(self._answered.put)

    def answered(self, seconds: float) -> tuple[Batch, Answers] | None:
        """The next batch that is answered within so many seconds, if one is."""
        try:
            future = self._answered.get(timeout=seconds)
        except Empty:
            return None
        return self._under_way.pop(future), future.result()


class _AtOnce(Executor):
    """Does what it is given before it goes on."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def ask(ledger: Ledger, postings: Sequence[Posting], watch: Watch) -> Answers:
    """Send a batch and take its answers."""
    with watched(watch):
        try:
            outcomes, trouble = _taken(_answers(ledger, postings, watch))
        finally:
            watch.give_back()
    return Answers(outcomes=outcomes, trouble=trouble, unsent=isinstance(trouble, NothingDone) and not watch.acted)


def _taken(answers: Iterable[Outcome]) -> tuple[dict[str, Outcome], CannotRun | None]:
    """Outcomes by key, of two about one document the more cautious; and what ended them early, if anything did."""
    outcomes: dict[str, Outcome] = {}
    try:
        for outcome in answers:
            outcomes[outcome.key] = max(outcomes.get(outcome.key, outcome), outcome, key=_caution)
    except CannotRun as stopped:
        return outcomes, stopped
    return outcomes, None


def _answers(ledger: Ledger, postings: Sequence[Posting], watch: Watch) -> Iterator[Outcome]:
    """A ledger that does not replay a key is asked for it first, in case another journal has sent it.

    Raises ``NothingDone`` where it cannot be asked.
    """
    known = {} if ledger.capabilities.idempotent else _looked_up(ledger, postings)
    yield from (replace(posted, replayed=True) for posted in known.values())
    fresh = [posting for posting in postings if posting.key not in known]
    if fresh:
        watch.leave(type(ledger).label)
        yield from ledger.post(fresh)


def _looked_up(ledger: Ledger, postings: Sequence[Posting]) -> Mapping[str, Posted]:
    try:
        return ledger.find(postings)
    except NothingDone:
        raise
    except CannotRun as unasked:
        raise NothingDone(*unasked.problems) from unasked


def _caution(outcome: Outcome) -> int:
    """What a ledger says it booked is believed first; what it says it refused, last."""
    return (Rejected, Unknown, Posted).index(type(outcome))


def next_batch(
    waiting: deque[Planned], capabilities: Capabilities, under_way: Iterable[Sequence[Planned]]
) -> list[Planned]:
    """Take the next that may leave together, in order; where the order of an account matters, nothing overtakes."""
    size = capabilities.batch_size
    busy = {_in_order(one) for batch in under_way for one in batch} - {""}
    batch: list[Planned] = []
    later: list[Planned] = []
    while waiting and len(batch) < size and len(later) < SIGHT * size:
        one = waiting.popleft()
        account = _in_order(one)
        if account in busy:
            later.append(one)
            continue
        batch.append(one)
        if account and not capabilities.keeps_order:
            busy.add(account)
    waiting.extendleft(reversed(later))
    return batch


def _in_order(planned: Planned) -> str:
    """The account that a record may not be overtaken on: what one payment settles, the next one cannot."""
    return planned.record.customer if isinstance(planned.record, Payment | Refund | CreditNote) else ""
