"""A QuickBooks Online company as a ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import ClassVar

from pydantic import BaseModel

from connectors.http import Http
from connectors.ledger import AgedBalance, Connected, Ledger, LedgerLists, Outcome, Posted, Posting
from connectors.ledgers.quickbooks_online import books
from connectors.ledgers.quickbooks_online.aging import aged
from connectors.ledgers.quickbooks_online.batch import Batch
from connectors.ledgers.quickbooks_online.books import Books
from connectors.ledgers.quickbooks_online.checks import CAPABILITIES
from connectors.ledgers.quickbooks_online.found import Search
from connectors.ledgers.quickbooks_online.queries import Api
from connectors.ledgers.quickbooks_online.service import LABEL, LIMITS, reach, sign_in
from connectors.ledgers.quickbooks_online.settings import QuickBooksOnlineSettings
from connectors.pace import Limit
from connectors.signin import SignIn


class QuickBooksOnlineLedger(Ledger):
    """A company whose books a person opened to us by signing in."""

    name = "quickbooks-online"
    label = LABEL
    Settings = QuickBooksOnlineSettings
    capabilities = CAPABILITIES
    limits: ClassVar[Sequence[Limit]] = LIMITS

    def __init__(self, settings: BaseModel) -> None:
        self._settings = QuickBooksOnlineSettings.model_validate(settings, from_attributes=True)

    @cached_property
    def sign_in(self) -> SignIn:
        """Who vouches for us, and what a person authorizes. Raises ``CannotRun`` (secret_missing)."""
        return sign_in(self._settings)

    def signs_in(self) -> SignIn:
        """The company's own sign-in."""
        return self.sign_in

    def connect(self) -> Connected:
        """Read the company anew; until when we may, if nobody renews the authorization."""
        self.__dict__.pop("_books", None)
        return Connected(company=self._books.name, until=self.sign_in.until())

    def lists(self) -> LedgerLists:
        """The company's lists, and its customers and vendors as they are now."""
        return replace(self._books.lists, customers=tuple(books.parties(self._api)))

    def post(self, postings: Sequence[Posting]) -> Iterator[Outcome]:
        """One batch; the answers come together."""
        return Batch(self._api, self._books, self._search, self._settings.web_url).post(postings)

    def find(self, postings: Sequence[Posting]) -> Mapping[str, Posted]:
        """Look up by number, name or date, and know by our key."""
        return self._search.find(postings) if postings else {}

    def aged_receivables(self, on: date) -> Sequence[AgedBalance]:
        """The vendor's own report."""
        return aged(self._api, on)

    def close(self) -> None:
        """Let go of the connections."""
        if http := self.__dict__.pop("_http", None):
            http.close()
            self.__dict__.pop("_api", None)

    @cached_property
    def _http(self) -> Http:
        return reach(self._settings, self.sign_in, self.limits)

    @cached_property
    def _api(self) -> Api:
        return Api(self._http, self.sign_in.clock)

    @cached_property
    def _books(self) -> Books:
        return books.read(self._api, self._settings)

    @property
    def _search(self) -> Search:
        return Search(self._api, self._books, self._settings.web_url)
