"""A QuickBooks Online company as a ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property
from itertools import chain
from typing import ClassVar

from pydantic import BaseModel

from connectors.ledger import (
    AccountBalance,
    Action,
    AgedBalance,
    Changes,
    Connected,
    LedgerLists,
    Outcome,
    Posted,
    Posting,
    Sought,
    Standing,
)
from connectors.ledgers.quickbooks_online import aging, books
from connectors.ledgers.quickbooks_online.amending import Amending
from connectors.ledgers.quickbooks_online.applying import Applying
from connectors.ledgers.quickbooks_online.batch import Batch
from connectors.ledgers.quickbooks_online.books import Books
from connectors.ledgers.quickbooks_online.changes import changes
from connectors.ledgers.quickbooks_online.checks import CAPABILITIES
from connectors.ledgers.quickbooks_online.found import Search, to_be_written_twice
from connectors.ledgers.quickbooks_online.queries import Api
from connectors.ledgers.quickbooks_online.search import search
from connectors.ledgers.quickbooks_online.service import BATCH, CONCURRENT, LABEL, LIMITS, VENDOR, provider
from connectors.ledgers.quickbooks_online.settings import QuickBooksOnlineSettings
from connectors.ledgers.quickbooks_online.standings import standing
from connectors.ledgers.quickbooks_online.undoing import Undoing
from connectors.pace import Limit
from connectors.rest.ledger import RestLedger, Service

ALONE = frozenset({Action.VOID, Action.APPLY, Action.AMEND})
"""What is sent by a request of its own."""


class QuickBooksOnlineLedger(RestLedger):
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
        return self._pacer.keep(BATCH, 2 if any(to_be_written_twice(posting) for posting in postings) else 1)

    def post(self, postings: Sequence[Posting]) -> Iterator[Outcome]:
        """One batch, whose answers come together; several may be under way at once.

        Voids, and what is applied to more or amended, are sent one by one.
        """
        voids, later, amended = (_of(action, postings) for action in (Action.VOID, Action.APPLY, Action.AMEND))
        others = [posting for posting in postings if posting.action not in ALONE]
        batch = Batch(self._api, self._books, self._search, self._settings.web_url)
        return chain(
            self._undoing.undo(voids), self._applying.apply(later), self._amending.amend(amended), batch.post(others)
        )

    def find(self, postings: Sequence[Posting]) -> Mapping[str, Posted]:
        """Look up by number, name or date, and know by our key; what is applied or amended, by what it then is."""
        later, amended = _of(Action.APPLY, postings), _of(Action.AMEND, postings)
        others = [each for each in postings if each.action not in (Action.APPLY, Action.AMEND)]
        applied = self._applying.find(later) if later else {}
        applied |= self._amending.find(amended) if amended else {}
        return applied | (self._search.find(others) if others else {})

    def read(self, postings: Sequence[Posting]) -> Mapping[str, Standing]:
        """Read transactions by their ids."""
        return self._undoing.read(postings)

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
        return changes(self._api, self._books, self._settings.web_url, since)

    @cached_property
    def _api(self) -> Api:
        return Api(self._http, self.sign_in.clock)

    @cached_property
    def _books(self) -> Books:
        return books.read(self._api, self._settings)

    @cached_property
    def _taken(self) -> dict[str, str]:
        """By key, the numbers that a look-up saw another document have, until their posting takes them up."""
        return {}

    @property
    def _undoing(self) -> Undoing:
        return Undoing(self._api, self._books, self._search, self._settings.web_url)

    @property
    def _applying(self) -> Applying:
        return Applying(self._api, self._books, self._search, self._settings.web_url)

    @property
    def _amending(self) -> Amending:
        return Amending(self._api, self._books, self._search, self._settings.web_url)

    @property
    def _search(self) -> Search:
        return Search(self._api, self._books, self._settings.web_url, self._taken)


def _of(action: Action, postings: Sequence[Posting]) -> list[Posting]:
    return [posting for posting in postings if posting.action is action]
