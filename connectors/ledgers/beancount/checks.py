"""What a book refuses, as a list of questions put to a posting before it is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from connectors.double_entry import Leg, legs
from connectors.ledger import Action, LedgerLists, Posting
from connectors.ledgers.beancount.contents import Account, Contents, scoped
from connectors.ledgers.beancount.problems import where
from connectors.ledgers.beancount.settings import BeancountSettings
from connectors.problems import Problem, problem_of
from connectors.records import (
    DOCUMENT_KINDS,
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

CURRENCY = re.compile(r"[A-Z]{3}")

Check = Callable[[Posting, Contents], Iterator[Problem]]


def refused(posting: Posting, contents: Contents) -> Problem | None:
    """The first reason why the book does not take a posting, if there is one."""
    return next((problem for check in CHECKS for problem in check(posting, contents)), None)


def special(contents: Contents) -> LedgerLists:
    """The codes of the accounts that documents and payments fall to; an account the book lacks is named by itself."""
    settings = contents.settings
    return LedgerLists(
        home_currency=home_currency(contents),
        closing_date=settings.closing_date,
        receivable=_code(contents, settings.receivable),
        payable=_code(contents, settings.payable),
        deposit=_code(contents, settings.deposit),
    )


def home_currency(contents: Contents) -> str:
    """The book's first operating currency; Canadian dollars where it says none."""
    return str(next(iter(contents.options["operating_currency"]), "CAD"))


def side_of(customer: Customer, settings: BeancountSettings) -> str:
    """The account that a new customer or supplier is opened under."""
    return settings.payable if customer.is_supplier else settings.receivable


def booked(posting: Posting, contents: Contents) -> Iterator[tuple[Account | None, str, Leg]]:
    """The legs of a posting, each with its account and the full name it is booked under (a customer's sub-account)."""
    sides = (contents.settings.receivable, contents.settings.payable)
    for leg in legs(posting, special(contents)):
        account = contents.account(leg.account)
        name = leg.account if account is None else account.name
        yield account, f"{name}:{leg.customer}" if leg.customer and name in sides else name, leg


def _supported(posting: Posting, _: Contents) -> Iterator[Problem]:
    record = posting.record
    changed = posting.action is Action.UPDATE and not isinstance(record, Customer)
    if changed or (isinstance(record, Payment) and record.direction is Direction.FROM_LEDGER):
        yield problem_of(record, "kind_unsupported", kind=record.kind)


def _currency(posting: Posting, contents: Contents) -> Iterator[Problem]:
    record = posting.record
    if not isinstance(record, Customer) and not CURRENCY.fullmatch(record.currency):
        home = home_currency(contents)
        yield problem_of(record, "currency_unsupported", column="currency", currency=record.currency, home=home)


def _period(posting: Posting, contents: Contents) -> Iterator[Problem]:
    record, closed = posting.record, contents.settings.closing_date
    if not isinstance(record, Customer) and closed and record.date <= closed:
        yield problem_of(record, "period_closed", column="date", date=str(record.date), closing_date=str(closed))


def _number(posting: Posting, contents: Contents) -> Iterator[Problem]:
    record = posting.record
    taken = scoped(record.kind, record.number, posting.customer) in contents.numbers
    if taken and record.number and record.kind in DOCUMENT_KINDS:
        yield problem_of(record, "number_taken", column="number", number=record.number)


def _customers(posting: Posting, contents: Contents) -> Iterator[Problem]:
    for reference in _references(posting):
        if reference not in contents.customers:
            yield problem_of(posting.record, "account_unknown_in_ledger", column="account", reference=reference)


def _side(posting: Posting, contents: Contents) -> Iterator[Problem]:
    record = posting.record
    if isinstance(record, Customer) and posting.action is Action.CREATE:
        account, path = side_of(record, contents.settings), str(contents.settings.book_path)
        if account not in contents.accounts:
            yield problem_of(record, "book_lacks_account", path=path, account=account)


def _references(posting: Posting) -> Iterator[str]:
    match posting.record:
        case Customer():
            if posting.action is Action.UPDATE:
                yield posting.reference
            if posting.parent:
                yield posting.parent
        case JournalEntry() as entry:
            yield from (line.customer for line in entry.lines if line.customer)
        case SalesReceipt() | Refund():
            if posting.customer:
                yield posting.customer
        case _:
            yield posting.customer


def _amounts(posting: Posting, contents: Contents) -> Iterator[Problem]:
    allocated = [applied.amount for applied in posting.applied]
    for amount in (*(leg.amount for _, _, leg in booked(posting, contents)), *allocated):
        if not amount.is_finite():
            yield problem_of(posting.record, "ledger_refused", detail=f"not an amount: {amount}")


def _applied(posting: Posting, contents: Contents) -> Iterator[Problem]:
    record, allocated = posting.record, sum((applied.amount for applied in posting.applied), ZERO)
    for reference in (applied.ledger_id for applied in posting.applied):
        if reference not in contents.posted and (Kind.INVOICE, reference, "") not in contents.numbers:
            yield problem_of(record, "deleted_in_ledger", reference=reference)
    if isinstance(record, Payment) and allocated > record.amount:
        yield problem_of(record, "payment_over_allocated", allocated=str(allocated), amount=str(record.amount))


def _accounts(posting: Posting, contents: Contents) -> Iterator[Problem]:
    record = posting.record
    for account, name, _ in booked(posting, contents):
        if account is None and not isinstance(record, Customer):
            yield problem_of(record, "not_in_ledger", code=name, date=str(record.date))


def _balanced(posting: Posting, contents: Contents) -> Iterator[Problem]:
    record = posting.record
    if not sum((leg.amount for _, _, leg in booked(posting, contents)), ZERO):
        return
    match record:
        case Document():
            lines, taxes = (sum((part.amount for part in parts), ZERO) for parts in (record.lines, record.taxes))
            sums = {"lines": str(lines), "taxes": str(taxes), "total": str(record.total)}
            yield problem_of(record, "lines_do_not_add_up", **sums)
        case JournalEntry():
            debit, credit = (sum((getattr(line, side) for line in record.lines), ZERO) for side in ("debit", "credit"))
            yield problem_of(record, "entry_not_balanced", debit=str(debit), credit=str(credit))


def _asserted(posting: Posting, contents: Contents) -> Iterator[Problem]:
    """A person asserted a balance (a reconciled statement): an earlier entry would make the assertion fail."""
    record = posting.record
    if isinstance(record, Customer):
        return
    for _, name, leg in booked(posting, contents):
        for balance in contents.asserted(name):
            if leg.amount and balance.amount.currency == record.currency and record.date < balance.date:
                words = {"code": balance.account, "date": str(record.date), "asserted": str(balance.date)}
                yield problem_of(record, "balance_asserted", column="date", place=where(balance.meta), **words)


CHECKS: tuple[Check, ...] = (
    _supported,
    _currency,
    _period,
    _number,
    _customers,
    _side,
    _amounts,
    _applied,
    _accounts,
    _balanced,
    _asserted,
)


def _code(contents: Contents, name: str) -> str:
    account = contents.accounts.get(name)
    return name if account is None else account.code
