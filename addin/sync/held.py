"""Accounts that hold what was received: deferred revenue beside its schedules, and money beside its methods."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from addin.sync.case import Case, ours
from addin.sync.reconcile import Compared, Mismatch, Why, is_gone
from addin.sync.resolve import by_account, resolve
from addin.sync.sides import account_of
from connectors.double_entry import legs
from connectors.exchange import at_home, in_home, lacks_rate, rate_of
from connectors.ledger import AccountBalance, AgedBalance, Posting
from connectors.records import (
    DOCUMENT_KINDS,
    ZERO,
    CreditNote,
    Customer,
    Document,
    JournalEntry,
    Payment,
    Refund,
    RevenueSchedule,
    SalesReceipt,
    Side,
    Transferable,
)
from workbook.layout import ACCOUNT_MAP

Sums = Mapping[str, Decimal]
"""Debits less credits by the ledger's code of an account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What a record does to the accounts in question: as it is booked, and as the source means it."""

    record: Transferable
    booked: Sums
    meant: Sums


def deferred(case: Case, balances: Iterable[AccountBalance], on: date) -> list[Compared]:
    """What is revenue later: what schedules have left on a day, beside the accounts that it is moved from.

    A difference is a document or entry that is not there, or a line on such an account that no schedule moves.
    """
    codes = {own: case.review.mapped(ACCOUNT_MAP, own) for own in case.schedules.accounts}
    planned: defaultdict[str, defaultdict[str, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    for schedule in case.schedules.known:
        planned[schedule.invoice][codes[schedule.deferred_account]] -= _came_with(case, schedule)
    parts = []
    for record in _until(case, on):
        if _defers(case, record):
            booked = _booked(case, record)
            billed = isinstance(record, Document) and not isinstance(record, CreditNote | Refund)
            parts.append(Part(record=record, booked=booked, meant=planned[record.key] if billed else booked))
    return _compared(case, "deferred", parts, balances, set(codes.values()) - {""})


def money(case: Case, balances: Iterable[AccountBalance], on: date) -> list[Compared]:
    """Money by the accounts that methods decide on, beside what these hold.

    The rest is in the ledger alone: what was there before, deposits, and what is paid by hand.
    """
    parts, accounts = [], set()
    for record in _until(case, on):
        if isinstance(record, Payment | SalesReceipt | Refund):
            kept = resolve(case, record).record
            accounts.add(getattr(kept, "deposit_account", "") or case.lists.deposit)
        if isinstance(record, Payment | SalesReceipt | Refund) or _is_fee(record):
            booked = _booked(case, record)
            parts.append(Part(record=record, booked=booked, meant=booked))
    return _compared(case, "money", parts, balances, accounts - {""})


def _is_fee(record: Transferable) -> bool:
    return isinstance(record, JournalEntry) and bool(record.payment)


def _came_with(case: Case, schedule: RevenueSchedule) -> Decimal:
    """What a schedule moves, in the home currency."""
    keys = [(kind, schedule.invoice) for kind in sorted(DOCUMENT_KINDS)]
    case.seen.fetch(keys)
    document = next((case.records[key] for key in keys if key in case.seen), None)
    exchange = rate_of(document, case.lists.home_currency) if document else None
    return in_home(schedule.amount, exchange, case.lists.home_currency) if exchange else schedule.amount


def _until(case: Case, on: date) -> Iterator[Transferable]:
    home = case.lists.home_currency
    for record in case.records.values():
        if not isinstance(record, Customer) and record.date <= on and not lacks_rate(record, home):
            yield record


def _defers(case: Case, record: Transferable) -> bool:
    """Whether a record moves an account from which revenue is moved later."""
    match record:
        case JournalEntry():
            return any(line.account in case.schedules.accounts for line in record.lines)
        case Document() if record.side is Side.SALES:
            scheduled = {number for invoice, number in case.schedules.by_line if invoice == record.key}
            own = (account_of(record, line, case.items) for line in record.lines)
            return bool(scheduled) or any(account in case.schedules.accounts for account in own)
    return False


def _booked(case: Case, record: Transferable) -> Sums:
    found = at_home(resolve(case, record).record, case.lists.home_currency)
    if isinstance(found, Document) and not by_account(case, found):
        lines = (replace(line, ledger_account=case.sold_on.get(line.ledger_item, "")) for line in found.lines)
        found = replace(found, lines=tuple(lines))
    sums: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for leg in legs(Posting(key="", record=found), case.lists):
        sums[leg.account] += leg.amount
    return sums


def _compared(
    case: Case, what: str, parts: Collection[Part], balances: Iterable[AccountBalance], accounts: Iterable[str]
) -> list[Compared]:
    """Each of the accounts; of deferred revenue what is owed counts, of money what is there."""
    sign = -1 if what == "deferred" else 1
    held = {each.account: sign * each.amount for each in balances if not each.currency}
    names = {account.code: account.name for account in case.lists.accounts}
    rows = []
    for code in sorted(accounts):
        found = [each for part in parts for each in _mismatches(case, code, part, sign)]
        source = sum((sign * part.meant.get(code, ZERO) for part in parts if not _is_void(case, part.record)), ZERO)
        balance = AgedBalance(customer=code, name=names.get(code, code), current=held.get(code, ZERO))
        if rest := balance.total - source - sum((each.amount for each in found), ZERO):
            found.append(Mismatch(account=code, amount=rest, why=Why.NOTHING if what == "deferred" else Why.ELSEWHERE))
        rows.append(
            Compared(
                what=what,
                account=code,
                name=balance.name,
                currency=case.lists.home_currency,
                source=source,
                ledger=balance,
                mismatches=tuple(found),
            )
        )
    return [row for row in rows if row.source or row.ledger.total or row.mismatches]


def _mismatches(case: Case, code: str, part: Part, sign: int) -> Iterator[Mismatch]:
    """What a record that is not there, not meant any more, or meant otherwise than booked, adds to the ledger."""
    record = part.record
    booked, void = case.settled((record.kind, record.key)), _is_void(case, record)
    there = booked is not None or not ours(record)
    has = part.booked.get(code, ZERO) if there else ZERO
    if has and booked and booked.total is not None and not isinstance(record, Document | JournalEntry):
        has = _home_total(case, record, booked.total).copy_sign(has)
    if amount := sign * (has - (ZERO if void else part.meant.get(code, ZERO))):
        gone = Why.LEFT if is_gone(case, record) else Why.CANCELLED
        otherwise = Why.OTHERWISE if isinstance(record, Payment) else Why.UNPLANNED
        why = Why.NOT_THERE if not there else gone if void else otherwise
        yield Mismatch(account=code, amount=amount, why=why, record=record)


def _home_total(case: Case, record: Transferable, total: Decimal) -> Decimal:
    """What a record was booked with, in the home currency; the ledger tells a total in the record's own."""
    exchange = rate_of(record, case.lists.home_currency)
    return in_home(total, exchange, case.lists.home_currency) if exchange else total


def _is_void(case: Case, record: Transferable) -> bool:
    return is_gone(case, record) or bool(getattr(record, "cancelled", False))
