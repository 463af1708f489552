"""Accounts: whose they are in the ledger, and what waits for a decision."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from addin.journal.protocol import State
from addin.sync.case import Case
from connectors.problems import Problem, problem_of
from connectors.records import (
    Kind,
    SyncStatus,
)


def parents_end(case: Case) -> Iterator[Problem]:
    """No account is its own ancestor."""
    for key, customer in case.customers.items():
        chain = case.ancestors(key)
        last = case.customers.get(chain[-1]) if chain else customer
        if last and last.parent == key:
            names = [case.customers[each].name for each in (*chain, key)]
            yield problem_of(customer, "parent_circular", column="parent", chain=" → ".join(names))


def accounts_are_linked(case: Case) -> Iterator[Problem]:
    """A billed account is linked to the ledger or flagged as new (Membri 365, "Create new customer accounts")."""
    for key, customer in case.billed.items():
        typed = case.review.rows.get((Kind.CUSTOMER, key))
        latest = case.latest((Kind.CUSTOMER, key))
        merged = latest is not None and latest.state is State.GONE
        if typed and not merged and not case.settled((Kind.CUSTOMER, key)) and typed.code("new_account") != "yes":
            yield problem_of(customer, "account_not_linked", column="new_account")


def links_are_known(case: Case) -> Iterator[Problem]:
    """A typed sync reference names a customer of the ledger, and one account alone."""
    known = {customer.reference for customer in case.lists.customers}
    transfers = {key: case.settled((Kind.CUSTOMER, key)) for key in case.customers}
    linked = Counter(transfer.ledger_id for transfer in transfers.values() if transfer)
    for key, customer in case.customers.items():
        transfer = transfers[key]
        if transfer and transfer.action == "link":
            if known and transfer.ledger_id not in known:
                yield problem_of(
                    customer, "account_unknown_in_ledger", column="reference", reference=transfer.ledger_id
                )
            if linked[transfer.ledger_id] > 1:
                yield problem_of(
                    customer, "account_linked_twice", column="reference", reference=transfer.ledger_id,
                    count=str(linked[transfer.ledger_id]),
                )  # fmt: skip


def changes_are_decided(case: Case) -> Iterator[Problem]:
    """What a person changed of an account in the ledger is not written over before the accountant has decided."""
    for key in sorted(case.undecided):
        waits = key[0] is Kind.CUSTOMER and case.statuses.get(key) is SyncStatus.TO_TRANSFER and case.settled(key)
        if waits and key in case.records:
            yield problem_of(case.records[key], "change_undecided", column="status")
