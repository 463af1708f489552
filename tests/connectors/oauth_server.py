"""A real authorisation server on this machine, as strict as the RFCs: rotation, single use, PKCE, state, revocation."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from connectors.secrets.secret import Secret
from connectors.signin import Client, Provider

CLIENT = Client(id="our/id", secret=Secret("s3cret:ü"))


@dataclass(repr=False)
class OAuthServer:
    """What it has given out, and what it was asked; a test may set ``refuses`` or ``tells`` before a call."""

    tells: dict[str, Any] = field(default_factory=lambda: {"expires_in": 3600})
    redirect_tells: dict[str, str] = field(default_factory=dict)
    refuses: dict[str, tuple[int, str]] = field(default_factory=dict)
    grants: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    access: set[str] = field(default_factory=set)
    refresh: set[str] = field(default_factory=set)
    issued: list[str] = field(default_factory=list)
    revoked: list[str] = field(default_factory=list)
    device: list[str] = field(default_factory=list)
    connections: list[dict[str, str]] = field(default_factory=list)
    drops: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> Self:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.answer(self, "")

            def do_POST(self) -> None:
                outer.answer(self, self.rfile.read(int(self.headers["Content-Length"])).decode())

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def provider(self, **more: Any) -> Provider:
        return Provider(
            label="Ledger", authorize_url=f"{self.url}/authorize", token_url=f"{self.url}/token",
            revoke_url=f"{self.url}/revoke", device_url=f"{self.url}/device", scopes=("books", "offline_access"),
            **more,
        )  # fmt: skip

    def answer(self, request: BaseHTTPRequestHandler, body: str) -> None:
        parts = urlsplit(request.path)
        form = json.loads(body) if body.startswith("{") else dict(parse_qsl(body))
        with self.lock:
            reply = {
                "/authorize": lambda: self._authorize(dict(parse_qsl(parts.query))),
                "/token": lambda: self._token(form, request),
                "/revoke": lambda: self._revoke(form, request),
                "/device": lambda: (200, {
                    "device_code": "dev-1", "user_code": "WXYZ-1234", "verification_uri": f"{self.url}/go",
                    "expires_in": 60, "interval": 5,
                }),
                "/connections": lambda: self._protected(request, self.connections),
                "/books": lambda: self._protected(request, {"company": "ours"}),
            }[parts.path]()  # fmt: skip
            if parts.path == "/token" and self.drops:
                self.drops -= 1
                request.connection.close()
                return
        status, told = reply
        content = b"" if isinstance(told, str) else json.dumps(told).encode()
        request.send_response(status)
        if isinstance(told, str):
            request.send_header("Location", told)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    def _authorize(self, asked: dict[str, str]) -> tuple[int, Any]:
        code = "code/" + secrets.token_urlsafe(8) + "="
        if asked["client_id"] != CLIENT.id or asked["response_type"] != "code":
            return 400, {}
        self.codes[code] = asked
        told = {"code": code, "state": asked["state"], **self.redirect_tells}
        return 302, asked["redirect_uri"] + "?" + urlencode({k: v for k, v in told.items() if v})

    def _token(self, form: dict[str, str], request: BaseHTTPRequestHandler) -> tuple[int, Any]:
        grant = form.get("grant_type", "")
        self.grants.append(grant)
        if not self._known(form, request):
            return 401, {"error": "invalid_client"}
        if grant in self.refuses:
            status, error = self.refuses[grant]
            return status, {"error": error, "error_description": "said by the vendor"}
        if grant == "authorization_code":
            asked = self.codes.pop(form["code"], None)
            if asked is None or asked["redirect_uri"] != form["redirect_uri"] or not _proved(asked, form):
                return 400, {"error": "invalid_grant"}
        elif grant == "refresh_token":
            if form["refresh_token"] not in self.refresh:
                return 400, {"error": "invalid_grant"}
            self.refresh.remove(form["refresh_token"])
        elif grant.endswith("device_code") and self.device:
            return 400, {"error": self.device.pop(0)}
        return 200, self._issued(with_refresh=grant != "client_credentials")

    def _issued(self, *, with_refresh: bool) -> dict[str, Any]:
        access, refresh = "acc-" + secrets.token_urlsafe(700), "ref-" + secrets.token_urlsafe(30)
        self.access.add(access)
        self.issued += [access, refresh]
        told = {"access_token": access, "token_type": "bearer", **self.tells}
        if with_refresh:
            self.refresh.add(refresh)
            told["refresh_token"] = refresh
        return told

    def _known(self, form: dict[str, str], request: BaseHTTPRequestHandler) -> bool:
        given = request.headers.get("Authorization", "")
        if given.startswith("Basic "):
            user, _, password = base64.b64decode(given[6:]).decode().partition(":")
            return (unquote(user), unquote(password)) == ("our/id", "s3cret:ü")
        return (form.get("client_id"), form.get("client_secret")) == ("our/id", "s3cret:ü")

    def _revoke(self, form: dict[str, str], request: BaseHTTPRequestHandler) -> tuple[int, Any]:
        if "revoke" in self.refuses:
            return self.refuses["revoke"][0], {}
        self.revoked.append(form["token"])
        self.refresh.discard(form["token"])
        self.access.clear()
        return 200, {}

    def _protected(self, request: BaseHTTPRequestHandler, told: Any) -> tuple[int, Any]:
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.access:
            return 401, {"fault": "expired"}
        return 200, told


def _proved(asked: dict[str, str], form: dict[str, str]) -> bool:
    """RFC 7636, 4.6."""
    if "code_challenge" not in asked:
        return "code_verifier" not in form
    digest = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).decode().rstrip("=")
    return digest == asked["code_challenge"] and asked["code_challenge_method"] == "S256"
