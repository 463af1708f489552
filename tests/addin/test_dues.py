"""Dues in advance over the product: what is told of schedules and of dues, and what stands in the book.

Books that an auditor signs, rules 2 and 3; the amounts and dates themselves are in ``test_deferral_steps.py``.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from beancount import loader
from beancount.core import data

from addin.usecases.check import check
from addin.usecases.pull import pull
from addin.usecases.sync import sync
from addin.usecases.undo import Chosen, undo_transfer
from connectors.problems import Problem
from connectors.records import Kind
from tests.addin.conftest import Association, add_invoice
from workbook.layout import ENTRIES, SETTINGS_TABLE

MARCH = date(2025, 3, 15)


@pytest.fixture
def dues(association: Association) -> Association:
    """100.00 of dues for the year 2025 on 2400, paid in full on the 1st of February, pulled and synced in March."""
    association.files["lines"][0]["gl_account"] = "2400"
    association.add("gl_accounts", code="2400", name="Cotisations reportées")
    association.add("schedules", key="S1", invoice="I1", line="1", start="2025-01-01", months="10", amount="100.00",
                    deferred_account="2400", revenue_account="4100")  # fmt: skip
    association.init()
    association.pull()
    return association


def synced(association: Association, on: date = MARCH) -> Counter[str]:
    """Pull and sync on a day; what leaves."""
    association.write()
    association.run(pull, on)
    return Counter(association.run(sync, on).counts["posted"])


def recognised(association: Association) -> list[tuple[str, str, str]]:
    """Number, date and what becomes revenue of each entry in the book."""
    entries, errors, _ = loader.load_file(str(association.folder / "book.beancount"))
    assert errors == []
    ours = [entry for entry in entries if isinstance(entry, data.Transaction) and "key" in entry.meta]
    return [
        (entry.meta["number"], str(entry.date), str(sum((-leg.units.number for leg in entry.postings
                                                       if leg.account.startswith("Income")), Decimal(0))))
        for entry in ours if entry.meta["kind"] == "journal_entry"
    ]  # fmt: skip


def told(association: Association, code: str, on: date = MARCH) -> list[Problem]:
    return [problem for problem in association.run(check, on).problems if problem.code == code]


def test_a_credit_takes_back_what_was_recognised_and_the_row_says_why(dues: Association) -> None:
    synced(dues)
    before = recognised(dues)
    assert before == [
        ("F-1-2025-01", "2025-02-01", "10.00"), ("F-1-2025-02", "2025-02-01", "10.00"),
        ("F-1-2025-03", "2025-03-01", "10.00"),
    ]  # fmt: skip
    add_invoice(dues, "C1", "C-1", kind="credit_note", invoice="I1", on="2025-03-10")
    dues.files["lines"][1]["gl_account"] = "2400"
    assert synced(dues)[Kind.JOURNAL_ENTRY] == 1
    assert recognised(dues) == [*before, ("F-1-2025-03.1", "2025-03-10", "-30.00")]
    assert dues.row(ENTRIES, "S1/2025-03.1#1")["memo"] == "F-1: taken back, as C-1 of 2025-03-10 credits it"
    assert dues.row(ENTRIES, "S1/2025-01#1")["status"] == "Transfer Completed"
    assert synced(dues, date(2026, 1, 31))[Kind.JOURNAL_ENTRY] == 0


def test_a_closed_month_comes_with_the_next_pull_on_the_first_open_day(dues: Association) -> None:
    """It was stuck for ever, in a period that is closed."""
    dues.files["payments"][0]["date"] = "2025-02-20"
    assert synced(dues, date(2025, 2, 20))[Kind.JOURNAL_ENTRY] == 1
    ledger = {**dues.profile.ledger_settings, "closing_date": "2025-03-31"}
    dues.profile.model_copy(update={"ledger_settings": ledger}).save()
    april = date(2025, 4, 2)
    assert "period_closed" in {problem.code for problem in dues.run(sync, april).problems}
    assert synced(dues, april)[Kind.JOURNAL_ENTRY] == 1
    assert recognised(dues) == [
        ("F-1-2025-02.1", "2025-02-20", "20.00"), ("F-1-2025-04", "2025-04-01", "10.00"),
        ("F-1-2025-03", "2025-04-01", "10.00"),
    ]  # fmt: skip
    assert dues.row(ENTRIES, "S1/2025-03#1")["memo"] == "F-1 3/10 (2025-03)"


def test_dues_without_a_payment_are_no_revenue_and_are_listed_once_their_months_are_over(dues: Association) -> None:
    dues.files["allocations"].clear()
    dues.files["documents"][0]["balance"] = "0.00"
    synced(dues)
    assert recognised(dues) == []
    assert told(dues, "dues_unpaid_after_term", date(2025, 10, 31)) == []
    [problem] = told(dues, "dues_unpaid_after_term", date(2025, 11, 1))
    assert dict(problem.params) == {
        "document": "F-1", "line": "1", "customer": "Club d'échecs de l'Île", "amount": "100.00 CAD", "account": "2400",
        "date": "2025-11-01",
    }  # fmt: skip


@pytest.mark.parametrize("amount", ["90.00", "110.00"])
def test_a_schedule_that_is_not_its_line_recognises_nothing_and_says_both_figures(
    dues: Association, amount: str
) -> None:
    dues.files["schedules"][0]["amount"] = amount
    assert synced(dues) == {Kind.CUSTOMER: 1, Kind.INVOICE: 1, Kind.PAYMENT: 1}
    problem = told(dues, "schedule_differs")[0]
    assert (problem.kind, problem.params["scheduled"], problem.params["amount"]) == (
        Kind.JOURNAL_ENTRY, amount, "100.00",
    )  # fmt: skip
    assert amount in dues.row(ENTRIES, "S1/2025-01#1")["reason"]
    dues.files["schedules"][0]["amount"] = "100.00"
    assert synced(dues)[Kind.JOURNAL_ENTRY] == 3


def test_two_schedules_on_one_line_recognise_nothing(dues: Association) -> None:
    dues.add("schedules", **{**dues.files["schedules"][0], "key": "S2"})
    assert synced(dues)[Kind.JOURNAL_ENTRY] == 0
    assert {problem.key for problem in told(dues, "schedules_on_one_line")} >= {"S1/2025-01", "S2/2025-01"}
    assert "S1 (100.00), S2 (100.00)" in dues.row(ENTRIES, "S2/2025-01#1")["reason"]


def test_a_changed_schedule_names_what_was_transferred_and_offers_both_ways(dues: Association) -> None:
    synced(dues)
    dues.files["schedules"][0]["months"] = "2"
    dues.pull()
    [problem] = told(dues, "schedule_changed")
    assert problem.params["numbers"] == "F-1-2025-01, F-1-2025-02, F-1-2025-03"
    assert problem.params["amount"] == "70.00"
    dues.run(lambda session: undo_transfer(session, Chosen(kind=Kind.JOURNAL_ENTRY, numbers=[
        "F-1-2025-01", "F-1-2025-02", "F-1-2025-03"])))  # fmt: skip
    dues.pull()
    assert told(dues, "schedule_changed") == []
    assert dues.row(ENTRIES, "S1/2025-02#1")["debit"] == "50"


def test_a_company_may_recognise_in_proportion_to_what_is_paid(dues: Association) -> None:
    dues.files["payments"][0]["amount"] = dues.files["allocations"][0]["amount"] = "57.49"
    assert synced(dues)[Kind.JOURNAL_ENTRY] == 0
    dues.type(SETTINGS_TABLE, "recognise", value="En proportion de ce qui est payé")
    assert synced(dues)[Kind.JOURNAL_ENTRY] == 3
    assert [revenue for _, _, revenue in recognised(dues)] == ["5.00", "5.00", "5.00"]
