"""What a person keyed into QuickBooks Online is found before it is booked again; what is typed is looked up there."""

from __future__ import annotations

import pytest

from addin.usecases.answering import same_one, second_one
from addin.usecases.check import check
from addin.usecases.undo import Chosen
from connectors.records import Kind
from tests.addin.conftest import ACCOUNTS, INVOICES, PAYMENTS, add_invoice
from tests.addin.test_proposals import company, reference  # noqa: F401 - a fixture

ON = "2024-03-15"
"""The day on which the person at the ledger works."""


@pytest.mark.parametrize("number", ["F-9", "MAIN-9"])
def test_an_invoice_that_a_person_keyed_in_is_held_and_adopted(company, number):  # noqa: F811
    made = company.harness.add_invoice(reference(company, "A2"), "114.98", number)
    add_invoice(company, "I9", "F-9", "A2", on=ON, balance="114.98")
    company.pull()
    before = len(company.harness.query("Invoice"))
    assert ("already_booked", "I9") in {(p.code, p.key) for p in company.sync().problems}
    assert number in company.row(INVOICES, "I9")["reason"]
    company.run(lambda session: same_one(session, Chosen(kind=Kind.INVOICE, numbers=["F-9"])))
    assert company.row(INVOICES, "I9")["reference"] == number
    company.sync()
    assert len(company.harness.query("Invoice")) == before
    assert made


def test_a_payment_that_a_person_keyed_in_is_held_until_it_is_a_second_one(company):  # noqa: F811
    company.harness.add_payment(reference(company, "A2"), "60.00", "")
    company.add("payments", key="P9", number="R-9", date=ON, account="A2", currency="CAD", amount="60.00",
                method="cheque")  # fmt: skip
    company.pull()
    before = len(company.harness.query("Payment"))
    assert ("already_booked", "P9") in {(p.code, p.key) for p in company.sync().problems}
    assert company.row(PAYMENTS, "P9")["status"] == "To Be Transferred"
    company.run(lambda session: second_one(session, Chosen(kind=Kind.PAYMENT, numbers=["R-9"])))
    assert company.sync().counts["posted"] == {Kind.PAYMENT: 1}
    assert len(company.harness.query("Payment")) == before + 1


def test_an_invoice_that_is_a_second_one_leaves_under_the_same_number_too(company):  # noqa: F811
    """As the guide promises of "Second one" (first-sync), though QuickBooks warns of a number that is there."""
    company.harness.add_invoice(reference(company, "A2"), "114.98", "F-9")
    add_invoice(company, "I9", "F-9", "A2", on=ON, balance="114.98")
    company.pull()
    assert ("already_booked", "I9") in {(p.code, p.key) for p in company.sync().problems}
    company.run(lambda session: second_one(session, Chosen(kind=Kind.INVOICE, numbers=["F-9"])))
    company.sync()
    assert company.row(INVOICES, "I9")["status"] == "Transfer Completed"
    assert [body["DocNumber"] for body in company.harness.query("Invoice")].count("F-9") == 2


def test_a_typed_reference_is_looked_up_by_number_and_by_the_address_of_its_page(company):  # noqa: F811
    made = company.harness.add_invoice(reference(company, "A2"), "114.98", "MAIN-9")
    add_invoice(company, "I9", "F-9", "A2", on=ON, balance="114.98")
    company.pull()
    company.type(INVOICES, "I9", reference="NOPE")
    assert "reference_incorrect" in {p.code for p in company.run(check).problems}
    company.type(INVOICES, "I9", reference=f"https://qbo.intuit.com/app/invoice?txnId={made.partition(':')[2]}")
    company.run(check)
    row = company.row(INVOICES, "I9")
    assert (row["status"], row["reference"]) == ("Transfer Completed", "MAIN-9")


def test_an_account_is_typed_as_its_page_or_its_name(company):  # noqa: F811
    company.add("accounts", key="A5", number="A5", name="Là depuis toujours", email="x@example.org")
    company.add("accounts", key="A6", number="A6", name="Là depuis toujours ltée", email="x@example.org")
    company.pull()
    company.type(ACCOUNTS, "A5", reference=f"https://qbo.intuit.com/app/customerdetail?nameId={company.before}")
    company.run(check)
    assert company.row(ACCOUNTS, "A5")["reference"] == company.before
    company.type(ACCOUNTS, "A6", reference="Là depuis toujours")
    report = company.run(check)
    assert {p.key for p in report.problems if p.code == "account_linked_twice"} == {"A5", "A6"}
