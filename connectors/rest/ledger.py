"""A ledger that a company is signed in to over HTTP: whom it authorizes, at what pace, and by which session."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from connectors.http import Http, Vendor
from connectors.ledger import Connected, Ledger, SecretAsked
from connectors.pace import Limit, Pacer
from connectors.rest import session
from connectors.rest.settings import RestSettings
from connectors.secrets.secret import Secret
from connectors.signin import Provider, SignIn

HELD = ("_api", "bookkeeping")
"""What a ledger of this kind makes of its session, where it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """How a vendor is signed in to and spoken to.

    ``path`` is below the company's address, ``concurrent`` how many calls are under way at once; a ``public``
    application has no secret.
    """

    provider: Provider
    vendor: Vendor
    path: str
    concurrent: int
    public: bool = False


class RestLedger(Ledger):
    """Each of its sign-in, pacer and session is made when it is first needed; its class gives ``service``."""

    _settings: RestSettings
    secret_asked = SecretAsked(
        label="Client secret",
        meaning="What the vendor gave you together with the client id; who has both can ask for access to your books.",
    )

    @property
    @abstractmethod
    def service(self) -> Service:
        """The vendor's."""

    @cached_property
    def sign_in(self) -> SignIn:
        """Who vouches for us, and what a person authorizes. Raises ``CannotRun`` (secret_missing)."""
        return session.sign_in(self._settings, self.service.provider, public=self.service.public)

    @property
    def paced(self) -> Sequence[Limit]:
        """The limits that its calls keep under: as published, where a company has none of its own."""
        return self.limits

    def addresses(self) -> Sequence[str]:
        """The vendor's, as they are set, and the company."""
        return (*self._settings.addresses, self._settings.company)

    def signs_in(self) -> SignIn:
        """The company's own sign-in."""
        return self.sign_in

    def keep_secret(self, secret: Secret) -> str:
        """Keep it for the addresses of the sign-in. Raises ``CannotRun`` (secret_given …)."""
        return session.keep_client_secret(self._settings, secret)

    def has_secret(self) -> bool:
        """Whether the application's secret is there. Raises ``CannotRun``."""
        return session.client_secret(self._settings) is not None

    def connected(self, company: str) -> Connected:
        """To the books of this name, until the authorization ends."""
        until, at_most = self.sign_in.until(), self.sign_in.at_most()
        return Connected(company=company, until=until, at_most=at_most, books=self._settings.company)

    def close(self) -> None:
        """Let go of the connections."""
        for held in HELD:
            self.__dict__.pop(held, None)
        for opened in ("_http", "_pacer"):
            if opened in self.__dict__:
                self.__dict__.pop(opened).close()

    @cached_property
    def _pacer(self) -> Pacer:
        return session.pacer(self._settings, self.label, self.paced, self.service.concurrent)

    @cached_property
    def _http(self) -> Http:
        service = self.service
        return session.reach(self._settings, service.path, service.vendor, self.sign_in, self._pacer)
