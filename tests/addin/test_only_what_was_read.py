"""Only what the last pull read leaves: anything else waits with its reason, until a person decides."""

from __future__ import annotations

import pytest

from addin.usecases.answering import confirm
from addin.usecases.check import check
from addin.usecases.report import Exit
from addin.usecases.undo import Chosen
from connectors.records import Kind
from tests.addin.conftest import INVOICES, Association, documents_in


@pytest.fixture
def invoice(association: Association) -> Association:
    """One invoice and nothing that pays it, pulled."""
    association.files["payments"].clear()
    association.files["allocations"].clear()
    association.init()
    association.pull()
    return association


def unread(invoice: Association, how: str) -> None:
    """Make the source's invoice one that the next pull cannot read, or does not see."""
    match how:
        case "amount":
            invoice.files["documents"][0]["total"] = "a hundred"
        case "currency":
            invoice.files["documents"][0]["currency"] = "DOLLARS"
        case "customer":
            invoice.files["documents"][0]["account"] = "A9"
        case "line":
            invoice.files["lines"][0]["amount"] = "x"
        case "left":
            for name, owner in (("documents", "key"), ("lines", "document"), ("document_taxes", "document")):
                invoice.files[name] = [row for row in invoice.files[name] if row[owner] != "I1"]
    invoice.pull()


WAYS = ["amount", "currency", "customer", "line", "left"]


@pytest.mark.parametrize("how", WAYS)
def test_what_was_not_read_again_waits_with_its_reason_and_the_run_ends_with_1(invoice: Association, how: str) -> None:
    unread(invoice, how)
    code = "left_source" if how == "left" else "not_read_again"
    for use_case in (lambda: invoice.run(check), invoice.sync):
        report = use_case()
        assert code in {problem.code for problem in report.problems}
        assert report.exit is Exit.NEEDS_A_PERSON
        row = invoice.row(INVOICES, "I1")
        assert row["status"] == "To Be Transferred"
        assert "waits" in row["reason"]
    assert not documents_in(invoice.folder / "book.beancount")


@pytest.mark.parametrize("how", WAYS)
def test_a_person_lets_it_leave_this_once_for_the_content_that_was_read(invoice: Association, how: str) -> None:
    unread(invoice, how)
    invoice.run(lambda session: confirm(session, Chosen(kind=Kind.INVOICE, numbers=["F-1"])))
    assert invoice.sync().counts["posted"] == {Kind.CUSTOMER: 1, Kind.INVOICE: 1}


def test_what_is_read_again_leaves(invoice: Association) -> None:
    unread(invoice, "amount")
    invoice.sync()
    invoice.files["documents"][0]["total"] = "114.98"
    invoice.pull()
    assert invoice.sync().counts["posted"] == {Kind.CUSTOMER: 1, Kind.INVOICE: 1}


def test_a_confirmation_is_for_one_content_alone(invoice: Association) -> None:
    unread(invoice, "left")
    invoice.run(lambda session: confirm(session, Chosen(kind=Kind.INVOICE, numbers=["F-1"])))
    add = {"key": "I1", "kind": "invoice", "number": "F-1", "date": "2025-01-16", "account": "A1", "currency": "CAD",
           "subtotal": "100.00", "tax": "14.98", "total": "114.98", "balance": "0.00"}  # fmt: skip
    invoice.files["documents"] = [add]
    invoice.files["lines"] = [{"document": "I1", "line": "1", "description": "Cotisation", "quantity": "1",
                               "unit_price": "100.00", "amount": "100.00", "gl_account": "4100", "tax_group": "QC",
                               "tax_amount": "14.98"}]  # fmt: skip
    taxes = (("GST", "5.00"), ("QST", "9.98"))
    invoice.files["document_taxes"] = [
        {"document": "I1", "tax": tax, "base": "100.00", "amount": amount} for tax, amount in taxes
    ]
    invoice.pull()
    unread(invoice, "left")
    assert invoice.sync().counts["posted"] == {}
