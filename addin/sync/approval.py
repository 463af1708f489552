"""Approval: what an approver agreed to is what leaves; of what changed since, the approval counts no more."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from addin.journal import Event, RecordKey, State
from addin.journal.protocol import next_generation
from addin.journal.rows import ASIDE
from addin.sync.case import Case, ours
from addin.sync.resolve import resolve
from connectors.problems import Problem
from connectors.records import Customer, Kind, SyncStatus

APPROVE, WITHDRAW, SENT_BACK = "approve", "withdraw", "review"
"""The actions of the log: an approval is given, a person takes it back, or it does not fit the record any more."""

UNDONE = "generation"
"""What of an approved record says how often it was undone."""

CODES = "codes"
"""The ledger's accounts, items, taxes, terms, methods and classes of a record, as typed or mapped."""

LINKED = "ledger_customer"
"""The ledger's customer that a record's account was linked to by a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What approvals say of the records about to leave: their statuses where these change, and why."""

    statuses: Mapping[RecordKey, SyncStatus]
    problems: tuple[Problem, ...]


def needs_approval(case: Case, key: RecordKey, review: frozenset[Kind]) -> bool:
    """Whether a record leaves only as it was approved."""
    return key[0] in review and key in case.records and ours(case.records[key])


def judge(case: Case, review: frozenset[Kind], approvals: Mapping[tuple[str, str], Event]) -> Judged:
    """Send back to review what would leave without an approval of just this; say of what waits there what changed."""
    statuses: dict[RecordKey, SyncStatus] = {}
    problems: list[Problem] = []
    for key, status in case.statuses.items():
        leaves = status is SyncStatus.TO_TRANSFER
        if (
            not (leaves or status is SyncStatus.IN_REVIEW)
            or not needs_approval(case, key, review)
            or _at_rest(case, key)
        ):
            continue
        approval = approvals.get((key[0].value, key[1]))
        given = approval is not None and approval.action == APPROVE
        changed = differences(approval.content, content(case, key)) if approval and given else ""
        if leaves and (changed or not given):
            statuses[key] = SyncStatus.IN_REVIEW
        if changed and approval:
            problems.append(_problem(case, key, "approval_outdated", changed=changed, who=approval.who))
        elif leaves and not given:
            problems.append(_problem(case, key, "approval_missing"))
    return Judged(statuses=statuses, problems=tuple(problems))


def _at_rest(case: Case, key: RecordKey) -> bool:
    """Whether the ledger has it as it is, or as it stays there, so that nothing of it leaves."""
    return case.settled(key) is not None and not case.changes_there(key)


def content(case: Case, key: RecordKey) -> str:
    """What an approver agrees to, by part, as JSON: the record as it would be booked, on whom, and how often undone."""
    record = case.records[key]
    resolved = _plain(asdict(resolve(case, record).record))
    parts = {name: value for name, value in resolved.items() if name not in (*ASIDE, "provenance")}
    booked_as = {
        name: parts.pop(name) for name in list(parts) if name.startswith("ledger_") or name == "deposit_account"
    }
    for line in [*parts.get("lines", []), *parts.get("taxes", [])]:
        booked_as |= {f"{line.get('key') or line.get('tax') or line['account']} {name}": line.pop(name)
                      for name in list(line) if name.startswith("ledger_")}  # fmt: skip
        line.pop("provenance", None)
    account = case.customers.get(getattr(record, "customer", ""))
    if account:
        parts["customer"] = f"{account.name} ({account.number or account.key})"
        parts[LINKED] = _linked(case, account)
    parts[CODES] = booked_as
    latest = case.latest(key)
    parts[UNDONE] = next_generation(latest.state, latest.generation) if latest else 0
    return json.dumps({name: _short(value) for name, value in parts.items()}, sort_keys=True, ensure_ascii=False)


def _linked(case: Case, account: Customer) -> str:
    """The ledger's customer by a person's choice; one that Passerelle makes follows from the account itself."""
    booked = case.settled((Kind.CUSTOMER, account.key))
    return booked.ledger_id if booked and booked.state is State.MANUAL else ""


def differences(before: str, now: str) -> str:
    """The parts in which two contents differ, each with what it was and is, as JSON; empty where they are the same."""
    was, becomes = json.loads(before), json.loads(now)
    names = sorted(name for name in {*was, *becomes} if was.get(name) != becomes.get(name))
    return json.dumps([[name, was.get(name), becomes.get(name)] for name in names]) if names else ""


def _short(value: object) -> object:
    """A text or number as it is; what is longer as a digest, in a list so that it is told apart."""
    if value is None or (isinstance(value, str | int) and len(str(value)) <= 200):
        return value
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return [hashlib.sha256(text.encode()).hexdigest()[:24]]


def _plain(value: Any) -> Any:  # noqa: ANN401 - any part of a record
    """Texts, lists and dicts alone; numbers the same however they are written (1 and 1.00)."""
    match value:
        case dict():
            return {name: _plain(each) for name, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case Decimal():
            return format(value.normalize(), "f")
        case bool() | None | int():
            return value
        case _:
            return str(value)


def _problem(case: Case, key: RecordKey, code: str, **params: str) -> Problem:
    record = case.records[key]
    return Problem(code=code, kind=key[0], key=key[1], number=record.number, column="status", params=params)
