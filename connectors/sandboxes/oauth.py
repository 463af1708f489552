"""A vendor's sign-in, for its stand-in: a page that asks a person, codes with PKCE, tokens that rotate, revocation.

A code lives ten minutes and works once; using it again kills what it gave (RFC 6749, 4.1.2). A refresh
token works once, and dies unused after its life.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from html import escape
from threading import Lock
from typing import Any
from urllib.parse import urlencode

from connectors.sandboxes.clock import Clock
from connectors.sandboxes.faults import Answer

CODE_LIFE = timedelta(minutes=10)


class Denied(Exception):
    """A token request is refused with an OAuth error code."""

    def __init__(self, error: str, status: int = 400) -> None:
        super().__init__(error)
        self.error, self.status = error, status


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The client that may sign in; one without a secret is public, and must prove itself by PKCE."""

    id: str = "sandbox-client"
    secret: str = field(default="sandbox-secret", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lives:
    """How long the vendor's tokens live, in seconds; a refresh token from its last use."""

    access: float
    refresh: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a person granted: a company and scopes, and the refresh token of the day."""

    id: str
    company: str
    scope: str
    refresh: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A code for a company that a person granted; ``grant`` is what came of it."""

    company: str
    scope: str
    redirect: str
    until: datetime
    challenge: str = ""
    grant: str = ""


class SignIn:
    """Codes, grants and tokens of one vendor."""

    def __init__(self, clock: Clock, app: App, scopes: frozenset[str], lives: Lives) -> None:
        self.app, self.scopes = app, scopes
        self._clock, self._lives = clock, lives
        self._codes: dict[str, Given] = {}
        self._grants: dict[str, Grant] = {}
        self._access: dict[str, tuple[str, datetime]] = {}
        self._lock = Lock()

    def ask(self, asked: Mapping[str, str], companies: Mapping[str, str]) -> Answer:
        """The page that asks a person for one of these companies, or why it cannot be shown."""
        if asked.get("client_id") != self.app.id or not asked.get("redirect_uri"):
            return page("This request cannot go on", "<p>The client or its redirect address is not known.</p>", 400)
        if asked.get("response_type") != "code" or not asked.get("state"):
            return page("This request cannot go on", "<p>response_type=code and state are required.</p>", 400)
        wanted = set(asked.get("scope", "").split())
        if not wanted or wanted - self.scopes:
            return _redirect(asked, {"error": "invalid_scope", "state": asked["state"]})
        if not self.app.secret and not asked.get("code_challenge"):
            return _redirect(asked, {"error": "invalid_request", "state": asked["state"]})
        hidden = "".join(f'<input type="hidden" name="{escape(n)}" value="{escape(v)}">' for n, v in asked.items())
        choices = "".join(f'<option value="{escape(i)}">{escape(n)}</option>' for i, n in companies.items())
        return page("Allow access", f'<form method="post" action="">{hidden}<select name="company">{choices}</select>'
                    '<button name="decision" value="accept">Allow</button>'
                    '<button name="decision" value="refuse">Cancel</button></form>')  # fmt: skip

    def decided(self, asked: Mapping[str, str], companies: Mapping[str, str]) -> Answer:
        """Send the browser back with a code, or with the person's refusal."""
        company = asked.get("company", "")
        if asked.get("decision") != "accept" or company not in companies:
            return _redirect(asked, {"error": "access_denied", "state": asked["state"]})
        code = secrets.token_hex(20)
        with self._lock:
            self._codes[code] = Given(company=company, scope=asked["scope"], redirect=asked["redirect_uri"],
                                      challenge=asked.get("code_challenge", ""),
                                      until=self._clock.now() + CODE_LIFE)  # fmt: skip
        return _redirect(asked, {"code": code, "state": asked["state"]})

    def grant(self, company: str) -> dict[str, Any]:
        """Sign in without a page: what the token endpoint would answer."""
        with self._lock:
            return self._tokens(self._granted(company, " ".join(sorted(self.scopes))))

    def token(self, authorization: str, form: Mapping[str, str]) -> dict[str, Any]:
        """The answer of the token endpoint. Raises ``Denied``."""
        self._check_client(authorization, form)
        with self._lock:
            match form.get("grant_type"):
                case "authorization_code":
                    return self._tokens(self._by_code(form))
                case "refresh_token":
                    return self._tokens(self._by_refresh(form.get("refresh_token", "")))
        raise Denied("unsupported_grant_type")

    def revoke(self, authorization: str, form: Mapping[str, str]) -> None:
        """Kill the grant behind a refresh token; of an unknown one nothing is said (RFC 7009). Raises ``Denied``."""
        self._check_client(authorization, form)
        with self._lock:
            for grant in [each for each in self._grants.values() if each.refresh == form.get("token")]:
                del self._grants[grant.id]

    def bearer(self, authorization: str) -> Grant | None:
        """The grant behind a request's access token; ``None`` when it is unknown, expired or revoked."""
        with self._lock:
            return self._grants.get(granted_by(authorization, self._access, self._clock.now()))

    def companies(self) -> set[str]:
        """The companies that somebody granted and did not take back."""
        with self._lock:
            return {grant.company for grant in self._grants.values()}

    def dump(self) -> list[dict[str, str]]:
        """The grants for a snapshot; a client refreshes its access token."""
        with self._lock:
            return [{name: str(value) for name, value in asdict(each).items()} for each in self._grants.values()]

    def load(self, grants: list[dict[str, str]]) -> None:
        """Take the grants of a snapshot."""
        with self._lock:
            for kept in grants:
                until = datetime.fromisoformat(kept["until"])
                self._grants[kept["id"]] = Grant(**{**kept, "until": until})  # type: ignore[arg-type] # a mix of types

    def _check_client(self, authorization: str, form: Mapping[str, str]) -> None:
        kind, _, given = authorization.partition(" ")
        if not self.app.secret and not authorization and form.get("client_id") == self.app.id:
            return
        try:
            pair = base64.b64decode(given, validate=True)
        except binascii.Error as wrong:
            raise Denied("invalid_client", 401) from wrong
        expected = f"{self.app.id}:{self.app.secret}".encode()
        if kind.lower() != "basic" or not self.app.secret or not secrets.compare_digest(pair, expected):
            raise Denied("invalid_client", 401)

    def _by_code(self, form: Mapping[str, str]) -> Grant:
        code = self._codes.get(form.get("code", ""))
        if code and code.grant:
            self._grants.pop(code.grant, None)
        code = redeemed(code, form, self._clock.now())
        grant = self._granted(code.company, code.scope)
        self._codes[form["code"]] = replace(code, grant=grant.id)
        return grant

    def _by_refresh(self, token: str) -> Grant:
        grant = next((each for each in self._grants.values() if each.refresh == token), None)
        if grant is None or grant.until <= self._clock.now():
            raise Denied("invalid_grant")
        self._grants[grant.id] = replace(grant, refresh=secrets.token_urlsafe(32), until=self._end())
        return self._grants[grant.id]

    def _granted(self, company: str, scope: str) -> Grant:
        refresh = secrets.token_urlsafe(32)
        grant = Grant(id=secrets.token_hex(8), company=company, scope=scope, refresh=refresh, until=self._end())
        self._grants[grant.id] = grant
        return grant

    def _end(self) -> datetime:
        return self._clock.now() + timedelta(seconds=self._lives.refresh)

    def _tokens(self, grant: Grant) -> dict[str, Any]:
        access = secrets.token_urlsafe(48)
        self._access[access] = (grant.id, self._clock.now() + timedelta(seconds=self._lives.access))
        return {"token_type": "Bearer", "access_token": access, "refresh_token": grant.refresh,
                "expires_in": int(self._lives.access), "scope": grant.scope}  # fmt: skip


def page(title: str, content: str, status: int = 200) -> Answer:
    """A page of the vendor's, which runs no script."""
    text = (f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title></head>'
            f"<body><h1>{escape(title)}</h1>{content}</body></html>")  # fmt: skip
    headers = {"Content-Security-Policy": "default-src 'none'"}
    return Answer(status=status, body=text.encode(), content_type="text/html;charset=UTF-8", headers=headers)


def granted_by(authorization: str, access: Mapping[str, tuple[str, datetime]], now: datetime) -> str:
    """The id of the grant behind an access token; empty when it is unknown or has expired."""
    kind, _, token = authorization.partition(" ")
    grant, until = access.get(token, ("", None))
    return grant if kind.lower() == "bearer" and until is not None and now < until else ""


def redeemed(code: Given | None, form: Mapping[str, str], now: datetime) -> Given:
    """A code that is given back once, in time and by who asked for it. Raises ``Denied``."""
    if code is None or code.grant or code.until <= now or form.get("redirect_uri") != code.redirect:
        raise Denied("invalid_grant")
    if code.challenge and challenge_of(form.get("code_verifier", "")) != code.challenge:
        raise Denied("invalid_grant")
    return code


def challenge_of(verifier: str) -> str:
    """RFC 7636, 4.2 (S256)."""
    return base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")


def _redirect(asked: Mapping[str, str], told: Mapping[str, str]) -> Answer:
    target = asked["redirect_uri"]
    joint = "&" if "?" in target else "?"
    return Answer(status=302, headers={"Location": f"{target}{joint}{urlencode(told)}"})
