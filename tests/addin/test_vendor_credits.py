"""What a supplier takes off its bill (books.md, rules 1 and 5): a bill the other way round, applied to it or kept."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from addin.usecases.check import check
from addin.usecases.taxes import taxes
from addin.usecases.undo import Chosen, undo_transfer
from connectors.records import Kind
from tests.addin.conftest import INVOICES, Association
from tests.addin.test_disbursements import PRINTER, balances

OWED = PRINTER[1]


@pytest.fixture
def association(association: Association) -> Association:
    """A supplier with a bill of 114.98, taxes of 14.98 in it."""
    association.add("accounts", key="S1", number="2001", name="Imprimerie du Vieux-Quai", is_supplier="yes")
    association.add("gl_accounts", code="5100", name="Bureau")
    document(association, "B1", "supplier_invoice", "100.00", date="2025-01-20")
    association.init()
    return association


def document(association: Association, key: str, kind: str, net: str, **cells: str) -> None:
    """A bill or a credit of the supplier's, with GST and QST."""
    gst, qst = (str((Decimal(net) * rate).quantize(Decimal("0.01"))) for rate in (Decimal("0.05"), Decimal("0.09975")))
    tax = Decimal(gst) + Decimal(qst)
    total = str(Decimal(net) + tax)
    association.add("documents", **{"key": key, "kind": kind, "number": f"A-{key}", "date": "2025-02-01",
                                    "account": "S1", "currency": "CAD", "subtotal": net, "tax": str(tax),
                                    "total": total, "balance": total, **cells})  # fmt: skip
    association.add("lines", document=key, line="1", description="Affiches", amount=net, gl_account="5100")
    for code, amount in (("GST", gst), ("QST", qst)):
        association.add("document_taxes", document=key, tax=code, amount=amount, base=net)


def refusals(association: Association) -> list[tuple[str, str]]:
    """Keys and codes of what is told of the supplier's documents, but for balances."""
    association.pull()
    told = association.run(check).problems
    return [(each.key, each.code) for each in told if each.code != "balance_differs" and each.key[:1] in "BVP"]


def test_a_credit_leaves_with_its_bill_and_takes_off_what_is_owed_and_recovered(association: Association) -> None:
    document(association, "V1", "vendor_credit", "40.00", invoice="B1")
    association.pull()
    report = association.sync()
    assert report.counts["posted"][Kind.VENDOR_CREDIT] == 1
    there = balances(association)
    assert there[OWED] == Decimal("-68.99")
    row = association.row(INVOICES, "V1")
    assert (row["kind"], row["status"]) == ("Vendor credit", "Transfer Completed")
    assert row["reference"] == "A-V1"


def test_it_is_never_more_than_its_bill_nor_of_another_suppliers(association: Association) -> None:
    association.add("accounts", key="S2", number="2002", name="Traiteur", is_supplier="yes")
    document(association, "V1", "vendor_credit", "100.01", invoice="B1")
    document(association, "V2", "vendor_credit", "10.00", invoice="B1", account="S2", date="2025-01-25")
    assert sorted(refusals(association)) == [("V1", "credit_over_total"), ("V2", "invoice_of_another")]


def test_it_waits_for_its_bill_and_is_undone_before_it(association: Association) -> None:
    document(association, "V1", "vendor_credit", "40.00", invoice="B1")
    association.files["documents"][1]["sent"] = "no"
    assert ("V1", "invoice_not_transferred") in refusals(association)
    association.files["documents"][1]["sent"] = "yes"
    association.pull()
    association.sync()

    def undone(kind: Kind, number: str) -> list[str]:
        report = association.run(lambda session: undo_transfer(session, Chosen(kind=kind, numbers=[number])))
        return [problem.code for problem in report.problems]

    assert undone(Kind.SUPPLIER_INVOICE, "A-B1") == ["undo_applied"]
    assert undone(Kind.VENDOR_CREDIT, "A-V1") == []
    assert balances(association)[OWED] == Decimal("-114.98")
    assert undone(Kind.SUPPLIER_INVOICE, "A-B1") == []


def test_what_named_no_bill_stays_with_the_supplier_and_is_applied_later(association: Association) -> None:
    document(association, "V1", "vendor_credit", "40.00")
    association.pull()
    association.sync()
    association.files["documents"][-1]["invoice"] = "B1"
    association.pull()
    assert association.row(INVOICES, "V1")["status"] in ("To Be Transferred", "In Review")
    association.type(INVOICES, "V1", status="To Be Transferred")
    association.sync()
    assert association.row(INVOICES, "V1")["status"] == "Transfer Completed"
    assert balances(association)[OWED] == Decimal("-68.99")
    assert "applied" in (association.folder / "passerelle.beancount").read_text(encoding="utf-8")


def test_the_tax_that_was_recovered_goes_down_in_the_boxes(association: Association) -> None:
    for tax, registration in zip(association.files["taxes"], ("123456789 RT0001", "1012345678 TQ0001"), strict=True):
        tax["registration"] = registration
    document(association, "V1", "vendor_credit", "40.00", invoice="B1")
    association.pull()
    association.sync()
    rows = association.run(lambda session: taxes(session, date(2025, 1, 1), date(2025, 3, 31))).facts["boxes"]
    assert isinstance(rows, list)
    found = {row["box"]: row["amount"] for row in rows}
    assert {box: found[box] for box in ("106", "108", "206", "208")} == {
        "106": "3.00", "108": "3.00", "206": "5.99", "208": "5.99"
    }  # fmt: skip
