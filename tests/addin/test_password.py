"""The password of a shared database: given from outside, kept in the vault once it opened the database, never shown."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy.engine import make_url

from addin.databases import database, open_journal, password, password_name
from addin.profile import Profile
from addin.usecases.password import forget, keep
from addin.usecases.worker import schedules
from connectors.problems import CannotRun
from connectors.secrets.secret import Secret
from tests.addin.conftest import Association
from tests.chaos.postgres import new_database

KNOWN = "p@ss:w/ord 50%"


@pytest.fixture(scope="module")
def locked() -> Iterator[str]:
    """A database whose server asks for a password (SCRAM) where it is reached as a person of its own."""
    own, clerk = make_url(new_database()), f"clerk_{uuid4().hex}"
    with psycopg.connect(own.set(drivername="postgresql").render_as_string(), autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {clerk} LOGIN SUPERUSER PASSWORD '{KNOWN}'".encode())
        (file,) = connection.execute("SHOW hba_file").fetchone() or ("",)
        rules = Path(str(file)).read_text(encoding="utf-8")
        Path(str(file)).write_text(f"local all {clerk} scram-sha-256\n{rules}", encoding="utf-8")
        connection.execute("SELECT pg_reload_conf()")
        yield own.set(username=clerk).render_as_string()
        Path(str(file)).write_text(rules, encoding="utf-8")
        connection.execute("SELECT pg_reload_conf()")


@pytest.fixture
def shared(association: Association, locked: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Profile:
    """A company whose journal is there, on a machine whose vault is a folder of sealed files."""
    monkeypatch.setenv("PASSERELLE_SECRETS_KEY", base64.b64encode(bytes(32)).decode())
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "none"))
    monkeypatch.delenv("PGPASSWORD", raising=False)
    association.init()
    profile = association.profile.model_copy(update={"journal_url": locked})
    profile.save()
    return profile


def test_without_it_the_database_refuses(shared: Profile) -> None:
    with pytest.raises(CannotRun, match="database_refused"):
        open_journal(shared)


def test_kept_once_it_opens_the_journal_and_forgotten(shared: Profile, association: Association) -> None:
    keep(shared, "", Secret(KNOWN))
    assert association.pull().counts["pulled"]
    kept = [path.read_bytes() for path in (shared.home / "secrets").iterdir()]
    assert len(kept) == 1
    assert KNOWN.encode() not in kept[0]
    forget(shared)
    with pytest.raises(CannotRun, match="database_refused"):
        open_journal(shared)


def test_a_wrong_one_is_not_kept_and_not_repeated(shared: Profile) -> None:
    with pytest.raises(CannotRun) as stopped:
        keep(shared, "", Secret("wrong-one"))
    (problem,) = stopped.value.problems
    assert problem.code == "database_refused"
    assert "wrong-one" not in f"{stopped.value} {problem}"
    assert not (shared.home / "secrets").exists()


ADDRESSES = [
    ("postgresql://clerk:S3cret@localhost/association", "database_password"),
    ("postgresql://clerk@localhost/association?password=S3cret", "database_password"),
    ("postgresql://clerk@localhost/association?sslpassword=S3cret", "database_password"),
    ("postgresql://clerk:S3cret", "database_wrong"),
    ("postgresql://clerk@localhost:S3cret/association", "database_wrong"),
    ("postgresql://clerk@localhost:65536/association", "database_wrong"),
    ("clerk:S3cret@localhost/association", "database_wrong"),
    ("mysql://clerk:S3cret@localhost/association", "database_wrong"),
    ("postgres://clerk@localhost/association", "database_wrong"),
    ("", "database_wrong"),
]


@pytest.mark.parametrize(("address", "code"), ADDRESSES)
def test_an_address_that_is_wrong_or_holds_a_password_is_refused_and_not_repeated(address: str, code: str) -> None:
    with pytest.raises(CannotRun, match=code) as stopped:
        database(address, "journal_url")
    assert "S3cret" not in "".join(traceback.format_exception(stopped.value, chain=True))


def test_a_database_that_is_not_there_is_for_the_administrator(shared: Profile, locked: str) -> None:
    """Time alone does not mend it; the same holds for the workers' queue."""
    away = make_url(locked).set(username="postgres", database="nowhere").render_as_string()
    with pytest.raises(CannotRun, match="database_refused"):
        open_journal(shared.model_copy(update={"journal_url": away}))
    with pytest.raises(CannotRun, match="database_refused"):
        schedules(away).registered()
    with pytest.raises(CannotRun, match="database_refused"):
        open_journal(shared.model_copy(update={"journal_url": f"{away}&bogus=1"}))


def test_a_person_who_may_not_make_the_tables_is_told_so(shared: Profile) -> None:
    own = make_url(new_database())
    with psycopg.connect(own.set(drivername="postgresql").render_as_string(), autocommit=True) as connection:
        connection.execute("CREATE ROLE guest LOGIN")
    guest = own.set(username="guest").render_as_string()
    with pytest.raises(CannotRun, match="journal_unwritable"):
        open_journal(shared.model_copy(update={"journal_url": guest}))
    with pytest.raises(CannotRun, match="database_refused"):
        schedules(guest).registered()


def test_the_workers_database_has_its_own(shared: Profile, locked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(None, locked, Secret(KNOWN))
    url, holder = make_url(locked), shared.holder
    assert password(url, holder, "server-password") == Secret(KNOWN)
    assert password(url, holder, "journal-password", password_name(shared)) is None
    monkeypatch.setenv("PASSERELLE_SERVER_PASSWORD", "from outside")
    assert password(url, holder, "server-password") == Secret("from outside")
    monkeypatch.setenv("PGPASSWORD", "the driver's")
    assert password(url, holder, "server-password") is None


def test_a_journal_in_a_file_needs_none(association: Association) -> None:
    association.init()
    with pytest.raises(CannotRun, match="password_needless"):
        keep(association.profile, "", Secret(KNOWN))


def test_where_there_is_no_vault_the_driver_looks_for_itself(
    shared: Profile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL's own password file, on a machine without a credential store."""
    monkeypatch.delenv("PASSERELLE_SECRETS_KEY")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    monkeypatch.setattr("keyring.core._keyring_backend", None)
    escaped = KNOWN.replace("\\", "\\\\").replace(":", "\\:")
    (tmp_path / "pgpass").write_text(f"*:*:*:*:{escaped}\n", encoding="utf-8")
    (tmp_path / "pgpass").chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "pgpass"))
    open_journal(shared).close()


@pytest.mark.parametrize("options", [("--server", "postgresql://h/d", "--client"), ("x", "--client", "--forget")])
def test_a_client_secret_is_of_a_company_and_taken_for_no_password(options: tuple[str, ...]) -> None:
    """It would be sent to a database as its password, or nothing be removed."""
    command = [sys.executable, "-m", "addin", "password", *options, "--json"]
    done = subprocess.run(command, input="secret\n", capture_output=True, text=True, check=False)
    assert "[--client]" in done.stdout + done.stderr
    assert done.returncode != 0


def test_from_the_command_line_on_standard_input(shared: Profile) -> None:
    """A program gives it as one line; a person types it unseen. Neither it nor its place shows it."""
    command = [sys.executable, "-m", "addin", "password", shared.company, "--json"]
    done = subprocess.run(command, input=f"{KNOWN}\n", capture_output=True, text=True, check=False)
    assert json.loads(done.stdout)["secret"] == "journal-password.petite-association"
    assert KNOWN not in done.stdout + done.stderr
    open_journal(shared).close()
