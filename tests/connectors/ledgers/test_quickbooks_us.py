"""A company in the United States: lines say TAX or NON, and the document names one tax code or the company computes.

Vendor: "Valid Line TaxCodes for US should be TAX or NON" (6100); with automated sales tax what is sent may be replaced,
so that it is compared before anything leaves.
"""

from dataclasses import replace
from decimal import Decimal

import pytest

from connectors.conformance import LedgerConformance
from connectors.conformance.ledger import PLAIN_TEXTS
from connectors.conformance.making import Making, post
from connectors.records import DocumentTax, Kind
from tests.connectors.ledgers.quickbooks_harness import quickbooks

CALIFORNIA = "California"
"""8 per cent, in the stand-in."""


@pytest.fixture
def harness(tmp_path, monkeypatch):
    with quickbooks(tmp_path, monkeypatch, "US") as harness:
        yield harness
        harness.check()


@pytest.fixture
def make(harness):
    return Making(harness, "USD")


def sold(harness, make, *codes, tax, kind=Kind.INVOICE, taxes=()):
    """The outcome of a sale of 100.00 a line with these tax codes, and what the company has of it."""
    with harness.open() as ledger:
        ledger.connect()
        customer = make.customer("Chess Club")
        reference = post(ledger, customer)[customer.key].ledger_id
        posting = make.document(kind, reference, *["100.00"] * len(codes), tax=tax)
        lines = tuple(
            replace(line, ledger_tax=code) for line, code in zip(posting.record.lines, codes, strict=True)
        )  # fmt: skip
        posting = replace(posting, record=replace(posting.record, lines=lines, taxes=taxes or posting.record.taxes))
        outcome = post(ledger, posting)[posting.key]
    booked = harness.query("Invoice" if kind is Kind.INVOICE else "CreditMemo")
    return outcome, booked


@pytest.mark.parametrize("kind", [Kind.INVOICE, Kind.CREDIT_NOTE])
def test_the_sources_tax_is_booked_on_the_documents_code_to_the_cent(harness, make, kind):
    """16.01 on 200.00 at 8 %: the source's own rounding stays, and only the taxed lines bear it."""
    outcome, [booked] = sold(harness, make, CALIFORNIA, CALIFORNIA, "NON", tax="16.01", kind=kind)
    assert outcome.total == Decimal("316.01")
    assert booked["TotalAmt"] == Decimal("316.01")
    assert booked["TxnTaxDetail"]["TotalTax"] == Decimal("16.01")
    [line] = booked["TxnTaxDetail"]["TaxLine"]
    assert line["TaxLineDetail"]["NetAmountTaxable"] == Decimal("200.00")
    codes = [
        line["SalesItemLineDetail"]["TaxCodeRef"]["value"] for line in booked["Line"] if "SalesItemLineDetail" in line
    ]
    assert codes == ["TAX", "TAX", "NON"]
    assert harness.balances()[CALIFORNIA] == Decimal("-16.01" if kind is Kind.INVOICE else "16.01")


def test_what_bears_no_tax_leaves_without_one(harness, make):
    outcome, [booked] = sold(harness, make, "NON", tax="0")
    assert outcome.total == booked["TotalAmt"] == Decimal("100.00")


@pytest.mark.parametrize(
    ("codes", "tax", "shown"),
    [
        (["TAX"], "8.00", "100.00"),  # taxed by no code that we know the rate of
        (["NON"], "8.00", "100.00"),
        (["NON", "NON"], "0.01", "200.00"),
    ],
)
def test_a_tax_that_the_lines_cannot_bear_is_refused_with_the_total_that_would_show(harness, make, codes, tax, shown):
    outcome, booked = sold(harness, make, *codes, tax=tax)
    assert (outcome.problem.code, outcome.problem.params["ledger_total"]) == ("tax_not_borne", shown)
    assert booked == []


def test_a_document_of_two_tax_codes_is_refused_since_it_takes_one(harness, make):
    rate = {"TaxRateName": "Nevada", "RateValue": "6.85", "TaxAgencyId": "1", "TaxApplicableOn": "Sales"}
    harness.call("POST", "taxservice/taxcode", json={"TaxCode": "Nevada", "TaxRateDetails": [rate]})
    taxes = tuple(DocumentTax(tax=name, amount=Decimal(amount), ledger_tax=name)
                  for name, amount in ((CALIFORNIA, "8.00"), ("Nevada", "6.85")))  # fmt: skip
    outcome, booked = sold(harness, make, CALIFORNIA, "Nevada", tax="14.85", taxes=taxes)
    assert (outcome.problem.code, outcome.problem.params["ledger_total"]) == ("tax_not_borne", "216.00")
    assert booked == []


@pytest.mark.parametrize(("tax", "total"), [("16.00", "216.00"), ("16.01", None), ("15.99", None), ("32.00", None)])
def test_where_the_company_computes_the_tax_itself_only_the_same_tax_leaves(harness, make, tax, total):
    """Automated sales tax: what was sent as an amount is replaced; a cent is told before it leaves, not after."""
    company = harness.sandbox.company("US")
    with company.lock:  # a person does it on the vendor's own pages
        company.get("Preferences", "1")["TaxPrefs"]["PartnerTaxEnabled"] = True
    outcome, booked = sold(harness, make, CALIFORNIA, CALIFORNIA, tax=tax)
    if total:
        assert outcome.total == booked[0]["TotalAmt"] == Decimal(total)
    else:
        assert (outcome.problem.code, outcome.problem.params["ledger_total"]) == ("tax_not_borne", "216.00")
        assert booked == []


@pytest.mark.long
class TestQuickBooksOnlineInTheUnitedStates(LedgerConformance):
    test_what_it_declares_of_changes_is_what_it_is_held_to = None  # the Canadian company is held to it

    @pytest.fixture
    def harness(self, tmp_path, monkeypatch):
        with quickbooks(tmp_path, monkeypatch, "US") as harness:
            yield harness

    @pytest.mark.parametrize("text", PLAIN_TEXTS.values(), ids=PLAIN_TEXTS)
    def test_people_write_what_they_want(self, ledger, make, text):
        """Rest API features: a US company takes the repertoire of ISO-8859-1; the rest is refused before it is sent."""
        if all(ord(character) < 256 for character in text):
            super().test_people_write_what_they_want(ledger, make, text)
        else:
            posting = make.customer("Chess Club", notes=text)
            assert post(ledger, posting)[posting.key].problem.code == "character_forbidden"
