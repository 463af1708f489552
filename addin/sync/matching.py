"""Which of the ledger's customers an account may be: rules as data, each with how sure it is; none links anything."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import nlargest
from operator import neg

from rapidfuzz import process
from rapidfuzz.fuzz import ratio

from addin.sync.names import TYPED_WRONG, Weights, folded, founded, meant, telling, words
from connectors.ledger import LedgerCustomer
from connectors.records import Customer

CERTAIN = 95
"""Per cent from which an account is called the customer's without a doubt: so is one of the same name."""
LEAST = 45
"""Per cent: names in common that come to less are not worth a look."""
WORDS_AT_MOST = 85
"""Per cent that a name which is alike may come to by itself."""
SAME_NAME, SAME_WORDS, OTHER_FORM = 100, 95, 92
"""Per cent of the same text, of the same words and legal form, and of the same words alone: that may be its twin."""
CLOSE = 68
"""Per cent from which a name that is alike is taken for certain where an e-mail, telephone or number is the same."""
CONTRADICTED = 88
"""Per cent that one of the same name may come to who is reached elsewhere: it may be a namesake."""
CANDIDATES = 3
"""How many customers are offered for an account."""
LOOKED_AT = 30
"""How many customers that share words with an account are compared with it."""
SHORTENED = 20
"""How many words a word that begins them may stand for."""
FOUND = 20
"""How many candidates a search shows."""

_DIGITS = re.compile(r"\D")


@dataclass(frozen=True, slots=True)
class Match:
    """A customer of the ledger and how sure it is that it is the one meant, in per cent."""

    customer: LedgerCustomer
    score: int


def _phone(text: str) -> str:
    """The last ten digits of a telephone number (North America: area code and number); none of a shorter one."""
    digits = _DIGITS.sub("", text)
    return digits[-10:] if len(digits) >= 10 else ""


Side = Customer | LedgerCustomer
Trait = Callable[[Side], str]

TRAITS: tuple[tuple[int, Trait], ...] = (
    (90, lambda side: side.email.strip().casefold()),
    (80, lambda side: _phone(side.phone)),
    (70, lambda side: side.number.strip().casefold()),
)
"""How two sides are reached or counted, with how sure one in common makes; an empty one is never in common."""
REACHED = 2
"""How many of these, the first, tell namesakes apart; a number is another in every system."""


Traits = Sequence[str]


@dataclass(frozen=True, slots=True)
class _Likeness:
    """How an account and the customer at a place compare: by name, by what else is in common, by what is not."""

    place: int
    name: int
    common: int
    elsewhere: bool

    def score(self, *, alone: bool) -> int:
        """How sure it is; of several of one name none is certain by the name ``alone``."""
        if self.common and self.name >= CLOSE:
            return max(CERTAIN, self.name)
        if self.common:
            return self.common + self.name * (CERTAIN - 1 - self.common) // SAME_NAME
        if self.name >= OTHER_FORM and self.elsewhere:
            return CONTRADICTED
        return self.name if alone else min(self.name, CERTAIN - 1)


class Customers:
    """The ledger's customers, ready to be matched many times."""

    def __init__(self, customers: Iterable[LedgerCustomer]) -> None:
        self._all = [customer for customer in customers if customer.active]
        self._traits: list[defaultdict[str, list[int]]] = [defaultdict(list) for _ in TRAITS]
        self._of = [tuple(trait(customer) for _, trait in TRAITS) for customer in self._all]
        self._words = [words(customer.name) for customer in self._all]
        self._meant = [meant(customer.name) for customer in self._all]
        self._weights = Weights(self._meant)
        self._places: defaultdict[frozenset[str], list[int]] = defaultdict(list)
        self._holding: defaultdict[str, list[int]] = defaultdict(list)
        for place, traits in enumerate(self._of):
            for trait, known in zip(traits, self._traits, strict=True):
                known[trait].append(place)
            self._places[telling(self._meant[place])].append(place)
            for word in self._meant[place]:
                self._holding[word].append(place)
        self._vocabulary = sorted(self._holding)
        self._like: dict[str, list[str]] = {}

    def best(self, account: Customer) -> Match | None:
        """The customer an account resembles most; where two do equally, half as sure: a person decides."""
        return next(iter(self.candidates(account)), None)

    def candidates(self, account: Customer) -> list[Match]:
        """The customers an account resembles most, the best first; of two that do equally each is half as sure."""
        traits = tuple(trait(account) for _, trait in TRAITS)
        named = words(account.name), meant(account.name)
        same = self._places.get(telling(named[1]), ())
        reached = {
            each for trait, known in zip(traits, self._traits, strict=True) if trait for each in known.get(trait, ())
        }
        seen = [self._compared(account, traits, named, place) for place in reached.union(same)]
        found = self._scored(seen, alone=len(same) == 1)
        if not any(match.score >= CERTAIN for match in found):
            more = (
                self._compared(account, traits, named, place)
                for place in self._sharing(named[1]) - {e.place for e in seen}
            )
            found = self._scored([*seen, *more], alone=len(same) == 1)
        return found[:CANDIDATES]

    def _scored(self, seen: Iterable[_Likeness], *, alone: bool) -> list[Match]:
        found = (Match(self._all[each.place], each.score(alone=alone)) for each in seen)
        return _doubted(sorted((match for match in found if match.score >= LEAST), key=_surest))

    def _compared(self, account: Customer, traits: Traits, named: tuple[Traits, Traits], place: int) -> _Likeness:
        pairs = list(zip(traits, self._of[place], strict=True))
        common = (sure for (sure, _), (one, other) in zip(TRAITS, pairs, strict=True) if one and one == other)
        elsewhere = any(one and other and one != other for one, other in pairs[:REACHED])
        name = self._named(account, named, place)
        return _Likeness(place, name=name, common=max(common, default=0), elsewhere=elsewhere)

    def _named(self, account: Customer, named: tuple[Traits, Traits], place: int) -> int:
        if " ".join(account.name.split()) == " ".join(self._all[place].name.split()):
            return SAME_NAME
        if named[0] == self._words[place]:
            return SAME_WORDS if founded(account.name) == founded(self._all[place].name) else OTHER_FORM
        return int(WORDS_AT_MOST * self._weights.likeness(named[1], self._meant[place]))

    def _sharing(self, wanted: Sequence[str]) -> set[int]:
        """The customers that have most in common with words of a name, by the words' weight, the rare words first."""
        shared: defaultdict[int, float] = defaultdict(float)
        long = [word for word in telling(wanted) if len(word) > 1] or wanted
        likes = sorted(
            {like for word in sorted(long) for like in self._alike(word)},
            key=lambda like: (len(self._holding[like]), like),
        )
        for like in likes:
            weight = self._weights[like]
            for place in self._holding[like]:
                shared[place] += weight
        letters = [word for word in wanted if len(word) == 1]
        for place in shared if letters else ():
            shared[place] += sum(any(each[0] == letter for each in self._meant[place]) for letter in letters)
        return {-place for _, place in nlargest(LOOKED_AT, zip(shared.values(), map(neg, shared), strict=True))}

    def _alike(self, word: str) -> list[str]:
        """The words of customers' names that may be meant by a word: itself, what it shortens, what it mistypes."""
        if word not in self._like:
            self._like[word] = [word] if word in self._holding else self._guessed(word)
        return self._like[word]

    def _guessed(self, word: str) -> list[str]:
        start = bisect_left(self._vocabulary, word) if len(word) > 2 else len(self._vocabulary)
        longer = [each for each in self._vocabulary[start : start + SHORTENED] if each.startswith(word)]
        typed = process.extract(word, self._vocabulary, scorer=ratio, score_cutoff=100 * TYPED_WRONG, limit=5)
        return list(dict.fromkeys((*longer, *(each for each, *_ in typed))))

    def find(self, text: str) -> list[Match]:
        """Customers in which every word of a text begins a word of theirs, or whose name is alike; the best first."""
        wanted = folded(text)
        holding = [Match(customer, SAME_NAME) for customer in self._all if wanted and _holds(customer, wanted)]
        known = {match.customer.reference for match in holding}
        named = Customer(key="", name=text)
        alike = [match for match in self.candidates(named) if match.customer.reference not in known]
        return [*holding, *alike][:FOUND]


def _doubted(found: Sequence[Match]) -> list[Match]:
    """Of several who fit equally well each is half as sure: a person decides between them."""
    scores = Counter(match.score for match in found)
    return [replace(match, score=match.score // min(2, scores[match.score])) for match in found]


def _surest(match: Match) -> tuple[int, str, str]:
    return -match.score, match.customer.name.casefold(), match.customer.reference


def _holds(customer: LedgerCustomer, wanted: Iterable[str]) -> bool:
    held = folded(" ".join((customer.name, customer.number, customer.reference, customer.email, customer.phone)))
    return all(any(word.startswith(part) for word in held) for part in wanted)


def suggestions(
    accounts: Iterable[Customer], customers: Iterable[LedgerCustomer], taken: Iterable[str]
) -> Iterator[tuple[Customer, Match | None]]:
    """Each account with the best customer that no other account is linked to."""
    linked = frozenset(taken)
    known = Customers(customer for customer in customers if customer.reference not in linked)
    return ((account, known.best(account)) for account in accounts)


def shown(customer: LedgerCustomer) -> str:
    """A customer as a suggestion names it: its reference, and its name where that is another."""
    same = customer.name in ("", customer.reference)
    return customer.reference if same else f"{customer.reference} · {customer.name}"


def by_shown(customers: Iterable[LedgerCustomer]) -> Mapping[str, LedgerCustomer]:
    """The customers by what a suggestion shows of them."""
    return {shown(customer): customer for customer in customers}
