"""A real ledger that answers badly, and a machine that fails, at moments a seed decides."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from random import Random

import pytest
from sqlalchemy import update

from addin.journal import journal as journal_module
from addin.journal import schema
from addin.journal.lease import TERM
from addin.session import Session
from connectors.ledger import (
    AccountBalance,
    Action,
    AgedBalance,
    Connected,
    Ledger,
    LedgerLists,
    Outcome,
    Posted,
    Posting,
    Rejected,
    Sought,
    Standing,
    Unknown,
)
from connectors.ledgers.beancount import book as beancount_book
from connectors.ledgers.beancount.connector import BeancountLedger
from connectors.ledgers.beancount.settings import BeancountSettings
from connectors.problems import CannotRun, Problem, problem_of
from connectors.records import Customer
from connectors.sources.files.connector import FilesSource
from workbook.file import package

FEWER = 0.3
"""Of the calls that bring accounts alone, so many fail: a run that ends with them never comes to its documents."""


BY_STATE = frozenset({Action.VOID, Action.APPLY, Action.AMEND})
"""What asks for a state: any ledger knows by what it shows that it is so."""


class FaultyLedger(Ledger):
    """The Ledger contract over a Beancount book; with ``knows_keys`` off it books again whatever it is sent again.

    ``late`` holds what was given up on and is booked afterwards.
    """

    name = "beancount"
    label = "Beancount book that answers badly"
    Settings = BeancountSettings
    capabilities = BeancountLedger.capabilities

    def __init__(self, inner: Ledger, chance: Random, rate: float, late: list[Posting], knows_keys: bool) -> None:
        self._inner, self._chance, self._rate, self._late = inner, chance, rate, late
        self.note: Callable[[str], None] = lambda _: None
        self.capabilities = replace(inner.capabilities, idempotent=knows_keys, batch_size=chance.choice((1, 7, 50)))

    def connect(self) -> Connected:
        return self._inner.connect()

    def lists(self) -> LedgerLists:
        return self._inner.lists()

    def aged_receivables(self, on: date) -> Sequence[AgedBalance]:
        return self._inner.aged_receivables(on)

    def aged_payables(self, on: date) -> Sequence[AgedBalance]:
        return self._inner.aged_payables(on)

    def balances(self, on: date) -> Sequence[AccountBalance]:
        return self._inner.balances(on)

    def find(self, postings: Sequence[Posting]) -> Mapping[str, Posted]:
        self._may_be_away()
        return self._inner.find(postings)

    def read(self, postings: Sequence[Posting]) -> Mapping[str, Standing]:
        self._may_be_away()
        return self._inner.read(postings)

    def search(self, sought: Sequence[Sought]) -> Mapping[str, Sequence[Standing]]:
        self._may_be_away()
        return self._inner.search(sought)

    def _may_be_away(self) -> None:
        if self._chance.random() < self._rate / 4:
            self.note("look-up: away")
            raise away()

    def post(self, postings: Sequence[Posting]) -> Iterator[Outcome]:
        documents = any(not isinstance(p.record, Customer) for p in postings)
        if self._chance.random() >= self._rate * (1 if documents else FEWER):
            yield from self._book(postings)
        else:
            fault = self._chance.choice(FAULTS)
            what = next((f"{p.action}: " for p in postings if p.action in BY_STATE), "")
            self.note(f"ledger: {what}{fault.__name__.replace('_', ' ')}")
            yield from fault(self, postings)

    def _book(self, postings: Sequence[Posting]) -> list[Outcome]:
        known = {} if self.capabilities.idempotent else self._inner.find(self._bookings(postings))
        again = [replace(p, key=f"{p.key}-again", record=replace(p.record, number="")) for p in postings
                 if p.key in known]  # fmt: skip
        return list(self._inner.post([*(p for p in postings if p.key not in known), *again]))

    def _bookings(self, postings: Sequence[Posting]) -> list[Posting]:
        """What is void, applied or changed already is not so twice, in any ledger."""
        return [posting for posting in postings if posting.action not in BY_STATE]

    def _known(self, posting: Posting) -> bool:
        """A ledger that knows keys has it already, and does not refuse it then; nor any what is so already."""
        known = self.capabilities.idempotent or posting.action in BY_STATE
        return known and bool(self._inner.find([posting]))

    def refuses_some(self, postings: Sequence[Posting]) -> Iterator[Outcome]:
        refused = [p for p in postings if self._chance.random() < 0.5 and not self._known(p)]
        if self.capabilities.idempotent:
            # It answers every request of a key alike: having refused one, it does not book an earlier one.
            self._late[:] = [each for each in self._late if each.key not in {p.key for p in refused}]
        yield from (Rejected(key=p.key, problem=problem_of(p.record, "ledger_refused")) for p in refused)
        yield from self._book([p for p in postings if p not in refused])

    def loses_some_before(self, postings: Sequence[Posting]) -> Iterator[Outcome]:
        lost = [p for p in postings if self._chance.random() < 0.5]
        self._adrift(lost)
        yield from (unknown(p) for p in lost)
        yield from self._book([p for p in postings if p not in lost])

    def loses_some_after(self, postings: Sequence[Posting]) -> Iterator[Outcome]:
        for posting, outcome in zip(postings, self._book(postings), strict=False):
            yield unknown(posting) if self._chance.random() < 0.5 else outcome

    def is_cut_before(self, postings: Sequence[Posting]) -> Iterator[Outcome]:
        self._adrift(postings)
        yield from ()
        raise away()

    def is_cut_in_the_middle(self, postings: Sequence[Posting]) -> Iterator[Outcome]:
        half = self._chance.randint(0, len(postings))
        outcomes = self._book(postings[:half])
        yield from outcomes[: self._chance.randint(0, len(outcomes))]
        raise away()

    def is_cut_after(self, postings: Sequence[Posting]) -> Iterator[Outcome]:
        self._book(postings)
        yield from ()
        raise away()

    def answers_twice(self, postings: Sequence[Posting]) -> Iterator[Outcome]:
        outcomes = [*self._book(postings), *(unknown(p) for p in postings)]
        self._chance.shuffle(outcomes)
        yield from outcomes

    def answers_both_ways(self, postings: Sequence[Posting]) -> Iterator[Outcome]:
        refused = [Rejected(key=p.key, problem=problem_of(p.record, "ledger_refused")) for p in postings]
        outcomes = [*self._book(postings), *refused]
        self._chance.shuffle(outcomes)
        yield from outcomes

    def forgets_to_answer(self, postings: Sequence[Posting]) -> Iterator[Outcome]:
        yield from self._book(postings)[::2]

    def _adrift(self, postings: Sequence[Posting]) -> None:
        """What was sent and never answered is booked later, or never."""
        self._late += [p for p in postings if self._chance.random() < 0.5]

    def books_later(self, postings: Sequence[Posting]) -> Iterator[Outcome]:
        self._late += postings
        yield from (unknown(p) for p in postings)

    def books_what_is_late(self) -> None:
        """What was sent and given up on arrives after all."""
        late, self._late[:] = list(self._late), []
        if late:
            self._book(late)


Fault = Callable[[FaultyLedger, Sequence[Posting]], Iterator[Outcome]]

FAULTS: tuple[Fault, ...] = (
    FaultyLedger.refuses_some,
    FaultyLedger.loses_some_before,
    FaultyLedger.loses_some_after,
    FaultyLedger.is_cut_before,
    FaultyLedger.is_cut_in_the_middle,
    FaultyLedger.is_cut_after,
    FaultyLedger.answers_twice,
    FaultyLedger.answers_both_ways,
    FaultyLedger.forgets_to_answer,
    FaultyLedger.books_later,
)


def away() -> CannotRun:
    return CannotRun(Problem(code="ledger_unreachable", detail="Connection reset by peer"))


def unknown(posting: Posting) -> Unknown:
    return Unknown(key=posting.key, problem=problem_of(posting.record, "outcome_unknown"))


PLACES = ((journal_module, "_upsert"), (beancount_book, "_move_in_place"), (package, "move_in_place"))
"""Where the journal, the book and the workbook are written."""


@contextmanager
def failing_disk(chance: Random) -> Iterator[None]:
    """One of the files takes nothing from a certain write on."""
    module, name = chance.choice(PLACES)
    written, left = getattr(module, name), chance.randint(0, 6)

    def write(*arguments: object) -> object:
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return written(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, name, write)
        yield


@contextmanager
def source_away() -> Iterator[None]:
    """The source cannot be told of any outcome."""

    def acknowledge(*_: object) -> None:
        raise CannotRun(Problem(code="source_unreachable", detail="Connection reset by peer"))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FilesSource, "acknowledge", acknowledge)
        yield


@contextmanager
def taken_over(chance: Random, session: Session) -> Iterator[None]:
    """This program stalls at a certain write, and another has taken its place when it goes on."""
    left = chance.randint(1, 8)
    written = session.journal.write

    def write(transfers: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            _change(session, update(schema.lease).values(token=schema.lease.c.token + 1))
        written(transfers)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session.journal, "write", write)
        yield


def clock_set_back(session: Session) -> None:
    """An hour: everything in the database seems to have happened an hour later."""
    _change(session, update(schema.transfer).values(sent=schema.transfer.c.sent + 3600))


def a_term_passes(session: Session) -> None:
    """Long enough for what was sent to be booked, or never to be."""
    _change(session, update(schema.transfer).values(sent=schema.transfer.c.sent - TERM))


def _change(session: Session, statement: object) -> None:
    with session.journal._engine.begin() as connection:
        connection.execute(statement)
