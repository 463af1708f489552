"""The demo's book equals what an auditor makes of the source's files, account by account and party by party."""

from __future__ import annotations

import ast
import csv
from calendar import monthrange
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from addin.profile import load
from addin.session import Session
from addin.sync.tax_boxes import period
from addin.usecases.demo import COMPANY
from tests import auditor
from tests.addin.audited import ASSOCIATION, CLOSED, TODAY
from tests.addin.conftest import copy_of
from tests.addin.ledger_reports import Balances, booked, sums
from tests.auditor.books import Auditor
from tests.auditor.changes import boxes
from tests.auditor.entries import DoubleEntry, Entry
from tests.auditor.reports import by_party, trial_balance, unbalanced
from tests.auditor.source import ZERO, Source, amount
from tests.connectors.sources.sample_problems import EXPECTED
from workbook.file.file_book import FileBook

MONTHS = [date(year, month, monthrange(year, month)[1]) for year in (2024, 2025) for month in range(1, 13)]


def told(folder: Path) -> set[tuple[str, str]]:
    """The records of which the source was told that they are in the ledger."""
    with (folder / "source" / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        return {(row["kind"], row["key"]) for row in csv.DictReader(file) if row["status"] == "completed"}


@cache
def transferred(folder: Path, until: date = TODAY) -> tuple[Entry, ...]:
    """What the ledger is told to have of the source, as the auditor books it; what the book had before apart."""
    source = Source.read(folder / "source")
    records, before = {(each.kind, each.key) for each in DoubleEntry(source, ASSOCIATION)}, kept_before(folder)
    there = told(folder) | {("invoice", key) for key in before}
    auditor = Auditor(source, ASSOCIATION, closed=CLOSED, booked=there, absent=records - there)
    return tuple(each for each in auditor.entries(until) if each.is_revenue or each.key not in before)


def kept_before(folder: Path) -> set[str]:
    """The invoices that the book had before us."""
    return {row["key"] for row in Source.read(folder / "source").rows("documents") if row["sync_reference"]}


def in_the_book(folder: Path, until: date) -> Balances:
    """What our file adds to each account by a day."""
    return sums((line.account, line.amount) for line in booked(folder, "beancount") if line.on <= until)


def test_the_auditor_knows_nothing_of_the_product() -> None:
    for path in Path(auditor.__file__).parent.glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        names += [name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names]
        known = ("addin", "workbook", "connectors", "tests.addin", "tests.connectors")
        assert not [name for name in names if name.startswith(known)], path.name


def test_every_account_and_party_of_the_demos_book_is_the_auditors(synced: Path) -> None:
    entries, lines = transferred(synced), booked(synced, "beancount")
    assert len(entries) > 1_500
    assert unbalanced(entries) == {}
    assert sums((line.account, line.amount) for line in lines) == trial_balance(entries)
    for account in (ASSOCIATION.receivable, ASSOCIATION.payable):
        theirs = sums((line.party, line.amount) for line in lines if line.account == account)
        assert sorted(theirs.values()) == sorted(by_party(entries, account).values())


@pytest.mark.long
def test_every_account_is_the_auditors_at_the_end_of_every_month(synced: Path) -> None:
    entries = transferred(synced)
    apart = {day: (in_the_book(synced, day), trial_balance(entries, day)) for day in MONTHS}
    assert {f"{day}": both for day, both in apart.items() if both[0] != both[1]} == {}


@pytest.mark.long
def test_the_tax_boxes_of_every_quarter_are_the_auditors(
    synced: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rule 9: opening balances are of none, the sponsor's US dollars at their rate."""
    copy_of(synced, tmp_path / "demo", monkeypatch)
    source, there = Source.read(synced / "source"), told(synced)
    absent = {(each.kind, each.key) for each in DoubleEntry(source, ASSOCIATION)} - there
    books = Auditor(source, ASSOCIATION, closed=CLOSED, booked=there, absent=absent)
    profile = load(COMPANY)
    with Session.open(profile, FileBook(profile.workbook), "taxes", TODAY) as session:
        case, _ = session.case()
        for first, last in ((MONTHS[at].replace(day=1), MONTHS[at + 2]) for at in range(0, 24, 3)):
            shown = [dict(each.boxes) for each in period(case, first, last).returns]
            assert shown[0] | shown[1] == boxes(books, first, last), first


def test_what_was_not_transferred_is_what_the_sample_gets_wrong_on_purpose(synced: Path) -> None:
    """And what the book had before, and the invoice of zero, which the demo marks Do Not Sync."""
    auditor = Auditor(Source.read(synced / "source"), ASSOCIATION, closed=CLOSED)
    every = {(entry.kind, entry.key) for entry in auditor.records if entry.legs[0].amount}
    there = {(entry.kind, entry.key) for entry in transferred(synced)}
    wrong = {(kind, key) for kind, key, _, _ in EXPECTED}
    before = {("invoice", key) for key in kept_before(synced)}
    assert every - there - before == (wrong & every) - before
    assert auditor.refused.keys() <= wrong


def test_dues_in_advance_become_revenue_as_far_as_they_are_paid(synced: Path) -> None:
    """When all months are over, what is left in advance is the lines of dues that nobody has paid."""
    there = {entry.key for entry in transferred(synced)}
    documents = {row["key"]: row for row in Source.read(synced / "source").rows("documents")}
    lines = [
        row for row in Source.read(synced / "source").rows("lines")
        if row["gl_account"] == "2400" and row["document"] in there
    ]  # fmt: skip
    unpaid = sum((amount(row["amount"]) for row in lines if amount(documents[row["document"]]["balance"])), ZERO)
    assert unpaid == Decimal("11880.00")
    assert in_the_book(synced, date(2025, 12, 31))["2400"] == -unpaid
