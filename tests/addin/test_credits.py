"""Credit notes against their invoices, through the product: the ordinary refund leaves, more than a total does not."""

from __future__ import annotations

from decimal import Decimal

import pytest

from addin.usecases.check import check
from connectors.ledgers.beancount.connector import BeancountLedger
from connectors.ledgers.beancount.settings import BeancountSettings
from tests.addin.conftest import INVOICES, Association, add_invoice, documents_in

LATER = "2025-02-15"
"""After the payment of the fixture."""


def codes(association: Association) -> dict[str, str]:
    """The problems of a check, by the records that have them."""
    return {problem.key: problem.code for problem in association.run(check).problems}


def transferred(association: Association) -> set[str]:
    """The keys of what stands in the book after a sync."""
    association.sync()
    return {key for _, key in documents_in(association.folder / "book.beancount")}


@pytest.fixture
def association(association: Association) -> Association:
    """An invoice of 114.98 that its payment pays in full."""
    association.init()
    association.pull()
    return association


def test_an_invoice_that_was_paid_and_then_credited_in_full_leaves_the_customer_with_money(
    association: Association,
) -> None:
    """``trust.md`` 6: above the open balance the rest stays unapplied."""
    add_invoice(association, "C1", "C-1", kind="credit_note", invoice="I1", on=LATER)
    association.pull()
    assert codes(association) == {}
    assert transferred(association) == {"I1", "P1", "C1"}
    ledger = BeancountLedger(BeancountSettings(folder=association.folder))
    [aged] = ledger.aged_receivables(max(entry.date for entry in ledger._book.contents().transactions.values()))
    assert (aged.current, aged.total) == (Decimal("-114.98"), Decimal("-114.98"))
    assert "applied-amount-1: 114.98" in (association.folder / "passerelle.beancount").read_text()


def test_credits_of_more_than_their_invoice_are_refused_before_they_leave_with_both_figures(
    association: Association,
) -> None:
    """All of an invoice's are counted, what is transferred already too: each alone would do."""
    add_invoice(association, "C1", "C-1", kind="credit_note", invoice="I1", on=LATER)
    association.pull()
    assert transferred(association) == {"I1", "P1", "C1"}
    add_invoice(association, "C2", "C-2", kind="credit_note", invoice="I1", on=LATER)
    association.pull()
    [problem] = association.run(check).problems
    assert (problem.code, problem.key) == ("credit_over_total", "C2")
    assert {name: problem.params[name] for name in ("invoice", "credited", "total")} == {
        "invoice": "F-1", "credited": "229.96", "total": "114.98",
    }  # fmt: skip
    assert transferred(association) == {"I1", "P1", "C1"}
    assert "229.96" in association.row(INVOICES, "C2")["reason"]


def test_a_credit_that_stays_here_takes_nothing_from_its_invoice(association: Association) -> None:
    add_invoice(association, "C1", "C-1", kind="credit_note", invoice="I1", on=LATER)
    add_invoice(association, "C2", "C-2", kind="credit_note", invoice="I1", on=LATER)
    association.pull()
    assert codes(association) == {"C2": "credit_over_total"}
    association.type(INVOICES, "C1", status="Do Not Sync")
    assert codes(association) == {}
    assert transferred(association) == {"I1", "P1", "C2"}


def test_what_was_credited_is_not_paid_as_well(association: Association) -> None:
    """``books.md`` 5: an invoice of 114.98 whose credit of 114.98 is in the books takes no payment any more."""
    association.files["payments"].clear()
    association.files["allocations"].clear()
    add_invoice(association, "C1", "C-1", kind="credit_note", invoice="I1")
    association.pull()
    assert transferred(association) == {"I1", "C1"}
    association.add("payments", key="P2", date="2025-03-01", account="A1", currency="CAD", amount="114.98")
    association.add("allocations", payment="P2", invoice="I1", amount="114.98")
    association.pull()
    [problem] = [each for each in association.run(check).problems if each.key == "P2"]
    assert (problem.code, problem.column) == ("payment_over_open", "amount")
    assert (problem.params["paid"], problem.params["credited"]) == ("114.98", "114.98")
    assert transferred(association) == {"I1", "C1"}
