"""What the source changed of a booked record that is never written over, and which way of correcting it is open."""

from __future__ import annotations

from datetime import date

from addin.journal import State, Transfer
from addin.sync.amendments import told
from addin.sync.case import Case
from addin.sync.referring import applied
from connectors.problems import Problem, problem_of
from connectors.records import DOCUMENT_KINDS, Customer, Transferable


def changed_after(case: Case, record: Transferable, transfer: Transfer) -> Problem:
    """The problem of an amount, account, customer or day that changed: its code says which way is open, and why.

    Undo and transfer again where its period is open, we booked it and nothing is applied to it; otherwise a credit and
    a new document.
    """
    was = transfer.left_as()
    words = {
        "reference": transfer.ledger_number or transfer.ledger_id,
        "changes": told(was, record) if was else "",
    }
    closed = _closed(case, was or record)
    if closed:
        return problem_of(record, "changed_in_closed_period", column="changed", date=str(closed), **words)
    if transfer.state is not State.POSTED or record.kind not in case.capabilities.voids:
        return problem_of(record, "changed_beyond_undo", column="changed", ledger=case.ledger, **words)
    if numbers := _applied(case, record):
        return problem_of(record, "changed_with_applied", column="changed", numbers=numbers, **words)
    return problem_of(record, "changed_after_transfer", column="changed", **words)


def _closed(case: Case, record: Transferable) -> date | None:
    """The day of what lies in a closed period."""
    if isinstance(record, Customer):
        return None
    return record.date if case.lists.first_open(record.date) > record.date else None


def _applied(case: Case, record: Transferable) -> str:
    """What the ledger has for a document, by number."""
    key = (record.kind, record.key)
    if record.kind not in DOCUMENT_KINDS:
        return ""
    return ", ".join(case.records[other].number or other[1] for other in applied(case, {key})[key])
