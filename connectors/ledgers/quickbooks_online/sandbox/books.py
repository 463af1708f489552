"""The double entry below the documents: every transaction posts legs that add up to nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from connectors.ledgers.quickbooks_online.sandbox.bodies import ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """An account's part of a transaction in the home currency; a debit is positive.

    ``name`` is the customer or vendor whose balance it moves: set on receivable and payable accounts alone; by
    ``foreign`` where the transaction is in another currency, which is theirs.
    """

    account: str
    amount: Decimal
    name: str = ""
    memo: str = ""
    foreign: Decimal | None = None

    @property
    def of_name(self) -> Decimal:
        """By how much it moves the balance of its customer or vendor, in their currency."""
        return self.amount if self.foreign is None else self.foreign


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """The legs of one transaction with what reports print of it."""

    entity: str
    id: str
    day: date
    number: str
    legs: tuple[Leg, ...]


class Books:
    """Every posting by transaction id, and the balances they add up to."""

    def __init__(self) -> None:
        self._postings: dict[str, Posting] = {}
        self.accounts: defaultdict[str, Decimal] = defaultdict(Decimal)
        self.names: defaultdict[str, Decimal] = defaultdict(Decimal)

    def post(self, posting: Posting) -> frozenset[str]:
        """Put a transaction's legs in place of those it had; tells which accounts and names moved.

        Raises ``ArithmeticError`` when they do not add up to nothing: a defect of the server, never of a request.
        """
        if sum((leg.amount for leg in posting.legs), ZERO):
            raise ArithmeticError(f"{posting.entity} {posting.id} does not balance: {posting.legs}")
        moved = self.remove(posting.id)
        self._postings[posting.id] = posting
        return moved | self._add(posting.legs, 1)

    def remove(self, txn: str) -> frozenset[str]:
        """Take a transaction's legs out; tells which accounts and names moved."""
        gone = self._postings.pop(txn, None)
        return self._add(gone.legs, -1) if gone else frozenset()

    def until(self, day: date) -> Iterator[Posting]:
        """The postings up to and including a day, in the order of their dates."""
        dated = [posting for posting in self._postings.values() if posting.day <= day]
        return iter(sorted(dated, key=lambda posting: (posting.day, int(posting.id))))

    def _add(self, legs: Sequence[Leg], sign: int) -> frozenset[str]:
        for leg in legs:
            self.accounts[leg.account] += sign * leg.amount
            if leg.name:
                self.names[leg.name] += sign * leg.of_name
        return frozenset({f"Account {leg.account}" for leg in legs} | {f"Name {leg.name}" for leg in legs if leg.name})
