"""Money and credits that were on account when they were booked, and that the source applies later."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from addin.journal import RecordKey, State, Transfer
from addin.journal.rows import says_the_same
from connectors.amending import amended, with_fields
from connectors.records import CREDIT_KINDS, PAYMENT_KINDS, ZERO, CreditNote, Kind, Payment, Transferable

APPLIED_KINDS = (PAYMENT_KINDS | CREDIT_KINDS) - {Kind.RETURNED_PAYMENT}
"""The kinds of what is applied to documents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """What the source has applied of a booked payment or credit note since, and no amount, account or day differs.

    ``record`` has what no amount hangs on as it left: that is brought to the ledger by an update of its own.
    ``added`` and ``taken_back`` are amounts, by the document that they go to or went to.
    """

    record: Transferable
    added: Mapping[RecordKey, Decimal]
    taken_back: Mapping[RecordKey, Decimal]


def application(transfer: Transfer, now: Transferable) -> Application | None:
    """What was applied since a record was booked by us; none where it says the same, or more than that differs."""
    was = transfer.left_as() if transfer.state is State.POSTED else None
    if was is None:
        return None
    now = with_fields(now, was, amended(was, now))
    if not alike_but_for_it(was, now):
        return None
    before, after = _parts(was), _parts(now)
    found = Application(record=now, added=_beyond(after, before), taken_back=_beyond(before, after))
    return found if before != after else None


def applies_more(transfer: Transfer, now: Transferable, kinds: Container[Kind]) -> bool:
    """Whether all that a source changed of a booked record of these kinds is that more of it is applied."""
    found = application(transfer, now) if now.kind in kinds else None
    return found is not None and not found.taken_back


def alike_but_for_it(was: Transferable, now: Transferable) -> bool:
    """Whether two versions of a record differ in nothing but what it is applied to."""
    match was, now:
        case Payment(), Payment():
            return says_the_same(replace(was, allocations=now.allocations), now)
        case CreditNote(), CreditNote():
            return says_the_same(replace(was, invoice=now.invoice), now)
    return False


def _parts(record: Transferable) -> Mapping[RecordKey, Decimal]:
    """What a payment or credit note goes to, and how much of it."""
    parts: defaultdict[RecordKey, Decimal] = defaultdict(Decimal)
    match record:
        case Payment():
            for part in record.allocations:
                parts[record.pays, part.invoice] += part.amount
        case CreditNote() if record.invoice:
            parts[record.pays, record.invoice] += record.total
    return parts


def _beyond(parts: Mapping[RecordKey, Decimal], others: Mapping[RecordKey, Decimal]) -> dict[RecordKey, Decimal]:
    """By how much each part is more than another list has of it."""
    return {key: more for key, amount in parts.items() if (more := amount - others.get(key, ZERO)) > ZERO}
