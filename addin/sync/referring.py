"""What the ledger has, or may have, that refers to a document: what pays it, credits it, or recognises its revenue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator

from addin.journal import RecordKey, State
from addin.journal.protocol import OPEN
from addin.sync.case import Case, gives_back, invoices_of
from connectors.records import CREDIT_KINDS, PAYMENT_KINDS, JournalEntry, Kind, Refund, Transferable

REFERRING = PAYMENT_KINDS | CREDIT_KINDS | {Kind.JOURNAL_ENTRY, Kind.REFUND}
"""The kinds of what is for a document."""


def applied(case: Case, documents: Collection[RecordKey]) -> defaultdict[RecordKey, list[RecordKey]]:
    """What the ledger has, or may have, that refers to each of these documents."""
    found: defaultdict[RecordKey, list[RecordKey]] = defaultdict(list)
    if not documents:
        return found
    keys = [key for key in case.numbers() if key[0] in REFERRING]
    case.transfers.fetch(keys)
    booked = [key for key in keys if case.settled(key) or state_of(case, key) in OPEN]
    case.seen.fetch(booked)
    for key in booked:
        for document in dict.fromkeys(_documents(case, case.records[key])):
            if document in documents:
                found[document].append(key)
    return found


def _documents(case: Case, record: Transferable) -> Iterator[RecordKey]:
    yield from invoices_of(record)
    yield from gives_back(record)
    if isinstance(record, Refund) and record.invoice:
        yield Kind.INVOICE, record.invoice
    recognised = case.recognised(record) if isinstance(record, JournalEntry) else None
    if recognised:
        yield recognised.kind, recognised.key


def state_of(case: Case, key: RecordKey) -> State | None:
    """The state of a record's latest transfer."""
    latest = case.latest(key)
    return latest.state if latest else None


def with_what_they_brought(case: Case, chosen: Collection[RecordKey]) -> list[RecordKey]:
    """These, with the fees and discounts that the ledger has of the payments among them."""
    brought = [key for several in brought_by(case, chosen).values() for key in several]
    return list(dict.fromkeys((*chosen, *brought)))


def brought_by(case: Case, chosen: Collection[RecordKey]) -> defaultdict[RecordKey, list[RecordKey]]:
    """The fees and discounts that the ledger has, or may have, by the payments among these that they are of."""
    found: defaultdict[RecordKey, list[RecordKey]] = defaultdict(list)
    begin = tuple(f"{key}/" for kind, key in chosen if kind in PAYMENT_KINDS)
    for key in case.numbers() if begin else ():
        if key[0] in PAYMENT_KINDS or not key[1].startswith(begin):
            continue
        payment = case.payment_of(case.records[key])
        if payment and (case.settled(key) or state_of(case, key) in OPEN):
            found[payment.kind, payment.key].append(key)
    return found
