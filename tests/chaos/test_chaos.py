"""Whatever fails, in whatever order: each document is in the ledger once, and where it is not, its row says why.

``PASSERELLE_CHAOS`` is how many seeds are tried, ``PASSERELLE_SEED`` replays one.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from random import Random

import pytest

from addin.journal import State
from addin.journal.rows import settled
from addin.profile import Profile
from addin.session import Session
from addin.usecases.sync import sync
from connectors.ledger import Posting
from connectors.problems import CannotRun
from connectors.records import Kind, SyncStatus
from tests.addin.conftest import TODAY, Association, documents_in
from tests.chaos.conftest import copy_of
from tests.chaos.faults import FaultyLedger, a_term_passes, clock_set_back, failing_disk, taken_over
from tests.chaos.postgres import new_database
from workbook.file.file_book import FileBook
from workbook.layout import REVIEW_TABLES

TRIES = int(os.environ.get("PASSERELLE_CHAOS", "16"))
SEEDS = [int(os.environ["PASSERELLE_SEED"])] if "PASSERELLE_SEED" in os.environ else list(range(1, TRIES + 1))
STATUSES = {"To Be Transferred", "Transfer Completed", "Transfer Error"}
QUIET = 3
"""Runs without a fault at the end: one looks up what a term has decided, one sends it, one has nothing to do."""


@pytest.mark.parametrize("seed", SEEDS)
def test_every_document_once_or_shown(
    seed: int, pulled_company: Path, wanted: Counter[tuple[str, str]], tmp_path: Path, patch: pytest.MonkeyPatch
) -> None:
    chance = Random(seed)
    knows_keys = chance.random() < 0.6
    shared = new_database() if seed % 4 == 0 else ""
    company = copy_of(pulled_company, tmp_path / "company", patch, shared)
    late: list[Posting] = []
    opened = Profile.open_ledger
    rate = 0.6

    def open_ledger(profile: Profile) -> FaultyLedger:
        return FaultyLedger(opened(profile), chance, rate, late, knows_keys)

    patch.setattr(Profile, "open_ledger", open_ledger)
    for _ in range(chance.randint(1, 3)):
        run(company, chance)
        if chance.random() < 0.5:
            arrive(company, late)
        holds(company, wanted)
    rate = 0.0
    for _ in range(QUIET):
        arrive(company, late)
        with Session.open(company.profile, company.book, "test", TODAY) as session:
            a_term_passes(session)
        mark_errors(company)
        company.sync()
        holds(company, wanted)
    assert documents_in(company.folder / "book.beancount") == wanted
    assert set(statuses(company)) == {"Transfer Completed"}


def run(company: Association, chance: Random) -> None:
    """A sync on a machine that may fail; it ends with a report or says that it could not run."""
    mark_errors(company)
    try:
        with ExitStack() as faults:
            session = faults.enter_context(Session.open(company.profile, company.book, "sync", TODAY))
            fault = chance.random()
            if fault < 0.25:
                faults.enter_context(failing_disk(chance))
            elif fault < 0.45:
                faults.enter_context(taken_over(chance, session))
            elif fault < 0.55:
                clock_set_back(session)
            sync(session)
    except CannotRun:
        pass


def arrive(company: Association, late: list[Posting]) -> None:
    """What was given up on is booked after all, before a term has passed."""
    with company.profile.open_ledger() as ledger:
        ledger.books_what_is_late()
    assert late == []


def mark_errors(company: Association) -> None:
    """The accountant has seen what was refused, and marks it to be transferred again."""
    book = company.book
    for table in REVIEW_TABLES:
        wrong = [row.number for row in book.read(table).rows if row.values.get("status") == "Transfer Error"]
        book.write(table, {number: {"status": "To Be Transferred"} for number in wrong})
    book.save()


def statuses(company: Association) -> Counter[object]:
    book = FileBook(company.profile.workbook)
    rows = [row for table in REVIEW_TABLES for row in book.read(table).rows]
    return Counter(row.values["status"] for row in rows if row.values["key"])


def holds(company: Association, wanted: Counter[tuple[str, str]]) -> None:
    """Each document at most once; the journal knows no other state than the six; nothing settled that is not there."""
    found = documents_in(company.folder / "book.beancount")
    assert max(found.values(), default=1) == 1
    assert found.keys() <= wanted.keys()
    assert set(statuses(company)) <= STATUSES
    with Session.open(company.profile, company.book, "log", TODAY) as session:
        histories = session.journal.transfers()
        seen = session.journal.seen()
    assert {transfer.state for history in histories.values() for transfer in history} <= set(State)
    booked = {
        (kind.value, key)
        for (kind, key), history in histories.items()
        if kind is not Kind.CUSTOMER and settled(history)
    }
    assert booked <= found.keys()
    assert found.keys() <= {(kind.value, key) for kind, key in histories}
    assert {each.status for each in seen.values()} <= set(SyncStatus)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_killed_at_any_moment_while_another_waits(
    database: str, pulled_company: Path, wanted: Counter[tuple[str, str]], tmp_path: Path, patch: pytest.MonkeyPatch
) -> None:
    """Two programs at once, each killed now and then; the last two runs are left alone."""
    company = copy_of(pulled_company, tmp_path / "company", patch, new_database() if database == "postgresql" else "")
    chance = Random(TRIES)
    for _ in range(max(3, TRIES // 4)):
        workers = [start(company) for _ in range(2)]
        for worker in workers:
            worker.join(chance.uniform(0.01, 0.5))
            if worker.is_alive() and worker.pid:
                os.kill(worker.pid, signal.SIGKILL)
        for worker in workers:
            worker.join()
        assert max(documents_in(company.folder / "book.beancount").values(), default=1) == 1
    company.sync()
    assert documents_in(company.folder / "book.beancount") == wanted
    assert set(statuses(company)) == {"Transfer Completed"}


def start(company: Association) -> multiprocessing.process.BaseProcess:
    worker = multiprocessing.get_context("fork").Process(target=sync_quietly, args=(company,))
    worker.start()
    return worker


def sync_quietly(company: Association) -> None:
    try:
        company.sync()
    except CannotRun as stopped:
        if stopped.problems[0].code not in ("sync_running", "workbook_changed_meanwhile"):
            raise


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_two_press_sync_at_once(
    database: str, pulled_company: Path, wanted: Counter[tuple[str, str]], tmp_path: Path, patch: pytest.MonkeyPatch
) -> None:
    """From two machines where the journal is shared: two homes with one profile; the second is told who and where."""
    for number in range(max(5, TRIES // 20)):
        url = new_database() if database == "postgresql" else ""
        company = copy_of(pulled_company, tmp_path / f"company{number}", patch, url)
        answers: multiprocessing.Queue[str] = multiprocessing.get_context("fork").Queue()
        gate = multiprocessing.get_context("fork").Barrier(2)
        homes = [company.folder / "home", company.folder / "home2" if url else company.folder / "home"]
        if url:
            second_machine(company)
        workers = [
            multiprocessing.get_context("fork").Process(target=press, args=(company, home, gate, answers))
            for home in homes
        ]
        for worker in workers:
            worker.start()
        told = sorted(answers.get(timeout=60) for _ in workers)
        for worker in workers:
            worker.join()
        assert told[0] == "done"
        assert told[1] in ("done", "sync_running by a person")
        assert documents_in(company.folder / "book.beancount") == wanted


def second_machine(company: Association) -> None:
    """Another home with the same profile."""
    shutil.copytree(company.folder / "home", company.folder / "home2")


def press(company: Association, home: Path, gate: object, answers: object) -> None:
    os.environ["PASSERELLE_HOME"] = str(home)
    book, profile = company.book, company.profile
    gate.wait()
    try:
        with Session.open(profile, book, "sync", TODAY) as session:
            sync(session)
    except CannotRun as stopped:
        problem = stopped.problems[0]
        known = problem.params.get("who") and problem.params.get("machine") and problem.params.get("since")
        answers.put(f"{problem.code} by a person" if known else str(stopped))
        return
    answers.put("done")
