"""What any ledger refuses before it is asked, by what it declares and by its lists.

A ledger's own checks begin with these, and go on with what it alone knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from connectors.ledger import Action, Capabilities, LedgerLists, Posting
from connectors.problems import Problem, problem_of
from connectors.records import ZERO, Customer, Direction, Document, JournalEntry, Payment, Refund, SalesReceipt

Refuse = Callable[[Posting, Capabilities, LedgerLists], Iterator[Problem]]


def undeclared(posting: Posting, capabilities: Capabilities, lists: LedgerLists) -> Iterator[Problem]:
    """What a ledger does not take, by what it declares and by its closing date and home currency."""
    return (problem for refuse in DECLARED for problem in refuse(posting, capabilities, lists))


def refusals(posting: Posting, capabilities: Capabilities, lists: LedgerLists) -> Iterator[Problem]:
    """That, and what no ledger takes: what is meant for the source, and what does not add up."""
    return (problem for refuse in (*DECLARED, *UNSOUND) for problem in refuse(posting, capabilities, lists))


def references(posting: Posting) -> Iterator[str]:
    """The ledger's customers that a posting names and cannot do without; a sale paid on the spot may name nobody."""
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


def _kind(posting: Posting, capabilities: Capabilities, _: LedgerLists) -> Iterator[Problem]:
    record = posting.record
    if record.kind not in capabilities.kinds:
        yield problem_of(record, "kind_unsupported", kind=record.kind)
    if posting.action is Action.VOID and record.kind not in capabilities.voids:
        yield problem_of(record, "undo_unsupported", kind=record.kind)


def _currency(posting: Posting, capabilities: Capabilities, lists: LedgerLists) -> Iterator[Problem]:
    record, home = posting.record, lists.home_currency
    if not isinstance(record, Customer) and not capabilities.multi_currency and record.currency != home:
        yield problem_of(record, "currency_unsupported", column="currency", currency=record.currency, home=home)


def _period(posting: Posting, _: Capabilities, lists: LedgerLists) -> Iterator[Problem]:
    record, closed = posting.record, lists.closing_date
    if not isinstance(record, Customer) and closed and record.date <= closed:
        yield problem_of(record, "period_closed", column="date", date=str(record.date), closing_date=str(closed))


def _words(posting: Posting, capabilities: Capabilities, _: LedgerLists) -> Iterator[Problem]:
    """A number, and an account's name, as long as the ledger takes it and of characters that it takes."""
    record = posting.record
    limits = [("number", record.number, capabilities.number_length, capabilities.forbidden_in_numbers)]
    if isinstance(record, Customer):
        limits.append(("name", record.name, capabilities.name_length, capabilities.forbidden_in_names))
    for column, text, limit, forbidden in limits:
        if limit is not None and len(text) > limit:
            yield problem_of(record, f"{column}_too_long", column=column, limit=str(limit), **{column: text})
        if found := "".join(sorted(set(text) & set(forbidden))):
            yield problem_of(record, "character_forbidden", column=column, value=text, characters=found)


def _way(posting: Posting, _: Capabilities, __: LedgerLists) -> Iterator[Problem]:
    record = posting.record
    changed = posting.action is Action.UPDATE and not isinstance(record, Customer)
    if changed or (isinstance(record, Payment) and record.direction is Direction.FROM_LEDGER):
        yield problem_of(record, "kind_unsupported", kind=record.kind)


def _amounts(posting: Posting, _: Capabilities, __: LedgerLists) -> Iterator[Problem]:
    for amount in (*_amounts_of(posting), *(applied.amount for applied in posting.applied)):
        if not amount.is_finite():
            yield problem_of(posting.record, "ledger_refused", detail=f"not an amount: {amount}")


def _amounts_of(posting: Posting) -> Iterator[Decimal]:
    match posting.record:
        case Document() as document:
            yield from (document.total, *(line.amount for line in document.lines), *(t.amount for t in document.taxes))
        case Payment() as payment:
            yield payment.amount
        case JournalEntry() as entry:
            yield from (amount for line in entry.lines for amount in (line.debit, line.credit))


def _allocated(posting: Posting, _: Capabilities, __: LedgerLists) -> Iterator[Problem]:
    record, allocated = posting.record, sum((applied.amount for applied in posting.applied), ZERO)
    if isinstance(record, Payment) and allocated > record.amount:
        yield problem_of(record, "payment_over_allocated", allocated=str(allocated), amount=str(record.amount))


def _balanced(posting: Posting, _: Capabilities, __: LedgerLists) -> Iterator[Problem]:
    """The source's total is law: a ledger that adds up by itself would book another one."""
    match posting.record:
        case Document() as document:
            lines = sum((line.amount for line in document.lines), ZERO)
            taxes = sum((tax.amount for tax in document.taxes), ZERO)
            if lines + taxes != document.total:
                sums = {"lines": str(lines), "taxes": str(taxes), "total": str(document.total)}
                yield problem_of(document, "lines_do_not_add_up", **sums)
        case JournalEntry() as entry:
            debit = sum((line.debit for line in entry.lines), ZERO)
            credit = sum((line.credit for line in entry.lines), ZERO)
            if debit != credit:
                yield problem_of(entry, "entry_not_balanced", debit=str(debit), credit=str(credit))


DECLARED: tuple[Refuse, ...] = (_kind, _currency, _period, _words)
UNSOUND: tuple[Refuse, ...] = (_way, _amounts, _allocated, _balanced)
