"""What of a booked record may change without an amount moving, and what of it a ledger still has to be told.

What is asked for is a state, field by field, so that an answer that was lost is known by what the ledger has, and one
that is sent again changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from connectors.ledger import Posting, Standing
from connectors.problems import Problem, problem_of
from connectors.records import Customer, Document, JournalEntry, Transferable
from connectors.undoing import changed_there

DESCRIPTION = "description"
"""What the lines of a record say, all together."""
FREE = ("memo", "due", "care_of", "terms", "origin", "email", "confirmation", DESCRIPTION)
"""The fields on which no amount, account, customer or day of the books hangs."""

Written = Callable[[Transferable, str], str]
"""What a ledger has of a field of a record, as it was written from it."""


def line_texts(record: Transferable) -> tuple[str, ...]:
    """What the lines of a record say, in their order."""
    match record:
        case JournalEntry():
            return tuple(line.memo for line in record.lines)
        case Document():
            return tuple(line.description for line in record.lines)
    return ()


def amended(was: Transferable, now: Transferable) -> tuple[str, ...]:
    """The free fields in which two versions of a record differ; none of a customer, which is changed as a whole."""
    if isinstance(was, Customer) or was.kind is not now.kind:
        return ()
    texts = line_texts(was), line_texts(now)
    differ = {name for name in FREE if getattr(was, name, None) != getattr(now, name, None)}
    if len(texts[0]) == len(texts[1]) and texts[0] != texts[1]:
        differ.add(DESCRIPTION)
    return tuple(name for name in FREE if name in differ)


def with_fields(was: Transferable, now: Transferable, names: Collection[str]) -> Transferable:
    """A version of a record with some free fields of another."""
    changes: dict[str, Any] = {name: getattr(now, name) for name in names if name != DESCRIPTION}
    if DESCRIPTION in names:
        match was:
            case JournalEntry():
                changes["lines"] = tuple(
                    replace(line, memo=text) for line, text in zip(was.lines, line_texts(now), strict=True)
                )
            case Document():
                changes["lines"] = tuple(
                    replace(line, description=text) for line, text in zip(was.lines, line_texts(now), strict=True)
                )
    return replace(was, **changes)


def to_amend(
    posting: Posting, now: Standing | None, there: Mapping[str, str], written: Written
) -> tuple[str, ...] | Problem:
    """The fields that are still to be changed, or why none is; nothing where the ledger has all of it already.

    ``there`` is what the ledger has of each field, in the words of ``written``. What a person changed there is left.
    """
    record, before, booked = posting.record, posting.before, posting.booked
    reference = (booked.number or booked.ledger_id) if booked else posting.reference
    if now is None or now.void:
        return problem_of(record, "deleted_in_ledger", reference=reference)
    if changed := changed_there(posting, now):
        return changed
    names = [name for name in amended(before, record) if name in there] if before else []
    still = [name for name in names if there[name] != written(record, name)]
    other = [name for name in still if before and there[name] != written(before, name)]
    if other and before:
        was = ", ".join(written(before, name) or "—" for name in other)
        shown = ", ".join(there[name] or "—" for name in other)
        return problem_of(record, "changed_in_ledger", column="reference", was=was, now=shown)
    return tuple(still)
