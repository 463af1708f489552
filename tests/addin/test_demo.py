"""The demo: what a new user sees first, and what the sample's deliberate mistakes must come to."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from beancount import loader
from beanquery import query

from addin.profile import load
from addin.session import Session
from addin.sync.reconcile import owed
from addin.usecases.demo import COMPANY, TODAY
from connectors.records import Kind
from tests.addin.conftest import copy_of, documents_in, run_sync
from tests.connectors.sources.sample_problems import EXPECTED
from workbook.file.file_book import FileBook
from workbook.layout import ACCOUNTS, INVOICES, PAYMENTS
from workbook.review import text_of


def test_more_than_400_documents_are_posted_once_and_the_book_is_sound(synced: Path) -> None:
    documents = documents_in(synced / "book.beancount")
    assert max(documents.values()) == 1
    assert sum(1 for kind, _ in documents if kind != "journal_entry") > 400


def test_receivables_by_bean_query_equal_the_workbooks_for_every_customer(
    synced: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Per customer: what the rows marked Transfer Completed come to, and what the book says."""
    copy_of(synced, tmp_path / "demo", monkeypatch)
    entries, errors, options = loader.load_file(str(synced / "book.beancount"))
    assert errors == []
    _, rows = query.run_query(
        entries,
        options,
        "SELECT account, sum(position) AS owed WHERE account ~ '^Assets:AccountsReceivable' GROUP BY account",
    )
    by_query = {row[0].rsplit(":", 1)[1]: row[1].get_currency_units("CAD").number for row in rows}
    profile = load(COMPANY)
    with Session.open(profile, FileBook(profile.workbook), "check", TODAY) as session:
        case, _ = session.case()
    by_rows: Counter[str] = Counter()
    for key, record in case.records.items():
        transfer = case.settled(key)
        if transfer and key[0] in (Kind.INVOICE, Kind.CREDIT_NOTE, Kind.PAYMENT, Kind.RETURNED_PAYMENT):
            customer = case.settled((Kind.CUSTOMER, record.customer))  # type: ignore[union-attr]
            assert customer is not None
            amount = record.total if getattr(record, "cancelled", False) else owed(record)  # type: ignore[union-attr]
            by_rows[customer.ledger_id] += amount  # type: ignore[assignment]
    by_hand = by_query["M0009"] - by_rows["M0009"]
    assert by_hand == Decimal("206.96"), "one invoice was booked by hand and never came from the source"
    del by_query["M0009"], by_rows["M0009"]
    assert {k: v for k, v in by_query.items() if v} == {k: v for k, v in by_rows.items() if v}


def test_the_deliberate_mistakes_and_nothing_else_failed(
    synced: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every mistake of the sample carries a reason and a fix in its row; every other row is Transfer Completed."""
    copy_of(synced, tmp_path / "demo", monkeypatch)
    book = FileBook(load(COMPANY).workbook)
    expected = {(kind, key) for kind, key, _, _ in EXPECTED}
    for table, kind in ((ACCOUNTS, Kind.CUSTOMER), (INVOICES, None), (PAYMENTS, Kind.PAYMENT)):
        for row in book.read(table).rows:
            values = {column: text_of(value) for column, value in row.values.items()}
            known = kind or Kind(values["kind"].lower().replace(" ", "_"))
            if (known, values["key"]) in expected:
                assert values["reason"], values
                assert values["fix"], values
            else:
                assert values["reason"] == "", values
                assert values["status"] in ("Transfer Completed", "To Be Transferred", "Do Not Sync")


def test_the_sync_reports_the_deliberate_mistakes_each_under_its_code(
    pulled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_of(pulled, tmp_path / "demo", monkeypatch)
    report = run_sync()
    records = [problem for problem in report.problems if problem.kind]
    assert {(p.kind, p.key, p.number, p.code) for p in records} == set(EXPECTED)
    assert all(problem.place is not None for problem in records)
    assert [problem.code for problem in report.problems if not problem.kind] == ["numbers_repeated"]
