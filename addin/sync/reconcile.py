"""Accounts receivable on both sides, and each document that explains a difference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from addin.journal import Transfer
from addin.sync.case import Case, ours
from connectors.ledger import AgedBalance, Standing
from connectors.records import ZERO, CreditNote, Invoice, Kind, Payment, Transferable

Receivable = Invoice | CreditNote | Payment

ON_ACCOUNT = (Kind.INVOICE, Kind.CREDIT_NOTE, Kind.PAYMENT)
"""The kinds that change what a customer owes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """A document that one side has and the other has not; ``amount`` is what it adds to the ledger's side.

    It is a ``record`` of the source, or a document that a person booked in the ledger; without either, nothing explains
    the amount.
    """

    account: str
    amount: Decimal
    record: Transferable | None = None
    by_hand: Standing | None = None

    @property
    def explained(self) -> bool:
        """Whether a document explains it."""
        return self.record is not None or self.by_hand is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One account on both sides; the mismatches sum to ledger minus source."""

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
    """What a record adds to its account's receivable, as the source sees it."""
    match record:
        case Invoice():
            return ZERO if record.cancelled else record.total
        case CreditNote():
            return ZERO if record.cancelled else -record.total
        case Payment():
            return -record.amount
    return ZERO


def compare(case: Case, aged: Iterable[AgedBalance]) -> list[Compared]:
    """Compare every account that owes or is owed something on either side, by name and currency."""
    home = case.lists.home_currency
    balances = {(balance.customer, balance.currency or home): balance for balance in aged}
    records: dict[tuple[str, str], list[Receivable]] = {}
    for record in case.records.values():
        if isinstance(record, Invoice | CreditNote | Payment) and record.kind in ON_ACCOUNT:
            records.setdefault((_ledger_account(case, record.customer), record.currency), []).append(record)
    rows = [_compared(case, side, records.get(side, []), balances.get(side)) for side in records.keys() | balances]
    return sorted(
        (row for row in rows if row.source or row.ledger.total), key=lambda row: (row.name, row.account, row.currency)
    )


def unexplained(rows: Iterable[Compared]) -> Iterator[tuple[Compared, Mismatch]]:
    """What no document explains, with the account it is on."""
    return ((row, mismatch) for row in rows for mismatch in row.mismatches if not mismatch.explained)


def with_documents_by_hand(row: Compared, documents: Iterable[Standing]) -> Compared:
    """An account whose difference is put down to the documents that a person booked on it, one each.

    What is of no kind that we know has no direction either, and explains nothing.
    """
    own = [
        each for each in documents
        if each.total and each.kind in ON_ACCOUNT and (each.currency or row.currency) == row.currency
    ]  # fmt: skip
    rest = sum((m.amount for m in row.mismatches if not m.explained), ZERO)
    named = [Mismatch(account=row.account, amount=_added(each), by_hand=each) for each in own]
    rest -= sum((mismatch.amount for mismatch in named), ZERO)
    left = [Mismatch(account=row.account, amount=rest)] if rest else []
    explained = [mismatch for mismatch in row.mismatches if mismatch.explained]
    return replace(row, mismatches=(*explained, *named, *left))


def _added(there: Standing) -> Decimal:
    """What a document adds to what its customer owes."""
    total = there.total or ZERO
    return total if there.kind is Kind.INVOICE else -total


def _ledger_account(case: Case, key: str) -> str:
    """The ledger's word for an account; an account that is not there goes by its own key."""
    transfer = case.settled((Kind.CUSTOMER, key))
    return transfer.ledger_id if transfer else f"key:{key}"


def _compared(case: Case, side: tuple[str, str], records: Sequence[Receivable], aged: AgedBalance | None) -> Compared:
    reference, currency = side
    customers = [case.customers[record.customer] for record in records]
    name = customers[0].name if customers else aged.name if aged else reference
    balance = aged or AgedBalance(customer=reference, name=name)
    source = sum((owed(record) for record in records), ZERO)
    account = customers[0].key if customers else reference
    found = tuple(_mismatches(case, account, records))
    rest = balance.total - source - sum((m.amount for m in found), ZERO)
    if rest:
        found = (*found, Mismatch(account=account, amount=rest))
    return Compared(account=account, name=name, currency=currency, source=source, ledger=balance, mismatches=found)


def _mismatches(case: Case, account: str, records: Iterable[Receivable]) -> Iterator[Mismatch]:
    for record in records:
        booked = case.settled((record.kind, record.key))
        amount = (_there(record, booked) if booked else ZERO) - owed(record)
        if amount and (booked or ours(record)):
            yield Mismatch(account=account, amount=amount, record=record)


def _there(record: Receivable, booked: Transfer) -> Decimal:
    """What a record adds to the ledger's side: what was booked, however it is in the source now."""
    total = record.amount if isinstance(record, Payment) else record.total
    total = total if booked.total is None else booked.total
    return total if isinstance(record, Invoice) else -total
