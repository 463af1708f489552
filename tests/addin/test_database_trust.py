"""A database on another machine: over TLS whose certificate and name are verified, and with its own password alone."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import make_url

from addin.databases import HARMLESS, database, hosts_of, open_journal, password
from addin.journal import Journal
from connectors.problems import CannotRun
from connectors.secrets.bindings import bindings
from connectors.secrets.holder import Holder
from tests.addin.conftest import Association
from tests.chaos.postgres import new_database
from tests.sampled import examples

AWAY = "db.example.org"


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PGHOST", "PGSSLROOTCERT", "PGPASSWORD", "PGSSLMODE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/nonexistent")


def test_it_is_verified_in_full() -> None:
    query = database(f"postgresql://clerk@{AWAY}/journal", "journal_url").query
    assert query["sslmode"] == "verify-full"
    assert Path(str(query["sslrootcert"])).is_file()


@pytest.mark.parametrize("query", [
    "sslmode=disable", "sslmode=allow", "sslmode=prefer", "sslmode=require", "sslmode=verify-ca",
    "sslmode=verify-full&sslmode=disable", "hostaddr=10.0.0.1", "host=evil.example", "host=/tmp", "service=evil",
    "passfile=/tmp/x", "sslrootcert=x.pem", "sslrootcert=//evil/x.pem", "dbname=host%3Devil", "sslkeylogfile=/tmp/x",
    "sslkey=//evil/k", "sslcert=%5C%5Cevil%5Cc", "sslcrl=/%5Cevil/c", "host=//evil/s",
    "require_auth=none", "port=1", "servicefile=x", "gsslib=x", "krbsrvname=x", "requiressl=0",
])  # fmt: skip
def test_what_weakens_it_is_refused(query: str) -> None:
    with pytest.raises(CannotRun, match="database_unsafe"):
        database(f"postgresql://clerk@{AWAY}/journal?{query}", "journal_url")


@pytest.mark.parametrize("query", [
    "sslkey=//evil/k", "sslcert=%5C%5Cevil%5Cc", "sslrootcert=//evil/r", "sslcrl=/%5Cevil/c", "host=//evil/socket",
])  # fmt: skip
@pytest.mark.parametrize("host", ["localhost", "", "127.0.0.1"])
def test_a_database_of_this_machine_leads_to_no_file_of_another(host: str, query: str) -> None:
    """A certificate on a network share makes Windows sign in there, also where the database itself is near."""
    with pytest.raises(CannotRun, match="database_unsafe"):
        database(f"postgresql://clerk@{host}/journal?{query}", "journal_url")


@pytest.mark.parametrize("host", ["a,b", "127.0.0.1,evil.example", "127.0.0.1%2Cevil.example", "%2Ftmp", "a%00b",
                                  "localhost%2Cevil.example", "evil.example#", "-x"])  # fmt: skip
def test_a_host_that_is_several_or_none_is_refused_or_verified(host: str) -> None:
    try:
        url = database(f"postgresql://clerk@{host}/journal", "journal_url")
    except CannotRun:
        return
    assert url.query["sslmode"] == "verify-full"


@pytest.mark.parametrize("query", ["hostaddr=10.0.0.1", "service=evil", "passfile=/tmp/x", "host=evil.example"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", ""])
def test_an_address_of_this_machine_leads_nowhere_else(host: str, query: str) -> None:
    try:
        url = database(f"postgresql://clerk@{host}/journal?{query}", "journal_url")
    except CannotRun as stopped:
        codes = [problem.code for problem in stopped.problems]
    else:  # a host of the query alone is another machine's, and verified
        codes = ["database_unsafe"] if not host and url.query["sslmode"] == "verify-full" else []
    assert codes == ["database_unsafe"]


@pytest.mark.parametrize("place", ["@127.0.0.1/x", "@localhost:5433/x", "@[::1]/x", "/x?host=/tmp/socket", "/x"])
def test_this_machine_and_sockets_need_none(place: str) -> None:
    assert "sslmode" not in database(f"postgresql://{place}", "journal_url").query


def test_the_environments_host_is_verified_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", AWAY)
    assert database("postgresql:///x", "journal_url").query["sslmode"] == "verify-full"


@settings(max_examples=examples(200))
@given(
    host=st.sampled_from(["127.0.0.1", "localhost", "", AWAY, "10.1.2.3", "127.0.0.1,x", "LOCALHOST", "0", "127.1"]),
    query=st.dictionaries(
        st.sampled_from([*sorted(HARMLESS), "host", "hostaddr", "service", "port", "user"]),
        st.sampled_from(["disable", "verify-full", "system", "/x", AWAY, "127.0.0.1", "1"]), max_size=3),
)  # fmt: skip
def test_whatever_the_url_another_machine_is_verified(host: str, query: dict[str, str]) -> None:
    """The property: libpq's own reading of the URL (conninfo) names this machine alone, or asks for verify-full."""
    text = f"postgresql://clerk@{host}/journal" + "".join(
        f"{'&' if number else '?'}{name}={value}" for number, (name, value) in enumerate(query.items())
    )
    try:
        url = database(text, "journal_url")
    except CannotRun:
        return
    read = psycopg.conninfo.conninfo_to_dict(url.set(drivername="postgresql").render_as_string())
    hosts = str(read.get("host", "")).split(",")
    here = all(each in ("", "localhost") or each.startswith(("/", "127.0.0.1")) for each in hosts)
    assert here or read["sslmode"] == "verify-full"
    assert not {"hostaddr", "service", "passfile"} & read.keys()


# --- a real PostgreSQL with TLS; it is on this machine, and the environment (never a URL) says that it is AWAY


def certificate(folder: Path, name: str) -> Path:
    """A self-signed certificate for a host, with its key beside it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / "server.crt").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "server.key").write_bytes(key.private_bytes(serialization.Encoding.PEM, *private))
    (folder / "server.key").chmod(0o600)
    return folder / "server.crt"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int, Path]]:
    """A real PostgreSQL behind TLS (its build here has none): the database, the port, the certificate for AWAY."""
    own = make_url(new_database())
    socket_file = next(Path(str(own.query["host"])).glob(".s.PGSQL.*[0-9]"))
    cert = certificate(tmp_path_factory.mktemp("tls"), AWAY)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, cert.with_name("server.key"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, args=(listening, context, str(socket_file)), daemon=True).start()
        yield str(own.database), int(listening.getsockname()[1]), cert


def serve(listening: socket.socket, context: ssl.SSLContext, database_socket: str) -> None:
    """Answer SSLRequest (PostgreSQL's protocol, 54.2.12) with yes, and pass on what comes inside."""
    while True:
        try:
            plain, _ = listening.accept()
        except OSError:
            return
        threading.Thread(target=pass_on, args=(plain, context, database_socket), daemon=True).start()


def pass_on(plain: socket.socket, context: ssl.SSLContext, database_socket: str) -> None:
    with suppress(OSError), plain, socket.socket(socket.AF_UNIX) as behind:
        if plain.recv(8)[4:] != (80877103).to_bytes(4):
            return  # somebody speaks in the open
        plain.sendall(b"S")
        behind.connect(database_socket)
        with context.wrap_socket(plain, server_side=True) as inside:
            threading.Thread(target=copied, args=(behind, inside), daemon=True).start()
            copied(inside, behind)


def copied(source: socket.socket, to: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            to.sendall(data)
        to.shutdown(socket.SHUT_WR)


def test_a_certificate_that_vouches_opens_the_journal(
    server: tuple[str, int, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    name, port, cert = server
    monkeypatch.setenv("PGHOSTADDR", "127.0.0.1")
    Journal(database(f"postgresql://postgres@{AWAY}:{port}/{name}?sslrootcert={cert}", "journal_url")).close()


@pytest.mark.parametrize(("host", "root"), [("other.example.org", True), (AWAY, False)])
def test_another_name_or_an_authority_that_is_not_trusted_is_left(
    server: tuple[str, int, Path], monkeypatch: pytest.MonkeyPatch, host: str, root: bool
) -> None:
    name, port, cert = server
    monkeypatch.setenv("PGHOSTADDR", "127.0.0.1")
    given = f"?sslrootcert={cert}" if root else ""
    url = database(f"postgresql://postgres@{host}:{port}/{name}{given}", "journal_url")
    with pytest.raises(CannotRun, match="journal_unreachable") as stopped:
        Journal(url.set(password="pw"))
    assert "certificate" in stopped.value.problems[0].detail


# --- whose password it is


@pytest.mark.parametrize("variable", ["PGPASSWORD", "PASSERELLE_JOURNAL_PASSWORD"])
def test_a_password_goes_to_the_database_it_was_first_used_with(
    association: Association, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    association.init()
    monkeypatch.setenv(variable, "pw")
    profile = association.profile
    names = ("journal-password", "journal-password.petite-association")
    password(make_url(f"postgresql://clerk@{AWAY}/x"), profile.holder, *names)
    password(make_url(f"postgresql://clerk@{AWAY}/y"), profile.holder, *names)
    for elsewhere in ("postgresql://clerk@evil.example/x", f"postgresql://clerk@{AWAY}:5433/x"):
        with pytest.raises(CannotRun, match="secret_elsewhere") as stopped:
            open_journal(profile.model_copy(update={"journal_url": elsewhere}))
        assert "pw" not in str(stopped.value).split()


def test_a_home_that_had_to_be_confirmed_gets_none_that_was_not_entered_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "pw")
    stranger = Holder(home="/archive/home", company="x", own=False)
    url = make_url(f"postgresql://clerk@{AWAY}/x")
    with pytest.raises(CannotRun, match="secret_unbound"):
        password(url, stranger, "journal-password")
    password(url, Holder(), "journal-password")
    with pytest.raises(CannotRun, match="secret_elsewhere"):
        password(url, stranger, "journal-password")
    assert list(bindings()) == ["pgpassword"]


def test_hosts_of_a_database() -> None:
    assert hosts_of(make_url(f"postgresql://clerk@{AWAY}/x")) == (f"postgresql://{AWAY}:5432",)
    assert hosts_of(make_url("postgresql:///x?host=/tmp")) == ()
