"""Refusals whose cause is gone: what was mended in the source, or no check finds any more, may be tried again."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Set
from dataclasses import replace

from addin.journal import RecordKey, State, Transfer
from addin.sync.case import Case, invoices_of
from addin.sync.checks import check
from connectors.problems import Problem
from connectors.records import Customer, Kind, SyncStatus


def mended(case: Case, standing: Collection[Problem], moved: Set[RecordKey]) -> list[RecordKey]:
    """The records in Transfer Error that may be tried again.

    What we refused ourselves, once no check finds the cause; what the ledger refused, once the source ``moved`` the
    record or what it is booked on: what else the ledger may have disliked is for a person to say.
    """
    refused = {key: last for key in case.awake if (last := _refusal(case, key))}
    if not refused:
        return []
    tried = replace(case, statuses={**case.statuses, **dict.fromkeys(refused, SyncStatus.TO_TRANSFER)})
    found = {(problem.kind, problem.key, problem.code) for problem in (*standing, *check(tried))}
    return [
        (kind, key)
        for (kind, key), last in refused.items()
        if (last.problem and not last.sent and (kind, key, last.problem.code) not in found)
        or (last.sent and not moved.isdisjoint(_books(case, (kind, key))))
    ]


def _refusal(case: Case, key: RecordKey) -> Transfer | None:
    """The refusal that a record's row shows."""
    last = case.latest(key)
    shown = last is not None and last.state is State.REJECTED and last.told_sheet
    return last if shown and case.statuses.get(key) is SyncStatus.ERROR and not case.settled(key) else None


def _books(case: Case, key: RecordKey) -> Iterator[RecordKey]:
    """A record and what the ledger needs to book it: its account with the parents, its invoices."""
    record = case.records[key]
    account = key[1] if isinstance(record, Customer) else getattr(record, "customer", "")
    yield key
    yield from ((Kind.CUSTOMER, each) for each in (account, *case.ancestors(account)))
    yield from invoices_of(record)
    if payment := case.payment_of(record):
        yield payment.kind, payment.key
