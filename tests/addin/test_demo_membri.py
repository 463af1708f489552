"""The demo from Membri 365's stand-in: the same books as from the files, and every outcome back in Membri's records."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from addin.profile import load
from addin.screen import Screen
from addin.session import Session
from addin.usecases.demo import COMPANY, TODAY, demo
from addin.usecases.pull import pull
from addin.usecases.report import Report
from addin.usecases.sync import sync
from connectors import exact_json
from connectors.ledgers.beancount.connector import BeancountLedger
from connectors.ledgers.beancount.settings import BeancountSettings
from connectors.ledgers.xero.connector import XeroLedger
from connectors.records import Kind
from connectors.sources.membri.sandbox import Sandbox
from connectors.sources.membri.sandbox.demonstration import id_of
from tests.connectors.sources.membri_harness import SECRETS
from tests.connectors.sources.sample_problems import EXPECTED
from workbook.file.file_book import FileBook

pytestmark = pytest.mark.long
Shown = tuple[Path, Report]
COMPLETED, ERROR, PAID, DONE = 282210002, 282210003, 282210002, 282210003
NOT_THERE = {Kind.SALES_RECEIPT, Kind.SUPPLIER_INVOICE, Kind.SUPPLIER_PAYMENT, Kind.VENDOR_CREDIT,
             Kind.RETURNED_PAYMENT, Kind.JOURNAL_ENTRY}  # fmt: skip
"""What the sample's files have and Membri has not; of entries, those that were made by hand."""
RETURNED = Decimal("477.15")


def shown_in(folder: Path, ledger: str) -> Shown:
    return folder, demo(folder, ledger, "en", Screen("en", as_json=True).book, lambda _: None, "membri")


def rows(folder: Path) -> dict[str, dict[str, dict[str, object]]]:
    """What the stand-in kept, by table and identifier."""
    kept = exact_json.loads((folder / "home/sandboxes/membri/environment.json").read_bytes())
    return {name: {row[f"{name}id"]: row for row in table} for name, table in kept.items()}


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    return shown_in(tmp_path_factory.mktemp("membri") / "demo", "beancount")


@pytest.fixture(scope="module")
def xero(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """Over HTTP on both sides, without the vendor's pace."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(XeroLedger, "limits", ())
        yield shown_in(tmp_path_factory.mktemp("membri-xero") / "demo", "xero")


def owed(folder: Path) -> dict[str, Decimal]:
    """What each customer owes in the plain-text book, by name."""
    found: dict[str, Decimal] = {}
    for aged in BeancountLedger(BeancountSettings(folder=folder)).aged_receivables(TODAY):
        found[aged.name] = found.get(aged.name, Decimal(0)) + aged.total
    return {name: amount for name, amount in found.items() if amount}


def test_receivables_are_those_of_the_demo_from_files(text: Shown, synced: Path) -> None:
    """But for what the bank returned, which Membri does not know of."""
    here, there = owed(synced), owed(text[0])
    apart = {name: here.get(name, 0) - there.get(name, 0) for name in here.keys() | there.keys()
             if here.get(name) != there.get(name)}  # fmt: skip
    assert list(apart.values()) == [RETURNED]


def test_the_odd_cases_of_the_sample_are_told_as_from_files(text: Shown) -> None:
    told = {(p.kind, p.number, p.code) for p in text[1].problems if p.kind}
    assert told == {(kind, number, code) for kind, _, number, code in EXPECTED if kind not in NOT_THERE}


def test_every_outcome_stands_in_membris_records(text: Shown) -> None:
    """Reference, number and status of what was booked; the reason of what was refused."""
    kept = rows(text[0])
    invoice = kept["cdc_invoice"][id_of("cdc_invoice", "D0001")]
    assert (invoice["cdc_syncstatus"], invoice["cdc_status"]) == (COMPLETED, DONE), "paid and transferred"
    assert invoice["cdc_syncreference"]
    statuses = [row["cdc_syncstatus"] for row in kept["cdc_invoice"].values()]
    assert statuses.count(COMPLETED) > 600
    refused = {row["cdc_number"]: row["cdc_syncerror"] for row in kept["cdc_invoice"].values()
               if row["cdc_syncstatus"] == ERROR}  # fmt: skip
    assert "405.00" in str(refused["F25-0336"])
    assert all(refused.values())
    done = [row for row in kept["cdc_invoice"].values() if row["cdc_status"] == DONE]
    assert all(row["cdc_syncstatus"] == COMPLETED and not row["cdc_balance"] for row in done)
    assert not [row["cdc_number"] for row in kept["cdc_invoice"].values()
                if row["cdc_syncstatus"] == COMPLETED and row["cdc_status"] == PAID]  # fmt: skip


def test_a_second_run_changes_nothing(text: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    """In Membri and in the ledger's file."""
    folder, _ = text
    shutil.rmtree(folder / "membri")  # the token of the first run is sealed with a key that is gone
    book = (folder / "passerelle.beancount").read_bytes()
    monkeypatch.setenv("PASSERELLE_HOME", str(folder / "home"))
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    profile = load(COMPANY)
    with Sandbox() as sandbox:
        sandbox.dataverse.load(folder / "home" / "sandboxes" / "membri" / "environment.json")
        moved = {"url": sandbox.url, "login_url": sandbox.url}
        profile = profile.model_copy(update={"source_settings": {**profile.source_settings, **moved}})
        before = exact_json.dumps({name: table.rows for name, table in sandbox.dataverse.kept.tables.items()})
        for use_case in (pull, sync):
            with Session.open(profile, FileBook(profile.workbook), use_case.__name__, TODAY) as session:
                report = use_case(session)
        after = exact_json.dumps({name: table.rows for name, table in sandbox.dataverse.kept.tables.items()})
    assert not report.counts.get("posted")
    assert after == before
    assert (folder / "passerelle.beancount").read_bytes() == book


def test_from_membri_to_xero_over_http_on_both_sides(xero: Shown, text: Shown) -> None:
    """Documents that Xero's own rules keep out apart, the same records are transferred."""
    there, here = rows(xero[0]), rows(text[0])
    for table in ("account", "cdc_invoice", "cdc_payment"):
        booked = {id_ for id_, row in here[table].items() if row["cdc_syncstatus"] == COMPLETED}
        apart = booked - {id_ for id_, row in there[table].items() if row["cdc_syncstatus"] == COMPLETED}
        assert len(apart) <= 2, table
    invoice = there["cdc_invoice"][id_of("cdc_invoice", "D0001")]
    assert (invoice["cdc_syncstatus"], invoice["cdc_accountingnumber"]) == (COMPLETED, "F24-0001")
