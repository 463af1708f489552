"""What is known of postings before anything is written: the documents they go to, and what is there of them already."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from connectors.booking.bookkeeping import Bookkeeping
from connectors.booking.recipes import Body, Sight, Target
from connectors.ledger import Action, Applied, Posting
from connectors.problems import Problem, problem_of
from connectors.records import CreditNote, Customer, Kind, Payment
from connectors.wire.texts import unsendable

Targets = Mapping[tuple[Kind, str], Sequence[Target]]
Seen = Callable[[Posting, Sequence[Body]], None]


def paid_kind(posting: Posting) -> Kind:
    """The kind of document that a posting may be applied to."""
    record = posting.record
    return record.pays if isinstance(record, Payment | CreditNote) else Kind.INVOICE


def sights(
    books: Bookkeeping, postings: Sequence[Posting], bodies: Mapping[str, Body], gone: Mapping[str, int] | None = None
) -> dict[str, Sight]:
    """Each posting's, by its key; ``bodies`` are what was found of them, ``gone`` how many void ones."""
    targets = _targets(books, postings)
    returned = named(books, (posting.returned for posting in postings if posting.returned))
    seen = {}
    for posting in postings:
        parts = _parts(posting, books, targets)
        ids = () if isinstance(parts, Problem) else tuple(part.ledger_id for part in parts)
        kind = paid_kind(posting)
        known = {id_: targets[kind, id_][0] for id_ in ids if targets.get((kind, id_))}
        seen[posting.key] = Sight(
            body=bodies.get(posting.key),
            gone=(gone or {}).get(posting.key, 0),
            parts=parts,
            targets=known,
            returned=returned.get(posting.returned),
        )
    return seen


def bodies(
    books: Bookkeeping, postings: Iterable[Posting], gone: Counter[str] | None = None, seen: Seen | None = None
) -> dict[str, Body]:
    """What is booked of these under our keys, by key; what is void is not booked, and counted in ``gone``.

    A kind is asked for by a word of the posting or, where it has none, by the days of the postings together. ``seen``
    is told of each posting what answered.
    """
    by_kind: dict[Kind, list[Posting]] = defaultdict(list)
    for posting in postings:
        by_kind[posting.record.kind].append(posting)
    found: dict[str, Body] = {}
    for kind, sought in by_kind.items():
        wanted = {posting.key for posting in sought}
        answered = list(_candidates(books, kind, sought))
        if seen:
            for posting in sought:
                seen(posting, answered)
        for body in answered:
            key = books.borne(kind, body, wanted)
            if key and books.standing(kind, body).void:
                if gone is not None:
                    gone[key] += 1
            elif key:
                found[key] = body
    changed = [posting for posting in by_kind.get(Kind.CUSTOMER, ()) if posting.action is Action.UPDATE]
    return found | changing(books, changed)


def changing(books: Bookkeeping, postings: Sequence[Posting]) -> dict[str, Body]:
    """The parties that updates change, as they are now, by the postings' keys."""
    if not postings:
        return {}
    by_id = {books.standing(Kind.CUSTOMER, body).ledger_id: body
             for body in books.by_ids(Kind.CUSTOMER, {posting.reference for posting in postings})}  # fmt: skip
    return {posting.key: by_id[posting.reference] for posting in postings if posting.reference in by_id}


def named(books: Bookkeeping, references: Iterable[str]) -> dict[str, Body]:
    """The documents of these references as they are now, by reference."""
    by_kind: dict[Kind, set[str]] = defaultdict(set)
    for reference in references:
        if (kind := books.kind_of(reference)) not in (None, Kind.CUSTOMER):
            by_kind[kind].add(reference)
    return {
        books.standing(kind, body).ledger_id: body
        for kind, wanted in by_kind.items()
        for body in books.by_ids(kind, wanted)
    }


def _candidates(books: Bookkeeping, kind: Kind, sought: Sequence[Posting]) -> Iterable[Body]:
    made = [posting for posting in sought if posting.action is not Action.UPDATE and not _is_odd(posting)]
    words = {posting.key: books.word(posting) for posting in made}
    if any(words.values()):
        yield from books.by_words(kind, {word for word in words.values() if word})
    days = [p.record.date for p in made if not words[p.key] and not isinstance(p.record, Customer)]
    if days:
        yield from books.by_days(kind, min(days), max(days))


def _is_odd(posting: Posting) -> bool:
    """Whether it was never sent, for characters that no question may hold either."""
    record = posting.record
    return bool(unsendable(record.number) or unsendable(getattr(record, "name", "")))


def _targets(books: Bookkeeping, postings: Sequence[Posting]) -> Targets:
    """Documents by id and by number, of those that postings name."""
    ids: dict[Kind, set[str]] = defaultdict(set)
    typed: dict[Kind, set[str]] = defaultdict(set)
    for posting in postings:
        kind = paid_kind(posting)
        for part in posting.applied:
            (ids if books.kind_of(part.ledger_id) is kind else typed)[kind].add(part.ledger_id)
    found: dict[tuple[Kind, str], list[Target]] = defaultdict(list)
    for kind, wanted in ids.items():
        for body in books.by_ids(kind, wanted):
            target = books.target(kind, body)
            found[kind, target.id].append(target)
    for kind, numbers in typed.items():
        for body in books.by_number(kind, numbers):
            target = books.target(kind, body)
            if target.number in numbers and not target.void and (kind, target.id) not in found:
                found[kind, target.id].append(target)
                found[kind, target.number].append(target)
    return found


def _in_another_currency(posting: Posting, target: Target, home: str) -> Problem | None:
    """What settles a document is in its currency: amounts of two do not settle each other."""
    record, other = posting.record, target.currency or home
    if isinstance(record, Customer) or record.currency == other:
        return None
    words = {"invoice": target.number, "currency": record.currency, "other": other}
    return problem_of(record, "currency_differs", column="currency", **words)


def _parts(posting: Posting, books: Bookkeeping, targets: Targets) -> tuple[Applied, ...] | Problem:
    """The parts with the documents' ids, or which one is not there (or not only once, for this party)."""
    parts = []
    kind = paid_kind(posting)
    for part in posting.applied:
        there = targets.get((kind, part.ledger_id), ())
        if books.kind_of(part.ledger_id) is not kind:
            there = [target for target in there if target.party == posting.customer]
        if len(there) != 1 or there[0].void:
            return problem_of(posting.record, "deleted_in_ledger", reference=part.ledger_id)
        if problem := _in_another_currency(posting, there[0], books.lists.home_currency):
            return problem
        parts.append(Applied(ledger_id=there[0].id, amount=part.amount))
    return tuple(parts)
