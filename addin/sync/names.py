"""How alike two names are: folded to words, each with the weight that its rarity gives it."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import log

from rapidfuzz.fuzz import ratio

LEGAL_FORMS = frozenset(
    {
        *("inc", "incorporated", "incorporee", "ltd", "ltee", "limited", "limitee", "corp", "corporation"),
        *("co", "cie", "company", "compagnie", "llc", "llp", "ulc", "sa", "sarl", "senc", "enr"),
        *("sencrl", "obnl", "osbl", "npo"),
    }
)
"""Words that say how a company is founded, and not which one it is (Quebec and Canada), folded."""
SYNONYMS = (
    *("saint st", "sainte ste", "quebec qc", "montreal mtl", "association assoc assn asso", "societe society soc"),
    *("universite university univ", "municipalite municipality mun", "ville city", "departement department dept"),
    *("fondation foundation fond", "cooperative coop", "centre center ctr", "international int intl", "ecole school"),
    *(
        "musee museum",
        "chambre chamber",
        "hopital hospital",
        "bibliotheque library",
        "publique public",
        "conseil council",
    ),
    *(
        "orchestre orchestra",
        "symphonique symphony",
        "eglise church",
        "banque bank",
        "pharmacie pharmacy",
        "ferme farm",
    ),
    *("ingenierie engineering eng", "freres brothers bros", "institut institute inst", "nord north"),
    *("ltd ltee limited limitee", "inc incorporated incorporee", "corp corporation", "co cie"),
    *("sud south", "ouest west", "federation fed", "ministere ministry", "services service serv", "national nationale"),
)
"""Words that mean one thing, in French, in English and shortened, folded."""
LITTLE_WORDS = frozenset(
    {
        *("a", "au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "s", "sur"),
        *(
            "and",
            "at",
            "for",
            "of",
            "the",
            "m",
            "me",
            "mme",
            "mlle",
            "mr",
            "mrs",
            "ms",
            "dr",
            "dre",
            "famille",
            "family",
        ),
    }
)
"""Words that tell little of whom a name means: articles, forms of address."""
LITTLE = 0.14
"""What such a word weighs; one that is in every name weighs 0.69."""
INITIAL, SHORTENED, CONTRACTED = 0.75, 0.9, 0.7
"""How alike a word is to its first letter, to its beginning (Assoc.), and to some of its letters (Dept)."""
TYPED_WRONG = 0.7
"""Two words less alike than this are two words."""

_ONE_OF = {word: same.split()[0] for same in SYNONYMS for word in same.split()}
_WORD = re.compile(r"[^\W_]+")
_DOTTED = re.compile(r"\b(?:[^\W\d_]\.){2,}")


def folded(name: str) -> tuple[str, ...]:
    """A name's words without accents, case and punctuation."""
    plain = unicodedata.normalize("NFKD", name.replace("œ", "oe").replace("Œ", "OE"))
    plain = "".join(c for c in plain if not unicodedata.combining(c)).casefold()
    return tuple(_WORD.findall(_DOTTED.sub(lambda dotted: dotted[0].replace(".", ""), plain)))


def words(name: str) -> tuple[str, ...]:
    """A name's folded words without its legal form; all of them where nothing else is left."""
    found = folded(name)
    return tuple(word for word in found if word not in LEGAL_FORMS) or found


def founded(name: str) -> frozenset[str]:
    """The legal form that a name bears, whatever its language; none where it bears none."""
    return frozenset(_ONE_OF.get(word, word) for word in folded(name) if word in LEGAL_FORMS)


def meant(name: str) -> tuple[str, ...]:
    """A name's words, each once, every one by the first of those that mean the same."""
    return tuple(dict.fromkeys(_ONE_OF.get(word, word) for word in words(name)))


def telling(wanted: Iterable[str]) -> frozenset[str]:
    """The words that tell whom a name means; all of them where all are little ones."""
    return frozenset(wanted) - LITTLE_WORDS or frozenset(wanted)


@lru_cache(maxsize=1 << 16)
def alike(one: str, other: str) -> float:
    """How alike two folded words are, from 0 to 1."""
    short, long = sorted((one, other), key=len)
    if one == other:
        return 1
    if short[0] == long[0] and not short.isdigit():
        if len(short) == 1:
            return INITIAL
        if len(short) >= 3 and len(long) >= 5 and long.startswith(short):
            return SHORTENED
    likeness = ratio(one, other) / 100 if len(short) > 2 and not one.isdigit() else 0
    if likeness >= TYPED_WRONG:
        return likeness
    letters = iter(long)
    contracted = 3 <= len(short) <= 5 and short[0] == long[0] and all(letter in letters for letter in short)
    return CONTRACTED if contracted else 0


class Weights:
    """What the words of many names weigh: the rarer the more."""

    def __init__(self, names: Sequence[Iterable[str]]) -> None:
        counts = Counter(word for name in names for word in name)
        self._unknown = log(1 + len(names))
        self._weights = {word: log(1 + len(names) / count) for word, count in counts.items()}
        self._weights |= dict.fromkeys(LITTLE_WORDS, LITTLE)

    def __getitem__(self, word: str) -> float:
        return self._weights.get(word, self._unknown)

    def likeness(self, one: Sequence[str], other: Sequence[str]) -> float:
        """How alike two names are, from 0 to 1: the weight of the words that have their like, of all (Dice)."""
        common, shared = 0.0, set(one).intersection(other)
        left = [word for word in other if word not in shared]
        for word in (word for word in one if word not in shared):
            likeness, best = max(((alike(word, each), each) for each in left), default=(0.0, ""))
            if likeness:
                left.remove(best)
                common += likeness * self._both(word, best)
        common += 2 * sum(self[word] for word in shared)
        whole = sum(self[word] for word in one) + sum(self[word] for word in other)
        return common / whole if whole else 0

    def _both(self, one: str, other: str) -> float:
        """What two words that are alike weigh; a letter is no rarer than the word it begins."""
        return self[one] + self[other] if len(one) > 1 < len(other) else 2 * min(self[one], self[other])
