"""The taxes of a ledger that books tax codes: each amount of a document falls on the tax of its own name, or on none.

A tax code stands for one tax or several, each with a name and a rate in the ledger. The source says what each of its
own taxes amounts to; ``DocumentTax.ledger_tax`` is the ledger's name of it, chosen in planning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal

from connectors.problems import Problem, problem_of
from connectors.records import ZERO, CodeTax, Document, Tax
from connectors.taxes import taxed, unit

TaxesOf = Callable[[str], Sequence[CodeTax]]
"""The taxes of a ledger's tax code, on both sides; none of a code that charges none or that is not known."""


def charged(document: Document, taxes_of: TaxesOf) -> dict[CodeTax, Decimal]:
    """What each tax of the lines' tax codes is charged on, in the order the taxes come up."""
    bases: dict[CodeTax, Decimal] = {}
    for line in document.lines:
        for tax in taxes_of(line.ledger_tax):
            if tax.side is document.side:
                bases[tax] = bases.get(tax, ZERO) + line.amount
    return bases


def amount_of(document: Document, tax: CodeTax) -> Decimal | None:
    """What the source says that a tax of the ledger amounts to; ``None`` where it says nothing of that tax."""
    amounts = [each.amount for each in document.taxes if each.ledger_tax == tax.name]
    return sum(amounts, ZERO) if amounts else None


def name_of(tax: Tax, among: Iterable[CodeTax]) -> str:
    """The ledger's name of a tax of the source: that of the same rate or, of several, the one called alike.

    Empty where none or more than one can be meant: an amount is never put on a tax by its size.
    """
    alike = [each for each in among if each.percent == tax.rate]
    called = {tax.code.casefold(), tax.name.casefold()}
    found = alike if len(alike) == 1 else [each for each in alike if each.name.casefold() in called]
    return found[0].name if len(found) == 1 else ""


def misnamed(document: Document, taxes_of: TaxesOf) -> Iterator[Problem]:
    """The taxes that a document bears and its lines' tax codes have not, and those that they have and it does not bear.

    Nothing is said where they charge nothing at all: the whole tax is then refused as borne by none.
    """
    bases = charged(document, taxes_of)
    if not any(tax.percent for tax in bases):
        return
    codes = ", ".join(dict.fromkeys(line.ledger_tax for line in document.lines if line.ledger_tax))
    names = {tax.name for tax in bases}
    for tax in document.taxes:
        if tax.amount and tax.ledger_tax not in names:
            words = {"tax": tax.tax, "amount": str(tax.amount), "codes": codes}
            yield problem_of(document, "tax_not_of_code", column="tax", **words)
    for of_code, base in bases.items():
        expected = taxed(base, of_code.percent, document.currency)
        if abs(expected) > unit(document.currency) and amount_of(document, of_code) is None:
            words = {"tax": of_code.name, "rate": format(of_code.percent.normalize(), "f"), "base": str(base),
                     "expected": str(expected), "codes": codes}  # fmt: skip
            yield problem_of(document, "tax_of_code_missing", column="tax", **words)
