"""What is offered for an account: customers of the ledger with why, as texts of which a person may choose one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from addin.sync.matching import CERTAIN, OTHER_FORM, SAME_NAME, SAME_WORDS, Customers, Match, Trait
from addin.texts import mark
from connectors.ledger import LedgerCustomer
from connectors.records import Customer

IN_COMMON: dict[Trait, str] = {
    Trait.EMAIL: mark("same e-mail"),
    Trait.PHONE: mark("same telephone"),
    Trait.NUMBER: mark("same number"),
}
SAME: dict[int, str] = {
    SAME_NAME: mark("same name"),
    SAME_WORDS: mark("same name, written otherwise"),
    OTHER_FORM: mark("same name, another legal form"),
}
ALIKE = mark("name alike {percent} %")


def grounds(match: Match, say: Callable[..., str]) -> str:
    """Why a customer is offered, in words."""
    reached = [say(IN_COMMON[trait]) for trait in match.common]
    named = say(SAME[match.name]) if match.name in SAME else say(ALIKE, percent=match.alike) if match.name else ""
    return ", ".join(filter(None, (*reached, named)))


def offered(match: Match, say: Callable[..., str]) -> str:
    """A customer as a cell offers it: as it is shown, and why."""
    why = grounds(match, say)
    return f"{shown(match.customer)}{GROUNDS}{why}" if why else shown(match.customer)


def offers(
    accounts: Iterable[Customer], customers: Iterable[LedgerCustomer], taken: Iterable[str]
) -> Iterator[tuple[Customer, list[Match]]]:
    """Each account with the best customers that no other account is linked to, the best first."""
    linked = frozenset(taken)
    known = Customers(customer for customer in customers if customer.reference not in linked)
    return ((account, known.candidates(account)) for account in accounts)


def unique(found: Mapping[str, Sequence[Match]]) -> dict[str, Match]:
    """By account the customer that it certainly is, name and all, where no other account certainly is that one.

    A name that is merely alike is a slip of the pen, or another person of the same house: somebody has to look.
    """
    sure = {account: matches[0] for account, matches in found.items() if matches and matches[0].score >= CERTAIN}
    wanted = Counter(match.customer.reference for match in sure.values())
    alone = {account: match for account, match in sure.items() if wanted[match.customer.reference] == 1}
    return {account: match for account, match in alone.items() if match.alike == SAME_NAME}


def shown(customer: LedgerCustomer) -> str:
    """A customer as a suggestion names it: its reference, and its name where that is another."""
    same = customer.name in ("", customer.reference)
    return customer.reference if same else f"{customer.reference} · {customer.name}"


GROUNDS = " — "
"""What stands between a customer and why it is offered, in a text that a person may choose."""


class Shown:
    """The customers by what a suggestion shows of them, with or without its grounds."""

    def __init__(self, customers: Iterable[LedgerCustomer]) -> None:
        self._known = {shown(customer): customer for customer in customers}

    def named(self, text: str) -> LedgerCustomer | None:
        """The customer that a text shows."""
        return self._known.get(text) or self.offered(text)

    def offered(self, text: str) -> LedgerCustomer | None:
        """The customer that a text shows together with grounds: only one that was offered is shown like that."""
        while GROUNDS in text:
            text = text.rpartition(GROUNDS)[0]
            if text in self._known:
                return self._known[text]
        return None
