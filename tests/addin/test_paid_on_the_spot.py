"""A sales receipt and a refund are paid by a method, as a payment is: it is mapped, and goes to the ledger."""

from decimal import Decimal

import pytest

from addin.texts import what
from connectors.records import Kind
from tests.addin.conftest import INVOICES, add_invoice
from tests.addin.test_proposals import company  # noqa: F401 - a fixture
from workbook.layout import METHOD_MAP

ENTITIES = {"sales_receipt": "SalesReceipt", "refund": "RefundReceipt"}


@pytest.mark.parametrize("kind", ENTITIES)
def test_its_method_is_mapped_and_sent_and_without_a_mapping_it_does_not_leave(company, kind):  # noqa: F811
    """``connectors/ledgers/quickbooks_online``: ``PaymentMethodRef`` of both (api-reference of either entity)."""
    company.add("methods", code="carte", name="Carte de crédit")
    add_invoice(company, "S1", "V-1", kind=kind, method="carte")
    company.pull()
    [problem] = company.sync().problems
    assert (problem.code, problem.key) == ("method_not_mapped", "S1")
    assert what("en", problem) in company.row(INVOICES, "S1")["reason"]
    assert company.harness.query(ENTITIES[kind]) == []
    company.type(METHOD_MAP, "carte", ledger_code="Visa")
    company.type(INVOICES, "S1", status="To Be Transferred")
    assert company.sync().counts["posted"] == {Kind(kind): 1}
    [body] = company.harness.query(ENTITIES[kind])
    [visa] = [method["Id"] for method in company.harness.query("PaymentMethod") if method["Name"] == "Visa"]
    assert (body["PaymentMethodRef"]["value"], body["TotalAmt"]) == (visa, Decimal("114.98"))
