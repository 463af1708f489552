"""What would leave, in which order, and what is held back and why; the same for a preview and for a sync."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from addin.journal import RecordKey, State
from addin.journal.protocol import next_generation
from addin.journal.rows import idempotency_key
from addin.sync.advance import booked_as
from addin.sync.applications import APPLIED_KINDS
from addin.sync.case import Case, References, invoices_of
from addin.sync.checks import check
from addin.sync.effects import Effect, effect
from addin.sync.resolve import resolve
from addin.sync.turns import reopening, turns
from addin.texts import mark
from connectors.ledger import Action
from connectors.problems import Problem, problem_of
from connectors.records import (
    CREDIT_KINDS,
    PAYMENT_KINDS,
    Customer,
    Document,
    JournalEntry,
    Kind,
    Payment,
    SyncStatus,
    Transferable,
)

STEPS: tuple[tuple[str, frozenset[Kind], Action], ...] = (
    (mark("New accounts"), frozenset({Kind.CUSTOMER}), Action.CREATE),
    (mark("Changed accounts"), frozenset({Kind.CUSTOMER}), Action.UPDATE),
    (
        mark("Invoices"),
        frozenset({Kind.INVOICE, Kind.SUPPLIER_INVOICE, Kind.SALES_RECEIPT}),
        Action.CREATE,
    ),
    (
        mark("Payments and refunds"),
        PAYMENT_KINDS | {Kind.REFUND},
        Action.CREATE,
    ),
    (mark("Credit notes"), CREDIT_KINDS, Action.CREATE),
    (mark("Money and credits on account applied"), APPLIED_KINDS, Action.APPLY),
    (mark("Journal entries"), frozenset({Kind.JOURNAL_ENTRY}), Action.CREATE),
    (mark("Updates of what is booked"), frozenset(Kind) - {Kind.CUSTOMER}, Action.AMEND),
)
"""The order of a sync after connecting (Membri 365, "The synchronization tool").

Credit notes follow their invoices, and what pays those: they take what is then open of them. What is on account
since an earlier sync is applied after all that was applied from its beginning. Updates move no amount, and come last.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A record that may leave: resolved, with its action, generation, idempotency key and its lines' accounts."""

    record: Transferable
    action: Action
    generation: int
    key: str
    accounts: str = ""

    @property
    def id(self) -> RecordKey:
        """Kind and key of the record."""
        return self.record.kind, self.record.key


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The steps with what leaves in each, level by level; every problem; the records nothing may refer to now."""

    steps: tuple[tuple[str, tuple[tuple[Planned, ...], ...]], ...]
    problems: tuple[Problem, ...]
    unsound: frozenset[RecordKey]

    def __iter__(self) -> Iterator[Planned]:
        return (planned for _, levels in self.steps for level in levels for planned in level)


def plan(case: Case, standing: tuple[Problem, ...] = ()) -> Plan:
    """Plan a sync; ``standing`` are the problems already known from reading the sheet."""
    problems = [*standing, *check(case)]
    stopped: set[RecordKey] = {(p.kind, p.key) for p in problems if p.kind and effect(p) is not Effect.NOTICE}
    leaving = [record for key, record in case.candidates.items() if key not in stopped]
    of_booked = {
        Action.APPLY: [record for key, record in case.applications.items() if key not in stopped],
        Action.AMEND: [each.record for key, each in case.amendments.items() if key not in stopped],
    }
    customers = _customers(case, leaving, stopped)
    steps = []
    available = References(case, but=stopped)
    for name, kinds, action in STEPS:
        going = of_booked[action] if action in of_booked else [r for r in leaving if r.kind in kinds]
        records = customers[action] if Kind.CUSTOMER in kinds else going
        levels = []
        for level in _levels(case, records):
            leave = []
            for record in level:
                held = held_back(case, record, available)
                if held:
                    problems.append(held)
                else:
                    leave.append(planned(case, record, action))
                    available.add((record.kind, record.key), record.key)
            levels.append(tuple(leave))
        steps.append((name, tuple(levels)))
    return Plan(steps=tuple(steps), problems=tuple(problems), unsound=frozenset(stopped))


def first(case: Case, whole: Plan, most: int) -> Plan:
    """The first documents and changed accounts of a plan, so many at most, with the new accounts they need.

    A plan has parents before their children, so the beginning of one holds whatever it refers to. What was sent in vain
    takes its turn after what was not, or longer ago: a few that the ledger never answers for must not keep the others.
    """
    new = [each for each in whole if _is_new_account(each)]
    others = sorted((each for each in whole if not _is_new_account(each)), key=lambda each: _in_vain(case, each.record))
    chosen = {each.id for each in (*others[:most], *new[: max(0, most - len(others))])}
    for each in others[:most]:
        for account in _needs_accounts(case, each.record):
            chosen |= {(Kind.CUSTOMER, key) for key in (account, *case.ancestors(account))}
    steps = tuple((name, tuple(tuple(p for p in level if p.id in chosen) for level in levels))
                  for name, levels in whole.steps)  # fmt: skip
    return replace(whole, steps=steps)


def _in_vain(case: Case, record: Transferable) -> float:
    """When a record, or a document that it refers to, was last sent and not booked; 0 where none was."""
    keys = [(record.kind, record.key), *invoices_of(record)]
    absent = (last.sent for key in keys if (last := case.latest(key)) and last.state is State.ABSENT)
    behind = case.recognised(record) if isinstance(record, JournalEntry) else None
    return max(*absent, _in_vain(case, case.records[behind.kind, behind.key]) if behind else 0.0, 0.0)


def _is_new_account(each: Planned) -> bool:
    return each.record.kind is Kind.CUSTOMER and each.action is Action.CREATE


def held_back(case: Case, record: Transferable, available: Container[RecordKey]) -> Problem | None:
    """Why a record cannot leave before its parents: its account, its invoices; ``available`` is what the ledger has."""
    for invoice in invoices_of(record):
        if invoice not in available:
            found = case.invoice(invoice)
            number = (found.number if found else "") or invoice[1]
            kept_out = case.statuses.get(invoice) is SyncStatus.DO_NOT_SYNC
            code = "invoice_no_go" if kept_out else "invoice_not_transferred"
            return problem_of(record, code, column="invoice", invoice=number)
    payment = case.payment_of(record)
    if payment and (payment.kind, payment.key) not in available:
        return problem_of(record, "payment_not_transferred", column="reason", payment=payment.number or payment.key)
    for back in reopening(case, record):
        if (back.kind, back.key) not in available:
            return problem_of(record, "return_not_transferred", column="invoice", payment=back.number or back.key)
    document = case.recognised(record) if isinstance(record, JournalEntry) else None
    if document and (document.kind, document.key) not in available:
        number = document.number or document.key
        return problem_of(record, "invoice_not_transferred", column="invoice", invoice=number)
    for account in _needs_accounts(case, record):
        if (Kind.CUSTOMER, account) not in available:
            name = case.customers[account].name if account in case.customers else account
            return problem_of(record, "account_not_transferred", column="account", account=name)
    return None


def _needs_accounts(case: Case, record: Transferable) -> Iterator[str]:
    if isinstance(record, Customer):
        if record.parent and case.capabilities.sub_customers:
            yield record.parent
    elif isinstance(record, JournalEntry):
        yield from (line.customer for line in record.lines if line.customer)
    else:
        yield record.customer


def _customers(
    case: Case, leaving: list[Transferable], stopped: Container[RecordKey]
) -> Mapping[Action, list[Transferable]]:
    going = {(r.kind, r.key) for r in leaving}
    billed = {
        r.customer
        for r in leaving
        if isinstance(r, Document | Payment)
        and all(invoice in going or case.settled(invoice) for invoice in invoices_of(r))
    }
    if case.capabilities.sub_customers:
        billed |= {parent for key in billed for parent in case.ancestors(key)}
    creates: list[Transferable] = []
    updates: list[Transferable] = []
    for key, customer in case.customers.items():
        record = (Kind.CUSTOMER, key)
        if record in stopped or case.statuses.get(record) is not SyncStatus.TO_TRANSFER:
            continue
        if not case.settled(record):
            if key in billed:
                creates.append(customer)
        elif case.capabilities.updates_customers and record not in case.undecided:
            updates.append(customer)
    return {Action.CREATE: creates, Action.UPDATE: updates}


def _levels(case: Case, records: list[Transferable]) -> list[list[Transferable]]:
    """Records that may leave together, in order: a parent account's level comes before its children's.

    A payment that came back leaves after it and before what pays its invoices again.
    """
    later = turns(case, records)

    def depth(record: Transferable) -> int:
        if isinstance(record, Customer):
            return len(case.ancestors(record.key))
        return later.get((record.kind, record.key), 0)

    def order(record: Transferable) -> tuple[int, date, str, str]:
        return depth(record), getattr(record, "date", date.min), record.number, record.key

    return [list(level) for _, level in groupby(sorted(records, key=order), key=depth)]


def planned(case: Case, record: Transferable, action: Action) -> Planned:
    """A record made ready to leave: resolved, with the generation and key it carries."""
    latest = case.latest((record.kind, record.key))
    generation = next_generation(latest.state, latest.generation) if latest else 0
    resolved = resolve(case, record).record
    return Planned(
        record=resolved,
        action=action,
        generation=generation,
        key=idempotency_key(case.company, case.ledger, record.kind, record.key, generation),
        accounts=booked_as(case, resolved),
    )
