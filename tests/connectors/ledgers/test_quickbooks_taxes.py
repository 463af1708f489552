"""Each of the source's taxes stands in QuickBooks Online under its own name, or its document is refused.

Rule 4 of "Books that an auditor signs": GST alone had become GST and QST, and a QST amount on an Ontario group HST; the
totals agreed, and both returns were wrong. Rates: 5 % GST, 9.975 % QST, 13 % HST in Ontario (stand-in's tax codes).
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.conformance.making import Making, booked, post
from connectors.ledger import LedgerLists, Posted, Posting
from connectors.ledgers.quickbooks_online.books import Books, TaxCode
from connectors.ledgers.quickbooks_online.checks import CAPABILITIES
from connectors.ledgers.quickbooks_online.taxes import tax_detail, untold
from connectors.records import CodeTax, DocumentTax, Invoice, InvoiceLine, Kind, ListEntry, Side, Tax
from connectors.refusals import undeclared
from connectors.tax_codes import name_of
from tests.connectors.ledgers.quickbooks_harness import quickbooks

D = Decimal
GST, QST, HST, ZERO_RATED = (
    CodeTax(name=name, percent=D(percent), side=Side.SALES)
    for name, percent in (("GST", "5"), ("QST", "9.975"), ("HST ON", "13"), ("Zero-rated", "0"))
)
CODES = {"QC": (GST, QST), "ON": (HST,), "GST": (GST,), "ZERO": (ZERO_RATED,), "NONE": ()}
BOOKS = Books(name="", american=False, home="CAD", multi_currency=False, numbers=True, automated_tax=False,
              closing_date=None, taxes={code: TaxCode(id=code, taxes=taxes) for code, taxes in CODES.items()},
              rates={tax.name: tax.name for taxes in CODES.values() for tax in taxes})  # fmt: skip
LISTS = LedgerLists(tax_codes=tuple(
    ListEntry(code=code, name=code, taxes=taxes, untaxed=not any(tax.percent for tax in taxes))
    for code, taxes in CODES.items()
))  # fmt: skip
MIXED = "GST/QST QC - 9.975"


def invoice(parts, taxes):
    """An invoice of lines of (amount, tax code), and what each tax of the ledger amounts to."""
    lines = tuple(
        InvoiceLine(key=str(n), number=n, description="x", amount=D(amount), ledger_tax=code)
        for n, (amount, code) in enumerate(parts, 1)
    )
    told = tuple(DocumentTax(tax=name, amount=D(amount), ledger_tax=name) for name, amount in taxes.items())
    subtotal, tax = sum((line.amount for line in lines), D(0)), sum((each.amount for each in told), D(0))
    return Invoice(key="i", date=date(2024, 3, 15), customer="c", currency="CAD", lines=lines, subtotal=subtotal,
                   tax=tax, total=subtotal + tax, taxes=told)  # fmt: skip


def refusal(document):
    """The first refusal on account of taxes, as planning gets it: its code and its words."""
    found = undeclared(Posting(key="", record=document), CAPABILITIES, LISTS)
    return next(((p.code, dict(p.params)) for p in found if p.column == "tax"), None)


def lines_of(detail):
    return {line["TaxLineDetail"]["TaxRateRef"]["value"]: line["Amount"] for line in detail["TaxLine"]}


@pytest.mark.parametrize(
    ("code", "taxes", "problem", "words"),
    [
        ("QC", {"GST": "5.00"}, "tax_of_code_missing",
         {"tax": "QST", "rate": "9.975", "base": "100.00", "expected": "9.98", "codes": "QC"}),
        ("QC", {"QST": "9.98"}, "tax_of_code_missing",
         {"tax": "GST", "rate": "5", "base": "100.00", "expected": "5.00", "codes": "QC"}),
        ("QC", {}, "tax_of_code_missing",
         {"tax": "GST", "rate": "5", "base": "100.00", "expected": "5.00", "codes": "QC"}),
        ("ON", {"QST": "9.98"}, "tax_not_of_code", {"tax": "QST", "amount": "9.98", "codes": "ON"}),
        ("GST", {"GST": "5.00", "QST": "9.98"}, "tax_not_of_code", {"tax": "QST", "amount": "9.98", "codes": "GST"}),
        ("QC", {"GST": "5.00", "QST": "9.98"}, None, {}),
        ("GST", {"GST": "5.00"}, None, {}),
        ("ON", {"HST ON": "13.00"}, None, {}),
        ("ZERO", {"QST": "9.98"}, "tax_not_borne", {"ledger_total": "100.00", "tax": "9.98"}),
    ],
)  # fmt: skip
def test_taxes_that_are_not_those_of_the_code_are_refused_in_planning_with_the_figures(code, taxes, problem, words):
    found = refusal(invoice([("100.00", code)], taxes))
    assert found == ((problem, words) if problem else None)


def test_each_amount_stands_on_the_rate_of_its_name_whatever_its_size():
    """9.97 of GST and 5.01 of QST are odd, and the source's: no amount moves to the rate that it is like."""
    assert lines_of(tax_detail(invoice([("100.00", "QC")], {"QST": "5.01", "GST": "9.97"}), BOOKS)) == {
        "GST": D("9.97"), "QST": D("5.01"),
    }  # fmt: skip


def test_a_tax_that_comes_to_less_than_a_cent_may_be_missing():
    document = invoice([("0.05", "QC")], {})
    assert refusal(document) is None
    assert lines_of(tax_detail(document, BOOKS)) == {"GST": 0, "QST": 0}


amounts = st.decimals(min_value="-500.00", max_value="9999.99", places=2)


@given(st.lists(st.tuples(amounts, st.sampled_from(list(CODES))), min_size=1, max_size=8),
       st.dictionaries(st.sampled_from(["GST", "QST", "HST ON"]), amounts))  # fmt: skip
def test_what_is_not_refused_is_told_by_name_and_whole(parts, taxes):
    document = invoice(parts, taxes)
    if refusal(document) or untold(document, BOOKS) is not None:
        return
    detail = tax_detail(document, BOOKS) or {"TotalTax": D(0), "TaxLine": []}
    assert detail["TotalTax"] == sum(taxes.values(), D(0))
    assert {name: amount for name, amount in lines_of(detail).items() if amount} == {
        name: amount for name, amount in taxes.items() if amount
    }
    for line in detail["TaxLine"]:
        rate = line["TaxLineDetail"]["TaxRateRef"]["value"]
        on = sum((amount for amount, code in parts if rate in [tax.name for tax in CODES[code]]), D(0))
        assert line["TaxLineDetail"]["NetAmountTaxable"] == on


def test_a_tax_on_what_bears_none_is_not_told():
    assert untold(invoice([("100.00", "NONE")], {"GST": "5.00"}), BOOKS) == D("100.00")
    assert untold(invoice([("100.00", "ZERO")], {"GST": "5.00"}), BOOKS) == D("100.00")
    assert untold(invoice([("100.00", "NONE")], {}), BOOKS) is None


def test_a_tax_of_the_source_is_known_by_its_rate_or_where_two_have_it_by_its_name():
    alcohol = CodeTax(name="Levy", percent=D(5), side=Side.SALES)
    assert name_of(Tax(code="TPS", name="TPS", rate=D("5.00")), (GST, QST)) == "GST"
    assert name_of(Tax(code="QST", name="TVQ", rate=D("9.975")), (HST,)) == ""
    assert name_of(Tax(code="TPS", name="gst", rate=D(5)), (GST, alcohol)) == "GST"
    assert name_of(Tax(code="TPS", name="TPS", rate=D(5)), (GST, alcohol)) == ""


@pytest.fixture
def harness(tmp_path, monkeypatch):
    with quickbooks(tmp_path, monkeypatch) as harness:
        yield harness
        harness.check()


def sold(harness, code, taxes, kind=Kind.INVOICE):
    """The outcome of a document of 100.00 on a tax code with taxes by the ledger's names."""
    make = Making(harness, "CAD")
    with harness.open() as ledger:
        ledger.connect()
        [party] = booked(ledger, make.customer(is_supplier=kind is Kind.SUPPLIER_INVOICE))
        posting = make.document(kind, party, "100.00")
        told = tuple(DocumentTax(tax=name, amount=D(amount), ledger_tax=name) for name, amount in taxes.items())
        tax = sum((each.amount for each in told), D(0))
        lines = tuple(replace(line, ledger_tax=code) for line in posting.record.lines)
        record = replace(posting.record, lines=lines, taxes=told, tax=tax, total=100 + tax)
        return post(ledger, replace(posting, record=record))[posting.key]


def agencies(harness):
    """What stands with each tax agency: GST and HST with one, QST with the other."""
    balances = harness.trial_balance()
    return {
        name: balances.get(f"{name} Payable", D(0)) for name in ("Canada Revenue Agency", "Revenu Québec")
    }  # fmt: skip


@pytest.mark.parametrize(("code", "taxes", "federal", "quebec"), [
    ("GST", {"GST": "5.00"}, "-5.00", "0"),
    (MIXED, {"GST": "5.01", "QST": "9.97"}, "-5.01", "-9.97"),
    ("HST ON", {"HST ON": "13.00"}, "-13.00", "0"),
])  # fmt: skip
def test_what_is_booked_stands_with_its_own_agency(harness, code, taxes, federal, quebec):
    assert isinstance(sold(harness, code, taxes), Posted)
    assert agencies(harness) == {"Canada Revenue Agency": D(federal), "Revenu Québec": D(quebec)}
    [body] = harness.query("Invoice")
    names = {rate["Id"]: rate["Name"] for rate in harness.query("TaxRate")}
    told = {names[rate]: amount for rate, amount in lines_of(body["TxnTaxDetail"]).items()}
    assert told == {name: D(amount) for name, amount in taxes.items()}


def test_a_bill_takes_the_names_of_purchases(harness):
    outcome = sold(harness, MIXED, {"GST (purchases)": "5.00", "QST (purchases)": "9.98"}, Kind.SUPPLIER_INVOICE)
    assert isinstance(outcome, Posted)
    assert agencies(harness) == {"Canada Revenue Agency": D("5.00"), "Revenu Québec": D("9.98")}


@pytest.mark.parametrize(("code", "taxes", "problem"), [
    (MIXED, {"GST": "5.00"}, "tax_of_code_missing"),
    ("HST ON", {"QST": "9.98"}, "tax_not_of_code"),
])  # fmt: skip
def test_the_connector_refuses_it_too_and_nothing_is_booked(harness, code, taxes, problem):
    assert sold(harness, code, taxes).problem.code == problem
    assert harness.query("Invoice") == []
