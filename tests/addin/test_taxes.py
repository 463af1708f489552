"""Taxes against their rates (Membri 365, "Type of tax calculation"), beside an exact computation in fractions."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from addin.sync.checks.taxes import by_its_groups, by_its_lines
from addin.sync.effects import Effect, effect
from addin.usecases.check import check
from connectors.records import (
    Document,
    DocumentTax,
    Invoice,
    InvoiceLine,
    Kind,
    SupplierInvoice,
    Tax,
    TaxGroup,
    TaxRounding,
)
from connectors.source import SourceLists
from connectors.taxes import Rates, taxes_due
from tests.addin.conftest import INVOICES, Association, add_invoice
from workbook.layout import PROBLEMS_TABLE
from workbook.review import text_of

RATES = {"GST": "5", "QST": "9.975", "HST13": "13", "HST15": "15"}
BEARS = {"QC": ("GST", "QST"), "ON": ("HST13",), "NB": ("HST15",), "AB": ("GST",), "EX": ()}
SAMPLE = 400


@dataclass(frozen=True)
class Billed:
    """A generated invoice, and what each tax comes to in exact thousandths of a fraction."""

    invoice: Invoice
    exact: dict[str, Decimal]


def cents(value: Fraction) -> Decimal:
    """A fraction to the cent, halves away from zero, by whole numbers alone."""
    doubled = abs(value.numerator) * 200 + value.denominator
    whole = doubled // (2 * value.denominator)
    return Decimal(-whole if value < 0 else whole).scaleb(-2)


def lists(mode: TaxRounding) -> SourceLists:
    return SourceLists(
        taxes=tuple(Tax(code=code, name=code, rate=Decimal(rate)) for code, rate in RATES.items()),
        tax_groups=tuple(TaxGroup(code=code, name=code, taxes=taxes, rounding=mode) for code, taxes in BEARS.items()),
    )


def billed(chance: random.Random, mode: TaxRounding) -> Billed:
    """An invoice of 1 to 20 lines, with quantities and discounts, of one or two groups, priced with or without tax."""
    groups, inclusive = chance.sample(sorted(BEARS), chance.choice((1, 1, 1, 2))), chance.random() < 0.5
    lines, exact, sums = [], {}, {}
    for number in range(1, chance.randint(1, 20) + 1):
        group = chance.choice(groups)
        rate = sum((Fraction(RATES[tax]) for tax in BEARS[group]), Fraction(0)) / 100
        quantity, price = chance.choice((1, 1, 2, 3, 12)), Fraction(chance.randint(1, 250_000), 100)
        gross = quantity * price * Fraction(100 - chance.choice((0, 0, 0, 10, 15, 33)), 100)
        net = cents((-1 if chance.random() < 0.1 else 1) * (gross / (1 + rate) if inclusive else gross))
        own = Decimal(0)
        for tax in BEARS[group]:
            part = Fraction(net) * Fraction(RATES[tax]) / 100
            own += cents(part)
            exact[tax] = exact.get(tax, Decimal(0)) + cents(part)
            sums[tax] = sums.get(tax, Fraction(0)) + part
        lines.append(InvoiceLine(key=f"I/{number}", number=number, description="Cotisation", amount=net,
                                 tax_group=group, tax_amount=own))  # fmt: skip
    if mode is TaxRounding.ROUNDED_SUM:
        exact = {tax: cents(whole) for tax, whole in sums.items()}
    subtotal, tax = sum((line.amount for line in lines), Decimal(0)), sum(exact.values(), Decimal(0))
    taxes = tuple(DocumentTax(tax=code, amount=amount) for code, amount in exact.items())
    invoice = Invoice(key="I", number="F-1", date=date(2026, 1, 5), customer="A", currency="CAD", lines=tuple(lines),
                      subtotal=subtotal, tax=tax, total=subtotal + tax, taxes=taxes)  # fmt: skip
    return Billed(invoice, exact)


def wrong(invoice: Invoice, code: str, amount: Decimal) -> Invoice:
    """The invoice with another amount of one tax."""
    taxes = tuple(replace(tax, amount=amount) if tax.tax == code else tax for tax in invoice.taxes)
    return replace(invoice, taxes=taxes)


def stops(document: Document, rates: Rates) -> set[str]:
    """The codes of what stops a document on account of its taxes."""
    due = taxes_due(document, rates)
    assert due is not None
    found = (*by_its_groups(document, due, 2), *by_its_lines(document, rates, 2))
    return {problem.code for problem in found if effect(problem) is Effect.REFUSE}


def same_and_only_wrong_ones_stop(mode: TaxRounding, count: int) -> None:
    chance, rates, changed, swapped = random.Random(f"taxes {mode}"), Rates.of(lists(mode)), 0, 0
    for _ in range(count):
        made = billed(chance, mode)
        due = taxes_due(made.invoice, rates)
        assert due is not None
        assert {code: each.amount for code, each in due.items()} == made.exact
        assert list(by_its_groups(made.invoice, due, 2)) == []
        assert stops(made.invoice, rates) == set()
        for code, amount in made.exact.items():
            for cent in (Decimal("0.03"), Decimal("-0.03")):
                assert stops(wrong(made.invoice, code, amount + cent), rates) == {"tax_differs"}
                changed += 1
        gst, qst = made.exact.get("GST"), made.exact.get("QST")
        if gst is not None and qst is not None and abs(gst - qst) > Decimal("0.02"):
            assert stops(wrong(wrong(made.invoice, "GST", qst), "QST", gst), rates) == {"tax_differs"}
            swapped += 1
    assert changed > count
    assert swapped > count // 10


@pytest.mark.parametrize("mode", TaxRounding)
def test_taxes_are_what_fractions_make_them_and_three_cents_or_a_swap_always_stop(mode: TaxRounding) -> None:
    same_and_only_wrong_ones_stop(mode, SAMPLE)


@pytest.mark.long
@pytest.mark.parametrize("mode", TaxRounding)
def test_taxes_of_ten_thousand_invoices_are_what_fractions_make_them(mode: TaxRounding) -> None:
    same_and_only_wrong_ones_stop(mode, 10_000)


def bill(association: Association, gst: str, qst: str, **cells: str) -> list[tuple[str, dict[str, str]]]:
    """Check the association's invoice of 100.00 with these taxes, and say what was found of taxes."""
    document, line = association.files["documents"][0], association.files["lines"][0]
    tax = Decimal(gst) + Decimal(qst)
    document.update(tax=str(tax), total=str(100 + tax), balance=str(100 + tax))
    line.update(tax_amount=str(tax), **cells)
    for row, amount in zip(association.files["document_taxes"], (gst, qst), strict=True):
        row["amount"] = amount
    association.files.pop("payments", None)
    association.files.pop("allocations", None)
    association.init()
    association.pull()
    found = association.run(check).problems
    return [(problem.code, dict(problem.params)) for problem in found]


def test_twelve_of_gst_on_a_hundred_does_not_leave_and_says_both_figures(association: Association) -> None:
    """The case that was booked: 12.00 of GST on 100.00."""
    found = dict(bill(association, "12.00", "9.98"))
    assert found["tax_differs"] == {
        "tax": "TPS (GST)", "rate": "5", "base": "100.00", "expected": "5.00", "amount": "12.00",
    }  # fmt: skip
    assert association.sync().counts["posted"] == {}
    row = association.row(INVOICES, "I1")
    assert row["status"] == "Transfer Error"
    assert "TPS (GST) at 5 % on 100.00 comes to 5.00, but the document bears 12.00." in row["reason"]


def test_swapped_taxes_do_not_leave(association: Association) -> None:
    """The case that was booked: GST and QST had changed places, and the total was right."""
    found = bill(association, "9.98", "5.00")
    assert [(code, params["expected"], params["amount"]) for code, params in found] == [
        ("tax_differs", "5.00", "9.98"), ("tax_differs", "9.98", "5.00"),
    ]  # fmt: skip


def test_a_cent_or_two_are_told_and_leave(association: Association) -> None:
    found = bill(association, "5.01", "9.98")
    assert [code for code, _ in found] == ["tax_rounded", "line_tax_rounded"]
    report = association.sync()
    assert report.exit == 0
    assert report.counts["posted"][Kind.INVOICE] == 1
    assert "comes to 5.00; the document bears 5.01" in association.row(INVOICES, "I1")["reason"]


def test_how_many_cents_is_a_setting(association: Association) -> None:
    association.settings["tax_cents"] = "5"
    assert "tax_rounded" in dict(bill(association, "5.05", "9.98"))


def test_a_tax_of_no_group_and_a_group_without_its_tax_do_not_leave(association: Association) -> None:
    association.add("taxes", code="HST13", name="TVH", rate="13")
    association.add("tax_groups", code="ON", name="TVH", taxes="HST13")
    found = bill(association, "5.00", "9.98", tax_group="ON")
    assert [code for code, _ in found][:3] == ["tax_missing", "tax_not_of_group", "tax_not_of_group"]
    assert found[0][1]["expected"] == "13.00"
    assert association.sync().counts["posted"] == {}


def test_a_tax_on_an_exempt_line_does_not_leave(association: Association) -> None:
    association.add("tax_groups", code="EX", name="Exonéré", taxes="")
    assert "tax_not_of_group" in dict(bill(association, "5.00", "9.98", tax_group="EX"))


def test_a_base_that_the_lines_do_not_come_to_does_not_leave(association: Association) -> None:
    association.files["document_taxes"][0]["base"] = "80.00"
    assert dict(bill(association, "5.00", "9.98"))["tax_base_differs"]["said"] == "80.00"


def test_a_tax_that_stands_on_another_line_does_not_leave(association: Association) -> None:
    association.add("tax_groups", code="EX", name="Exonéré", taxes="")
    association.add("lines", document="I1", line="2", description="Don", amount="0.00", gl_account="4100",
                    tax_group="EX", tax_amount="14.98")  # fmt: skip
    association.files["lines"][0]["tax_amount"] = "0.00"
    association.init()
    association.pull()
    assert "line_tax_differs" in {problem.code for problem in association.run(check).problems}


def test_line_taxes_that_do_not_come_to_the_documents_do_not_leave(association: Association) -> None:
    association.files["lines"][0].update(tax_group="", tax_amount="24.98")
    association.init()
    association.pull()
    assert "line_taxes_differ" in {problem.code for problem in association.run(check).problems}


def test_without_a_group_the_documents_own_base_is_what_counts(association: Association) -> None:
    assert "tax_differs" in dict(bill(association, "12.00", "9.98", tax_group=""))


def test_what_nothing_can_be_compared_with_is_told_once_for_all(association: Association) -> None:
    add_invoice(association, "I2", "F-2", balance="114.98")
    for row in association.files["lines"]:
        row["tax_group"] = ""
    for row in association.files["document_taxes"]:
        row["base"] = ""
    association.init()
    association.pull()
    association.run(check)
    told = [row for row in association.book.read(PROBLEMS_TABLE).rows if row.values["code"] == "taxes_not_compared"]
    assert len(told) == 1
    assert "taxes of 2 documents (GST, QST)" in text_of(told[0].values["what"])


def test_an_exempt_account_that_bears_no_tax_leaves_whatever_the_group(association: Association) -> None:
    association.files["accounts"][0].update(tax_exempt="yes", exempt_reason="Loi sur les Indiens")
    association.files["document_taxes"].clear()
    association.files["documents"][0].update(tax="0.00", total="100.00", balance="100.00")
    association.files["lines"][0]["tax_amount"] = "0.00"
    association.files.pop("payments")
    association.files.pop("allocations")
    association.init()
    association.pull()
    assert association.sync().counts["posted"][Kind.INVOICE] == 1


def test_a_supplier_may_round_in_the_other_way() -> None:
    """What a supplier billed is law; ten lines rounded each may be five cents from the rounded sum."""
    line = InvoiceLine(key="", number=1, description="x", amount=Decimal("0.30"), tax_group="AB")
    rates = Rates.of(lists(TaxRounding.SUM_OF_ROUNDED))
    for kind, code in ((Invoice, {"tax_differs"}), (SupplierInvoice, set())):
        document = kind(key="I", date=date(2026, 1, 5), customer="A", currency="CAD", subtotal=Decimal("3.00"),
                        lines=(line,) * 10, tax=Decimal("0.15"), total=Decimal("3.15"),
                        taxes=(DocumentTax(tax="GST", amount=Decimal("0.15")),))  # fmt: skip
        assert stops(document, rates) == code


@pytest.mark.parametrize(("currency", "tax"), [("JPY", "8"), ("CAD", "7.50"), ("KWD", "7.500")])
def test_amounts_are_rounded_to_their_currencys_smallest_unit(currency: str, tax: str) -> None:
    line = InvoiceLine(key="", number=1, description="x", amount=Decimal(150), tax_group="AB")
    document = Invoice(key="I", date=date(2026, 1, 5), customer="A", currency=currency, lines=(line,),
                       subtotal=Decimal(150), tax=Decimal(tax), total=150 + Decimal(tax),
                       taxes=(DocumentTax(tax="GST", amount=Decimal(tax)),))  # fmt: skip
    due = taxes_due(document, Rates.of(lists(TaxRounding.ROUNDED_SUM)))
    assert due is not None
    assert str(due["GST"].amount) == tax
