"""The boxes of GST34 and FPZ-500 from what is booked, against figures written by hand; and what leaves taxes in doubt.

Rules 4 and 9 of "Books that an auditor signs". Boxes: Canada Revenue Agency, "Instructions for preparing a GST/HST
return", and Revenu Québec, FPZ-500: 101 and 201 hold zero-rated and exempt sales too, and no taxes.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from addin.journal import State
from addin.sync.tax_boxes import FEDERAL, QUEBEC, period, program_of
from addin.usecases.check import check
from addin.usecases.report import Exit, Report
from addin.usecases.taxes import tax_boxes, taxes
from connectors.provinces import rates_in
from connectors.records import Tax, TaxCategory, TaxGroup
from connectors.source import SourceLists
from connectors.taxes import Rates
from tests.addin.cases import DAY, company, document, line, transfer
from tests.addin.conftest import Association, add_invoice
from workbook.layout import PERIOD, TAX_BOXES, TAX_DOUBTS, TAX_SALES

FIRST, LAST = date(2025, 1, 1), date(2025, 3, 31)


def untaxed(association: Association, key: str, amount: str, group: str, kind: str = "invoice") -> None:
    """A document of one line without tax, of a group that is made for it."""
    add_invoice(association, key, f"F-{key}", kind=kind, subtotal=amount, tax="0.00", total=amount,
                balance=amount if kind == "invoice" else "0.00")  # fmt: skip
    association.files["lines"][-1].update(unit_price=amount, amount=amount, tax_group=group, tax_amount="0.00")
    association.files["document_taxes"] = [row for row in association.files["document_taxes"] if row["document"] != key]


def taxed(association: Association, key: str, kind: str, account: str, amount: str, gst: str, qst: str) -> None:
    """A document of one line with GST and QST."""
    tax = Decimal(gst) + Decimal(qst)
    add_invoice(association, key, f"F-{key}", account, kind=kind, subtotal=amount, tax=str(tax),
                total=str(Decimal(amount) + tax), balance="0.00")  # fmt: skip
    association.files["lines"][-1].update(unit_price=amount, amount=amount, tax_amount=str(tax))
    for row in (row for row in association.files["document_taxes"] if row["document"] == key):
        row.update(amount={"GST": gst, "QST": qst}[row["tax"]], base=amount)


def quarter(association: Association) -> Report:
    """The boxes of the first quarter of 2025."""
    return association.run(lambda session: taxes(session, FIRST, LAST))


@pytest.fixture
def booked(association: Association) -> Association:
    """One of each: 100.00 taxed, 40.00 zero-rated, 30.00 exempt, 20.00 out of scope, 10.00 credited, 50.00 bought."""
    for tax, registration in zip(association.files["taxes"], ("123456789 RT0001", "1012345678 TQ0001"), strict=True):
        tax["registration"] = registration
    association.add("tax_groups", code="ZR", name="Détaxé", category="détaxé")
    association.add("tax_groups", code="EX", name="Exonéré")
    association.add("tax_groups", code="OS", name="Hors champ", category="out_of_scope")
    association.add("accounts", key="S1", number="9001", name="Papeterie", email="s@example.org", is_supplier="yes")
    untaxed(association, "Z1", "40.00", "ZR")
    untaxed(association, "X1", "30.00", "EX")
    untaxed(association, "O1", "20.00", "OS")
    taxed(association, "C1", "credit_note", "A1", "10.00", "0.50", "1.00")
    taxed(association, "B1", "supplier_invoice", "S1", "50.00", "2.50", "4.99")
    association.init()
    association.pull()
    association.sync()
    return association


def test_an_opening_balance_is_no_sale_of_its_day(association: Association) -> None:
    """What was owed when the books were opened was sold, and declared, before."""
    association.add("tax_groups", code="EX", name="Exonéré")
    untaxed(association, "O9", "500.00", "EX")
    association.init()
    for origin, sales in (("manual", "600.00"), ("opening_balance", "100.00")):
        association.files["documents"][-1]["origin"] = origin
        association.pull()
        association.sync()
        boxes = quarter(association).facts["boxes"]
        assert isinstance(boxes, list)
        assert {row["amount"] for row in boxes if row["box"] in ("101", "201")} == {sales}


def test_what_is_booked_goes_into_the_boxes_of_both_returns(booked: Association) -> None:
    report = quarter(booked)
    assert report.exit is Exit.DONE
    boxes = report.facts["boxes"]
    assert isinstance(boxes, list)
    assert {row["box"]: row["amount"] for row in boxes} == {
        "101": "160.00", "103": "4.50", "105": "4.50", "106": "2.50", "108": "2.50", "109": "2.00",
        "201": "160.00", "203": "8.98", "205": "8.98", "206": "4.99", "208": "4.99", "209": "3.99",
    }  # fmt: skip
    assert {row["registration"] for row in boxes if row["box"] in ("101", "109")} == {"123456789 RT0001"}
    assert {(row["category"], row["amount"]) for row in report.facts["sales"]} == {  # type: ignore[attr-defined]
        ("taxed", "90.00"), ("zero-rated", "40.00"), ("exempt", "30.00"), ("out of scope", "20.00"),
    }  # fmt: skip


def test_the_sheet_shows_the_boxes_of_its_period_and_withholds_them_where_a_document_is_in_doubt(
    booked: Association,
) -> None:
    booked.type(PERIOD, "Period", first=FIRST, last=LAST)
    assert booked.run(tax_boxes).exit is Exit.DONE
    shown = {row.values["box"]: row.values["amount"] for row in booked.book.read(TAX_BOXES).rows}
    boxes = quarter(booked).facts["boxes"]
    assert isinstance(boxes, list)
    assert {box: f"{amount:.2f}" for box, amount in shown.items()} == {row["box"]: row["amount"] for row in boxes}
    assert {row.values["first"] for row in booked.book.read(TAX_BOXES).rows} == {FIRST}
    assert len(booked.book.read(TAX_SALES).rows) == 4
    booked.files["documents"][0]["total"] = "114.99"
    booked.files["documents"][0]["tax"] = "14.99"
    booked.pull()
    booked.run(tax_boxes)
    assert [row for row in booked.book.read(TAX_BOXES).rows if row.values["box"]] == []
    [doubt] = booked.book.read(TAX_DOUBTS).rows
    assert (doubt.values["kind"], doubt.values["number"]) == ("Invoice", "F-1")
    assert doubt.values["reason"]
    assert doubt.values["fix"]


def test_the_plain_text_book_keeps_the_three_apart(booked: Association) -> None:
    text = "".join(path.read_text("utf-8") for path in Path(booked.folder).rglob("*.beancount"))
    found = [line.split('"')[1] for line in text.splitlines() if "tax-category:" in line]
    assert {found.count(word) for word in ("zero_rated", "exempt", "out_of_scope")} == {1}


def test_another_period_has_nothing_of_it(booked: Association) -> None:
    report = booked.run(lambda session: taxes(session, date(2025, 4, 1), date(2025, 6, 30)))
    assert {Decimal(row["amount"]) for row in report.facts["boxes"]} == {0}  # type: ignore[attr-defined]


def test_no_figure_is_said_where_the_tax_of_a_document_is_unknown(booked: Association) -> None:
    booked.files["documents"][0]["memo"] = "changed since"
    booked.pull()
    report = quarter(booked)
    assert [(p.code, p.number, p.params["of_return"]) for p in report.problems] == [("boxes_unknown", "F-1", "changed")]
    assert "boxes" not in report.facts
    assert report.exit is Exit.NEEDS_A_PERSON


def test_a_tax_is_of_its_registrations_return_or_of_its_rates() -> None:
    def tax(rate: str, registration: str = "") -> Tax:
        return Tax(code="x", name="x", rate=Decimal(rate), registration=registration)

    assert [program_of(tax(rate)) for rate in ("5", "13", "14", "15.00", "9.975", "7")] == [*[FEDERAL] * 4, QUEBEC, ""]
    assert program_of(tax("7", "123456789rt0001")) == FEDERAL
    assert program_of(tax("0", "1012345678 TQ0001")) == QUEBEC


def test_a_group_without_a_category_is_what_its_rates_say() -> None:
    groups = (TaxGroup(code="T", name="", taxes=("GST",)), TaxGroup(code="Z", name="", taxes=("ZERO",)),
              TaxGroup(code="E", name=""), TaxGroup(code="O", name="", category=TaxCategory.OUT_OF_SCOPE),
              TaxGroup(code="U", name="", taxes=("LOST",)))  # fmt: skip
    listed = (Tax(code="GST", name="", rate=Decimal(5)), Tax(code="ZERO", name="", rate=Decimal(0)))
    rates = Rates.of(SourceLists(taxes=listed, tax_groups=groups))
    assert [rates.category(code) for code in "TZEOU?"] == [
        TaxCategory.TAXED, TaxCategory.ZERO_RATED, TaxCategory.EXEMPT, TaxCategory.OUT_OF_SCOPE, None, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("province", "on", "rates"),
    [("QC", "2025-01-15", ["5", "9.975"]), ("ON", "2025-01-15", ["13"]), ("NS", "2025-03-31", ["15"]),
     ("NS", "2025-04-01", ["14"]), ("AB", "2025-01-15", ["5"]), ("NY", "2025-01-15", []), ("ON", "2010-01-15", [])],
)  # fmt: skip
def test_the_rates_of_a_province_are_those_of_the_day(province: str, on: str, rates: list[str]) -> None:
    assert rates_in(province, date.fromisoformat(on)) == {Decimal(rate) for rate in rates}


def doubted(association: Association) -> dict[str, dict[str, str]]:
    """What Check finds, by code."""
    association.init()
    association.pull()
    return {problem.code: dict(problem.params) for problem in association.run(check).problems}


def test_a_province_of_other_taxes_is_told_and_leaves(association: Association) -> None:
    association.files["documents"][0]["province"] = "on"
    assert doubted(association)["province_taxes_differ"] == {
        "province": "ON", "group": "QC", "taxes": "5 % + 9.975 %", "expected": "13 %",
    }  # fmt: skip
    assert association.sync().exit is Exit.DONE


def test_a_province_of_the_same_taxes_is_nothing_to_tell(association: Association) -> None:
    association.files["documents"][0]["province"] = "QC"
    assert "province_taxes_differ" not in doubted(association)


def test_a_category_that_the_taxes_contradict_is_told(association: Association) -> None:
    association.files["tax_groups"][0]["category"] = "exonéré"
    found = doubted(association)["tax_category_differs"]
    assert found == {"group": "QC", "category": "exempt", "taxes": "GST + QST"}


def test_where_the_settings_say_so_a_doubt_holds_its_document(association: Association) -> None:
    association.settings["tax_doubts_stop"] = "yes"
    association.files["accounts"][0].update(tax_exempt="yes", exempt_reason="revente")
    found = doubted(association)
    assert found.keys() >= {"exempt_taxed", "tax_in_doubt"}
    assert association.sync().counts["posted"].get("invoice", 0) == 0


@pytest.mark.parametrize(
    ("changes", "sent", "why"),
    [
        ({}, {"state": State.UNKNOWN}, "outcome"),
        ({}, {"digest": "other"}, "changed"),
        ({"currency": "USD"}, {}, "currency"),
        ({"tax": Decimal("5.00"), "total": Decimal("105.00")}, {}, "taxes"),
        ({"lines": (line(tax_group="NOT KNOWN"),)}, {}, "category"),
    ],
)
def test_each_reason_for_which_nobody_can_say_is_told(changes: dict[str, Any], sent: dict[str, Any], why: str) -> None:
    """books.md, rule 9: a figure that may be wrong is none."""
    bill = document(**changes)
    case = company(bill, transfers=(transfer(bill, **sent),)).case()
    found = period(case, DAY, DAY)
    assert [(problem.code, problem.params["of_return"]) for problem in found.unknown] == [("boxes_unknown", why)]
    assert (found.sales, found.returns) == ({}, ())
