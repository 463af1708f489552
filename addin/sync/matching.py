"""Which of the ledger's customers an account may be: rules as data, each with how sure it is; none links anything."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from connectors.ledger import LedgerCustomer
from connectors.records import Customer

SURE = 100
LEAST = 50
"""Per cent: words in common that come to less are not worth a look."""

WORDS_AT_MOST = 85
"""Per cent that words in common may come to; the same words in another order are not the same name."""

FOUND = 20
"""How many candidates a search shows."""

LEGAL_FORMS = frozenset(
    {
        *("inc", "incorporated", "incorporee", "ltd", "ltee", "limited", "limitee", "corp", "corporation"),
        *("co", "cie", "company", "compagnie", "llc", "llp", "ulc", "sa", "sarl", "senc"),
        *("sencrl", "obnl", "osbl", "npo"),
    }
)
"""Words that say how a company is founded, and not which one it is (Quebec and Canada), folded."""

_WORD = re.compile(r"[^\W_]+")
_DOTTED = re.compile(r"\b(?:[^\W\d_]\.){2,}")
_DIGITS = re.compile(r"\D")


@dataclass(frozen=True, slots=True)
class Match:
    """A customer of the ledger and how sure it is that it is the one meant, in per cent."""

    customer: LedgerCustomer
    score: int


def words(name: str) -> tuple[str, ...]:
    """A name's words without accents, case, punctuation and legal form; all of them where nothing else is left."""
    plain = unicodedata.normalize("NFKD", name.replace("œ", "oe").replace("Œ", "OE"))
    plain = "".join(c for c in plain if not unicodedata.combining(c)).casefold()
    found = tuple(_WORD.findall(_DOTTED.sub(lambda dotted: dotted[0].replace(".", ""), plain)))
    return tuple(word for word in found if word not in LEGAL_FORMS) or found


def _phone(text: str) -> str:
    """The last ten digits of a telephone number (North America: area code and number); none of a shorter one."""
    digits = _DIGITS.sub("", text)
    return digits[-10:] if len(digits) >= 10 else ""


Side = Customer | LedgerCustomer
Trait = Callable[[Side], str]

TRAITS: tuple[tuple[int, Trait], ...] = (
    (SURE, lambda side: " ".join(side.name.split())),
    (95, lambda side: " ".join(words(side.name))),
    (90, lambda side: side.email.strip().casefold()),
    (80, lambda side: _phone(side.phone)),
    (70, lambda side: side.number.strip().casefold()),
)
"""What two sides may have in common, the surest first; an empty trait is never in common."""


class Customers:
    """The ledger's customers, ready to be matched many times."""

    def __init__(self, customers: Iterable[LedgerCustomer]) -> None:
        self._all = [customer for customer in customers if customer.active]
        self._traits: list[dict[str, list[LedgerCustomer]]] = [{} for _ in TRAITS]
        self._words: dict[str, set[int]] = {}
        self._named = [frozenset(words(customer.name)) for customer in self._all]
        for place, customer in enumerate(self._all):
            for (_, trait), known in zip(TRAITS, self._traits, strict=True):
                known.setdefault(trait(customer), []).append(customer)
            for word in self._named[place]:
                self._words.setdefault(word, set()).add(place)

    def best(self, account: Customer) -> Match | None:
        """The customer an account resembles most; where two do equally, half as sure: a person decides."""
        for (score, trait), known in zip(TRAITS, self._traits, strict=True):
            shared = known.get(trait(account), []) if trait(account) else []
            if shared:
                return Match(shared[0], score if len(shared) == 1 else score // 2)
        alike = self._alike(words(account.name))
        if not alike:
            return None
        tied = len(alike) > 1 and alike[1].score == alike[0].score
        return Match(alike[0].customer, alike[0].score // 2) if tied else alike[0]

    def _alike(self, wanted: Sequence[str]) -> list[Match]:
        """Customers with words of a name in common, the most alike first (Dice's coefficient)."""
        mine = frozenset(wanted)
        places = {place for word in mine for place in self._words.get(word, ())}
        scores = {p: 2 * len(mine & self._named[p]) / (len(mine) + len(self._named[p])) for p in places}
        found = [Match(self._all[p], int(WORDS_AT_MOST * score)) for p, score in scores.items()]
        return sorted((match for match in found if match.score >= LEAST), key=_surest)

    def find(self, text: str) -> list[Match]:
        """Customers in which every word of a text begins a word of theirs, or whose name is alike; the best first."""
        wanted = _search_words(text)
        holding = [Match(customer, SURE) for customer in self._all if wanted and _holds(customer, wanted)]
        known = {match.customer.reference for match in holding}
        alike = (match for match in self._alike(words(text)) if match.customer.reference not in known)
        return [*holding, *alike][:FOUND]


def _surest(match: Match) -> tuple[int, str, str]:
    return -match.score, match.customer.name.casefold(), match.customer.reference


def _search_words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text).casefold()
    return _WORD.findall("".join(c for c in plain if not unicodedata.combining(c)))


def _holds(customer: LedgerCustomer, wanted: Iterable[str]) -> bool:
    held = _search_words(" ".join((customer.name, customer.number, customer.reference, customer.email, customer.phone)))
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
