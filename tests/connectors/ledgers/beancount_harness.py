"""A Beancount book as the conformance suite sees it: looked at with bean-check and bean-query alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import beanquery
from beancount import loader
from beancount.scripts.check import main as bean_check
from click.testing import CliRunner

from connectors.conformance import Chart
from connectors.ledgers.beancount.connector import BeancountLedger
from connectors.ledgers.beancount.documents import ledger_id
from connectors.ledgers.beancount.settings import BeancountSettings

RECEIVABLES = """
    SELECT account, units(position), meta('foreign')
    WHERE account ~ '^Assets:AccountsReceivable:' AND date <= {on}
"""
BALANCES = """
    SELECT open_meta(account, 'code') AS code, account, sum(number)
    WHERE currency = 'CAD' GROUP BY account, code
"""
SIDES = {"Assets:AccountsReceivable:": "1100", "Liabilities:AccountsPayable:": "2100"}


@dataclass
class BeancountHarness:
    """A starter book in a folder, closed until the end of 2023."""

    folder: Path
    chart = Chart(revenue="4100", deferred="2400", expense="5100", bank="1010", tax="2310")
    day = date(2024, 3, 15)
    closed = date(2023, 12, 31)
    foreign = "USD"
    refuses_taken_numbers = True
    allowed: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.open().prepare("Club")

    @property
    def book(self) -> Path:
        return self.folder / "book.beancount"

    @property
    def file(self) -> Path:
        return self.folder / "passerelle.beancount"

    def open(self) -> BeancountLedger:
        return BeancountLedger(BeancountSettings(folder=self.folder, closing_date=self.closed, **self.allowed))

    def query(self, statement: str) -> list[tuple]:
        return beanquery.connect(f"beancount:{self.book}").execute(statement).fetchall()

    def receivables(self, on: date) -> dict[tuple[str, str], Decimal]:
        """What bean-query says each customer owes, by customer and the currency in which it is owed."""
        found: dict[tuple[str, str], Decimal] = {}
        for account, units, foreign in self.query(RECEIVABLES.format(on=on)):
            owed = foreign or units
            key = account.split(":", 2)[2], owed.currency
            found[key] = found.get(key, Decimal(0)) + owed.number
        return {key: owed for key, owed in found.items() if owed}

    def balances(self) -> Mapping[str, Decimal]:
        totals: dict[str, Decimal] = {}
        for code, account, amount in self.query(BALANCES):
            side = next((code for parent, code in SIDES.items() if account.startswith(parent)), code)
            totals[side] = totals.get(side, Decimal(0)) + amount
        return totals

    def hands(self):
        """The harness itself is the person, who writes in the book and leaves out every metadata."""
        return self

    def retire_customer(self, reference):
        text = f"\n{self.day} close Assets:AccountsReceivable:{reference}\n"
        self.book.write_text(self.book.read_text(encoding="utf-8") + text, encoding="utf-8")

    def add_invoice(self, customer, amount, number=""):
        return self._write(number, "Facture", f"Assets:AccountsReceivable:{customer}", "Income:Dues", amount)

    def add_payment(self, customer, amount, number=""):
        return self._write(number, "Chèque", "Assets:Bank", f"Assets:AccountsReceivable:{customer}", amount)

    def add_credit(self, customer, amount, number=""):
        return self._write(number, "Crédit", "Income:Dues", f"Assets:AccountsReceivable:{customer}", amount)

    def _write(self, number, word, debit, credit, amount):
        text = f'\n{self.day} * "À la main" "{word} {number}"\n  {debit}  {amount} CAD\n  {credit}\n'
        self.book.write_text(self.book.read_text(encoding="utf-8") + text, encoding="utf-8")
        return next(ledger_id(entry) for entry in loader.load_string(text)[0])

    def delete_by_hand(self, ledger_id: str) -> bool:
        """Cut a transaction out of our file."""
        self._edit(ledger_id, lambda text: "")
        return True

    def change_by_hand(self, ledger_id: str) -> bool:
        """Overtype the amounts of a transaction."""
        self._edit(ledger_id, lambda text: text.replace("100.00", "90.00"))
        return True

    def _edit(self, key: str, change: Callable[[str], str]) -> None:
        blocks = self.file.read_text(encoding="utf-8").split("\n\n")
        edited = [change(block) if f'key: "{key}"' in block else block for block in blocks]
        assert edited != blocks
        self.file.write_text("\n\n".join(edited), encoding="utf-8")

    def check(self) -> None:
        result = CliRunner().invoke(bean_check, ["--no-cache", str(self.book)])
        assert result.exit_code == 0, result.output
