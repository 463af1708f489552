"""The look-up that every run begins with: what was sent and never answered is never sent again blindly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from addin.journal import Journal, RecordKey, State, Transfer
from addin.journal.lease import TERM
from addin.journal.protocol import OPEN, Step
from addin.journal.rows import settled
from addin.sync.case import answered, gives_back, invoices_of
from addin.sync.outcomes import booked, named, undone
from addin.sync.postings import applied, withdrawal
from connectors.ledger import Action, Ledger, Posting
from connectors.problems import Problem, problem_of
from connectors.records import Transferable


def look_up(journal: Journal, ledger: Ledger, run: int) -> list[Transfer]:
    """Ask the ledger for everything whose answer never arrived: adopt what it has, free what it proves absent.

    Where a ledger does not know keys, what may still be on its way stays unknown until a term has passed.
    """
    histories = journal.open()
    waiting = [transfer for history in histories.values() for transfer in history if transfer.state in OPEN]
    if not waiting:
        return []
    now, records = journal.now(), journal.seen(only=histories.keys())
    ids = _documents(journal, [records[t.id].record() for t in waiting])
    asked = [_sent(t, records[t.id].record(), settled(histories[t.id]), ids) for t in waiting]
    found = ledger.find(asked)
    adopted, resolved = [], []
    for transfer, posting in zip(waiting, asked, strict=True):
        if transfer.state is State.UNDOING:
            resolved.append(_undoing_looked_up(transfer, posting, posting.key in found, now, run))
        elif transfer.key in found:
            adopted.append(booked(transfer, Step.FIND, found[transfer.key], run))
        elif ledger.capabilities.idempotent or now - transfer.sent >= TERM:
            resolved.append(transfer.after(Step.MISS, problem=None, told_sheet=True))
        else:
            # A clock that was set back would make it wait for longer than a term.
            doubt = transfer.problem or named(Problem(code="outcome_unknown"), posting.record)
            resolved.append(transfer.after(Step.LOSE, problem=doubt, sent=min(transfer.sent, now)))
    journal.write([*adopted, *resolved])
    return adopted


def _undoing_looked_up(transfer: Transfer, posting: Posting, undone_there: bool, now: float, run: int) -> Transfer:
    """What is there a term after it was told to be undone stays; until then the ledger may still undo it.

    It may be there by half, where undoing it takes several writes: so what was begun is noted as unfinished.
    """
    if undone_there:
        return undone(transfer, Step.UNDO, posting.record, run)
    if now - transfer.sent >= TERM:
        told = problem_of(posting.record, "undo_unfinished", column="reference", reference=transfer.shown)
        return transfer.after(Step.KEEP, problem=told, told_sheet=False)
    return transfer.after(Step.LOSE, sent=min(transfer.sent, now))


def _documents(journal: Journal, records: Sequence[Transferable]) -> dict[RecordKey, str]:
    """What the ledger calls the documents that money or credits were to be applied to, and payments that came back."""
    named = {key for record in records for key in invoices_of(record)}
    named |= {key for record in records for key in gives_back(record)}
    histories = journal.transfers(named) if named else {}
    return {key: booked.ledger_id for key, history in histories.items() if (booked := settled(history))}


def _sent(transfer: Transfer, record: Transferable, former: Transfer | None, ids: Mapping[RecordKey, str]) -> Posting:
    """What was on its way, as far as a look-up needs it; the number is the one it left with.

    With all that it goes to, where the ledger has that still: what takes several writes may be there by half.
    """
    if transfer.state is State.UNDOING:
        return withdrawal(transfer, record)
    action = Action(transfer.action)
    record = (transfer.left_as() or record) if action is Action.AMEND else record
    return Posting(
        key=transfer.key,
        record=replace(record, number=transfer.number),
        action=action,
        reference=former.ledger_id if former else "",
        customer=transfer.customer,
        applied=tuple(applied(record, ids)) if action is Action.APPLY or ids.keys() >= set(invoices_of(record)) else (),
        booked=answered(former) if former else None,
        before=former.left_as() if former and action is Action.AMEND else None,
        returned=next((ids.get(key, "") for key in gives_back(record)), ""),
    )
