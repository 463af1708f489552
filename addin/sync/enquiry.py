"""Asking a connected ledger what it has: under typed references, and like the records that are about to leave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import chain

from addin.journal import Journal, Question, Questions, RecordKey, Topic
from addin.journal.protocol import OPEN, SETTLED
from addin.journal.rows import idempotency_key
from addin.sync.case import Case, References, booked_on
from addin.sync.claims import Alike, Answered, Claimed, Finding, with_place
from addin.sync.reconcile import ADDS
from addin.sync.resolve import resolve
from addin.sync.twins import Features, Likeness, features, likeness, sought
from connectors.ledger import Ledger, Sought, Standing
from connectors.records import Kind, Side, Transferable

FIRST = date(1980, 1, 1)
"""The day from which a customer's documents are looked for: before any ledger that is asked."""

GENERATIONS = 3
"""How many generations of a record whose transfer the journal lost are recognized by their keys."""


class Books:
    """The documents of a connected ledger, and which of them are ours; ``home`` is its own currency."""

    def __init__(self, ledger: Ledger, journal: Journal, company: str, name: str, home: str) -> None:
        self._ledger, self._journal, self._company, self._name, self._home = ledger, journal, company, name, home
        self._keys: dict[str, RecordKey] | None = None

    def search(self, references: Mapping[RecordKey, Sought], mine: Mapping[RecordKey, Features]) -> Answered:
        """Ask for all of it at once; a ledger that cannot be asked has nothing. Raises ``CannotRun``."""
        asked = {f"r{n}": (key, each) for n, (key, each) in enumerate(references.items())}
        like = {f"l{n}": (key, sought("", each)) for n, (key, each) in enumerate(mine.items())}
        wanted = [replace(each, name=name) for name, (_, each) in (*asked.items(), *like.items()) if each]
        if not wanted or not self._ledger.capabilities.searches:
            return Answered()
        told = self._ledger.search(wanted)
        owners = self._owners(list(chain.from_iterable(told.values())))
        alike = {key: self._alike(key, mine[key], told.get(name, ()), owners) for name, (key, _) in like.items()}
        under = {key: tuple(told.get(name, ())) for name, (key, _) in asked.items()}
        return Answered(under, {key: found for key, found in alike.items() if found}, owners)

    def by_hand(self, side: Side, customers: Iterable[str], last: date) -> dict[str, list[Standing]]:
        """What these customers or suppliers have on their account that we did not book, until a day.

        Raises ``CannotRun``.
        """
        wanted = [
            Sought(name=f"{kind}/{customer}", kind=kind, customer=customer, first=FIRST, last=last)
            for customer in customers
            for kind in ADDS[side]
            if kind in self._ledger.capabilities.kinds
        ]
        if not wanted or not self._ledger.capabilities.searches:
            return {}
        told = self._ledger.search(wanted)
        owners = self._owners(list(chain.from_iterable(told.values())))
        found: dict[str, dict[str, Standing]] = {}
        for each in wanted:
            for there in told.get(each.name, ()):
                if there.ledger_id not in owners and not there.void and there.customer == each.customer:
                    found.setdefault(each.customer, {})[there.ledger_id] = there
        return {customer: list(documents.values()) for customer, documents in found.items()}

    def _alike(
        self, key: RecordKey, mine: Features, told: Iterable[Standing], owners: Mapping[str, RecordKey]
    ) -> list[tuple[Standing, Likeness]]:
        """What we booked ourselves is never another of ours: the source has both."""
        strangers = {each.ledger_id: each for each in told if each.ledger_id not in owners}
        return [(each, why) for each in strangers.values() if (why := likeness(mine, each, self._home))]

    def _owners(self, standings: Sequence[Standing]) -> dict[str, RecordKey]:
        """The records of ours that these documents are, by their ids: by what we booked, and by the key that they bear.

        A copy that a person made of what we booked bears its key as well, and is not ours.
        """
        words = {word for each in standings for word in (each.ledger_id, each.number, each.key) if word}
        histories = self._journal.held(words)
        sent = [t for key, history in histories.items() if key[0] is not Kind.CUSTOMER for t in history]
        booked = {t.ledger_id: t for t in sent if t.state in SETTLED | OPEN and t.ledger_id}
        by_key = {t.key: t for t in sent}
        owners: dict[str, RecordKey] = {}
        for each in standings:
            ours = booked.get(each.ledger_id) or (by_key.get(each.key) if each.key else None)
            by_number = booked.get(each.number) if each.number else None
            if ours and ours.ledger_id in ("", each.ledger_id):
                owners[each.ledger_id] = ours.id
            elif by_number and by_number.kind is each.kind:  # an earlier release kept what was typed
                owners[each.ledger_id] = by_number.id
            elif not ours and each.key and (lost := self._lost(each.key)):
                owners[each.ledger_id] = lost
        return owners

    def _lost(self, key: str) -> RecordKey | None:
        """The record whose key a document bears, though the journal does not know that it left."""
        if self._keys is None:
            records = [record for record in self._journal.numbers() if record[0] is not Kind.CUSTOMER]
            self._keys = {
                idempotency_key(self._company, self._name, kind, record, generation): (kind, record)
                for kind, record in records
                for generation in range(GENERATIONS)
            }
        return self._keys.get(key)


def examined(claimed: Claimed, linked: Mapping[str, str], books: Books | None) -> dict[RecordKey, Finding]:
    """What all typed references come to; without a ledger that can be asked, those of documents wait.

    ``linked`` are the ledger's ids of the accounts that it has. Raises ``CannotRun``.
    """
    accounts = claimed.accounts()
    customers = {**linked, **{key: found.standing.ledger_id for (_, key), found in accounts.items() if found.standing}}
    for (_, key), found in accounts.items():
        if found.problem:
            customers.pop(key, None)
    wanted = dict(claimed.sought())
    mine = {key: features(claimed.records[key], customers.get(_customer(claimed.records[key]), "")) for key in wanted}
    answered = books.search(wanted, mine) if books else None
    documents = claimed.documents(answered, customers)
    return {key: with_place(found, claimed.claims[key]) for key, found in {**accounts, **documents}.items()}


def _customer(record: Transferable) -> str:
    return getattr(record, "customer", "")


def looked_for(case: Case, books: Books, journal: Journal, keys: Iterable[RecordKey]) -> Case:
    """The case once the ledger was asked what it has like some of what is to leave. Raises ``CannotRun``."""
    ids = References(case, but=())
    mine = {key: comparable(case, case.candidates[key], ids) for key in keys if key in case.candidates}
    ask(journal, case.questions, mine, books.search({}, mine).alike)
    return replace(case, questions=journal.questions()) if mine else case


def comparable(case: Case, record: Transferable, ids: References) -> Features:
    """What a record that is to leave is compared by, in the ledger's words."""
    return features(resolve(case, record).record, booked_on(record, ids))


def ask(journal: Journal, questions: Questions, looked: Iterable[RecordKey], alike: Alike) -> list[Question]:
    """Keep what has to be asked of the records that were looked for, and forget what has no object any more.

    Answers what is waiting now; what a person answered once is not asked again.
    """
    asked: list[Question] = []
    over: list[Question] = []
    for key in looked:
        now = {
            there.ledger_id: Question(
                kind=key[0], record=key[1], topic=Topic.SAME, about=there.ledger_id, rule=why, standing=there
            )
            for there, why in alike.get(key, ())
            if not questions.told_apart(key, there.ledger_id)
        }
        waiting = [each for each in questions.waiting(key) if each.topic is Topic.SAME]
        over += [each for each in waiting if each.about not in now]
        asked += now.values()
    known = {each for key in looked for each in questions.waiting(key)}
    journal.ask([each for each in asked if each not in known], over)
    return asked
