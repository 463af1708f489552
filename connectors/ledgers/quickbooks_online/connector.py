"""A QuickBooks Online company as a ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property
from typing import ClassVar

from pydantic import BaseModel

from connectors.booking.ledger import ALONE, BookingLedger
from connectors.ledger import (
    AccountBalance,
    AgedBalance,
    Changes,
    Connected,
    LedgerLists,
    Posting,
    Sought,
    Standing,
)
from connectors.ledgers.quickbooks_online import aging, books
from connectors.ledgers.quickbooks_online.bookkeeping import QuickBooksBookkeeping
from connectors.ledgers.quickbooks_online.books import Books
from connectors.ledgers.quickbooks_online.changes import changes
from connectors.ledgers.quickbooks_online.checks import CAPABILITIES
from connectors.ledgers.quickbooks_online.queries import Api
from connectors.ledgers.quickbooks_online.reading import record
from connectors.ledgers.quickbooks_online.recipes import is_applied
from connectors.ledgers.quickbooks_online.search import search
from connectors.ledgers.quickbooks_online.service import BATCH, CONCURRENT, LABEL, LIMITS, VENDOR, provider
from connectors.ledgers.quickbooks_online.settings import QuickBooksOnlineSettings
from connectors.ledgers.quickbooks_online.standings import standing, under
from connectors.pace import Limit
from connectors.records import Kind, ReturnedPayment
from connectors.rest.ledger import RestLedger, Service


class QuickBooksOnlineLedger(RestLedger, BookingLedger):
    """A company whose books a person opened to us by signing in."""

    name = "quickbooks-online"
    label = LABEL
    Settings = QuickBooksOnlineSettings
    capabilities = CAPABILITIES
    limits: ClassVar[Sequence[Limit]] = LIMITS
    _settings: QuickBooksOnlineSettings

    def __init__(self, settings: BaseModel) -> None:
        self._settings = QuickBooksOnlineSettings.model_validate(settings, from_attributes=True)

    @property
    def service(self) -> Service:
        """QuickBooks', for the company."""
        path = f"/v3/company/{self._settings.company}"
        return Service(provider=provider(self._settings), vendor=VENDOR, path=path, concurrent=CONCURRENT)

    def connect(self) -> Connected:
        """Read the company anew; until when we may, if nobody renews the authorization."""
        self.__dict__.pop("_books", None)
        self.__dict__.pop("bookkeeping", None)
        return replace(self.connected(self._books.name), warnings=self._books.warnings)

    def lists(self) -> LedgerLists:
        """The company's lists, and its customers and vendors as they are now."""
        return replace(self._books.lists, customers=tuple(books.parties(self._api, self._books.home)))

    def turn(self, postings: Sequence[Posting]) -> float:
        """A batch takes one place in the minute's, and a second one to apply its credit notes and returns.

        Voids, and what is applied to more or amended, are no batch.
        """
        if all(posting.action in ALONE for posting in postings):
            return self._pacer.keep()
        return self._pacer.keep(BATCH, 2 if any(map(_is_written_twice, postings)) else 1)

    def search(self, sought: Sequence[Sought]) -> Mapping[str, Sequence[Standing]]:
        """Ask by number, by id and by day, and compare here."""
        books, web = self._books, self._settings.web_url
        return search(self._api, sought, lambda entity, body: standing(entity, body, books, web))

    def aged_receivables(self, on: date) -> Sequence[AgedBalance]:
        """The vendor's own report."""
        return aging.receivables(self._api, on, self._books)

    def aged_payables(self, on: date) -> Sequence[AgedBalance]:
        """The vendor's own report."""
        return aging.payables(self._api, on, self._books)

    def balances(self, on: date) -> Sequence[AccountBalance]:
        """The vendor's own trial balance."""
        codes = {id_: code for code, id_ in self._books.accounts.items()}
        return aging.trial_balance(self._api, codes, on)

    def changes(self, since: datetime) -> Changes:
        """The vendor's change data capture, and queries where that does not reach."""
        books = self._books
        return changes(self._api, self.bookkeeping, lambda kind, body: record(*under(kind, body), books), since)

    def id_in(self, kind: Kind, typed: str) -> str:
        """A reference of ours; whatever else a person types is found by a search of its own."""
        return typed if self.bookkeeping.kind_of(typed) is kind else ""

    @cached_property
    def _api(self) -> Api:
        return Api(self._http, self.sign_in.clock)

    @cached_property
    def _books(self) -> Books:
        return books.read(self._api, self._settings)

    @cached_property
    def bookkeeping(self) -> QuickBooksBookkeeping:
        """The company's books."""
        return QuickBooksBookkeeping(self._api, self._books, self._settings.web_url)


def _is_written_twice(posting: Posting) -> bool:
    """Whether a posting takes a second write, once it has an id."""
    return is_applied(posting) or isinstance(posting.record, ReturnedPayment)
