"""Accounts that are new and look like a customer that the ledger has: asked about before a second one is made."""

from __future__ import annotations

from collections.abc import Iterator

from addin.journal import Answer, Question, Topic
from addin.sync.case import Case
from addin.sync.matching import Customers
from addin.sync.offers import shown
from connectors.ledger import LedgerCustomer, same_name
from connectors.problems import Problem, problem_of
from connectors.records import Customer, Kind


def new_accounts_are_new(case: Case) -> Iterator[Problem]:
    """No new account is certainly a customer that the ledger has and no account is linked to, or a person said so.

    The text asks it of the accountant (Membri 365: check "whether a customer's account has a similar/identical name").
    """
    for account, customer in resembled(case).items():
        yield problem_of(case.customers[account], "account_resembles", column="new_account",
                         name=case.customers[account].name, customer=shown(customer))  # fmt: skip


def resembled(case: Case) -> dict[str, LedgerCustomer]:
    """By new account the customer of the ledger that it certainly is, where nobody said that it is another one.

    Where names are unique in the ledger one of the same name is refused, and so not asked about.
    """
    new = {key: account for key, account in case.new_accounts.items() if _is_flagged(case, key)}
    if not new:
        return {}
    linked = {booked.ledger_id for key in case.customers if (booked := case.settled((Kind.CUSTOMER, key)))}
    known = Customers(customer for customer in case.lists.customers if customer.reference not in linked)
    found = {key: (account, known.certain(account)) for key, account in new.items()}
    return {
        key: match.customer
        for key, (account, match) in found.items()
        if match and not is_another(case, key, match.customer.reference) and not _refused(case, account, match.customer)
    }


def is_another(case: Case, account: str, reference: str) -> bool:
    """Whether a person said that an account is another one than a customer of the ledger."""
    return case.questions.said((Kind.CUSTOMER, account), Topic.NEW, reference) is Answer.YES


def to_confirm(account: str, customer: LedgerCustomer) -> Question:
    """The question whether an account is another one than a customer of the ledger."""
    return Question(kind=Kind.CUSTOMER, record=account, topic=Topic.NEW, about=customer.reference)


def _is_flagged(case: Case, account: str) -> bool:
    typed = case.review.rows.get((Kind.CUSTOMER, account))
    return typed is not None and typed.code("new_account") == "yes"


def _refused(case: Case, account: Customer, customer: LedgerCustomer) -> bool:
    return case.capabilities.unique_names and same_name(account.name) == same_name(customer.name)
