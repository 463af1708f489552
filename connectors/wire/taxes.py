"""What of a document's tax falls on each of its lines, for ledgers that take a tax per line and add up themselves.

The source's tax is law: the parts come to it, to the smallest unit of the currency.
"""

from __future__ import annotations

from decimal import Decimal

from connectors.records import ZERO, Document, InvoiceLine
from connectors.tax_codes import TaxesOf
from connectors.taxes import taxed


def computed(line: InvoiceLine, document: Document, taxes_of: TaxesOf) -> Decimal:
    """What a ledger computes on a line that rounds each line's tax once, by the taxes of its code together."""
    percent = sum((tax.percent for tax in taxes_of(line.ledger_tax) if tax.side is document.side), ZERO)
    return taxed(line.amount, percent, document.currency)


def on_lines(document: Document, taxes_of: TaxesOf) -> tuple[Decimal, ...]:
    """The tax of each line: as the source says where that comes to the document's, else as the rates do.

    What is left over goes to the line that is taxed most; nothing goes to a line whose code charges nothing.
    """
    told = [line.tax_amount for line in document.lines]
    rates = [computed(line, document, taxes_of) for line in document.lines]
    bears = [any(tax.percent for tax in taxes_of(line.ledger_tax)) for line in document.lines]
    fits = sum(told, ZERO) == document.tax and not any(
        tax and not taxed for tax, taxed in zip(told, bears, strict=True)
    )
    parts = told if fits else rates
    left = document.tax - sum(parts, ZERO)
    if left and any(bears):
        most = max((place for place, each in enumerate(bears) if each), key=lambda place: abs(parts[place]))
        parts = [each + left if place == most else each for place, each in enumerate(parts)]
    return tuple(parts)
