"""Whether a record is in the books already: what the ledger was found to have like it, and the source's own doubles."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from datetime import date
from decimal import Decimal

from addin.journal import Question, RecordKey, Topic
from addin.journal.inbound import Proposal
from addin.journal.protocol import OPEN, SETTLED
from addin.sync.case import Case, References, booked_on, ours
from addin.sync.claims import described
from addin.sync.resolve import resolve
from addin.sync.twins import features, identity, likeness
from connectors.ledger import Standing
from connectors.problems import Problem, problem_of
from connectors.records import PAYMENT_KINDS, Document, JournalEntry, Kind, Payment, total_of

DOUBLE = "double"
"""Why a record is asked about that the source has under another key as well."""


def not_in_the_books(case: Case) -> Iterator[Problem]:
    """What may be in the books already is asked about before it leaves (trust.md, section 5)."""
    return (question_about(case, question) for question in asked(case))


def asked(case: Case) -> Iterator[Question]:
    """What is asked about the records that are to leave: documents of the ledger, and other records of the source."""
    for key in case.candidates:
        found = {q.about: q for q in case.questions.waiting(key) if q.topic is Topic.SAME}
        for question in _made_there(case, key):
            found.setdefault(question.about, question)
        yield from found.values()
    yield from _doubles(case)


def question_about(case: Case, question: Question) -> Problem:
    """The sentence of a question."""
    record, there = case.records[question.id], question.standing
    if there is None:
        assert isinstance(record, Document | Payment | JournalEntry)
        return problem_of(
            record, "twice_in_source", column="number", number=record.number or record.key,
            other=question.about.split("/", 2)[2], total=str(total_of(record)), date=record.date.isoformat(),
        )  # fmt: skip
    names = {each.reference: each.name for each in case.lists.customers}
    shown = described(there, names.get(there.customer, there.customer), case.lists.home_currency)
    return problem_of(record, "already_booked", column="reference", there=shown, likeness=question.rule, url=there.url)


def _made_there(case: Case, key: RecordKey) -> Iterator[Question]:
    """What people made in the ledger, that nobody has decided on, and that may be this record."""
    if not case.strangers:
        return
    mine = features(resolve(case, case.records[key]).record, booked_on(case.records[key], References(case, but=())))
    for proposal in case.strangers:
        there = told_by(proposal) if proposal.kind is key[0] else None
        why = likeness(mine, there, case.lists.home_currency) if there else None
        if there and why and not case.questions.told_apart(key, there.ledger_id):
            yield _same(key, there.ledger_id, why, there)


def _same(key: RecordKey, about: str, rule: str, there: Standing | None = None) -> Question:
    return Question(kind=key[0], record=key[1], topic=Topic.SAME, about=about, rule=rule, standing=there)


def told_by(proposal: Proposal) -> Standing:
    """What a person made in the ledger, as it told of it."""
    theirs = proposal.theirs
    total, day = theirs.get("total") or theirs.get("amount"), theirs.get("date")
    return Standing(
        ledger_id=proposal.ledger_id,
        number=proposal.number or theirs.get("number", ""),
        total=Decimal(total) if total else None,
        customer=theirs.get("customer", ""),
        kind=proposal.kind,
        date=date.fromisoformat(day) if day else None,
        currency=theirs.get("currency", ""),
        url=proposal.url,
        method=theirs.get("ledger_method", ""),
    )


def _doubles(case: Case) -> Iterator[Question]:
    """A record that the source has under two keys: one leaves, and the other is asked about."""
    first: dict[Hashable, RecordKey] = {}
    kinds = {kind for kind, _ in case.candidates}
    for key in sorted(_in_doubt(case, kinds), key=lambda key: (key in case.candidates, key)):
        same = identity(case.records[key])
        before = first.setdefault(same, key) if same is not None else key
        about = f"source/{before[0]}/{before[1]}"
        if before != key and key in case.candidates and not case.questions.told_apart(key, about):
            yield _same(key, about, DOUBLE)


def _in_doubt(case: Case, kinds: set[Kind]) -> list[RecordKey]:
    """The records of these kinds that are in the books or on their way there; documents without a number alone."""
    numbers = case.numbers() if kinds else {}
    numbered = {*PAYMENT_KINDS, Kind.JOURNAL_ENTRY}
    keys = [key for key, number in numbers.items() if key[0] in kinds and (key[0] in numbered or not number)]
    case.seen.fetch(keys)
    case.transfers.fetch(keys)
    return [key for key in keys if ours(case.records[key]) and (key in case.candidates or _there(case, key))]


def _there(case: Case, key: RecordKey) -> bool:
    latest = case.latest(key)
    return latest is not None and latest.state in SETTLED | OPEN
