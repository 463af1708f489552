"""How a sheet's dates and amounts are written, as far as values tell; what they leave open is never chosen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from connectors.sources.exports.amounts import SIGNS
from connectors.sources.exports.dates import ORDERS
from connectors.sources.exports.fields import TYPES
from connectors.sources.exports.guess import SheetGuess
from connectors.sources.tables.columns import Type

_NUMBERS = frozenset({Type.AMOUNT, Type.NUMBER, Type.RATE})


def with_writings(guesses: Sequence[SheetGuess]) -> tuple[SheetGuess, ...]:
    """The guesses with the orders of dates and the decimal signs that are left; one that a sheet leaves open is told
    by the other sheets of its file, where these agree: one system wrote them all."""
    orders: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    signs: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for guess in guesses:
        orders[guess.sheet.file].append(_orders(guess))
        signs[guess.sheet.file].append(_signs(guess))
    return tuple(
        replace(
            guess,
            orders=_settled(_orders(guess), orders[guess.sheet.file]),
            signs=_settled(_signs(guess), signs[guess.sheet.file]),
        )
        for guess in guesses
    )


def _orders(guess: SheetGuess) -> tuple[str, ...]:
    """The orders in which every date of a sheet can be read; none where no date is a text of figures."""
    told = [traits.orders for traits in guess.traits if traits.dates and traits.orders_matter]
    return _left(ORDERS, told)


def _signs(guess: SheetGuess) -> tuple[str, ...]:
    """The decimal signs by which every amount of a sheet can be read; none where no text has one."""
    columns = [guess.traits[column.at] for column in guess.columns if TYPES.get(column.field) in _NUMBERS]
    return _left(SIGNS, [traits.signs for traits in columns if traits.amounts and traits.signs_matter])


def _left(every: tuple[str, ...], told: list[frozenset[str]]) -> tuple[str, ...]:
    """What all columns leave; where they contradict each other, all of it is open."""
    if not told:
        return ()
    left = frozenset(every).intersection(*told)
    return tuple(one for one in every if one in left) or every


def _settled(own: tuple[str, ...], others: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    decided = {other[0] for other in others if len(other) == 1}
    if len(own) > 1 and len(decided) == 1 and decided <= set(own):
        return tuple(decided)
    return own
