"""A real Tryton on this machine: from PyPI, in its own virtual environment, on SQLite, reachable from here alone.

Tryton is licensed under the GPL-3 and is never imported here: it runs as its own program, and is spoken to over HTTP.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import requests
from filelock import FileLock
from platformdirs import user_cache_path

from connectors.ledgers.tryton.rpc import Rpc
from connectors.ledgers.tryton.sandbox import starter
from connectors.ledgers.tryton.settings import TrytonSettings
from connectors.problems import CannotRun, Problem
from connectors.secrets.secret import Secret
from connectors.secrets.store import variable

SERIES = "8.2"
PACKAGES = ("trytond", "trytond_party", "trytond_account", "trytond_account_invoice", "trytond_currency")
DATABASE = "tryton"
USER = "admin"
CACHE = user_cache_path("Passerelle", appauthor=False) / f"tryton-{SERIES}"
"""Where Tryton is installed and the new company's database lies, once for a machine's user."""

TEMPLATE = f"template-{starter.EDITION}.sqlite"
PATIENCE = 120
"""Seconds until a started server must have answered."""

CONFIGURATION = """
[database]
uri = sqlite://
path = {folder}

[web]
listen = 127.0.0.1:{port}
"""


def serve(port: int, *, folder: Path, tell: Callable[[str], None], cache: Path = CACHE) -> None:
    """Run until interrupted; ``folder`` keeps the books, ``tell`` is told how to use it once it answers.

    Raises ``CannotRun`` when Tryton cannot be installed or does not start.
    """
    template, password = prepared(cache)
    folder.mkdir(parents=True, exist_ok=True)
    database = folder / f"{DATABASE}.sqlite"
    if not database.exists():
        copy(template, database)
    settings = TrytonSettings(url=f"http://127.0.0.1:{port}", database=DATABASE, user=USER)
    with running(folder, port, cache) as server:
        tell(f"ledger.url={settings.url} ledger.database={DATABASE} ledger.user={USER}")
        tell(f"{variable(settings.secret)}={password.reveal()}")
        server.wait()


def prepared(cache: Path) -> tuple[Path, Secret]:
    """The database of a new company and its user's password; made once for a cache folder. Raises ``CannotRun``."""
    cache.mkdir(parents=True, exist_ok=True)
    template, word = cache / TEMPLATE, cache / "password"
    with FileLock(cache / "lock"):
        install(cache / "venv")
        if not template.exists():
            if not word.exists():
                word.touch(mode=0o600)
                word.write_text(secrets.token_urlsafe(16), encoding="utf-8")
            _make(cache, Secret(word.read_text(encoding="utf-8")))
    return template, Secret(word.read_text(encoding="utf-8"))


def install(venv: Path) -> None:
    """Tryton into its own virtual environment, unless it is there. Raises ``CannotRun`` (connector_not_installed)."""
    if _program(venv, "trytond").exists():
        return
    wanted = [f"{package}=={SERIES}.*" for package in PACKAGES]
    for command in (
        [sys.executable, "-m", "venv", "--clear", str(venv)],
        [str(_program(venv, "python")), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
        if done.returncode:
            shutil.rmtree(venv, ignore_errors=True)
            problem = Problem(
                code="connector_not_installed",
                params={"name": "tryton", "module": "trytond"},
                detail=done.stderr.strip()[-500:],
            )
            raise CannotRun(problem)


def copy(template: Path, database: Path) -> None:
    """A database of one's own; in one step, so that a broken copy is never taken for one."""
    beside = database.with_suffix(".new")
    shutil.copyfile(template, beside)
    beside.replace(database)


@contextmanager
def running(folder: Path, port: int, cache: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A server for the databases of a folder, from its first answer until the end of the block."""
    configuration = _configure(folder, port)
    with (folder / "trytond.log").open("ab") as log:
        command = [str(_program(cache / "venv", "trytond")), "-c", str(configuration)]
        for database in sorted(folder.glob("*.sqlite")):
            command += ["-d", database.stem]
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)  # noqa: S603 - our own
        try:
            _answering(port, server, folder / "trytond.log")
            yield server
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def free_port() -> int:
    """A port of this machine that nothing listens on at this moment."""
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        port: int = tried.getsockname()[1]
        return port


def _make(cache: Path, password: Secret) -> None:
    """An empty database with Tryton's modules, then the company in it, over JSON-RPC as everything else."""
    making = cache / "making"
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir()
    database = making / f"{DATABASE}.sqlite"
    database.touch()
    port = free_port()
    configuration = _configure(making, port)
    environment = {**os.environ, "TRYTONPASSFILE": str(cache / "password")}
    for arguments in (["--all", "--email", "admin@example.org"], ["-u", "account_invoice", "--activate-dependencies"]):
        _admin(cache / "venv", configuration, environment, arguments)
    with running(making, port, cache):
        rpc = Rpc(TrytonSettings(url=f"http://127.0.0.1:{port}", database=DATABASE, user=USER), lambda: password)
        starter.furnish(rpc)
        rpc.close()
    whole = making / "whole.sqlite"
    with closing(sqlite3.connect(database)) as connection:
        # What the server wrote last lies in a journal beside the file until somebody takes it over.
        connection.execute("VACUUM INTO ?", (str(whole),))
    whole.replace(cache / TEMPLATE)
    shutil.rmtree(making)


def _admin(venv: Path, configuration: Path, environment: Mapping[str, str], arguments: list[str]) -> None:
    command = [str(_program(venv, "trytond-admin")), "-c", str(configuration), "-d", DATABASE, *arguments]
    subprocess.run(command, env=environment, check=True, stdin=subprocess.DEVNULL, capture_output=True)  # noqa: S603


def _configure(folder: Path, port: int) -> Path:
    path = folder / "trytond.conf"
    path.write_text(CONFIGURATION.format(folder=folder, port=port), encoding="utf-8")
    return path


def _answering(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    """Wait for the first answer, whatever it says."""
    with requests.Session() as session:
        session.trust_env = False
        for _ in range(PATIENCE * 10):
            if server.poll() is not None:
                break
            try:
                session.get(f"http://127.0.0.1:{port}/", timeout=5)
            except requests.ConnectionError:
                try:
                    server.wait(0.1)
                except subprocess.TimeoutExpired:
                    continue
            else:
                return
    said = log.read_text(encoding="utf-8", errors="replace")[-500:]
    raise CannotRun(Problem(code="ledger_unreachable", params={"ledger": "Tryton"}, detail=said))


def _program(venv: Path, name: str) -> Path:
    return venv / "Scripts" / f"{name}.exe" if os.name == "nt" else venv / "bin" / name
