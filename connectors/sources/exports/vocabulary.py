"""How columns are headed, as data: what a heading may be by its words alone, exactly, nearly, or in part."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from rapidfuzz import process
from rapidfuzz.distance import OSA

from connectors.sources.tables.columns import heading

Words = tuple[str, ...]
NEAR = 0.82
"""How much alike two headings are of which one is probably a slip of the other: one letter of six, two of twelve."""
BARELY = 95
"""How much alike a heading is that begins or ends with an article, which may be a slip of another word."""
LONGEST = 256
"""Letters of a text that may be a heading or a word that is known."""
SHORTEST = 5
"""Letters of a heading that is compared by likeness; shorter ones are alike by chance."""
_SMALL_WORDS = "de du des la le les l d the of a an en au aux pour for et and s"
_OTHERS = "cad usd eur pct votre your our notre"
_ARTICLES = frozenset(_SMALL_WORDS.split())
_PASSED_OVER = _ARTICLES | frozenset(_OTHERS.split())
_ALIKE = {
    **dict.fromkeys(("number", "numero", "num", "nbr", "nb"), "no"),
    "cust": "customer",
    "acct": "account",
    "inv": "invoice",
    "pmt": "payment",
    "pymt": "payment",
    "desc": "description",
    "amt": "amount",
    "mnt": "montant",
    "fact": "facture",
    "ref": "reference",
}
_ABBREVIATED = re.compile("#|n°|№", re.IGNORECASE)
_OWED = re.compile(r"\bdûe?s?\b", re.IGNORECASE)
"""Without its accent it would be an article."""
_IN_PARENTHESES = re.compile(r"\([^)]*\)|\[[^\]]*\]")


@dataclass(frozen=True, slots=True)
class Known:
    """A field that a heading may be, the words by which it is known, and how much alike they are (of a hundred)."""

    field: str
    phrase: str
    alike: float


@cache
def words_of(text: str) -> Words:
    """What is compared of a heading: its words in order of the alphabet, without articles, figures and plurals."""
    if len(text) > LONGEST:
        return ()
    text = _OWED.sub(" owed ", unicodedata.normalize("NFC", _IN_PARENTHESES.sub(" ", text)))
    plain = heading(_ABBREVIATED.sub(" no ", text))
    parts = [_ALIKE.get(part, part) for part in plain.split("_") if part]
    told = [part for part in parts if part not in _PASSED_OVER and not part.isdigit()]
    return tuple(sorted({part[:-1] if len(part) > len("nos") and part.endswith("s") else part for part in told}))


def _joined(text: str) -> str:
    """A heading's letters alone, for a slip may join two words."""
    return "".join(part for part in heading(text).split("_") if part not in _PASSED_OVER)


class Vocabulary:
    """Headings by what a sheet holds, from ``headings.toml``."""

    def __init__(self) -> None:
        data = tomllib.loads(files(__package__).joinpath("headings.toml").read_text(encoding="utf-8"))
        self.rates: Mapping[str, tuple[str, ...]] = {
            f"taxes.{name}": tuple(tax["rates"]) for name, tax in data["taxes"].items()
        }
        self.sheets = {kind: {words_of(phrase) for phrase in phrases} for kind, phrases in data["sheets"].items()}
        self.totals = {words_of(phrase) for phrase in data["totals"]["words"]}
        self.methods = {words_of(phrase) for phrase in data["methods"]["words"]}
        self.kinds = {words_of(phrase): kind for kind, phrases in data["kinds"].items() for phrase in phrases}
        self._specific: dict[Words, list[Known]] = defaultdict(list)
        for field, phrases in (
            *data["fields"].items(),
            *((f"taxes.{n}", t["words"]) for n, t in data["taxes"].items()),
        ):
            for phrase in phrases:
                self._specific[words_of(phrase)].append(Known(field, phrase, 100))
        self._general: dict[str, dict[Words, list[Known]]] = {kind: defaultdict(list) for kind in data["sheets"]}
        for entry in data["any"].values():
            for kind, fields in entry.items():
                for phrase in entry["words"] if kind != "words" else ():
                    self._general[kind][words_of(phrase)] += [Known(field, phrase, 100) for field in fields]
        of_any = (phrase for entry in data["any"].values() for phrase in entry["words"])
        spelled = (*(known.phrase for several in self._specific.values() for known in several), *of_any)
        self._spelled = {_joined(phrase): phrase for phrase in spelled if len(_joined(phrase)) >= SHORTEST}
        self._phrases = tuple(self._spelled)

    def specific(self, text: str) -> list[Known]:
        """The fields that a heading names whatever the sheet holds."""
        return self._specific.get(words_of(text), [])

    def known(self, text: str, kind: str) -> list[Known]:
        """The fields that a heading may be on a sheet of a kind, the likeliest first."""
        words = words_of(text)
        if not words:
            return []
        general = self._general.get(kind, {}).get(words, [])
        exact = [*general, *self._specific.get(words, [])]
        spelled = heading(text).split("_")
        if {spelled[0], spelled[-1]} & _ARTICLES:
            exact = [replace(known, alike=BARELY) for known in exact]
        return exact or [*self.nearly(text, kind), *self._partly(words)]

    def knows(self, text: str) -> bool:
        """Whether a heading is known on a sheet of any kind."""
        words = words_of(text)
        return bool(words) and (words in self._specific or any(words in of_kind for of_kind in self._general.values()))

    def nearly(self, text: str, kind: str = "") -> list[Known]:
        """The fields whose headings a heading is alike letter by letter, on a sheet of a kind or of any."""
        joined = _joined(text)
        if len(joined) < SHORTEST:
            return []
        near = process.extract(joined, self._phrases, scorer=OSA.normalized_similarity, score_cutoff=NEAR, limit=4)
        return [
            Known(known.field, known.phrase, min(100 * alike, 99))
            for phrase, alike, _ in near
            for known in (
                *self._general.get(kind, {}).get(words_of(self._spelled[phrase]), ()),
                *self._specific.get(words_of(self._spelled[phrase]), ()),
            )
        ]

    def _partly(self, words: Words) -> list[Known]:
        """Fields of which a heading has all the words, and others besides; more words say more."""
        have = set(words)
        found = [
            Known(known.field, known.phrase, 100 * len(phrase) / (len(words) + 1))
            for phrase, several in self._specific.items()
            if phrase and phrase != words and have.issuperset(phrase)
            for known in several
        ]
        return sorted(found, key=lambda known: -known.alike)


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary, read once."""
    return Vocabulary()


@dataclass(frozen=True, slots=True)
class Export:
    """A system's export as it is known: its name, and the fields by heading, for each kind of sheet."""

    name: str
    fields: Mapping[str, Mapping[str, str]]

    def shared(self, headings: tuple[str, ...], kind: str) -> int:
        """How many of some headings it has."""
        return sum(heading(text) in self.fields.get(kind, {}) for text in headings)


@cache
def exports() -> tuple[Export, ...]:
    """The exports that are known, from ``known/*.toml``."""
    found = []
    for file in sorted(files(__package__).joinpath("known").iterdir(), key=lambda file: file.name):
        data = tomllib.loads(file.read_text(encoding="utf-8"))
        fields = {k: {heading(text): field for text, field in of.items()} for k, of in data["fields"].items()}
        found.append(Export(data["name"], fields))
    return tuple(found)
