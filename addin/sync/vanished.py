"""What a person took out of the ledger: seen, kept as such, shown, and never booked again by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from addin.journal import Answer, Journal, Question, RecordKey, State, Topic, Transfer
from addin.journal.inbound import Proposal
from addin.journal.protocol import Step, next_generation
from addin.journal.rows import latest, settled
from addin.sync.postings import withdrawal
from addin.sync.statuses import Judge, transfer_by_hand
from connectors.ledger import Ledger, Standing
from connectors.problems import problem_of
from connectors.records import Kind, Transferable, What

CODES = {What.DELETED: "gone_from_ledger", What.VOIDED: "void_in_ledger", What.MERGED: "merged_in_ledger"}
SOUGHT = frozenset({State.POSTED, State.GONE})


def look(journal: Journal, ledger: Ledger, run: int) -> list[Transfer]:
    """Read every document that we booked, and keep which of them are gone, and which are there again.

    A ledger that does not read back is not asked. Raises ``CannotRun``.
    """
    if not ledger.capabilities.reads_back:
        return []
    last = [settled(history) or latest(history) for history in journal.transfers().values()]
    booked = [each for each in last if each.state in SOUGHT and each.kind is not Kind.CUSTOMER]
    seen = journal.seen(only=[each.id for each in booked])
    records = {each.id: seen[each.id].record() for each in booked}
    there = ledger.read([withdrawal(each, records[each.id]) for each in booked])
    moved = []
    for transfer in booked:
        now = there.get(transfer.ledger_id)
        stands = now is not None and not now.void
        if stands and transfer.state is State.GONE:
            moved.append(transfer.after(Step.FIND, problem=None, run=run, told_sheet=False, told_source=False))
        elif not stands and transfer.state is State.POSTED:
            code = "gone_from_ledger" if now is None else "void_in_ledger"
            moved.append(vanished(transfer, records[transfer.id], run, code))
    journal.write(moved)
    return moved


def hear(journal: Journal, changes: Iterable[Proposal], run: int) -> None:
    """Keep what the ledger told to be gone: documents of ours, and accounts that were merged into others.

    Several accounts may be one in the ledger: linked to it by hand, or merged into it before.
    """
    told = {(p.kind, p.ledger_id): p for p in changes if not p.field and p.what in CODES}
    histories = journal.held({ledger_id for _, ledger_id in told})
    booked = {key: transfer for key, history in histories.items() if (transfer := settled(history))}
    seen = journal.seen(only=booked.keys())
    moved = []
    for key, transfer in booked.items():
        change = told.get((transfer.kind, transfer.ledger_id))
        if change and _is_told(transfer, change.what):
            code, record = CODES[change.what], seen[key].record()
            moved.append(vanished(transfer, record, run, code, **_into(change)))
    journal.write(moved)


def _is_told(transfer: Transfer, what: What) -> bool:
    """An account is gone when it was merged: one that is merely inactive may be made active again."""
    if transfer.kind is Kind.CUSTOMER:
        return what is What.MERGED
    return transfer.state is State.POSTED


def _into(change: Proposal) -> dict[str, str]:
    return {"into": change.merged_into} if change.what is What.MERGED else {}


def moved_to(journal: Journal, changes: Iterable[Proposal], judge: Judge) -> None:
    """Link accounts that were merged in the ledger to those that are left there, as the accountant accepted."""
    into = {(p.kind, p.ledger_id): p.merged_into for p in changes if not p.field and p.merged_into}
    histories = journal.held({ledger_id for _, ledger_id in into})
    gone = {key: last for key, history in histories.items() if (last := latest(history)).state is State.GONE}
    left = {key: into[last.kind, last.ledger_id] for key, last in gone.items() if (last.kind, last.ledger_id) in into}
    seen = journal.seen(only=left.keys())
    then = {key: next_generation(histories[key][-1].state, histories[key][-1].generation) for key in left}
    there = {key: Standing(ledger_id=left[key], number=left[key]) for key in left}
    journal.write([transfer_by_hand(seen[key], judge, there[key], then[key]) for key in left])
    journal.ask(_sharing(journal, left, judge))


def _sharing(journal: Journal, into: Mapping[RecordKey, str], judge: Judge) -> Iterator[Question]:
    """Who accepted a merge has said that the accounts share the customer that is left."""
    for (kind, key), history in journal.held(set(into.values())).items():
        if kind is Kind.CUSTOMER and (booked := settled(history)):
            asked = Question(kind=kind, record=key, topic=Topic.SHARE, about=booked.ledger_id)
            yield asked.answered(Answer.YES, judge.who, datetime.now(UTC))


def vanished(transfer: Transfer, record: Transferable, run: int, code: str, **params: str) -> Transfer:
    """A transfer that the ledger has no longer as we booked it, with the problem that tells so."""
    today = datetime.now(UTC).astimezone().date().isoformat()
    problem = problem_of(record, code, column="reference", reference=transfer.shown, date=today, **params)
    return transfer.after(Step.VANISH, problem=problem, run=run, told_sheet=False, told_source=False)
