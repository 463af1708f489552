"""Sign-in: the authorize page, tokens, revocation and the discovery document.

Access tokens live 3600 s; a refresh token lives 8726400 s from its last renewal and at most five years; its value is
replaced 24 h after it was given (``rotation``). Assumptions: the replaced value is dead at once; a code lives ten
minutes, works once, and using it again kills the tokens it gave (the documentation warns of that); a redirect address
is compared letter by letter with those registered.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from ipaddress import ip_address
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from connectors.sandboxes.clock import Clock
from connectors.sandboxes.oauth import CODE_LIFE, Denied, Given, granted_by, redeemed

ACCOUNTING = "com.intuit.quickbooks.accounting"
SCOPES = frozenset({ACCOUNTING, "com.intuit.quickbooks.payment", "openid", "profile", "email", "phone", "address"})
ACCESS_LIFE = timedelta(seconds=3600)
REFRESH_LIFE = timedelta(seconds=8726400)
HARD_LIFE = timedelta(days=5 * 365)

AUTHORIZE, TOKEN, REVOKE = "/connect/oauth2", "/oauth2/v1/tokens/bearer", "/v2/oauth2/tokens/revoke"
DISCOVERY = ("/.well-known/openid_configuration", "/.well-known/openid_sandbox_configuration")
_MOMENTS = ("granted", "refresh_given", "refresh_until")
HARD_HEADER = "x-include-refresh-token-hard-expires-in"


REGISTERED = ("http://localhost:8712/callback", "https://passerelle.example/authorized")
"""The redirect addresses of the application that a new server knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The client that may sign in, with keys for development or for production.

    Raises ``ValueError`` for a redirect address that the vendor does not let one register (set redirect URI): https, no
    address of the internet's numbers, and http for ``localhost`` alone, with keys for development alone.
    """

    id: str = "sandbox-client"
    secret: str = field(default="sandbox-secret", repr=False)
    redirect_uris: tuple[str, ...] = REGISTERED
    production: bool = False

    def __post_init__(self) -> None:
        for address in self.redirect_uris:
            parts = urlsplit(address)
            at_home = parts.scheme == "http" and parts.hostname == "localhost" and not self.production
            if not (at_home or parts.scheme == "https") or _is_number(parts.hostname or ""):
                raise ValueError(f"{address} cannot be registered")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a person granted: a company and scopes, with the refresh token of the day and the access tokens' origin."""

    id: str
    realm: str
    scope: str
    granted: datetime
    refresh: str = field(repr=False)
    refresh_given: datetime
    refresh_until: datetime


class SignIn:
    """Codes, grants and tokens of one server, safe from several threads."""

    def __init__(self, clock: Clock, app: App, rotation: timedelta) -> None:
        self.app = app
        self._clock = clock
        self._rotation = rotation
        self._codes: dict[str, Given] = {}
        self._grants: dict[str, Grant] = {}
        self._access: dict[str, tuple[str, datetime]] = {}
        self._lock = Lock()

    def refused(self, asked: Mapping[str, str]) -> str:
        """Why an authorization request cannot even be shown to a person; empty when it can."""
        if asked.get("client_id") != self.app.id:
            return "The client_id is not known."
        redirect = asked.get("redirect_uri", "")
        if redirect not in self.app.redirect_uris:
            return "The redirect_uri query parameter value is invalid. Make sure it is listed in the Redirect URIs"
        if asked.get("response_type") != "code" or not asked.get("state"):
            return "response_type=code and state are required."
        return ""

    def code(self, asked: Mapping[str, str], realm: str) -> str:
        """A code for a company that a person granted."""
        with self._lock:
            code = f"AB{secrets.token_hex(20)}"
            until = self._clock.now() + CODE_LIFE
            redirect = asked["redirect_uri"]
            challenge = asked.get("code_challenge", "")
            self._codes[code] = Given(
                company=realm, scope=asked["scope"], redirect=redirect, until=until, challenge=challenge
            )
            return code

    def grant(self, realm: str, scope: str = ACCOUNTING) -> dict[str, Any]:
        """Sign in without a page: what the token endpoint would answer."""
        with self._lock:
            return self._tokens(self._new_grant(realm, scope), hard=False)

    def token(self, authorization: str, form: Mapping[str, str], *, hard: bool) -> dict[str, Any]:
        """The answer of the token endpoint. Raises ``Denied``."""
        self._check_client(authorization)
        with self._lock:
            match form.get("grant_type"):
                case "authorization_code":
                    return self._tokens(self._by_code(form), hard=hard)
                case "refresh_token":
                    return self._tokens(self._by_refresh(form.get("refresh_token", "")), hard=hard)
                case _:
                    raise Denied("unsupported_grant_type")

    def revoke(self, authorization: str, token: str) -> None:
        """Kill the grant behind a refresh or access token. Raises ``Denied``."""
        self._check_client(authorization)
        with self._lock:
            holder = next((grant.id for grant in self._grants.values() if grant.refresh == token), "")
            holder = holder or self._access.get(token, ("", None))[0]
            if holder not in self._grants:
                raise Denied("invalid_token")
            del self._grants[holder]

    def bearer(self, authorization: str) -> Grant | None:
        """The grant behind a request's access token; ``None`` when it is unknown, expired or revoked."""
        with self._lock:
            return self._grants.get(granted_by(authorization, self._access, self._clock.now()))

    def dump(self) -> list[dict[str, str]]:
        """The grants for a snapshot; access tokens are not kept, a client refreshes."""
        with self._lock:
            return [{name: str(value) for name, value in asdict(grant).items()} for grant in self._grants.values()]

    def load(self, grants: list[dict[str, str]]) -> None:
        """Take the grants of a snapshot."""
        with self._lock:
            for kept in grants:
                times = {name: datetime.fromisoformat(kept[name]) for name in _MOMENTS}
                words = {name: value for name, value in kept.items() if name not in _MOMENTS}
                self._grants[kept["id"]] = Grant(**words, **times)  # type: ignore[arg-type]  # split by _MOMENTS

    def _check_client(self, authorization: str) -> None:
        kind, _, given = authorization.partition(" ")
        try:
            pair = base64.b64decode(given, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as wrong:
            raise Denied("invalid_client", 401) from wrong
        if kind.lower() != "basic" or not secrets.compare_digest(
            pair.encode(), f"{self.app.id}:{self.app.secret}".encode()
        ):
            raise Denied("invalid_client", 401)

    def _by_code(self, form: Mapping[str, str]) -> Grant:
        key = form.get("code", "")
        code = self._codes.get(key)
        if code and code.grant:
            self._grants.pop(code.grant, None)
        code = redeemed(code, form, self._clock.now())
        grant = self._new_grant(code.company, code.scope)
        self._codes[key] = replace(code, grant=grant.id)
        return grant

    def _by_refresh(self, token: str) -> Grant:
        grant = next((grant for grant in self._grants.values() if grant.refresh == token), None)
        now = self._clock.now()
        if grant is None or min(grant.refresh_until, grant.granted + HARD_LIFE) <= now:
            raise Denied("invalid_grant")
        if now - grant.refresh_given >= self._rotation:
            grant = replace(grant, refresh=_refresh_token(), refresh_given=now, refresh_until=now + REFRESH_LIFE)
            self._grants[grant.id] = grant
        return grant

    def _new_grant(self, realm: str, scope: str) -> Grant:
        now = self._clock.now()
        grant = Grant(
            id=secrets.token_hex(8),
            realm=realm,
            scope=scope,
            granted=now,
            refresh=_refresh_token(),
            refresh_given=now,
            refresh_until=now + REFRESH_LIFE,
        )
        self._grants[grant.id] = grant
        return grant

    def _tokens(self, grant: Grant, *, hard: bool) -> dict[str, Any]:
        now = self._clock.now()
        access = f"eyJ{secrets.token_urlsafe(48)}"
        self._access[access] = (grant.id, now + ACCESS_LIFE)
        answer: dict[str, Any] = {
            "token_type": "bearer",
            "access_token": access,
            "refresh_token": grant.refresh,
            "expires_in": int(ACCESS_LIFE.total_seconds()),
            "x_refresh_token_expires_in": round((grant.refresh_until - now).total_seconds()),
        }
        if hard:
            answer["x_refresh_token_hard_expires_in"] = round((grant.granted + HARD_LIFE - now).total_seconds())
        return answer


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def discovery(base: str) -> dict[str, Any]:
    """The discovery document of a server at ``base``."""
    return {
        "issuer": f"{base}/op/v1",
        "authorization_endpoint": base + AUTHORIZE,
        "token_endpoint": base + TOKEN,
        "revocation_endpoint": base + REVOKE,
        "userinfo_endpoint": f"{base}/v1/openid_connect/userinfo",
        "jwks_uri": f"{base}/op/v1/jwks",
        "response_types_supported": ["code"],
        "scopes_supported": sorted(SCOPES),
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
    }


def _refresh_token() -> str:
    return f"AB11{secrets.token_urlsafe(36)}"
