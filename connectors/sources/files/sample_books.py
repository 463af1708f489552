"""The books that the sample association's accountant kept before us, in no ledger's form.

The same as the frozen ``book.beancount``, of which a test holds them; a ledger's stand-in starts the demo with them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from connectors.ledger import LedgerCustomer, LedgerLists, Posting
from connectors.records import DocumentTax, Invoice, InvoiceLine, LedgerAccount
from connectors.sources.files.connector import FilesSource
from connectors.sources.files.settings import FilesSettings

CLOSED = date(2023, 12, 31)
RECEIVABLE, PAYABLE, DEPOSIT, OPENING = "1100", "2100", "1050", "3000"

ACCOUNTS = (
    ("1010", "Banque", "asset"),
    (DEPOSIT, "Fonds non déposés", "asset"),
    (RECEIVABLE, "Comptes clients", "asset"),
    (PAYABLE, "Comptes fournisseurs", "liability"),
    ("2310", "TPS", "liability"),
    ("2320", "TVQ", "liability"),
    ("2330", "TVH", "liability"),
    ("2400", "Cotisations reportées", "liability"),
    (OPENING, "Soldes d'ouverture", "equity"),
    ("4100", "Cotisations", "income"),
    ("4200", "Événements", "income"),
    ("4300", "Commandites", "income"),
    ("4350", "Escomptes accordés", "income"),
    ("4400", "Dons", "income"),
    ("4500", "Commandes", "income"),
    ("4800", "Gains et pertes de change", "income"),
    ("5100", "Bureau", "expense"),
    ("5200", "Coût des événements", "expense"),
    ("5300", "Frais bancaires", "expense"),
    ("5400", "Honoraires professionnels", "expense"),
)
CUSTOMERS = (
    ("M0001", "Municipalité de Cap-Chat-sur-Mer"),
    ("M0003", "Chambre de commerce de l'Estuaire"),
    ("M0007", "Coopérative d'habitation Le Bic"),
    ("M0009", "Zephyr Realty Trust"),
    ("M0012", "Harbourfront Property Managers Ltd."),
)
INVOICES: tuple[tuple[str, date, str, str, str, dict[str, str]], ...] = (
    ("SO-2024-01", date(2024, 1, 1), "M0003", OPENING, "1322.21", {}),
    ("SO-2024-02", date(2024, 1, 1), "M0003", OPENING, "258.69", {}),
    ("SO-2024-03", date(2024, 1, 1), "M0007", OPENING, "689.85", {}),
    ("SO-2024-04", date(2024, 1, 1), "M0012", OPENING, "1725.00", {}),
    ("SO-2024-05", date(2024, 1, 1), "M0012", OPENING, "431.25", {}),
    ("F24-0950", date(2024, 2, 12), "M0007", "4200", "225.00", {"2310": "11.25", "2320": "22.44"}),
    ("M-2024-007", date(2024, 6, 20), "M0009", "4200", "180.00", {"2310": "9.00", "2320": "17.96"}),
)


def kept(folder: Path) -> LedgerLists:
    """The lists of those books; products, terms, methods and classes are called as in the source files of a folder.

    A product whose account the books lack is not among them.
    """
    lists = FilesSource(FilesSettings(folder=folder)).pull().lists
    accounts = tuple(LedgerAccount(code=code, name=name, type=type_) for code, name, type_ in ACCOUNTS)
    codes = {account.code for account in accounts}
    return LedgerLists(
        customers=tuple(LedgerCustomer(reference=reference, name=name) for reference, name in CUSTOMERS),
        accounts=accounts,
        items=tuple(item for item in lists.items if item.account in codes),
        terms=lists.terms,
        methods=lists.methods,
        classes=lists.classes,
        closing_date=CLOSED,
        receivable=RECEIVABLE,
        payable=PAYABLE,
        deposit=DEPOSIT,
    )


def by_hand() -> tuple[Posting, ...]:
    """The invoices in those books, without a key of ours; ``customer`` is the reference of one of its customers."""
    return tuple(_invoice(*row) for row in INVOICES)


def _invoice(number: str, on: date, customer: str, account: str, amount: str, taxes: dict[str, str]) -> Posting:
    line = InvoiceLine(key="1", number=1, description=number, amount=Decimal(amount), ledger_account=account)
    told = tuple(
        DocumentTax(tax=code, amount=Decimal(tax), base=line.amount, ledger_tax=code) for code, tax in taxes.items()
    )
    tax = sum((each.amount for each in told), Decimal(0))
    record = Invoice(
        key=number, number=number, date=on, due=on, customer=customer, currency="CAD", taxes=told,
        lines=(replace(line, unit_price=line.amount),), subtotal=line.amount, tax=tax, total=line.amount + tax,
    )  # fmt: skip
    return Posting(key="", record=record, customer=customer)
