"""The databases that several machines share: a company's journal, the workers' queue; and the passwords to them."""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from addin.journal import Journal
from addin.profile import Profile
from addin.trust import NETWORK
from connectors.hosts import is_loopback
from connectors.problems import CannotRun, Problem
from connectors.secrets.holder import Holder

if TYPE_CHECKING:
    from connectors.secrets.secret import Secret

PASSWORD = "journal-password"  # noqa: S105 - the name of the secret
SERVER = "server-password"

POSTGRES = frozenset({"postgresql", "postgresql+psycopg"})
HIGHEST_PORT = 65535
QUERIES = frozenset({"password", "sslpassword"})
"""Where else than after the person's name libpq takes a password in a URL."""

ELSEWHERE = frozenset({"hostaddr", "service", "servicefile", "passfile", "sslkeylogfile", "require_auth", "dbname"})
"""What in a URL's query leads past the URL itself, to another server, file or way in (libpq, 34.1.2)."""
HARMLESS = frozenset(
    {"sslmode", "sslrootcert", "sslcrl", "sslcert", "sslkey", "ssl_min_protocol_version", "channel_binding", "options",
     "application_name", "connect_timeout", "client_encoding", "target_session_attrs", "keepalives", "keepalives_idle",
     "keepalives_interval", "keepalives_count", "tcp_user_timeout", "gssencmode"}
)  # fmt: skip
"""What a URL of another machine may say in its query."""
HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.:-]*[A-Za-z0-9])?|::1")
FILES = frozenset({"sslrootcert", "sslcert", "sslkey", "sslcrl"})
"""What in a URL's query names a file of this machine; a look at one of another machine's signs in there (Windows)."""
PORT = 5432


def open_journal(profile: Profile) -> Journal:
    """The company's journal: the database its profile names, else a file of this machine. Raises ``CannotRun``."""
    url = journal_url(profile)
    if url is None:
        return Journal.at(profile.place / "journal.sqlite")
    known = password(url, profile.holder, PASSWORD, password_name(profile))
    return Journal(url.set(password=known.reveal()) if known else url)


def journal_url(profile: Profile) -> URL | None:
    """The database that a profile names for the journal, if any. Raises ``CannotRun`` as ``database`` does."""
    return database(profile.journal_url, "journal_url", frozenset({"sqlite"})) if profile.journal_url else None


def database(named: str, setting: str, others: frozenset[str] = frozenset()) -> URL:
    """The URL of a PostgreSQL database, or one of these others, which holds no password; over verified TLS from afar.

    Raises ``CannotRun`` (database_wrong, database_password, database_unsafe) that repeats nothing of it that may be a
    password.
    """
    url = _read(named)
    if url is None or url.drivername not in POSTGRES | others or (url.port or 0) > HIGHEST_PORT:
        raise CannotRun(Problem(code="database_wrong", params={"setting": setting}))
    if url.password or QUERIES & url.query.keys():
        raise CannotRun(Problem(code="database_password", params={"setting": setting}))
    return _secured(url, setting) if url.drivername in POSTGRES else url


def hosts_of(url: URL) -> tuple[str, ...]:
    """The hosts of a database as a binding notes them; a socket is none."""
    return tuple(f"postgresql://{host}:{url.port or PORT}" for host in _hosts(url) if not host.startswith("/"))


def _secured(url: URL, setting: str) -> URL:
    """The URL as it may be connected to: of another machine with TLS, its certificate and name verified."""
    weak = next(_weaknesses(url), "")
    if weak:
        raise CannotRun(Problem(code="database_unsafe", params={"setting": setting, "why": weak}))
    if _is_here(url):
        return url
    own = "PGSSLROOTCERT" in os.environ or (Path.home() / ".postgresql" / "root.crt").is_file()
    if url.query.get("sslrootcert", "" if own else "system") == "system":
        url = url.update_query_dict({"sslrootcert": _system_roots()})
    return url.update_query_dict({"sslmode": "verify-full"})


def _system_roots() -> str:
    """The authorities that this system trusts, as a file: the driver's own OpenSSL may look where there are none."""
    if system := ssl.get_default_verify_paths().cafile:
        return system
    import certifi  # what requests brings, for systems that keep theirs elsewhere than in a file

    return certifi.where()


def _weaknesses(url: URL) -> Iterator[str]:
    """What in a URL leads elsewhere than it seems, or to another machine in the open."""
    yield from sorted(name for name, value in url.query.items() if name in ELSEWHERE or not isinstance(value, str))
    odd = [host for host in _hosts(url) if not (HOST.fullmatch(host) or _is_socket(host))]
    if odd or (url.host or "").startswith("/"):
        yield "host"
    yield from sorted(name for name in FILES & url.query.keys() if NETWORK.match(str(url.query[name])))
    if _is_here(url):
        return
    yield from sorted(url.query.keys() - HARMLESS)
    if (mode := url.query.get("sslmode", "verify-full")) != "verify-full":
        yield f"sslmode={mode}"
    root = str(url.query.get("sslrootcert", "system"))
    if root != "system" and not Path(root).is_absolute() and not NETWORK.match(root):
        yield "sslrootcert"


def _is_socket(host: str) -> bool:
    return host.startswith("/") and not NETWORK.match(host)


def _is_here(url: URL) -> bool:
    return all(host.startswith("/") or is_loopback(host) for host in _hosts(url))


def _hosts(url: URL) -> list[str]:
    """Every host that libpq would try; without one, what the environment of this process says, or a socket."""
    listed = url.query.get("host", ())
    asked = [url.host or "", *([listed] if isinstance(listed, str) else listed)]
    named = [host for text in asked for host in text.split(",") if host]
    return named or [host for host in os.environ.get("PGHOST", "").split(",") if host]


def _read(named: str) -> URL | None:
    """What is no URL is nothing: the error of a port that is no number repeats it, and it may be a password."""
    with suppress(ArgumentError, ValueError):
        return make_url(named)
    return None


def password_name(profile: Profile) -> str:
    """The name under which the password of one company's journal is kept."""
    return f"{PASSWORD}.{profile.place.name}"[:120].rstrip(".-")


def password(url: URL, holder: Holder, *names: str) -> Secret | None:
    """A database's password: given from outside under any of these names, else kept by us under the last.

    Without one, the driver looks in its own places: PGPASSWORD, PGPASSFILE, the person's .pgpass. Raises ``CannotRun``,
    also where the password was entered for another database (secret_elsewhere).
    """
    from connectors.secrets.bindings import allow, hosts  # only a database elsewhere asks for it
    from connectors.secrets.store import open_secrets

    place = hosts(hosts_of(url)) or hosts(("postgresql://localhost",))
    if "PGPASSWORD" in os.environ:
        allow("pgpassword", holder, place)
        return None
    secrets = open_secrets(Path(holder.home) / "secrets")
    found = next(filter(None, map(secrets.given, names)), None)
    try:
        found = found or secrets.read(names[-1])
    except CannotRun as shut:
        if shut.problems[0].code == "vault_missing":  # then nothing was ever kept in one either
            return None
        raise
    if found:
        allow(names[-1], holder, place)
    return found


def keep_password(url: URL, holder: Holder, name: str, secret: Secret) -> None:
    """Keep the password of a database, for that database alone. Raises ``CannotRun``."""
    from connectors.secrets.bindings import BoundSecrets
    from connectors.secrets.store import open_secrets

    secrets = open_secrets(Path(holder.home) / "secrets")
    BoundSecrets(secrets, holder, hosts_of(url) or ("postgresql://localhost",)).write(name, secret)
