"""What QuickBooks Online would refuse, or worse take wrongly, as questions put to a posting before it is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass

from connectors.ledger import Action, Capabilities, Posting
from connectors.ledgers.quickbooks_online.books import Books
from connectors.ledgers.quickbooks_online.mapping import codes, id_of
from connectors.ledgers.quickbooks_online.parties import bare_id, entity_of
from connectors.ledgers.quickbooks_online.queries import LINE_ENDS, unsendable
from connectors.ledgers.quickbooks_online.taxes import untold
from connectors.problems import Problem, problem_of
from connectors.records import (
    ZERO,
    Customer,
    Direction,
    Document,
    JournalEntry,
    Kind,
    Payment,
    Provenance,
)

Check = Callable[[Posting, Books], Iterator[Problem]]

CAPABILITIES = Capabilities(
    batch_size=30,
    concurrency=1,
    idempotent=False,
    links_customers_by="id",
    lines_by="item",
    taxes_by="group",
    number_length=21,
    name_length=500,
    forbidden_in_names=":\t\n",
)
"""Batches of 30 (Batch); ``requestid`` is not relied upon; numbers of 21 and names of 500 characters (Finance.xsd,
Customer); names unique, without colon, tab and line end; lines name an item, whose account the ledger knows."""


def refused(posting: Posting, books: Books) -> Problem | None:
    """The first reason not to send a posting, if there is one."""
    return next((problem for check in CHECKS for problem in check(posting, books)), None)


def _supported(posting: Posting, _: Books) -> Iterator[Problem]:
    record = posting.record
    changed = posting.action is Action.UPDATE and not isinstance(record, Customer)
    if changed or (isinstance(record, Payment) and record.direction is Direction.FROM_LEDGER):
        yield problem_of(record, "kind_unsupported", kind=record.kind)


def _currency(posting: Posting, books: Books) -> Iterator[Problem]:
    record = posting.record
    if not isinstance(record, Customer) and record.currency != books.home:
        yield problem_of(record, "currency_unsupported", column="currency", currency=record.currency, home=books.home)


def _period(posting: Posting, books: Books) -> Iterator[Problem]:
    record, closed = posting.record, books.closing_date
    if not isinstance(record, Customer) and closed and record.date <= closed:
        yield problem_of(record, "period_closed", column="date", date=str(record.date), closing_date=str(closed))


def _names(posting: Posting, _: Books) -> Iterator[Problem]:
    record = posting.record
    column, text, limit = (
        ("name", record.name, CAPABILITIES.name_length)
        if isinstance(record, Customer)
        else ("number", record.number, CAPABILITIES.number_length)
    )
    if limit is not None and len(text) > limit:
        yield problem_of(record, f"{column}_too_long", column=column, limit=str(limit), **{column: text})
    forbidden = CAPABILITIES.forbidden_in_names + "\r" if column == "name" else LINE_ENDS
    if found := "".join(sorted(set(text) & set(forbidden))):
        yield problem_of(record, "character_forbidden", column=column, value=text, characters=found)


def _texts(posting: Posting, _: Books) -> Iterator[Problem]:
    """A character it cannot keep comes back as 2040 or as a failure (500) that leaves a doubt."""
    for text in _every_text(posting.record):
        if odd := unsendable(text):
            shown = ", ".join(sorted(f"U+{ord(c):04X}" for c in odd))
            value = "".join(c for c in text if c not in odd)
            yield problem_of(posting.record, "character_forbidden", value=value, characters=shown)


def _parties(posting: Posting, _: Books) -> Iterator[Problem]:
    for reference, entity in _references(posting):
        if not bare_id(reference, entity):
            yield problem_of(posting.record, "account_unknown_in_ledger", column="account", reference=reference)


def _references(posting: Posting) -> Iterator[tuple[str, str]]:
    match posting.record:
        case Customer() as customer:
            if posting.action is Action.UPDATE:
                yield posting.reference, entity_of(customer)
            if posting.parent and not customer.is_supplier:
                yield posting.parent, "Customer"
        case JournalEntry() as entry:
            yield from (
                (line.customer, "Vendor" if bare_id(line.customer, "Vendor") else "Customer")
                for line in entry.lines
                if line.customer
            )
        case record:
            yield posting.customer, "Vendor" if record.kind is Kind.SUPPLIER_INVOICE else "Customer"


def _codes(posting: Posting, books: Books) -> Iterator[Problem]:
    record = posting.record
    if isinstance(record, Customer):
        return
    needed = {"accounts", "items"}
    for listed, code in codes(posting, books):
        if (code or listed in needed) and not id_of(books, listed, code):
            yield problem_of(record, "not_in_ledger", code=code, date=record.date.isoformat())


def _applied(posting: Posting, _: Books) -> Iterator[Problem]:
    record, allocated = posting.record, sum((applied.amount for applied in posting.applied), ZERO)
    if isinstance(record, Payment) and allocated > record.amount:
        yield problem_of(record, "payment_over_allocated", allocated=str(allocated), amount=str(record.amount))


def _taxes(posting: Posting, books: Books) -> Iterator[Problem]:
    record = posting.record
    if isinstance(record, Document) and (total := untold(record, books)) is not None:
        yield problem_of(record, "tax_not_borne", column="tax", ledger_total=str(total), tax=str(record.tax))


CHECKS: tuple[Check, ...] = (
    _supported,
    _currency,
    _period,
    _names,
    _texts,
    _parties,
    _codes,
    _applied,
    _taxes,
)


def _every_text(value: object) -> Iterator[str]:
    match value:
        case Provenance():
            return
        case str():
            yield value
        case tuple():
            for part in value:
                yield from _every_text(part)
        case _ if is_dataclass(value):
            for field in fields(value):
                yield from _every_text(getattr(value, field.name))
