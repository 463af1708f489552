"""Applying what stands in the ledger to more: what is asked for is a state, and only what it lacks is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from connectors.applying import to_apply
from connectors.booking import sights
from connectors.booking.bookkeeping import Bookkeeping
from connectors.booking.carrying import carried
from connectors.booking.recipes import Body, Sight, Writes
from connectors.ledger import Applied, Outcome, Posted, Posting, Rejected
from connectors.problems import Problem
from connectors.refusals import undeclared
from connectors.watch import watching


def applied(books: Bookkeeping, postings: Sequence[Posting]) -> dict[str, Posted]:
    """Those of which all is applied as they ask, whoever did it."""
    there, seen = _now(books, postings)
    done = (posting for posting in postings if _wanted(books, posting, there, seen[posting.key]) == ())
    return {posting.key: books.posted(posting, there[posting.reference], replayed=True) for posting in done}


def apply(books: Bookkeeping, postings: Sequence[Posting]) -> Iterator[Outcome]:
    """One outcome each; what is applied like that already is answered with that."""
    there, seen = _now(books, postings)
    for posting in postings:
        if problem := next(undeclared(posting, books.capabilities, books.lists), None):
            yield Rejected(key=posting.key, problem=problem)
            continue
        wanted = _wanted(books, posting, there, seen[posting.key])
        if isinstance(wanted, Problem):
            yield Rejected(key=posting.key, problem=wanted)
        elif not wanted:
            yield books.posted(posting, there[posting.reference], replayed=True)
        else:
            watching().begin(books.label)
            outcome = _sent(books, posting, wanted, there[posting.reference], seen[posting.key])
            if isinstance(outcome, Posted):
                seen = {key: _less(sight, wanted) for key, sight in seen.items()}
            yield outcome


def _now(books: Bookkeeping, postings: Sequence[Posting]) -> tuple[Mapping[str, Body], dict[str, Sight]]:
    there = sights.named(books, (posting.reference for posting in postings))
    return there, sights.sights(books, postings, {})


def _wanted(
    books: Bookkeeping, posting: Posting, there: Mapping[str, Body], sight: Sight
) -> tuple[Applied, ...] | Problem:
    if isinstance(sight.parts, Problem):
        return sight.parts
    body = there.get(posting.reference)
    standing = None if body is None else books.standing(posting.record.kind, body)
    before = {} if body is None else books.applied(posting, body)
    return to_apply(replace(posting, applied=sight.parts), standing, before, sight.targets)


def _sent(books: Bookkeeping, posting: Posting, wanted: Sequence[Applied], body: Body, sight: Sight) -> Outcome:
    """What is written one after the other: a refusal after the first leaves what was applied, and is a doubt."""
    asked = replace(sight, body=body, parts=tuple(wanted))
    writes: Writes = books.more(posting, asked)
    for place, write in enumerate(writes):
        ended = carried(books, posting, write, begun=place > 0)
        if not isinstance(ended, dict):
            return ended
    return books.posted(posting, body, replayed=False)


def _less(sight: Sight, taken: Sequence[Applied]) -> Sight:
    """What the next of a batch is left with."""
    targets = dict(sight.targets)
    for part in taken:
        if target := targets.get(part.ledger_id):
            targets[part.ledger_id] = replace(target, left=target.left - part.amount)
    return replace(sight, targets=targets)
