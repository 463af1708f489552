"""What an answer of the ledger makes of a transfer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from addin.journal import Transfer
from addin.journal.protocol import Step
from connectors.ledger import Posted
from connectors.problems import CannotRun, Problem, problem_of
from connectors.records import Transferable


def booked(transfer: Transfer, step: Step, posted: Posted, run: int) -> Transfer:
    """A transfer that the ledger has, with what it answered, to be told to the row and the source."""
    return transfer.after(
        step,
        ledger_id=posted.ledger_id,
        ledger_number=posted.number,
        url=posted.url,
        total=posted.total,
        problem=None,
        run=run,
        told_sheet=False,
        told_source=False,
    )


def undone(transfer: Transfer, step: Step, record: Transferable, run: int) -> Transfer:
    """A transfer that the ledger has no longer, with the notice of it for the row and the source."""
    today = datetime.now(UTC).astimezone().date()
    told = problem_of(record, "undone", column="reference", reference=transfer.shown, date=today.isoformat())
    return transfer.after(step, problem=told, run=run, told_sheet=False, told_source=False)


def named(problem: Problem, record: Transferable) -> Problem:
    """A problem that says which record it is of."""
    return replace(problem, kind=record.kind, key=record.key, number=record.number, provenance=record.provenance)


def lost(trouble: CannotRun | None) -> Problem:
    """The problem of a posting that was not answered."""
    if trouble is None:
        return Problem(code="outcome_unknown")
    return replace(trouble.problems[0], code="outcome_unknown", detail=str(trouble))
