"""A starter book for a company that keeps none yet: an association's chart of accounts, in French and English."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from connectors.ledgers.beancount.settings import BeancountSettings
from connectors.ledgers.beancount.text import metadata, quoted

OPENED = "2000-01-01"


class Row(NamedTuple):
    """An account of the chart: its number, its name in the book, what people call it."""

    code: str
    account: str
    name: str
    tax: bool = False


def chart(settings: BeancountSettings) -> tuple[Row, ...]:
    """The accounts of a starter book; those that the settings name are named as they say."""
    return (
        Row("1010", "Assets:Bank", "Banque / Bank"),
        Row("1050", settings.deposit, "Fonds non déposés / Undeposited funds"),
        Row("1100", settings.receivable, "Comptes clients / Accounts receivable"),
        Row("2100", settings.payable, "Comptes fournisseurs / Accounts payable"),
        Row("2310", "Liabilities:GST", "TPS à payer / GST payable", tax=True),
        Row("2320", "Liabilities:QST", "TVQ à payer / QST payable", tax=True),
        Row("2330", "Liabilities:HST", "TVH à payer / HST payable", tax=True),
        Row("2400", "Liabilities:DeferredDues", "Cotisations perçues d'avance / Deferred dues"),
        Row("3000", "Equity:Opening", "Soldes d'ouverture / Opening balances"),
        Row("4100", "Income:Dues", "Cotisations / Membership dues"),
        Row("4200", "Income:Events", "Événements / Events"),
        Row("4300", "Income:Sponsorships", "Commandites / Sponsorships"),
        Row("4400", "Income:Donations", "Dons / Donations"),
        Row("4500", "Income:Sales", "Ventes / Sales"),
        Row("4800", settings.exchange, "Gains et pertes de change / Exchange gains and losses"),
        Row("4900", "Income:Other", "Autres revenus / Other income"),
        Row("5100", "Expenses:Events", "Frais d'événements / Event costs"),
        Row("5200", "Expenses:Office", "Frais de bureau / Office"),
        Row("5300", "Expenses:BankFees", "Frais bancaires / Bank charges"),
        Row("5400", "Expenses:BadDebts", "Mauvaises créances / Bad debts"),
        Row("5900", "Expenses:Other", "Autres charges / Other expenses"),
    )


def book(settings: BeancountSettings, company: str) -> str:
    """The text of a starter book; it is the person's from then on."""
    return "\n".join(_lines(settings, company)) + "\n"


def _lines(settings: BeancountSettings, company: str) -> Iterator[str]:
    yield f'option "title" {quoted(company)}'
    yield 'option "operating_currency" "CAD"'
    yield ""
    yield f"include {quoted(settings.file)}"
    for row in chart(settings):
        yield ""
        yield f"{OPENED} open {row.account}"
        yield from metadata((("code", row.code), ("name", row.name), ("tax", row.tax)))
