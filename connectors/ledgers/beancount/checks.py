"""What a book refuses, as a list of questions put to a posting before it is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import chain

from connectors.crediting import over_total
from connectors.double_entry import Leg
from connectors.ledger import Action, Capabilities, LedgerLists, Posting
from connectors.ledgers.beancount.contents import Account, Contents, home_currency, scoped
from connectors.ledgers.beancount.documents import Documents
from connectors.ledgers.beancount.exchange import home_legs, unvalued
from connectors.ledgers.beancount.problems import where
from connectors.ledgers.beancount.settings import BeancountSettings
from connectors.problems import Problem, problem_of
from connectors.records import (
    CREDIT_KINDS,
    DOCUMENT_KINDS,
    PAYMENT_KINDS,
    CreditNote,
    Customer,
    Kind,
    Payment,
    ReturnedPayment,
)
from connectors.refusals import nameless, references, refusals

APPLIED_KINDS = (PAYMENT_KINDS | CREDIT_KINDS) - {Kind.RETURNED_PAYMENT}
DOCUMENT_FIELDS = frozenset({"memo", "due", "care_of", "terms", "origin", "email", "description"})
CAPABILITIES = Capabilities(
    batch_size=50,
    idempotent=True,
    multi_currency=True,
    reads_back=True,
    searches=True,
    voids=frozenset(Kind) - {Kind.CUSTOMER},
    applies_later=APPLIED_KINDS,
    applies_closed=True,
    reverses=frozenset(Kind) - {Kind.CUSTOMER},
    applies_foreign=False,
    amends={
        **dict.fromkeys(sorted(DOCUMENT_KINDS), DOCUMENT_FIELDS),
        **dict.fromkeys(sorted(PAYMENT_KINDS), frozenset({"memo", "confirmation"})),
        Kind.JOURNAL_ENTRY: frozenset({"memo", "description"}),
    },
    amends_closed=True,
)
CURRENCY = re.compile(r"[A-Z]{3}")

Check = Callable[[Posting, Contents], Iterator[Problem]]


def refused(posting: Posting, contents: Contents) -> Problem | None:
    """The first reason why the book does not take a posting, if there is one; for voids see ``reversals``."""
    general = refusals(posting, CAPABILITIES, special(contents))
    own = (problem for check in CHECKS for problem in check(posting, contents))
    return next(chain(general, own), None)


def special(contents: Contents) -> LedgerLists:
    """The codes of the accounts that documents and payments fall to; an account the book lacks is named by itself."""
    settings = contents.settings
    return LedgerLists(
        home_currency=home_currency(contents),
        closing_date=settings.closing_date,
        receivable=_code(contents, settings.receivable),
        payable=_code(contents, settings.payable),
        deposit=_code(contents, settings.deposit),
        gains=_code(contents, settings.exchange),
        losses=_code(contents, settings.exchange),
    )


def side_of(customer: Customer, settings: BeancountSettings) -> str:
    """The account that a new customer or supplier is opened under."""
    return settings.payable if customer.is_supplier else settings.receivable


def booked(posting: Posting, contents: Contents) -> Iterator[tuple[Account | None, str, Leg]]:
    """The legs of a posting, each with its account and the full name it is booked under (a customer's sub-account)."""
    sides = (contents.settings.receivable, contents.settings.payable)
    for leg in home_legs(posting, special(contents), contents):
        account = contents.account(leg.account)
        name = leg.account if account is None else account.name
        yield account, f"{name}:{leg.customer}" if leg.customer and name in sides else name, leg


def _currency(posting: Posting, contents: Contents) -> Iterator[Problem]:
    record = posting.record
    if not isinstance(record, Customer) and not CURRENCY.fullmatch(record.currency):
        home = home_currency(contents)
        yield problem_of(record, "currency_unsupported", column="currency", currency=record.currency, home=home)


def _key(posting: Posting, contents: Contents) -> Iterator[Problem]:
    """What was booked under a key and taken back is never booked under it again."""
    if posting.key in contents.voided:
        on = contents.transactions[contents.voided[posting.key]].date
        yield problem_of(posting.record, "void_in_ledger", reference=posting.record.number, date=str(on))


def _number(posting: Posting, contents: Contents) -> Iterator[Problem]:
    record = posting.record
    taken = contents.taken(scoped(record.kind, record.number, posting.customer))
    if taken and record.number and record.kind in DOCUMENT_KINDS:
        yield problem_of(record, "number_taken", column="number", number=record.number)


def _customers(posting: Posting, contents: Contents) -> Iterator[Problem]:
    for reference in (*references(posting), *([posting.parent] if posting.parent else [])):
        if reference not in contents.customers:
            yield problem_of(posting.record, "account_unknown_in_ledger", column="account", reference=reference)


def _side(posting: Posting, contents: Contents) -> Iterator[Problem]:
    record = posting.record
    if isinstance(record, Customer) and posting.action is Action.CREATE:
        account, path = side_of(record, contents.settings), str(contents.settings.book_path)
        if account not in contents.accounts:
            yield problem_of(record, "book_lacks_account", path=path, account=account)


def _applied(posting: Posting, contents: Contents) -> Iterator[Problem]:
    record = posting.record
    pays = record.pays if isinstance(record, Payment | CreditNote) else Kind.INVOICE
    for reference in (applied.ledger_id for applied in posting.applied):
        numbers = (scoped(pays, reference, posting.customer), scoped("", reference, ""))
        by_hand = any(map(contents.taken, numbers))
        if not contents.stands(reference) and not by_hand and reference not in contents.fingerprints:
            yield problem_of(posting.record, "deleted_in_ledger", reference=reference)


def _returned(posting: Posting, contents: Contents) -> Iterator[Problem]:
    """What comes back is a payment that stands, of the same amount, and did not come back before."""
    record = posting.record
    if not isinstance(record, ReturnedPayment):
        return
    now = Documents(contents).standings([posting.returned]).get(posting.returned)
    if now is None or now.void:
        yield problem_of(record, "deleted_in_ledger", reference=posting.returned)
    elif contents.back(posting.returned):
        yield problem_of(record, "returned_twice", column="invoice", payment=now.number or now.ledger_id)
    elif now.total != record.amount:
        was, there = f"{record.amount:.2f}", f"{now.total:.2f}"
        yield problem_of(record, "changed_in_ledger", column="reference", was=was, now=there)


def _credited(posting: Posting, contents: Contents) -> Iterator[Problem]:
    if not isinstance(posting.record, CreditNote):
        return
    invoices = Documents(contents).standings(part.ledger_id for part in posting.applied)
    for part in posting.applied:
        now = invoices.get(part.ledger_id)
        number, total = (now.number or part.ledger_id, now.total) if now else ("", None)
        if problem := over_total(posting.record, part.amount, number, total):
            yield problem


def _by_party(posting: Posting, contents: Contents) -> Iterator[Problem]:
    """A line on receivables or payables names a customer or a supplier."""
    sides = filter(None, map(contents.account, (contents.settings.receivable, contents.settings.payable)))
    yield from nameless(posting.record, {called: side.title for side in sides for called in (side.code, side.name)})


def _accounts(posting: Posting, contents: Contents) -> Iterator[Problem]:
    record = posting.record
    for account, name, _ in booked(posting, contents):
        if account is None and not isinstance(record, Customer):
            yield problem_of(record, "not_in_ledger", code=name, date=str(record.date))


def _asserted(posting: Posting, contents: Contents) -> Iterator[Problem]:
    """A person asserted a balance (a reconciled statement): an earlier entry would make the assertion fail."""
    record = posting.record
    if isinstance(record, Customer):
        return
    for _, name, leg in booked(posting, contents):
        for balance in contents.asserted(name):
            if leg.amount and balance.amount.currency == contents.home_currency and record.date < balance.date:
                words = {"code": balance.account, "date": str(record.date), "asserted": str(balance.date)}
                yield problem_of(record, "balance_asserted", column="date", place=where(balance.meta), **words)


CHECKS: tuple[Check, ...] = (
    _key, _currency, _number, _customers, _side, _applied, _returned, unvalued, _credited, _by_party, _accounts,
    _asserted,
)  # fmt: skip


def _code(contents: Contents, name: str) -> str:
    account = contents.accounts.get(name)
    return name if account is None else account.code
