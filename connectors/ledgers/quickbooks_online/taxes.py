"""The taxes of a document in QuickBooks Online: the source's amounts, spread over the rates of the lines' tax codes.

The source's tax is law, to the cent and with its own rounding, so the amounts are given and not left to be computed.
The vendor's reference says of ``TxnTaxDetail`` that "you may supply it when adding a transaction"; assumption: the
amounts of its tax lines then stand as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from connectors.ledgers.quickbooks_online.books import TAXED, Books, Rate
from connectors.ledgers.quickbooks_online.queries import Body
from connectors.records import ZERO, Document, Kind, decimals


def tax_detail(document: Document, books: Books) -> Body | None:
    """``TxnTaxDetail`` of a document, ``None`` where its lines bear no tax. Raises ``ValueError``: see ``untold``."""
    bases = _bases(document, books)
    if not bases:
        return {"TotalTax": document.tax} if books.american and document.tax else None
    cent = Decimal(1).scaleb(-decimals(document.currency))
    expected = [(base * rate.percent / 100).quantize(cent, ROUND_HALF_UP) for rate, base in bases.items()]
    amounts = _shares(document.tax, [tax.amount for tax in document.taxes], expected, cent)
    detail = {
        "TotalTax": document.tax,
        "TaxLine": [_line(rate, base, amount) for (rate, base), amount in zip(bases.items(), amounts, strict=True)],
    }
    code = _document_code(document, books)
    return {"TxnTaxCodeRef": {"value": code}, **detail} if code else detail


def untold(document: Document, books: Books) -> Decimal | None:
    """The total that the ledger would show, where it would not show the source's tax.

    The lines' tax codes may bear none. A US company takes one tax code for a whole document, and where it computes the
    tax itself (automated sales tax) it replaces what was sent.
    """
    if not document.tax:
        return None
    bases = _bases(document, books)
    if not any(rate.percent for rate in bases):
        return document.total - document.tax
    if not books.american:
        return None
    own = _computed(document, books)
    replaced = books.automated_tax and own != document.tax
    return document.total - document.tax + own if replaced or len(_document_codes(document, books)) > 1 else None


def _computed(document: Document, books: Books) -> Decimal:
    """The tax that a US company computes: the rates of the document's code on every line that is taxed."""
    code = next(each for each in books.taxes.values() if each.document == _document_code(document, books))
    taxed = (
        line.amount
        for line in document.lines
        if line.ledger_tax in books.taxes and books.taxes[line.ledger_tax].id == TAXED
    )
    base = sum(taxed, ZERO)
    cent = Decimal(1).scaleb(-decimals(document.currency))
    rates = _rates(document, code.purchases, code.sales)
    return sum(((base * rate.percent / 100).quantize(cent, ROUND_HALF_UP) for rate in rates), ZERO)


def _bases(document: Document, books: Books) -> dict[Rate, Decimal]:
    """What each rate is charged on, in the order the rates come up."""
    bases: dict[Rate, Decimal] = {}
    for line in document.lines:
        code = books.taxes.get(line.ledger_tax)
        for rate in _rates(document, code.purchases, code.sales) if code else ():
            bases[rate] = bases.get(rate, ZERO) + line.amount
    return bases


def _document_code(document: Document, books: Books) -> str:
    """The one tax code of a US document; where its lines have several, the first."""
    return next(iter(_document_codes(document, books)), "")


def _document_codes(document: Document, books: Books) -> list[str]:
    """The tax codes that the lines of a US document name, each once, in their order."""
    codes = (books.taxes[line.ledger_tax].document for line in document.lines if line.ledger_tax in books.taxes)
    return list(dict.fromkeys(filter(None, codes)))


def _rates(document: Document, purchases: tuple[Rate, ...], sales: tuple[Rate, ...]) -> tuple[Rate, ...]:
    return purchases if document.kind is Kind.SUPPLIER_INVOICE else sales


def _shares(tax: Decimal, given: Sequence[Decimal], expected: Sequence[Decimal], cent: Decimal) -> list[Decimal]:
    """One amount for each rate: the source's own where it has as many, by size; else the tax in proportion."""
    if len(given) == len(expected) and sum(given, ZERO) == tax:
        by_size = sorted(range(len(expected)), key=lambda place: expected[place])
        amounts = dict(zip(by_size, sorted(given), strict=True))
        return [amounts[place] for place in range(len(expected))]
    whole, left, shares = sum(expected, ZERO), tax, []
    for part in expected:
        share = (tax * part / whole).quantize(cent, ROUND_HALF_UP) if whole else ZERO
        shares.append(share)
        left -= share
    largest = max(range(len(expected)), key=lambda place: abs(expected[place]))
    shares[largest] += left
    return shares


def _line(rate: Rate, base: Decimal, amount: Decimal) -> Body:
    return {
        "Amount": amount,
        "DetailType": "TaxLineDetail",
        "TaxLineDetail": {
            "TaxRateRef": {"value": rate.id},
            "PercentBased": True,
            "TaxPercent": rate.percent,
            "NetAmountTaxable": base,
        },
    }
