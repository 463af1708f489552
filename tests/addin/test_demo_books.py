"""The books that stand-ins start the demo with are those of the plain-text book, entry by entry."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from beancount import loader
from beancount.core import data

from connectors.double_entry import legs
from connectors.sources.files.sample import refer, write_sample
from connectors.sources.files.sample_books import by_hand, kept

RECEIVABLE = "Assets:AccountsReceivable"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_sample(tmp_path)
    return tmp_path


@pytest.fixture
def entries(folder: Path) -> data.Entries:
    entries, errors, _ = loader.load_file(str(folder / "book.beancount"))
    assert errors == []
    return entries


def opened(entries: data.Entries) -> Iterator[data.Open]:
    return (entry for entry in entries if isinstance(entry, data.Open))


def test_accounts_and_customers_are_those_of_the_book(folder: Path, entries: data.Entries) -> None:
    lists = kept(folder)
    accounts = {entry.meta["code"]: entry.meta["name"] for entry in opened(entries) if "code" in entry.meta}
    customers = {e.account.rpartition(":")[2]: e.meta["name"] for e in opened(entries) if "code" not in e.meta}
    assert {account.code: account.name for account in lists.accounts} == accounts
    assert {customer.reference: customer.name for customer in lists.customers} == customers


def test_invoices_that_a_person_booked_are_those_of_the_book(folder: Path, entries: data.Entries) -> None:
    """Each with its date, number, customer and the amount on each account; entries without a number are no invoices."""
    codes = {entry.account: entry.meta.get("code", "1100") for entry in opened(entries)}
    booked = {
        (entry.date, entry.meta["number"], leg.account.rpartition(":")[2] if RECEIVABLE in leg.account else "",
         codes[leg.account], leg.units.number)
        for entry in entries if isinstance(entry, data.Transaction) and "number" in entry.meta
        for leg in entry.postings
    }  # fmt: skip
    ours = {
        (p.record.date, p.record.number, leg.customer, leg.account, leg.amount)  # type: ignore[union-attr] # invoices
        for p in by_hand()
        for leg in legs(p, kept(folder))
    }
    assert ours == booked
    assert sum((leg[-1] for leg in ours if leg[2]), Decimal(0)) == Decimal("4892.65")
    assert {posting.key for posting in by_hand()} == {""}, "none of them bears a key of ours"


def test_a_product_without_an_account_in_the_books_is_not_in_them(folder: Path) -> None:
    lists = kept(folder)
    assert "NEW-KIT" not in {item.code for item in lists.items}
    assert {item.account for item in lists.items} <= {account.code for account in lists.accounts}


def test_a_ledgers_own_references_take_the_place_of_the_books(folder: Path) -> None:
    before = (folder / "source" / "accounts.csv").read_bytes()
    refer(folder, {})
    assert (folder / "source" / "accounts.csv").read_bytes() == before
    refer(folder, {"M0003": "58", "SO-2024-01": "account.move,3"})
    with (folder / "source" / "accounts.csv").open(encoding="utf-8", newline="") as file:
        linked = {row["key"]: row["sync_reference"] for row in csv.DictReader(file) if row["sync_reference"]}
    with (folder / "source" / "documents.csv").open(encoding="utf-8", newline="") as file:
        booked = [row["sync_reference"] for row in csv.DictReader(file) if row["sync_reference"]]
    assert linked == {"A0001": "58", "A0002": "M0007", "A0003": "M0012"}
    assert "account.move,3" in booked
    assert "SO-2024-01" not in booked
    assert "SO-2024-02" in booked
