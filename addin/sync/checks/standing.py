"""Where a record stands: in the source, on its way, or in the ledger already."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from addin.journal import Answer, RecordKey, Seen, State, Topic
from addin.journal.protocol import OPEN, SETTLED
from addin.journal.rows import problem_read
from addin.sync.amendments import Amendment, told
from addin.sync.applications import Application
from addin.sync.case import Case
from addin.sync.checks.changed import changed_after
from connectors.problems import Problem, problem_of
from connectors.records import (
    DOCUMENT_KINDS,
    PAYMENT_KINDS,
    Document,
    JournalEntry,
    Kind,
    Payment,
    Transferable,
)


def answers_arrived(case: Case) -> Iterator[Problem]:
    """What may or may not be in the ledger is looked up, and never leaves before that is known, nor does its change."""
    for record in (*case.leaving.values(), *case.customers.values()):
        latest = case.latest((record.kind, record.key))
        if latest and latest.state in (State.INTENT, State.UNKNOWN):
            yield problem_of(record, "outcome_unknown")


def what_was_booked_is_there(case: Case) -> Iterator[Problem]:
    """What is being undone, or a person deleted in the ledger, is told and never booked again by itself."""
    for key in case.awake:
        latest = case.latest(key)
        if latest and latest.state is State.UNDOING:
            yield problem_of(case.records[key], "undo_unknown", column="reference", reference=latest.shown)
        elif latest and latest.state is State.GONE and latest.problem:
            yield latest.problem


def transferred_stays(case: Case) -> Iterator[Problem]:
    """What the source changed or cancelled after its transfer is told, never sent again."""
    for key in case.awake:
        seen, transfer = case.seen[key], case.settled(key)
        if transfer is None or key[0] is Kind.CUSTOMER or not (seen.cancelled or seen.digest != transfer.digest):
            continue
        record, applied = case.records[key], case.applied_since.get(key)
        reference, amendment = transfer.ledger_number or transfer.ledger_id, case.amended_since.get(key)
        if isinstance(record, Document) and record.cancelled:
            yield problem_of(record, "cancelled_after_transfer", column="status", reference=reference)
            continue
        if amendment:
            yield from _amended(case, amendment, reference)
        if applied:
            yield from _applied(case, applied, reference)
        if not (amendment or applied) and seen.digest != transfer.digest:
            yield changed_after(case, record, transfer)


def _amended(case: Case, amendment: Amendment, reference: str) -> Iterator[Problem]:
    """What no amount hangs on is told before it is brought to the ledger, and where it is to be changed by hand."""
    key, words = (amendment.record.kind, amendment.record.key), {"reference": reference, "ledger": case.ledger}
    for names, code in ((amendment.fields, "to_be_amended"), (amendment.by_hand, "amend_by_hand")):
        if names:
            changes = told(amendment.before, case.records[key], names)
            yield problem_of(amendment.record, code, column="changed", changes=changes, **words)
    if amendment.fields and key in case.undecided:
        yield problem_of(amendment.record, "change_undecided", column="status")


def _applied(case: Case, applied: Application, reference: str) -> Iterator[Problem]:
    """What the source applied to more is told where it is not brought to the ledger; what it took back, always."""
    words = {"reference": reference, "ledger": case.ledger}
    if applied.taken_back:
        yield problem_of(applied.record, "application_taken_back", column="changed",
                         parts=_parts(case, applied.taken_back), **words)  # fmt: skip
    elif applied.record.kind not in case.capabilities.applies_later:
        yield problem_of(applied.record, "apply_by_hand", column="changed", parts=_parts(case, applied.added), **words)
    elif (applied.record.kind, applied.record.key) in case.undecided:
        yield problem_of(applied.record, "change_undecided", column="status")


def _parts(case: Case, amounts: Mapping[RecordKey, Decimal]) -> str:
    """Documents by their numbers, each with its amount."""
    case.seen.fetch(amounts)
    numbers = {key: case.records[key].number if key in case.records else "" for key in amounts}
    return ", ".join(f"{numbers[key] or key[1]}: {amount:.2f}" for key, amount in amounts.items())


def kinds_stay(case: Case) -> Iterator[Problem]:
    """What was booked as one kind does not leave as another, which the source or its account made of it since."""
    for record in case.candidates.values():
        for other in _otherwise(case, record):
            latest = case.latest(other) if case.seen[other].left_source else None
            if latest and latest.state in SETTLED | OPEN:
                yield problem_of(record, "booked_as_another", column="kind", kind=other[0], reference=latest.shown)


def refusals_are_remembered(case: Case) -> Iterator[Problem]:
    """What the ledger refused, and the source has not changed since, may be refused again (trust.md, section 6)."""
    for record in (*case.leaving.values(), *case.new_accounts.values(), *case.changed_accounts.values()):
        key = (record.kind, record.key)
        latest = case.latest(key)
        refused = latest if latest and latest.state is State.REJECTED and latest.sent else None
        if refused and refused.problem and refused.digest == case.seen[key].digest:
            why, told = refused.problem, {f"of_{name}": text for name, text in refused.problem.params.items()}
            yield problem_of(record, "refused_before", column="status", detail=why.detail, because=why.code, **told)


def source_has_it(case: Case) -> Iterator[Problem]:
    """Only what the last pull read leaves; anything else may leave once, as it was, where a person says so.

    A file may show a part of the source only, so that what left it may still be owed.
    """
    for key, record in case.leaving.items():
        seen = case.seen[key]
        if isinstance(record, Document) and record.cancelled and not seen.left_source:
            yield problem_of(record, "cancelled_in_source", column="status")
        elif seen.left_source and _replaced(case, record):
            yield problem_of(record, "replaced_in_source", column="status")
        elif case.questions.said(key, Topic.ONCE, seen.digest) is not Answer.YES:
            yield from _not_read(record, seen)


def _not_read(record: Transferable, seen: Seen) -> Iterator[Problem]:
    if seen.left_source:
        yield problem_of(record, "left_source", column="status")
    elif unreadable := problem_read(seen.unread or None):
        told = {f"of_{name}": value for name, value in unreadable.params.items()}
        yield problem_of(record, "not_read_again", column="status", because=unreadable.code, **told)


def _otherwise(case: Case, record: Transferable) -> list[RecordKey]:
    """The document or payment of another kind that has the key of this one."""
    family = next((kinds for kinds in (DOCUMENT_KINDS, PAYMENT_KINDS) if record.kind in kinds), frozenset())
    others = [(kind, record.key) for kind in family - {record.kind}]
    case.seen.fetch(others)
    case.transfers.fetch(others)
    return [other for other in others if other in case.seen]


def _replaced(case: Case, record: Transferable) -> bool:
    """Whether the source has the record as another kind, or its schedule no longer makes the entry."""
    if isinstance(record, Document | Payment):
        return any(not case.seen[other].left_source for other in _otherwise(case, record))
    schedule = case.schedules.behind(record.key) if isinstance(record, JournalEntry) else None
    document = case.recognised(record) if isinstance(record, JournalEntry) else None
    if schedule is None or document is None or case.seen[document.kind, document.key].left_source:
        return False
    return schedule.key not in case.schedules.left or (schedule.invoice, schedule.line) in case.schedules.on_line
