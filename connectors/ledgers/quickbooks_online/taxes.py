"""The taxes of a document in QuickBooks Online: the source's amounts, each on the rate of its own name.

The source's tax is law, to the cent and with its own rounding, so the amounts are given and not left to be computed.
The vendor's reference says of ``TxnTaxDetail`` that "you may supply it when adding a transaction"; assumption: the
amounts of its tax lines then stand as they are. A tax line is sent for every rate of the lines' tax codes, so that the
company has nothing left to compute.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from connectors.ledgers.quickbooks_online.books import TAXED, Books
from connectors.ledgers.quickbooks_online.queries import Body
from connectors.records import ZERO, CodeTax, Document
from connectors.tax_codes import amount_of, charged
from connectors.taxes import PERCENT, unit


def tax_detail(document: Document, books: Books) -> Body | None:
    """``TxnTaxDetail`` of a document, ``None`` where its lines bear no tax.

    A tax of another name than the rates have is left out: planning and the checks refuse such a document before.
    """
    bases = charged(document, books.taxes_of)
    if not bases:
        return {"TotalTax": document.tax} if books.american and document.tax else None
    detail = {
        "TotalTax": document.tax,
        "TaxLine": [_line(tax, base, amount_of(document, tax) or ZERO, books) for tax, base in bases.items()],
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
    if not any(tax.percent for tax in charged(document, books.taxes_of)):
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
    base, cent = sum(taxed, ZERO), unit(document.currency)
    rates = (tax.percent for tax in code.taxes if tax.side is document.side)
    return sum(((base * rate * PERCENT).quantize(cent, ROUND_HALF_UP) for rate in rates), ZERO)


def _document_code(document: Document, books: Books) -> str:
    """The one tax code of a US document; where its lines have several, the first."""
    return next(iter(_document_codes(document, books)), "")


def _document_codes(document: Document, books: Books) -> list[str]:
    """The tax codes that the lines of a US document name, each once, in their order."""
    codes = (books.taxes[line.ledger_tax].document for line in document.lines if line.ledger_tax in books.taxes)
    return list(dict.fromkeys(filter(None, codes)))


def _line(tax: CodeTax, base: Decimal, amount: Decimal, books: Books) -> Body:
    return {
        "Amount": amount,
        "DetailType": "TaxLineDetail",
        "TaxLineDetail": {
            "TaxRateRef": {"value": books.rates[tax.name]},
            "PercentBased": True,
            "TaxPercent": tax.percent,
            "NetAmountTaxable": base,
        },
    }
