"""QuickBooks Online on the loopback: pages, sign-in and service put together."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import TypedDict, Unpack
from urllib.parse import parse_qsl, urlencode

from connectors.ledgers.quickbooks_online.sandbox import operations, pages, signin, starter
from connectors.ledgers.quickbooks_online.sandbox.bodies import dumps, loads
from connectors.ledgers.quickbooks_online.sandbox.company import Company, Switches
from connectors.ledgers.quickbooks_online.sandbox.currencies import turn_on
from connectors.ledgers.quickbooks_online.sandbox.limits import Throttle
from connectors.ledgers.quickbooks_online.sandbox.service import Service
from connectors.ledgers.quickbooks_online.sandbox.signin import App, SignIn
from connectors.sandboxes.clock import Clock
from connectors.sandboxes.faults import Answer
from connectors.sandboxes.oauth import Denied
from connectors.sandboxes.server import Request, Server

COMPANIES = (("4620816365000000001", "Association sandbox", "CA"), ("4620816365000000002", "Sandbox Inc.", "US"))
"""The companies a new server has: realm id, name, country."""


class Settings(TypedDict, total=False):
    """What a server can be told: see ``SignIn``, ``Throttle``, ``Service`` and ``Switches``.

    ``limits`` turns the rate limits on and scales their time; 1 is the vendor's.
    """

    clock: Clock
    app: App
    rotation: timedelta
    limits: float | None
    faults_with_200: bool
    switches: Switches


class QuickBooks:
    """The whole vendor: several companies behind one sign-in."""

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        app: App | None = None,
        rotation: timedelta = timedelta(hours=24),
        limits: float | None = None,
        faults_with_200: bool = False,
        switches: Switches | None = None,
    ) -> None:
        self.clock = clock or Clock()
        self.sign_in = SignIn(self.clock, app or App(), rotation)
        self.companies: dict[str, Company] = {
            realm: starter.company(realm, name, country, self.clock, switches) for realm, name, country in COMPANIES
        }
        self._service = Service(
            self.companies, self.sign_in, Throttle(self.clock, limits), faults_with_200=faults_with_200
        )

    def answer(self, request: Request) -> Answer:
        """Any request: a page, a step of the sign-in, or the service's."""
        if request.path.startswith("/v3/"):
            return self._service.answer(request)
        if request.path.rstrip("/") in signin.DISCOVERY:
            return _told(signin.discovery(request.base))
        match request.method, request.path:
            case "GET", "/":
                return pages.books(self.companies, request.query.get("company", ""))
            case "POST", pages.CURRENCIES:
                return self._several_currencies(_form(request).get("company", ""))
            case "GET", signin.AUTHORIZE:
                return self._ask(request.query)
            case "POST", signin.AUTHORIZE:
                return self._decided(_form(request))
            case "POST", signin.TOKEN:
                return self._token(request)
            case "POST", signin.REVOKE:
                return self._revoke(request)
        return Answer(status=HTTPStatus.NOT_FOUND, content_type="text/plain", body=b"Not found")

    def refusal(self, status: int) -> Answer:
        """The vendor's own words for a status."""
        return self._service.fault(status)

    def save(self, file: Path) -> None:
        """Write everything to a file, moved in place when it is whole."""
        companies = []
        for company in self.companies.values():
            with company.lock:
                companies.append(company.dump())
        beside = file.with_name(f"{file.name}.new")
        with beside.open("wb") as out:
            out.write(dumps({"companies": companies, "grants": self.sign_in.dump()}))
            out.flush()
            os.fsync(out.fileno())
        beside.replace(file)

    def load(self, file: Path) -> None:
        """Take the content of a file that ``save`` wrote."""
        snapshot = loads(file.read_bytes())
        for kept in snapshot["companies"]:
            company = Company(kept["realm"], kept["country"], self.clock, self.companies[kept["realm"]].switches)
            company.load(kept)
            operations.post_again(company)
            self.companies[company.realm] = company
        self.sign_in.load(snapshot["grants"])

    def _several_currencies(self, realm: str) -> Answer:
        """Turn them on, as a person does in the settings of a company."""
        if company := self.companies.get(realm):
            with company.lock:
                turn_on(company)
        return Answer(status=HTTPStatus.SEE_OTHER, headers={"Location": f"/?{urlencode({'company': realm})}"})

    def _ask(self, asked: Mapping[str, str]) -> Answer:
        if why := self.sign_in.refused(asked):
            return pages.problem(why)
        if not asked.get("scope") or set(asked["scope"].split()) - signin.SCOPES:
            return _redirect(asked, {"error": "invalid_scope", "state": asked["state"]})
        return pages.question(self.companies, asked)

    def _decided(self, asked: Mapping[str, str]) -> Answer:
        if why := self.sign_in.refused(asked):
            return pages.problem(why)
        realm = asked.get("realm", "")
        if asked.get("decision") != "accept" or realm not in self.companies:
            return _redirect(asked, {"error": "access_denied", "state": asked["state"]})
        code = self.sign_in.code(asked, realm)
        return _redirect(asked, {"code": code, "state": asked["state"], "realmId": realm})

    def _token(self, request: Request) -> Answer:
        hard = signin.HARD_HEADER in request.headers
        try:
            return _told(self.sign_in.token(request.headers.get("authorization", ""), _form(request), hard=hard))
        except Denied as denied:
            return _told({"error": denied.error}, denied.status)

    def _revoke(self, request: Request) -> Answer:
        try:
            self.sign_in.revoke(request.headers.get("authorization", ""), _form(request).get("token", ""))
        except Denied as denied:
            return _told({"error": denied.error}, denied.status)
        return Answer()


class Sandbox(Server):
    """A listening stand-in: ``with Sandbox() as sandbox`` runs it in a thread; takes the ``Settings``.

    ``port`` 0 takes a free one; ``latency`` in seconds comes before every answer.
    """

    def __init__(self, port: int = 0, *, latency: float = 0, **settings: Unpack[Settings]) -> None:
        self.quickbooks = QuickBooks(**settings)
        super().__init__(self.quickbooks, port, latency)
        self.clock = self.quickbooks.clock

    @property
    def api(self) -> str:
        """The base of the accounting paths."""
        return f"{self.url}/v3"

    def company(self, country: str = "CA") -> Company:
        """The company of a country."""
        return next(company for company in self.quickbooks.companies.values() if company.country == country)

    def bearer(self, country: str = "CA") -> str:
        """An access token for that company, without the page."""
        return str(self.quickbooks.sign_in.grant(self.company(country).realm)["access_token"])


def serve(
    port: int, *, folder: Path, tell: Callable[[str], None], latency: float = 0, **settings: Unpack[Settings]
) -> None:
    """Listen until interrupted; ``folder`` keeps the books between runs, ``tell`` is told how to sign in.

    The rest is as of ``Sandbox``. Raises ``OSError`` when the port is taken.
    """
    sandbox = Sandbox(port, latency=latency, **settings)
    books = folder / "books.json"
    if books.exists():
        sandbox.quickbooks.load(books)
    app = sandbox.quickbooks.sign_in.app
    tell(f"{sandbox.url}  client id {app.id}, client secret {app.secret}")
    for realm, name, country in COMPANIES:
        tell(f"company {realm}  {name} ({country})")
    try:
        with suppress(KeyboardInterrupt):
            sandbox.serve_forever()
    finally:
        folder.mkdir(parents=True, exist_ok=True)
        sandbox.quickbooks.save(books)


def _form(request: Request) -> dict[str, str]:
    if "json" in request.headers.get("content-type", ""):
        try:
            sent = json.loads(request.body)
        except ValueError:
            return {}
        return {str(name): str(value) for name, value in sent.items()} if isinstance(sent, dict) else {}
    return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))


def _redirect(asked: Mapping[str, str], told: Mapping[str, str]) -> Answer:
    target = asked["redirect_uri"]
    joint = "&" if "?" in target else "?"
    return Answer(status=HTTPStatus.FOUND, headers={"Location": f"{target}{joint}{urlencode(told)}"})


def _told(body: object, status: int = HTTPStatus.OK) -> Answer:
    return Answer(status=status, body=dumps(body))
