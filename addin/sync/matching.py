"""Which of the ledger's customers an account may be: rules as data, each with how sure it is; none links anything."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
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


class Trait(StrEnum):
    """What tells who a side is beside its name."""

    EMAIL = "email"
    PHONE = "phone"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Match:
    """A customer of the ledger and how sure it is that it is the one meant, in per cent; and why.

    ``name`` is how sure the name makes it by itself, ``common`` what both have in common beside it.
    """

    customer: LedgerCustomer
    score: int
    name: int = 0
    common: tuple[Trait, ...] = ()

    @property
    def alike(self) -> int:
        """How alike the names are, in per cent; what is the same but for its form is all alike."""
        return min(100, self.name * 100 // WORDS_AT_MOST)


def _phone(text: str) -> str:
    """The last ten digits of a telephone number (North America: area code and number); none of a shorter one."""
    digits = _DIGITS.sub("", text)
    return digits[-10:] if len(digits) >= 10 else ""


Side = Customer | LedgerCustomer

TRAITS: tuple[tuple[Trait, int, Callable[[Side], str]], ...] = (
    (Trait.EMAIL, 90, lambda side: side.email.strip().casefold()),
    (Trait.PHONE, 80, lambda side: _phone(side.phone)),
    (Trait.NUMBER, 70, lambda side: side.number.strip().casefold()),
)
"""How two sides are reached or counted, with how sure one in common makes; an empty one is never in common."""
SURE = {trait: sure for trait, sure, _ in TRAITS}
REACHED = 2
"""How many of these, the first, tell namesakes apart; a number is another in every system."""


Traits = Sequence[str]


@dataclass(frozen=True, slots=True)
class _Likeness:
    """How an account and the customer at a place compare: by name, by what else is in common, by what is not."""

    place: int
    name: int
    common: tuple[Trait, ...]
    elsewhere: bool

    def score(self, *, alone: bool) -> int:
        """How sure it is; of several of one name none is certain by the name ``alone``."""
        if self.common and self.name >= CLOSE:
            return max(CERTAIN, self.name)
        if self.common:
            sure = SURE[self.common[0]]
            return sure + self.name * (CERTAIN - 1 - sure) // SAME_NAME
        if self.name >= OTHER_FORM and self.elsewhere:
            return CONTRADICTED
        return self.name if alone else min(self.name, CERTAIN - 1)


class Customers:
    """The ledger's customers, ready to be matched many times."""

    def __init__(self, customers: Iterable[LedgerCustomer]) -> None:
        self._all = [customer for customer in customers if customer.active]
        self._traits: list[defaultdict[str, list[int]]] = [defaultdict(list) for _ in TRAITS]
        self._of = [tuple(trait(customer) for *_, trait in TRAITS) for customer in self._all]
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
        named = words(account.name), meant(account.name)
        traits, seen, alone = self._likely(account, named)
        found = self._scored(seen, alone=alone)
        if not any(match.score >= CERTAIN for match in found):
            places = self._sharing(named[1]) - {each.place for each in seen}
            more = (self._compared(account, traits, named, place) for place in places)
            found = self._scored([*seen, *more], alone=alone)
        return found[:CANDIDATES]

    def certain(self, account: Customer) -> Match | None:
        """The one customer that an account is called without a doubt, if there is one."""
        _, seen, alone = self._likely(account, (words(account.name), meant(account.name)))
        return next((match for match in self._scored(seen, alone=alone) if match.score >= CERTAIN), None)

    def _likely(self, account: Customer, named: tuple[Traits, Traits]) -> tuple[Traits, list[_Likeness], bool]:
        """How an account is reached, and all who are reached alike or bear its name; whether one alone bears that."""
        traits = tuple(trait(account) for *_, trait in TRAITS)
        same = self._places.get(telling(named[1]), ())
        reached = {
            each for trait, known in zip(traits, self._traits, strict=True) if trait for each in known.get(trait, ())
        }
        seen = [self._compared(account, traits, named, place) for place in reached.union(same)]
        return traits, seen, len(same) == 1

    def _scored(self, seen: Iterable[_Likeness], *, alone: bool) -> list[Match]:
        found = (Match(self._all[e.place], e.score(alone=alone), name=e.name, common=e.common) for e in seen)
        return _doubted(sorted((match for match in found if match.score >= LEAST), key=_surest))

    def _compared(self, account: Customer, traits: Traits, named: tuple[Traits, Traits], place: int) -> _Likeness:
        pairs = list(zip(traits, self._of[place], strict=True))
        common = tuple(each for each, (one, other) in zip(Trait, pairs, strict=True) if one and one == other)
        elsewhere = any(one and other and one != other for one, other in pairs[:REACHED])
        name = self._named(account, named, place)
        return _Likeness(place, name=name, common=common, elsewhere=elsewhere)

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
