"""What Xero would refuse, or worse take wrongly, as questions put to a posting before it is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

from connectors.ledger import Capabilities, Posting
from connectors.ledgers.xero.company import BANK, Books
from connectors.ledgers.xero.service import CONCURRENT
from connectors.ledgers.xero.standings import kind_of
from connectors.problems import Problem, problem_of
from connectors.records import CREDIT_KINDS, ZERO, Customer, Document, Kind, Refund, SalesReceipt
from connectors.refusals import references, refusals
from connectors.wire.keys import JOINT, LINE_END
from connectors.wire.taxes import computed, on_lines
from connectors.wire.texts import LINE_ENDS, characters_refused

Check = Callable[[Posting, Books], Iterator[Problem]]

BEYOND_ASCII = "".join(chr(code) for code in range(0xA0, 0x180)) + "’–—…œŒ€"
"""What people write; a number takes printable ASCII alone (invoices), which is looked at character by character."""

CAPABILITIES = Capabilities(
    kinds=frozenset(Kind) - {Kind.RETURNED_PAYMENT},
    batch_size=50,
    concurrency=CONCURRENT - 1,
    keeps_order=False,
    sub_customers=False,
    tells_changes=True,
    reads_back=True,
    searches=True,
    voids=frozenset(Kind) - {Kind.CUSTOMER, Kind.RETURNED_PAYMENT},
    applies_later=frozenset({Kind.PAYMENT, *CREDIT_KINDS}),
    taxes_by="group",
    number_length=200,
    name_length=255,
    forbidden_in_numbers=f"{LINE_ENDS}{JOINT.strip()}{LINE_END}{BEYOND_ASCII}",
    forbidden_in_names=LINE_ENDS,
    unique_names=True,
    pays_for_family=False,
    voids_on_account=False,
    deposit_types=frozenset({BANK}),
    spending_types=frozenset({BANK}),
    checks_emails=True,
)  # fmt: skip
"""At most 50 documents in a request and 5 requests at once (limits); names of 255 characters, unique among active
contacts; numbers of printable ASCII characters (invoices), with room for what tells a void one apart; a contact is sold
to and bought from, and stands below no other; money that is on account is an overpayment, which nobody can undo through
the interface (bank transactions); a payment that the bank gave back is booked by hand."""


def refused(posting: Posting, books: Books) -> Problem | None:
    """The first reason not to send a posting, if there is one."""
    own = (problem for check in CHECKS for problem in check(posting, books))
    return next(chain(refusals(posting, CAPABILITIES, books.lists), own), None)


def _texts(posting: Posting, _: Books) -> Iterator[Problem]:
    yield from characters_refused(posting.record)


def _number(posting: Posting, _: Books) -> Iterator[Problem]:
    number = posting.record.number
    if not isinstance(posting.record, Customer) and not (number.isascii() and number.isprintable()):
        odd = "".join(sorted({c for c in number if not (c.isascii() and c.isprintable())}))
        yield problem_of(posting.record, "character_forbidden", column="number", value=number, characters=odd)


def _parties(posting: Posting, _: Books) -> Iterator[Problem]:
    record = posting.record
    named = list(references(posting))
    if isinstance(record, SalesReceipt | Refund):  # money of nobody is not taken ("Contact" is mandatory)
        named = [posting.customer]
    for reference in named:
        if kind_of(reference) is not Kind.CUSTOMER:
            yield problem_of(record, "account_unknown_in_ledger", column="account", reference=reference)


def _taxes(posting: Posting, books: Books) -> Iterator[Problem]:
    """What a bank transaction is taxed must be what the service reckons itself."""
    record = posting.record
    if not isinstance(record, SalesReceipt | Refund):
        return
    own = [computed(line, record, books.taxes_of) for line in record.lines]
    if sum(own, ZERO) != record.tax:
        total = record.subtotal + sum(own, ZERO)
        words = {"ledger_total": str(total), "tax": str(record.tax)}
        yield problem_of(record, "tax_not_borne", column="tax", **words)


def _borne(posting: Posting, books: Books) -> Iterator[Problem]:
    """A tax that no line can bear is added nowhere."""
    record = posting.record
    if isinstance(record, Document) and sum(on_lines(record, books.taxes_of), ZERO) != record.tax:
        words = {"ledger_total": str(record.subtotal), "tax": str(record.tax)}
        yield problem_of(record, "tax_not_borne", column="tax", **words)


CHECKS: tuple[Check, ...] = (_texts, _number, _parties, _taxes, _borne)
