"""Secrets planted in every request and answer come out nowhere: log, report, bundle, journal, sheet, error, defect.

Between us and the QuickBooks Online stand-in sits a server that answers now and then with what it was sent, secrets
and all, as proxies and debugging vendors do (issue of record: OWASP ASVS 4.0, 7.1.1).
"""

from __future__ import annotations

import json
import logging
import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs
from zipfile import ZipFile

import pytest
import requests

from addin.defects import report_defect
from addin.logbook import keep_facts, logs
from addin.profile import load
from addin.session import Session
from addin.usecases.bundle import bundle
from addin.usecases.connect import authorize
from addin.usecases.init import init
from addin.usecases.pull import pull
from addin.usecases.reconcile import reconcile
from addin.usecases.run_report import run_report
from addin.usecases.sync import sync
from connectors.facts import fact
from connectors.ledgers.quickbooks_online.connector import QuickBooksOnlineLedger
from connectors.ledgers.quickbooks_online.sandbox import COMPANIES, Sandbox
from connectors.problems import CannotRun
from connectors.sandboxes.consenting import consent
from connectors.secrets.secret import Secret
from tests.addin.conftest import Association
from tests.connectors.ledgers.quickbooks_harness import SECRETS
from workbook.file.file_book import FileBook

REALM = COMPANIES[0][0]
TOKENS = re.compile(r'"(?:access_token|refresh_token)"\s*:\s*"([^"]+)"')
STATUSES = (400, 401, 403, 429, 500, 502, 200)


class Gossip(ThreadingHTTPServer):
    """Passes everything on; every fourth answer of the books tells what it was sent instead."""

    daemon_threads = True

    def __init__(self, behind: str) -> None:
        super().__init__(("127.0.0.1", 0), Relay)
        self.behind, self.turn = behind, count(1)
        self.secrets: set[str] = set(SECRETS.values())
        self.told: list[int] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Relay(BaseHTTPRequestHandler):
    server: Gossip

    def _relay(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        signature = self.headers.get("Authorization", "")
        self._remember(signature, body)
        turn = next(self.server.turn)
        if self.path.startswith("/v3") and turn % 4 == 0:
            self._tell(STATUSES[turn // 4 % len(STATUSES)], signature)
            return
        sent = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "content-length")}
        answer = requests.request(
            self.command, self.server.behind + self.path, headers=sent, data=body, timeout=30, allow_redirects=False
        )
        self.server.secrets.update(TOKENS.findall(answer.text))
        self._answer(answer.status_code, answer.content, answer.headers.get("Content-Type", ""))

    do_GET = do_POST = _relay  # noqa: N815

    def _remember(self, signature: str, body: bytes) -> None:
        if signature:
            self.server.secrets.add(signature.split()[-1])
        form = parse_qs(body.decode("utf-8", "replace")) if b"grant_type" in body else {}
        self.server.secrets.update(form.get("refresh_token", []) + form.get("client_secret", []))

    def _tell(self, status: int, signature: str) -> None:
        self.server.told.append(status)
        error = {"Message": signature, "code": "6000", "Detail": f"sent: {signature}"}
        page = json.dumps({"Fault": {"Error": [error]}})
        self._answer(status, page.encode(), "application/json", intuit_tid=signature, Retry_After="0")

    def _answer(self, status: int, content: bytes, kind: str, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(content)), **headers}.items():
            self.send_header(name.replace("_", "-") if name == "Retry_After" else name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def gossip(behind: str) -> Iterator[Gossip]:
    server = Gossip(behind)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def between(association: Association, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gossip]:
    """The small association, in the books of the stand-in, which are reached through the gossip."""
    for variable, value in SECRETS.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setattr(QuickBooksOnlineLedger, "limits", ())
    association.write()
    with Sandbox() as sandbox, gossip(sandbox.url) as server:
        settings = {
            "ledger.company": REALM,
            "ledger.client_id": "sandbox-client",
            "ledger.api_url": server.url,
            "ledger.authorize_url": f"{sandbox.url}/connect/oauth2",
            "ledger.token_url": f"{server.url}/oauth2/v1/tokens/bearer",
            "ledger.revoke_url": f"{server.url}/v2/oauth2/tokens/revoke",
            "new_account_default": "yes",
        }
        init(association.folder, association.name, "files", "quickbooks-online", settings, FileBook)
        yield server


def test_what_was_planted_comes_out_nowhere(
    association: Association, between: Gossip, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    keep_facts()
    said = list(_day(association, tmp_path))
    profile = association.profile
    places = [profile.workbook, *Path(profile.home).rglob("*"), *tmp_path.rglob("*")]
    texts = {str(path): path.read_bytes() for path in places if path.is_file()}
    texts |= {f"{path}!{name}": content for path in places if path.suffix in (".zip", ".xlsm") and path.is_file()
              for name, content in _inside(path)}  # fmt: skip
    texts |= {"said": "\n".join(said).encode(), "logging": caplog.text.encode()}
    assert len(between.told) >= len(STATUSES), "the gossip has told enough"
    assert len(between.secrets) >= 4, "an access and a refresh token, the client's secret, the key"
    assert any(b'"event": "request"' in text for text in texts.values()), "the facts were written"
    found = {(place, secret) for place, text in texts.items() for secret in between.secrets if secret.encode() in text}
    assert not found


def _inside(path: Path) -> Iterator[tuple[str, bytes]]:
    with ZipFile(path) as package:
        for name in package.namelist():
            yield name, package.read(name)


def _day(association: Association, folder: Path) -> Iterator[str]:
    """Authorize, pull, sync until nothing more goes, reconcile, report, bundle: everything that is said on the way."""
    profile = load(association.name)
    use_cases = [pull, sync, sync, reconcile, sync, pull, sync]
    yield from _done(profile, lambda s: authorize(s, lambda url: consent(url, REALM)), "authorize", folder)
    for use_case in use_cases:
        yield from _done(profile, use_case, use_case.__name__, folder)
    yield from _done(profile, lambda s: run_report(s, folder / "report.html"), "report", folder)
    bundle(folder / "bundle.zip", with_data=True)


def _done(profile, use_case, command: str, folder: Path) -> Iterator[str]:  # type: ignore[no-untyped-def]
    try:
        with Session.open(profile, FileBook(profile.workbook), command) as session:
            yield repr(use_case(session))
    except CannotRun as stopped:
        yield "".join(traceback.TracebackException.from_exception(stopped, capture_locals=True).format())
        yield str(report_defect(stopped))


def test_the_log_is_one_json_object_a_line_and_masks_a_secret(association: Association) -> None:
    association.init()
    keep_facts()
    fact("request", to="x", token=Secret("PLANTED-1"), trouble="access_token=PLANTED-2")
    (file,) = logs().iterdir()
    (line,) = [line for line in file.read_text(encoding="utf-8").splitlines() if '"token"' in line]
    assert "PLANTED" not in line
    assert '"token": "***"' in line
