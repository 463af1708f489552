"""What an auditor asks of entries: balances by account and by party, taxes by period, and whether each balances."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from tests.auditor.entries import PURCHASES, Entry, Leg, legs_of
from tests.auditor.source import ZERO


def trial_balance(entries: Sequence[Entry], until: date | None = None) -> dict[str, Decimal]:
    """The balance of each account on a day, debits positive, without those that come to nothing."""
    return _sums((leg.account, leg) for leg in legs_of(entries, until))


def by_party(entries: Sequence[Entry], account: str, until: date | None = None) -> dict[str, Decimal]:
    """What each party owes (positive) or is owed on one account."""
    return _sums((leg.party, leg) for leg in legs_of(entries, until) if leg.account == account)


def taxes(entries: Iterable[Entry], first: date, last: date) -> dict[tuple[str, str], Decimal]:
    """What each tax comes to in a period, by its code: ``collected`` on sales, ``recoverable`` on purchases."""
    sums: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
    for entry in entries:
        side, sign = ("recoverable", 1) if entry.kind in PURCHASES else ("collected", -1)
        for leg in entry.legs if first <= entry.on <= last else ():
            if leg.tax:
                sums[leg.tax, side] += sign * leg.amount
    return {tax: total for tax, total in sums.items() if total}


def unbalanced(entries: Iterable[Entry]) -> Counter[tuple[str, str]]:
    """The records whose debits are not their credits."""
    return Counter((entry.kind, entry.key) for entry in entries if sum((leg.amount for leg in entry.legs), ZERO))


def _sums(legs: Iterable[tuple[str, Leg]]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for name, leg in legs:
        sums[name] += leg.amount
    return {name: balance for name, balance in sums.items() if balance}
