"""Which side of which account an amount falls on (``connectors.double_entry``)."""

from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.double_entry import legs
from connectors.ledger import LedgerLists, Posting
from connectors.records import (
    CreditNote,
    Customer,
    DocumentTax,
    EntryLine,
    Invoice,
    InvoiceLine,
    JournalEntry,
    Payment,
    Refund,
    SalesReceipt,
    SupplierInvoice,
)

LISTS = LedgerLists(receivable="1100", payable="2100", deposit="1050")
DAY = date(2024, 3, 15)
CENTS = st.decimals(-10_000, 10_000, places=2, allow_nan=False, allow_infinity=False)


def document(kind, amounts, taxes, **fields):
    lines = tuple(
        InvoiceLine(key=str(n), number=n, description=f"line {n}", amount=amount, ledger_account="4100")
        for n, amount in enumerate(amounts, 1)
    )
    subtotal, tax = sum(amounts, Decimal(0)), sum(taxes, Decimal(0))
    return kind(
        key="1",
        date=DAY,
        customer="c",
        currency="CAD",
        lines=lines,
        subtotal=subtotal,
        tax=tax,
        total=subtotal + tax,
        taxes=tuple(DocumentTax(tax="GST", amount=amount, ledger_tax="2310") for amount in taxes),
        **fields,
    )


def sides(record):
    posting = Posting(key="k", record=record, customer="M1")
    totals = Counter()
    for leg in legs(posting, LISTS):
        totals[leg.account, leg.customer] += leg.amount
    return dict(totals)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Invoice, {("1100", "M1"): 115, ("4100", ""): -100, ("2310", ""): -15}),
        (CreditNote, {("1100", "M1"): -115, ("4100", ""): 100, ("2310", ""): 15}),
        (SupplierInvoice, {("2100", "M1"): -115, ("4100", ""): 100, ("2310", ""): 15}),
        (SalesReceipt, {("1050", ""): 115, ("4100", ""): -100, ("2310", ""): -15}),
        (Refund, {("1050", ""): -115, ("4100", ""): 100, ("2310", ""): 15}),
    ],
)
def test_the_side_of_each_kind_of_document(kind, expected):
    assert sides(document(kind, [Decimal(100)], [Decimal(15)])) == expected


def test_a_payment_moves_what_is_owed_to_the_bank():
    payment = Payment(key="1", date=DAY, customer="c", currency="CAD", amount=Decimal(20))
    assert sides(payment) == {("1050", ""): 20, ("1100", "M1"): -20}


@pytest.mark.parametrize("kind", [SalesReceipt, Refund])
def test_a_deposit_account_of_the_record_wins_over_the_ledgers(kind):
    assert ("1010", "") in sides(document(kind, [Decimal(1)], [], deposit_account="1010"))


def test_an_entry_is_booked_as_it_stands():
    lines = (
        EntryLine(account="a", debit=Decimal(5), ledger_account="2400", memo="m"),
        EntryLine(account="b", credit=Decimal(5), ledger_account="1100", customer="M2"),
    )
    entry = JournalEntry(key="1", date=DAY, currency="CAD", lines=lines)
    assert sides(entry) == {("2400", ""): 5, ("1100", "M2"): -5}


def test_a_customer_moves_nothing():
    assert sides(Customer(key="c", name="n")) == {}


def test_a_leg_of_a_line_carries_its_text_and_its_class():
    line = InvoiceLine(key="1", number=1, description="Gala", amount=Decimal(1), class_code="EVT")
    record = replace(document(Invoice, [], []), lines=(line,))
    leg = legs(Posting(key="k", record=record), LISTS)[1]
    assert (leg.memo, leg.class_code) == ("Gala", "EVT")


@pytest.mark.parametrize("kind", [Invoice, CreditNote, SupplierInvoice, SalesReceipt, Refund])
@given(amounts=st.lists(CENTS, max_size=5), taxes=st.lists(CENTS, max_size=3), off=CENTS)
def test_legs_balance_exactly_when_the_document_adds_up(kind, amounts, taxes, off):
    record = document(kind, amounts, taxes)
    shifted = replace(record, total=record.total + off)
    for candidate, difference in ((record, Decimal(0)), (shifted, abs(off))):
        assert abs(sum(leg.amount for leg in legs(Posting(key="k", record=candidate), LISTS))) == difference
