"""An environment on the loopback: Entra's token endpoint, the Web API, its limits and refusals put together."""

from __future__ import annotations

import json
import os
import re
import secrets
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qsl, unquote

from connectors import exact_json
from connectors.sandboxes.clock import Clock
from connectors.sandboxes.faults import Answer
from connectors.sandboxes.server import Request, Server
from connectors.sandboxes.windows import Exceeded, Window, Windows
from connectors.sources.membri.sandbox import definitions, query
from connectors.sources.membri.sandbox.tables import Refused, Row, Table, Tables

ROOT = "/api/data/v9.2/"
TENANT = "5a1b0c7e-0000-4000-8000-00000000000e"
CHAPTER = "Section Québec"
LIFE = timedelta(seconds=3599)
LIMITS, AT_ONCE = (Window("requests", 6000, 300),), 52
JSON = "application/json; odata.metadata=minimal"
ROW = re.compile(r"(\w+)\(([0-9a-fA-F-]{36})\)")
CODES = {"requests": "0x80072322", "concurrent": "0x80072326"}
TEXTS = {
    "requests": "Number of requests exceeded the limit of 6000 over time window of 300 seconds.",
    "concurrent": "Number of concurrent requests exceeded the limit of 52.",
}


@dataclass(frozen=True, slots=True)
class App:
    """The application that is registered, and bound to an application user of the environment."""

    id: str = "c1e9d7a0-0000-4000-8000-0000000000a9"
    secret: str = field(default="sandbox-secret", repr=False)


class Dataverse:
    """The whole vendor. ``limits`` turns the service protection limits on."""

    def __init__(self, *, clock: Clock | None = None, app: App | None = None, limits: bool = False) -> None:
        self.clock, self.app = clock or Clock(), app or App()
        self.kept = Tables(self.clock)
        self.denied: set[tuple[str, str]] = set()
        self._windows = Windows(self.clock, LIMITS, AT_ONCE) if limits else None
        self._tokens: dict[str, datetime] = {}

    def answer(self, request: Request) -> Answer:
        """Any request: for a token, or to the Web API."""
        if request.path.endswith("/oauth2/v2.0/token"):
            return self._token(request)
        if request.path == f"/{TENANT}/v2.0/.well-known/openid-configuration":
            return _told(_discovered(request.base))
        if not request.path.startswith(ROOT):
            return Answer(status=HTTPStatus.NOT_FOUND, content_type="text/html")
        until = self._tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        if until is None or until <= self.clock.now():
            asked = f"Bearer authorization_uri={request.base}/{TENANT}/oauth2/authorize, resource_id={request.base}/"
            return Answer(status=HTTPStatus.UNAUTHORIZED, headers={"WWW-Authenticate": asked})
        return self._limited(request)

    def refusal(self, status: int) -> Answer:
        """The vendor's own words for a status."""
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return _error(status, CODES["requests"], TEXTS["requests"])
        return _error(status, "", HTTPStatus(status).phrase)

    def token(self) -> str:
        """An access token, as the endpoint gives it."""
        made = secrets.token_urlsafe(48)
        self._tokens[made] = self.clock.now() + LIFE
        return made

    def end_tokens(self) -> None:
        """Let no token that was given hold any more."""
        self._tokens.clear()

    def save(self, file: Path) -> None:
        """Write every row to a file, moved in place when it is whole."""
        with self.kept.lock:
            told = {name: list(table.rows.values()) for name, table in self.kept.tables.items()}
        beside = file.with_name(f"{file.name}.new")
        with beside.open("wb") as out:
            out.write(exact_json.dumps(told).encode())
            out.flush()
            os.fsync(out.fileno())
        beside.replace(file)

    def load(self, file: Path) -> None:
        """Take the rows of a file that ``save`` wrote."""
        for name, rows in exact_json.loads(file.read_bytes()).items():
            table = self.kept.tables[name]
            table.rows = {row[table.identifier]: row for row in rows}

    def _token(self, request: Request) -> Answer:
        """Entra's answer (OAuth 2.0 client credentials), or its refusal."""
        form = dict(parse_qsl(request.body.decode("utf-8", "replace")))
        if request.path.split("/")[1] != TENANT:
            return _denied(400, "invalid_request", "AADSTS90002: Tenant not found.")
        if form.get("grant_type") != "client_credentials":
            return _denied(400, "unsupported_grant_type", "AADSTS70003: The app requested an unsupported grant type.")
        if form.get("client_id") != self.app.id:
            return _denied(400, "unauthorized_client", "AADSTS700016: Application was not found in the directory.")
        if form.get("client_secret") != self.app.secret:
            return _denied(401, "invalid_client", "AADSTS7000215: Invalid client secret provided.")
        if form.get("scope") != f"{request.base}/.default":
            return _denied(400, "invalid_resource", "AADSTS500011: The resource principal was not found in the tenant.")
        told = {"token_type": "Bearer", "expires_in": int(LIFE.total_seconds()), "access_token": self.token()}
        return Answer(body=json.dumps(told).encode())

    def _limited(self, request: Request) -> Answer:
        if self._windows is None:
            return self._served(request)
        if exceeded := self._windows.begin(self.app.id):
            return _too_many(exceeded)
        try:
            return self._served(request)
        finally:
            self._windows.end(self.app.id)

    def _served(self, request: Request) -> Answer:
        path = unquote(request.path.removeprefix(ROOT))
        try:
            with self.kept.lock:
                if path.startswith("EntityDefinitions"):
                    return _told(definitions.answer(self.kept, path, request))
                return self._of_rows(path, request)
        except Refused as refused:
            return _error(refused.status, refused.code, refused.message)

    def _of_rows(self, path: str, request: Request) -> Answer:
        one = ROW.fullmatch(path)
        table = self.kept.of_set(one[1] if one else path)
        self._allow(table, {"GET": "Read", "POST": "Create", "PATCH": "Write", "DELETE": "Delete"}[request.method])
        if one is None:
            if request.method == "POST":
                return self._created(table, request, self.kept.create(table, _body(request)))
            return _told(query.page(self.kept, table, request))
        id_ = one[2].lower()
        match request.method:
            case "GET":
                return _told(query.told(self.kept, table, self.kept.row(table, id_), request.query, request))
            case "DELETE":
                self._check_version(table, id_, request)
                self.kept.delete(table, id_)
                return Answer(status=HTTPStatus.NO_CONTENT)
        return self._changed(table, id_, request)

    def _changed(self, table: Table, id_: str, request: Request) -> Answer:
        """PATCH makes a row that is not there, unless ``If-Match`` says that it has to be."""
        self._check_version(table, id_, request)
        if id_ not in table.rows and "if-match" not in request.headers:
            return self._created(table, request, self.kept.create(table, _body(request), id_))
        if request.headers.get("if-none-match") == "*":
            raise Refused(412, "0x80040237", "A record with matching key values already exists.")
        self.kept.update(table, id_, _body(request))
        if "return=representation" in request.headers.get("prefer", ""):
            return _told(query.told(self.kept, table, self.kept.row(table, id_), request.query, request))
        return self._created(table, request, id_)

    def _check_version(self, table: Table, id_: str, request: Request) -> None:
        wanted = request.headers.get("if-match")
        if wanted is None:
            return
        row = self.kept.row(table, id_)
        if wanted not in ("*", query.version(row)):
            text = "The version of the existing record doesn't match the RowVersion property provided."
            raise Refused(412, "0x80060882", text)

    def _created(self, table: Table, request: Request, id_: str) -> Answer:
        headers = {"OData-EntityId": f"{request.base}{ROOT}{table.set}({id_})"}
        return Answer(status=HTTPStatus.NO_CONTENT, headers=headers)

    def _allow(self, table: Table, what: str) -> None:
        if (table.name, what) in self.denied:
            text = f"Principal user (Id={self.app.id}, type=8) is missing prv{what}{table.name} privilege"
            raise Refused(403, "0x80040220", text)


class Sandbox(Server):
    """A listening stand-in; ``port`` 0 takes a free one, ``latency`` in seconds comes before every answer."""

    def __init__(
        self,
        port: int = 0,
        *,
        latency: float = 0,
        clock: Clock | None = None,
        limits: bool = False,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.dataverse = Dataverse(clock=clock, limits=limits)
        super().__init__(self.dataverse, port, latency, tls)
        self.clock = self.dataverse.clock

    def add(self, table: str, **values: object) -> str:
        """A row as a person would enter it, with what it refers to by identifier; its own identifier."""
        with self.dataverse.kept.lock:
            kept = self.dataverse.kept
            of = kept.tables[table]
            sent = {name: value for name, value in values.items() if of.columns[name].kind != "lookup"}
            id_ = kept.create(of, sent)
            of.rows[id_].update({name: value for name, value in values.items() if name not in sent})
            return id_

    def rows(self, table: str) -> dict[str, Row]:
        """The rows of a table as they are kept."""
        return self.dataverse.kept.tables[table].rows


def serve(port: int, *, folder: Path, tell: Callable[[str], None], latency: float = 0, limits: bool = False) -> None:
    """Listen until interrupted; ``folder`` keeps the rows between runs, ``tell`` is told how to sign in."""
    sandbox = Sandbox(port, latency=latency, limits=limits)
    books = folder / "environment.json"
    if books.exists():
        sandbox.dataverse.load(books)
    app = sandbox.dataverse.app
    tell(f"{sandbox.url}  tenant {TENANT}, client id {app.id}, client secret {app.secret}, chapter {CHAPTER}")
    try:
        with suppress(KeyboardInterrupt):
            sandbox.serve_forever()
    finally:
        folder.mkdir(parents=True, exist_ok=True)
        sandbox.dataverse.save(books)


def _body(request: Request) -> Row:
    try:
        sent = exact_json.loads(request.body)
    except ValueError as wrong:
        raise Refused(400, "0x80048d19", "Error identified in Payload provided by the user.") from wrong
    if not isinstance(sent, dict):
        raise Refused(400, "0x80048d19", "Error identified in Payload provided by the user.")
    return sent


def _told(body: Row) -> Answer:
    return Answer(body=exact_json.dumps(body).encode(), content_type=JSON)


def _error(status: int, code: str, message: str) -> Answer:
    told = {"error": {"code": code, "message": message}}
    return Answer(status=status, body=json.dumps(told).encode(), content_type=JSON)


def _discovered(base: str) -> Row:
    """Where a client of Microsoft's finds what it signs in with (OpenID Connect Discovery 1.0)."""
    at = f"{base}/{TENANT}"
    return {"issuer": f"{at}/v2.0", "authorization_endpoint": f"{at}/oauth2/v2.0/authorize",
            "token_endpoint": f"{at}/oauth2/v2.0/token"}  # fmt: skip


def _denied(status: int, error: str, description: str) -> Answer:
    told = {"error": error, "error_description": description}
    return Answer(status=status, body=json.dumps(told).encode())


def _too_many(exceeded: Exceeded) -> Answer:
    answer = _error(429, CODES[exceeded.window], TEXTS[exceeded.window])
    headers = {"Retry-After": str(exceeded.seconds), "x-ms-ratelimit-burst-remaining-xrm-requests": "0"}
    return Answer(status=answer.status, body=answer.body, content_type=answer.content_type, headers=headers)
