"""What people decided in the source counts for a record's first row, and then the sheet does; so do its rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import BaseModel

from addin.options import Options, under
from addin.usecases.init import init
from connectors.entries import SOURCES
from connectors.ledger import Connected
from connectors.problems import Problem, problem_of
from connectors.records import ZERO, Customer, Invoice, InvoiceLine, Kind, LedgerAccount, Origin, SyncStatus
from connectors.source import Decided, Pulled, Result, Source, SourceCapabilities, SourceLists
from tests.addin.conftest import Association
from workbook.file.file_book import FileBook
from workbook.layout import ACCOUNTS, INVOICES, SETTINGS_TABLE


class NoSettings(BaseModel):
    """Nothing can be set."""


class Deciding(Source):
    """Two accounts and four invoices, one of them of a membership that nobody paid."""

    name, label, Settings, capabilities = "deciding", "Deciding", NoSettings, SourceCapabilities()
    decided: dict[tuple[Kind, str], Decided] = {}  # noqa: RUF012 (each test sets its own)
    rules: dict[str, bool] = {}  # noqa: RUF012
    told: list[Result] = []  # noqa: RUF012
    refuses: frozenset[str] = frozenset()

    def __init__(self, settings: BaseModel) -> None:
        pass

    def connect(self) -> Connected:
        return Connected(company="deciding")

    def pull(self) -> Pulled:
        records = [Customer(key=f"A{n}", number=f"100{n}", name=f"Membre {n}") for n in (1, 2)]
        invoices = [_invoice(f"I{n}", Origin.MEMBERSHIP if n == 4 else Origin.EVENT) for n in range(1, 5)]
        lists = SourceLists(accounts=(LedgerAccount(code="4100", name="Cotisations"),))
        return Pulled(records=(*records, *invoices), lists=lists, decided=self.decided, rules=self.rules)

    def acknowledge(self, results: Sequence[Result]) -> Sequence[Problem]:
        self.told.extend(results)
        left = [result for result in results if result.number in self.refuses]
        records = {each.key: each for each in self.pull().records}
        return [problem_of(records[each.key], "source_record_busy", ledger="Deciding") for each in left]


def _invoice(key: str, origin: Origin) -> Invoice:
    line = InvoiceLine(key="1", number=1, description="Vente", amount=Decimal(12), unit_price=Decimal(12),
                       gl_account="4100")  # fmt: skip
    return Invoice(key=key, number=f"F-{key}", date=date(2026, 1, 15), customer="A1", currency="CAD", lines=(line,),
                   subtotal=Decimal(12), tax=ZERO, total=Decimal(12), balance=Decimal(12), origin=origin)  # fmt: skip


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Association:
    place = tmp_path / "deciding-1.0.dist-info"
    place.mkdir()
    (place / "METADATA").write_text("Metadata-Version: 2.1\nName: deciding\nVersion: 1.0\n")
    (place / "entry_points.txt").write_text(f"[{SOURCES}]\ndeciding = {__name__}:Deciding\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(Deciding, "told", [])
    monkeypatch.setattr(Deciding, "refuses", frozenset())
    new = {(Kind.CUSTOMER, "A1"): Decided(new_account=True), (Kind.CUSTOMER, "A2"): Decided(new_account=False)}
    monkeypatch.setattr(Deciding, "decided", new)
    monkeypatch.setattr(Deciding, "rules", {})
    made = Association(tmp_path / "company")
    init(made.folder, made.name, "deciding", made.ledger, {**made.settings, "new_account_default": "no"}, FileBook)
    return made


def column(company: Association, table, name: str) -> dict[str, object]:
    """What stands in a column, by the key of the row."""
    return {str(row.values["key"]): row.values.get(name) for row in company.book.read(table).rows}


def test_a_record_begins_as_it_was_decided_and_the_sheet_decides_after_that(
    company: Association, monkeypatch: pytest.MonkeyPatch
) -> None:
    decided = {(Kind.INVOICE, "I1"): Decided(status=SyncStatus.STAND_BY),
               (Kind.INVOICE, "I2"): Decided(status=SyncStatus.DO_NOT_SYNC)}  # fmt: skip
    monkeypatch.setattr(Deciding, "decided", {**Deciding.decided, **decided})
    company.pull()
    assert column(company, INVOICES, "status") == {
        "I1": "Stand By", "I2": "Do Not Sync", "I3": "To Be Transferred", "I4": "To Be Transferred"
    }  # fmt: skip
    assert company.sync().counts["posted"] == {Kind.CUSTOMER: 1, Kind.INVOICE: 2}
    monkeypatch.setattr(Deciding, "decided", {})
    company.pull()
    assert column(company, INVOICES, "status")["I1"] == "Stand By"


def test_an_account_is_new_where_the_source_says_so_whatever_the_setting(company: Association) -> None:
    company.pull()
    assert column(company, ACCOUNTS, "new_account") == {"A1": "Yes", "A2": "No"}


def test_a_rule_of_the_source_holds_until_the_sheet_says_otherwise(
    company: Association, monkeypatch: pytest.MonkeyPatch
) -> None:
    """“Synchronize subscriptions and renewals when paid”, as the chapter's settings have it."""
    monkeypatch.setattr(Deciding, "rules", {"dues_when_paid": True})
    company.pull()
    report = company.sync()
    assert ("waits_for_payment", "I4") in {(problem.code, problem.key) for problem in report.problems}
    assert report.counts["posted"][Kind.INVOICE] == 3
    book = company.book
    [row] = [row for row in book.read(SETTINGS_TABLE).rows if "renewal" in str(row.values["meaning"]).lower()]
    book.write(SETTINGS_TABLE, {(str(row.values["key"]),): {"value": "No"}})
    book.save()
    assert company.sync().counts["posted"] == {Kind.INVOICE: 1}


def test_a_rule_gives_way_to_what_the_company_set() -> None:
    ours = Options(days_ahead=30, all_when_paid=True)
    both = under(ours, {"all_when_paid": False, "dues_when_paid": True, "unheard_of": True})
    assert (both.all_when_paid, both.dues_when_paid, both.days_ahead) == (True, True, 30)


def test_what_the_source_did_not_take_is_told_and_told_again(
    company: Association, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Deciding, "refuses", frozenset({"F-I2"}))
    company.pull()
    problems = company.sync().problems
    assert [(each.code, each.number) for each in problems] == [("source_record_busy", "F-I2")]
    Deciding.told.clear()
    monkeypatch.setattr(Deciding, "refuses", frozenset())
    company.sync()
    assert [each.key for each in Deciding.told] == ["I2"]
