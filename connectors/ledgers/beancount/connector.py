"""A plain-text Beancount book as a ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from threading import Lock

from beancount.core.data import BeancountError
from pydantic import BaseModel

from connectors.ledger import (
    AccountBalance,
    Action,
    AgedBalance,
    Connected,
    Ledger,
    LedgerCustomer,
    LedgerLists,
    Outcome,
    Posted,
    Posting,
    Rejected,
    Sought,
    Standing,
)
from connectors.ledgers.beancount import proof, reading, starter
from connectors.ledgers.beancount.aging import aged
from connectors.ledgers.beancount.amending import place_of, rewritten, unamendable
from connectors.ledgers.beancount.book import Book
from connectors.ledgers.beancount.checks import CAPABILITIES, special
from connectors.ledgers.beancount.contents import Contents, home_currency
from connectors.ledgers.beancount.documents import Documents
from connectors.ledgers.beancount.draft import Draft
from connectors.ledgers.beancount.problems import about, refusal
from connectors.ledgers.beancount.reversals import found
from connectors.ledgers.beancount.search import search
from connectors.ledgers.beancount.settings import BeancountSettings
from connectors.problems import Problem
from connectors.records import ZERO, LedgerAccount, ListEntry

ATTEMPTS = 5
"""How often a batch is drafted anew because somebody saved the book in the meantime."""


class BeancountLedger(Ledger):
    """A book that a person keeps, and a file beside it that we append to."""

    name = "beancount"
    label = "Beancount"
    Settings = BeancountSettings
    capabilities = CAPABILITIES

    def __init__(self, settings: BaseModel) -> None:
        self._settings = BeancountSettings.model_validate(settings, from_attributes=True)
        self._book = Book(self._settings)
        self._alone = Lock()

    def addresses(self) -> Sequence[str]:
        """The book's file, and the folders besides its own that it may read."""
        return (str(self._settings.book_path), *self._settings.includes)

    def programs(self) -> Sequence[str]:
        """The plugins that the book may run, and its own folder where that may hold some."""
        own_folder = (str(self._settings.book_path.parent),) if self._settings.python_path else ()
        return (*self._settings.plugins, *own_folder)

    def prepare(self, company: str) -> None:
        """Write a starter book where there is none, and the empty file it includes where that is missing."""
        with self._book.locked():
            self._book.create(self._settings.file_path, "")
            self._book.create(self._settings.book_path, starter.book(self._settings, company))

    def connect(self) -> Connected:
        """Load the book; its title is the company's name."""
        return Connected(company=str(self._book.contents().options["title"]))

    def lists(self) -> LedgerLists:
        """The book's accounts and customers; accounts with the metadata ``tax: TRUE`` are its tax codes."""
        contents = self._book.contents()
        home = home_currency(contents)
        accounts = [a for a in contents.accounts.values() if not contents.customer_of(a.name)]
        return replace(
            special(contents),
            customers=tuple(_customer(contents, reference) for reference in sorted(contents.customers)),
            accounts=tuple(
                LedgerAccount(
                    code=a.code,
                    name=a.title,
                    type=a.name.split(":")[0],
                    active=a.closed is None,
                    by_party=a.name in (contents.settings.receivable, contents.settings.payable),
                    asserted=contents.asserted_on(a.name, home),
                )
                for a in sorted(accounts, key=lambda account: account.code)
            ),
            tax_codes=tuple(ListEntry(code=a.code, name=a.title) for a in accounts if a.opened.meta.get("tax") is True),
        )

    def post(self, postings: Sequence[Posting]) -> Iterator[Outcome]:
        """Append a batch in one step, and amend in another; when this raises, nothing of what it was doing was done."""
        amending = [posting for posting in postings if posting.action is Action.AMEND]
        others = [posting for posting in postings if posting.action is not Action.AMEND]
        with self._alone, self._book.locked():
            booked = self._book_all(others) if others else []
            return iter([*booked, *(self._amend_all(amending) if amending else ())])

    def find(self, postings: Sequence[Posting]) -> Mapping[str, Posted]:
        """Look our keys up in the whole book, wherever a person may have moved the entries."""
        with self._alone:
            contents = self._book.contents()
            return {posting.key: posted for posting in postings if (posted := found(posting, contents))}

    def read(self, postings: Sequence[Posting]) -> Mapping[str, Standing]:
        """What the book says now of these, ours by their keys and a person's by what those are known by."""
        with self._alone:
            return Documents(self._book.contents()).standings(posting.reference for posting in postings)

    def search(self, sought: Sequence[Sought]) -> Mapping[str, Sequence[Standing]]:
        """Go through the whole book once."""
        with self._alone:
            return search(sought, self._book.contents())

    def aged_receivables(self, on: date) -> Sequence[AgedBalance]:
        """What the sub-accounts of the receivable account hold; what stands on that account itself has no customer."""
        return self._aged(on, payable=False)

    def aged_payables(self, on: date) -> Sequence[AgedBalance]:
        """What the sub-accounts of the payable account hold; what stands on that account itself has no supplier."""
        return self._aged(on, payable=True)

    def balances(self, on: date) -> Sequence[AccountBalance]:
        """What the book's transactions come to until a day, account by account."""
        contents = self._book.contents()
        home = home_currency(contents)
        held = {
            at: sum((moved for day, moved in days.items() if day <= on), ZERO) for at, days in contents.daily.items()
        }
        return [
            AccountBalance(account=_code(contents, name), currency="" if currency == home else currency, amount=amount)
            for (name, currency), amount in sorted(held.items())
            if amount
        ]

    def _aged(self, on: date, *, payable: bool) -> Sequence[AgedBalance]:
        contents = self._book.contents()
        return aged(contents, on, home_currency(contents), payable=payable)

    def _book_all(self, postings: Sequence[Posting]) -> list[Outcome]:
        refused: dict[str, Problem] = {}
        for _ in range(ATTEMPTS + len(postings)):
            draft = Draft(self._book.take(), refused)
            outcomes = [draft.take(posting) for posting in postings]
            more = self._refused_by_plugins(draft)
            if not more and self._book.append(draft.text, draft.contents):
                return outcomes
            refused |= more
        raise about("ledger_busy", self._settings.file_path)

    def _amend_all(self, postings: Sequence[Posting]) -> list[Outcome]:
        """Write what several amendments say over our file, the last of the file first, so that none moves another."""
        for _ in range(ATTEMPTS):
            contents, outcomes = self._book.reloaded(), dict[str, Outcome]()
            open_: list[Posting] = []
            for posting in postings:
                if already := found(posting, contents):
                    outcomes[posting.key] = already
                elif problem := unamendable(posting, contents):
                    outcomes[posting.key] = Rejected(key=posting.key, problem=problem)
                else:
                    open_.append(posting)
            before = after = self._book.text()
            for posting in sorted(open_, key=lambda each: place_of(each, contents), reverse=True):
                text = rewritten(posting, contents, after)
                if isinstance(text, Problem):
                    outcomes[posting.key] = Rejected(key=posting.key, problem=text)
                else:
                    after = text
            if errors := self._errors_of(contents, before, after):
                refused = {each.key: Rejected(key=each.key, problem=refusal(each.record, errors[0])) for each in open_}
                return list((refused | outcomes).values())
            if after == before or self._book.rewrite(before, after):
                now = self._book.contents()
                done = {each.key: each for posting in open_ if (each := found(posting, now))}
                outcomes |= {key: replace(each, replayed=False) for key, each in done.items() if key not in outcomes}
                return list(outcomes.values())
        raise about("ledger_busy", self._settings.file_path)

    def _errors_of(self, contents: Contents, before: str, after: str) -> list[BeancountError]:
        """What the book's own plugins have against another text of our file."""
        if after == before or not proof.has_plugins(contents):
            return []
        _, errors, _ = reading.load(self._settings, ours=after)
        return errors

    def _refused_by_plugins(self, draft: Draft) -> dict[str, Problem]:
        """What the book's own plugins have against a draft; an error that no posting wrote is held against them all."""
        if not draft.written or not proof.has_plugins(draft.contents):
            return {}
        heading = list(proof.roots(draft.contents.options))
        _, errors, _ = reading.load(self._settings, "".join(heading) + draft.text)
        refused: dict[str, Problem] = {}
        for error in errors:
            ours = error.source and error.source["filename"] == proof.NO_FILE
            writer = draft.writer_of(error.source["lineno"] - len(heading)) if ours else None
            for posting in [writer] if writer else [posting for posting, _ in draft.written]:
                refused.setdefault(posting.key, refusal(posting.record, error))
        return refused


def _code(contents: Contents, name: str) -> str:
    account = contents.accounts.get(name)
    return account.code if account else name


def _customer(contents: Contents, reference: str) -> LedgerCustomer:
    return LedgerCustomer(
        reference=reference,
        name=contents.title(reference),
        number=contents.told(reference, "number") or reference,
        email=contents.told(reference, "email"),
        phone=contents.told(reference, "phone"),
        active=contents.is_active(reference),
    )
