"""Undoing what lies in a closed or filed period reverses it today and leaves that period alone (books.md, rule 10)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from beancount import loader
from beancount.core.data import Transaction

from addin.usecases.report import Report
from addin.usecases.undo import Chosen, undo_preview, undo_transfer
from connectors.ledgers.beancount.connector import BeancountLedger
from connectors.records import Kind
from tests.addin.conftest import INVOICES, TODAY, Association, add_invoice
from tests.addin.test_amended_later import close
from workbook.layout import SETTINGS_TABLE

F2 = Chosen(kind=Kind.INVOICE, numbers=["F-2"])
THEN = date(2025, 12, 31)


@pytest.fixture
def association(association: Association) -> Association:
    """A paid invoice and an open one of January 2025, both in the ledger."""
    add_invoice(association, "I2", "F-2", balance="114.98")
    association.init()
    association.pull()
    assert association.sync().problems == ()
    return association


def undo(association: Association) -> Report:
    """Undo the open invoice."""
    return association.run(lambda session: undo_transfer(session, F2))


def preview(association: Association) -> Report:
    """What undoing it would do."""
    return association.run(lambda session: undo_preview(session, F2))


def codes(report: Report) -> list[str]:
    """What a report says."""
    return [problem.code for problem in report.problems]


def reversals(association: Association) -> list[date]:
    """The days of what takes something back; the book is sound."""
    entries, errors, _ = loader.load_file(str(association.folder / "book.beancount"))
    assert errors == []
    return [entry.date for entry in entries if isinstance(entry, Transaction) and "voids" in entry.meta]


def owed(association: Association, on: date) -> Decimal:
    """What the customer owes on a day."""
    with association.profile.open_ledger() as ledger:
        ledger.connect()
        return sum((aged.total for aged in ledger.aged_receivables(on)), Decimal(0))


def test_a_closed_period_stays_as_it_is_and_it_is_reversed_today(association: Association) -> None:
    close(association, THEN.isoformat())
    report = undo(association)
    assert report.counts["undone"] == {Kind.INVOICE: 1}
    assert reversals(association) == [TODAY]
    assert (owed(association, THEN), owed(association, TODAY)) == (Decimal("114.98"), Decimal(0))
    row = association.row(INVOICES, "I2")
    assert (row["status"], row["reference"]) == ("Stand By", "")


def test_it_is_shown_before_anything_happens(association: Association) -> None:
    close(association, THEN.isoformat())
    before = association.ledger_text()
    report = preview(association)
    [problem] = report.problems
    assert (problem.code, problem.params["date"], problem.params["on"]) == (
        "undo_reverses", "2025-01-15", TODAY.isoformat()
    )  # fmt: skip
    assert report.counts["undoable"] == {Kind.INVOICE: 1}
    assert association.ledger_text() == before
    assert association.row(INVOICES, "I2")["status"] == "Transfer Completed"


def test_in_an_open_period_it_is_undone_on_its_own_day(association: Association) -> None:
    assert codes(preview(association)) == []
    undo(association)
    assert reversals(association) == [date(2025, 1, 15)]
    assert owed(association, THEN) == 0


def test_what_was_filed_is_reversed_today_though_the_ledger_is_open(association: Association) -> None:
    association.type(SETTINGS_TABLE, "filed_until", value="2025-03-31")
    assert codes(preview(association)) == ["undo_reverses"]
    undo(association)
    assert reversals(association) == [TODAY]


def test_a_company_may_have_it_undone_on_its_own_day_or_not_at_all(association: Association) -> None:
    association.type(SETTINGS_TABLE, "undo_reverses_today", value="No")
    association.type(SETTINGS_TABLE, "filed_until", value="2025-03-31")
    assert codes(preview(association)) == []
    close(association, THEN.isoformat())
    assert "period_closed" in codes(undo(association))
    assert reversals(association) == []


def test_a_ledger_that_takes_nothing_back_later_is_left_alone(
    association: Association, monkeypatch: pytest.MonkeyPatch
) -> None:
    none = replace(BeancountLedger.capabilities, reverses=frozenset())
    monkeypatch.setattr(BeancountLedger, "capabilities", none)
    close(association, THEN.isoformat())
    assert codes(preview(association)) == ["undo_in_past"]
    assert "undo_in_past" in codes(undo(association))
    assert reversals(association) == []
    assert association.row(INVOICES, "I2")["status"] == "Transfer Completed"


def test_reversed_it_leaves_anew_once_it_is_dated_in_an_open_period(association: Association) -> None:
    close(association, THEN.isoformat())
    undo(association)
    association.files["documents"][1]["date"] = "2026-01-15"
    association.pull()
    association.type(INVOICES, "I2", status="To Be Transferred")
    assert association.sync().counts["posted"] == {Kind.INVOICE: 1}
    assert owed(association, TODAY) == Decimal("114.98")
