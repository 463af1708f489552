"""Looks at the sheets of an export: where the headings are, what each sheet holds, and what each column is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from connectors.sources.exports.fields import UNREAD, read_on
from connectors.sources.exports.guess import ColumnGuess, Ground, Seen, SheetGuess, Sure, Why
from connectors.sources.exports.heads import body_of, head_of, left_out
from connectors.sources.exports.naming import Candidate, candidates, kind_of
from connectors.sources.exports.reckoning import reckoned
from connectors.sources.exports.referring import referred
from connectors.sources.exports.sheets import Sheet
from connectors.sources.exports.traits import Traits, traits
from connectors.sources.exports.vocabulary import vocabulary
from connectors.sources.exports.writings import with_writings

FEWEST = 2
"""Different values that a column has, for them to say what it is."""
_SAID: Mapping[str, Mapping[str, Callable[[Traits], bool]]] = {
    "accounts": {"accounts.email": lambda values: values.emails},
    "documents": {"accounts.email": lambda values: values.emails, "documents.date": lambda values: values.dates},
    "payments": {"payments.method": lambda values: values.methods, "payments.date": lambda values: values.dates},
}
"""The fields that values alone can say, by what a sheet holds."""


def look(sheets: Iterable[Sheet]) -> tuple[SheetGuess, ...]:
    """What each sheet probably holds, from its headings and values and from those of the others."""
    return tuple(map(reckoned, with_writings(referred(tuple(map(_guess, sheets))))))


def _guess(sheet: Sheet) -> SheetGuess:
    seen = _seen(sheet)
    if seen is None:
        return SheetGuess(sheet, "", None)
    kind = kind_of(seen)
    return SheetGuess(
        sheet,
        kind,
        seen.head,
        tuple(_columns(seen, kind)),
        left_out=seen.left_out,
        rows=seen.rows,
        traits=seen.traits,
    )


def _seen(sheet: Sheet) -> Seen | None:
    head = head_of(sheet)
    if head is None:
        return None
    body = body_of(sheet, head)
    out = tuple(left_out([row for row in body if not row.code]))
    passed_over = {row.line for row in out}
    rows = tuple(row for row in body if row.line not in passed_over and not row.code)
    width = len(head.headings)
    columns = tuple(traits([row.cells[at] for row in rows if at < len(row.cells)]) for at in range(width))
    return Seen(sheet, head, columns, out, rows)


def _columns(seen: Seen, kind: str) -> Iterator[ColumnGuess]:
    """Each column with the field for which most speaks; a field is of one column alone."""
    named = _chosen(candidates(seen, kind) if kind else ())
    taken = {candidate.field for candidate in named.values()}
    for at, text in enumerate(seen.head.headings):
        values = seen.traits[at]
        if not text and values.empty:
            continue
        candidate = named.get(at) or _by_values(at, values, kind, taken)
        if candidate:
            taken.add(candidate.field)
            yield ColumnGuess(at, text, values.examples(), candidate.field, candidate.sure, candidate.grounds)
        else:
            yield ColumnGuess(at, text, values.examples(), UNREAD, Sure.UNREAD, (_why_not(text, kind, values),))


def _chosen(found: Iterable[Candidate]) -> dict[int, Candidate]:
    chosen: dict[int, Candidate] = {}
    fields: set[str] = set()
    for candidate in sorted(found, key=lambda candidate: (-candidate.weight, candidate.at)):
        if candidate.at not in chosen and candidate.field not in fields:
            chosen[candidate.at] = candidate
            fields.add(candidate.field)
    return chosen


def _by_values(at: int, values: Traits, kind: str, taken: set[str]) -> Candidate | None:
    """The one field whose values are told by their look, where it is free and there are several of them."""
    if len(values.distinct) < FEWEST:
        return None
    field = next((field for field, said in _SAID.get(kind, {}).items() if said(values)), "")
    if not field or field in taken or field not in read_on(kind):
        return None
    return Candidate(at, field, 0, Sure.GUESS, (Ground(Why.VALUES),))


def _why_not(text: str, kind: str, values: Traits) -> Ground:
    """Why a column is not read: nothing is known of its heading, or it is of another field's sort."""
    if values.empty:
        return Ground(Why.EMPTY)
    known = vocabulary().known(text, kind)[:1]
    return (
        Ground(Why.OTHER_VALUES, {"heading": known[0].phrase})
        if known and known[0].alike == 100
        else Ground(Why.UNKNOWN)
    )
