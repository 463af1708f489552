"""What one vendor's sign-in is, as data (RFC 6749, 7009, 7636, 8628)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from connectors.secrets.secret import Secret

Grant = Literal["authorization_code", "client_credentials", "device_code"]
Redirected = Mapping[str, str]
"""The parameters the vendor added to the redirect, ``code`` and ``state`` apart."""
Read = Callable[[str], Any]
"""Reads the JSON of an address with the new access token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """One company's books at the vendor: the id that requests name (realm, tenant, business) and its own name."""

    id: str
    name: str = ""


NO_COMPANY = Company(id="")


def no_companies(_: Redirected, __: Read) -> Sequence[Company]:
    """A vendor whose requests name the company by our settings alone."""
    return (NO_COMPANY,)


def from_redirect(parameter: str) -> Callable[[Redirected, Read], Sequence[Company]]:
    """The vendor asks the person which company, and names it in the redirect (QuickBooks: ``realmId``)."""

    def companies(redirected: Redirected, _: Read) -> Sequence[Company]:
        return (Company(id=redirected[parameter]),) if redirected.get(parameter) else ()

    return companies


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A vendor's addresses and habits; any address may be a sandbox's, https only except on this machine.

    ``label`` is the vendor's name for people. ``parameters`` go with the authorisation request, ``token_parameters``
    with every token request. ``this_machine`` is how the vendor wants the host of a redirect address to this machine
    (RFC 8252, 8.3, prefers the number; some take the name alone). ``companies`` lists whose books the person opened
    to us. ``access_life`` holds when the vendor tells none; ``refresh_life`` is how long a refresh token lasts after
    its last renewal, when the vendor does not tell it in the field ``refresh_life_field`` (seconds);
    ``hard_life_field`` tells when no renewal helps. ``token_headers`` go with every token request, for what the vendor
    answers only where it is asked.
    """

    label: str
    token_url: str
    authorize_url: str = ""
    revoke_url: str = ""
    device_url: str = ""
    grant: Grant = "authorization_code"
    scopes: tuple[str, ...] = ()
    pkce: bool = True
    client_auth: Literal["basic", "body"] = "basic"
    revoke_as: Literal["form", "json"] = "form"
    this_machine: Literal["127.0.0.1", "localhost"] = "127.0.0.1"
    parameters: Mapping[str, str] = field(default_factory=dict)
    token_parameters: Mapping[str, str] = field(default_factory=dict)
    token_headers: Mapping[str, str] = field(default_factory=dict)
    companies: Callable[[Redirected, Read], Sequence[Company]] = no_companies
    access_life: float = 3600
    refresh_life: float | None = None
    refresh_life_field: str = "refresh_token_expires_in"
    hard_life_field: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Our registration with a vendor; a public client has no secret."""

    id: str
    secret: Secret | None = None
