"""Accounts: whose they are in the ledger, and what waits for a decision."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from addin.journal import Answer, State, Topic
from addin.sync.case import Case
from connectors.ledger import same_name
from connectors.problems import Problem, problem_of
from connectors.records import (
    Customer,
    Document,
    Kind,
    Payment,
    Side,
    SupplierInvoice,
    SupplierPayment,
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


def care_is_known(case: Case) -> Iterator[Problem]:
    """In whose care mail is sent is an account of the source where it is written like one's key (AutoVu, check 3).

    Anything else is a name, and goes as it is.
    """
    shapes = {_shape(key) for key in case.customers if any(map(str.isdecimal, key))}
    named = {account.name for account in case.customers.values()}
    leaving: list[Customer | Document] = [*case.new_accounts.values(), *case.changed_accounts.values()]
    for record in (*leaving, *case.documents()):
        care_of = record.care_of
        if care_of and care_of not in case.customers and care_of not in named and _shape(care_of) in shapes:
            yield problem_of(record, "care_of_unknown", column="care_of", care_of=care_of)


def _shape(key: str) -> str:
    """How a key is written: any number in it counts as any other."""
    return re.sub(r"\d+", "0", key)


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


def names_are_apart(case: Case) -> Iterator[Problem]:
    """Where names are unique in the ledger, no two new accounts have one: which of them may take it is not known."""
    if not case.capabilities.unique_names:
        return
    flagged = {key: each for key, each in case.new_accounts.items() if _is_flagged(case, key)}
    counts = Counter(same_name(account.name) for account in flagged.values())
    for account in flagged.values():
        if (count := counts[same_name(account.name)]) > 1:
            yield problem_of(account, "names_equal", column="name", name=account.name, count=str(count))


def _is_flagged(case: Case, account: str) -> bool:
    typed = case.review.rows.get((Kind.CUSTOMER, account))
    return typed is not None and typed.code("new_account") == "yes"


def families_are_shallow(case: Case) -> Iterator[Problem]:
    """No new account stands deeper below others than the ledger takes."""
    most = case.capabilities.customer_levels if case.capabilities.sub_customers else None
    for key, account in case.new_accounts.items() if most else ():
        if most and len(above := case.ancestors(key)) >= most:
            names = " → ".join(case.customers[each].name for each in (*reversed(above), key) if each in case.customers)
            yield problem_of(account, "parents_too_many", column="parent", chain=names, limit=str(most))


def sides_agree(case: Case) -> Iterator[Problem]:
    """Where the ledger keeps them apart, a sale is billed to a customer, and a purchase by a supplier.

    So is the one paid by a customer and the other paid to a supplier.
    """
    suppliers = {each.reference: each.is_supplier for each in case.lists.customers}
    for record in case.candidates.values() if case.capabilities.parties_apart else ():
        if not isinstance(record, Document | Payment):
            continue
        account = case.customers.get(record.customer)
        linked = case.settled((Kind.CUSTOMER, record.customer))
        supplies = suppliers.get(linked.ledger_id) if linked else account.is_supplier if account else None
        if account and supplies is not None and supplies is not (record.side is Side.PURCHASES):
            code = "supplier_sold_to" if supplies else "customer_bought_from"
            yield problem_of(record, code, column="account", account=account.name)


def suppliers_are_paid(case: Case) -> Iterator[Problem]:
    """Money is paid to a supplier: given back to a customer it would be a refund (books.md, rule 1).

    A supplier is an account that the source calls one, or that has billed us.
    """
    payments = [each for each in case.candidates.values() if isinstance(each, SupplierPayment)]
    bills = case.of_kind(Kind.SUPPLIER_INVOICE) if payments else []
    billing = {bill.customer for bill in bills if isinstance(bill, SupplierInvoice)}
    for payment in payments:
        account = case.customers.get(payment.customer)
        if account and not account.is_supplier and account.key not in billing:
            yield problem_of(payment, "paid_no_supplier", column="account", account=account.name)


def _shares(case: Case, account: str, reference: str) -> bool:
    """Whether a person said that an account shares its customer with others."""
    return case.questions.said((Kind.CUSTOMER, account), Topic.SHARE, reference) is Answer.YES


def changes_are_decided(case: Case) -> Iterator[Problem]:
    """What a person changed of an account in the ledger is not written over before the accountant has decided."""
    for key in sorted(case.undecided):
        waits = key[0] is Kind.CUSTOMER and case.statuses.get(key) is SyncStatus.TO_TRANSFER and case.settled(key)
        if waits and key in case.records:
            yield problem_of(case.records[key], "change_undecided", column="status")
