"""When dues in advance become revenue (books.md, rules 2 and 3), by amounts and dates worked out by hand.

Membri 365, step 6: "At the time of a dues payment, the synchronization tool creates the journal entries for the income
received in advance. Each entry has a different date on which it will be transferred."
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from addin import texts
from addin.options import Recognise
from addin.sync.deferral import Waiting
from addin.sync.entries import Given, Made, made_from
from connectors.ledger import LedgerLists
from connectors.records import (
    Allocation,
    CreditNote,
    Customer,
    ExchangeRate,
    Invoice,
    InvoiceLine,
    JournalEntry,
    Kind,
    LedgerAccount,
    Payment,
    Refund,
    ReturnedPayment,
    RevenueSchedule,
    SalesReceipt,
    SupplierInvoice,
    Transferable,
)

NEVER_CLOSED = date(2019, 12, 31)


def line(amount: str, number: int = 1, account: str = "2400", document: str = "I1") -> InvoiceLine:
    return InvoiceLine(
        key=f"{document}/{number}", number=number, description="Dues", amount=Decimal(amount), gl_account=account
    )


def dues(amount: str = "120.00", on: str = "2024-01-01", balance: str = "0.00", *lines: InvoiceLine,
         currency: str = "CAD", cancelled: bool = False, number: str = "F-1", key: str = "I1") -> Invoice:  # fmt: skip
    return Invoice(
        key=key, number=number, date=date.fromisoformat(on), customer="A1", currency=currency,
        lines=lines or (line(amount, document=key),), subtotal=Decimal(amount), tax=Decimal(0), total=Decimal(amount),
        balance=Decimal(balance), cancelled=cancelled,
    )  # fmt: skip


def schedule(amount: str = "120.00", months: int = 12, start: str = "2024-01-01", key: str = "S1", number: int = 1,
             invoice: str = "I1") -> RevenueSchedule:  # fmt: skip
    return RevenueSchedule(
        key=key, invoice=invoice, line=number, start=date.fromisoformat(start), months=months, amount=Decimal(amount),
        deferred_account="2400", revenue_account="4100",
    )  # fmt: skip


def paid(amount: str, on: str, key: str = "P1", invoice: str = "I1", currency: str = "CAD") -> Payment:
    part = Allocation(invoice=invoice, amount=Decimal(amount))
    return Payment(
        key=key, number=key, date=date.fromisoformat(on), customer="A1", currency=currency, amount=Decimal(amount),
        allocations=(part,),
    )  # fmt: skip


def credited(amount: str, on: str, *lines: InvoiceLine, key: str = "C1") -> CreditNote:
    return CreditNote(
        key=key, number=key, date=date.fromisoformat(on), customer="A1", currency="CAD", invoice="I1",
        lines=lines or (line(amount, document=key),), subtotal=Decimal(amount), tax=Decimal(0), total=Decimal(amount),
    )  # fmt: skip


def refunded(amount: str, on: str) -> Refund:
    return Refund(
        key="R1", number="R1", date=date.fromisoformat(on), customer="A1", currency="CAD", invoice="I1",
        lines=(line(amount, document="R1"),), subtotal=Decimal(amount), tax=Decimal(0), total=Decimal(amount),
    )  # fmt: skip


def made(
    *records: Transferable,
    schedules: tuple[RevenueSchedule, ...] = (schedule(),),
    former: tuple[RevenueSchedule, ...] = (),
    transferred: tuple[JournalEntry, ...] = (),
    closed: date = NEVER_CLOSED,
    today: str = "2024-12-31",
    rule: Recognise = Recognise.PAID_IN_FULL,
    longest: int | None = None,
) -> Made:
    """What a pull of these records makes, where some entries were transferred and some months are closed."""
    return made_from(
        Given(
            records=records, schedules=schedules, transferred=transferred, former=former, rule=rule, longest=longest,
            opening=LedgerLists(closing_date=closed).first_open, today=date.fromisoformat(today),
            say=lambda message, **words: texts.say("en", message, **words),
        )
    )  # fmt: skip


def moved(result: Made, *but: JournalEntry) -> list[tuple[str, str, str]]:
    """Key, date and what becomes revenue of each entry, but for some; revenue taken back is negative."""
    return [(each.key, str(each.date), str(revenue(each))) for each in result.entries if each not in but]


def revenue(entry: JournalEntry) -> Decimal:
    return sum((leg.credit - leg.debit for leg in entry.lines if leg.account == "4100"), Decimal(0))


def first(result: Made, count: int) -> tuple[JournalEntry, ...]:
    return result.entries[:count]


def test_each_month_keeps_its_own_date_once_the_dues_are_paid() -> None:
    result = made(dues(), paid("120.00", "2024-01-01"))
    assert moved(result) == [(f"S1/2024-{month:02}", f"2024-{month:02}-01", "10.00") for month in range(1, 13)]
    assert [entry.number for entry in result.entries][:2] == ["F-1-2024-01", "F-1-2024-02"]
    assert result.entries[2].memo == "F-1 3/12"


def test_months_before_the_payment_come_together_on_its_day() -> None:
    result = made(dues(), paid("120.00", "2024-03-15"))
    assert moved(result)[:2] == [("S1/2024-03.1", "2024-03-15", "30.00"), ("S1/2024-04", "2024-04-01", "10.00")]
    assert len(result.entries) == 10
    assert result.entries[0].memo == "F-1: 2024-01 to 2024-03, caught up with"
    assert result.entries[0].number == "F-1-2024-03.1"


def test_months_before_the_invoice_come_together_on_its_day() -> None:
    result = made(dues(on="2024-02-20"), paid("120.00", "2024-01-10"))
    assert moved(result)[:2] == [("S1/2024-02.1", "2024-02-20", "20.00"), ("S1/2024-03", "2024-03-01", "10.00")]


def test_one_month_that_is_late_is_its_own_entry_still() -> None:
    result = made(dues(), paid("120.00", "2024-01-20"))
    assert moved(result)[:2] == [("S1/2024-01", "2024-01-20", "10.00"), ("S1/2024-02", "2024-02-01", "10.00")]
    result = made(dues(), paid("120.00", "2024-01-20"), closed=date(2024, 1, 31))
    assert moved(result)[:2] == [("S1/2024-01", "2024-02-01", "10.00"), ("S1/2024-02", "2024-02-01", "10.00")]
    assert result.entries[0].memo == "F-1 1/12 (2024-01)"


def test_closed_months_come_as_one_entry_in_the_first_open_period() -> None:
    result = made(dues(), paid("120.00", "2024-01-01"), closed=date(2024, 3, 31))
    assert moved(result)[:2] == [("S1/2024-04.1", "2024-04-01", "30.00"), ("S1/2024-04", "2024-04-01", "10.00")]
    assert result.entries[0].memo == "F-1: 2024-01 to 2024-03, caught up with"
    there = first(made(dues(), paid("120.00", "2024-01-01")), 1)
    result = made(dues(), paid("120.00", "2024-01-01"), closed=date(2024, 3, 31), transferred=there)
    assert moved(result, *there)[:2] == [("S1/2024-04.1", "2024-04-01", "20.00"), ("S1/2024-04", "2024-04-01", "10.00")]


def test_months_that_were_caught_up_with_are_not_told_of_again() -> None:
    late = (dues(), paid("120.00", "2024-02-20"))
    there = first(made(*late), 1)
    result = made(*late, closed=date(2024, 3, 31), transferred=there)
    assert moved(result, *there)[:2] == [("S1/2024-03", "2024-04-01", "10.00"), ("S1/2024-04", "2024-04-01", "10.00")]
    result = made(*late, closed=date(2024, 4, 30), transferred=there)
    assert moved(result, *there)[0] == ("S1/2024-05.2", "2024-05-01", "20.00")
    assert result.entries[1].memo == "F-1: 2024-03 to 2024-04, caught up with"


def test_dues_that_nobody_paid_are_no_revenue_and_neither_are_dues_credited_in_full() -> None:
    assert moved(made(dues(balance="120.00"))) == []
    assert moved(made(dues(balance="0.00"), credited("120.00", "2024-02-01"))) == []
    assert moved(made(dues(balance="0.00"))) == []


def test_part_payments_wait_for_the_last_or_count_in_proportion() -> None:
    parts = (paid("60.00", "2024-01-01"), paid("60.00", "2024-03-15", "P2"))
    assert moved(made(dues(), *parts))[:2] == [
        ("S1/2024-03.1", "2024-03-15", "30.00"), ("S1/2024-04", "2024-04-01", "10.00"),
    ]  # fmt: skip
    result = made(dues(), *parts, rule=Recognise.IN_PROPORTION)
    assert moved(result)[:5] == [
        ("S1/2024-01", "2024-01-01", "5.00"),
        ("S1/2024-02", "2024-02-01", "5.00"),
        ("S1/2024-03", "2024-03-01", "5.00"),
        ("S1/2024-03.1", "2024-03-15", "15.00"), ("S1/2024-04", "2024-04-01", "10.00"),
    ]  # fmt: skip
    assert result.entries[3].memo == "F-1: paid since, up to 2024-03"


@pytest.mark.parametrize(
    ("later", "key", "on", "memo"),
    [
        (credited("120.00", "2024-03-10"), "S1/2024-03.1", "2024-03-10", "as C1 of 2024-03-10 credits it"),
        (refunded("120.00", "2024-03-10"), "S1/2024-03.1", "2024-03-10", "as R1 of 2024-03-10 refunds it"),
        (credited("120.00", "2024-02-10"), "S1/2024-02.1", "2024-02-10", "as C1 of 2024-02-10 credits it"),
    ],
)
def test_what_a_credit_or_refund_leaves_too_much_is_taken_back(
    later: Transferable, key: str, on: str, memo: str
) -> None:
    there = first(made(dues(), paid("120.00", "2024-01-01")), 3)
    result = made(dues(), paid("120.00", "2024-01-01"), later, transferred=there)
    assert moved(result, *there) == [(key, on, "-30.00")]
    assert result.entries[-1].memo == f"F-1: taken back, {memo}"
    assert result.entries[:3] == there


def test_a_payment_that_was_returned_takes_back_what_it_made_revenue() -> None:
    there = first(made(dues(), paid("120.00", "2024-01-01")), 3)
    returned = paid("-120.00", "2024-03-10", "P2")
    result = made(dues(balance="120.00"), paid("120.00", "2024-01-01"), returned, transferred=there)
    assert moved(result, *there) == [("S1/2024-03.1", "2024-03-10", "-30.00")]
    assert result.entries[-1].memo == "F-1: taken back, as payment P2 was returned on 2024-03-10"


def test_a_payment_that_the_bank_gave_back_takes_back_what_it_made_revenue_of_each_document() -> None:
    both = (Allocation(invoice="I1", amount=Decimal("120.00")), Allocation(invoice="I2", amount=Decimal("60.00")))
    payment = replace(paid("180.00", "2024-01-01"), allocations=both)
    back = ReturnedPayment(key="B1", number="B-1", date=date(2024, 3, 10), customer="A1", currency="CAD",
                           amount=Decimal("180.00"), payment="P1")  # fmt: skip
    there = first(made(dues(), payment), 3)
    assert moved(made(dues(), payment, replace(back, payment="P9"), transferred=there), *there)[0][2] == "10.00"
    result = made(dues(balance="120.00"), payment, back, transferred=there)
    assert moved(result, *there) == [("S1/2024-03.1", "2024-03-10", "-30.00")]
    assert result.entries[-1].memo == "F-1: taken back, as payment B-1 was returned on 2024-03-10"
    again = made(dues(), payment, back, paid("120.00", "2024-03-20", "P2"), transferred=there)
    assert moved(again, *there)[0] == ("S1/2024-04", "2024-04-01", "10.00")


def test_what_is_credited_by_an_item_is_taken_off_the_items_account() -> None:
    of_item = replace(line("60.00", document="C1"), gl_account="", item="COT")
    records = (dues(), paid("120.00", "2024-01-01"), credited("60.00", "2024-01-15", of_item))
    given = Given(records=records, schedules=(schedule(),), today=date(2024, 12, 31), say=lambda *_, **__: "",
                  items={"COT": LedgerAccount(code="2400", name="")})  # fmt: skip
    assert sum(map(revenue, made_from(given).entries)) == Decimal("60.00")
    assert sum(map(revenue, made_from(replace(given, items={})).entries)) == Decimal("120.00")


def test_what_was_refunded_is_money_no_more() -> None:
    """60.00 of 120.00 were paid and 30.00 of them given back: 30.00 stand for the 90.00 that are owed."""
    assert moved(made(dues(balance="60.00"), paid("60.00", "2024-01-01"), refunded("30.00", "2024-01-10"))) == []


@pytest.mark.parametrize("later", [credited("120.00", "2024-03-10"), refunded("120.00", "2024-03-10")])
def test_a_credit_or_refund_that_is_cancelled_takes_nothing_back(later: Transferable) -> None:
    result = made(dues(), paid("120.00", "2024-01-01"), replace(later, cancelled=True))
    assert [revenue(entry) for entry in result.entries] == [Decimal("10.00")] * 12


def test_a_document_without_a_number_is_called_by_its_key() -> None:
    result = made(dues(number=""), paid("120.00", "2024-01-01"))
    assert (result.entries[0].number, result.entries[0].memo) == ("I1-2024-01", "I1 1/12")
    there = first(result, 3)
    credit = replace(credited("120.00", "2024-03-10"), number="")
    result = made(dues(number=""), paid("120.00", "2024-01-01"), credit, transferred=there)
    assert result.entries[-1].memo == "I1: taken back, as C1 of 2024-03-10 credits it"


def test_what_is_taken_back_of_a_closed_period_comes_in_the_first_open_one() -> None:
    there = first(made(dues(), paid("120.00", "2024-01-01")), 3)
    result = made(dues(), paid("120.00", "2024-01-01"), credited("120.00", "2024-02-10"), transferred=there,
                  closed=date(2024, 4, 30))  # fmt: skip
    assert moved(result, *there) == [("S1/2024-05.1", "2024-05-01", "-30.00")]


def test_cancelled_dues_are_taken_back_and_no_more_becomes_revenue() -> None:
    there = first(made(dues(), paid("120.00", "2024-01-01")), 3)
    result = made(dues(cancelled=True), paid("120.00", "2024-01-01"), transferred=there)
    assert moved(result, *there) == [("S1/2024-03.1", "2024-03-01", "-30.00")]
    assert result.entries[-1].memo == "F-1: taken back, as it is cancelled"
    again = made(dues(), paid("120.00", "2024-01-01"), transferred=result.entries)
    assert moved(again, *result.entries)[:2] == [
        ("S1/2024-03.2", "2024-03-01", "30.00"), ("S1/2024-04", "2024-04-01", "10.00"),
    ]  # fmt: skip


def test_dues_whose_payment_goes_elsewhere_are_taken_back() -> None:
    there = first(made(dues(), paid("120.00", "2024-01-01")), 3)
    result = made(dues(balance="120.00"), transferred=there)
    assert moved(result, *there) == [("S1/2024-03.1", "2024-03-01", "-30.00")]
    assert result.entries[-1].memo == "F-1: taken back, as less is paid of it than before"


def test_after_a_credit_of_half_the_months_go_on_to_the_half() -> None:
    """A member who leaves in the middle of the year is credited for the months that are left."""
    there = first(made(dues(), paid("120.00", "2024-01-01")), 3)
    result = made(dues(), paid("120.00", "2024-01-01"), credited("60.00", "2024-03-10"), transferred=there)
    assert moved(result, *there) == [(f"S1/2024-{month:02}", f"2024-{month:02}-01", "10.00") for month in (4, 5, 6)]
    there = first(made(dues(), paid("120.00", "2024-01-01")), 8)
    result = made(dues(), paid("120.00", "2024-01-01"), credited("60.00", "2024-08-10"), transferred=there)
    assert moved(result, *there) == [("S1/2024-08.1", "2024-08-10", "-20.00")]


def test_what_is_credited_on_the_revenue_account_leaves_the_liability_too() -> None:
    """Else revenue would fall below nothing, and what nobody owes would wait for ever; net of both nothing is left."""
    credit = credited("120.00", "2024-03-10", line("120.00", 1, "4100"))
    result = made(dues(), credit)
    assert moved(result) == [("S1/2024-03.1", "2024-03-10", "120.00")]
    assert result.entries[0].memo == "F-1: moved, as C1 of 2024-03-10 credits it on the revenue account"
    result = made(dues(), paid("120.00", "2024-01-01"), credited("60.00", "2024-06-10", line("60.00", 1, "4100")))
    assert [revenue(entry) for entry in result.entries] == [*[Decimal("10.00")] * 6, Decimal("60.00")]
    gift = dues("170.00", "2024-01-01", "0.00", line("120.00"), line("50.00", 2, "4100"))
    of_the_gift = credited("50.00", "2024-01-01", line("50.00", 1, "4100"))
    result = made(gift, paid("120.00", "2024-01-01"), of_the_gift)
    assert [revenue(entry) for entry in result.entries] == [Decimal("10.00")] * 12


def test_a_credit_of_another_line_leaves_the_dues_alone() -> None:
    dinner = dues("170.00", "2024-01-01", "0.00", line("120.00"), line("50.00", 2, "4200"))
    result = made(dinner, paid("120.00", "2024-01-01"), credited("50.00", "2024-01-01", line("50.00", 1, "4200")))
    assert moved(result)[0] == ("S1/2024-01", "2024-01-01", "10.00")
    assert len(result.entries) == 12


def test_what_a_former_version_recognised_too_early_stays_and_is_not_booked_again() -> None:
    """It booked each month on its own day as soon as the balance was 0: before the payment, and before the invoice."""
    early = first(made(dues(), paid("120.00", "2024-01-01")), 2)
    invoice = dues(on="2024-02-03")
    result = made(invoice, paid("120.00", "2024-03-08"), transferred=early)
    assert moved(result, *early)[:2] == [("S1/2024-03", "2024-03-08", "10.00"), ("S1/2024-04", "2024-04-01", "10.00")]
    assert moved(made(dues(), transferred=early), *early) == []  # called paid, though no payment shows
    assert moved(made(dues(), credited("120.00", "2024-02-10"), transferred=early), *early) == [
        ("S1/2024-02.1", "2024-02-10", "-20.00")
    ]


def test_a_month_that_a_person_kept_back_stays_an_entry_of_its_own() -> None:
    every = made(dues(), paid("120.00", "2024-01-01")).entries
    there = (every[0], every[2])
    assert moved(made(dues(), paid("120.00", "2024-01-01"), transferred=there))[2:4] == [
        ("S1/2024-02", "2024-02-01", "10.00"), ("S1/2024-04", "2024-04-01", "10.00"),
    ]  # fmt: skip


def test_a_schedule_that_was_shortened_names_the_entries_that_are_too_many() -> None:
    there = first(made(dues(), paid("120.00", "2024-01-01")), 3)
    result = made(dues(), paid("120.00", "2024-01-01"), transferred=there, schedules=(schedule(months=2),))
    assert moved(result, *there) == [("S1/2024-03.1", "2024-03-01", "90.00")]
    assert result.entries[-1].memo == "F-1: its schedule was changed"
    assert result.schedules.outdated == {"S1": ("F-1-2024-01", "F-1-2024-02", "F-1-2024-03")}
    assert there[2] not in result.entries  # the source has it no longer


def test_a_schedule_that_was_lengthened_takes_back_what_is_too_much_by_then() -> None:
    there = first(made(dues(), paid("120.00", "2024-01-01")), 3)
    result = made(dues(), paid("120.00", "2024-01-01"), transferred=there, schedules=(schedule(months=24),))
    assert moved(result, *there)[:2] == [("S1/2024-03.1", "2024-03-01", "-15.00"), ("S1/2024-04", "2024-04-01", "5.00")]
    assert sum(revenue(entry) for entry in result.entries) == Decimal("120.00")
    assert result.entries[3].memo == "F-1: its schedule was changed"
    credit = credited("120.00", "2024-06-10")
    result = made(dues(), paid("120.00", "2024-01-01"), credit, transferred=there, schedules=(schedule(months=24),))
    assert moved(result, *there) == [
        ("S1/2024-04", "2024-04-01", "5.00"), ("S1/2024-05", "2024-05-01", "5.00"),
        ("S1/2024-06", "2024-06-01", "5.00"), ("S1/2024-06.1", "2024-06-10", "-15.00"),
        ("S1/2024-06.2", "2024-06-10", "-30.00"),
    ]  # fmt: skip


def test_what_is_taken_back_names_the_credit_since_which_too_much_stands() -> None:
    """Of the day of an entry, or after one that left nothing too much."""
    there = first(made(dues(), paid("120.00", "2024-01-01")), 1)
    result = made(dues(), paid("120.00", "2024-01-01"), credited("120.00", "2024-01-01"), transferred=there)
    assert moved(result, *there) == [("S1/2024-01.1", "2024-01-01", "-10.00")]
    assert result.entries[-1].memo == "F-1: taken back, as C1 of 2024-01-01 credits it"
    there = first(made(dues(), paid("120.00", "2024-01-01")), 3)
    little, rest = credited("10.00", "2024-01-05"), credited("110.00", "2024-03-10", key="C2")
    result = made(dues(), paid("120.00", "2024-01-01"), little, rest, transferred=there)
    assert moved(result, *there) == [("S1/2024-03.1", "2024-03-10", "-30.00")]
    assert result.entries[-1].memo == "F-1: taken back, as C2 of 2024-03-10 credits it"
    early = credited("110.00", "2024-02-10", key="C2")
    result = made(dues(), paid("120.00", "2024-01-01"), little, early, transferred=there)
    assert moved(result, *there) == [("S1/2024-02.1", "2024-02-10", "-30.00")]
    assert result.entries[-1].memo == "F-1: taken back, as C2 of 2024-02-10 credits it"


def test_another_schedule_of_the_same_line_goes_on_where_the_former_ended() -> None:
    there = first(made(dues(), paid("120.00", "2024-01-01")), 3)
    result = made(dues(), paid("120.00", "2024-01-01"), transferred=there, schedules=(schedule(key="S2"),),
                  former=(schedule(),))  # fmt: skip
    assert moved(result)[0] == ("S2/2024-04", "2024-04-01", "10.00")
    assert result.schedules.left == {"S1"}
    assert result.schedules.outdated == {}


@pytest.mark.parametrize(
    ("amount", "currency", "months", "expected"),
    [
        ("100.00", "CAD", 3, ["33.33", "33.34", "33.33"]),
        ("-100.00", "CAD", 3, ["-33.33", "-33.34", "-33.33"]),
        ("0.05", "CAD", 12, ["0.01"] * 5),
        ("1.00", "CAD", 3, ["0.33", "0.34", "0.33"]),
        ("100", "JPY", 3, ["33", "34", "33"]),
        ("2", "JPY", 3, ["1", "1"]),
        ("1.000", "KWD", 3, ["0.333", "0.334", "0.333"]),
    ],
)
def test_months_come_to_the_whole_and_differ_by_the_smallest_unit_at_most(
    amount: str, currency: str, months: int, expected: list[str]
) -> None:
    lines = (line(amount), line("500", 2, "4200"))
    total = str(Decimal(amount) + 500)
    invoice = dues(total, "2024-01-01", "0", *lines, currency=currency)
    result = made(invoice, paid(total, "2024-01-01", currency=currency), schedules=(schedule(amount, months),))
    assert [str(revenue(entry)) for entry in result.entries] == expected


def test_a_credit_of_two_lines_of_one_account_takes_off_each_its_part() -> None:
    """Half of 240.00 on one liability is credited: nobody says of which line."""
    two = dues("240.00", "2024-01-01", "0.00", line("120.00"), line("120.00", 2))
    both = (schedule(), schedule(key="S2", number=2))
    result = made(two, paid("240.00", "2024-01-01"), credited("120.00", "2024-01-15"), schedules=both)
    sums = {key: sum(revenue(each) for each in result.entries if each.key.startswith(key)) for key in ("S1", "S2")}
    assert sums == {"S1": Decimal("60.00"), "S2": Decimal("60.00")}


def test_the_lines_of_a_credit_on_one_account_are_taken_together() -> None:
    parts = (line("30.00", document="C1"), line("30.00", 2, document="C1"))
    result = made(dues(), paid("120.00", "2024-01-01"), credited("60.00", "2024-01-15", *parts))
    assert sum(map(revenue, result.entries)) == Decimal("60.00")


def test_lines_of_one_account_that_come_to_nothing_become_revenue_each_by_its_own() -> None:
    """Nothing can be credited of what is nothing in all."""
    both = dues("0.00", "2024-01-01", "0.00", line("120.00"), line("-120.00", 2))
    result = made(both, schedules=(schedule(), schedule("-120.00", key="S2", number=2)))
    sums = {key: sum(revenue(each) for each in result.entries if each.key.startswith(key)) for key in ("S1", "S2")}
    assert sums == {"S1": Decimal("120.00"), "S2": Decimal("-120.00")}


def test_half_a_cent_is_a_cent() -> None:
    """Six cents of 120.00 are paid: of the first month that is half a cent."""
    result = made(dues(), paid("0.06", "2024-01-01"), rule=Recognise.IN_PROPORTION)
    assert moved(result)[0] == ("S1/2024-01", "2024-01-01", "0.01")
    assert sum(map(revenue, result.entries)) == Decimal("0.06")


def test_what_was_moved_from_another_account_counts_as_moved() -> None:
    """The schedule names another liability since."""
    before = made(dues(), paid("120.00", "2024-01-01"), today="2024-02-15")
    other = (replace(schedule(), deferred_account="2450"),)
    since = made(dues(), paid("120.00", "2024-01-01"), schedules=other, transferred=first(before, 2))
    moved_by = [each for each in since.entries if each.key not in {one.key for one in first(before, 2)}]
    assert sum(map(revenue, moved_by)) == Decimal("100.00")


def test_what_is_billed_in_yen_becomes_revenue_in_cents_of_the_books() -> None:
    """100 yen at 0.0091 are 91 cents; of the half that is paid a month is 15 cents, and no whole dollar."""
    rate = ExchangeRate(rate=Decimal("0.0091"), date=date(2024, 1, 1), source="Banque du Canada")
    invoice = replace(dues("100", currency="JPY"), exchange=rate)
    half = replace(paid("50", "2024-01-01", currency="JPY"), exchange=rate)
    result = made(invoice, half, schedules=(schedule("100", 3),), rule=Recognise.IN_PROPORTION)
    assert [str(revenue(entry)) for entry in result.entries] == ["0.15", "0.15", "0.16"]


def test_numbers_never_repeat() -> None:
    """QuickBooks Online takes 21 characters; the month ends a number, and the end of a document's tells it apart."""
    two = dues("240.00", "2024-01-01", "0.00", line("120.00"), line("120.00", 2))
    result = made(two, paid("240.00", "2024-01-01"), schedules=(schedule(), schedule(key="S2", number=2)))
    assert [entry.number for entry in result.entries if entry.date == date(2024, 3, 1)] == [
        "F-1-2024-03", "F-1-2024-03/2",
    ]  # fmt: skip
    long = [
        (dues(number=f"{letter}-ADHESION-2026-000123", key=letter), paid("120.00", "2024-01-01", letter, letter))
        for letter in "AB"
    ]
    schedules = tuple(schedule(months=1, key=f"S{letter}", invoice=letter) for letter in "AB")
    records = [record for pair in long for record in pair]
    assert [entry.number for entry in made(*records, schedules=schedules, longest=21).entries] == [
        "N-2026-000123-2024-01", "2026-000123-2024-01/2",
    ]  # fmt: skip
    typed = replace(result.entries[0], key="J1")
    assert made(dues(), paid("120.00", "2024-01-01"), typed).entries[0].number == "F-1-2024-01/2"


@pytest.mark.parametrize(
    ("kind", "debited"),
    [(SalesReceipt, "2400"), (SupplierInvoice, "4100"), (CreditNote, "4100")],
)
def test_the_kind_of_its_document_says_which_way_a_schedule_goes(kind: type, debited: str) -> None:
    """A receipt is paid on the spot; what a bill or a credit put on the account comes off it on the other side."""
    document = kind(
        key="I1", number="F-1", date=date(2024, 1, 1), customer="A1", currency="CAD", lines=(line("120.00"),),
        subtotal=Decimal(120), tax=Decimal(0), total=Decimal(120),
    )  # fmt: skip
    entry = made(document).entries[0]
    assert [leg.account for leg in entry.lines if leg.debit == 10] == [debited]
    assert entry.invoice == ""


def test_what_waits_is_told_with_whose_it_is_and_until_when() -> None:
    """Of each line on an account of revenue later; a line without a schedule has the longest of its account."""
    club = Customer(key="A1", number="1001", name="Club")
    both = dues("240.00", "2024-01-01", "240.00", line("120.00", 1, "4200"), line("120.00", 2))
    other = dues("90.00", "2024-02-15", "90.00", key="I2", number="", currency="USD")
    schedules = (schedule(number=2), schedule("60.00", 6, key="S3", invoice="I3"))
    waiting = made(club, both, replace(other, customer="A9"), schedules=schedules).schedules.waiting
    told = Waiting(
        kind=Kind.INVOICE, key="I1", document="F-1", account="Club", line=2, amount=Decimal("120.00"), currency="CAD",
        deferred="2400", ends=date(2025, 1, 1),
    )  # fmt: skip
    assert waiting == (
        told,
        replace(told, key="I2", document="I2", account="A9", line=1, amount=Decimal("90.00"), currency="USD",
                ends=date(2025, 2, 15)),
    )  # fmt: skip
    assert made(replace(both, cancelled=True), schedules=schedules).schedules.waiting == ()


def test_dues_without_money_wait_by_name_and_amount_until_they_are_paid_or_credited() -> None:
    late, unscheduled = dues(balance="120.00"), dues(balance="120.00", key="I2", number="F-2", on="2023-05-05")
    waiting = made(late, unscheduled).schedules.waiting
    assert [(each.document, str(each.amount), str(each.ends)) for each in waiting] == [
        ("F-1", "120.00", "2025-01-01"), ("F-2", "120.00", "2024-05-05"),
    ]  # fmt: skip
    assert made(dues(), paid("120.00", "2024-01-01")).schedules.waiting == ()
    assert made(dues(balance="0.00"), credited("120.00", "2024-02-01")).schedules.waiting == ()
    half = made(dues(balance="60.00"), paid("60.00", "2024-01-01"), rule=Recognise.IN_PROPORTION)
    assert [str(each.amount) for each in half.schedules.waiting] == ["60.00"]
