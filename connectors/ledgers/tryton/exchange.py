"""What a record in a foreign currency is booked at in Tryton: in the company's currency, at the rate that it names.

It is booked as a move, whose lines have both amounts (``debit``, ``credit`` and ``amount_second_currency``). Tryton's
own invoices are computed at the rates of ``currency.currency.rate``, six decimals of the inverse, which all companies
of the database share and which count from their day on: they come to other cents than the record says.

What is settled leaves the account at the value that it came with. The difference is a line of the same move, so that
Tryton, asked to reconcile, books none of its own (``Line.reconcile``, 8.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from connectors.ledgers.tryton.rpc import Row
from connectors.records import ZERO, Transferable


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What a record comes to in the company's currency, as the ``record`` in it.

    ``values`` are what its parts take off the documents that they go to, ``settling`` what these come to at its own
    rate; ``account`` takes the difference. ``rate`` is what the move says of its rate, as people read it.
    """

    record: Transferable
    values: tuple[Decimal, ...] = ()
    settling: Decimal = ZERO
    account: str = ""
    rate: str = ""

    @property
    def more(self) -> Decimal:
        """By how much what is settled is worth more than what settles it."""
        return sum(self.values, ZERO) - self.settling


def in_own_currency(lines: Sequence[Row]) -> tuple[str, Sequence[Row]]:
    """The currency of a move (empty: the company's) and its lines in it, without those of gain or loss.

    It is that of all its lines of customers and suppliers or, where it has none, of all its lines.
    """
    owed = [line for line in lines if line["party"]] or lines
    [currency, *others] = {line["second_currency"] for line in owed} or {None}
    if currency is None or others:
        return "", lines
    mine = [line for line in lines if line["second_currency"] == currency]
    amounts = [line["amount_second_currency"] for line in mine]
    rows = [
        {**line, "debit": max(amount, ZERO), "credit": max(-amount, ZERO)}
        for line, amount in zip(mine, amounts, strict=True)
    ]
    return mine[0]["second_currency."]["code"], rows
