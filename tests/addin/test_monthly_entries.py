"""What becomes revenue each month: whatever its sign and however small, the months sum to the line to the cent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from addin.sync.deferral import entries
from connectors.records import ZERO, CreditNote, Invoice, InvoiceLine, RevenueSchedule

DUES = RevenueSchedule(key="S1", invoice="I1", line=1, start=date(2026, 1, 31), months=12, amount=Decimal("100.00"),
                       deferred_account="2400", revenue_account="4100")  # fmt: skip
PAID = Invoice(key="I1", number="F-1", date=date(2026, 1, 1), customer="A1", currency="CAD",
               lines=(InvoiceLine(key="1", number=1, description="Cotisation", amount=Decimal("100.00")),),
               subtotal=Decimal("100.00"), tax=ZERO, total=Decimal("100.00"), balance=ZERO)  # fmt: skip


@pytest.mark.parametrize(
    ("amount", "months", "moved"),
    [
        ("100.00", 3, [("01-31", "33.33"), ("02-28", "33.34"), ("03-31", "33.33")]),
        ("-100.00", 3, [("01-31", "-33.33"), ("02-28", "-33.34"), ("03-31", "-33.33")]),
        ("1.20", 3, [("01-31", "0.40"), ("02-28", "0.40"), ("03-31", "0.40")]),
        ("-0.50", 2, [("01-31", "-0.25"), ("02-28", "-0.25")]),
        ("0.02", 4, [("01-31", "0.01"), ("03-31", "0.01")]),
        ("0.01", 1, [("01-31", "0.01")]),
        ("0.00", 12, []),
    ],
)
def test_months_in_cents(amount: str, months: int, moved: list[tuple[str, str]]) -> None:
    """Halves go up, a month of nothing has no entry, and what is taken back (a negative line) moves the other way."""
    made = list(entries(replace(DUES, amount=Decimal(amount), months=months), PAID))
    found = []
    for entry in made:
        debit, credit = entry.lines
        assert (debit.debit, debit.credit, credit.credit) == (credit.credit, ZERO, debit.debit)
        assert debit.debit > 0
        sign = {("2400", "4100"): "", ("4100", "2400"): "-"}[debit.account, credit.account]
        found.append((f"{entry.date:%m-%d}", f"{sign}{debit.debit}"))
    assert found == moved


def test_a_currency_without_cents_moves_whole_units() -> None:
    made = list(entries(replace(DUES, amount=Decimal(100), months=3), replace(PAID, currency="JPY")))
    assert [str(entry.lines[0].debit) for entry in made] == ["33", "34", "33"]


@pytest.mark.parametrize(
    ("document", "count"),
    [
        (replace(PAID, balance=Decimal("0.01")), 0),
        (replace(PAID, cancelled=True), 0),
        (PAID, 12),
        (CreditNote(key="C1", number="N-1", date=date(2026, 1, 1), customer="A1", currency="CAD", lines=PAID.lines,
                    subtotal=Decimal("100.00"), tax=ZERO, total=Decimal("100.00")), 12),
    ],
    ids=["not paid", "cancelled", "paid", "a credit note needs no payment"],
)  # fmt: skip
def test_nothing_moves_before_it_is_paid_or_once_it_is_cancelled(document: Invoice | CreditNote, count: int) -> None:
    assert len(list(entries(DUES, document))) == count
