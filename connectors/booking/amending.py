"""Changing what a document says and no amount hangs on: what is asked for is a state, and only what differs is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from connectors.amending import to_amend
from connectors.booking import sights
from connectors.booking.bookkeeping import Bookkeeping
from connectors.booking.carrying import carried
from connectors.booking.recipes import Body
from connectors.ledger import Outcome, Posted, Posting, Rejected
from connectors.problems import Problem
from connectors.refusals import undeclared
from connectors.watch import watching


def amended(books: Bookkeeping, postings: Sequence[Posting]) -> dict[str, Posted]:
    """Those that say all that is asked for, whoever changed it."""
    there = sights.named(books, (posting.reference for posting in postings))
    done = (posting for posting in postings if _wanted(books, posting, there) == ())
    return {posting.key: books.posted(posting, there[posting.reference], replayed=True) for posting in done}


def amend(books: Bookkeeping, postings: Sequence[Posting]) -> Iterator[Outcome]:
    """One outcome each; what says so already is answered with that."""
    there = sights.named(books, (posting.reference for posting in postings))
    for posting in postings:
        if problem := next(undeclared(posting, books.capabilities, books.lists), None):
            yield Rejected(key=posting.key, problem=problem)
            continue
        wanted = _wanted(books, posting, there)
        if isinstance(wanted, Problem):
            yield Rejected(key=posting.key, problem=wanted)
        elif not wanted:
            yield books.posted(posting, there[posting.reference], replayed=True)
        else:
            watching().begin(books.label)
            yield _sent(books, posting, wanted, there[posting.reference])


def _wanted(books: Bookkeeping, posting: Posting, there: Mapping[str, Body]) -> tuple[str, ...] | Problem:
    body = there.get(posting.reference)
    if body is None:
        return to_amend(posting, None, {}, lambda _, __: "")
    now = books.standing(posting.record.kind, body)
    says = {name: _plain(text) for name, text in books.texts(posting, body).items()}
    return to_amend(posting, now, says, lambda record, name: _plain(books.written(record, name, body)))


def _sent(books: Bookkeeping, posting: Posting, wanted: Sequence[str], body: Body) -> Outcome:
    now = body
    for place, write in enumerate(books.amendments(posting, wanted, body)):
        ended = carried(books, posting, write, begun=place > 0)
        if not isinstance(ended, dict):
            return ended
        now = ended
    return books.posted(posting, now, replayed=False)


def _plain(text: str) -> str:
    """A text as it is compared: however its lines end."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())
