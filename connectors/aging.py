"""Aged balances out of open items: one way for every ledger that has no report of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from connectors.ledger import AgedBalance
from connectors.records import ZERO

AGES = ((0, "current"), (30, "days_30"), (60, "days_60"), (90, "days_90"))
"""Days since the due date, and the age that so many or fewer are of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """A document or credit of a party: its day, its amount (a credit's is negative) and what was taken off it when.

    ``taken`` has the sign of the amount. ``currency`` is empty for the home currency.
    """

    party: str
    name: str
    on: date
    due: date
    amount: Decimal
    taken: tuple[tuple[date, Decimal], ...] = ()
    currency: str = ""

    def left(self, on: date) -> Decimal:
        """What was open of it at the end of a day."""
        return self.amount - sum((amount for day, amount in self.taken if day <= on), ZERO)


def aged(items: Iterable[OpenItem], on: date) -> list[AgedBalance]:
    """What every party owes at the end of a day, by days since the due date; what is left of a credit is current."""
    ages: defaultdict[tuple[str, str], defaultdict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    names: dict[str, str] = {}
    for item in items:
        if item.on > on or not (left := item.left(on)):
            continue
        names[item.party] = item.name
        ages[item.party, item.currency][_age((on - item.due).days) if left > ZERO else "current"] += left
    return [
        AgedBalance(customer=party, name=names[party], currency=currency, **amounts)
        for (party, currency), amounts in sorted(ages.items())
        if any(amounts.values())
    ]


def _age(days: int) -> str:
    return next((name for limit, name in AGES if days <= limit), "older")
