"""What the postings of a batch are worth in the company's currency, from what Tryton has of what they settle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from connectors.double_entry import legs
from connectors.exchange import at_home, rate_of, settling, taken_off
from connectors.ledger import Posting
from connectors.ledgers.tryton.books import Books
from connectors.ledgers.tryton.exchange import Worth
from connectors.ledgers.tryton.mapping import Target
from connectors.ledgers.tryton.returning import Received
from connectors.ledgers.tryton.targets import Goal, goals
from connectors.records import ZERO, Customer, ExchangeRate, Payment


class Valuing:
    """Values the postings of a batch, one after the other: what one settles is open no more for the next."""

    def __init__(self, books: Books, targets: Mapping[Goal, Target], received: Mapping[str, Received]) -> None:
        self._books, self._received = books, received
        self._open = {goal: (target.left, target.value) for goal, target in targets.items()}

    def of(self, posting: Posting) -> Worth | None:
        """What a posting is worth; ``None`` of one in the company's own currency."""
        record, home = posting.record, self._books.home
        exchange = rate_of(record, home)
        if exchange is None or isinstance(record, Customer):
            return None
        back = self._received.get(posting.returned)
        if back and isinstance(record, Payment):
            money = replace(record, currency=home, exchange=None, amount=back.money)
            return Worth(record=money, values=(back.value,), settling=back.money, account=back.exchange)
        parts = [part.amount for part in posting.applied]
        values = tuple(self._taken(goal, part) for goal, part in zip(goals(posting), parts, strict=True))
        if not values:
            return Worth(record=at_home(record, home), rate=_said(exchange, home))
        [owed] = [leg.amount for leg in legs(posting, self._books.own) if leg.customer]
        at_its_rate = settling(abs(owed), parts, exchange, home)
        worth = Worth(record=at_home(record, home), values=values, settling=at_its_rate, rate=_said(exchange, home))
        gains = worth.more > ZERO if owed > ZERO else worth.more < ZERO  # what we owe is settled by a debit
        return replace(worth, account=self._books.gains if gains else self._books.losses)

    def _taken(self, goal: Goal, part: Decimal) -> Decimal:
        left, value = self._open[goal]
        taken = taken_off(part, left, value, self._books.home)
        self._open[goal] = left - part, value - taken
        return taken


def _said(exchange: ExchangeRate, home: str) -> str:
    """A rate with its day and who says so, for which Tryton's moves have no field."""
    return ", ".join(filter(None, (f"{exchange.rate} {home}", str(exchange.date or ""), exchange.source)))
