"""Taking documents back, and what the book now says of them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from beancount.core.amount import Amount
from beancount.core.data import Transaction

from connectors.ledger import Action, Posted, Posting, Standing
from connectors.ledgers.beancount.checks import CAPABILITIES
from connectors.ledgers.beancount.contents import Contents, word
from connectors.ledgers.beancount.problems import where
from connectors.problems import Problem, problem_of
from connectors.records import Kind
from connectors.undoing import obstacle

ON_ACCOUNT = frozenset({Kind.INVOICE, Kind.CREDIT_NOTE, Kind.SUPPLIER_INVOICE, Kind.PAYMENT})
"""The kinds of which one leg, the account's, is the total."""


def found(posting: Posting, contents: Contents) -> Posted | None:
    """What the book has under a posting's key; a void is there as soon as what it names does not stand."""
    if posting.action is not Action.VOID:
        return contents.posted[posting.key] if contents.stands(posting.key) else None
    if contents.stands(posting.reference) or posting.record.kind not in CAPABILITIES.voids:
        return None
    return Posted(key=posting.key, ledger_id=posting.reference, replayed=True)


def standing(key: str, contents: Contents) -> Standing | None:
    """The document of a key as the book has it now; nothing where it was deleted."""
    entry = contents.transactions.get(key)
    if entry is None:
        return None
    return Standing(
        ledger_id=key,
        number=word(entry.meta, "number"),
        total=_total(entry, contents),
        customer=word(entry.meta, "customer"),
        applied=tuple(_applied(entry, contents)),
        void=key in contents.voided,
    )


def irreversible(posting: Posting, contents: Contents) -> Problem | None:
    """The first reason why a document is not taken back, if there is one."""
    now = standing(posting.reference, contents)
    if problem := obstacle(posting, CAPABILITIES, now):
        return problem
    entry, record, closed = contents.transactions[posting.reference], posting.record, contents.settings.closing_date
    if closed and entry.date <= closed:
        words = {"date": str(entry.date), "closing_date": str(closed)}
        return problem_of(record, "period_closed", column="date", **words)
    for leg in entry.postings:
        if leg.units is None or leg.units.number is None or leg.cost or leg.price:
            return problem_of(record, "ledger_refused", detail=f"{leg.account}: {where(leg.meta)}")
        for balance in contents.asserted(leg.account):
            if balance.amount.currency == leg.units.currency and entry.date < balance.date:
                words = {"code": balance.account, "date": str(entry.date), "asserted": str(balance.date)}
                return problem_of(record, "balance_asserted", column="date", place=where(balance.meta), **words)
    return None


def _applied(entry: Transaction, contents: Contents) -> Iterator[str]:
    """What pays or reduces a document, by number: the credits of its customer that name it and stand."""
    customer = word(entry.meta, "customer")
    for name in (word(entry.meta, "key"), word(entry.meta, "number")):
        for credit in contents.payers.get(name, ()):
            if credit.customer == customer and not any(each in contents.voided for each in credit.names):
                yield credit.names[-1] if credit.names else str(credit.on)


def _total(entry: Transaction, contents: Contents) -> Decimal | None:
    """What it comes to, by what the account's side says where it has one: a person may have changed that alone."""
    total = entry.meta.get("total")
    if word(entry.meta, "kind") not in ON_ACCOUNT:
        return total.number if isinstance(total, Amount) else None
    sides = [leg.units.number for leg in entry.postings if leg.units and contents.customer_of(leg.account)]
    return abs(sum((amount for amount in sides if amount is not None), Decimal(0)))
