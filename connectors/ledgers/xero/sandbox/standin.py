"""Xero on the loopback: sign-in, organisations, limits and the service put together."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qsl

from connectors import exact_json
from connectors.ledgers.xero.sandbox import service, starter
from connectors.ledgers.xero.sandbox.organisation import Organisation
from connectors.sandboxes.clock import Clock
from connectors.sandboxes.faults import Answer
from connectors.sandboxes.oauth import App, Denied, Lives, SignIn
from connectors.sandboxes.replays import Replays
from connectors.sandboxes.server import Request, Server
from connectors.sandboxes.windows import Window, Windows

TENANTS = (
    ("7f2a1c3e-0000-4000-8000-000000000001", "Association sandbox"),
    ("7f2a1c3e-0000-4000-8000-000000000002", "Sandbox Inc."),
)
SCOPES = frozenset({
    "offline_access", "accounting.contacts", "accounting.invoices", "accounting.payments",
    "accounting.banktransactions", "accounting.manualjournals", "accounting.settings.read",
    "accounting.reports.trialbalance.read", "accounting.reports.aged.read",
})  # fmt: skip
"""The granular ones: an application made since 2026-03-02 gets no others."""
AUTHORIZE, TOKEN, REVOKE = "/identity/connect/authorize", "/connect/token", "/connect/revocation"
CONNECTIONS = "/connections"
LIMITS, AT_ONCE = (Window("minute", 60, 60), Window("day", 5000, 86_400)), 5
LIVES = Lives(access=1800, refresh=60 * 86_400)
REPLAYED = 360
"""Seconds for which an idempotency key is remembered."""


class Xero:
    """The whole vendor: two organisations behind one sign-in. ``limits`` turns the vendor's limits on."""

    def __init__(self, *, clock: Clock | None = None, app: App | None = None, limits: bool = False) -> None:
        self.clock = clock or Clock()
        self.sign_in = SignIn(self.clock, app or App(), SCOPES, LIVES)
        self.organisations = {id_: starter.organisation(id_, name, self.clock) for id_, name in TENANTS}
        self._windows = Windows(self.clock, LIMITS, AT_ONCE) if limits else None
        self._replays = Replays(self.clock, REPLAYED)

    def answer(self, request: Request) -> Answer:
        """Any request: a step of the sign-in, the list of what was granted, or the service's."""
        if request.path.startswith(service.ROOT):
            return self._called(request)
        names = {id_: each.name for id_, each in self.organisations.items()}
        form = dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
        match request.method, request.path:
            case "GET", path if path == AUTHORIZE:
                return self.sign_in.ask(request.query, names)
            case "POST", path if path == AUTHORIZE:
                return self.sign_in.decided(form, names)
            case "POST", path if path in (TOKEN, REVOKE):
                return self._granting(request, form)
            case "GET", path if path == CONNECTIONS:
                return self._connections(request)
        return Answer(status=HTTPStatus.NOT_FOUND, content_type="text/html")

    def refusal(self, status: int) -> Answer:
        """The vendor's own words for a status."""
        return Answer(status=status, body=json.dumps({"Type": None, "Title": "Refused", "Status": status}).encode())

    def save(self, file: Path) -> None:
        """Write everything to a file, moved in place when it is whole."""
        told = []
        for each in self.organisations.values():
            with each.lock:
                told.append({"id": each.id, "locks": [each.period_lock, each.year_lock], "kept": each.kept})
        beside = file.with_name(f"{file.name}.new")
        with beside.open("wb") as out:
            out.write(exact_json.dumps({"organisations": told, "grants": self.sign_in.dump()}).encode())
            out.flush()
            os.fsync(out.fileno())
        beside.replace(file)

    def load(self, file: Path) -> None:
        """Take the content of a file that ``save`` wrote."""
        snapshot = exact_json.loads(file.read_bytes())
        for told in snapshot["organisations"]:
            each = self.organisations[told["id"]]
            each.period_lock, each.year_lock = told["locks"]
            each.put_back(told["kept"])
        self.sign_in.load(snapshot["grants"])

    def _called(self, request: Request) -> Answer:
        grant = self.sign_in.bearer(request.headers.get("authorization", ""))
        if grant is None:
            told = {"Type": None, "Title": "Unauthorized", "Status": 401, "Detail": "TokenExpired: token expired"}
            return Answer(status=HTTPStatus.UNAUTHORIZED, body=json.dumps(told).encode())
        tenant = request.headers.get("xero-tenant-id", "")
        if grant.company != tenant:
            told = {"Title": "Forbidden", "Status": 403, "Detail": "AuthenticationUnsuccessful"}
            return Answer(status=HTTPStatus.FORBIDDEN, body=json.dumps(told).encode())
        if "json" not in request.headers.get("accept", ""):
            return Answer(status=HTTPStatus.NOT_ACCEPTABLE, content_type="text/plain", body=b"XML is not offered here")
        if self._windows is None:
            return service.answer(self.organisations[tenant], self._replays, request)
        if exceeded := self._windows.begin(tenant):
            return service.too_many(exceeded, self._windows.left(tenant))
        try:
            answered = service.answer(self.organisations[tenant], self._replays, request)
            return replace(answered, headers={**answered.headers, **service.left_of(self._windows.left(tenant))})
        finally:
            self._windows.end(tenant)

    def _granting(self, request: Request, form: dict[str, str]) -> Answer:
        authorization = request.headers.get("authorization", "")
        try:
            if request.path == REVOKE:
                self.sign_in.revoke(authorization, form)
                return Answer()
            return Answer(body=json.dumps(self.sign_in.token(authorization, form)).encode())
        except Denied as denied:
            return Answer(status=denied.status, body=json.dumps({"error": denied.error}).encode())

    def _connections(self, request: Request) -> Answer:
        """The organisations that the person of this token granted."""
        if self.sign_in.bearer(request.headers.get("authorization", "")) is None:
            return self.refusal(HTTPStatus.UNAUTHORIZED)
        told = [{"id": f"c{id_[1:]}", "tenantId": id_, "tenantType": "ORGANISATION", "tenantName": each.name}
                for id_, each in self.organisations.items() if id_ in self.sign_in.companies()]  # fmt: skip
        return Answer(body=json.dumps(told).encode())


class Sandbox(Server):
    """A listening stand-in; ``port`` 0 takes a free one, ``latency`` in seconds comes before every answer."""

    def __init__(
        self,
        port: int = 0,
        *,
        latency: float = 0,
        clock: Clock | None = None,
        app: App | None = None,
        limits: bool = False,
    ) -> None:
        self.xero = Xero(clock=clock, app=app, limits=limits)
        super().__init__(self.xero, port, latency)
        self.clock = self.xero.clock

    @property
    def organisation(self) -> Organisation:
        """The first organisation."""
        return self.xero.organisations[TENANTS[0][0]]

    def bearer(self) -> str:
        """An access token for the first organisation, without the page."""
        return str(self.xero.sign_in.grant(self.organisation.id)["access_token"])


def serve(port: int, *, folder: Path, tell: Callable[[str], None], latency: float = 0, limits: bool = False) -> None:
    """Listen until interrupted; ``folder`` keeps the books between runs, ``tell`` is told how to sign in."""
    sandbox = Sandbox(port, latency=latency, limits=limits)
    books = folder / "books.json"
    if books.exists():
        sandbox.xero.load(books)
    app = sandbox.xero.sign_in.app
    tell(f"{sandbox.url}  client id {app.id}, client secret {app.secret}")
    for id_, name in TENANTS:
        tell(f"organisation {id_}  {name}")
    try:
        with suppress(KeyboardInterrupt):
            sandbox.serve_forever()
    finally:
        folder.mkdir(parents=True, exist_ok=True)
        sandbox.xero.save(books)
