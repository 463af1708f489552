"""Which statuses are accepted from the sheet: the rules of who may set what, each a refusal that is explained."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from addin.journal import RecordKey, Seen, State, Transfer
from addin.journal.protocol import next_generation
from addin.journal.rows import idempotency_key, latest, settled
from addin.sync.amendments import Fields, follows
from addin.sync.claims import Finding, typed_reference
from addin.sync.effects import Effect, effect
from addin.texts import mark
from connectors.ledger import Standing
from connectors.problems import Problem
from connectors.records import Kind, SyncStatus
from workbook.review import Review, Typed


@dataclass(frozen=True, slots=True)
class Asked:
    """A status as the sheet asks for it: from what it was, to what; of a kind that is reviewed, by an approver."""

    was: SyncStatus
    wanted: SyncStatus
    reviewed: bool
    approver: bool


Rule = Callable[[Asked], str | None]


def _error_is_the_syncs(asked: Asked) -> str | None:
    if asked.wanted is SyncStatus.ERROR and asked.was is not SyncStatus.ERROR:
        return mark("only a Sync sets it")
    return None


def _review_is_on(asked: Asked) -> str | None:
    if asked.wanted is SyncStatus.IN_REVIEW and asked.was is not SyncStatus.IN_REVIEW and not asked.reviewed:
        return mark("reviewing is switched off for records of this kind")
    return None


def _approver_releases(asked: Asked) -> str | None:
    """A word in a cell does not say who typed it: only the button and the command do."""
    if not asked.reviewed or asked.was is not SyncStatus.IN_REVIEW or asked.wanted is SyncStatus.IN_REVIEW:
        return None
    if asked.wanted is SyncStatus.TO_TRANSFER:
        return mark("an approver has to press Approve")
    return None if asked.approver else APPROVERS_ALONE


APPROVERS_ALONE = mark("only an approver moves it out of review")

RULES: tuple[Rule, ...] = (_error_is_the_syncs, _review_is_on, _approver_releases)

TRANSFERRED = mark("the ledger has it as {reference}")

ASIDE = frozenset({SyncStatus.STAND_BY, SyncStatus.DO_NOT_SYNC})
"""The statuses that a record may be given while the ledger has lost it: none that would have it booked again."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What was accepted: statuses, transfers done or undone by hand, and what was refused and why."""

    statuses: dict[RecordKey, SyncStatus]
    by_hand: list[Transfer]
    problems: list[Problem]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Who asks, of which company and ledger; which kinds of records are reviewed, and whether who asks approves.

    ``applies`` are the kinds of what the ledger applies to more after it was booked, ``amends`` the fields that it
    changes of what was booked, by kind.
    """

    company: str
    ledger: str
    who: str
    reviewed: frozenset[Kind] = frozenset()
    approver: bool = False
    applies: frozenset[Kind] = frozenset()
    amends: Fields = field(default_factory=dict)


def accept(
    review: Review,
    seen: Mapping[RecordKey, Seen],
    transfers: Mapping[RecordKey, tuple[Transfer, ...]],
    judge: Judge,
    findings: Mapping[RecordKey, Finding],
) -> Accepted:
    """Judge every row's status and reference against what the journal remembers and what the ledger has."""
    accepted = Accepted({}, [], [])
    for key, typed in review.rows.items():
        if key not in seen:
            accepted.problems.append(
                Problem(code="row_unknown", place=typed.place("key"), params={"table": typed.table.name})
            )
        elif key not in review.unsound and {"reference", "status"} <= typed.grid.letters.keys():
            _accept_row(accepted, typed, seen[key], transfers.get(key, ()), judge, findings.get(key))
    return accepted


def _accept_row(
    accepted: Accepted, typed: Typed, seen: Seen, history: Sequence[Transfer], judge: Judge, finding: Finding | None
) -> None:
    transfer = settled(history)
    if finding and _in_review(seen, judge):
        accepted.statuses[seen.id] = SyncStatus.IN_REVIEW
        accepted.problems.append(_refused(typed, seen, SyncStatus.COMPLETED, APPROVERS_ALONE, SyncStatus.IN_REVIEW))
    elif finding and finding.standing:
        accepted.by_hand.extend(_booked_by_hand(seen, transfer, history, judge, finding.standing))
        accepted.statuses[seen.id] = SyncStatus.COMPLETED
    elif finding and finding.problem:
        accepted.problems.append(finding.problem)
        accepted.statuses[seen.id] = _unproven(seen, typed, transfer, finding.problem)
    elif transfer and transfer.state is State.MANUAL and not typed_reference(typed, ()):
        _take_back(accepted, typed, seen, transfer, judge)
    elif transfer:
        _accept_settled(accepted, typed, seen, transfer, judge)
    elif history and history[-1].state is State.UNDOING:
        accepted.statuses[seen.id] = SyncStatus.COMPLETED
    elif history and latest(history).state is State.GONE:
        accepted.statuses[seen.id] = typed.status if typed.status in ASIDE else SyncStatus.ERROR
    elif history and history[-1].state is State.UNDONE:
        _accept_undone(accepted, typed, seen, judge)
    else:
        _accept_open(accepted, typed, seen, judge)


def _booked_by_hand(
    seen: Seen, transfer: Transfer | None, history: Sequence[Transfer], judge: Judge, there: Standing
) -> list[Transfer]:
    """The transfer of what a person booked, as the ledger has it; nothing where that is known already."""
    if transfer and transfer.state is State.MANUAL:
        linked = linked_to(transfer, there)
        return [] if linked == transfer else [replace(linked, told_source=False)]
    if transfer and transfer.ledger_id == there.ledger_id:
        return []
    generation = next_generation(history[-1].state, history[-1].generation) if history else 0
    return [transfer_by_hand(seen, judge, there, generation)]


def _in_review(seen: Seen, judge: Judge) -> bool:
    """Whether a record waits for an approver, and who asks is none."""
    return seen.status is SyncStatus.IN_REVIEW and seen.kind in judge.reviewed and not judge.approver


WAITING = frozenset({SyncStatus.TO_TRANSFER, SyncStatus.COMPLETED, SyncStatus.ERROR})
"""The statuses in which a reference that is not right is an error; any other stays, for nothing of it leaves."""


def _unproven(seen: Seen, typed: Typed, transfer: Transfer | None, problem: Problem) -> SyncStatus:
    """The status of a record whose reference is not believed: never Completed by that reference."""
    status = typed.status if typed.status in ASIDE else seen.status
    if status in WAITING and effect(problem) is Effect.REFUSE:
        return SyncStatus.ERROR
    if transfer or status is not SyncStatus.COMPLETED:
        return status
    return SyncStatus.STAND_BY


def _take_back(accepted: Accepted, typed: Typed, seen: Seen, transfer: Transfer, judge: Judge) -> None:
    """A cleared reference takes the link away; the record stands by, unless another status was chosen with it."""
    reference = transfer.ledger_number or transfer.ledger_id
    told = Problem(code="link_taken_away", kind=seen.kind, key=seen.key, number=seen.number, column="reference",
                   params={"reference": reference})  # fmt: skip
    accepted.by_hand.append(replace(transfer, state=State.ABSENT, problem=told, told_source=False))
    if typed.status in (None, SyncStatus.COMPLETED):
        accepted.statuses[seen.id] = SyncStatus.STAND_BY
        accepted.problems.append(told)
    else:
        _accept_open(accepted, typed, replace(seen, status=SyncStatus.STAND_BY), judge)


def transfer_by_hand(seen: Seen, judge: Judge, there: Standing, generation: int = 0) -> Transfer:
    """A record that a person booked counts as transferred, as the ledger has it (Membri 365, manual transfer)."""
    transfer = Transfer(
        kind=seen.kind,
        record=seen.key,
        number=seen.number,
        generation=generation,
        key=idempotency_key(judge.company, judge.ledger, seen.kind, seen.key, generation),
        action="link",
        digest=seen.digest,
        state=State.MANUAL,
    )
    return linked_to(transfer, there)


def linked_to(transfer: Transfer, there: Standing) -> Transfer:
    """A transfer by hand of what the ledger has."""
    return replace(
        transfer,
        ledger_id=there.ledger_id,
        ledger_number=there.number,
        url=there.url,
        total=there.total,
        customer=there.customer,
    )


def _accept_settled(accepted: Accepted, typed: Typed, seen: Seen, transfer: Transfer, judge: Judge) -> None:
    status = typed.status
    changed = seen.digest != transfer.digest and (
        seen.kind is Kind.CUSTOMER or follows(transfer, seen.record(), judge.applies, judge.amends)
    )
    if changed and status is None:
        accepted.statuses[seen.id] = SyncStatus.TO_TRANSFER
        return
    if changed and status is not SyncStatus.COMPLETED:
        _accept_open(accepted, typed, seen, judge)
        return
    accepted.statuses[seen.id] = SyncStatus.COMPLETED
    row_knows = transfer.told_sheet or transfer.state is State.MANUAL
    if status and status is not SyncStatus.COMPLETED and seen.status is SyncStatus.COMPLETED and row_knows:
        shown = transfer.ledger_number or transfer.ledger_id
        accepted.problems.append(_refused(typed, seen, status, TRANSFERRED, SyncStatus.COMPLETED, shown))


def _accept_undone(accepted: Accepted, typed: Typed, seen: Seen, judge: Judge) -> None:
    """What was undone waits; a row that still shows its reference was not told so yet, or is an old copy's."""
    over = seen.status in (SyncStatus.COMPLETED, SyncStatus.ERROR)
    waiting = replace(seen, status=SyncStatus.STAND_BY) if over else seen
    if typed.text("reference"):
        accepted.statuses[seen.id] = waiting.status
    else:
        _accept_open(accepted, typed, waiting, judge)


def _accept_open(accepted: Accepted, typed: Typed, seen: Seen, judge: Judge) -> None:
    """Judge the status of what the ledger has not, and of which no reference says that it has."""
    shown = typed.text("status")
    if typed.status is None:
        code = "status_unknown" if shown else "status_missing"
        accepted.problems.append(
            Problem(code=code, kind=seen.kind, key=seen.key, number=seen.number, column="status",
                    place=typed.place("status"), params={"value": shown})
        )  # fmt: skip
        return
    if any(row.values.get("status") != typed.rows[0].values.get("status") for row in typed.rows):
        accepted.problems.append(
            Problem(code="statuses_differ", kind=seen.kind, key=seen.key, number=seen.number, column="status",
                    place=typed.place("status"))
        )  # fmt: skip
        return
    asked = Asked(seen.status, typed.status, seen.kind in judge.reviewed, judge.approver)
    if why := next(filter(None, (rule(asked) for rule in RULES)), None):
        accepted.statuses[seen.id] = seen.status
        accepted.problems.append(_refused(typed, seen, asked.wanted, why, seen.status))
    elif asked.wanted is SyncStatus.COMPLETED:
        accepted.statuses[seen.id] = SyncStatus.STAND_BY
        accepted.problems.append(
            Problem(code="completed_without_reference", kind=seen.kind, key=seen.key, number=seen.number,
                    column="status", place=typed.place("status"))
        )  # fmt: skip
    else:
        accepted.statuses[seen.id] = asked.wanted


def _refused(typed: Typed, seen: Seen, wanted: SyncStatus, why: str, kept: SyncStatus, reference: str = "") -> Problem:
    return Problem(
        code="status_refused",
        kind=seen.kind,
        key=seen.key,
        number=seen.number,
        column="status",
        place=typed.place("status"),
        params={"asked": wanted, "why": why, "kept": kept, "reference": reference},
    )


def offered_again(
    linked: Sequence[Transfer],
    awake: Sequence[RecordKey],
    seen: Mapping[RecordKey, Seen],
    transfers: Mapping[RecordKey, tuple[Transfer, ...]],
    statuses: Mapping[RecordKey, SyncStatus],
) -> dict[RecordKey, SyncStatus]:
    """The documents that were refused while their account was linked to another customer, or to none."""
    accounts = {t.record: t.ledger_id for t in linked if t.kind is Kind.CUSTOMER and t.state is State.MANUAL}
    found = {}
    for key in awake if accounts else ():
        history = transfers.get(key, ())
        refused = statuses.get(key) is SyncStatus.ERROR and bool(history) and latest(history).state is State.REJECTED
        account = getattr(seen[key].record(), "customer", "") if refused else ""
        if account in accounts and latest(history).customer != accounts[account]:
            found[key] = SyncStatus.TO_TRANSFER
    return found
