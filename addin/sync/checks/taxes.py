"""Taxes come to what their rates say, in the rounding of their groups (Membri 365, "Type of tax calculation")."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from addin.sync.case import Case
from addin.sync.checks.amounts import adds_up
from connectors.problems import Problem, problem_of
from connectors.records import ZERO, Document, DocumentTax, Side, TaxRounding
from connectors.taxes import Rates, TaxDue, taxed, taxes_due, taxes_of_line, unit


def taxes_follow_rates(case: Case) -> Iterator[Problem]:
    """Each tax is compared with its rate before it leaves: a cent or two is told, more stops the document.

    Told of once for all documents: taxes that nothing can be compared with, for want of a rate or of a tax group.
    """
    rates, unknown = case.rates, []
    for document in case.documents():
        if not adds_up(document) or _exempt(case, document):
            continue
        due = taxes_due(document, rates)
        if due is None or not any(line.tax_group for line in document.lines):
            yield from by_its_bases(document, rates)
            if not _all_bases(document, rates):
                unknown.append(document)
        else:
            yield from by_its_groups(document, due, case.options.tax_cents)
            yield from by_its_lines(document, rates, case.options.tax_cents)
        yield from lines_bear_it(document, case.options.tax_cents)
    if unknown:
        names = ", ".join(sorted({tax.tax for document in unknown for tax in document.taxes}))
        count = str(len(unknown))
        yield Problem(code="taxes_not_compared", params={"count": count, "number": unknown[0].number, "taxes": names})


def by_its_groups(document: Document, due: Mapping[str, TaxDue], cents: int) -> Iterator[Problem]:
    """A problem for each tax of a document that is not what its lines' groups make it, missing or not of them."""
    borne = {tax.tax: tax for tax in document.taxes}
    limit = _limit(document, cents)
    for code, wanted in due.items():
        found = borne.get(code, DocumentTax(tax=code, amount=ZERO))
        words = _words(wanted)
        if code not in borne and abs(wanted.amount) > limit:
            yield problem_of(document, "tax_missing", column="tax", group=" + ".join(wanted.groups), **words)
            continue
        yield from _compared(document, found.amount, wanted.amount, limit, words)
        if found.base and abs(found.base - wanted.base) > limit:
            yield problem_of(document, "tax_base_differs", column="tax", said=str(found.base), **words)
    for tax in document.taxes:
        if tax.tax not in due and tax.amount:
            groups = ", ".join(sorted({line.tax_group or "—" for line in document.lines}))
            yield problem_of(
                document, "tax_not_of_group", column="tax", tax=tax.tax, amount=str(tax.amount), groups=groups
            )


def by_its_lines(document: Document, rates: Rates, cents: int) -> Iterator[Problem]:
    """The line whose own tax is farthest from its group's rates, where the source says what each line bears.

    A group that rounds the sum leaves a cent for each of the document's lines, on whichever line the source has it.
    """
    if not any(line.tax_amount for line in document.lines):
        return
    apart = []
    for line in document.lines:
        wanted = taxes_of_line(line, rates, document.currency)
        group = rates.groups.get(line.tax_group)
        together = group is not None and group.rounding is TaxRounding.ROUNDED_SUM
        limit = max(_limit(document, cents), _each(document) if together else ZERO)
        difference = abs(line.tax_amount - (wanted or ZERO))
        if difference > (limit if together else ZERO):
            apart.append((difference > limit, difference, line, wanted or ZERO))
    for stops, _, line, wanted in sorted(apart, key=lambda each: each[:2], reverse=True)[:1]:
        words = {"line": str(line.number), "group": line.tax_group or "—", "base": str(line.amount),
                 "expected": str(wanted), "amount": str(line.tax_amount)}  # fmt: skip
        yield problem_of(document, "line_tax_differs" if stops else "line_tax_rounded", column="tax", **words)


def by_its_bases(document: Document, rates: Rates) -> Iterator[Problem]:
    """Where lines name no group, each tax is compared with the base that the document itself says.

    How it was rounded is not known, so that each line may be a cent apart.
    """
    limit = max(_each(document), 2 * unit(document.currency))
    for tax in document.taxes:
        if tax.base and tax.tax in rates.taxes:
            rate = rates.taxes[tax.tax]
            wanted = taxed(tax.base, rate.rate, document.currency)
            words = _words(TaxDue(tax=rate, base=tax.base, amount=wanted, groups=()))
            yield from _compared(document, tax.amount, wanted, limit, words)
            most = sum((abs(line.amount) for line in document.lines), ZERO)
            if abs(tax.base) > most:
                yield problem_of(document, "tax_base_differs", column="tax", said=str(tax.base),
                                 **(words | {"base": str(most)}))  # fmt: skip


def lines_bear_it(document: Document, cents: int) -> Iterator[Problem]:
    """The taxes of the lines come to the document's, but for a cent a line, where the source says them."""
    borne = sum((line.tax_amount for line in document.lines), ZERO)
    limit = max(_limit(document, cents), _each(document))
    if any(line.tax_amount for line in document.lines) and abs(borne - document.tax) > limit:
        yield problem_of(document, "line_taxes_differ", column="tax", lines=str(borne), taxes=str(document.tax))


def _compared(
    document: Document, borne: Decimal, wanted: Decimal, limit: Decimal, words: Mapping[str, str]
) -> Iterator[Problem]:
    if borne != wanted:
        code = "tax_differs" if abs(borne - wanted) > limit else "tax_rounded"
        yield problem_of(document, code, column="tax", amount=str(borne), **words)


def _words(due: TaxDue) -> dict[str, str]:
    name = due.tax.name if due.tax.name == due.tax.code else f"{due.tax.name} ({due.tax.code})"
    return {"tax": name, "rate": format(due.tax.rate.normalize(), "f"), "base": str(due.base),
            "expected": str(due.amount)}  # fmt: skip


def _limit(document: Document, cents: int) -> Decimal:
    """How far a tax may be from its rate; a supplier's bill may be rounded in the other way than our groups say."""
    limit = cents * unit(document.currency)
    return max(limit, _each(document) / 2) if document.side is Side.PURCHASES else limit


def _each(document: Document) -> Decimal:
    """The smallest unit of the currency for each line."""
    return len(document.lines) * unit(document.currency)


def _all_bases(document: Document, rates: Rates) -> bool:
    return all(tax.base and tax.tax in rates.taxes for tax in document.taxes if tax.amount)


def _exempt(case: Case, document: Document) -> bool:
    """Whether the account pays no tax, and the document bears none, whatever groups its lines are of."""
    customer = case.customers.get(document.customer)
    return customer is not None and customer.tax_exempt and not any(tax.amount for tax in document.taxes)
