"""A ledger that keeps each customer in one currency (QuickBooks Online): who is made in which, and what Check knows
before anything leaves (books.md, rule 8).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from addin.session import Session
from addin.usecases.check import check
from addin.usecases.reconcile import reconcile
from tests.addin.audited import TODAY, Audited, company
from tests.auditor.writing import Writer
from workbook.file.file_book import FileBook
from workbook.layout import RECONCILIATION
from workbook.review import text_of

USD = {"currency": "USD", "rate": "1.35"}
ON, SALE = "2024-02-01", ("4200", "100.00")


@pytest.fixture
def source() -> Writer:
    """One who is billed in dollars alone, and one in both."""
    w = Writer("K")
    abroad, both = w.party(), w.party()
    w.invoice(abroad, ON, SALE, **USD)
    w.invoice(both, ON, SALE)
    w.invoice(both, ON, SALE, **USD)
    return w


@pytest.fixture
def kept(tmp_path: Path, source: Writer) -> Iterator[Audited]:
    with company(tmp_path, "quickbooks-online", source) as audited:
        yield audited


def told(audited: Audited) -> dict[str, str]:
    """What Check says against records, by their keys."""
    with Session.open(audited.profile, FileBook(audited.profile.workbook), "check", TODAY) as session:
        return {each.key: each.code for each in check(session).problems if each.column == "currency"}


def test_an_account_is_made_in_the_currency_of_what_leaves_for_it(kept: Audited, source: Writer) -> None:
    """The dollars of the one that has both are refused before anything is sent: its own currency is the company's."""
    dollars = source.tables["documents"][2]["key"]
    assert told(kept) == {dollars: "account_in_another_currency"}
    kept.sync(source)
    assert kept.told == {("invoice", dollars): {"account_in_another_currency"}}
    assert {key for kind, key in kept.posted if kind == "invoice"} == {
        source.tables["documents"][0]["key"], source.tables["documents"][1]["key"],
    }  # fmt: skip


def test_what_an_account_is_kept_in_is_known_from_the_last_pull(kept: Audited, source: Writer) -> None:
    kept.sync(source)
    late = source.invoice(source.tables["accounts"][0]["key"], "2024-03-01", SALE)
    money = source.payment(source.tables["accounts"][0]["key"], "2024-03-01", "5.00")
    source.write(kept.folder / "source")
    kept._as("pull", TODAY)
    refused = told(kept)
    assert (refused[late], refused[money]) == ("account_in_another_currency", "account_in_another_currency")


def test_what_is_owed_in_dollars_is_compared_in_dollars(kept: Audited, source: Writer) -> None:
    kept.sync(source)
    with Session.open(kept.profile, book := FileBook(kept.profile.workbook), "reconcile", TODAY) as session:
        reconcile(session)
    rows = [row.values for row in book.read(RECONCILIATION).rows if text_of(row.values["what"]) == "Receivable"]
    compared = {text_of(row["account"]): (row["source_balance"], row["ledger_balance"]) for row in rows}
    dollars = [balances for name, balances in compared.items() if "AK001" in name and "USD" in name]
    assert dollars == [(Decimal("114.98"), Decimal("114.98"))]
