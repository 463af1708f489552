"""What the source changed of a booked record without an amount moving, which is brought to the ledger as an update."""

from __future__ import annotations

import json
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from addin.journal import State, Transfer
from addin.journal.rows import says_the_same
from addin.sync.applications import alike_but_for_it, applies_more
from connectors.amending import DESCRIPTION, amended, line_texts, with_fields
from connectors.records import Kind, Transferable

Fields = Mapping[Kind, frozenset[str]]
"""The fields that a ledger changes of what it has booked, by kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """A booked record that the source changed in free fields, and in nothing else but what it is applied to.

    ``before`` is the record as it left, ``record`` as it leaves now: with the ``fields`` that the ledger changes.
    ``by_hand`` are those that it does not.
    """

    before: Transferable
    record: Transferable
    fields: tuple[str, ...]
    by_hand: tuple[str, ...]


def amendment(transfer: Transfer, now: Transferable, fields: Fields) -> Amendment | None:
    """What is to be told to the ledger; none where the record says the same, or an amount, account or day differs."""
    was = transfer.left_as() if transfer.state is State.POSTED else None
    names = amended(was, now) if was else ()
    if was is None or not names:
        return None
    rest = with_fields(was, now, names)
    if not (says_the_same(rest, now) or alike_but_for_it(rest, now)):
        return None
    able = tuple(name for name in names if name in fields.get(now.kind, frozenset()))
    by_hand = tuple(name for name in names if name not in able)
    return Amendment(before=was, record=with_fields(was, now, able), fields=able, by_hand=by_hand)


def follows(transfer: Transfer, now: Transferable, applies: Container[Kind], fields: Fields) -> bool:
    """Whether what the source changed of a booked record can be brought to the ledger, in part at least."""
    found = amendment(transfer, now, fields) if now.kind is not Kind.CUSTOMER else None
    return bool(found and found.fields) or applies_more(transfer, now, applies)


def told(was: Transferable, now: Transferable, names: Container[str] | None = None) -> str:
    """Each field with what it was and is, as JSON; of those given, or of all in which the two differ."""
    return json.dumps([each for each in _differing(was, now) if names is None or each[0] in names])


def _differing(was: Transferable, now: Transferable) -> Iterator[tuple[str, str | None, str | None]]:
    texts = amended(was, now)
    plain = with_fields(was, now, texts)
    for name in texts:
        if name == DESCRIPTION:
            pairs = zip(line_texts(was), line_texts(now), strict=True)
            yield from ((name, before, after) for before, after in pairs if before != after)
        else:
            yield name, _shown(getattr(was, name)), _shown(getattr(now, name))
    for name in _OTHERS:
        before, after = getattr(plain, name, None), getattr(now, name, None)
        if before != after:
            yield name, _shown(before), _shown(after)


_OTHERS = ("number", "date", "customer", "currency", "subtotal", "tax", "total", "amount", "invoice", "method",
           "deposit_account", "province", "taxes", "lines", "allocations", "direction")  # fmt: skip
"""What is never written over in a ledger, as a person compares it."""


def _shown(value: object) -> str | None:
    match value:
        case None | "":
            return None
        case Decimal():
            return f"{value:f}"
        case date():
            return value.isoformat()
        case tuple():
            return None
    return str(value)
