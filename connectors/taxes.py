"""What a document's taxes come to by the source's rates, in the rounding of its tax groups.

No tax is computed on another: QST has been on the amount before GST since 2013 (Revenu Québec). A line's amount is
before tax also where the source's prices hold it, and is what counts. Halves are rounded away from zero, as the Canada
Revenue Agency rounds half a cent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from connectors.records import ZERO, Document, InvoiceLine, Tax, TaxCategory, TaxGroup, TaxRounding, decimals
from connectors.source import SourceLists

PERCENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Rates:
    """A source's taxes and tax groups by their codes."""

    taxes: Mapping[str, Tax]
    groups: Mapping[str, TaxGroup]

    @classmethod
    def of(cls, lists: SourceLists) -> Rates:
        """The rates that a source's lists hold."""
        return cls({tax.code: tax for tax in lists.taxes}, {group.code: group for group in lists.tax_groups})

    def category(self, group: str) -> TaxCategory | None:
        """What a tax group is in a return: as it says itself, else as its rates do; ``None`` where it is not known."""
        found = self.groups.get(group)
        if found is None or found.category or not self.taxes.keys() >= set(found.taxes):
            return found.category if found else None
        if not found.taxes:
            return TaxCategory.EXEMPT
        return TaxCategory.TAXED if any(self.taxes[code].rate for code in found.taxes) else TaxCategory.ZERO_RATED

    def of_line(self, line: InvoiceLine) -> tuple[Tax, ...] | None:
        """The taxes that apply to a line, none where it names no group; ``None`` where its group or a rate is unknown.

        A line that bears a tax and names no group is of an unknown one.
        """
        if not line.tax_group:
            return None if line.tax_amount else ()
        group = self.groups.get(line.tax_group)
        if group is None or not self.taxes.keys() >= set(group.taxes):
            return None
        return tuple(self.taxes[code] for code in group.taxes)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxDue:
    """What one tax comes to: on which base, from which tax groups."""

    tax: Tax
    base: Decimal
    amount: Decimal
    groups: tuple[str, ...]


def unit(currency: str) -> Decimal:
    """The smallest amount of a currency: a cent of most."""
    return Decimal(1).scaleb(-decimals(currency))


def taxed(base: Decimal, percent: Decimal, currency: str) -> Decimal:
    """A tax of so many percent on one base, rounded to the currency's smallest unit."""
    return (base * percent * PERCENT).quantize(unit(currency), ROUND_HALF_UP)


def taxes_due(document: Document, rates: Rates) -> dict[str, TaxDue] | None:
    """What each tax comes to on a document, by its code; ``None`` where a line's taxes are not known.

    Lines of groups that sum rounded values are rounded each; of all others the bases are summed, and rounded once.
    """
    bases: defaultdict[str, list[tuple[InvoiceLine, bool]]] = defaultdict(list)
    for line in document.lines:
        found = rates.of_line(line)
        if found is None:
            return None
        for tax in found:
            each = rates.groups[line.tax_group].rounding is TaxRounding.SUM_OF_ROUNDED
            bases[tax.code].append((line, each))
    return {code: _due(rates.taxes[code], taken, document.currency) for code, taken in bases.items()}


def _due(tax: Tax, lines: Iterable[tuple[InvoiceLine, bool]], currency: str) -> TaxDue:
    alone = [line for line, each in lines if each]
    together = [line for line, each in lines if not each]
    amount = sum((taxed(line.amount, tax.rate, currency) for line in alone), ZERO)
    amount += taxed(sum((line.amount for line in together), ZERO), tax.rate, currency)
    return TaxDue(
        tax=tax,
        base=sum((line.amount for line in (*alone, *together)), ZERO),
        amount=amount,
        groups=tuple(sorted({line.tax_group for line in (*alone, *together)})),
    )


def taxes_of_line(line: InvoiceLine, rates: Rates, currency: str) -> Decimal | None:
    """What all taxes come to on a line, each rounded; ``None`` where they are not known."""
    found = rates.of_line(line)
    return None if found is None else sum((taxed(line.amount, tax.rate, currency) for tax in found), ZERO)
