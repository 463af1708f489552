"""Generated books, synced now and then through the product: after each sync the ledger's own journal is the auditor's.

A record that the auditor lets in and the product holds has to be told of; whether it is right that it stays out is the
reader's to judge, so it is left out of the auditor's books for that sync.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.addin.audited import ASSOCIATION, CLOSED, Audited, company
from tests.addin.ledger_reports import booked, sums
from tests.auditor.history import History
from tests.auditor.lives import BESIDE, DUES, EVERYTHING, PURCHASES, SALES, Event, Lives, Synced, events
from tests.auditor.reports import by_party, trial_balance
from tests.auditor.source import Source

FEW = settings(
    max_examples=2, derandomize=True, database=None, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
"""Of which the first is the smallest there is."""
MANY = settings(FEW, max_examples=int(os.environ.get("PASSERELLE_LIVES", "50")))
"""Two hundred books of the four kinds together; of each kind on demand."""


def audit(lives: Sequence[Event]) -> None:
    """Play a life on the plain-text book and compare after each of its syncs."""
    played, history = Lives(CLOSED), History(ASSOCIATION)
    with tempfile.TemporaryDirectory() as folder, company(Path(folder), "beancount", played.source) as audited:
        audited.put({}, ASSOCIATION.fees)
        for moment in played.play(lives):
            audited.set(closing_date=moment.closed.isoformat())
            audited.sync(played.source, moment.on)
            compare(audited, history, moment)


def compare(audited: Audited, history: History, moment: Synced) -> None:
    """What stands in the ledger against what the auditor lets stand there."""
    source = Source.read(audited.folder / "source")
    entries = history.sync(source, moment.on, moment.closed, absent=audited.told.keys() - history.booked.keys())
    names = {row["key"]: row["name"] for row in source.rows("accounts")}
    lines = booked(audited.folder, "beancount")
    there = {key for key in audited.posted if key[0] != "customer" and "/" not in key[1]}
    here = {key for key in history.booked if "/" not in key[1]}
    assert there == here, told(audited, history, there ^ here)
    assert sums((line.account, line.amount) for line in lines) == trial_balance(entries), moment
    for account in (ASSOCIATION.receivable, ASSOCIATION.payable):
        theirs = sums((line.party, line.amount) for line in lines if line.account == account)
        assert theirs == {names[party]: owed for party, owed in by_party(entries, account).items()}


def told(audited: Audited, history: History, keys: set[tuple[str, str]]) -> str:
    """What both say of some records."""
    return "; ".join(f"{key}: auditor {history.refused.get(key)}, told {audited.told.get(key)}" for key in sorted(keys))


@FEW
@given(lives=events(SALES))
def test_sales_payments_and_credits_in_any_order(lives: list[Event]) -> None:
    audit(lives)


@pytest.mark.long
@MANY
@given(lives=events(SALES))
def test_many_lives_of_sales(lives: list[Event]) -> None:
    audit(lives)


@FEW
@given(lives=events((*BESIDE, *BESIDE, "invoice", "invoice", "dues", "credit", "sync")))
def test_fees_and_discounts_beside_payments(lives: list[Event]) -> None:
    audit(lives)


@FEW
@given(lives=events((*PURCHASES, "invoice", "on_account")))
def test_bills_and_disbursements_while_periods_close(lives: list[Event]) -> None:
    audit(lives)


@pytest.mark.long
@MANY
@given(lives=events((*PURCHASES, "invoice", "on_account", "pay_all")))
def test_many_lives_of_purchases(lives: list[Event]) -> None:
    audit(lives)


@pytest.mark.long
@MANY
@given(lives=events(DUES))
def test_many_lives_of_dues(lives: list[Event]) -> None:
    audit(lives)


@pytest.mark.long
@MANY
@given(lives=events(EVERYTHING, most=24))
def test_many_lives_of_everything(lives: list[Event]) -> None:
    audit(lives)
