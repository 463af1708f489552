"""What stands against undoing a document, by what it now is in the ledger: the same questions for every ledger."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.ledger import Capabilities, Posting, Standing
from connectors.problems import Problem, problem_of


def obstacle(posting: Posting, capabilities: Capabilities, now: Standing | None) -> Problem | None:
    """The first reason why a void is not carried out; that nothing is there any more, or that it is void, is none.

    A person who changed the number, the total or the customer there meant something by it, which is never undone
    silently. What is not known of when it was booked is not compared.
    """
    record = posting.record
    if record.kind not in capabilities.voids:
        return problem_of(record, "undo_unsupported", kind=record.kind)
    if now is None:
        return None
    if now.stays:
        return problem_of(record, "undo_unsupported", kind=record.kind)
    if now.reconciled:
        return problem_of(record, "undo_reconciled", column="reference", reference=now.number or now.ledger_id)
    if changed := changed_there(posting, now):
        return changed
    if now.applied:
        return problem_of(record, "undo_applied", column="reference", numbers=", ".join(now.applied))
    return None


def changed_there(posting: Posting, now: Standing) -> Problem | None:
    """The problem of a document whose number, total or customer a person changed in the ledger, if one did."""
    changed = list(_changed(posting, now))
    if not changed:
        return None
    was, there = (" · ".join(side) for side in zip(*changed, strict=True))
    return problem_of(posting.record, "changed_in_ledger", column="reference", was=was, now=there)


def _changed(posting: Posting, now: Standing) -> Iterator[tuple[str, str]]:
    booked = posting.booked
    if booked is None:
        return
    if booked.number and booked.number != now.number:
        yield booked.number, now.number or "—"
    if booked.total is not None and now.total is not None and booked.total != now.total:
        yield f"{booked.total:.2f}", f"{now.total:.2f}"
    if posting.customer and now.customer and posting.customer != now.customer:
        yield posting.customer, now.customer
