"""Tryton as a ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

from pydantic import BaseModel

from connectors.crediting import up_to_open
from connectors.ledger import (
    AccountBalance,
    Action,
    AgedBalance,
    Applied,
    Changes,
    Connected,
    Ledger,
    LedgerLists,
    Outcome,
    Posted,
    Posting,
    Rejected,
    SecretAsked,
    Sought,
    Standing,
    Unknown,
)
from connectors.ledgers.tryton import batch, books, parties
from connectors.ledgers.tryton.aging import aged, balances
from connectors.ledgers.tryton.amending import Amending
from connectors.ledgers.tryton.batch import Draft, Failed
from connectors.ledgers.tryton.books import Books
from connectors.ledgers.tryton.changes import Telling
from connectors.ledgers.tryton.checks import CAPABILITIES, Known, refused
from connectors.ledgers.tryton.found import INVOICE, MOVE, PARTY, Found, find
from connectors.ledgers.tryton.mapping import Target, invoice, is_invoice, party
from connectors.ledgers.tryton.moves import move
from connectors.ledgers.tryton.numbers import in_use, issued
from connectors.ledgers.tryton.problems import NoAnswer, Refusal, refusal_of, unknown
from connectors.ledgers.tryton.returning import match_returns, received, unmatched
from connectors.ledgers.tryton.rpc import Rpc
from connectors.ledgers.tryton.search import search
from connectors.ledgers.tryton.settings import TrytonSettings
from connectors.ledgers.tryton.standings import Standings
from connectors.ledgers.tryton.targets import goals, match, targets, tie
from connectors.ledgers.tryton.undoing import Undoing
from connectors.ledgers.tryton.valuing import Valuing
from connectors.records import CreditNote, Customer, Document, Kind, ReturnedPayment
from connectors.refusals import references
from connectors.secrets.bindings import BoundSecrets
from connectors.secrets.secret import Secret
from connectors.secrets.store import open_secrets

OF_BOOKED = frozenset({Action.VOID, Action.AMEND})
"""What is asked for of a document that is booked."""


class TrytonLedger(Ledger):
    """A company in a Tryton that somebody else runs; we are one of its users and speak JSON-RPC."""

    name = "tryton"
    label = "Tryton"
    secret_asked = SecretAsked(label="Password", meaning="Of the user of Tryton as whom Passerelle books.")
    Settings = TrytonSettings
    capabilities = CAPABILITIES

    def __init__(self, settings: BaseModel) -> None:
        self._settings = TrytonSettings.model_validate(settings, from_attributes=True)
        self._rpc = Rpc(self._settings, self._password)

    def addresses(self) -> Sequence[str]:
        """Where Tryton answers."""
        return (self._settings.url,)

    def connect(self) -> Connected:
        """Sign in and read the company's books. Raises ``CannotRun``.

        An id of Tryton's means nothing in another database, be it a copy that somebody tries things out in.
        """
        self.__dict__.pop("_books", None)
        word = f"{self._settings.database}/{self._books.company}/{self._books.made.isoformat()}"
        return Connected(company=self._books.name, books=word)

    def lists(self) -> LedgerLists:
        """Accounts, taxes, terms and parties."""
        return self._books.lists(books.customers(self._rpc, self._books.party))

    def find(self, postings: Sequence[Posting]) -> Mapping[str, Posted]:
        """What is booked under our keys. Not a draft of ours that was left behind, nor a return by half.

        ``post`` replaces the one and completes the other.
        """
        others = [posting for posting in postings if posting.action not in OF_BOOKED]
        booked = self._find(others)
        undone = self._undoing.undone([posting for posting in postings if posting.action is Action.VOID])
        undone |= self._amending.find([posting for posting in postings if posting.action is Action.AMEND])
        returns = {posting.key for posting in others if isinstance(posting.record, ReturnedPayment)}
        half = unmatched(self._rpc, [found.id for key, found in booked.items() if key in returns])
        whole = {key: found for key, found in booked.items() if not found.draft and found.id not in half}
        return undone | {key: found.posted(self._web) for key, found in whole.items()}

    def read(self, postings: Sequence[Posting]) -> Mapping[str, Standing]:
        """Read invoices and moves by their ids."""
        return {reference: now.standing for reference, now in self._undoing.read(postings).items()}

    def search(self, sought: Sequence[Sought]) -> Mapping[str, Sequence[Standing]]:
        """Ask by id, number, party and day, and compare here."""
        return search(self._rpc, self._books, self._standings, sought)

    def aged_receivables(self, on: date) -> Sequence[AgedBalance]:
        """What every party owes on a date."""
        return aged(self._rpc, self._books.company, on, "receivable")

    def aged_payables(self, on: date) -> Sequence[AgedBalance]:
        """What every party is owed on a date."""
        return aged(self._rpc, self._books.company, on, "payable")

    def balances(self, on: date) -> Sequence[AccountBalance]:
        """What the posted lines come to until a day, account by account."""
        return balances(self._rpc, self._books.company, on)

    def post(self, postings: Sequence[Posting]) -> Iterator[Outcome]:
        """Book a batch. What Tryton has of it already is answered with that; drafts of it are replaced."""
        yield from self._undoing.undo([posting for posting in postings if posting.action is Action.VOID])
        yield from self._amending.amend([posting for posting in postings if posting.action is Action.AMEND])
        postings = [posting for posting in postings if posting.action not in OF_BOOKED]
        if not postings:
            return
        present = self._find(postings)
        booked = {key: found for key, found in present.items() if not found.draft}
        stuck = self._remove(found for found in present.values() if found.draft)
        known = self._known([posting for posting in postings if posting.key not in booked])
        fresh = []
        for posting in postings:
            if posting.key in booked:
                yield self._matched(posting, booked[posting.key], replayed=True)
            elif posting.key in stuck:
                yield self._outcome(posting, stuck[posting.key], None)
            elif problem := refused(posting, self._books, known):
                yield Rejected(key=posting.key, problem=problem)
            else:
                fresh.append(posting)
        if fresh:
            yield from self._book(fresh, known)

    def changes(self, since: datetime) -> Changes:
        """What was made or written since, as Tryton's records say."""
        return Telling(self._rpc, self._books, self._web, since).changes()

    def close(self) -> None:
        """End the session."""
        self._rpc.close()

    @cached_property
    def _books(self) -> Books:
        return books.read(self._rpc, self._settings)

    @property
    def _undoing(self) -> Undoing:
        return Undoing(self._rpc, self._books, self._standings)

    @property
    def _amending(self) -> Amending:
        return Amending(self._rpc, self._books, self._undoing)

    @property
    def _standings(self) -> Standings:
        return Standings(self._rpc, self._books, self._web)

    def _book(self, postings: Sequence[Posting], known: Known) -> Iterator[Outcome]:
        failed: Failed = {}
        drafts = list(self._drafts(postings, known, failed))
        for model in (PARTY, INVOICE, MOVE):
            failed |= self._send([draft for draft in drafts if draft.model == model])
        self._settle([draft for draft in drafts if draft.posting.key not in failed])
        certain = [p for p in postings if not isinstance(failed.get(p.key), NoAnswer)]
        found = self._find(certain)
        failed = self._remove(one for one in found.values() if one.draft) | failed
        for posting in postings:
            failure, here = failed.get(posting.key), found.get(posting.key)
            inner = isinstance(failure, Refusal) and not failure.certain and (here is None or here.draft)
            if inner and len(postings) > 1:
                yield from self._book([posting], self._known([posting]))
            else:
                yield self._outcome(posting, failure, here)

    def _drafts(self, postings: Sequence[Posting], known: Known, failed: Failed) -> Iterator[Draft]:
        """What each posting becomes; a change of a customer is carried out at once."""
        latest = issued(self._rpc, self._books, [p.record.date for p in postings if isinstance(p.record, Document)])
        left: dict[Kind, dict[str, Decimal]] = {kind: {} for kind, _ in known.targets}
        for (kind, reference), goal in known.targets.items():
            left[kind][reference] = goal.left
        for posting in (each for each in postings if not isinstance(each.record, CreditNote)):
            for (kind, reference), applied in zip(goals(posting), posting.applied, strict=True):
                left[kind][reference] -= applied.amount
        valuing = Valuing(self._books, known.targets, known.received)
        for posting in postings:
            record, named = posting.record, [known.targets[goal] for goal in goals(posting)]
            if isinstance(record, CreditNote):
                posting = replace(posting, applied=up_to_open(posting.applied, left.get(record.pays, {})))
            to, worth = [known.targets[goal] for goal in goals(posting)], valuing.of(posting)
            if isinstance(record, Customer):
                if posting.action is Action.CREATE:
                    yield Draft(posting, PARTY, party(posting, record, self._books))
                else:
                    self._change(posting, record, known, failed)
            elif isinstance(record, ReturnedPayment):
                line = known.received[posting.returned].lines[0]
                parts = (Applied(ledger_id=posting.returned, amount=record.amount),)
                back = [Target(line=line, account=self._books.receivable, party=0, invoice=None)]
                values = move(replace(posting, applied=parts), record, self._books, known.parties, back, worth)
                yield Draft(posting, MOVE, values)
            elif isinstance(record, Document) and is_invoice(posting, self._books, to):
                period = self._books.period(record.date)
                on = max(record.date, latest.get(period.fiscal_year, record.date)) if period else record.date
                customer, target = known.parties[posting.customer], next(iter(named), None)
                yield Draft(posting, INVOICE, invoice(posting, record, self._books, customer, on, target), to)
            else:
                yield Draft(posting, MOVE, move(posting, record, self._books, known.parties, to, worth), to)

    def _send(self, drafts: Sequence[Draft]) -> Failed:
        failed = batch.make(self._rpc, drafts)
        made = [draft for draft in drafts if draft.posting.key not in failed]
        if not made or made[0].model == PARTY:
            return failed
        if made[0].model == INVOICE:
            # In the order of dates, so that the halves of a batch that is taken apart keep it too.
            made.sort(key=lambda draft: str(draft.values["invoice_date"]))
            with suppress(Refusal, NoAnswer):
                batch.confirm_past(self._rpc, made)
        return failed | batch.post(self._rpc, made)

    def _settle(self, drafts: Sequence[Draft]) -> None:
        """Match what is fully paid. What Tryton refuses of this stays open there; the documents are booked."""
        tied = {d.id: d.targets[0] for d in drafts if d.model == INVOICE and d.targets}
        with suppress(Refusal, NoAnswer):
            tie(self._rpc, tied)
            match(self._rpc, [target for draft in drafts for target in draft.targets])

    def _change(self, posting: Posting, record: Customer, known: Known, failed: Failed) -> None:
        try:
            parties.change(self._rpc, posting, record, known.parties[posting.reference], self._books)
        except (Refusal, NoAnswer) as failure:
            failed[posting.key] = failure

    def _outcome(self, posting: Posting, failure: Refusal | NoAnswer | None, found: Found | None) -> Outcome:
        if found and not found.draft:
            return self._matched(posting, found)
        if isinstance(failure, Refusal):
            return Rejected(key=posting.key, problem=refusal_of(posting.record, failure))
        return Unknown(key=posting.key, problem=unknown(posting.record, str(failure or "not found after posting")))

    def _matched(self, posting: Posting, found: Found, *, replayed: bool = False) -> Outcome:
        """What is booked; a return once its payment is matched with it, and until then nobody knows."""
        if isinstance(posting.record, ReturnedPayment):
            try:
                match_returns(self._rpc, self._books, [found.id], self._undoing.wizard)
            except (Refusal, NoAnswer) as failure:
                return Unknown(key=posting.key, problem=unknown(posting.record, str(failure)))
        return found.posted(self._web, replayed=replayed)

    def _known(self, postings: Sequence[Posting]) -> Known:
        return Known(
            parties=books.parties(self._rpc, (code for posting in postings for code in references(posting))),
            targets=targets(self._rpc, self._books, postings),
            numbers=in_use(self._rpc, self._books, postings),
            received=received(self._rpc, self._books, postings),
        )

    def _find(self, postings: Sequence[Posting]) -> Mapping[str, Found]:
        return find(self._rpc, self._books.company, postings)

    def _remove(self, drafts: Iterable[Found]) -> Failed:
        """Remove drafts of ours; what a person has taken further, Tryton does not let go."""
        stuck: Failed = {}
        for draft in drafts:
            try:
                self._rpc.model(draft.model, "delete", [draft.id])
            except (Refusal, NoAnswer) as failure:
                stuck[draft.key] = failure
        return stuck

    @property
    def _web(self) -> str:
        return f"{self._settings.url.rstrip('/')}/#{self._settings.database}"

    def keep_secret(self, secret: Secret) -> str:
        """Keep the user's password for Tryton's address. Raises ``CannotRun`` (secret_given …)."""
        self._secrets.write(self._settings.secret, secret)
        return self._settings.secret

    def has_secret(self) -> bool:
        """Whether the user's password is there. Raises ``CannotRun``."""
        return self._secrets.read(self._settings.secret) is not None

    def _password(self) -> Secret:
        return self._secrets.required(self._settings.secret)

    @property
    def _secrets(self) -> BoundSecrets:
        return BoundSecrets(open_secrets(self._settings.place), self._settings.holder, (self._settings.url,))
