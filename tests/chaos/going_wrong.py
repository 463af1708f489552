"""What happens to one copy of the company: a few runs in which things go wrong, then quiet."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import update

from addin.journal import State, schema
from addin.journal.lease import TERM
from addin.profile import Profile
from addin.session import Session
from addin.sync.run import Sync
from connectors.ledger import Posting
from connectors.ledgers.quickbooks_online.queries import SAME
from connectors.pace import CLOCK
from connectors.problems import CannotRun
from tests.addin.conftest import TODAY
from tests.chaos.audit import audited, due_as_told
from tests.chaos.clerk import Clerk
from tests.chaos.faults import FaultyLedger, clock_set_back, failing_disk, source_away, taken_over
from tests.chaos.invariants import (
    Sheet,
    agrees,
    counted,
    every_account_is_right,
    every_row_is_true,
    holds,
    incomplete,
    mark_errors,
    marked,
    nothing_hidden,
    nothing_waits_without_a_reason,
    sheet_of,
)
from tests.chaos.machine import (
    DEPARTURE,
    OURS,
    PLACES,
    SHOWN,
    STALLS,
    WRITING,
    Disk,
    Places,
    Worker,
    at_moment,
    journal_refuses,
    jumping_clocks,
    killed,
    power,
    stalled,
)
from tests.chaos.network import bad_network, quick_waits, unreachable
from tests.chaos.person import RECONCILE, SYNC, UNDO, Command, Person
from tests.chaos.review import Review
from tests.chaos.source import Source
from tests.chaos.trace import follows_the_model
from tests.chaos.worlds import Worlds

RATE = 0.6
QUIET = 2
"""Runs without a fault a term later: one looks up what that has decided and sends it, one has nothing to do."""


class Late(list[Posting]):
    """What was given up on and is still on its way, whichever process sent it."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "late.pickle"
        super().__init__(pickle.loads(self._file.read_bytes()) if self._file.exists() else ())

    def __iadd__(self, more: object) -> Late:
        super().__iadd__(more)
        return self._kept()

    def __setitem__(self, *given: object) -> None:
        super().__setitem__(*given)
        self._kept()

    def _kept(self) -> Late:
        self._file.write_bytes(pickle.dumps(list(self)))
        return self


class Run:
    """Everything that happens to one copy of the company."""

    def __init__(self, seed: int, worlds: Worlds, folder: Path) -> None:
        self.chance = Random(seed)
        self.knows_keys = self.chance.random() < 0.5
        self.world = worlds.new(folder, online=seed % 4 == 3, shared=seed % 4 == 0 or seed % 16 == 7)
        self.person = Person(self.world, self.chance, undoes=self.chance.random() < 0.5)
        self.clerk = Clerk(self.world, self.chance, works=self.chance.random() < 0.6, marks_all=self.person.undoes)
        self.review = Review(self.world, self.chance, works=not self.person.undoes and self.chance.random() < 0.4)
        self.source = Source(self.world, self.chance, works=not self.person.undoes and self.chance.random() < 0.6)
        self.rate = RATE

    def __call__(self) -> None:
        """Go through it. Raises ``AssertionError`` where an invariant does not hold."""
        with pytest.MonkeyPatch.context() as patch, quick_waits():
            if self.world.online is None:
                patch.setattr(Profile, "open_ledger", self._faulty(Profile.open_ledger))
            self.review.begins(patch)
            if (self.person.undoes or self.clerk.works) and self.chance.random() < 0.7:
                self.review.approves_some()
                self.clerk.begins(lambda: self.calmly(SYNC))
            for _ in range(self.chance.randint(1, 4)):
                mark_errors(self.world.company)
                self.person.decides()
                self.clerk.decides()
                self.source.decides()
                self.review.decides()
                self.turn()
                self.arrive(0.3)
                self.holds()
            self.quiet()

    def holds(self, sheet: Sheet | None = None) -> None:
        """What holds at every moment."""
        person, company, standing = self.person, self.world.company, self.world.documents()
        sheet = sheet or sheet_of(company)
        holds(company, self.world.wanted(), standing, person.deleted, person.lost, sheet)
        every_row_is_true(self.world, sheet, standing, {key for _, key in person.touched}, self.clerk.over)
        every_account_is_right(company, sheet, self.world.books.customers(), self.clerk.over)
        self.source.holds(standing)
        self.review.holds(standing)

    def calmly(self, command: Command) -> None:
        """Nothing goes wrong meanwhile."""
        rate, self.rate = self.rate, 0.0
        self.press(command)
        self.rate = rate

    def _faulty(self, opened: Callable[[Profile], object]) -> Callable[[Profile], FaultyLedger]:
        def open_ledger(profile: Profile) -> FaultyLedger:
            late = Late(self.world.late)
            ledger = FaultyLedger(opened(profile), self.chance, self.rate, late, self.knows_keys)
            ledger.note = self.world.note
            return ledger

        return open_ledger

    def turn(self) -> None:
        """One or two people press Sync or, in some seeds, another button, and something goes wrong."""
        kind, command = self.chance.random(), self.person.presses()
        with self.network(command):
            if kind < 0.37:
                self.bad_run(command)
            elif kind < 0.5:
                self.killed(command)
            elif kind < 0.63 and not self.world.database and self.world.online is None:
                self.power_cut(command)
            elif kind < 0.8:
                self.overtaken(command)
            else:
                self.two(command)

    @contextmanager
    def network(self, command: Command) -> Iterator[None]:
        """What the network does meanwhile, where there is one."""
        if self.world.online is None:
            yield
            return
        with bad_network(self.world, self.chance, voids=command.name == UNDO):
            yield

    def press(self, command: Command) -> None:
        """Press a button."""
        self.world.note(f"pressed: {command.name}")
        with Session.open(self.world.profile, self.world.company.book, command.name, TODAY) as session:
            self.run(command, session)

    def run(self, command: Command, session: Session) -> None:
        """A run in which a person may do something before each batch."""
        send = Sync._send

        def meanwhile(sync: Sync, *rest: object) -> float:
            self.clerk.meanwhile(session.journal.transfers(), session.book)
            return send(sync, *rest)

        with pytest.MonkeyPatch.context() as patch:
            if self.clerk.works and self.rate:
                patch.setattr(Sync, "_send", meanwhile)
            command.run(session)

    def bad_run(self, command: Command) -> None:
        """A run on a machine that may fail; it ends with a report or says that it could not run."""
        self.world.note(f"pressed: {command.name}")
        try:
            with ExitStack() as faults:
                if self.world.online and self.chance.random() < 0.3:
                    faults.enter_context(unreachable(self.world, self.chance))
                opened = Session.open(self.world.profile, self.world.company.book, command.name, TODAY)
                session = faults.enter_context(opened)
                self._machine(faults, session)
                self.run(command, session)
        except CannotRun:
            return

    def _machine(self, faults: ExitStack, session: Session) -> None:
        fault = self.chance.random()
        if fault < 0.15:
            faults.enter_context(failing_disk(self.chance))
            self.world.note("machine: a file takes nothing any more")
        elif fault < 0.3:
            self.world.note(f"machine: {faults.enter_context(journal_refuses(self.chance, session))}")
        elif fault < 0.4:
            faults.enter_context(taken_over(self.chance, session))
            self.world.note("machine: replaced by another holder")
        elif fault < 0.5:
            faults.enter_context(source_away())
            self.world.note("machine: the source cannot be told")
        elif fault < 0.75:
            clock_set_back(session)
            self.world.note("machine: clock set back")

    def killed(self, command: Command) -> None:
        """SIGKILL at a certain write or call."""
        moment = self.chance.randint(1, 30)

        def work() -> None:
            with at_moment(moment, self._noting("machine: SIGKILL", killed)):
                self.press(command)

        Worker(work)

    def power_cut(self, command: Command) -> None:
        """The power fails at a certain write or call: what was not made durable is gone."""
        places, profile = self.chance.choice((OURS, PLACES[:-1], SHOWN)), self.world.profile
        moment = self.chance.randint(1, 4 if places is SHOWN else 30)
        disk = Disk(self.world.company.folder, profile.place)

        def work() -> None:
            with power(disk), at_moment(moment, self._noting("machine: power cut", disk.cut), places):
                self.press(command)

        Worker(work)

    def overtaken(self, command: Command) -> None:
        """One stalls when it is about to write its intent, or to send; another does all of it meanwhile."""
        places = self.chance.choice((DEPARTURE, WRITING))
        self.world.note("two workers: one is about to " + ("send" if places is DEPARTURE else "write"))
        self._two(command, SYNC, self.calmly, places, 2 * self.chance.randint(1, 4) - 1, stalls=True)

    def two(self, command: Command) -> None:
        """One stalls or is killed in the middle; another, on another machine, takes its place or is refused."""
        stalls, other, moment = self.chance.random() < 0.7, self.person.presses(), self.chance.randint(1, 60)
        places = self.chance.choice(STALLS) if stalls else PLACES
        self.world.note("two workers")

        def next_one(pressed: Command) -> None:
            with at_moment(moment, self._noting("machine: SIGKILL", killed)):
                self.press(pressed)

        self._two(command, other, next_one, places, self.chance.randint(1, 16 if stalls else 30), stalls=stalls)

    def _two(
        self, command: Command, other: Command, next_one: Callable[[Command], None], places: Places, moment: int, *,
        stalls: bool,
    ) -> None:  # fmt: skip
        second, ends = self.world.second_machine(), self.chance.random() < 0.5

        def first() -> None:
            with jumping_clocks() as skip:
                then = self._noting("machine: stalled", stalled(skip if ends else lambda _: None)) if stalls else killed
                with at_moment(moment, then, places):
                    self.press(command)

        def elsewhere() -> None:
            os.environ["PASSERELLE_HOME"] = str(second)
            next_one(other)

        stuck = Worker(first)
        if ends:
            self.arrive(1.0)
            self._a_term_passes()
        Worker(elsewhere)
        stuck.go_on()
        self.arrive(1.0)
        self._a_term_passes()

    def _a_term_passes(self) -> None:
        """Whoever died or stalled holds the company no longer, and what was sent is booked or never will be."""
        with self.world.journal() as connection:
            connection.execute(update(schema.lease).values(until=0))
            connection.execute(update(schema.transfer).values(sent=schema.transfer.c.sent - TERM))

    def _noting(self, what: str, then: Callable[[], None]) -> Callable[[], None]:
        def noted() -> None:
            self.world.note(what)
            then()

        return noted

    def arrive(self, likely: float) -> None:
        """What was given up on is booked after all, before a term has passed."""
        if self.world.online is None and self.chance.random() < likely:
            with self.world.profile.open_ledger() as ledger:
                assert isinstance(ledger, FaultyLedger)
                ledger.books_what_is_late()

    def quiet(self) -> None:
        """Nothing goes wrong any more: what is not known is shown, and in the end everything is there that is to be."""
        self.rate = 0.0
        if self.person.undoes:
            self.press(RECONCILE)
        self._look_on()
        self.arrive(1.0)
        self.clerk.settles()
        self.source.mends()
        self._in_the_end()
        self.agrees()
        if self.person.undoes and self.chance.random() < 0.5:
            self.all_anew()
        if not self.person.undoes:
            self.everything_is_there()
        follows_the_model(self.world.trace(), knows_keys=self.world.online is None and self.knows_keys)

    def _in_the_end(self) -> None:
        """What is looked up is sent, what is asked is answered and sent, and in the end there is nothing to do."""
        for _ in range(QUIET):
            self.review.approves_all()
            self._later()
        if self.source.comes_anew():
            self._later()
        if self.clerk.works:
            for _ in range(QUIET):
                self.clerk.answers(self.press)
                self.review.approves_all()
                self._later()

    def all_anew(self) -> None:
        """What was deleted is let go, and everything that is out of the ledger is transferred again."""
        self.press(self.person.undo([key for key, each in self.person.latest().items() if each.state is State.GONE]))
        self.holds()
        marked(self.world.company, "Stand By")
        if self.clerk.works:
            self._in_the_end()
        self._later()
        self.everything_is_there()

    def everything_is_there(self) -> None:
        """Each record once, and no row waits for anything; the books are the auditor's, from the first to the last."""
        missing = self.world.wanted() - counted(self.world.documents())
        assert not missing, f"not there in the end: {missing}"
        assert not (waiting := incomplete(self.world.company)), f"not transferred in the end: {waiting}"
        audited(self.world, frozenset())
        due_as_told(self.world)

    def agrees(self) -> None:
        """What holds in the end; what somebody undid or deleted is in nobody's books."""
        touched = {key for _, key in self.person.touched}
        agrees(self.world.company, self.world.wanted(), self.world.documents(), touched)
        audited(self.world, touched)

    def _later(self) -> None:
        self._a_term_passes()
        CLOCK.sleep(SAME)  # for so long the vendor answers the same batch with its first answer, refusals included
        self._look_on()

    def _look_on(self) -> None:
        mark_errors(self.world.company)
        self.press(SYNC)
        nothing_hidden(self.world.company)
        sheet = sheet_of(self.world.company)
        nothing_waits_without_a_reason(sheet, self.clerk.over, self.world.documents())
        self.holds(sheet)
