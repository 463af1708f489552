"""What a sheet holds, and the fields that its headings name as far as the values agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from connectors.sources.exports.fields import KINDS, TYPES, read_on, table_of
from connectors.sources.exports.guess import Ground, Seen, Sure, Why
from connectors.sources.exports.traits import Traits
from connectors.sources.exports.vocabulary import Export, Known, exports, vocabulary, words_of
from connectors.sources.tables.columns import Type, heading
from connectors.sources.tables.values import shown

LEAST_KNOWN = 3
"""Headings that a known system's export must share with a sheet."""
LEAST = 2
"""What must speak for a kind, for a sheet to be read at all."""
_WEIGHTS: Mapping[str, Mapping[str, float]] = {
    "accounts": {"accounts": 1, "documents": -1.5, "lines": -2, "payments": -2, "taxes": -2},
    "documents": {"documents": 1, "taxes": 1.5, "lines": -0.6, "payments": -1},
    "lines": {"lines": 1.6, "documents": 0.2, "payments": -2},
    "payments": {"payments": 1.6, "documents": -0.3, "lines": -1, "taxes": -1},
}
"""How much a heading that names a field of a table says for a kind of sheet."""
EXACT, QUITE, NEARLY = 100, 90, 80
"""Of a hundred: headings that are the same, that are nearly sure to be, and that may be."""
_OF_NAME = 2.5
_REPEATED = 5


@dataclass(frozen=True, slots=True)
class Candidate:
    """A field that a column may be, how much speaks for it, and why."""

    at: int
    field: str
    weight: float
    sure: Sure
    grounds: tuple[Ground, ...]


def kind_of(seen: Seen) -> str:
    """What a sheet holds, by its headings, its name and the titles above them; empty where nothing of ours."""
    scores = {kind: _said_by_name(seen, kind) + _said_by_headings(seen, kind) for kind in KINDS}
    scores["lines"] += _REPEATED * _repeats_documents(seen)
    best = max(KINDS, key=lambda kind: scores[kind])
    return best if scores[best] >= LEAST else ""


def _repeats_documents(seen: Seen) -> bool:
    """Whether a sheet that has columns of lines says the number of a document on several rows."""
    named = [{known.field for known in vocabulary().specific(text)} for text in seen.head.headings]
    lines = any(table_of(field) == "lines" for fields in named for field in fields)
    numbers = (seen.traits[at] for at, fields in enumerate(named) if "documents.number" in fields)
    return lines and any(not numbered.unique for numbered in numbers)


def _said_by_name(seen: Seen, kind: str) -> float:
    """Whether the sheet is named for a kind; a title above, or the file's name, says it a little less."""
    titles = [shown(cell) for row in seen.sheet.rows if row.line < seen.head.line for cell in row.cells][:6]
    file = seen.sheet.file.rpartition(".")[0]
    told = ((seen.sheet.name, 1.0), *((text, 0.5) for text in titles), (file, 0.6 if not seen.sheet.name else 0.2))
    return _OF_NAME * max((weight * _names(text, kind) for text, weight in told), default=0)


def _names(text: str, kind: str) -> float:
    """How plainly a text names a kind: as a whole, or among other words, the later of two kinds less."""
    words, phrases = words_of(text), vocabulary().sheets[kind]
    if words in phrases:
        return 1
    return 0.7 if any(set(phrase) <= set(words) for phrase in phrases) else 0


def _said_by_headings(seen: Seen, kind: str) -> float:
    total = 0.0
    for text in seen.head.headings:
        named = vocabulary().specific(text) or vocabulary().nearly(text)
        tables = {table_of(known.field) for known in named}
        total += max((_WEIGHTS[kind].get(table, 0.0) for table in tables), default=0.0)
    return total + 0.7 * (_export_of(seen, kind) is not None)


def _export_of(seen: Seen, kind: str) -> Export | None:
    """The known system whose export of this kind shares most headings with a sheet."""
    best = max(exports(), key=lambda export: export.shared(seen.head.headings, kind))
    return best if best.shared(seen.head.headings, kind) >= LEAST_KNOWN else None


def candidates(seen: Seen, kind: str) -> Iterator[Candidate]:
    """The fields that each heading may name on a sheet of a kind, where the column's values agree or say nothing."""
    export, allowed = _export_of(seen, kind), frozenset(read_on(kind))
    for at, text in enumerate(seen.head.headings):
        traits = seen.traits[at]
        ours = export.fields[kind].get(heading(text)) if export else None
        if export and ours is not None:
            if ours in allowed and fits(traits, ours) is not False:
                yield Candidate(
                    at, ours, 120, Sure.SURE, (Ground(Why.EXPORT, {"system": export.name, "heading": text}),)
                )
            if not ours:
                continue
        for rank, known in enumerate(vocabulary().known(text, kind)):
            if known.field in allowed and fits(traits, known.field) is not False:
                yield _candidate(at, known, rank, traits)


def _candidate(at: int, known: Known, rank: int, traits: Traits) -> Candidate:
    fitting = fits(traits, known.field)
    if known.alike == 100:
        ground = Ground(Why.HEADING, {"heading": known.phrase})
        return Candidate(at, known.field, 100 - rank, Sure.LIKELY if traits.empty else Sure.SURE, (ground,))
    if known.alike > NEARLY:
        ground = Ground(Why.ALIKE, {"heading": known.phrase, "alike": str(round(known.alike))})
        likely = fitting and known.alike >= QUITE
        return Candidate(at, known.field, known.alike - rank, Sure.LIKELY if likely else Sure.GUESS, (ground,))
    ground = Ground(Why.PARTLY, {"heading": known.phrase})
    return Candidate(at, known.field, known.alike - rank, Sure.GUESS, (ground,))


def fits(traits: Traits, field: str) -> bool | None:
    """Whether a column's values can be of a field: ``None`` where they say neither."""
    if traits.empty:
        return None
    column = field.partition(".")[2]
    match TYPES[field]:
        case Type.DATE:
            return traits.dates
        case Type.AMOUNT | Type.NUMBER | Type.COUNT:
            return traits.amounts and not traits.dates
        case Type.CODE if column in ("phone", "mobile", "fax"):
            return traits.phones
        case Type.CODE if column.endswith("postal_code"):
            return traits.postal_codes
        case Type.CODE:
            return False if traits.dates or traits.emails else None
        case Type.TEXT if column == "email":
            return traits.emails
        case Type.TEXT if column == "name":
            return traits.prose or None if not (traits.emails or traits.dates or traits.amounts) else False
        case Type.TEXT:
            return False if traits.emails or traits.dates or (traits.amounts and "street" not in column) else None
        case Type.YES_NO | Type.SENT:
            return _chosen(traits)
    return None


def _chosen(traits: Traits) -> bool:
    return len(traits.distinct) <= 4
