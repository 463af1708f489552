"""Foreign currency in a plain-text book: every posting is in the book's own currency, at the rate of the source.

What a customer owes, or a supplier is owed, keeps its own currency beside it (``foreign``), by which it is aged and
compared. A document leaves the account at the value that it came with; what the money is worth more or less by then is
gain or loss on an account of the settings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from connectors.double_entry import Leg, legs
from connectors.exchange import at_home, rate_of, settling, taken_off
from connectors.ledger import Applied, LedgerLists, Posting
from connectors.ledgers.beancount.contents import Contents, foreign
from connectors.ledgers.beancount.documents import Documents
from connectors.problems import Problem, problem_of
from connectors.records import ZERO, Customer, ReturnedPayment


def home_legs(posting: Posting, lists: LedgerLists, contents: Contents) -> tuple[Leg, ...]:
    """The legs of a posting in the book's currency, gain or loss among them."""
    home = lists.home_currency
    own = legs(posting, lists)
    exchange = rate_of(posting.record, home)
    if exchange is None:
        return own
    if isinstance(posting.record, ReturnedPayment):
        return tuple(_given_back(posting.returned, contents))
    there = legs(replace(posting, record=at_home(posting.record, home)), lists)
    made = [
        replace(leg, foreign=own_leg.amount if own_leg.customer else None)
        for own_leg, leg in zip(own, there, strict=True)
    ]
    owed = abs(next((leg.amount for leg in own if leg.customer), ZERO))
    parts = settling(owed, (part.amount for part in posting.applied), exchange, home)
    return tuple(_with_difference(made, sum(values(posting, home, contents), ZERO) - parts, contents))


def _given_back(payment: str, contents: Contents) -> Iterator[Leg]:
    """What a payment booked, the other way round: its gain or loss with it, whatever the rate is by then."""
    entry = contents.transactions.get(payment)
    for leg in entry.postings if entry else ():
        parent, customer = contents.customer_of(leg.account) or (leg.account, "")
        owed = foreign(leg)
        if leg.units and leg.units.number is not None:
            back = None if owed is None or owed.number is None else -owed.number
            yield Leg(account=parent, amount=-leg.units.number, customer=customer, foreign=back)


def values(posting: Posting, home: str, contents: Contents) -> list[Decimal]:
    """What each part of a payment or credit takes off its document, in the book's currency; none of the home one."""
    if rate_of(posting.record, home) is None:
        return []
    documents = Documents(contents)
    return [_value(part, documents, home) for part in posting.applied]


def unvalued(posting: Posting, contents: Contents) -> Iterator[Problem]:
    """What pays a document that stands in the book in another currency, or in its own without its value at home."""
    record, home, documents = posting.record, contents.home_currency, Documents(contents)
    for reference in () if isinstance(record, Customer) else [part.ledger_id for part in posting.applied]:
        there = documents.standings([reference]).get(reference)
        if there and (there.currency or home) != record.currency:
            words = {"invoice": there.number, "currency": record.currency, "other": there.currency or home}
            yield problem_of(record, "currency_differs", column="currency", **words)
        elif record.currency != home and documents.open_value(reference) is None:
            yield problem_of(record, "document_without_rate", column="invoice", reference=reference)


def _value(part: Applied, documents: Documents, home: str) -> Decimal:
    value, left = documents.open_value(part.ledger_id) or ZERO, documents.open_amount(part.ledger_id)
    return taken_off(part.amount, left, value, home)


def _with_difference(made: Sequence[Leg], more: Decimal, contents: Contents) -> Iterator[Leg]:
    """The legs with what is settled at its own value; ``more`` is by how much that is above what settles it."""
    for leg in made:
        side = 0 if leg.foreign is None else -1 if leg.amount < ZERO else 1
        yield replace(leg, amount=leg.amount + side * more)
        if side and more:
            yield Leg(account=contents.settings.exchange, amount=-side * more)
