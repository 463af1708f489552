"""A document's own balance beside its total, its payments and its credits (trust, § 7)."""

from __future__ import annotations

import pytest

from addin.usecases.check import check
from connectors.problems import Problem
from connectors.records import Kind
from tests.addin.conftest import INVOICES, Association, add_invoice


def told(association: Association) -> list[Problem]:
    """What a check says of balances, once the association is made and pulled."""
    association.init()
    association.pull()
    wanted = ("balance_", "paid_without", "payment_not")
    return [problem for problem in association.run(check).problems if problem.code.startswith(wanted)]


def pay(association: Association, key: str, amount: str) -> None:
    association.add("payments", key=f"P-{key}", number=f"R-{key}", date="2025-02-01", account="A1", currency="CAD",
                    amount=amount, method="cheque")  # fmt: skip
    association.add("allocations", payment=f"P-{key}", invoice=key, amount=amount)


@pytest.mark.parametrize("balance", ["0.00", "50.00", "114.98"])
def test_a_balance_that_payments_and_credits_do_not_leave_is_told_with_the_figures(
    association: Association, balance: str
) -> None:
    add_invoice(association, "I2", "F-2", balance=balance)
    add_invoice(association, "C1", "N-1", kind="credit_note", invoice="I2", subtotal="10.00", tax="0.00", total="10.00")
    pay(association, "I2", "20.00")
    (problem,) = told(association)
    assert (problem.code, problem.number) == ("balance_differs", "F-2")
    assert problem.params == {"balance": balance, "total": "114.98", "paid": "30.00", "owed": "84.98"}


def test_a_balance_that_they_leave_is_not_told(association: Association) -> None:
    add_invoice(association, "I2", "F-2", balance="84.98")
    add_invoice(association, "C1", "N-1", kind="credit_note", invoice="I2", subtotal="10.00", tax="0.00", total="10.00")
    pay(association, "I2", "20.00")
    assert told(association) == []


def test_the_ordinary_refund_leaves_the_excess_of_a_credit_unapplied(association: Association) -> None:
    """An invoice that was paid and then credited is owed nothing; what is too much stays on account."""
    add_invoice(association, "C1", "N-1", kind="credit_note", invoice="I1")
    assert told(association) == []


def test_a_cancelled_credit_takes_nothing_off(association: Association) -> None:
    add_invoice(association, "I2", "F-2", balance="114.98")
    add_invoice(association, "C1", "N-1", kind="credit_note", invoice="I2", cancelled="yes")
    assert told(association) == []


def test_a_paid_invoice_without_a_payment_is_told_and_leaves(association: Association) -> None:
    add_invoice(association, "I2", "F-2", balance="0.00")
    assert [problem.code for problem in told(association)] == ["paid_without_payment"]
    report = association.sync()
    assert report.counts["posted"][Kind.INVOICE] == 2
    assert "shows no payment" in association.row(INVOICES, "I2")["reason"]


def test_a_paid_invoice_whose_payment_is_not_shown_does_not_leave_where_payment_is_asked_for(
    association: Association,
) -> None:
    """Membri 365, "Synchronize subscriptions and renewals when paid": the balance alone is a claim."""
    association.settings["all_when_paid"] = "yes"
    add_invoice(association, "I2", "F-2", balance="0.00")
    assert [problem.code for problem in told(association)] == ["payment_not_shown"]
    report = association.sync()
    assert report.counts["held"] == {Kind.INVOICE: 1}
    assert association.row(INVOICES, "I2")["status"] == "To Be Transferred"
    pay(association, "I2", "114.98")
    association.pull()
    assert association.sync().counts["posted"][Kind.INVOICE] == 1


@pytest.mark.parametrize("balance", ["-0.01", "114.99"])
@pytest.mark.parametrize("kind", ["invoice", "supplier_invoice"])
def test_a_negative_balance_or_one_beyond_the_total_is_told(association: Association, balance: str, kind: str) -> None:
    add_invoice(association, "I2", "F-2", kind=kind, balance=balance)
    (first, *_) = told(association)
    assert first.code == "balance_impossible"
    assert first.params == {"balance": balance, "total": "114.98"}


def test_a_negative_balance_that_payments_make_is_told_of_the_payment_alone(association: Association) -> None:
    """The sample's F25-0339: a payment gives it 50.00 more than its total."""
    add_invoice(association, "I2", "F-2", balance="-50.00")
    pay(association, "I2", "164.98")
    assert told(association) == []
    assert [problem.code for problem in association.run(check).problems] == ["payment_over_balance"]


def test_a_source_without_payments_says_nothing_of_them(association: Association) -> None:
    """Membri 365 with Sage 50: payments are made in the ledger."""
    association.files.pop("payments")
    association.files.pop("allocations")
    assert told(association) == []
