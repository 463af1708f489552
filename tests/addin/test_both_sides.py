"""Receivables, payables, deferred revenue and money on both sides (books.md, rule 9): each difference by its cause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from addin.journal import Transfer
from addin.options import Options
from addin.sync import held
from addin.sync.deferral import Schedules
from addin.sync.reconcile import Compared, Why, compare, owed, paid_off
from connectors.ledger import AccountBalance, AgedBalance, Capabilities, LedgerLists
from connectors.records import (
    Allocation,
    CreditNote,
    Customer,
    Direction,
    EntryLine,
    ExchangeRate,
    Item,
    JournalEntry,
    Kind,
    LedgerAccount,
    Payment,
    Refund,
    ReturnedPayment,
    RevenueSchedule,
    SalesReceipt,
    Side,
    SupplierInvoice,
    SupplierPayment,
    VendorCredit,
)
from tests.addin.cases import DAY, TODAY, company, document, line, transfer
from workbook.layout import ACCOUNT_MAP, ITEM_MAP

CLUB, LIGUE = Customer(key="A1", number="1001", name="Club"), Customer(key="A2", number="1002", name="Ligue")
HUNDRED = Decimal("100.00")
IN_PART = Options(pulls_are_whole=False)


def paid(
    key: str = "P1", invoice: str = "I1", amount: str = "100.00", *, type_: type[Any] = Payment, **more: Any
) -> Any:
    """A payment of an invoice."""
    parts = (Allocation(invoice=invoice, amount=Decimal(amount)),) if invoice else ()
    made = {"key": key, "number": f"R-{key}", "date": DAY, "customer": "A1", "currency": "CAD",
            "amount": Decimal(amount), "allocations": parts}  # fmt: skip
    return type_(**{**made, **more})


def returned(key: str = "B1", payment: str = "P1", amount: str = "100.00", **more: Any) -> Any:
    """A payment that the bank gave back."""
    return paid(key, "", amount, type_=ReturnedPayment, payment=payment, **more)


def rows(
    *records: Any, side: Side = Side.SALES, aged: Sequence[AgedBalance] = (), on: Any = TODAY, **given: Any
) -> Any:
    """Each account that differs or owes something."""
    return compare(company(CLUB, LIGUE, *records, **given).case(), side, aged, on)


def causes(found: Sequence[Compared]) -> list[tuple[str, str, str]]:
    """Each difference: its record, cause and amount."""
    return [(m.record.key if m.record else "", m.why, str(m.amount)) for row in found for m in row.mismatches]


def booked(*records: Any) -> tuple[Transfer, ...]:
    """Their transfers."""
    return tuple(map(transfer, records))


# what is owed


def test_a_balance_that_payments_do_not_leave_is_told_with_its_document() -> None:
    """70.00 are left by a credit of 30.00, and the source says 60.00: 10.00 less than its documents come to."""
    bill, credit = document(balance=Decimal("60.00")), document("C1", "30.00", type_=CreditNote, invoice="I1")
    there = booked(CLUB, bill, credit)
    found = rows(bill, credit, transfers=there, aged=[AgedBalance(customer="L-A1", name="", current=Decimal(70))])
    assert causes(found) == [("I1", Why.BALANCE, "10.00")]
    assert (found[0].source, found[0].difference, found[0].account, found[0].name) == (60, 10, "A1", "Club")
    yesterday = rows(bill, credit, transfers=there, on=TODAY - timedelta(days=1))
    assert (causes(yesterday), yesterday[0].source) == ([("", Why.NOTHING, "-70.00")], 70)
    tomorrow = rows(bill, credit, transfers=there, on=TODAY + timedelta(days=1))
    assert tomorrow[0].source == 60


@pytest.mark.parametrize(
    ("changes", "given", "beyond"),
    [
        ({"balance": Decimal("5.00")}, {}, "5.00"),
        ({"balance": Decimal("0.00")}, {}, ""),
        ({"balance": Decimal("5.00"), "cancelled": True}, {}, ""),
        ({"balance": Decimal("5.00")}, {"seen": {"I1": {"left_source": True}}}, ""),
        ({"balance": Decimal("5.00")}, {"seen": {"I1": {"left_source": True}}, "options": IN_PART}, "5.00"),
    ],
)
def test_what_is_paid_too_much_leaves_nothing_and_what_is_left_beyond_that_is_told(
    changes: dict[str, Any], given: dict[str, Any], beyond: str
) -> None:
    bill, more = document(**changes), paid(amount="120.00")
    found = rows(bill, more, transfers=booked(CLUB, bill, more), **given)
    told = [amount for _, why, amount in causes(found) if why == Why.BALANCE]
    assert told == ([f"-{beyond}"] if beyond else [])


def test_a_suppliers_bill_is_owed_by_us_and_told_on_its_own_side() -> None:
    bill = document("B1", type_=SupplierInvoice, balance=Decimal("40.00"))
    part = paid("P1", "B1", "50.00", type_=SupplierPayment)
    credit = document("C1", "10.00", type_=VendorCredit, invoice="B1")
    found = rows(bill, part, credit, side=Side.PURCHASES, transfers=booked(CLUB, bill, part, credit))
    assert found[0].source == 40
    assert causes(found) == [("", Why.NOTHING, "-40.00")]
    assert rows(bill, part, credit) == []
    assert [owed(each) for each in (bill, part, credit, CLUB, document("R1", type_=Refund))] == [100, -50, -10, 0, 0]


def test_what_one_pays_for_another_of_its_family_is_told_on_either_side_alone() -> None:
    """The ledger ages both accounts at zero; that one of them is paid as a supplier too takes nothing from that."""
    bill = document(customer="A2", balance=Decimal("0.00"))
    supplied = document("B1", "30.00", type_=SupplierInvoice, customer="A2", balance=Decimal("0.00"))
    records = (bill, paid(), supplied, paid("P2", "B1", "30.00", type_=SupplierPayment))
    there = booked(CLUB, LIGUE, *records)
    assert causes(rows(*records, transfers=there)) == [("P1", Why.FAMILY, "100.00"), ("P1", Why.FAMILY, "-100.00")]
    bought = rows(*records, side=Side.PURCHASES, transfers=there)
    assert causes(bought) == [("P2", Why.FAMILY, "30.00"), ("P2", Why.FAMILY, "-30.00")]


def test_what_payments_and_credits_take_off_each_document() -> None:
    """What the source has no longer takes nothing off, and what came back pays no more."""
    first, second = paid("P1", "I1", "30.00"), paid("P2", "I1", "25.00")
    gone = paid("P0", "I1", "99.00", date=DAY - timedelta(days=1))
    credits_ = (document("C1", "5.00", type_=CreditNote, invoice="I1"), document("C2", "7.00", type_=CreditNote),
                document("C3", "9.00", type_=CreditNote, invoice="I1", cancelled=True))  # fmt: skip
    twice = returned("B1", "P3", "10.00"), returned("B2", "P3", "10.00")
    bill = paid("P4", "B1", "12.00", type_=SupplierPayment)
    case = company(gone, first, second, *credits_, paid("P3", "I2", "10.00"), *twice, bill, returned("B9", "P9"),
                   seen={"P0": {"left_source": True}}).case()  # fmt: skip
    assert dict(paid_off(case)) == {
        (Kind.INVOICE, "I1"): Decimal("60.00"), (Kind.INVOICE, "I2"): Decimal("-10.00"),
        (Kind.SUPPLIER_INVOICE, "B1"): Decimal("12.00"),
    }  # fmt: skip


def test_each_difference_says_why_it_is_one() -> None:
    bill = document()
    assert causes(rows(bill)) == [("I1", Why.NOT_THERE, "-100.00")]
    differing = rows(document(balance=Decimal("90.00")), transfers=(transfer(CLUB),))
    assert [(m.account, m.why) for row in differing for m in row.mismatches] == [
        ("A1", Why.NOT_THERE), ("A1", Why.BALANCE),
    ]  # fmt: skip
    there = (transfer(CLUB), transfer(bill, total=Decimal("90.00")))
    assert causes(rows(bill, transfers=there))[0] == ("I1", Why.OTHERWISE, "-10.00")
    void = document(cancelled=True, balance=Decimal(0))
    assert causes(rows(void, transfers=booked(CLUB, void)))[0] == ("I1", Why.CANCELLED, "100.00")
    left: dict[str, Any] = {"seen": {"I1": {"left_source": True}}}
    assert causes(rows(bill, transfers=booked(CLUB, bill), **left))[0] == ("I1", Why.LEFT, "100.00")
    assert rows(bill, **left) == []


def test_accounts_come_by_name_and_of_one_name_by_key_and_currency() -> None:
    other = Customer(key="A0", number="1000", name="Club")
    records = (document("I1", customer="A2"), document("I2"), document("I3", customer="A0"),
               document("I4", customer="A0", currency="USD"), document("I5", customer="A7"))  # fmt: skip
    theirs = [AgedBalance(customer="9", name="Zoo", current=Decimal(1)),
              AgedBalance(customer="8", name="Aréna", currency="USD", current=Decimal(1))]  # fmt: skip
    found = rows(other, *records, aged=theirs)
    assert [(row.name, row.account, row.currency, row.what) for row in found] == [
        ("Aréna", "8", "USD", Side.SALES), ("Club", "A0", "CAD", Side.SALES), ("Club", "A0", "USD", Side.SALES),
        ("Club", "A1", "CAD", Side.SALES), ("Ligue", "A2", "CAD", Side.SALES), ("Zoo", "9", "CAD", Side.SALES),
        ("key:A7", "key:A7", "CAD", Side.SALES),
    ]  # fmt: skip
    assert rows(document(), on=DAY)[0].source == HUNDRED
    assert rows(document(), on=DAY - timedelta(days=1)) == []


# deferred revenue and money

SCHEDULE = RevenueSchedule(key="S1", invoice="I1", line=1, start=DAY, months=12, amount=HUNDRED,
                           deferred_account="2400", revenue_account="4100")  # fmt: skip
DUES = document(lines=(line(gl_account="2400"),))
ENTRY = JournalEntry(key="S1/2026-01", number="E-1", date=DAY, currency="CAD", invoice="I1",
                     lines=(EntryLine(account="2400", debit=Decimal("8.33")),
                            EntryLine(account="4100", credit=Decimal("8.33"))))  # fmt: skip
CODES = {"2400": "21", "4100": "41"}
LISTS = LedgerLists(accounts=(LedgerAccount(code="21", name="Dues in advance"),), receivable="12", deposit="10")


def deferred(*records: Any, balance: str = "0", schedules: Sequence[RevenueSchedule] = (SCHEDULE,), on: Any = TODAY,
             **given: Any) -> list[Any]:  # fmt: skip
    """What is revenue later, where the ledger has a balance on its account of deferred revenue."""
    made: dict[str, Any] = {"deferred": lambda: Schedules(tuple(schedules)), "lists": LISTS,
                            "maps": {ACCOUNT_MAP.name: CODES}}  # fmt: skip
    case = company(CLUB, *records, **(made | given)).case()
    there = [
        AccountBalance(account="21", amount=Decimal(balance)),
        AccountBalance(account="21", amount=Decimal(7), currency="USD"),
    ]
    return held.deferred(case, there, on)


def test_what_schedules_have_left_is_beside_the_account_that_they_move_from() -> None:
    [row] = deferred(DUES, ENTRY, balance="-91.67", transfers=booked(DUES, ENTRY))
    assert (row.what, row.account, row.name, row.currency, row.source, row.ledger.total, row.mismatches) == (
        "deferred", "21", "Dues in advance", "CAD", Decimal("91.67"), Decimal("91.67"), (),
    )  # fmt: skip
    [row] = deferred(DUES, ENTRY, balance="-100.00", transfers=booked(DUES))
    assert (row.source, causes([row])) == (Decimal("91.67"), [("S1/2026-01", Why.NOT_THERE, "8.33")])
    [row] = deferred(DUES, balance="-99.00", transfers=booked(DUES))
    assert causes([row]) == [("", Why.NOTHING, "-1.00")]
    assert deferred() == []
    assert deferred(DUES, on=DAY - timedelta(days=1)) == []
    assert [row.source for row in deferred(DUES, on=DAY)] == [HUNDRED]


def test_a_line_on_deferred_revenue_that_no_schedule_moves_is_told_and_another_is_not() -> None:
    stray = document("I2", "50.00", lines=(line("50.00", key="I2/1", gl_account="2400"),))
    rent = document("I3", "60.00", lines=(line("60.00", key="I3/1", gl_account="4100"),))
    [row] = deferred(DUES, stray, rent, balance="-150.00", transfers=booked(DUES, stray, rent))
    assert (row.source, causes([row])) == (HUNDRED, [("I2", Why.UNPLANNED, "50.00")])
    sold = replace(DUES, lines=(line(gl_account="4100"),))
    [row] = deferred(sold, transfers=booked(sold))
    assert (row.source, causes([row])) == (HUNDRED, [("I1", Why.UNPLANNED, "-100.00")])


def test_what_is_credited_or_refunded_of_it_counts_as_it_is_booked() -> None:
    for kind in (CreditNote, Refund):
        back = document("C1", "40.00", type_=kind, lines=(line("40.00", key="C1/1", gl_account="2400"),), invoice="I1")
        [row] = deferred(DUES, back, balance="-60.00", transfers=booked(DUES, back))
        assert (row.source, causes([row])) == (60, [])


def test_what_is_cancelled_or_gone_is_deferred_no_more() -> None:
    void = replace(DUES, cancelled=True)
    [row] = deferred(void, balance="-100.00", transfers=booked(void))
    assert (row.source, causes([row])) == (0, [("I1", Why.CANCELLED, "100.00")])
    left: dict[str, Any] = {"seen": {"I1": {"left_source": True}}}
    [row] = deferred(DUES, balance="-100.00", transfers=booked(DUES), **left)
    assert causes([row]) == [("I1", Why.LEFT, "100.00")]


def test_what_a_schedule_moves_is_in_the_home_currency() -> None:
    """At the rate of its document, of whatever kind; a document without a rate is not booked at all."""
    abroad = replace(DUES, currency="USD", exchange=ExchangeRate(rate=Decimal("1.35")))
    [row] = deferred(abroad, balance="-135.00", transfers=booked(abroad))
    assert (row.source, row.mismatches) == (135, ())
    receipt = document(type_=SalesReceipt, lines=DUES.lines, currency="USD", exchange=abroad.exchange)
    assert [row.source for row in deferred(receipt, transfers=booked(receipt))] == [135]
    assert deferred(replace(abroad, exchange=None)) == []


def test_where_lines_name_items_the_item_decides_on_the_account() -> None:
    by_item: dict[str, Any] = {
        "capabilities": Capabilities(lines_by="item"),
        "maps": {ACCOUNT_MAP.name: CODES, ITEM_MAP.name: {"COT": "Dues"}},
        "lists": replace(LISTS, items=(Item(code="Dues", name="", account="21"),)),
    }  # fmt: skip
    sold = replace(DUES, lines=(line(gl_account="2400", item="COT"),))
    [row] = deferred(sold, balance="-100.00", transfers=booked(sold), **by_item)
    assert (row.source, row.mismatches) == (HUNDRED, ())
    elsewhere = by_item | {"lists": replace(LISTS, items=(Item(code="Dues", name="", account="41"),))}
    [row] = deferred(sold, transfers=booked(sold), **elsewhere)
    assert causes([row]) == [("I1", Why.UNPLANNED, "-100.00")]
    [row] = deferred(sold, transfers=booked(sold), **(by_item | {"lists": LISTS}))
    assert causes([row]) == [("I1", Why.UNPLANNED, "-100.00")]


def test_accounts_of_two_schedules_come_by_code_and_one_that_is_not_mapped_is_none() -> None:
    other = replace(SCHEDULE, key="S2", invoice="I2", deferred_account="2450")
    both = {ACCOUNT_MAP.name: CODES | {"2450": "20"}}
    second = document("I2", lines=(line(key="I2/1", gl_account="2450"),))
    found = deferred(DUES, second, schedules=(SCHEDULE, other), maps=both, transfers=booked(DUES, second))
    assert [(row.account, row.name, row.source) for row in found] == [("20", "20", 100), ("21", "Dues in advance", 100)]
    found = deferred(DUES, second, schedules=(SCHEDULE, other), transfers=booked(DUES, second))
    assert [row.account for row in found] == ["21"]


def money(*records: Any, balance: str = "0", on: Any = TODAY, **given: Any) -> list[Any]:
    """Money, where the ledger has a balance on the account of it."""
    case = company(CLUB, *records, **({"lists": LISTS, "maps": {ACCOUNT_MAP.name: CODES}} | given)).case()
    return held.money(case, [AccountBalance(account="10", amount=Decimal(balance))], on)


def test_money_is_what_payments_and_receipts_brought_and_the_rest_is_the_ledgers_own() -> None:
    receipt, back = document("S1", "20.00", type_=SalesReceipt), document("R1", "5.00", type_=Refund)
    [row] = money(paid(), receipt, back, balance="115.00", transfers=booked(paid(), receipt, back))
    assert (row.what, row.account, row.source, row.mismatches) == ("money", "10", 115, ())
    [row] = money(paid(), balance="130.00", transfers=booked(paid()))
    assert causes([row]) == [("", Why.ELSEWHERE, "30.00")]
    [row] = money(paid())
    assert (row.source, causes([row])) == (HUNDRED, [("P1", Why.NOT_THERE, "-100.00")])
    [row] = money(paid(direction=Direction.FROM_LEDGER), balance="100.00")
    assert (row.source, row.mismatches) == (HUNDRED, ())
    assert money(document()) == []


def test_money_that_was_booked_with_another_amount_or_goes_elsewhere_is_told() -> None:
    [row] = money(paid(), balance="90.00", transfers=(transfer(paid(), total=Decimal("90.00")),))
    assert causes([row]) == [("P1", Why.OTHERWISE, "-10.00")]
    out = paid("P2", "B1", type_=SupplierPayment)
    [row] = money(out, balance="-90.00", transfers=(transfer(out, total=Decimal("90.00")),))
    assert (row.source, causes([row])) == (-100, [("P2", Why.OTHERWISE, "10.00")])
    receipt = document("S1", type_=SalesReceipt)
    [row] = money(receipt, balance="100.00", transfers=(transfer(receipt, total=Decimal("90.00")),))
    assert causes([row]) == []
    void = document("S1", type_=SalesReceipt, cancelled=True)
    [row] = money(void, balance="100.00", transfers=booked(void))
    assert causes([row]) == [("S1", Why.CANCELLED, "100.00")]


def test_each_account_that_a_method_decides_on_is_one_of_money_and_a_fee_comes_off_it() -> None:
    own = paid(deposit_account="11")
    found = money(own, paid("P2"), transfers=booked(own, paid("P2")))
    assert [(row.account, row.source) for row in found] == [("10", 100), ("11", 100)]
    charged = paid(method="card", fee=Decimal("3.00"))
    fee = JournalEntry(key="P1/fee", number="", date=DAY, currency="CAD", payment="P1",
                       lines=(EntryLine(account="", debit=Decimal("3.00")),
                              EntryLine(account="", credit=Decimal("3.00"))))  # fmt: skip
    given: dict[str, Any] = {"accounts_of_methods": {"card": "11"}, "transfers": booked(charged)}
    [row] = [row for row in money(charged, fee, **given) if row.account == "11"]
    assert (row.source, causes([row])) == (
        97, [("P1/fee", Why.NOT_THERE, "3.00"), ("", Why.ELSEWHERE, "-100.00")]
    )  # fmt: skip
    plain = replace(fee, key="J1", payment="")
    assert money(plain, transfers=booked(plain)) == []
    assert money(paid(), lists=LedgerLists(receivable="12")) == []
