"""A batch on its way into the book: each posting is refused, known already, or written and proved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain, count

from connectors.crediting import up_to_open
from connectors.ledger import Action, Outcome, Posting, Rejected
from connectors.ledgers.beancount import mapping, proof
from connectors.ledgers.beancount.applications import added, first_day, unapplicable
from connectors.ledgers.beancount.checks import booked, refused, side_of
from connectors.ledgers.beancount.contents import Contents
from connectors.ledgers.beancount.documents import Documents
from connectors.ledgers.beancount.exchange import values
from connectors.ledgers.beancount.problems import refusal
from connectors.ledgers.beancount.reversals import found, irreversible
from connectors.ledgers.beancount.text import component
from connectors.problems import Problem
from connectors.records import CreditNote, Customer

REFUSE = {Action.VOID: irreversible, Action.APPLY: unapplicable}
"""What refuses a posting that is no record of its own."""


@dataclass(slots=True)
class Draft:
    """What a batch adds to a book; ``contents`` takes each posting in, so that the next one sees it.

    ``known_refused`` holds what a proof of the whole book refused before, by key.
    """

    contents: Contents
    known_refused: Mapping[str, Problem] = field(default_factory=dict)
    written: list[tuple[Posting, str]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What is to be appended."""
        return "".join(text for _, text in self.written)

    def take(self, posting: Posting) -> Outcome:
        """The outcome of one posting, provided that the text is then appended."""
        if already := found(posting, self.contents):
            return already
        refuse = REFUSE.get(posting.action, refused)
        if problem := self.known_refused.get(posting.key) or refuse(posting, self.contents):
            return Rejected(key=posting.key, problem=problem)
        text = "".join(f"\n{directive}" for directive in self._directives(posting))
        entries, errors = proof.prove(text, self.contents)
        if errors:
            return Rejected(key=posting.key, problem=refusal(posting.record, errors[0]))
        self.contents.add(entries)
        self.written.append((posting, text))
        return replace(self.contents.posted[posting.key], replayed=False)

    def writer_of(self, line: int) -> Posting | None:
        """The posting that wrote a line of the text (1-based), if it is one of its lines."""
        for posting, text in self.written:
            line -= text.count("\n")
            if line <= 0:
                return posting
        return None

    def _directives(self, posting: Posting) -> Iterator[str]:
        record, accounts = posting.record, self.contents.accounts
        if posting.action is Action.VOID:
            yield mapping.reversal(posting, self.contents.transactions[posting.reference])
            return
        if posting.action is Action.APPLY:
            yield mapping.application(posting, added(posting, self.contents), first_day(posting, self.contents))
            return
        if isinstance(record, Customer):
            yield self._customer(posting, record)
            return
        if isinstance(record, CreditNote):
            documents = Documents(self.contents)
            left = {part.ledger_id: documents.open_amount(part.ledger_id) for part in posting.applied}
            posting = replace(posting, applied=up_to_open(posting.applied, left))
        legs = list(booked(posting, self.contents))
        absent = {name: (account, leg) for account, name, leg in legs if account and name not in accounts}
        for name, (account, leg) in absent.items():
            yield mapping.opening_of_other_side(name, account.opened.date, self.contents.title(leg.customer))
        payee = self.contents.title(posting.customer) if posting.customer else ""
        home = self.contents.home_currency
        named = [(name, leg) for _, name, leg in legs]
        yield mapping.transaction(posting, named, payee, home, values(posting, home, self.contents))

    def _customer(self, posting: Posting, customer: Customer) -> str:
        settings, accounts = self.contents.settings, self.contents.accounts
        if posting.action is Action.UPDATE:
            names = [f"{parent}:{posting.reference}" for parent in (settings.receivable, settings.payable)]
            name = next(name for name in names if name in accounts)
            return mapping.change(posting, customer, name, accounts[name].opened.date)
        parent = side_of(customer, settings)
        name = f"{parent}:{self._free_component(customer)}"
        return mapping.opening(posting, customer, name, accounts[parent].opened.date)

    def _free_component(self, customer: Customer) -> str:
        wanted = component(customer.number or customer.key)
        names = chain([wanted], (f"{wanted}-{n}" for n in count(2)))
        return next(name for name in names if name not in self.contents.customers)
