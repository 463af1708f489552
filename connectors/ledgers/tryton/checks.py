"""What can be said of a posting before Tryton is asked, as a list of questions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from connectors.double_entry import legs
from connectors.ledger import Action, Posting
from connectors.ledgers.tryton.books import Books, Party
from connectors.ledgers.tryton.mapping import Target, special
from connectors.problems import Problem, problem_of
from connectors.records import (
    ZERO,
    Customer,
    Direction,
    Document,
    JournalEntry,
    Kind,
    Payment,
    Refund,
    SalesReceipt,
)


@dataclass(frozen=True, kw_only=True)
class Known:
    """What a batch refers to, as looked up in Tryton: parties by code, targets by reference, numbers in use."""

    parties: Mapping[str, Party]
    targets: Mapping[str, Target]
    numbers: Collection[tuple[Kind, str]]


Check = Callable[[Posting, Books, Known], Iterator[Problem]]


def refused(posting: Posting, books: Books, known: Known) -> Problem | None:
    """The first reason why a posting need not be sent, if there is one."""
    return next((problem for check in CHECKS for problem in check(posting, books, known)), None)


def _supported(posting: Posting, _: Books, __: Known) -> Iterator[Problem]:
    record = posting.record
    changed = posting.action is Action.UPDATE and not isinstance(record, Customer)
    if changed or (isinstance(record, Payment) and record.direction is Direction.FROM_LEDGER):
        yield problem_of(record, "kind_unsupported", kind=record.kind)


def _currency(posting: Posting, books: Books, _: Known) -> Iterator[Problem]:
    record = posting.record
    if not isinstance(record, Customer) and record.currency != books.home:
        yield problem_of(record, "currency_unsupported", column="currency", currency=record.currency, home=books.home)


def _period(posting: Posting, books: Books, _: Known) -> Iterator[Problem]:
    record = posting.record
    if isinstance(record, Customer):
        return
    period = books.period(record.date)
    if period is None:
        yield problem_of(record, "ledger_refused", column="date", detail=f"no fiscal year or period on {record.date}")
    elif not period.open:
        closing = str(books.closing_date or period.end)
        yield problem_of(record, "period_closed", column="date", date=str(record.date), closing_date=closing)


def _customers(posting: Posting, _: Books, known: Known) -> Iterator[Problem]:
    for reference in references(posting):
        if reference not in known.parties:
            yield problem_of(posting.record, "account_unknown_in_ledger", column="account", reference=reference)


def _accounts(posting: Posting, books: Books, _: Known) -> Iterator[Problem]:
    record = posting.record
    if isinstance(record, Customer):
        return
    for leg in legs(posting, special(books)):
        account = books.accounts.get(leg.account)
        if account is None or not account.open:
            yield problem_of(record, "not_in_ledger", code=leg.account, date=record.date.isoformat())
        elif account.with_party and not leg.customer:
            yield problem_of(record, "account_not_linked", column="account")
        elif not leg.amount.is_finite():
            yield problem_of(record, "ledger_refused", detail=f"not an amount: {leg.amount}")


def _balance(posting: Posting, books: Books, _: Known) -> Iterator[Problem]:
    """Tryton computes an invoice's total itself, so that it would book another one than the source's."""
    record = posting.record
    if isinstance(record, Customer) or sum((leg.amount for leg in legs(posting, special(books))), ZERO) == ZERO:
        return
    if isinstance(record, Document):
        lines = sum((line.amount for line in record.lines), ZERO)
        taxes = sum((tax.amount for tax in record.taxes), ZERO)
        yield problem_of(record, "lines_do_not_add_up", lines=str(lines), taxes=str(taxes), total=str(record.total))
    elif isinstance(record, JournalEntry):
        debit = sum((line.debit for line in record.lines), ZERO)
        credit = sum((line.credit for line in record.lines), ZERO)
        yield problem_of(record, "entry_not_balanced", debit=str(debit), credit=str(credit))


def _applied(posting: Posting, _: Books, known: Known) -> Iterator[Problem]:
    for applied in posting.applied:
        if applied.ledger_id not in known.targets:
            yield problem_of(posting.record, "deleted_in_ledger", reference=applied.ledger_id)


def _number(posting: Posting, _: Books, known: Known) -> Iterator[Problem]:
    record = posting.record
    if record.number and (record.kind, record.number) in known.numbers:
        yield problem_of(record, "number_taken", column="number", number=record.number)


def references(posting: Posting) -> Iterator[str]:
    """The codes of the parties that a posting names and cannot do without."""
    match posting.record:
        case Customer():
            if posting.action is Action.UPDATE:
                yield posting.reference
        case JournalEntry() as entry:
            yield from (line.customer for line in entry.lines if line.customer)
        case SalesReceipt() | Refund():
            if posting.customer:
                yield posting.customer
        case _:
            yield posting.customer


CHECKS: tuple[Check, ...] = (_supported, _currency, _period, _customers, _accounts, _balance, _applied, _number)
