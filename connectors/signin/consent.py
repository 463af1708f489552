"""Asking a person in the browser, and reading what comes back (RFC 6749, 4.1; RFC 7636, S256)."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import Self
from urllib.parse import parse_qsl, urlencode, urlsplit

from connectors import exact_json
from connectors.http.address import checked
from connectors.problems import CannotRun, Problem
from connectors.secrets.secret import Secret
from connectors.signin.provider import Client, Provider, Redirected

HIDDEN = frozenset({"code", "state"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """One request for consent under way; it may outlive the process that began it."""

    state: Secret
    verifier: Secret
    redirect_uri: str

    @classmethod
    def begun(cls, redirect_uri: str) -> Self:
        """A new one, with 256 random bits in each secret."""
        return cls(
            state=Secret(secrets.token_urlsafe(32)),
            verifier=Secret(secrets.token_urlsafe(32)),
            redirect_uri=redirect_uri,
        )

    @classmethod
    def of_store(cls, stored: Secret) -> Self:
        """What ``stored`` wrote."""
        kept = exact_json.loads(stored.reveal(), secret=frozenset({"state", "verifier"}))
        return cls(state=kept["state"], verifier=kept["verifier"], redirect_uri=kept["redirect_uri"])

    def stored(self) -> Secret:
        """One text for the store."""
        return Secret(
            json.dumps(
                {"state": self.state.reveal(), "verifier": self.verifier.reveal(), "redirect_uri": self.redirect_uri}
            )
        )

    def url(self, provider: Provider, client: Client) -> str:
        """Where the person says yes."""
        parameters = {
            **provider.parameters,
            "response_type": "code",
            "client_id": client.id,
            "redirect_uri": self.redirect_uri,
            "scope": " ".join(provider.scopes),
            "state": self.state.reveal(),
        }
        if provider.pkce:
            parameters |= {"code_challenge": _challenge(self.verifier), "code_challenge_method": "S256"}
        return f"{checked(provider.authorize_url, 'authorize_url')}?{urlencode(parameters)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """What the vendor sent the person back with; ``state`` is missing when only the code was pasted."""

    code: Secret | None
    state: Secret | None
    parameters: Redirected

    @classmethod
    def read(cls, pasted: Secret) -> Self:
        """The whole redirected address, its parameters alone, or the bare code."""
        try:
            given = Secret(urlsplit(pasted.reveal().strip()).query or pasted.reveal().strip())
        except ValueError:  # an address that is none
            return cls(code=None, state=None, parameters={})
        if "=" not in given.reveal().rstrip("="):
            address = "://" in given.reveal() or not given.reveal().isprintable() or " " in given.reveal()
            return cls(code=None if address else given, state=None, parameters={})
        found = {name: Secret(value) for name, value in parse_qsl(given.reveal())}
        return cls(
            code=found.get("code"),
            state=found.get("state"),
            parameters={name: value.reveal() for name, value in found.items() if name not in HIDDEN},
        )

    @property
    def is_bare_code(self) -> bool:
        """Whether it holds a code and nothing beside it."""
        return bool(self.code) and self.state is None and not self.parameters

    def accepted(self, consent: Consent, label: str) -> Secret:
        """The code, if it answers our request. Raises ``CannotRun``.

        A bare code carries no state; that the person pasted it herself stands in its place.
        """
        bare = self.state is None and not self.parameters
        if not bare and self.state != consent.state:
            raise _unaccepted("sign_in_state_wrong", label)
        if error := self.parameters.get("error"):
            code = "consent_denied" if error == "access_denied" else "sign_in_refused"
            raise _unaccepted(code, label, f"{error} {self.parameters.get('error_description', '')}".strip())
        if not self.code:
            raise _unaccepted("sign_in_code_missing", label)
        return self.code


def _challenge(verifier: Secret) -> str:
    digest = hashlib.sha256(verifier.reveal().encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _unaccepted(code: str, label: str, detail: str = "") -> CannotRun:
    return CannotRun(Problem(code=code, params={"ledger": label}, detail=detail))
