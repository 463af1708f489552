"""Two workers, a ledger that answers late or not at all, crashes at any step: every state that can be reached.

The model moves transfers by the engine's own table (``addin.journal.protocol``). A worker goes through the steps of
``addin.usecases.sync``: take the lease, look up, plan, write intents, send, keep the outcomes, show them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from addin.journal.protocol import OPEN, SETTLED, State, Step, next_state

T = TypeVar("T")

NOBODY = -1
"""Who waits for an answer when its worker died or gave up."""

MUTATIONS = ("outcome before intent", "blind retry", "no fence", "absent at once", "no lease")


class Worker(NamedTuple):
    """One program at work: where it is, what it read, what it found, what it was answered."""

    at: str = "idle"
    runs: int = 0
    holds: bool = False
    knows: tuple[State | None, ...] = ()
    found: tuple[bool | None, ...] = ()
    leaving: tuple[int, ...] = ()
    answers: tuple[Step | None, ...] = ()


class World(NamedTuple):
    """The ledger's copies of each document, the journal, what the sheet shows, what is on its way, who works."""

    ledger: tuple[int, ...]
    journal: tuple[State | None, ...]
    shown: tuple[State | None, ...]
    flying: tuple[tuple[int, int], ...]
    holder: int | None
    workers: tuple[Worker, ...]
    crashes: int
    losses: int
    refusals: int


class Broken(Exception):
    """A rule of the protocol does not hold; the message says which, and how it came to that."""


@dataclass(frozen=True)
class Model:
    """What may happen, how often, and what of the protocol is left out on purpose."""

    documents: int = 1
    workers: int = 2
    runs: int = 2
    crashes: int = 1
    losses: int = 1
    refusals: int = 1
    idempotent: bool = True
    mutation: str = ""

    def start(self) -> World:
        """Nothing has happened yet."""
        nothing: tuple[None, ...] = (None,) * self.documents
        workers = tuple(Worker(runs=self.runs) for _ in range(self.workers))
        zero = (0,) * self.documents
        return World(zero, nothing, nothing, (), None, workers, self.crashes, self.losses, self.refusals)

    def explore(self) -> int:
        """How many states can be reached. Raises ``Broken`` with the shortest way to a state that breaks a rule."""
        start = self.start()
        came: dict[World, tuple[World, str] | None] = {start: None}
        waiting = deque([start])
        while waiting:
            world = waiting.popleft()
            after = list(self.after(world))
            for name, following in after:
                if following not in came:
                    came[following] = (world, name)
                    self._hold(world, following, came)
                    waiting.append(following)
            if not after:
                self._ended_well(world, came)
        return len(came)

    def _hold(self, before: World, world: World, came: dict[World, tuple[World, str] | None]) -> None:
        if max(world.ledger) > 1:
            raise Broken(f"booked twice: {way_to(world, came)}")
        for was, now in zip(before.journal, world.journal, strict=True):
            if was in SETTLED and now not in SETTLED:
                raise Broken(f"forgotten that it was booked: {way_to(world, came)}")

    def _ended_well(self, world: World, came: dict[World, tuple[World, str] | None]) -> None:
        for copies, state, shown in zip(world.ledger, world.journal, world.shown, strict=True):
            booked = state is State.POSTED and copies == 1
            told = state in (State.REJECTED, State.UNKNOWN, State.ABSENT) and shown is state
            if not (booked or (told and (copies == 0 or state is State.UNKNOWN))):
                raise Broken(f"neither booked once nor shown: {way_to(world, came)}")

    def after(self, world: World) -> Iterator[tuple[str, World]]:
        """Everything that can happen next."""
        for number, worker in enumerate(world.workers):
            step = getattr(self, f"_{worker.at}")
            for name, following in step(world, number, worker):
                yield f"{number} {name}", following
            if world.crashes and worker.at not in ("idle", "done"):
                flying = tuple(sorted((NOBODY if who == number else who, what) for who, what in world.flying))
                gone = _with(world, number, Worker(runs=worker.runs))
                yield f"{number} crashes", gone._replace(flying=flying, crashes=world.crashes - 1)
        if world.holder is not None:
            # The holder stalled, or died on another machine. One that died here is taken over from at once: the same.
            yield "the lease ends", _released(world, world.holder)
        yield from self._ledger_answers(world)

    def _ledger_answers(self, world: World) -> Iterator[tuple[str, World]]:
        for number, document in sorted(set(world.flying)):
            flying = list(world.flying)
            flying.remove((number, document))
            rest = world._replace(flying=tuple(flying))
            booked = rest._replace(ledger=_put(rest.ledger, document, self._copies(rest.ledger[document])))
            if number == NOBODY:
                yield f"books {document}, late", booked
                yield f"never books {document}", rest
                continue
            yield f"books {document}", _answered(booked, number, document, Step.BOOK)
            if world.losses:
                lost = rest._replace(flying=tuple(sorted((*flying, (NOBODY, document)))), losses=world.losses - 1)
                yield f"the answer about {document} is lost", _answered(lost, number, document, Step.LOSE)
            if world.refusals and not (self.idempotent and world.ledger[document]):
                yield f"refuses {document}", self._refused(rest, number, document)

    def _refused(self, world: World, number: int, document: int) -> World:
        """A ledger that knows keys answers every request of a key alike: what was sent earlier is not booked later."""
        alike = [number, *(who for who, what in world.flying if what == document and self.idempotent)]
        flying = tuple(each for each in world.flying if not (self.idempotent and each[1] == document))
        world = world._replace(refusals=world.refusals - 1, flying=flying)
        for who in alike:
            world = world if who == NOBODY else _answered(world, who, document, Step.DECLINE)
        return world

    def _copies(self, copies: int) -> int:
        return 1 if self.idempotent else copies + 1

    def _idle(self, world: World, number: int, worker: Worker) -> Iterator[tuple[str, World]]:
        if worker.runs == 0:
            yield "ends", _with(world, number, Worker(at="done"))
        elif world.holder is None or self.mutation == "no lease":
            at = "plan" if self.mutation == "blind retry" else "look"
            following = _with(world, number, worker._replace(at=at, holds=True))
            yield "takes the lease", following._replace(holder=number)

    def _done(self, world: World, number: int, worker: Worker) -> Iterator[tuple[str, World]]:
        yield from ()

    def _look(self, world: World, number: int, worker: Worker) -> Iterator[tuple[str, World]]:
        yield "reads the journal", _with(world, number, worker._replace(at="find", knows=world.journal))

    def _find(self, world: World, number: int, worker: Worker) -> Iterator[tuple[str, World]]:
        """What may still be on its way, or be sent yet, proves nothing when it is not found: ``None``."""
        unsure = {document for _, document in world.flying}
        unsure |= {document for each in world.workers if each.at == "send" for document in each.leaving}
        if self.idempotent or self.mutation == "absent at once":
            unsure = set()
        found = tuple(copies > 0 or (None if d in unsure else False) for d, copies in enumerate(world.ledger))
        yield "asks the ledger", _with(world, number, worker._replace(at="resolve", found=found))

    def _resolve(self, world: World, number: int, worker: Worker) -> Iterator[tuple[str, World]]:
        journal = tuple(self._resolved(world, worker, each) for each in range(self.documents))
        yield from self._write(world, number, worker._replace(at="plan"), journal, "keeps what it found")

    def _resolved(self, world: World, worker: Worker, document: int) -> State | None:
        state = worker.knows[document]
        if state not in OPEN:
            return world.journal[document]
        step = {True: Step.FIND, False: Step.MISS, None: Step.LOSE}[worker.found[document]]
        return next_state(state, step)

    def _plan(self, world: World, number: int, worker: Worker) -> Iterator[tuple[str, World]]:
        stays = SETTLED if self.mutation == "blind retry" else SETTLED | OPEN
        leaving = tuple(d for d, state in enumerate(world.journal) if state not in stays)
        at = ("send" if self.mutation == "outcome before intent" else "intend") if leaving else "show"
        answers = (None,) * self.documents
        planned = worker._replace(at=at, knows=world.journal, leaving=leaving, found=(), answers=answers)
        yield "plans", _with(world, number, planned)

    def _intend(self, world: World, number: int, worker: Worker) -> Iterator[tuple[str, World]]:
        journal = list(world.journal)
        for document in worker.leaving:
            blind = self.mutation == "blind retry" and journal[document] in OPEN
            journal[document] = State.INTENT if blind else next_state(worker.knows[document], Step.LEAVE)
        yield from self._write(world, number, worker._replace(at="send"), tuple(journal), "writes intents")

    def _send(self, world: World, number: int, worker: Worker) -> Iterator[tuple[str, World]]:
        """A ledger that does not replay a key is asked for it first."""
        asked = not self.idempotent and self.mutation != "blind retry"
        known = [d for d in worker.leaving if asked and world.ledger[d]]
        answers = tuple(Step.BOOK if d in known else None for d in range(self.documents))
        sent = [(number, d) for d in worker.leaving if d not in known]
        following = _with(world, number, worker._replace(at="wait", answers=answers))
        yield "sends", following._replace(flying=tuple(sorted((*world.flying, *sent))))
        if not worker.holds:
            yield "finds it too late to send", _with(world, number, Worker(runs=worker.runs))

    def _wait(self, world: World, number: int, worker: Worker) -> Iterator[tuple[str, World]]:
        if all(worker.answers[document] for document in worker.leaving):
            yield "has its answers", _with(world, number, worker._replace(at="keep"))

    def _keep(self, world: World, number: int, worker: Worker) -> Iterator[tuple[str, World]]:
        journal = list(world.journal)
        for document in worker.leaving:
            step = worker.answers[document]
            assert step is not None
            journal[document] = next_state(State.INTENT, step)
        yield from self._write(world, number, worker._replace(at="show"), tuple(journal), "keeps the outcomes")

    def _show(self, world: World, number: int, worker: Worker) -> Iterator[tuple[str, World]]:
        told = _with(world, number, Worker(runs=worker.runs - 1))._replace(shown=world.journal)
        yield "shows them", _released(told, number) if worker.holds else told

    def _write(
        self, world: World, number: int, worker: Worker, journal: tuple[State | None, ...], name: str
    ) -> Iterator[tuple[str, World]]:
        if worker.holds or self.mutation in ("no fence", "no lease"):
            yield name, _with(world, number, worker)._replace(journal=journal)
        else:
            yield "is refused: another took over", _with(world, number, Worker(runs=worker.runs))


def way_to(world: World, came: dict[World, tuple[World, str] | None]) -> str:
    """How a state was reached, step by step."""
    names = []
    while step := came[world]:
        world, name = step
        names.append(name)
    return " → ".join(reversed(names))


def _put(values: tuple[T, ...], place: int, value: T) -> tuple[T, ...]:
    return (*values[:place], value, *values[place + 1 :])


def _with(world: World, number: int, worker: Worker) -> World:
    return world._replace(workers=_put(world.workers, number, worker))


def _released(world: World, holder: int) -> World:
    workers = tuple(w._replace(holds=False) if number == holder else w for number, w in enumerate(world.workers))
    return world._replace(holder=None if world.holder == holder else world.holder, workers=workers)


def _answered(world: World, number: int, document: int, step: Step) -> World:
    worker = world.workers[number]
    return _with(world, number, worker._replace(answers=_put(worker.answers, document, step)))
