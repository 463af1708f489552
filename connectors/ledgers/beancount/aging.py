"""Aged receivables and payables out of the book's own movements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from connectors.ledger import AgedBalance
from connectors.ledgers.beancount.contents import Contents, Movement
from connectors.records import ZERO

AGES = ((0, "current"), (30, "days_30"), (60, "days_60"), (90, "days_90"))


@dataclass(slots=True)
class _Open:
    """What is left to pay of a document."""

    due: date
    left: Decimal


def aged(contents: Contents, on: date, home: str, *, payable: bool = False) -> list[AgedBalance]:
    """What every customer owes on a date, or supplier is owed, by currency.

    A credit reduces the documents of the same customer and currency that it is applied to; what is left of it counts
    as current. What a customer owes is therefore always the balance of the sub-account.
    """
    until = [
        replace(movement, applied=contents.applied_until(movement, on))
        for movement in contents.owed(on, payable=payable)
    ]
    documents, by_name = _documents(until)
    ages: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for credit in (movement for movement in until if movement.amount < ZERO):
        ages[credit.customer, credit.currency]["current"] += _apply(credit, by_name)
    for movement, document in documents:
        ages[movement.customer, movement.currency][_age((on - document.due).days)] += document.left
    return [
        AgedBalance(
            customer=customer,
            name=contents.title(customer, payable=payable),
            currency="" if currency == home else currency,
            **amounts,
        )
        for (customer, currency), amounts in sorted(ages.items())
        if any(amounts.values())
    ]


def _documents(
    movements: Iterable[Movement],
) -> tuple[list[tuple[Movement, _Open]], dict[tuple[str, str, str], _Open]]:
    documents = [(movement, _Open(movement.due, movement.amount)) for movement in movements if movement.amount > ZERO]
    by_name: dict[tuple[str, str, str], _Open] = {}
    for movement, document in documents:
        for name in movement.names:
            by_name.setdefault((movement.customer, movement.currency, name), document)
    return documents, by_name


def _apply(credit: Movement, by_name: dict[tuple[str, str, str], _Open]) -> Decimal:
    rest = -credit.amount
    for name, amount in credit.applied:
        if document := by_name.get((credit.customer, credit.currency, name)):
            part = min(rest, document.left, rest if amount is None else amount)
            document.left -= part
            rest -= part
    return -rest


def _age(days: int) -> str:
    return next((name for limit, name in AGES if days <= limit), "older")
