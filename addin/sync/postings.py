"""A planned record as a posting: every reference in the ledger's words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from addin.journal import Transfer
from addin.sync.case import References, booked_on
from addin.sync.plan import Planned
from connectors.ledger import Action, Applied, Posted, Posting
from connectors.records import (
    CreditNote,
    Customer,
    Document,
    JournalEntry,
    Kind,
    Payment,
    Transferable,
)


def posting_of(planned: Planned, ids: References) -> Posting:
    """What is sent of a record whose parents the ledger has."""
    record = _with_customers(_in_care(planned.record, ids), ids)
    parent = record.parent if isinstance(record, Customer) else ""
    return Posting(
        key=planned.key,
        record=record,
        action=planned.action,
        reference=ids[planned.id] if planned.action is Action.UPDATE else "",
        customer=booked_on(record, ids),
        parent=ids.get((Kind.CUSTOMER, parent)) or "",
        applied=tuple(_applied(record, ids)),
    )


def withdrawal(transfer: Transfer, record: Transferable) -> Posting:
    """What undoes a transfer, with what the ledger answered when it was booked."""
    return Posting(
        key=transfer.undo_key,
        record=replace(record, number=transfer.number),
        action=Action.VOID,
        reference=transfer.ledger_id,
        customer=transfer.customer,
        booked=Posted(key=transfer.key, ledger_id=transfer.ledger_id, number=transfer.ledger_number,
                      total=transfer.total),
    )  # fmt: skip


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


def _applied(record: Transferable, ids: References) -> Iterator[Applied]:
    match record:
        case Payment():
            for part in record.allocations:
                yield Applied(ledger_id=ids[record.pays, part.invoice], amount=part.amount)
        case CreditNote() if record.invoice:
            yield Applied(ledger_id=ids[record.pays, record.invoice], amount=record.total)
