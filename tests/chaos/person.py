"""What people decide between the runs of a seed: what is undone, marked anew, or deleted in the ledger itself."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import closing
from dataclasses import dataclass, field
from random import Random

from addin.hands import open_journal
from addin.journal import RecordKey, State, Transfer
from addin.session import Session
from addin.sync.case import Case
from addin.usecases.check import check
from addin.usecases.pull import pull
from addin.usecases.reconcile import reconcile
from addin.usecases.report import Report
from addin.usecases.sync import sync
from addin.usecases.undo import Chosen, undo_transfer
from connectors.records import Kind
from tests.chaos.invariants import booking, counted, marked
from tests.chaos.worlds import World, is_plain


@dataclass(frozen=True, slots=True, kw_only=True)
class These(Chosen):
    """The selected rows."""

    keys: Collection[RecordKey] = ()

    def of(self, session: Session, case: Case) -> list[RecordKey]:
        return [key for key in self.keys if key in case.records]


@dataclass(frozen=True, slots=True)
class Command:
    """What is pressed, and the name under which it runs."""

    name: str
    run: Callable[[Session], Report]


UNDO = "undo_transfer"
SYNC, PULL, RECONCILE = Command("sync", sync), Command("pull", pull), Command("reconcile", reconcile)
CHECK = Command("check", check)


@dataclass
class Person:
    """Decides for one company; ``undoes`` is false where only Sync is ever pressed.

    ``deleted`` are the keys of what was deleted in the ledger; ``lost`` are the records of these that nobody let go
    since, and ``touched`` all that was ever deleted or to be undone.
    """

    world: World
    chance: Random
    undoes: bool
    deleted: set[str] = field(default_factory=set)
    lost: set[RecordKey] = field(default_factory=set)
    touched: set[RecordKey] = field(default_factory=set)

    def presses(self) -> Command:
        """The next button."""
        kind = self.chance.random() if self.undoes else 0.0
        if kind < 0.5:
            return SYNC
        return self.undo(self._some((State.POSTED, State.UNDOING, State.GONE))) if kind < 0.85 else self._looks()

    def undo(self, keys: Collection[RecordKey]) -> Command:
        """Undo a transfer, on these rows; what the ledger lost of them is let go."""
        begin = tuple(f"{key}/" for _, key in keys)  # fees and discounts go with their payment
        going = {*keys, *((Kind(kind), key) for kind, key in self.world.wanted() if key.startswith(begin))}
        self.touched.update(going)
        self.lost.difference_update(going)
        return Command(UNDO, lambda session: undo_transfer(session, These(keys=keys))) if keys else SYNC

    def decides(self) -> None:
        """Between two runs: some of what was undone is to be transferred again, something is deleted in the ledger."""
        if not self.undoes:
            return
        if self.chance.random() < 0.5:
            marked(self.world.company, "Stand By", lambda: self.chance.random() < 0.6)
            self.world.note("person: marks anew")
        if self.chance.random() < 0.3:
            self._deletes()

    def latest(self) -> dict[RecordKey, Transfer]:
        """The latest generation of each document."""
        with closing(open_journal(self.world.profile)) as journal:
            histories = journal.transfers()
        return {key: booking(history)[-1] for key, history in histories.items() if key[0] is not Kind.CUSTOMER}

    def _looks(self) -> Command:
        return self.chance.choice((RECONCILE, PULL))

    def _some(self, states: Collection[State]) -> list[RecordKey]:
        likely = self.chance.choice((0.15, 0.5, 1.0))
        keys = sorted(key for key, transfer in self.latest().items() if transfer.state in states)
        return [key for key in keys if self.chance.random() < likely]

    def _deletes(self) -> None:
        """Delete something that stands there and is known to be booked; of anything else nobody could tell."""
        there = counted(each for each in self.world.documents() if not each.by_hand)
        latest = self.latest()
        for key in self._some((State.POSTED,))[:2]:
            if (key[0].value, key[1]) in there and (self.world.online is None or is_plain(key[1])):
                self.world.take_out(latest[key], void=self.chance.random() < 0.5)
                self.deleted.add(latest[key].key)
                self.lost.add(key)
                self.touched.add(key)
                self.world.note("person: deletes in the ledger")
