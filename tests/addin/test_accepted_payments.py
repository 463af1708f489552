"""A payment that a person entered in the ledger and the accountant accepted changes its invoice's balance and Paid at
once, and once: what the source says of the balance is law as soon as it says something new (trust.md, section 7: a
document's balance is compared with what pays it)."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from addin.databases import open_journal
from addin.sync.accepted import AcceptedPayment, as_shown, not_shown
from connectors.records import Invoice, Kind, Payment
from tests.addin import test_proposals
from tests.addin.test_proposals import decide, reference, shown
from workbook.layout import INVOICES

ZERO = Decimal(0)
company = test_proposals.company
"""Two members, three invoices and a payment in QuickBooks Online."""


def invoice(balance="10.00"):
    return Invoice(key="I1", number="F-1", date=date(2025, 1, 15), customer="A1", currency="CAD", lines=(), taxes=(),
                   subtotal=ZERO, tax=ZERO, total=Decimal(balance), balance=Decimal(balance))  # fmt: skip


def pay(company, invoice, amount, number="VIR-9"):
    """Enter a payment of one of our invoices in QuickBooks, as a person does; the key of its proposal."""
    with closing(open_journal(company.profile)) as journal:
        booked = journal.transfers(only=[(Kind.INVOICE, invoice)])[Kind.INVOICE, invoice][-1].ledger_id
    kind, _, bare = booked.partition(":")
    linked = [{"Amount": amount, "LinkedTxn": [{"TxnId": bare, "TxnType": kind}]}]
    made = company.harness.make(
        "Payment", CustomerRef={"value": reference(company, "A1")}, TotalAmt=amount, Line=linked,
        TxnDate=company.harness.day.isoformat(), PaymentRefNum=number,
    )  # fmt: skip
    return f"payment/Payment:{made['Id']}"


def row(company, key="I2"):
    cells = company.row(INVOICES, key)
    return cells["balance"], cells["paid"], cells["changed"]


def accept(company, key):
    company.pull()
    assert key in shown(company)
    decide(company, "Accept", key)
    company.sync()


def test_an_accepted_payment_is_taken_off_once_until_the_source_says_a_new_balance(company):
    key = pay(company, "I2", "50.00")
    accept(company, key)
    balance, paid, changed = row(company)
    assert (balance, paid) == ("64.98", "No")
    assert "50.00 taken off the balance" in changed
    assert "VIR-9" in changed
    for _ in range(2):
        company.pull()
        company.sync()
        assert row(company) == (balance, paid, changed)
    company.files["documents"][1]["balance"] = "64.98"
    company.pull()
    assert row(company)[:2] == ("64.98", "No")
    assert "taken off" not in row(company)[2]


def test_what_is_paid_whole_says_paid_and_never_less_than_nothing(company):
    accept(company, pay(company, "I2", "114.98"))
    assert row(company)[:2] == ("0", "Yes")


def test_it_is_over_when_the_source_has_the_payment_itself(company):
    key = pay(company, "I2", "50.00")
    accept(company, key)
    assert row(company)[0] == "64.98"
    company.add("payments", key="P9", number="VIR-9", date="2025-02-03", account="A1", currency="CAD", amount="50.00",
                method="cheque", sync_reference=key.removeprefix("payment/"))  # fmt: skip
    company.add("allocations", payment="P9", invoice="I2", amount="50.00")
    company.files["documents"][1]["balance"] = "64.98"
    company.pull()
    assert row(company)[:2] == ("64.98", "No")
    assert "taken off" not in row(company)[2]


@given(
    balance=st.decimals(0, 1000, places=2),
    parts=st.lists(st.decimals("0.01", 500, places=2), max_size=4),
    moved=st.booleans(),
    known=st.booleans(),
)
def test_what_is_left_is_never_negative_and_ends_with_the_source(balance, parts, moved, known):
    """Each payment is taken off once, in any number; a source that moved on, or has the payment, ends it."""
    payments = [AcceptedPayment(ledger_id=str(n), number="", invoice="I1", amount=amount, balance=balance)
                for n, amount in enumerate(parts)]  # fmt: skip
    left = as_shown(invoice(balance), payments)
    assert isinstance(left, Invoice)
    assert left.balance == max(ZERO, balance - sum(parts, ZERO))
    now = invoice(balance + 1 if moved else balance)
    records = {(now.kind, now.key): now}
    if known:
        payment = Payment(key="P1", number="", date=now.date, customer="A1", currency="CAD", amount=ZERO,
                          sync_reference="0")  # fmt: skip
        records[payment.kind, payment.key] = payment
    still = not_shown(payments, records)
    assert list(still) == [each for each in payments if not moved and not (known and each.ledger_id == "0")]


def test_another_record_stays_as_it_is():
    other = AcceptedPayment(ledger_id="1", number="", invoice="I2", amount=Decimal(5), balance=Decimal(10))
    mine = invoice()
    assert as_shown(mine, [other]) is mine
