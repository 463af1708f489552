"""What is asked of a vendor's token endpoint, and what its refusals mean (RFC 6749, 5.2; RFC 8628, 3.5)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from connectors.http import Answer, Bounds, Http, Refused, Vendor
from connectors.pace import Clock
from connectors.problems import CannotRun, Problem
from connectors.secrets.secret import Secret
from connectors.signin.provider import Client, Provider
from connectors.signin.tokens import Tokens, of_answer, seconds

DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
INTERVAL = 5.0
"""Seconds between two questions where the vendor tells none (RFC 8628, 3.2)."""
BOUNDS = Bounds(connect=10, read=30, whole=60, size=1024 * 1024, attempts=3)

REFUSALS = {
    "invalid_client": "client_refused",
    "unauthorized_client": "client_refused",
    "invalid_scope": "scope_refused",
    "access_denied": "consent_denied",
    "expired_token": "sign_in_timed_out",
}
"""The vendor's ``error`` and our code; ``invalid_grant`` means something else for every grant."""

Waiting = Literal["authorization_pending", "slow_down"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceCode:
    """What a person types at ``url`` on any device, until when it holds, and seconds between two questions."""

    device: Secret
    user: str
    url: str
    until: float
    interval: float


class Grants:
    """The token endpoint of one vendor for one client.

    A request whose answer was lost is repeated: if the first one did rotate the refresh token, the second is refused
    and the person signs in again, which without it would be certain.
    """

    def __init__(self, provider: Provider, client: Client, clock: Clock) -> None:
        self._provider, self._client, self._clock = provider, client, clock

    def exchange(self, code: Secret, redirect_uri: str, verifier: Secret) -> Tokens:
        """Tokens for an authorisation code. Raises ``CannotRun`` (sign_in_code_refused …)."""
        proof = {"code_verifier": verifier} if self._provider.pkce else {}
        return self._tokens(
            "sign_in_code_refused", grant_type="authorization_code", code=code, redirect_uri=redirect_uri, **proof
        )

    def refresh(self, refresh: Secret) -> Tokens:
        """The next tokens. Raises ``CannotRun`` (sign_in_again …)."""
        return self._tokens("sign_in_again", grant_type="refresh_token", refresh_token=refresh)

    def client_credentials(self) -> Tokens:
        """Tokens for ourselves, without a person. Raises ``CannotRun`` (client_refused …)."""
        return self._tokens("client_refused", grant_type="client_credentials", **self._scope())

    def device(self) -> DeviceCode:
        """A code for a person to type elsewhere. Raises ``CannotRun``."""
        now = self._clock.now()
        form = {"client_id": self._client.id, **self._scope()}
        try:
            told = self._post(self._provider.device_url, "device_url", form).body
        except Refused as refused:
            raise self._refusal(refused.answer, "sign_in_refused") from None
        if not isinstance(told, dict) or not isinstance(told.get("device_code"), Secret):
            raise self._strange()
        return DeviceCode(
            device=told["device_code"],
            user=str(told.get("user_code", "")),
            url=str(told.get("verification_uri", "")),
            until=now + (seconds(told.get("expires_in")) or 0),
            interval=seconds(told.get("interval")) or INTERVAL,
        )

    def device_tokens(self, device: DeviceCode) -> Tokens | Waiting:
        """Tokens, or that the person has not answered yet. Raises ``CannotRun``."""
        try:
            return self._given(grant_type=DEVICE, device_code=device.device)
        except Refused as refused:
            match _error(refused.answer):
                case "authorization_pending" | "slow_down" as waiting:
                    return waiting
            raise self._refusal(refused.answer, "sign_in_timed_out") from None

    def revoke(self, token: Secret) -> None:
        """Make a token worthless (RFC 7009). Raises ``CannotRun``."""
        self._post(
            self._provider.revoke_url, "revoke_url", {"token": token}, as_json=self._provider.revoke_as == "json"
        )

    def _tokens(self, grant_refused: str, **form: str | Secret) -> Tokens:
        try:
            return self._given(**form)
        except Refused as refused:
            raise self._refusal(refused.answer, grant_refused) from None

    def _given(self, **form: str | Secret) -> Tokens:
        now = self._clock.now()
        answer = self._post(self._provider.token_url, "token_url", {**form, **self._provider.token_parameters})
        tokens = of_answer(answer.body, self._provider, now)
        if tokens is None:
            raise self._strange()
        return tokens

    def _post(self, url: str, setting: str, form: Mapping[str, str | Secret], *, as_json: bool = False) -> Answer:
        headers, form = self._authenticated(form)
        headers |= self._provider.token_headers if url == self._provider.token_url else {}
        if as_json:
            headers["Content-Type"] = "application/json"
        vendor = Vendor(label=self._provider.label)
        with Http(url, vendor, bounds=BOUNDS, clock=self._clock, setting=setting) as http:
            return http.post("", form=form, headers=headers, reads=True, expects_json=setting != "revoke_url")

    def _authenticated(
        self, form: Mapping[str, str | Secret]
    ) -> tuple[dict[str, str | Secret], Mapping[str, str | Secret]]:
        """Who we are: in a header, or in the body (RFC 6749, 2.3.1); a public client tells its id alone."""
        client = self._client
        if client.secret is None:
            return {}, {"client_id": client.id, **form}
        if self._provider.client_auth == "body":
            return {}, {"client_id": client.id, "client_secret": client.secret, **form}
        return {
            "Authorization": _basic(quote(client.id, safe=""), Secret(quote(client.secret.reveal(), safe="")))
        }, form

    def _scope(self) -> dict[str, str]:
        return {"scope": " ".join(self._provider.scopes)} if self._provider.scopes else {}

    def _refusal(self, answer: Answer, grant_refused: str) -> CannotRun:
        """Our problem for the vendor's; an error that is not in the table is shown in the vendor's own words."""
        error = _error(answer)
        code = grant_refused if error == "invalid_grant" else REFUSALS.get(error, "sign_in_refused")
        return CannotRun(Problem(code=code, params={"ledger": self._provider.label}, detail=answer.detail))

    def _strange(self) -> CannotRun:
        return CannotRun(
            Problem(code="sign_in_refused", params={"ledger": self._provider.label}, detail="not an answer of OAuth 2")
        )


def _basic(user: str, password: Secret) -> Secret:
    return Secret("Basic " + base64.b64encode(f"{user}:{password.reveal()}".encode()).decode())


def _error(answer: Answer) -> str:
    return str(answer.body.get("error", "")) if isinstance(answer.body, dict) else ""
