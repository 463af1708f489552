"""The journal on SQLite and on PostgreSQL: one holder, a fence, a protocol, and what a full or read-only disk does."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import create_engine, event, text, update
from sqlalchemy.engine import make_url

from addin.databases import open_journal
from addin.hands import alone
from addin.journal import Holder, Journal, State, Transfer, opening, schema
from addin.journal import journal as journal_module
from addin.journal import lease as lease_module
from addin.journal.lease import MARGIN, TERM
from addin.journal.protocol import ProtocolBreach
from addin.profile import Profile
from addin.session import Session
from addin.usecases.check import check
from addin.usecases.log import log
from addin.usecases.preview import preview
from connectors.problems import CannotRun, Problem
from connectors.records import Kind
from tests.addin.conftest import TODAY, Association
from tests.chaos.postgres import new_database

ANNE = Holder(who="anne", machine="bureau-1", id="bureau-1/company")
BRUNO = Holder(who="bruno", machine="bureau-2", id="bureau-2/company")

Open = Callable[[], Journal]


@pytest.fixture(params=["sqlite", "postgresql"])
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Opens one and the same journal as often as asked for, as several programs would."""
    url = f"sqlite:///{tmp_path / 'journal.sqlite'}" if request.param == "sqlite" else new_database()
    opened: list[Journal] = []

    def open_it() -> Journal:
        opened.append(Journal(url))
        return opened[-1]

    yield open_it
    for each in opened:
        each.close()


def transfer(state: State = State.INTENT, **changes: object) -> Transfer:
    return replace(
        Transfer(kind=Kind.INVOICE, record="I1", number="F-1", generation=0, key="psl-1", action="create",
                 digest="d", state=state),
        **changes,
    )  # fmt: skip


def code_of(stopped: pytest.ExceptionInfo[CannotRun]) -> str:
    return stopped.value.problems[0].code


def change_lease(journal: Journal, **values: object) -> None:
    with journal._engine.begin() as connection:
        connection.execute(update(schema.lease).values(**values))


def until(journal: Journal) -> float:
    with journal._engine.connect() as connection:
        return connection.execute(text("SELECT until FROM lease")).scalar_one()


def test_the_second_is_told_who_works_on_which_machine_and_since_when(shared: Open) -> None:
    shared().take("c", "beancount", ANNE)
    with pytest.raises(CannotRun) as stopped:
        shared().take("c", "beancount", BRUNO)
    problem = stopped.value.problems[0]
    assert (problem.code, problem.params["who"], problem.params["machine"]) == ("sync_running", "anne", "bureau-1")
    assert problem.params["since"] != ""


def test_a_released_lease_is_free_at_once(shared: Open) -> None:
    first = shared()
    first.take("c", "beancount", ANNE)
    first.close()
    shared().take("c", "beancount", BRUNO)


def test_whoever_has_the_folders_lock_takes_over_from_its_own_dead_program_at_once(shared: Open) -> None:
    shared().take("c", "beancount", ANNE)
    shared().take("c", "beancount", ANNE)


def test_a_holder_that_was_replaced_changes_nothing(shared: Open) -> None:
    stalled, next_one = shared(), shared()
    stalled.take("c", "beancount", ANNE)
    stalled.write([transfer()])
    change_lease(stalled, until=0)
    next_one.take("c", "beancount", BRUNO)
    for change in (
        lambda: stalled.write([transfer(State.POSTED, ledger_id="17")]),
        lambda: stalled.keep("company", "x"),
        lambda: stalled.see([]),
    ):
        with pytest.raises(CannotRun) as stopped:
            change()
        assert code_of(stopped) == "lease_lost"
        assert stopped.value.problems[0].params["who"] == "bruno"
    assert [t.state for t in next_one.transfers()[Kind.INVOICE, "I1"]] == [State.INTENT]
    assert next_one.kept("company") is None


def test_closing_a_replaced_holder_does_not_free_the_lease_of_the_next(shared: Open) -> None:
    stalled, next_one = shared(), shared()
    stalled.take("c", "beancount", ANNE)
    change_lease(stalled, until=0)
    next_one.take("c", "beancount", BRUNO)
    stalled.close()
    with pytest.raises(CannotRun) as stopped:
        shared().take("c", "beancount", ANNE)
    assert code_of(stopped) == "sync_running"


def test_a_renewal_that_comes_late_does_not_take_back_what_was_released(shared: Open) -> None:
    """The heart beats in a thread of its own, which may be about to renew while the run ends."""
    anne, bruno = shared(), shared()
    anne.take("one", "ledger", ANNE)
    lease = anne._lease
    assert lease is not None
    anne.close()
    with pytest.raises(CannotRun) as late:
        lease.renew()
    assert code_of(late) == "lease_lost"
    bruno.take("one", "ledger", BRUNO)


def test_a_database_that_takes_nothing_any_more_is_let_go_of_all_the_same(
    shared: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each connection that is kept is one that the server has less for the others."""

    def refused(_: lease_module.Lease) -> None:
        raise CannotRun(Problem(code="journal_unwritable"))

    anne = shared()
    anne.take("one", "ledger", ANNE)
    pool = anne._engine.pool
    monkeypatch.setattr(lease_module.Lease, "release", refused)
    with pytest.raises(CannotRun):
        anne.close()
    assert anne._engine.pool is not pool


def test_two_machines_are_two_holders_however_long_the_folders_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """A holder takes over from itself at once: it must never be taken for another machine's."""
    place, found = Path("/" + "association/" * 30), []
    for machine in ("bureau-1", "bureau-2"):
        monkeypatch.setattr(lease_module.socket, "gethostname", lambda machine=machine: machine)
        found.append(Holder.here("anne", place).id)
    assert len(set(found)) == 2
    assert all(len(each) <= 200 for each in found)


def test_a_connection_that_was_dropped_meanwhile_is_made_anew() -> None:
    """A laptop that slept, a server that was restarted, a router that forgets."""
    url = new_database()
    journal = Journal(url)
    journal.now()
    other = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    with other.connect() as connection:
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        dropped = connection.exec_driver_sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")
        assert dropped.scalars().all() == [True]
    other.dispose()
    assert journal.now() > 0
    journal.close()


def test_a_machine_that_fell_asleep_in_a_transaction_holds_nobody_up_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL, 19.11.1: without these limits its lock on the lease's row lasts as long as its connection, hours."""
    short = "-c lock_timeout=200 -c idle_in_transaction_session_timeout=600"
    assert re.sub(r"=\S+", "", short) == re.sub(r"=\S+", "", str(opening.WAITS["options"]))
    monkeypatch.setitem(opening.WAITS, "options", short)
    url = new_database()
    asleep, awake = Journal(url), Journal(url)
    asleep.take("one", "ledger", ANNE)
    assert asleep._lease is not None
    told = ["journal_unreachable"]
    with asleep._engine.connect() as connection:
        asleep._lease.confirm(connection)
        while told[-1] == "journal_unreachable" and len(told) < 20:  # each waits for the lock, and no longer
            with pytest.raises(CannotRun) as waiting:
                awake.take("one", "ledger", BRUNO)
            told.append(code_of(waiting))
        connection.invalidate()
    assert told[1] == "journal_unreachable"
    assert told[-1] == "sync_running"
    awake.close()
    asleep.close()


def test_everything_written_renews_the_lease(shared: Open) -> None:
    journal = shared()
    journal.take("c", "beancount", ANNE)
    change_lease(journal, until=journal.now() + 5)
    journal.keep("name", "value")
    assert until(journal) > journal.now() + TERM - 5


def renewed(journal: Journal) -> bool:
    """Whether a beat renews the lease; waited for, and not for ever."""
    return any(until(journal) > journal.now() + TERM - 60 or time.sleep(0.01) for _ in range(2000))


def test_the_heart_beats_until_the_lease_is_released(shared: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person who thinks for minutes, a slow ledger: nothing is written, and nobody else may come in."""
    monkeypatch.setattr(lease_module, "BEAT", 0.01)
    beats: list[Thread] = []
    start = Thread.start

    def started(thread: Thread) -> None:
        beats.append(thread)
        start(thread)

    monkeypatch.setattr(Thread, "start", started)
    journal = shared()
    journal.take("c", "beancount", ANNE)
    for _ in range(2):
        change_lease(journal, until=journal.now() + 5)
        assert renewed(journal)
    journal.close()
    beats[0].join()
    shared().take("c", "beancount", BRUNO)


def test_a_beat_that_the_database_does_not_answer_is_followed_by_the_next(
    shared: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease_module, "BEAT", 0.01)
    renew = lease_module.Lease.renew
    silent = [True] * 3

    def answers_later(lease: lease_module.Lease) -> None:
        if silent:
            silent.pop()
            raise CannotRun(Problem(code="journal_unreachable"))
        renew(lease)

    monkeypatch.setattr(lease_module.Lease, "renew", answers_later)
    journal = shared()
    journal.take("c", "beancount", ANNE)
    change_lease(journal, until=journal.now() + 5)
    assert renewed(journal)
    assert silent == []


def test_after_a_clock_was_set_back_nobody_waits_longer_than_one_term(shared: Open) -> None:
    """The row then ends an hour too late; whoever looks cuts it to a term from now, which the holder may renew."""
    journal = shared()
    journal.take("c", "beancount", ANNE)
    change_lease(journal, until=journal.now() + 3600)
    with pytest.raises(CannotRun):
        shared().take("c", "beancount", BRUNO)
    assert until(journal) <= journal.now() + TERM
    journal.write([transfer()])


def test_nothing_is_sent_when_too_little_time_is_left(shared: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that stalled, or a machine that slept, between writing the intent and sending it."""
    journal = shared()
    journal.take("c", "beancount", ANNE)
    assert TERM - MARGIN - 5 < journal.left()() <= TERM - MARGIN
    steady, going_on = journal_module.clocks()
    for then in ((steady - TERM + MARGIN - 1, going_on), (steady, going_on - TERM + MARGIN - 1)):
        with monkeypatch.context() as patch:
            patch.setattr(journal_module, "clocks", lambda then=then: then)
            left = journal.left()
        assert left() < 0
    monkeypatch.setattr(journal_module, "clocks", lambda: (steady, going_on + 3600))
    assert journal.left()() > 0


def test_not_finding_counts_only_once_the_slowest_vendor_has_ended_the_request() -> None:
    """QuickBooks Online, limits and throttles: a request of more than 120 s times out."""
    assert MARGIN >= 120
    assert TERM - MARGIN >= 60


def test_two_companies_never_share_a_journal(shared: Open) -> None:
    first = shared()
    first.take("c", "beancount", ANNE)
    first.close()
    with pytest.raises(CannotRun) as stopped:
        shared().take("another", "beancount", BRUNO)
    assert code_of(stopped) == "journal_foreign"


def test_what_the_protocol_does_not_allow_is_not_written(shared: Open) -> None:
    journal = shared()
    journal.write([transfer()])
    with pytest.raises(ProtocolBreach):
        journal.write([transfer()])
    journal.write([transfer(State.POSTED, ledger_id="17")])
    for state in (State.INTENT, State.UNKNOWN, State.ABSENT, State.REJECTED, State.MANUAL):
        with pytest.raises(ProtocolBreach):
            journal.write([transfer(state)])
    journal.write([transfer(State.POSTED, ledger_id="17", told_sheet=True)])
    assert journal.transfers()[Kind.INVOICE, "I1"] == (transfer(State.POSTED, ledger_id="17", told_sheet=True),)


@pytest.mark.parametrize(
    ("pragma", "code"), [("query_only=1", "journal_unwritable"), ("max_page_count=1", "disk_full")]
)
def test_a_disk_that_takes_nothing_is_said_and_nothing_is_half_written(tmp_path: Path, pragma: str, code: str) -> None:
    """SQLite's own refusals: ``SQLITE_READONLY`` and ``SQLITE_FULL``."""
    journal = Journal.at(tmp_path / "journal.sqlite")
    journal.write([transfer()])
    event.listen(journal._engine, "begin", lambda connection: connection.exec_driver_sql(f"PRAGMA {pragma}"))
    many = [transfer(record=f"I{n}", key=f"psl-{n}", number="9" * 5000) for n in range(2, 50)]
    with pytest.raises(CannotRun) as stopped:
        journal.write(many)
    assert code_of(stopped) == code
    assert list(Journal.at(tmp_path / "journal.sqlite").transfers()) == [(Kind.INVOICE, "I1")]


def test_a_file_that_is_no_journal_is_said_to_be_damaged(tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite").write_bytes(b"not a database, and longer than a header of a hundred bytes" * 4)
    with pytest.raises(CannotRun) as stopped:
        Journal.at(tmp_path / "journal.sqlite")
    assert code_of(stopped) == "journal_damaged"


def test_a_server_that_is_away_is_said_and_its_password_is_not() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))  # and never listens: whoever connects is refused
        port = silent.getsockname()[1]
        url = make_url(f"postgresql://anne:very-secret@127.0.0.1:{port}/company?connect_timeout=2")
        with pytest.raises(CannotRun) as stopped:
            Journal(url)
    assert code_of(stopped) == "journal_unreachable"
    assert "very-secret" not in repr(stopped.value.problems)


def profile_at(home: Path, journal_url: str) -> Profile:
    return Profile(home=home, id="c", company="C", workbook=home / "c.xlsm", folder=home, source="files",
                   ledger="beancount", journal_url=journal_url)  # fmt: skip


def test_a_password_in_the_profile_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotRun) as stopped:
        open_journal(profile_at(tmp_path, "postgresql://anne:very-secret@server/company"))
    assert code_of(stopped) == "database_password"
    assert "very-secret" not in repr(stopped.value.problems)


def test_two_machines_share_a_company_and_one_may_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two homes are two machines; the second waits until the first has ended."""
    url = new_database()
    lock, journal = alone(profile_at(tmp_path / "home1", url), "anne", 0)
    with pytest.raises(CannotRun) as stopped:
        alone(profile_at(tmp_path / "home2", url), "bruno", 0)
    assert code_of(stopped) == "sync_running"
    looks: list[float] = []

    def the_first_ends(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) == 3:
            journal.close()

    monkeypatch.setattr("addin.hands.time.sleep", the_first_ends)
    second_lock, second = alone(profile_at(tmp_path / "home2", url), "bruno", 60)
    assert len(looks) == 3
    second.close()
    second_lock.release()
    lock.release()


def test_log_and_preview_never_wait_and_everything_else_is_told_who_works(association: Association) -> None:
    association.init()
    association.pull()
    with Session.open(association.profile, association.book, "sync", TODAY):
        before = Journal.at(association.profile.place / "journal.sqlite").transfers()
        assert association.run(preview).counts["ready"]
        assert association.run(log).facts["events"]
        assert Journal.at(association.profile.place / "journal.sqlite").transfers() == before
        for use_case in (association.pull, association.sync, lambda: association.run(check)):
            with pytest.raises(CannotRun) as stopped:
                use_case()
            assert code_of(stopped) == "sync_running"
            assert all(stopped.value.problems[0].params[name] for name in ("who", "machine", "since"))


def test_opening_a_journal_of_this_release_does_not_import_the_migrations(tmp_path: Path) -> None:
    Journal.at(tmp_path / "journal.sqlite").close()
    look = "import sys, pathlib; from addin.journal import Journal; Journal.at(pathlib.Path(sys.argv[1])); "
    program = [sys.executable, "-c", look + "assert 'alembic' not in sys.modules", str(tmp_path / "journal.sqlite")]
    subprocess.run(program, check=True)
