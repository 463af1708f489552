"""Several calls under way at once: answers come in any order, some are lost, some calls never have their turn."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

import pytest

from addin.journal import Journal
from addin.profile import Profile
from addin.session import Session
from addin.sync import run as run_module
from addin.usecases.sync import sync
from connectors.ledger import Ledger, Outcome, Posted, Posting
from connectors.pace import Pacer
from connectors.problems import CannotRun, Problem
from connectors.records import Kind, Payment
from connectors.watch import NoTurn, watching
from tests.addin.conftest import TODAY, Association, documents_in
from tests.chaos.conftest import copy_of
from tests.chaos.faults import FaultyLedger, a_term_passes
from tests.chaos.invariants import holds, mark_errors, statuses
from tests.connectors.scripted_server import Hands
from workbook.file.file_book import FileBook

AT_ONCE, SIZE = 4, 3


@dataclass
class Seen:
    """What the ledger saw of the calls."""

    under_way: list[set[str]] = field(default_factory=list)
    most: int = 0
    shared_accounts: set[str] = field(default_factory=set)
    without_intent: set[str] = field(default_factory=set)
    booked: list[Posting] = field(default_factory=list)
    calls: int = 0


class Slow(FaultyLedger):
    """Takes several batches at once, each for a while of its own; the book behind it is written by one at a time."""

    def __init__(self, inner: Ledger, company: Association, seen: Seen, seed: int, rate: float, knows_keys: bool,
                 turn: Callable[[int], float], begin: Callable[[int], None]) -> None:  # fmt: skip
        super().__init__(inner, Random(seed), rate, [], knows_keys)
        self.capabilities = replace(self.capabilities, concurrency=AT_ONCE, batch_size=SIZE, keeps_order=False)
        self._company, self._seen, self._turn, self._begin = company, seen, turn, begin
        self._one = threading.Lock()

    def turn(self, postings: Sequence[Posting]) -> float:
        return self._turn(self._seen.calls)

    def find(self, postings: Sequence[Posting]) -> Mapping[str, Posted]:
        with self._one:
            return super().find(postings)

    def post(self, postings: Sequence[Posting]) -> Iterator[Outcome]:
        accounts = {p.customer for p in postings if isinstance(p.record, Payment)}
        with self._one:
            self._seen.calls += 1
            number, pause = self._seen.calls, self._chance.random() * 0.02
            self._seen.shared_accounts |= accounts.intersection(*[set().union(*self._seen.under_way)])
            self._seen.under_way.append(accounts)
            self._seen.most = max(self._seen.most, len(self._seen.under_way))
            self._seen.without_intent |= self._not_announced(postings)
        try:
            self._begin(number)
            watching().acted = True
            time.sleep(pause)
            with self._one:
                self._seen.booked += postings
                outcomes, trouble = self._outcomes(postings)
        finally:
            with self._one:
                self._seen.under_way.remove(accounts)
        yield from outcomes
        if trouble:
            raise trouble

    def _outcomes(self, postings: Sequence[Posting]) -> tuple[list[Outcome], CannotRun | None]:
        outcomes: list[Outcome] = []
        try:
            outcomes += super().post(postings)
        except CannotRun as cut:
            return outcomes, cut
        return outcomes, None

    def _not_announced(self, postings: Sequence[Posting]) -> set[str]:
        """What has no committed intent in the journal."""
        journal = sqlite3.connect(self._company.profile.place / "journal.sqlite")
        rows = journal.execute("SELECT key FROM transfer WHERE state = 'intent'").fetchall()
        journal.close()
        return {posting.key for posting in postings} - {key for (key,) in rows}


@dataclass
class Field:
    """A company and the ledger it syncs to."""

    company: Association
    seen: Seen = field(default_factory=Seen)
    rate: float = 0.0
    seed: int = 1
    knows_keys: bool = True
    turn: Callable[[int], float] = lambda _: 0.0
    begin: Callable[[int], None] = lambda _: None

    @contextmanager
    def open(self) -> Iterator[None]:
        opened = Profile.open_ledger

        def slow(profile: Profile) -> Slow:
            return Slow(opened(profile), self.company, self.seen, self.seed, self.rate, self.knows_keys,
                        lambda calls: self.turn(calls), lambda calls: self.begin(calls))  # fmt: skip

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Profile, "open_ledger", slow)
            patch.setattr(run_module, "STEP", 0.01)
            yield

    @property
    def book(self) -> Counter[tuple[str, str]]:
        return documents_in(self.company.folder / "book.beancount")

    def open_transfers(self) -> int:
        with Session.open(self.company.profile, self.company.book, "test", TODAY) as session:
            return len(session.journal.open())


@pytest.fixture
def at(pulled_company: Path, tmp_path: Path, patch: pytest.MonkeyPatch) -> Iterator[Field]:
    at = Field(copy_of(pulled_company, tmp_path / "company", patch))
    with at.open():
        yield at


@pytest.mark.parametrize("seed", range(1, 5))
def test_answers_in_any_order_and_lost_ones_leave_each_document_once(
    seed: int, at: Field, wanted: Counter[tuple[str, str]], patch: pytest.MonkeyPatch
) -> None:
    writers: set[int] = set()
    written = Journal.write

    def write(journal: Journal, *arguments: object) -> None:
        writers.add(threading.get_ident())
        written(journal, *arguments)  # type: ignore[arg-type]

    patch.setattr(Journal, "write", write)
    at.seed, at.rate, at.knows_keys = seed, 0.4, bool(seed % 2)
    for _ in range(3):
        mark_errors(at.company)
        with suppress(CannotRun):
            at.company.sync()
        holds(at.company, wanted)
    at.rate = 0.0
    for _ in range(3):
        with Session.open(at.company.profile, at.company.book, "test", TODAY) as session:
            a_term_passes(session)
        mark_errors(at.company)
        at.company.sync()
        holds(at.company, wanted)
    assert at.book == wanted
    assert set(statuses(at.company)) == {"Transfer Completed"}
    assert at.seen.without_intent == set()
    assert writers == {threading.get_ident()}


def test_calls_run_together_but_for_the_payments_of_an_account(at: Field, wanted: Counter[tuple[str, str]]) -> None:
    at.company.sync()
    assert at.book == wanted
    assert 1 < at.seen.most <= AT_ONCE
    assert at.seen.shared_accounts == set()
    payments = [p.record for p in at.seen.booked if isinstance(p.record, Payment)]
    for account in {p.customer for p in payments}:
        theirs = [(p.date, p.number) for p in payments if p.customer == account]
        assert theirs == sorted(theirs)


def test_parents_are_answered_before_their_children_leave(at: Field) -> None:
    at.company.sync()
    kinds = [posting.record.kind for posting in at.seen.booked]
    assert kinds == sorted(kinds, key=[Kind.CUSTOMER, Kind.INVOICE, Kind.PAYMENT].index)


def test_stop_ends_after_the_documents_in_hand(
    at: Field, wanted: Counter[tuple[str, str]], patch: pytest.MonkeyPatch
) -> None:
    patch.setattr(FileBook, "stop_asked", lambda _: at.seen.calls >= 7)
    report = at.company.sync()
    assert report.facts["stopped"]
    assert at.seen.calls < 7 + AT_ONCE
    assert at.open_transfers() == 0
    assert sum(at.book.values()) + report.counts["posted"][Kind.CUSTOMER] == sum(report.counts["posted"].values())
    patch.setattr(FileBook, "stop_asked", lambda _: False)
    at.company.sync()
    assert at.book == wanted


def test_stop_before_the_first_document_blames_no_row(at: Field, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(FileBook, "stop_asked", lambda _: True)
    report = at.company.sync()
    assert report.facts["stopped"]
    assert (report.counts["posted"], report.counts["held"], report.problems) == ({}, {}, ())


def test_what_has_no_turn_any_more_today_stays_to_be_transferred(at: Field, wanted: Counter[tuple[str, str]]) -> None:
    """The rest leaves when the ledger takes more: no intent was written for it, and nothing is to be looked up."""

    def turn(calls: int) -> float:
        if calls >= 6:
            raise NoTurn(Problem(code="day_limit_reached", params={"ledger": "Xero", "when": "2026-02-01 00:00"}))
        return 0.0

    at.turn = turn
    report = at.company.sync()
    assert [p.params["when"] for p in report.problems if p.code == "day_limit_reached"] == ["2026-02-01 00:00"]
    assert at.open_transfers() == 0
    assert report.counts["unknown"] == {}
    shown = statuses(at.company)
    assert set(shown) == {"To Be Transferred", "Transfer Completed"}
    at.turn = lambda _: 0.0
    at.company.sync()
    assert at.book == wanted


def test_a_batch_that_is_turned_away_leaves_again_in_the_same_run(at: Field, wanted: Counter[tuple[str, str]]) -> None:
    """429: nothing was done, and waiting would take longer than an intent may wait for its departure."""

    def begin(calls: int) -> None:
        if calls % 3 == 0:
            raise NoTurn(Problem(code="too_many_requests", params={"ledger": "Xero"}), soon=True)

    at.begin = begin
    report = at.company.sync()
    assert at.book == wanted
    assert report.counts["unknown"] == report.counts["rejected"] == {}
    assert not [p for p in report.problems if p.code == "too_many_requests"]


def test_a_ledger_that_turns_everything_away_ends_the_run_and_leaves_nothing_in_doubt(
    at: Field, wanted: Counter[tuple[str, str]]
) -> None:
    def begin(_: int) -> None:
        raise NoTurn(Problem(code="too_many_requests", params={"ledger": "Xero"}), soon=True)

    at.begin = begin
    report = at.company.sync()
    assert [p.code for p in report.problems].count("too_many_requests") == 1
    assert report.counts["posted"] == report.counts["unknown"] == {}
    assert at.open_transfers() == 0
    assert set(statuses(at.company)) == {"To Be Transferred"}
    at.begin = lambda _: None
    at.company.sync()
    assert at.book == wanted


def test_the_wait_for_a_limit_is_shown_and_stop_ends_it(at: Field, patch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    left = iter((37.0, 36.2, 0.0))
    patch.setattr(FileBook, "progress", lambda _, text: shown.append(text))
    at.turn = lambda calls: next(left, 0.0) if calls == 2 else 0.0
    at.company.sync()
    assert [text for text in shown if "limit" in text] == [
        "Waiting for the ledger's limit: 37 s",
        "Waiting for the ledger's limit: 37 s",
    ]


def test_stop_ends_the_wait_for_a_limit(at: Field, patch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    def turn(calls: int) -> float:
        if calls < 2:
            return 0.0
        waits.append(60.0)
        return 60.0

    at.turn = turn
    patch.setattr(FileBook, "stop_asked", lambda _: len(waits) >= 3)
    report = at.company.sync()
    assert report.facts["stopped"]
    assert len(waits) == 3
    assert at.open_transfers() == 0


def test_a_wait_before_anything_leaves_is_shown_and_ended_by_stop_as_well(at: Field, patch: pytest.MonkeyPatch) -> None:
    hands, shown = Hands(), list[str]()
    pacer = Pacer(label="Xero", clock=hands.clock)
    pacer.hold(37)

    def connect(_: Slow) -> None:
        with pacer.turn():
            pass

    patch.setattr(Slow, "connect", connect)
    patch.setattr(FileBook, "progress", lambda _, text: shown.append(text))
    patch.setattr(FileBook, "stop_asked", lambda _: len(hands.waited) == 2)
    with pytest.raises(NoTurn) as stopped:
        at.company.sync()
    assert stopped.value.problems[0].code == "stopped"
    assert [text for text in shown if "limit" in text] == [
        "Waiting for the ledger's limit: 37 s",
        "Waiting for the ledger's limit: 36 s",
    ]


def test_a_call_that_fails_as_no_call_may_ends_the_run_with_its_own_error(at: Field) -> None:
    def begin(calls: int) -> None:
        if calls == 4:
            raise ZeroDivisionError

    at.begin = begin
    with pytest.raises(ZeroDivisionError):
        at.company.sync()
    at.begin = lambda _: None
    with Session.open(at.company.profile, at.company.book, "sync", TODAY) as session:
        sync(session)
    assert max(at.book.values()) == 1
