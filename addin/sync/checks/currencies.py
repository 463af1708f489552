"""Currencies: what settles is in that of what it settles, and each customer in one, where the ledger keeps them so.

A ledger that keeps a customer in one currency for ever takes nothing of it in another. A new one is made in the
currency of what is to leave for it, where that is one, else in its own by the source.
"""

from __future__ import annotations

from collections.abc import Iterator

from addin.sync.case import Case, invoices_of
from addin.sync.resolve import resolve
from connectors.problems import Problem, problem_of
from connectors.records import CreditNote, Customer, JournalEntry, Kind, Payment, Transferable


def currencies_agree(case: Case) -> Iterator[Problem]:
    """What pays an invoice, or is taken off it, is in its currency: amounts of two do not settle each other."""
    for record in case.leaving.values():
        for key in invoices_of(record) if isinstance(record, Payment | CreditNote) else ():
            invoice = case.invoice(key)
            if invoice and invoice.currency != record.currency:
                yield problem_of(
                    record, "currency_differs", column="currency", invoice=invoice.number or invoice.key,
                    currency=record.currency, other=invoice.currency,
                )  # fmt: skip


def accounts_keep_their_currency(case: Case) -> Iterator[Problem]:
    """What is billed to a customer, or moves what it owes, is in the currency that the ledger keeps it in."""
    if not case.capabilities.currency_by_party or case.lists.one_currency:
        return
    for record in case.candidates.values():
        for key in _parties(case, record):
            account, kept = case.customers.get(key), _kept_in(case, key)
            currency = getattr(record, "currency", "")
            if account and kept and kept != currency:
                words = {"account": account.name, "kept": kept, "currency": currency}
                yield problem_of(record, "account_in_another_currency", column="currency", **words)


def _parties(case: Case, record: Transferable) -> Iterator[str]:
    """Who owes or is owed by a record, by key; an entry names some on the lines that move what they owe."""
    if not isinstance(record, JournalEntry):
        yield getattr(record, "customer", "")
        return
    moved = {account.code for account in case.lists.accounts if account.by_party}
    resolved = resolve(case, record).record
    for line in resolved.lines if isinstance(resolved, JournalEntry) else ():
        if line.customer and line.ledger_account in moved:
            yield line.customer


def _kept_in(case: Case, key: str) -> str:
    """The currency that an account is kept in, or will be; empty where that is not known before the ledger is asked."""
    if linked := case.settled((Kind.CUSTOMER, key)):
        return case.kept_in.get(linked.ledger_id, "")
    made = resolve(case, account).record if (account := case.customers.get(key)) else None
    return made.currency or case.lists.home_currency if isinstance(made, Customer) else ""
