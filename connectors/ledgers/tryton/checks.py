"""What can be said of a posting before Tryton is asked, as a list of questions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

from connectors.crediting import over_total
from connectors.double_entry import legs
from connectors.ledger import Capabilities, Posting
from connectors.ledgers.tryton.books import Books, Party
from connectors.ledgers.tryton.mapping import Target, is_zero_rated
from connectors.ledgers.tryton.returning import Received, refusal
from connectors.ledgers.tryton.targets import Goal, goals
from connectors.problems import Problem, problem_of
from connectors.records import ZERO, CreditNote, Customer, Document, Kind, ReturnedPayment
from connectors.refusals import references, refusals, unlisted

ONE_LINE = "\t\n\r\x0b\x0c"
"""What a text of one line may not hold (``fields.Char.forbidden_chars``)."""
CAPABILITIES = Capabilities(
    batch_size=20,
    multi_currency=True,
    sub_customers=False,
    tells_changes=True,
    reads_back=True,
    searches=True,
    voids=frozenset(Kind) - {Kind.CUSTOMER},
    forbidden_in_names=ONE_LINE,
    forbidden_in_numbers=ONE_LINE,
    pays_for_family=False,
    amends=dict.fromkeys(
        (Kind.INVOICE, Kind.CREDIT_NOTE, Kind.SUPPLIER_INVOICE), frozenset({"memo", "due", "description"})
    ),
    amends_closed=True,
    applies_foreign=False,
    reverses=frozenset(Kind) - {Kind.CUSTOMER, Kind.RETURNED_PAYMENT},
)


@dataclass(frozen=True, kw_only=True)
class Known:
    """What a batch refers to, as looked up in Tryton: parties by code, what is paid or credited, numbers in use.

    ``received`` are the payments that are given back.
    """

    parties: Mapping[str, Party]
    targets: Mapping[Goal, Target]
    numbers: Collection[tuple[Kind, str]]
    received: Mapping[str, Received] = field(default_factory=dict)


Check = Callable[[Posting, Books, Known], Iterator[Problem]]


def refused(posting: Posting, books: Books, known: Known) -> Problem | None:
    """The first reason why a posting need not be sent, if there is one."""
    general = refusals(posting, CAPABILITIES, books.own)
    own = (problem for check in CHECKS for problem in check(posting, books, known))
    return next(chain(general, own), None)


def _customers(posting: Posting, _: Books, known: Known) -> Iterator[Problem]:
    for reference in references(posting):
        if reference not in known.parties:
            yield problem_of(posting.record, "account_unknown_in_ledger", column="account", reference=reference)


def _accounts(posting: Posting, books: Books, _: Known) -> Iterator[Problem]:
    record = posting.record
    if isinstance(record, Customer):
        return
    for leg in legs(posting, books.own):
        account = books.accounts.get(leg.account)
        if account is None or not account.open:
            yield unlisted(record, "ledger_account", leg.account)


def _applied(posting: Posting, _: Books, known: Known) -> Iterator[Problem]:
    for goal in goals(posting):
        if goal not in known.targets:
            yield problem_of(posting.record, "deleted_in_ledger", reference=goal[1])


def _currencies(posting: Posting, books: Books, known: Known) -> Iterator[Problem]:
    """What settles a document is in its currency: amounts of two do not settle each other."""
    for goal in goals(posting):
        other = known.targets[goal].currency or books.home
        if not isinstance(posting.record, Customer) and other != posting.record.currency:
            words = {"invoice": known.targets[goal].number, "currency": posting.record.currency, "other": other}
            yield problem_of(posting.record, "currency_differs", column="currency", **words)


def _credited(posting: Posting, _: Books, known: Known) -> Iterator[Problem]:
    parts = zip(goals(posting), posting.applied, strict=True) if isinstance(posting.record, CreditNote) else ()
    for goal, part in parts:
        target = known.targets.get(goal)
        if target and (problem := over_total(posting.record, part.amount, target.number, target.total)):
            yield problem


def _returned(posting: Posting, _: Books, known: Known) -> Iterator[Problem]:
    if isinstance(posting.record, ReturnedPayment) and (
        problem := refusal(posting, known.received.get(posting.returned))
    ):
        yield problem


def _zero_rated(posting: Posting, books: Books, _: Known) -> Iterator[Problem]:
    lines = posting.record.lines if isinstance(posting.record, Document) else ()
    base = sum((line.amount for line in lines if is_zero_rated(line)), ZERO)
    if base and books.zero_rate is None:
        yield problem_of(posting.record, "zero_rated_tax_missing", column="tax", base=str(base))


def _number(posting: Posting, _: Books, known: Known) -> Iterator[Problem]:
    record = posting.record
    if record.number and (record.kind, record.number) in known.numbers:
        yield problem_of(record, "number_taken", column="number", number=record.number)


CHECKS: tuple[Check, ...] = (
    _customers, _accounts, _applied, _currencies, _returned, _credited, _zero_rated, _number,
)  # fmt: skip
