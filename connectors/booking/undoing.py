"""Taking documents out again: what their steps made goes back, the last first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from connectors.booking import sights
from connectors.booking.bookkeeping import Bookkeeping
from connectors.booking.carrying import carried, unknown
from connectors.booking.recipes import Body, Sight
from connectors.ledger import Outcome, Posted, Posting, Rejected, Standing
from connectors.problems import Problem, problem_of
from connectors.undoing import obstacle
from connectors.watch import watching


def undo(books: Bookkeeping, postings: Sequence[Posting]) -> Iterator[Outcome]:
    """One outcome each; what is void or gone already is answered with that."""
    there = sights.named(books, (posting.reference for posting in postings))
    found = {posting.key: there[posting.reference] for posting in postings if posting.reference in there}
    seen = sights.sights(books, [posting for posting in postings if posting.key in found], found)
    for posting in postings:
        body = there.get(posting.reference)
        if problem := obstacle(posting, books.capabilities, None):
            yield Rejected(key=posting.key, problem=problem)
        elif body is None or books.standing(posting.record.kind, body).void:
            yield _undone(posting, replayed=True)
        elif problem := _refused(books, posting, body):
            yield Rejected(key=posting.key, problem=problem)
        else:
            watching().begin(books.label)
            yield _taken_out(books, posting, seen[posting.key])


def undone(books: Bookkeeping, postings: Sequence[Posting]) -> dict[str, Posted]:
    """The voids whose document is void or gone."""
    asked = [posting for posting in postings if posting.record.kind in books.capabilities.voids]
    there = sights.named(books, (posting.reference for posting in asked))
    return {
        posting.key: _undone(posting, replayed=True)
        for posting in asked
        if posting.reference not in there or books.standing(posting.record.kind, there[posting.reference]).void
    }


def read(books: Bookkeeping, postings: Sequence[Posting]) -> dict[str, Standing]:
    """What the ledger now has of these references."""
    there: Mapping[str, Body] = sights.named(books, (posting.reference for posting in postings))
    standings = {}
    for reference, body in there.items():
        kind = books.kind_of(reference)
        assert kind is not None
        standings[reference] = books.standing(kind, body)
    return standings


def _refused(books: Bookkeeping, posting: Posting, body: Body) -> Problem | None:
    now = books.own(posting, books.standing(posting.record.kind, body), body)
    if problem := obstacle(posting, books.capabilities, now):
        return problem
    closed = books.lists.closing_date
    if closed and now.date and now.date <= closed:
        return problem_of(posting.record, "period_closed", column="date", date=str(now.date), closing_date=str(closed))
    return None


def _taken_out(books: Bookkeeping, posting: Posting, sight: Sight) -> Outcome:
    """A refusal after something went back leaves a half, which the next undo goes on with."""
    gone = False
    for step in reversed(books.recipe(posting)):
        writes = step.back(posting, sight)
        if isinstance(writes, Problem):
            return unknown(posting, writes.code) if gone else Rejected(key=posting.key, problem=writes)
        for write in writes:
            ended = carried(books, posting, write, begun=gone)
            if not isinstance(ended, dict):
                return ended
            gone = True
    return _undone(posting, replayed=False)


def _undone(posting: Posting, *, replayed: bool) -> Posted:
    return Posted(key=posting.key, ledger_id=posting.reference, replayed=replayed)
