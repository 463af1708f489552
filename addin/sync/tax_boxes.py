"""What goes into the boxes of the returns of GST, HST and QST for a period, by date of document.

Source: Canada Revenue Agency, "Instructions for preparing a GST/HST return" (GST34), and Revenu Québec's FPZ-500 with
its "Detailed Calculations" FP-500: 101 and 201 are total sales, zero-rated and exempt ones included, taxes not; 103 and
203 the tax collected or collectible, 105 and 205 the same with adjustments; 106 and 206 the tax recovered on purchases,
108 and 208 the same with adjustments; 109 and 209 the net tax. HST goes with GST. Tax is collectible on the day of its
invoice. A credit note or refund takes off what it gives back. Adjustments (104, 107, 204, 207) are the accountant's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from addin.journal import State
from addin.sync.case import Case
from addin.sync.fees import is_discount
from connectors.exchange import at_home, lacks_rate
from connectors.problems import Problem, problem_of
from connectors.provinces import QST, VALUE_ADDED
from connectors.records import DOCUMENT_KINDS, ZERO, CreditNote, Document, Origin, Refund, Side, Tax, TaxCategory
from connectors.taxes import Rates

FEDERAL, QUEBEC = "RT", "TQ"
"""The programs that a registration number names after its nine or ten digits: GST and HST, and QST."""
BOXES: Mapping[str, tuple[str, ...]] = {
    FEDERAL: ("101", "103", "105", "106", "108", "109"),
    QUEBEC: ("201", "203", "205", "206", "208", "209"),
}
"""By program: sales, collected, with adjustments, recovered, with adjustments, net."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """One return of a period: its program and registration number, and the amount of each box."""

    program: str
    registration: str
    boxes: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """What is booked of a period: sales by category, the returns, and the problem of each document that is unknown."""

    sales: Mapping[TaxCategory, Decimal]
    returns: tuple[Return, ...]
    unknown: tuple[Problem, ...]


def program_of(tax: Tax) -> str:
    """The program of a tax, by its registration number or, without one, by its rate; empty of any other tax."""
    for program in (FEDERAL, QUEBEC):
        if program in tax.registration.upper():
            return program
    return "" if tax.rate not in VALUE_ADDED else QUEBEC if tax.rate == QST else FEDERAL


def period(case: Case, first: date, last: date) -> Period:
    """The boxes of the documents that are booked with a date from ``first`` to ``last``.

    Where the tax of one is unknown, no figure is said: it would be wrong by as much.
    """
    booked, unknown = [], []
    for document in _documents(case, first, last):
        problem = _unknown(case, document)
        if problem:
            unknown.append(problem)
        elif case.settled((document.kind, document.key)):
            booked.append(at_home(document, case.lists.home_currency))
    if unknown:
        return Period(sales={}, returns=(), unknown=tuple(unknown))
    sales = sales_by_category(booked, case.rates)
    return Period(sales=sales, returns=tuple(returns(booked, case.rates, sales)), unknown=())


def sales_by_category(documents: Iterable[Document], rates: Rates) -> dict[TaxCategory, Decimal]:
    """What was sold, before tax, less what was credited, by what it is in a return."""
    sums: defaultdict[TaxCategory, Decimal] = defaultdict(Decimal)
    for document in documents:
        for line in document.lines if document.side is Side.SALES else ():
            if category := rates.category(line.tax_group):
                sums[category] += _sign(document) * line.amount
    return dict(sums)


def returns(documents: Iterable[Document], rates: Rates, sales: Mapping[TaxCategory, Decimal]) -> Iterator[Return]:
    """A return for each registration that a tax of the source has; out of scope is no sale."""
    sold = sum((amount for category, amount in sales.items() if category is not TaxCategory.OUT_OF_SCOPE), ZERO)
    sides: defaultdict[tuple[str, str], dict[Side, Decimal]] = defaultdict(lambda: dict.fromkeys(Side, ZERO))
    for tax in rates.taxes.values():
        if program := program_of(tax):
            sides[program, tax.registration]
    for document in documents:
        for borne in document.taxes:
            if program := program_of(tax := rates.taxes[borne.tax]):
                sides[program, tax.registration][document.side] += _sign(document) * borne.amount
    for (program, registration), by_side in sorted(sides.items()):
        collected, recovered = by_side[Side.SALES], by_side[Side.PURCHASES]
        amounts = (sold, collected, collected, recovered, recovered, collected - recovered)
        boxes = dict(zip(BOXES[program], amounts, strict=True))
        yield Return(program=program, registration=registration, boxes=boxes)


def _documents(case: Case, first: date, last: date) -> Iterator[Document]:
    """The documents of the days; neither discounts nor opening balances, which were sold and declared before."""
    for kind in sorted(DOCUMENT_KINDS):
        for record in case.of_kind(kind):
            if isinstance(record, Document) and first <= record.date <= last and _is_of_return(record):
                yield record


def _is_of_return(document: Document) -> bool:
    return not is_discount(document) and document.origin is not Origin.OPENING_BALANCE


def _unknown(case: Case, document: Document) -> Problem | None:
    """Why nobody can say what tax a document has in the books; ``None`` where it is known, or not booked."""
    key = (document.kind, document.key)
    booked, latest, home = case.settled(key), case.latest(key), case.lists.home_currency
    if booked is None:
        doubt = latest is not None and latest.state is State.UNKNOWN
        return problem_of(document, "boxes_unknown", of_return="outcome") if doubt else None
    if booked.digest != case.seen[key].digest:
        return problem_of(document, "boxes_unknown", of_return="changed")
    if lacks_rate(document, home):
        return problem_of(document, "boxes_unknown", of_return="currency")
    named = sum((tax.amount for tax in document.taxes), ZERO)
    if named != document.tax or any(tax.tax not in case.rates.taxes for tax in document.taxes):
        return problem_of(document, "boxes_unknown", of_return="taxes")
    sold = document.lines if document.side is Side.SALES else ()
    if any(line.amount and case.rates.category(line.tax_group) is None for line in sold):
        return problem_of(document, "boxes_unknown", of_return="category")
    return None


def _sign(document: Document) -> int:
    return -1 if isinstance(document, CreditNote | Refund) else 1
