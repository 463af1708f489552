"""Documents that bear no number are no duplicates of each other, and each is booked once.

A source that gives none is installed here as a package would bring it: our files ask for a number.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import BaseModel

from addin.usecases.check import check
from addin.usecases.init import init
from connectors.entries import SOURCES
from connectors.ledger import Connected
from connectors.problems import Problem
from connectors.records import ZERO, Customer, InvoiceLine, Kind, LedgerAccount, SalesReceipt
from connectors.source import Pulled, Result, Source, SourceCapabilities, SourceLists
from tests.addin.conftest import Association, documents_in
from workbook.file.file_book import FileBook


class NoSettings(BaseModel):
    """Nothing can be set."""


class Till(Source):
    """A till, which numbers nothing: two sales of a day on one customer, of which each is another amount."""

    name, label, Settings, capabilities = "till", "Till", NoSettings, SourceCapabilities(acknowledges=False)

    def __init__(self, settings: BaseModel) -> None:
        pass

    def connect(self) -> Connected:
        return Connected(company="till")

    def pull(self) -> Pulled:
        sales = [self._sale(f"S{n}", Decimal(amount)) for n, amount in enumerate(("12.00", "30.00"))]
        lists = SourceLists(accounts=(LedgerAccount(code="4100", name="Cotisations"),))
        return Pulled(records=(Customer(key="A1", number="1001", name="Comptoir"), *sales), lists=lists)

    def acknowledge(self, results: Sequence[Result]) -> Sequence[Problem]:
        return ()

    def _sale(self, key: str, amount: Decimal) -> SalesReceipt:
        line = InvoiceLine(key="1", number=1, description="Vente", amount=amount, unit_price=amount, gl_account="4100")
        return SalesReceipt(key=key, number="", date=date(2026, 1, 15), customer="A1", currency="CAD", lines=(line,),
                            subtotal=amount, tax=ZERO, total=amount)  # fmt: skip


def test_two_sales_without_a_number_are_two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "till-1.0.dist-info"
    place.mkdir()
    (place / "METADATA").write_text("Metadata-Version: 2.1\nName: till\nVersion: 1.0\n")
    (place / "entry_points.txt").write_text(f"[{SOURCES}]\ntill = {__name__}:Till\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PASSERELLE_LANGUAGE", "en")
    company = Association(tmp_path / "company")
    init(company.folder, company.name, "till", company.ledger, company.settings, FileBook)
    company.pull()
    assert company.run(check).problems == ()
    assert company.sync().counts["posted"] == {Kind.CUSTOMER: 1, Kind.SALES_RECEIPT: 2}
    company.pull()
    assert company.sync().counts["posted"] == {}
    assert documents_in(company.folder / "book.beancount") == {("sales_receipt", "S0"): 1, ("sales_receipt", "S1"): 1}
