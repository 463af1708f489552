"""Who looks on while calls are made: what it is shown, whether it wants to stop, until when a write may still leave."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from math import inf
from typing import Protocol

from connectors.problems import CannotRun, Problem


class NothingDone(CannotRun):
    """The call that ended so certainly did nothing at the other side."""


class NoTurn(NothingDone):
    """The turn of a call did not come, so that it was not sent; ``soon`` when waiting a while longer would do."""

    def __init__(self, problem: Problem, *, soon: bool = False) -> None:
        super().__init__(problem)
        self.soon = soon


class Place(Protocol):
    """Leave for one call that was not made yet."""

    def give_back(self) -> None:
        """Let somebody else have it."""


@dataclass(slots=True, kw_only=True)
class Watch:
    """What looks on at the calls of one thread.

    ``waiting`` is told the seconds left of a wait, at least every second; ``stop`` ends the wait. ``left`` says for how
    many seconds the first write may still leave. ``acted`` becomes true once a write may have been carried out: then
    what was begun is finished. ``places`` are kept for calls to come.
    """

    waiting: Callable[[float], None] = lambda _: None
    stop: Callable[[], bool] = lambda: False
    left: Callable[[], float] = lambda: inf
    acted: bool = False
    places: list[Place] = field(default_factory=list)

    @property
    def patience(self) -> float:
        """For how many seconds a call may wait."""
        return inf if self.acted else self.left()

    def leave(self, ledger: str) -> None:
        """Be soon enough to send, or finish what was begun. Raises ``NoTurn`` (too_late)."""
        if not self.acted:
            self.begin(ledger)

    def begin(self, ledger: str) -> None:
        """Be soon enough to begin with another document, whatever became of those before. Raises ``NoTurn``."""
        if self.left() <= 0:
            raise NoTurn(Problem(code="too_late", params={"ledger": ledger}), soon=True)

    def give_back(self) -> None:
        """Let go of the places that were not needed."""
        while self.places:
            self.places.pop().give_back()


_WATCH: ContextVar[Watch | None] = ContextVar("watch", default=None)


def watching() -> Watch:
    """Who looks on in this thread; somebody who asks for nothing where nobody does."""
    return _WATCH.get() or Watch()


@contextmanager
def watched(watch: Watch) -> Iterator[Watch]:
    """Let somebody look on at the calls that this thread makes meanwhile."""
    before = _WATCH.set(watch)
    try:
        yield watch
    finally:
        _WATCH.reset(before)
