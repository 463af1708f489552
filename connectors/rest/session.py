"""Being signed in to a company, and reaching it at the vendor's pace."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from connectors.http import Http, Vendor
from connectors.pace import Limit, Pacer
from connectors.secrets.bindings import BoundSecrets
from connectors.secrets.holder import Holder
from connectors.secrets.secret import Secret
from connectors.secrets.store import open_secrets
from connectors.signin import Client, Provider, SignIn


class SignedIn(Protocol):
    """The settings that a sign-in, its pace and a session are made of, of a ledger or a source (``RestSettings``)."""

    @property
    def holder(self) -> Holder:
        """Whose secrets these are."""

    @property
    def client_id(self) -> str:
        """The application."""

    @property
    def api_url(self) -> str:
        """Where what is asked for is."""

    @property
    def token_url(self) -> str:
        """Where tokens are given."""

    @property
    def revoke_url(self) -> str:
        """Where they are given back; empty where nowhere."""

    @property
    def redirect(self) -> str:
        """Where a person comes back to."""

    @property
    def sign_in(self) -> str:
        """The name that the tokens are kept under."""

    @property
    def client_secret(self) -> str:
        """The name that the application's secret is kept under."""

    @property
    def place(self) -> Path:
        """The folder of what is kept on this machine."""

    @property
    def pace(self) -> Path:
        """The file of the calls made."""


def sign_in(settings: SignedIn, provider: Provider, *, public: bool = False) -> SignIn:
    """The company's sign-in on this machine. Raises ``CannotRun`` (secret_missing, secret_elsewhere).

    Tokens are for all the addresses they go to, the application's secret for those of the sign-in alone; a ``public``
    application has none.
    """
    secrets = open_secrets(settings.place)
    tokens = BoundSecrets(secrets, settings.holder, (settings.api_url, settings.token_url, settings.revoke_url))
    secret = None if public else _of_application(settings).required(settings.client_secret)
    client = Client(id=settings.client_id, secret=secret)
    return SignIn(provider, client, tokens, settings.sign_in, settings.place, redirect=settings.redirect)


def keep_client_secret(settings: SignedIn, secret: Secret) -> str:
    """Keep the application's secret on this machine; the name it is kept under."""
    _of_application(settings).write(settings.client_secret, secret)
    return settings.client_secret


def client_secret(settings: SignedIn) -> Secret | None:
    """The application's secret, if it is there. Raises ``CannotRun`` (secret_elsewhere …)."""
    return _of_application(settings).read(settings.client_secret)


def _of_application(settings: SignedIn) -> BoundSecrets:
    """Secrets for the addresses of the sign-in alone."""
    return BoundSecrets(open_secrets(settings.place), settings.holder, (settings.token_url, settings.revoke_url))


def pacer(settings: SignedIn, label: str, limits: Sequence[Limit], concurrent: int) -> Pacer:
    """The one that every program of this machine shares for the company and the application."""
    return Pacer(*limits, label=label, concurrent=concurrent, shared=settings.pace)


def reach(settings: SignedIn, path: str, vendor: Vendor, signed: SignIn, paced: Pacer) -> Http:
    """A session below a path of the company's address."""
    base = f"{settings.api_url.rstrip('/')}{path}"
    return Http(base, vendor, signer=signed, pacer=paced, setting="api_url")
