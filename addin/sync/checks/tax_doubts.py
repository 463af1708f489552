"""What a document's taxes leave in doubt: an exempt account, a category or a province that say otherwise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from addin.sync.case import Case
from addin.sync.fees import DISCOUNT_CODES, is_discount
from addin.sync.resolve import placed_code, resolved
from connectors.problems import Problem, problem_of
from connectors.provinces import VALUE_ADDED, rates_in
from connectors.records import Document, Side, TaxCategory
from workbook.layout import TAX_MAP


def taxes_in_doubt(case: Case) -> Iterator[Problem]:
    """What may be right and often is not: told of, and where the settings say so, it holds its document."""
    for document in case.documents():
        doubts = [problem for doubt in DOUBTS for problem in doubt(case, document)]
        yield from doubts
        if doubts and case.options.tax_doubts_stop:
            yield problem_of(document, "tax_in_doubt", column="tax")


def exempt_pays_none(case: Case, document: Document) -> Iterator[Problem]:
    """An account that pays no tax is billed one: the source decides what is taxed."""
    account = case.customers.get(document.customer)
    if account and account.tax_exempt and document.tax and document.side is Side.SALES:
        yield problem_of(document, "exempt_taxed", column="tax", account=account.name, tax=str(document.tax))


def category_follows_taxes(case: Case, document: Document) -> Iterator[Problem]:
    """A tax group says that it is one thing in a return, and its rates that it is another."""
    for group in {line.tax_group: case.rates.groups.get(line.tax_group) for line in document.lines}.values():
        rated = group is not None and any(case.rates.taxes[c].rate for c in group.taxes if c in case.rates.taxes)
        if group and group.category and rated is not (group.category is TaxCategory.TAXED):
            words = {"group": group.code, "category": group.category, "taxes": " + ".join(group.taxes) or "—"}
            yield problem_of(document, "tax_category_differs", column="tax", **words)


def province_has_taxes(case: Case, document: Document) -> Iterator[Problem]:
    """What is supplied in a province bears the GST, HST or QST of that province, where it bears any."""
    wanted = rates_in(document.province, document.date)
    for group in dict.fromkeys(line.tax_group for line in document.lines) if wanted else ():
        taxes = case.rates.groups[group].taxes if group in case.rates.groups else ()
        found = {case.rates.taxes[code].rate.normalize() for code in taxes if code in case.rates.taxes} & VALUE_ADDED
        if case.rates.category(group) is TaxCategory.TAXED and found != wanted:
            words = {"province": document.province, "group": group, "taxes": _percents(found),
                     "expected": _percents(wanted)}  # fmt: skip
            yield problem_of(document, "province_taxes_differ", column="tax", **words)


UNTAXED = frozenset(TaxCategory) - {TaxCategory.TAXED}
"""What bears no tax, so that nothing but its code tells it from the others."""
DOUBTS = (exempt_pays_none, category_follows_taxes, province_has_taxes)


def categories_stay_apart(case: Case) -> Iterator[Problem]:
    """Where the ledger books tax codes, no two categories share one: a return could not be told from it.

    An early-payment discount is in no box of one, and takes any code that charges nothing.
    """
    if case.capabilities.taxes_by != "group":
        return
    groups: defaultdict[str, dict[TaxCategory, str]] = defaultdict(dict)
    for code in case.rates.groups:
        row, category = case.review.mapping(TAX_MAP, code), case.rates.category(code)
        if row and category in UNTAXED and code not in DISCOUNT_CODES:
            groups[row.text("ledger_code")].setdefault(category, code)
    for record in case.candidates.values():
        if isinstance(record, Document) and not is_discount(record):
            yield from (placed_code(case, record, problem) for problem in _sharing(case, record, groups))


def _sharing(case: Case, record: Document, groups: Mapping[str, Mapping[TaxCategory, str]]) -> Iterator[Problem]:
    for line in (resolved(case, record, each) for each in record.lines):
        found = groups.get(line.ledger_tax, {}).items()
        others = [code for category, code in found if category is not line.tax_category]
        if line.tax_category in UNTAXED and others:
            words = {"line": str(line.number), "code": line.ledger_tax, "group": line.tax_group,
                     "others": ", ".join(others)}  # fmt: skip
            yield problem_of(record, "tax_categories_share_code", column="ledger_tax", **words)


def _percents(rates: Iterable[Decimal]) -> str:
    return " + ".join(f"{rate.normalize():f} %" for rate in sorted(rates)) or "—"
