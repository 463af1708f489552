"""A planned record as a posting: every reference in the ledger's words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Protocol

from addin.journal import RecordKey, Transfer
from addin.sync.case import References, answered, booked_on, gives_back
from addin.sync.plan import Planned
from connectors.ledger import Action, Applied, Posting
from connectors.records import (
    CreditNote,
    Customer,
    Document,
    JournalEntry,
    Kind,
    Payment,
    Transferable,
)

OF_BOOKED = frozenset({Action.APPLY, Action.AMEND})
"""What is asked for of a record that the ledger has already."""


class Ids(Protocol):
    """What the ledger calls its records."""

    def __getitem__(self, key: RecordKey, /) -> str: ...


def posting_of(planned: Planned, ids: References) -> Posting:
    """What is sent of a record whose parents the ledger has."""
    record = _with_customers(_in_care(planned.record, ids), ids)
    parent = record.parent if isinstance(record, Customer) else ""
    return Posting(
        key=planned.key,
        record=record,
        action=planned.action,
        reference="" if planned.action is Action.CREATE else ids[planned.id],
        customer=booked_on(record, ids),
        parent=ids.get((Kind.CUSTOMER, parent)) or "",
        applied=tuple(applied(record, ids)),
        booked=ids.answered(planned.id) if planned.action in OF_BOOKED else None,
        before=_before(planned, ids) if planned.action is Action.AMEND else None,
        returned=next((ids[key] for key in gives_back(record)), ""),
        told_apart=ids.others(planned.id),
    )


def _before(planned: Planned, ids: References) -> Transferable | None:
    """A record as the ledger has it, in the words in which it is sent now."""
    was = ids.left_as(planned.id)
    return _with_customers(_in_care(was, ids), ids) if was else None


def withdrawal(transfer: Transfer, record: Transferable, on: date | None = None) -> Posting:
    """What undoes a transfer, with what the ledger answered when it was booked; ``on`` a day, or on its own."""
    return Posting(
        key=transfer.undo_key,
        record=replace(record, number=transfer.number),
        action=Action.VOID,
        reference=transfer.ledger_id,
        customer=transfer.customer,
        booked=answered(transfer),
        reverse_on=on,
    )


def _in_care(record: Transferable, ids: References) -> Transferable:
    """In whose care mail is sent, by name where the source names one of its accounts."""
    if not isinstance(record, Customer | Document) or not record.care_of:
        return record
    return replace(record, care_of=ids.name(record.care_of))


def _with_customers(record: Transferable, ids: References) -> Transferable:
    """A journal entry names customers on its lines, in the ledger's words as everything else."""
    if not isinstance(record, JournalEntry):
        return record
    lines = (
        replace(line, customer=ids[Kind.CUSTOMER, line.customer]) if line.customer else line for line in record.lines
    )
    return replace(record, lines=tuple(lines))


def applied(record: Transferable, ids: Ids) -> Iterator[Applied]:
    """What a payment or credit note goes to, by the ledger's ids."""
    match record:
        case Payment():
            for part in record.allocations:
                yield Applied(ledger_id=ids[record.pays, part.invoice], amount=part.amount)
        case CreditNote() if record.invoice:
            yield Applied(ledger_id=ids[record.pays, record.invoice], amount=record.total)
