"""Whether what the journal went through is a path of the model (``tests/addin/protocol_model.py``).

The database notes every step of every transfer with the token of the lease under which it was made, so that the steps
of one run are told from the next one's. The model of one document and one worker, made endless, is what may be: a
second worker adds nothing to what is written, as it is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from addin.journal import State
from tests.addin.protocol_model import NOBODY, VOIDING, Flight, Model, Worker, World


class Step(NamedTuple):
    """What one transfer became, and whether another run made it than the one before."""

    another: bool
    was: State | None
    now: State


Traces = Mapping[tuple[str, ...], Sequence[tuple[int, State | None, State]]]


def follows_the_model(traces: Traces, *, knows_keys: bool) -> None:
    """Hold every transfer's steps against the model. Raises ``AssertionError`` with the first step it does not know."""
    paths = _paths(knows_keys)
    for key, steps in traces.items():
        here, token = paths.start, -1
        for n, (taken, was, now) in enumerate(steps):
            here, token = paths.after(here, Step(taken != token, was, now)), taken
            assert here, f"{key}: the model does not know {[(t, w, s) for t, w, s in steps[: n + 1]]}"


class Endless(Model):
    """Runs, crashes, lost answers, refusals, undoing, marking anew and deleting without end."""

    def after(self, world: World) -> Iterator[tuple[str, World]]:
        for name, following in super().after(world):
            if len(following.flying) <= self.workers + 1:
                workers = tuple(Worker(runs=1) if each.at == "idle" else each for each in following.workers)
                again = following._replace(workers=workers, crashes=1, losses=1, refusals=1)
                yield name, self._counted_anew(again._replace(undos=1, marks=1, deletions=1))

    def _counted_anew(self, world: World) -> World:
        """Its generation called the first again, without what changes nothing any more: else there is no end."""
        first = world.generations[0]
        known = frozenset(each - first for each in world.known[0] if each >= first)
        there = tuple(each - first for each in world.ledger[0])
        flights = [each._replace(generation=each.generation - first) for each in world.flying]
        flying = tuple(each for each in flights if each.who != NOBODY or self._counts(each, there, known))
        workers = tuple(each._replace(generations=tuple(n - first for n in each.generations)) for each in world.workers)
        return world._replace(ledger=(there,), known=(known,), generations=(0,), flying=flying, workers=workers)

    def _counts(self, late: Flight, there: Collection[int], known: Collection[int]) -> bool:
        if late.what == VOIDING:
            return late.generation in there
        return late.generation >= 0 and not (self.idempotent and late.generation in known)


class Paths:
    """Every way through the model, seen by what it writes into the journal of its one document."""

    def __init__(self, model: Model) -> None:
        numbers: dict[World, int] = {model.start(): 0}
        worlds = [model.start()]
        self._quiet: list[list[tuple[bool, int]]] = []
        self._written: list[list[tuple[State | None, State | None, int]]] = []
        for world in worlds:
            quiet, written = [], []
            for name, following in model.after(world):
                if following not in numbers:
                    numbers[following] = len(worlds)
                    worlds.append(following)
                if following.journal == world.journal:
                    quiet.append(("takes the lease" in name, numbers[following]))
                else:
                    (was,), (now,) = world.journal, following.journal
                    new = was is State.UNDONE and now is State.INTENT  # as a generation of its own
                    written.append((None if new else was, now, numbers[following]))
            self._quiet.append(quiet)
            self._written.append(written)
        self.start = frozenset({0})
        self._known: dict[tuple[frozenset[int], Step], frozenset[int]] = {}

    def after(self, here: frozenset[int], step: Step) -> frozenset[int]:
        """Where the model may be after a step; nowhere when it does not know it."""
        if (here, step) not in self._known:
            reached = self._reached(here, step.another)
            self._known[here, step] = frozenset(
                after for world in reached for was, now, after in self._written[world] if (was, now) == step[1:]
            )
        return self._known[here, step]

    def _reached(self, here: frozenset[int], another: bool) -> set[int]:
        """Without anything written: within the same run, or once at least one other has begun."""
        found = {(world, False) for world in here}
        waiting = list(found)
        while waiting:
            world, begun = waiting.pop()
            for takes, following in self._quiet[world]:
                each = (following, begun or takes)
                if each not in found and (another or not takes):
                    found.add(each)
                    waiting.append(each)
        return {world for world, begun in found if begun is another}


@cache
def _paths(knows_keys: bool) -> Paths:
    return Paths(Endless(workers=1, runs=1, idempotent=knows_keys))
