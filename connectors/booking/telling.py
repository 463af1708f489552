"""What happened in a ledger, as changes of ours: each record once, with what the ledger now has of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from connectors.booking.bookkeeping import Bookkeeping
from connectors.booking.recipes import Body
from connectors.ledger import Change, Changes
from connectors.records import Kind, Transferable, What

Read = Callable[[Kind, Body], tuple[Transferable, frozenset[str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """A record that was touched: its kind and body, when, and whether it is gone or what it was merged into.

    ``new`` is false where the ledger says that it was made before; ``word`` is what the ledger calls it where none of
    our kinds is meant for it, ``name`` whose it is.
    """

    kind: Kind
    body: Body
    when: datetime
    new: bool = True
    deleted: bool = False
    merged_into: str = ""
    name: str = ""
    word: str = ""


def told(books: Bookkeeping, happenings: Iterable[Happening], read: Read, until: datetime) -> Changes:
    """One change for each record, the last that happened to it."""
    changes: dict[str, Change] = {}
    for each in sorted(happenings, key=lambda happening: happening.when):
        change = _change(books, each, read)
        changes.pop(change.ledger_id, None)
        changes[change.ledger_id] = change
    return Changes(until=until, changes=tuple(changes.values()))


def _change(books: Bookkeeping, each: Happening, read: Read) -> Change:
    standing = books.standing(each.kind, each.body)
    what = _what(each, void=standing.void)
    stands = what in (What.CREATED, What.CHANGED)
    record, fields = read(each.kind, each.body) if stands else (None, frozenset[str]())
    return Change(
        what=what,
        kind=each.kind,
        ledger_id=standing.ledger_id,
        when=each.when,
        key=books.key_of(each.kind, each.body),
        number=standing.number,
        name=each.name,
        record=record,
        told=fields,
        word=each.word,
        merged_into=each.merged_into,
        url=standing.url,
    )


def _what(each: Happening, *, void: bool) -> What:
    if each.merged_into:
        return What.MERGED
    if each.deleted:
        return What.DELETED
    if void:
        return What.VOIDED
    return What.CREATED if each.new else What.CHANGED
