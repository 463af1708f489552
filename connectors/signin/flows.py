"""The ways in and out: the browser of this machine, pasting, a code typed elsewhere; and disconnecting."""

from __future__ import annotations

import webbrowser
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from connectors.http import Http, Vendor
from connectors.problems import CannotRun
from connectors.secrets.secret import Secret
from connectors.signin.consent import Consent, Returned
from connectors.signin.grants import BOUNDS, DeviceCode
from connectors.signin.listener import PATH, Listener
from connectors.signin.provider import Company
from connectors.signin.session import SignIn
from connectors.signin.tokens import Tokens

Choose = Callable[[Sequence[Company]], Company]
"""Asks the person which of several companies."""


def in_browser(
    sign_in: SignIn,
    choose: Choose | None = None,
    *,
    port: int = 0,
    patience: float = 300,
    open_browser: Callable[[str], bool] = webbrowser.open,
) -> Company:
    """Consent in the browser of this machine. Raises ``CannotRun``.

    The browser comes back to a port of this machine: ``port`` where one is given, else that of the address registered
    with the vendor, else any that is free. Where a page elsewhere is registered, a page of ours leads to the vendor and
    takes what the person pastes of the address that she came back to.
    """
    registered = urlsplit(sign_in.redirect)
    elsewhere = registered.scheme == "https" and not port
    here = Listener(
        0 if elsewhere else port or registered.port or 0,
        sign_in.provider.label,
        lambda address: _answers(sign_in, address),
        path="" if elsewhere else registered.path or PATH,
    )
    with here as listener:
        if elsewhere:
            url = listener.pasting(begin(sign_in, sign_in.redirect))
        else:
            url = begin(sign_in, listener.redirect_uri(registered.hostname or sign_in.provider.this_machine))
        if not open_browser(url):
            raise sign_in.cannot("browser_missing")
        returned = listener.wait(patience)
    return finish(sign_in, returned, choose)


def by_pasting(
    sign_in: SignIn,
    paste: Callable[[], Secret],
    choose: Choose | None = None,
    *,
    open_browser: Callable[[str], bool] = webbrowser.open,
) -> Company:
    """Consent in any browser, whose address then ``paste`` brings back, whole or the code alone. Raises ``CannotRun``.

    An address of this machine that is registered will do: the page that cannot be opened has the code in its address.
    """
    if not sign_in.redirect:
        raise sign_in.cannot("redirect_missing")
    open_browser(begin(sign_in, sign_in.redirect))
    return finish(sign_in, paste(), choose)


def begin(sign_in: SignIn, redirect_uri: str) -> str:
    """The address where the person consents; what comes back goes to ``finish``, in this process or another."""
    consent = Consent.begun(redirect_uri)
    sign_in.store.write(_name(sign_in), consent.stored())
    return consent.url(sign_in.provider, sign_in.client)


def finish(sign_in: SignIn, returned: Secret, choose: Choose | None = None) -> Company:
    """Take what the person came back with: the redirected address, or the bare code. Raises ``CannotRun``."""
    stored = sign_in.store.read(_name(sign_in))
    if stored is None:
        raise sign_in.cannot("sign_in_state_wrong")
    consent, answer = Consent.of_store(stored), Returned.read(returned)
    code = answer.accepted(consent, sign_in.provider.label)
    sign_in.store.forget(_name(sign_in))
    tokens = sign_in.grants.exchange(code, consent.redirect_uri, consent.verifier)
    return _keep(sign_in, tokens, answer.parameters, choose)


def begin_device(sign_in: SignIn) -> DeviceCode:
    """A code that the person types on another device. Raises ``CannotRun``."""
    return sign_in.grants.device()


def finish_device(sign_in: SignIn, device: DeviceCode, choose: Choose | None = None) -> Company:
    """Wait until the person has typed it. Raises ``CannotRun`` (sign_in_timed_out, consent_denied …)."""
    interval = device.interval
    while sign_in.clock.now() + interval < device.until:
        sign_in.clock.sleep(interval)
        tokens = sign_in.grants.device_tokens(device)
        if isinstance(tokens, Tokens):
            return _keep(sign_in, tokens, {}, choose)
        if tokens == "slow_down":
            interval += 5
    raise sign_in.cannot("sign_in_timed_out")


def disconnect(sign_in: SignIn) -> None:
    """Revoke at the vendor and forget; what could not be revoked is forgotten all the same, and said (not_revoked)."""
    sign_in.store.forget(_name(sign_in))
    tokens = sign_in.forget()
    if tokens is None or not sign_in.provider.revoke_url:
        return
    try:
        sign_in.grants.revoke(tokens.refresh or tokens.access)
    except CannotRun as failed:
        raise sign_in.cannot("not_revoked", failed.problems[0].detail) from None


def _keep(sign_in: SignIn, tokens: Tokens, redirected: Mapping[str, str], choose: Choose | None) -> Company:
    def read(url: str) -> Any:  # noqa: ANN401 (JSON is anything)
        parts = urlsplit(url)
        vendor = Vendor(label=sign_in.provider.label)
        with Http(f"{parts.scheme}://{parts.netloc}", vendor, bounds=BOUNDS, clock=sign_in.clock) as http:
            return http.get(url, headers={"Authorization": Secret(f"Bearer {tokens.access.reveal()}")}).body

    company = _chosen(sign_in, sign_in.provider.companies(redirected, read), choose)
    sign_in.keep(replace(tokens, company=company))
    return company


def _chosen(sign_in: SignIn, companies: Sequence[Company], choose: Choose | None) -> Company:
    if not companies:
        raise sign_in.cannot("company_not_opened")
    if len(companies) == 1:
        return companies[0]
    if choose is None:
        names = ", ".join(company.name or company.id for company in companies)
        raise sign_in.cannot("company_not_chosen", companies=names)
    return choose(companies)


def _answers(sign_in: SignIn, address: Secret) -> bool:
    """Whether a redirected address answers the request that was begun last."""
    stored = sign_in.store.read(_name(sign_in))
    return stored is not None and Returned.read(address).state == Consent.of_store(stored).state


def _name(sign_in: SignIn) -> str:
    return f"{sign_in.name}.consent"
