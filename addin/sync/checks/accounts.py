"""Accounts: whose they are in the ledger, and what waits for a decision."""

from __future__ import annotations

from collections.abc import Iterator

from addin.journal import Answer, State, Topic
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
    """A linked account is a customer of the ledger, and of no other account unless a person said that they share it.

    A household may have several accounts and one customer (trust.md, section 2).
    """
    known = {customer.reference for customer in case.lists.customers}
    transfers = {key: case.settled((Kind.CUSTOMER, key)) for key in case.customers}
    linked: dict[str, list[str]] = {}
    for key, transfer in transfers.items():
        if transfer:
            linked.setdefault(transfer.ledger_id, []).append(key)
    for key, transfer in transfers.items():
        if transfer and transfer.action == "link" and known and transfer.ledger_id not in known:
            reference = transfer.ledger_id
            yield problem_of(case.customers[key], "account_unknown_in_ledger", column="reference", reference=reference)
    for reference, keys in linked.items():
        if len(keys) > 1 and not all(_shares(case, key, reference) for key in keys):
            for key in keys:
                others = ", ".join(case.customers[other].name for other in keys if other != key)
                yield problem_of(
                    case.customers[key], "account_linked_twice", column="reference", reference=reference, others=others
                )


def linked_are_in_use(case: Case) -> Iterator[Problem]:
    """The customer of a billed account takes documents: a ledger refuses them of one that was made inactive."""
    inactive = {customer.reference: customer for customer in case.lists.customers if not customer.active}
    for key, account in case.billed.items():
        transfer = case.settled((Kind.CUSTOMER, key)) if inactive else None
        if transfer and transfer.ledger_id in inactive:
            found = inactive[transfer.ledger_id]
            yield problem_of(account, "account_inactive_in_ledger", column="reference", reference=found.reference,
                             name=found.name)  # fmt: skip


def _shares(case: Case, account: str, reference: str) -> bool:
    """Whether a person said that an account shares its customer with others."""
    return case.questions.said((Kind.CUSTOMER, account), Topic.SHARE, reference) is Answer.YES


def changes_are_decided(case: Case) -> Iterator[Problem]:
    """What a person changed of an account in the ledger is not written over before the accountant has decided."""
    for key in sorted(case.undecided):
        waits = key[0] is Kind.CUSTOMER and case.statuses.get(key) is SyncStatus.TO_TRANSFER and case.settled(key)
        if waits and key in case.records:
            yield problem_of(case.records[key], "change_undecided", column="status")
