"""Many documents compared with many records that they may be, quickly, and the days to ask for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

from connectors.ledger import Sought, Standing


class Likeness:
    """Records that are looked for, sorted by number and by customer."""

    def __init__(self, sought: Iterable[Sought]) -> None:
        self._by_number: dict[str, list[Sought]] = defaultdict(list)
        self._by_customer: dict[str, list[Sought]] = defaultdict(list)
        for each in sought:
            if each.number:
                self._by_number[each.number.casefold()].append(each)
            self._by_customer[each.customer].append(each)

    def of(self, one: Standing) -> Iterator[Sought]:
        """What a document of a ledger may be."""
        near = {id(each): each for each in self._by_number.get(one.number.casefold(), ())}
        customers = {one.customer, ""} if one.customer else self._by_customer
        for customer in customers:
            near |= {id(each): each for each in self._by_customer.get(customer, ())}
        return (each for each in near.values() if each.is_like(one))


def spans(days: Iterable[tuple[date, date]], apart: int = 0) -> list[tuple[date, date]]:
    """Spans of days merged into as few as possible; those that lie at most so many days apart are one."""
    merged: list[tuple[date, date]] = []
    for first, last in sorted(days):
        if merged and (first - merged[-1][1]).days <= apart:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return merged
