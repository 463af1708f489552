"""The source's tax on the ledger's rates: whatever the lines and the rounding, the amounts add up to it."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from connectors.ledgers.quickbooks_online.books import Books, Rate, TaxCode
from connectors.ledgers.quickbooks_online.taxes import tax_detail, untold
from connectors.records import DocumentTax, Invoice, InvoiceLine

GST, QST, HST, ZERO_RATED = (
    Rate(id=str(number), percent=Decimal(percent)) for number, percent in enumerate(("5", "9.975", "13", "0"), 1)
)
CODES = {
    "QC": TaxCode(id="4", sales=(GST, QST)),
    "ON": TaxCode(id="5", sales=(HST,)),
    "ZERO": TaxCode(id="6", sales=(ZERO_RATED,)),
    "NONE": TaxCode(id="7"),
}
BOOKS = Books(name="", american=False, home="CAD", multi_currency=False, numbers=True, automated_tax=False,
              closing_date=None, taxes=CODES)  # fmt: skip

amounts = st.decimals(min_value="-500.00", max_value="9999.99", places=2)
lines = st.lists(st.tuples(amounts, st.sampled_from(list(CODES))), min_size=1, max_size=8)


def invoice(parts, taxes):
    body = tuple(
        InvoiceLine(key=str(n), number=n, description="x", amount=amount, ledger_tax=code)
        for n, (amount, code) in enumerate(parts, 1)
    )
    subtotal, tax = sum((line.amount for line in body), Decimal(0)), sum(taxes, Decimal(0))
    return Invoice(key="i", date=date(2024, 3, 15), customer="c", currency="CAD", lines=body, subtotal=subtotal,
                   tax=tax, total=subtotal + tax,
                   taxes=tuple(DocumentTax(tax=str(n), amount=amount) for n, amount in enumerate(taxes)))  # fmt: skip


@given(lines, st.lists(amounts, max_size=3))
def test_the_tax_lines_add_up_to_the_sources_tax_or_it_is_refused(parts, taxes):
    document = invoice(parts, taxes)
    detail = tax_detail(document, BOOKS)
    if untold(document, BOOKS) is not None:
        return
    assert (detail["TotalTax"] if detail else Decimal(0)) == document.tax
    assert sum((line["Amount"] for line in detail["TaxLine"]), Decimal(0)) == document.tax if detail else True


@given(lines)
def test_every_rate_is_told_once_with_what_it_is_charged_on(parts):
    detail = tax_detail(invoice(parts, []), BOOKS) or {"TaxLine": []}
    told = {line["TaxLineDetail"]["TaxRateRef"]["value"]: line["TaxLineDetail"] for line in detail["TaxLine"]}
    assert len(told) == len(detail["TaxLine"])
    for rate in (GST, QST, HST, ZERO_RATED):
        base = [amount for amount, code in parts if rate in CODES[code].sales]
        assert (rate.id in told) is bool(base)
        assert not base or told[rate.id]["NetAmountTaxable"] == sum(base, Decimal(0))


def test_two_taxes_go_to_the_two_rates_by_size():
    document = invoice([(Decimal("100.00"), "QC")], [Decimal("9.97"), Decimal("5.01")])
    told = {
        line["TaxLineDetail"]["TaxRateRef"]["value"]: line["Amount"] for line in tax_detail(document, BOOKS)["TaxLine"]
    }
    assert told == {GST.id: Decimal("5.01"), QST.id: Decimal("9.97")}


def test_one_sum_is_spread_in_proportion_and_the_odd_cent_goes_to_the_largest():
    document = invoice([(Decimal("100.00"), "QC")], [Decimal("14.98")])
    assert [line["Amount"] for line in tax_detail(document, BOOKS)["TaxLine"]] == [Decimal("5.00"), Decimal("9.98")]


def test_a_tax_on_what_bears_none_is_not_told():
    assert untold(invoice([(Decimal("100.00"), "NONE")], [Decimal("5.00")]), BOOKS) == Decimal("100.00")
    assert untold(invoice([(Decimal("100.00"), "ZERO")], [Decimal("5.00")]), BOOKS) == Decimal("100.00")
    assert untold(invoice([(Decimal("100.00"), "NONE")], []), BOOKS) is None
