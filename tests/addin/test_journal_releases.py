"""A journal of every earlier release is opened with all it holds; one of a later release is left alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.engine import make_url

from addin.journal import Holder, Journal, State, schema
from addin.journal import opening as opening_module
from addin.journal.migrations.versions import r0001_first_release, r0002_lease
from addin.journal.protocol import Step
from connectors.problems import CannotRun
from connectors.records import Kind
from tests.chaos.postgres import new_database

MIGRATIONS = Path(opening_module.__file__).with_name("migrations")

FILLED = (
    "INSERT INTO seen VALUES ('invoice', 'I1', 'F-1', '{}', 'd', 'to_transfer', '', '', false)",
    "INSERT INTO transfer (kind, record, number, generation, key, action, digest, state, ledger_id, ledger_number, url,"
    " total, run, told_sheet, told_source)"
    " VALUES ('invoice', 'I1', 'F-1', 0, 'psl-1', 'create', 'd', 'posted', '17', 'F-1', '', '114.98', 1, true, false)",
    "INSERT INTO transfer (kind, record, number, generation, key, action, digest, state, ledger_id, ledger_number, url,"
    " run, told_sheet, told_source)"
    " VALUES ('invoice', 'I2', 'F-2', 0, 'psl-2', 'create', 'd', 'intent', '', '', '', 1, false, false)",
    "INSERT INTO memo VALUES ('company', 'Association')",
)

At = Callable[[], str]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'journal.sqlite'}" if request.param == "sqlite" else new_database()


def engine_at(url: str) -> Engine:
    return create_engine(make_url(url.replace("postgresql:", "postgresql+psycopg:")))


def first_release(url: str, *, filled: bool = True) -> None:
    """What release 0.1 left behind."""
    engine = engine_at(url)
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        r0001_first_release.upgrade()
        for statement in FILLED if filled else ():
            connection.execute(text(statement))
    engine.dispose()


def test_a_filled_journal_of_the_first_release_keeps_everything(url: str) -> None:
    first_release(url)
    journal = Journal(url)
    histories = journal.transfers()
    assert [t.state for t in histories[Kind.INVOICE, "I1"]] == [State.POSTED]
    assert histories[Kind.INVOICE, "I1"][0].ledger_id == "17"
    assert histories[Kind.INVOICE, "I2"][0].sent == 0
    assert list(journal.open()) == [(Kind.INVOICE, "I2")]
    assert journal.kept("company") == "Association"
    journal.take("c", "beancount", Holder(who="anne", machine="bureau", id="1"))
    journal.close()


def test_a_filled_journal_of_the_second_release_keeps_everything(url: str) -> None:
    """Release 0.2 knew no undoing, and wrote its version."""
    first_release(url)
    engine = engine_at(url)
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        r0002_lease.upgrade()
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('0002')"))
        connection.execute(text("UPDATE transfer SET sent = 12.5 WHERE record = 'I1'"))
    engine.dispose()
    journal = Journal(url)
    [posted] = journal.transfers()[Kind.INVOICE, "I1"]
    assert (posted.state, posted.sent, posted.customer) == (State.POSTED, 12.5, "")
    journal.write([posted.after(Step.WITHDRAW)])
    assert {key[1] for key in journal.open()} == {"I1", "I2"}
    journal.close()


@pytest.mark.parametrize("older", [True, False])
def test_a_new_journal_and_one_brought_forward_have_the_same_tables(url: str, older: bool) -> None:
    if older:
        first_release(url, filled=False)
    Journal(url).close()
    engine = engine_at(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, schema.metadata) == []
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == schema.HEAD
    engine.dispose()


def test_the_newest_migration_is_the_revision_of_the_program() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [schema.HEAD]


def test_a_journal_of_a_later_release_is_left_alone(url: str) -> None:
    Journal(url).close()
    engine = engine_at(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(CannotRun) as stopped:
        Journal(url)
    problem = stopped.value.problems[0]
    assert (problem.code, problem.params["found"], problem.params["known"]) == ("journal_newer", "9999", schema.HEAD)
    engine.dispose()


def test_a_copy_of_the_file_as_it_was_stays_beside(tmp_path: Path) -> None:
    first_release(f"sqlite:///{tmp_path / 'journal.sqlite'}")
    Journal.at(tmp_path / "journal.sqlite").close()
    with closing(sqlite3.connect(tmp_path / "journal.sqlite.0001")) as copy:
        assert copy.execute("SELECT count(*) FROM transfer").fetchone() == (2,)
        assert copy.execute("SELECT count(*) FROM sqlite_master WHERE name = 'lease'").fetchone() == (0,)


def test_a_migration_that_fails_leaves_the_journal_as_it_was(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first_release(url)

    def half_way(connection: object, found: str) -> None:
        migrate(connection, found)
        raise OSError(28, "No space left on device")

    migrate = opening_module._migrate
    with monkeypatch.context() as patch:
        patch.setattr(opening_module, "_migrate", half_way)
        with pytest.raises(CannotRun) as stopped:
            Journal(url)
    assert stopped.value.problems[0].code == "disk_full"
    engine = engine_at(url)
    assert not inspect(engine).has_table("lease")
    assert "sent" not in {column["name"] for column in inspect(engine).get_columns("transfer")}
    engine.dispose()
    journal = Journal(url)
    assert len(journal.transfers()) == 2
    journal.close()
