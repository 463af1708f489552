"""What a ledger has that may be a record of ours, whoever booked it, in few questions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from connectors.booking.bookkeeping import Bookkeeping
from connectors.booking.recipes import Body
from connectors.ledger import Sought, Standing
from connectors.likeness import Likeness, spans
from connectors.records import Kind

Identify = Callable[[Kind, str], str]
"""The reference that a person's words are of a kind; empty where they are none."""

LONG_AGO, FAR_AHEAD = date(1990, 1, 1), date(2100, 1, 1)
APART = 31
"""Days between two spans that are asked for as one: what lies between is read for nothing, but a call costs more."""


def search(books: Bookkeeping, sought: Sequence[Sought], id_in: Identify) -> dict[str, Sequence[Standing]]:
    """What may be each, by its name; ``id_in`` finds the ledger's own id in what a person typed."""
    kinds = sorted(books.capabilities.kinds - {Kind.CUSTOMER})
    found: dict[str, dict[str, Standing]] = {each.name: {} for each in sought}
    typed = [each for each in sought if each.reference]
    for kind in kinds:
        _by_reference(books, kind, typed, id_in, found)
    for kind in kinds:
        alike = [each for each in sought if not each.reference and each.kind is kind]
        likeness = Likeness(alike)
        for standing in _candidates(books, kind, alike):
            for each in likeness.of(standing):
                found[each.name][standing.ledger_id] = standing
    return {name: list(standings.values()) for name, standings in found.items()}


def _by_reference(
    books: Bookkeeping, kind: Kind, typed: Sequence[Sought], id_in: Identify, found: dict[str, dict[str, Standing]]
) -> None:
    ids: dict[str, list[Sought]] = defaultdict(list)
    numbers: dict[str, list[Sought]] = defaultdict(list)
    for each in typed:
        own = id_in(kind, each.reference)
        (ids if own else numbers)[own or each.reference].append(each)
    for standing in _told(books, kind, books.by_ids(kind, ids) if ids else ()):
        for each in ids.get(standing.ledger_id, ()):
            found[each.name][standing.ledger_id] = standing
    for standing in _told(books, kind, books.by_number(kind, numbers) if numbers else ()):
        for each in numbers.get(standing.number, ()):
            found[each.name][standing.ledger_id] = standing


def _candidates(books: Bookkeeping, kind: Kind, alike: Sequence[Sought]) -> Iterator[Standing]:
    numbers = {each.number for each in alike if each.number}
    if numbers:
        yield from _told(books, kind, books.by_number(kind, numbers))
    days = [(each.first or LONG_AGO, each.last or FAR_AHEAD) for each in alike if _says_a_day(each)]
    for first, last in spans(days, APART):
        yield from _told(books, kind, books.by_days(kind, first, last))


def _says_a_day(each: Sought) -> bool:
    """Whether it is sought by its likeness, and something of that is known beside the days."""
    return (bool(each.customer) or each.total is not None) and bool(each.first or each.last or each.customer)


def _told(books: Bookkeeping, kind: Kind, bodies: Iterable[Body]) -> Iterator[Standing]:
    return (replace(books.standing(kind, body), kind=kind) for body in bodies)
