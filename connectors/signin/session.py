"""Being signed in to one company's books: the newest tokens, and one refresher at a time across processes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from filelock import Timeout

from connectors import private
from connectors.pace import CLOCK, Clock
from connectors.problems import CannotRun, Problem
from connectors.secrets.secret import Secret
from connectors.secrets.store import SecretStore, checked
from connectors.signin.grants import Grants
from connectors.signin.provider import Client, Company, Provider
from connectors.signin.tokens import Tokens

PATIENCE = 240.0
"""Seconds to wait for another process that is renewing: longer than all attempts of a renewal together."""


class SignIn:
    """Signs requests for one company (an ``http.Signer``); every process of this company shares what is stored.

    ``redirect`` is the address registered with the vendor where a person comes back to, if there is one.
    ``name`` is the company's name in the store (small letters, digits, ``.`` and ``-``); ``folder`` holds its lock.
    A new refresh token is stored before the access token that came with it is used; until it is, nothing is signed.
    """

    def __init__(
        self,
        provider: Provider,
        client: Client,
        store: SecretStore,
        name: str,
        folder: Path,
        clock: Clock = CLOCK,
        *,
        redirect: str = "",
    ) -> None:
        self.provider, self.client, self.store, self.clock = provider, client, store, clock
        self.redirect = redirect
        self.name, self._lock_file = checked(name), folder / f"{name}.lock"
        self.grants = Grants(provider, client, clock)
        self._lock = threading.RLock()
        self._tokens: Tokens | None = None
        self._unsaved: Tokens | None = None

    def headers(self) -> Mapping[str, Secret]:
        """``Authorization`` with a token that still holds. Raises ``CannotRun`` (not_signed_in, sign_in_again …)."""
        return _bearer(self._current())

    def renew(self, refused: Mapping[str, Secret]) -> None:
        """Get other tokens than these, which the vendor answered 401 to: another process's, or new ones."""
        with self._lock:
            now = self.clock.now()
            self._tokens = self._renewed(lambda stored: stored.fresh(now) and _bearer(stored) != refused)

    def company(self) -> Company:
        """Whose books we are signed in to. Raises ``CannotRun`` (not_signed_in)."""
        return self._current().company

    def until(self) -> date | None:
        """The last day of the authorisation if nobody renews it; ``None`` without an end or when not signed in."""
        tokens = self._load()
        return tokens.until if tokens else None

    def at_most(self) -> date | None:
        """The last day of the authorisation however often it is renewed; ``None`` where none is known."""
        tokens = self._load()
        return tokens.at_most if tokens else None

    def keep(self, tokens: Tokens) -> None:
        """Take the tokens of a new consent. Raises ``CannotRun`` (company_differs): disconnect first."""
        with self._lock, self._alone():
            self._same_company(self._former(), tokens)
            self.store.write(self.name, tokens.stored())
            self._tokens, self._unsaved = tokens, None

    def forget(self) -> Tokens | None:
        """Let go of the tokens here, and say which they were. Raises ``CannotRun`` (not_revoked): gone, but unread."""
        unread = None
        with self._lock, self._alone():
            try:
                tokens = self._unsaved or self._load()
            except CannotRun as spoilt:
                unread = spoilt.problems[0]
            self.store.forget(self.name)
            self._tokens = self._unsaved = None
        if unread:
            raise self.cannot("not_revoked", unread.detail or unread.code)
        return tokens

    def cannot(self, code: str, detail: str = "", **params: str) -> CannotRun:
        """A problem with this sign-in."""
        return CannotRun(Problem(code=code, params={"ledger": self.provider.label, **params}, detail=detail))

    def _current(self) -> Tokens:
        with self._lock:
            now = self.clock.now()
            self._tokens = self._tokens or self._load()
            if self._unsaved or self._tokens is None or not self._tokens.fresh(now):
                self._tokens = self._renewed(lambda stored: stored.fresh(now))
            return self._tokens

    def _renewed(self, will_do: Callable[[Tokens], bool]) -> Tokens:
        """What another process stored while we waited for our turn, if it will do; otherwise new tokens, stored.

        New tokens that the store did not take are offered to it again next time, because the old ones are worthless.
        """
        with self._alone():
            if self._unsaved is None:
                stored = self._load()
                self._same_company(self._tokens, stored)
                if stored and will_do(stored):
                    return stored
                self._unsaved = self._asked(stored)
            tokens = self._unsaved
            self.store.write(self.name, tokens.stored())
            self._unsaved = None
            return tokens

    def _asked(self, stored: Tokens | None) -> Tokens:
        if self.provider.grant == "client_credentials":
            return self.grants.client_credentials()
        if stored is None:
            raise self.cannot("not_signed_in")
        if stored.refresh is None:
            raise self.cannot("sign_in_again")
        return self.grants.refresh(stored.refresh).after(stored)

    def _load(self) -> Tokens | None:
        stored = self.store.read(self.name)
        try:
            return Tokens.of_store(stored) if stored else None
        except (ValueError, KeyError):
            pass
        raise self.cannot("sign_in_again")

    def _former(self) -> Tokens | None:
        """What is stored; nothing where it cannot be read any more, so that a new consent may take its place."""
        try:
            return self._load()
        except CannotRun:
            return None

    def _same_company(self, former: Tokens | None, new: Tokens | None) -> None:
        """Tokens of other books must never slip in where a company's documents are posted."""
        if former and new and former.company.id != new.company.id:
            names = [tokens.company.name or tokens.company.id for tokens in (former, new)]
            raise self.cannot("company_differs", expected=names[0], found=names[1])

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time. Raises ``CannotRun`` (sign_in_busy, secret_unwritable)."""
        try:
            lock = private.lock(self._lock_file).acquire(timeout=PATIENCE)
        except Timeout:
            raise self.cannot("sign_in_busy") from None
        except OSError as wrong:
            params = {"name": self.name, "path": str(self._lock_file)}
            raise CannotRun(Problem(code="secret_unwritable", params=params, detail=str(wrong))) from wrong
        with lock:
            yield


def _bearer(tokens: Tokens) -> dict[str, Secret]:
    return {"Authorization": Secret(f"Bearer {tokens.access.reveal()}")}
