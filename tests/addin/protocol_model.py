"""Two workers, a ledger that answers late or not at all, crashes at any step, documents that are undone, or deleted by
a person in the ledger: every state that can be reached.

The model moves transfers by the engine's own table (``addin.journal.protocol``). A worker goes through the steps of
``addin.usecases.sync``: take the lease, look up, plan, write intents, send, keep the outcomes, show them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from addin.journal.protocol import BEYOND, OPEN, SETTLED, State, Step, next_generation, next_state

T = TypeVar("T")

NOBODY = -1
"""Who waits for an answer when its worker died or gave up."""

MUTATIONS = ("outcome before intent", "blind retry", "no fence", "absent at once", "no lease")
UNDO_MUTATIONS = ("undone before it is sent", "kept at once", "same generation", "booked again by itself")

BOOKING, VOIDING = "booking", "voiding"


class Worker(NamedTuple):
    """One program at work: where it is, what it read, what it found, what it was answered."""

    at: str = "idle"
    runs: int = 0
    holds: bool = False
    knows: tuple[State | None, ...] = ()
    found: tuple[bool | None, ...] = ()
    leaving: tuple[int, ...] = ()
    generations: tuple[int, ...] = ()
    answers: tuple[Step | None, ...] = ()


class Flight(NamedTuple):
    """A request on its way: who waits for its answer, which generation of which document, what it asks for."""

    who: int
    document: int
    generation: int
    what: str


class World(NamedTuple):
    """The generations of each document that stand in the ledger, and that it ever knew; the journal, and at which
    generation it is; what the sheet shows, what is on its way, who works, and what may still happen how often."""

    ledger: tuple[tuple[int, ...], ...]
    known: tuple[frozenset[int], ...]
    journal: tuple[State | None, ...]
    generations: tuple[int, ...]
    shown: tuple[State | None, ...]
    flying: tuple[Flight, ...]
    holder: int | None
    workers: tuple[Worker, ...]
    crashes: int
    losses: int
    refusals: int
    undos: int
    marks: int
    deletions: int


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
    undos: int = 0
    marks: int = 0
    deletions: int = 0
    booked: bool = False
    idempotent: bool = True
    mutation: str = ""

    def start(self) -> World:
        """Nothing has happened yet, or everything was booked before."""
        states = (State.POSTED if self.booked else None,) * self.documents
        there: tuple[tuple[int, ...], ...] = ((0,) if self.booked else (),) * self.documents
        known = tuple(map(frozenset, there))
        workers = tuple(Worker(runs=self.runs) for _ in range(self.workers))
        return World(there, known, states, (0,) * self.documents, states, (), None, workers, self.crashes, self.losses,
                     self.refusals, self.undos, self.marks, self.deletions)  # fmt: skip

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
        if max(map(len, world.ledger)) > 1:
            raise Broken(f"booked twice: {way_to(world, came)}")
        for document, (was, now) in enumerate(zip(before.journal, world.journal, strict=True)):
            later = world.generations[document] > before.generations[document]
            if was in SETTLED and now not in SETTLED | BEYOND:
                raise Broken(f"forgotten that it was booked: {way_to(world, came)}")
            if was in BEYOND and was is not State.UNDONE and now not in SETTLED | BEYOND:
                raise Broken(f"booked again without being asked: {way_to(world, came)}")
            if was is not State.UNDONE and later:
                raise Broken(f"a new generation of what was not undone: {way_to(world, came)}")
            if now is State.UNDONE and world.ledger[document]:
                raise Broken(f"undone in the journal alone: {way_to(world, came)}")

    def _ended_well(self, world: World, came: dict[World, tuple[World, str] | None]) -> None:
        for there, state, shown in zip(world.ledger, world.journal, world.shown, strict=True):
            deleted_since = world.deletions < self.deletions and not there
            booked = state is State.POSTED and (len(there) == 1 or deleted_since)
            told = state not in (State.POSTED, State.INTENT) and shown is state
            if not (booked or (told and (not there or state in OPEN))):
                raise Broken(f"neither booked once nor shown: {way_to(world, came)}")

    def after(self, world: World) -> Iterator[tuple[str, World]]:
        """Everything that can happen next."""
        for number, worker in enumerate(world.workers):
            step = getattr(self, f"_{worker.at}")
            for name, following in step(world, number, worker):
                yield f"{number} {name}", following
            if world.crashes and worker.at not in ("idle", "done"):
                flying = tuple(sorted(f._replace(who=NOBODY) if f.who == number else f for f in world.flying))
                gone = _with(world, number, Worker(runs=worker.runs))
                yield f"{number} crashes", gone._replace(flying=flying, crashes=world.crashes - 1)
        if world.holder is not None:
            # The holder stalled, or died on another machine. One that died here is taken over from at once: the same.
            yield "the lease ends", _released(world, world.holder)
        for document, there in enumerate(world.ledger):
            if there and world.deletions:
                gone = world._replace(ledger=_put(world.ledger, document, ()), deletions=world.deletions - 1)
                yield f"a person deletes {document} in the ledger", gone
        yield from self._ledger_answers(world)

    def _ledger_answers(self, world: World) -> Iterator[tuple[str, World]]:
        for flight in sorted(set(world.flying)):
            number, document, _, what = flight
            flying = list(world.flying)
            flying.remove(flight)
            rest = world._replace(flying=tuple(flying))
            done, verb = self._carried_out(rest, flight), "books" if what == BOOKING else "voids"
            if number == NOBODY:
                yield f"{verb} {document}, late", done
                yield f"never {verb} {document}", rest
                continue
            yield f"{verb} {document}", _answered(done, number, document, _DONE[what])
            if world.losses:
                adrift = tuple(sorted((*flying, flight._replace(who=NOBODY))))
                lost = rest._replace(flying=adrift, losses=world.losses - 1)
                yield f"the answer about {document} is lost", _answered(lost, number, document, Step.LOSE)
            if world.refusals and self._may_refuse(world, flight):
                yield f"refuses {document}", self._refused(rest, flight)

    def _carried_out(self, world: World, flight: Flight) -> World:
        _, document, generation, what = flight
        there, known = world.ledger[document], world.known[document]
        if what == VOIDING:
            return world._replace(ledger=_put(world.ledger, document, tuple(g for g in there if g != generation)))
        if self.idempotent and generation in known:
            return world
        booked = world._replace(ledger=_put(world.ledger, document, tuple(sorted((*there, generation)))))
        return booked._replace(known=_put(world.known, document, known | {generation}))

    def _may_refuse(self, world: World, flight: Flight) -> bool:
        """What is there already is answered with that, and so is a void of what is not there any more."""
        if flight.what == VOIDING:
            return flight.generation in world.ledger[flight.document]
        return not (self.idempotent and flight.generation in world.known[flight.document])

    def _refused(self, world: World, flight: Flight) -> World:
        """A ledger that knows keys answers every request of a key alike: what was sent earlier is not booked later."""
        same = [f for f in world.flying if f[1:] == flight[1:] and (self.idempotent or f == flight)]
        alike = [flight, *(same if self.idempotent else ())]
        flying = tuple(f for f in world.flying if not (self.idempotent and f[1:] == flight[1:]))
        world = world._replace(refusals=world.refusals - 1, flying=flying)
        for who in {f.who for f in alike} - {NOBODY}:
            world = _answered(world, who, flight.document, _NOT_DONE[flight.what])
        return world

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
        """What may still be on its way, or be sent yet, proves nothing when it is not found: ``None``.

        So does a document that is still there while a void of it may be on its way.
        """
        unsure = self._may_come(world, BOOKING, "send")
        if self.idempotent or self.mutation == "absent at once":
            unsure = set()
        leaving = set() if self.mutation == "kept at once" else self._may_come(world, VOIDING, "void")
        found: list[bool | None] = []
        for document, there in enumerate(world.ledger):
            stands = world.generations[document] in there
            undoing = worker.knows[document] is State.UNDOING
            doubtful = document in leaving if undoing else document in unsure
            found.append(None if doubtful and stands == undoing else stands)
        yield "asks the ledger", _with(world, number, worker._replace(at="resolve", found=tuple(found)))

    def _may_come(self, world: World, what: str, at: str) -> set[int]:
        flying = {flight.document for flight in world.flying if flight.what == what}
        return flying | {document for each in world.workers if each.at == at for document in each.leaving}

    def _resolve(self, world: World, number: int, worker: Worker) -> Iterator[tuple[str, World]]:
        journal = tuple(self._resolved(world, worker, each) for each in range(self.documents))
        yield from self._write(world, number, worker._replace(at="plan"), journal, "keeps what it found")

    def _resolved(self, world: World, worker: Worker, document: int) -> State | None:
        state, found = worker.knows[document], worker.found[document]
        steps = _LOOKED_UP.get(state, {})
        return next_state(state, steps[found]) if found in steps else world.journal[document]

    def _plan(self, world: World, number: int, worker: Worker) -> Iterator[tuple[str, World]]:
        stays = SETTLED | BEYOND if self.mutation == "blind retry" else SETTLED | BEYOND | OPEN
        if self.mutation == "booked again by itself":
            stays -= {State.GONE}
        leaving = tuple(d for d, state in enumerate(world.journal) if state not in stays)
        yield "plans", _with(world, number, self._planned(world, worker, leaving))
        undone = tuple(d for d, state in enumerate(world.journal) if state is State.UNDONE)
        if undone and world.marks:
            marked = _with(world, number, self._planned(world, worker, (*leaving, *undone)))
            yield "plans what was marked anew", marked._replace(marks=world.marks - 1)
        booked = tuple(d for d, state in enumerate(world.journal) if state in (State.POSTED, State.GONE))
        if booked and world.undos:
            undoing = worker._replace(at="withdraw", knows=world.journal, leaving=booked, found=(),
                                      generations=world.generations, answers=(None,) * self.documents)  # fmt: skip
            yield "plans to undo", _with(world, number, undoing)._replace(undos=world.undos - 1)

    def _planned(self, world: World, worker: Worker, leaving: tuple[int, ...]) -> Worker:
        at = ("send" if self.mutation == "outcome before intent" else "intend") if leaving else "show"
        generations = list(world.generations)
        for document in leaving:
            state = world.journal[document]
            if state is not None and self.mutation != "same generation":
                generations[document] = next_generation(state, generations[document])
        return worker._replace(at=at, knows=world.journal, leaving=tuple(sorted(leaving)), found=(),
                               generations=tuple(generations), answers=(None,) * self.documents)  # fmt: skip

    def _withdraw(self, world: World, number: int, worker: Worker) -> Iterator[tuple[str, World]]:
        """What is gone already is accepted as undone; the rest is told to be undone before it is sent."""
        journal = list(world.journal)
        for document in worker.leaving:
            gone = worker.knows[document] is State.GONE
            journal[document] = next_state(worker.knows[document], Step.ACCEPT if gone else Step.WITHDRAW)
            if not gone and self.mutation == "undone before it is sent":
                journal[document] = next_state(State.UNDOING, Step.UNDO)
        sent = tuple(d for d in worker.leaving if worker.knows[d] is State.POSTED)
        following = worker._replace(at="void" if sent else "show", leaving=sent)
        yield from self._write(world, number, following, tuple(journal), "writes what is to be undone")

    def _void(self, world: World, number: int, worker: Worker) -> Iterator[tuple[str, World]]:
        sent = [Flight(number, d, worker.generations[d], VOIDING) for d in worker.leaving]
        following = _with(world, number, worker._replace(at="wait"))
        yield "sends voids", following._replace(flying=tuple(sorted((*world.flying, *sent))))
        if not worker.holds:
            yield "finds it too late to void", _with(world, number, Worker(runs=worker.runs))

    def _intend(self, world: World, number: int, worker: Worker) -> Iterator[tuple[str, World]]:
        journal = list(world.journal)
        for document in worker.leaving:
            blind = self.mutation in ("blind retry", "same generation") and journal[document] in OPEN | BEYOND
            new = worker.generations[document] > world.generations[document]
            before = None if new else worker.knows[document]
            journal[document] = State.INTENT if blind else next_state(before, Step.LEAVE)
        for name, following in self._write(world, number, worker._replace(at="send"), tuple(journal), "writes intents"):
            written = following.journal is not world.journal
            yield name, following._replace(generations=worker.generations) if written else following

    def _send(self, world: World, number: int, worker: Worker) -> Iterator[tuple[str, World]]:
        """A ledger that does not replay a key is asked for it first."""
        asked = not self.idempotent and self.mutation != "blind retry"
        known = [d for d in worker.leaving if asked and worker.generations[d] in world.ledger[d]]
        answers = tuple(Step.BOOK if d in known else None for d in range(self.documents))
        sent = [Flight(number, d, worker.generations[d], BOOKING) for d in worker.leaving if d not in known]
        following = _with(world, number, worker._replace(at="wait", answers=answers))
        yield "sends", following._replace(flying=tuple(sorted((*world.flying, *sent))))
        if self.mutation != "outcome before intent":
            journal = list(world.journal)
            for document in worker.leaving:
                journal[document] = next_state(State.INTENT, Step.HOLD_BACK)
            yield from self._write(world, number, worker._replace(at="plan"), tuple(journal), "holds it back")

    def _wait(self, world: World, number: int, worker: Worker) -> Iterator[tuple[str, World]]:
        if all(worker.answers[document] for document in worker.leaving):
            yield "has its answers", _with(world, number, worker._replace(at="keep"))

    def _keep(self, world: World, number: int, worker: Worker) -> Iterator[tuple[str, World]]:
        journal = list(world.journal)
        for document in worker.leaving:
            step = worker.answers[document]
            assert step is not None
            undoing = worker.knows[document] is State.POSTED
            journal[document] = next_state(State.UNDOING if undoing else State.INTENT, step)
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


_DONE = {BOOKING: Step.BOOK, VOIDING: Step.UNDO}
_NOT_DONE = {BOOKING: Step.DECLINE, VOIDING: Step.KEEP}
_LOOKED_UP: dict[State | None, dict[bool | None, Step]] = {
    State.INTENT: {True: Step.FIND, False: Step.MISS, None: Step.LOSE},
    State.UNKNOWN: {True: Step.FIND, False: Step.MISS, None: Step.LOSE},
    State.UNDOING: {True: Step.KEEP, False: Step.UNDO, None: Step.LOSE},
    State.POSTED: {False: Step.VANISH},
    State.GONE: {True: Step.FIND},
}
"""What follows from a look-up that found it, did not, or proves nothing."""


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
