"""An association with as many invoices as one likes, seeded, and its company over a QuickBooks sandbox."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from addin.profile import Profile, load
from addin.session import Session
from addin.usecases.init import init
from addin.usecases.pull import pull
from addin.usecases.report import Report
from tests.connectors.ledgers.quickbooks_harness import TAX, QuickBooksHarness
from workbook.file.file_book import FileBook

NAME, DAY = "Many invoices", date(2026, 1, 31)
CENT = Decimal("0.01")


@dataclass
class Many:
    """The association; its use cases run as commands do, on the closed workbook."""

    folder: Path
    harness: QuickBooksHarness
    invoices: int
    customers: int
    seed: int
    payments: int = 0

    def set_up(self) -> None:
        """Write the source, make the company, pull."""
        chance, source = Random(self.seed), self.folder / "source"
        source.mkdir(parents=True, exist_ok=True)
        _write(source / "accounts.csv", [
            {"key": f"A{n}", "number": str(1000 + n), "name": f"Membre n° {n:05}"} for n in range(self.customers)
        ])  # fmt: skip
        amounts = [Decimal(chance.randint(1_000, 200_000)) * CENT for _ in range(self.invoices)]
        _write(source / "documents.csv", [self._document(n, amount, chance) for n, amount in enumerate(amounts)])
        _write(source / "lines.csv", [
            {"document": f"I{n}", "line": "1", "description": "Cotisation annuelle", "quantity": "1",
             "unit_price": str(amount), "amount": str(amount), "item": "Membership", "gl_account": "",
             "tax_group": TAX, "tax_amount": str(sum(taxes_of(amount)))}
            for n, amount in enumerate(amounts)
        ])  # fmt: skip
        _write(source / "document_taxes.csv", [
            {"document": f"I{n}", "tax": tax, "base": str(amount), "amount": str(part)}
            for n, amount in enumerate(amounts)
            for tax, part in zip(("GST", "QST"), taxes_of(amount), strict=True)
        ])  # fmt: skip
        if self.payments:
            self._write_payments(source, amounts, chance)
        _write(source / "items.csv", [{"code": "Membership", "name": "Membership", "gl_account": "", "active": "yes"}])
        _write(source / "taxes.csv", [{"code": "GST", "name": "TPS", "rate": "5"},
                                      {"code": "QST", "name": "TVQ", "rate": "9.975"}])  # fmt: skip
        _write(source / "tax_groups.csv", [{"code": TAX, "name": TAX, "taxes": "GST+QST",
                                            "rounding": "sum_of_rounded"}])  # fmt: skip
        given = {**self.harness.addresses, "company": self.harness.realm, "client_id": "sandbox-client"}
        settings = {f"ledger.{name}": value for name, value in given.items()} | {"new_account_default": "yes"}
        init(self.folder, NAME, "files", "quickbooks-online", settings, FileBook)
        self.run(pull)

    def _document(self, number: int, amount: Decimal, chance: Random) -> dict[str, str]:
        tax = sum(taxes_of(amount))
        return {
            "key": f"I{number}", "kind": "invoice", "number": f"F-{number:05}", "account": self.account(number),
            "date": str(date(2025, 1, 1) + timedelta(days=chance.randrange(365))), "currency": "CAD",
            "subtotal": str(amount), "tax": str(tax), "total": str(amount + tax), "balance": "0.00",
            "origin": "membership", "sent": "yes", "cancelled": "no",
        }  # fmt: skip

    def _write_payments(self, source: Path, amounts: list[Decimal], chance: Random) -> None:
        """Several payments of one invoice each, in the order in which they are to be booked."""
        parts = [(f"P{n}", n % self.invoices, Decimal(chance.randint(100, 500)) * CENT) for n in range(self.payments)]
        _write(source / "payments.csv", [
            {"key": key, "number": f"R-{key[1:]:>05}", "account": self.account(invoice), "currency": "CAD",
             "date": "2026-01-15", "amount": str(part), "method": "Cash"}
            for key, invoice, part in parts
        ])  # fmt: skip
        _write(source / "allocations.csv", [
            {"payment": key, "invoice": f"I{invoice}", "amount": str(part)} for key, invoice, part in parts
        ])  # fmt: skip
        _write(source / "methods.csv", [{"code": "Cash", "name": "Cash"}])

    def account(self, number: int) -> str:
        """Whose invoice this is."""
        return f"A{number % self.customers}"

    @property
    def profile(self) -> Profile:
        """The company's profile."""
        return load(NAME)

    def run(self, use_case: Callable[[Session], Report], book: FileBook | None = None) -> Report:
        """One command."""
        profile = self.profile
        with Session.open(profile, book or FileBook(profile.workbook), use_case.__name__, DAY) as session:
            return use_case(session)


def taxes_of(amount: Decimal) -> tuple[Decimal, Decimal]:
    """GST of 5 % and QST of 9.975 %, each rounded to the cent."""
    return (amount * Decimal("0.05")).quantize(CENT), (amount * Decimal("0.09975")).quantize(CENT)


def _write(path: Path, rows: list[Mapping[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
