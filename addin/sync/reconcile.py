"""Receivables and payables on both sides on a day, and each document that explains a difference."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from addin.journal import RecordKey, Transfer
from addin.sync.case import Case, ours
from addin.sync.families import Across, across
from connectors.ledger import AgedBalance, Standing
from connectors.records import (
    ZERO,
    CreditNote,
    Customer,
    Document,
    Invoice,
    Kind,
    Payment,
    ReturnedPayment,
    Side,
    SupplierInvoice,
    SyncStatus,
    Transferable,
    total_of,
)

ADDS: Mapping[Side, Mapping[Kind, int]] = {
    Side.SALES: {Kind.INVOICE: 1, Kind.CREDIT_NOTE: -1, Kind.PAYMENT: -1, Kind.RETURNED_PAYMENT: 1},
    Side.PURCHASES: {Kind.SUPPLIER_INVOICE: 1, Kind.VENDOR_CREDIT: -1, Kind.SUPPLIER_PAYMENT: -1},
}
"""The kinds that change what customers owe, and what suppliers are owed: 1 where they add to it, -1 where they take."""

BILLS = frozenset({Kind.INVOICE, Kind.SUPPLIER_INVOICE})
"""The kinds whose balance the source tells; of all others it is what is not applied to these."""

OwedRecord = Invoice | CreditNote | SupplierInvoice | Payment


class Why(StrEnum):
    """What a difference is put down to."""

    NOT_THERE = "not_there"
    KEPT_OUT = "kept_out"
    OTHERWISE = "otherwise"
    CANCELLED = "cancelled"
    LEFT = "left"
    BALANCE = "balance"
    UNPLANNED = "unplanned"
    FAMILY = "family"
    BY_HAND = "by_hand"
    ELSEWHERE = "elsewhere"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """What one side has and the other has not; ``amount`` is what it adds to the ledger's side.

    It is a ``record`` of the source, or a document that a person booked in the ledger; without either, nothing explains
    the amount.
    """

    account: str
    amount: Decimal
    why: Why
    record: Transferable | None = None
    by_hand: Standing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One account on both sides; the mismatches sum to ledger minus source.

    ``what`` is what it holds: the side of receivables or payables, deferred revenue, or money.
    """

    what: str
    account: str
    name: str
    currency: str
    source: Decimal
    ledger: AgedBalance
    mismatches: tuple[Mismatch, ...]

    @property
    def difference(self) -> Decimal:
        """What the ledger says beyond the source."""
        return self.ledger.total - self.source


def owed(record: Transferable) -> Decimal:
    """What a record adds to what its account owes or is owed, as the source sees it."""
    if not isinstance(record, OwedRecord) or getattr(record, "cancelled", False):
        return ZERO
    return _signed(record.kind, total_of(record))


def _signed(kind: Kind, amount: Decimal) -> Decimal:
    return amount * next((adds[kind] for adds in ADDS.values() if kind in adds), 0)


def compare(case: Case, side: Side, aged: Iterable[AgedBalance], on: date) -> list[Compared]:
    """Compare every account that owes or is owed something on either side, by name and currency.

    The source's side of today is what it says itself that is left to pay; of an earlier day, which it does not tell, it
    is what its documents and payments until then come to.
    """
    home = case.lists.home_currency
    balances = {(balance.customer, balance.currency or home): balance for balance in aged}
    paid, family = paid_off(case) if on >= case.today else None, across(case, ADDS[side], on)
    records: dict[tuple[str, str], list[OwedRecord]] = {}
    for record in case.records.values():
        if isinstance(record, OwedRecord) and record.kind in ADDS[side] and record.date <= on:
            records.setdefault((_ledger_account(case, record.customer), record.currency), []).append(record)
    rows = [
        _compared(case, side, at, records.get(at, []), balances.get(at), paid, family)
        for at in records.keys() | balances
    ]
    return sorted(
        (row for row in rows if row.source or row.ledger.total or row.mismatches),
        key=lambda row: (row.name, row.account, row.currency),
    )


def paid_off(case: Case) -> Mapping[RecordKey, Decimal]:
    """What the source's payments and credits take off each invoice, ours or a supplier's."""
    paid: defaultdict[RecordKey, Decimal] = defaultdict(lambda: ZERO)
    for record in (*case.payments(), *case.credit_notes()):
        if case.seen[record.kind, record.key].left_source:
            continue
        if isinstance(record, ReturnedPayment):
            payment = case.payment_of(record)
            for part in payment.allocations if payment else ():
                paid[Kind.INVOICE, part.invoice] -= part.amount
        elif isinstance(record, Payment):
            for part in record.allocations:
                paid[record.pays, part.invoice] += part.amount
        elif isinstance(record, CreditNote) and record.invoice and not record.cancelled:
            paid[record.pays, record.invoice] += record.total
    return paid


def unexplained(rows: Iterable[Compared]) -> Iterator[tuple[Compared, Mismatch]]:
    """What no document explains, with the account it is on."""
    return ((row, mismatch) for row in rows for mismatch in row.mismatches if mismatch.why is Why.NOTHING)


def with_documents_by_hand(row: Compared, documents: Iterable[Standing]) -> Compared:
    """An account whose difference is put down to the documents that a person booked on it, one each.

    What is of no kind that we know has no direction either, and explains nothing.
    """
    own = [
        each for each in documents
        if each.total and each.kind in ADDS[Side(row.what)] and (each.currency or row.currency) == row.currency
    ]  # fmt: skip
    rest = sum((m.amount for m in row.mismatches if m.why is Why.NOTHING), ZERO)
    named = [
        Mismatch(account=row.account, amount=_signed(each.kind, each.total), why=Why.BY_HAND, by_hand=each)
        for each in own if each.kind and each.total
    ]  # fmt: skip
    rest -= sum((mismatch.amount for mismatch in named), ZERO)
    left = [Mismatch(account=row.account, amount=rest, why=Why.NOTHING)] if rest else []
    explained = [mismatch for mismatch in row.mismatches if mismatch.why is not Why.NOTHING]
    for mine, theirs in list(_kept_out_and_there(explained, named)):
        explained.remove(mine)
        named.remove(theirs)
    return replace(row, mismatches=(*explained, *named, *left))


def _kept_out_and_there(mine: Sequence[Mismatch], theirs: Sequence[Mismatch]) -> Iterator[tuple[Mismatch, Mismatch]]:
    """What never leaves, each with the document of its kind and amount that a person booked: best of its number."""
    free = list(theirs)
    for each in (mismatch for mismatch in mine if mismatch.why is Why.KEPT_OUT):
        alike = [other for other in free if other.amount == -each.amount and _same_kind(each, other)]
        if alike:
            found = min(alike, key=lambda other: _apart(each, other))
            free.remove(found)
            yield each, found


def _same_kind(mine: Mismatch, theirs: Mismatch) -> bool:
    return bool(mine.record and theirs.by_hand and mine.record.kind is theirs.by_hand.kind)


def _apart(mine: Mismatch, theirs: Mismatch) -> tuple[bool, int]:
    """How far a document of the ledger is from a record: whether its number is another, and by how many days."""
    record, there = mine.record, theirs.by_hand
    if record is None or there is None or isinstance(record, Customer):
        return True, 0
    return record.number != there.number, abs((there.date - record.date).days) if there.date else 0


def _ledger_account(case: Case, key: str) -> str:
    """The ledger's word for an account; an account that is not there goes by its own key."""
    transfer = case.settled((Kind.CUSTOMER, key))
    return transfer.ledger_id if transfer else f"key:{key}"


def _compared(
    case: Case, side: Side, at: tuple[str, str], records: Sequence[OwedRecord], aged: AgedBalance | None,
    paid: Mapping[RecordKey, Decimal] | None, family: Across,
) -> Compared:  # fmt: skip
    reference, currency = at
    customers = [case.customers[record.customer] for record in records if record.customer in case.customers]
    name = customers[0].name if customers else aged.name if aged else reference
    balance = aged or AgedBalance(customer=reference, name=name)
    account = customers[0].key if customers else reference
    found = tuple(_mismatches(case, account, records, paid))
    source = sum((_in_source(case, record, paid) for record in records), ZERO)
    rest = balance.total - source - sum((m.amount for m in found), ZERO)
    kept_out = sum((m.amount for m in found if m.why is Why.KEPT_OUT), ZERO)
    if rest and rest == -kept_out:  # the ledger has just what never leaves: it was there before
        found = tuple(m for m in found if m.why is not Why.KEPT_OUT)
    elif rest:
        found = (*found, *_left(account, rest, family.get((account, currency), ())))
    return Compared(
        what=side, account=account, name=name, currency=currency, source=source, ledger=balance, mismatches=found
    )


def _left(account: str, rest: Decimal, family: Sequence[tuple[Transferable, Decimal]]) -> Iterator[Mismatch]:
    """What no amount of a record explains: that the ledger counts with an invoice what another paid, or nothing."""
    if rest == sum((amount for _, amount in family), ZERO):
        for record, amount in family:
            yield Mismatch(account=account, amount=amount, why=Why.FAMILY, record=record)
    else:
        yield Mismatch(account=account, amount=rest, why=Why.NOTHING)


def _mismatches(
    case: Case, account: str, records: Iterable[OwedRecord], paid: Mapping[RecordKey, Decimal] | None
) -> Iterator[Mismatch]:
    for record in records:
        booked = case.settled((record.kind, record.key))
        amount = (_there(record, booked) if booked else ZERO) - (ZERO if is_gone(case, record) else owed(record))
        if amount and (booked or ours(record)):
            yield Mismatch(account=account, amount=amount, why=_why(case, record, booked), record=record)
        if beyond := _beyond(case, record, paid):
            yield Mismatch(account=account, amount=-beyond, why=Why.BALANCE, record=record)


def _why(case: Case, record: OwedRecord, booked: Transfer | None) -> Why:
    if booked is None:
        status = case.statuses.get((record.kind, record.key)) or case.seen[record.kind, record.key].status
        return Why.KEPT_OUT if status is SyncStatus.DO_NOT_SYNC else Why.NOT_THERE
    if is_gone(case, record):
        return Why.LEFT
    return Why.CANCELLED if getattr(record, "cancelled", False) else Why.OTHERWISE


def is_gone(case: Case, record: Transferable) -> bool:
    """Whether the source has it no longer."""
    return case.options.pulls_are_whole and case.seen[record.kind, record.key].left_source


def _in_source(case: Case, record: OwedRecord, paid: Mapping[RecordKey, Decimal] | None) -> Decimal:
    return ZERO if is_gone(case, record) else owed(record) + _beyond(case, record, paid)


def _beyond(case: Case, record: OwedRecord, paid: Mapping[RecordKey, Decimal] | None) -> Decimal:
    """What the source says is left to pay of a bill beyond what its payments and credits leave of it.

    Nothing where these are more than the bill: what they have too much stays on the account.
    """
    if paid is None or not isinstance(record, Document) or record.kind not in BILLS:
        return ZERO
    if record.cancelled or is_gone(case, record):
        return ZERO
    left = record.total - paid.get((record.kind, record.key), ZERO)
    return ZERO if record.balance == left else record.balance - max(left, ZERO)


def _there(record: OwedRecord, booked: Transfer) -> Decimal:
    """What a record adds to the ledger's side: what was booked, however it is in the source now."""
    return _signed(record.kind, total_of(record) if booked.total is None else booked.total)
