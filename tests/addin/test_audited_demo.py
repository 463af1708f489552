"""The demo's book equals what an auditor makes of the source's files, account by account and party by party."""

from __future__ import annotations

import ast
import csv
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

from beancount import loader
from beancount.core import data

from tests import auditor
from tests.auditor.books import Auditor, Chart, Entry, by_party, trial_balance, unbalanced
from tests.auditor.source import ZERO, Source, amount
from tests.connectors.sources.sample_problems import EXPECTED

CHART = Chart(
    receivable="1100", payable="2100", bank="1050",
    taxes={"GST": "2310", "QST": "2320", "HST13": "2330", "HST15": "2330"},
)  # fmt: skip
"""The association's accounts, as its own book numbers them; money waits on 1050 until it is deposited."""


def transferred(folder: Path) -> list[Entry]:
    """What the source was told to be in the ledger, as the auditor books it; what the book had before apart."""
    source = Source.read(folder / "source")
    with (folder / "source" / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        told = {(row["kind"], row["key"]) for row in csv.DictReader(file) if row["status"] == "completed"}
    before = {row["key"] for row in source.rows("documents") if row["sync_reference"]}
    entries = Auditor(source, CHART).entries()
    return [each for each in entries if (each.kind, each.key) in told and each.key not in before]


def booked(folder: Path) -> tuple[dict[str, Decimal], dict[str, Decimal], dict[str, Decimal]]:
    """What our file adds to each account by its code, and to each receivable and payable sub-account."""
    entries, errors, _ = loader.load_file(str(folder / "book.beancount"))
    assert errors == []
    codes = {each.account: each.meta["code"] for each in entries if isinstance(each, data.Open) and "code" in each.meta}
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    parties: dict[str, dict[str, Decimal]] = {"1100": defaultdict(lambda: ZERO), "2100": defaultdict(lambda: ZERO)}
    for entry in entries:
        if not isinstance(entry, data.Transaction) or "key" not in entry.meta:
            continue
        for leg in entry.postings:
            parent, _, reference = leg.account.rpartition(":")
            code = codes.get(leg.account) or codes[parent]
            sums[code] += leg.units.number
            if code in parties:
                parties[code][reference if leg.account not in codes else ""] += leg.units.number
    trial = {code: balance for code, balance in sums.items() if balance}
    return trial, *({k: v for k, v in parties[code].items() if v} for code in ("1100", "2100"))


def test_the_auditor_knows_nothing_of_the_product() -> None:
    for path in Path(auditor.__file__).parent.glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        names += [name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names]
        assert not {name.partition(".")[0] for name in names} & {"addin", "workbook", "connectors"}, path.name


def test_every_account_of_the_demos_book_is_the_auditors(synced: Path) -> None:
    entries = transferred(synced)
    trial, receivable, payable = booked(synced)
    assert len(entries) > 1_500
    assert unbalanced(entries) == {}
    assert trial == trial_balance(entries)
    assert sorted(receivable.values()) == sorted(by_party(entries, CHART.receivable).values())
    assert sorted(payable.values()) == sorted(by_party(entries, CHART.payable).values())


def test_what_was_not_transferred_is_what_the_sample_gets_wrong_on_purpose(synced: Path) -> None:
    """And what the book had before, and the invoice of zero, which the demo marks Do Not Sync."""
    source = Source.read(synced / "source")
    every = {(entry.kind, entry.key) for entry in Auditor(source, CHART).entries() if entry.legs[0].amount}
    there = {(entry.kind, entry.key) for entry in transferred(synced)}
    wrong = {(kind, key) for kind, key, _, _ in EXPECTED}
    before = {(row["kind"], row["key"]) for row in source.rows("documents") if row["sync_reference"]}
    assert every - there - before == (wrong & every) - before


def test_dues_in_advance_become_revenue_as_far_as_they_are_paid(synced: Path) -> None:
    """When all months are over, what is left in advance is the lines of dues that nobody has paid."""
    source, entries = Source.read(synced / "source"), transferred(synced)
    there = {entry.key for entry in entries}
    documents = {row["key"]: row for row in source.rows("documents")}
    lines = [row for row in source.rows("lines") if row["gl_account"] == "2400" and row["document"] in there]
    unpaid = sum((amount(row["amount"]) for row in lines if amount(documents[row["document"]]["balance"])), ZERO)
    assert unpaid > 0
    assert trial_balance(entries, date(2025, 12, 31))["2400"] == -unpaid
