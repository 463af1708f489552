"""What QuickBooks Online would refuse, or worse take wrongly, as questions put to a posting before it is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

from connectors.ledger import Action, Capabilities, Posting
from connectors.ledgers.quickbooks_online.books import Books
from connectors.ledgers.quickbooks_online.forms import FORMS, PAID_FROM
from connectors.ledgers.quickbooks_online.parties import bare_id, form_of
from connectors.ledgers.quickbooks_online.service import CONCURRENT
from connectors.ledgers.quickbooks_online.taxes import untold
from connectors.problems import Problem, problem_of
from connectors.records import (
    CREDIT_KINDS,
    PAYMENT_KINDS,
    PURCHASES,
    Customer,
    Document,
    JournalEntry,
    Kind,
)
from connectors.refusals import refusals, unlisted
from connectors.wire.texts import LINE_ENDS, characters_refused

Check = Callable[[Posting, Books], Iterator[Problem]]

NAMED = frozenset({"accounts", "items"})
"""The lists that a line must name one of."""

CAPABILITIES = Capabilities(
    batch_size=30,
    concurrency=CONCURRENT,
    keeps_order=False,
    idempotent=False,
    tells_changes=True,
    reads_back=True,
    searches=True,
    voids=frozenset(Kind) - {Kind.CUSTOMER},
    applies_later=CREDIT_KINDS | {Kind.PAYMENT},
    amends={
        **dict.fromkeys((Kind.INVOICE,), frozenset({"memo", "due", "email"})),
        Kind.SUPPLIER_INVOICE: frozenset({"memo", "due"}),
        Kind.VENDOR_CREDIT: frozenset({"memo"}),
        **dict.fromkeys((Kind.CREDIT_NOTE, Kind.SALES_RECEIPT, Kind.REFUND), frozenset({"memo", "email"})),
        **dict.fromkeys(sorted(PAYMENT_KINDS), frozenset({"memo", "confirmation"})),
        Kind.JOURNAL_ENTRY: frozenset({"memo"}),
    },
    lines_by="item",
    taxes_by="group",
    number_length=21,
    name_length=500,
    forbidden_in_numbers=LINE_ENDS,
    forbidden_in_names=f":{LINE_ENDS}",
    unique_names=True,
    parties_apart=True,
    multi_currency=True,
    currency_by_party=True,
    customer_levels=5,
    deposit_types=frozenset({"Bank", "Other Current Asset"}),
    spending_types=frozenset(PAID_FROM),
    pays_on_account=False,
    checks_emails=True,
    text_lengths={
        **dict.fromkeys(("first_name", "last_name", "email"), 100),
        **dict.fromkeys(("phone", "mobile", "fax"), 21),
        "website": 1000,
        "description": 4000,
    },
)
"""Batches of 30, done in any order (Batch); ``requestid`` is not relied upon; numbers of 21 and names of 500 characters
(Finance.xsd, Customer); names unique among customers and vendors, without colon, tab and line end; customers at most
five levels deep (6180); lines name an item, whose account the ledger knows; e-mail addresses are looked at (2210) and
money goes into a bank account or another current asset (6430), and what a vendor is paid comes out of a bank account or
a credit card, for bills: a bill payment names what it pays (api-reference, billpayment). A company may keep several
currencies, and then each customer and vendor in one ("once set, it cannot be changed": customer, CurrencyRef)."""


def refused(posting: Posting, books: Books) -> Problem | None:
    """The first reason not to send a posting, if there is one."""
    general = refusals(posting, CAPABILITIES, books.lists)
    own = (problem for check in CHECKS for problem in check(posting, books))
    return next(chain(general, own), None)


def _texts(posting: Posting, _: Books) -> Iterator[Problem]:
    """A character it cannot keep comes back as 2040 or as a failure (500) that leaves a doubt."""
    yield from characters_refused(posting.record)


def _parties(posting: Posting, _: Books) -> Iterator[Problem]:
    for reference, entity in _references(posting):
        if not bare_id(reference, entity):
            yield problem_of(posting.record, "account_unknown_in_ledger", column="account", reference=reference)


def _references(posting: Posting) -> Iterator[tuple[str, str]]:
    match posting.record:
        case Customer() as customer:
            if posting.action is Action.UPDATE:
                yield posting.reference, form_of(customer).entity
            if posting.parent and not customer.is_supplier:
                yield posting.parent, "Customer"
        case JournalEntry() as entry:
            yield from (
                (line.customer, "Vendor" if bare_id(line.customer, "Vendor") else "Customer")
                for line in entry.lines
                if line.customer
            )
        case record:
            yield posting.customer, "Vendor" if record.kind in PURCHASES else "Customer"


def _codes(posting: Posting, books: Books) -> Iterator[Problem]:
    record = posting.record
    if isinstance(record, Customer):
        return
    for line in record.lines if isinstance(record, Document | JournalEntry) else ():
        for field in FORMS[record.kind].line:
            if field.listed in NAMED and field.way != "back":
                code = str(getattr(line, field.ours))
                if not books.word(field.listed, code):
                    yield unlisted(record, field.ours, code)


def _taxes(posting: Posting, books: Books) -> Iterator[Problem]:
    record = posting.record
    if isinstance(record, Document) and (total := untold(record, books)) is not None:
        yield problem_of(record, "tax_not_borne", column="tax", ledger_total=str(total), tax=str(record.tax))


def _applied(posting: Posting, books: Books) -> Iterator[Problem]:
    """What applies a vendor credit to its bill names an account of the bank, though nothing leaves it."""
    if posting.record.kind is Kind.VENDOR_CREDIT and posting.applied and not books.bank:
        yield unlisted(posting.record, "deposit_account", "Bank")


CHECKS: tuple[Check, ...] = (_texts, _parties, _codes, _taxes, _applied)
