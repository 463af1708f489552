"""What the source changed of a record after it was booked: what it is told as, and what of it reaches the ledger."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from addin.journal import State, Transfer
from addin.journal.rows import payload_of
from addin.sync.amendments import amendment, follows, told
from addin.sync.applications import alike_but_for_it, application, applies_more
from connectors.records import (
    Allocation,
    CreditNote,
    Customer,
    EntryLine,
    JournalEntry,
    Kind,
    Payment,
    SupplierInvoice,
    SupplierPayment,
    VendorCredit,
)
from tests.addin.cases import DAY, document, line, transfer

LATER = DAY + timedelta(days=30)
FIELDS = {Kind.INVOICE: frozenset({"memo", "due", "description"})}
PAYMENTS = frozenset({Kind.PAYMENT, Kind.CREDIT_NOTE})
ENTRY = JournalEntry(key="J1", number="E-1", date=DAY, currency="CAD",
                     lines=(EntryLine(account="4100", debit=Decimal(1), memo="a"),
                            EntryLine(account="4200", credit=Decimal(1), memo="b")))  # fmt: skip


def left(record: Any, state: State = State.POSTED) -> Transfer:
    """The transfer of a record with the text of it as it left."""
    return transfer(record, state, payload=payload_of(record))


def paid(*parts: tuple[str, str], amount: str = "100.00", type_: type[Any] = Payment, **changes: Any) -> Any:
    """A payment that goes to documents."""
    shares = tuple(Allocation(invoice=invoice, amount=Decimal(share)) for invoice, share in parts)
    return type_(key="P1", number="R-1", date=DAY, customer="A1", currency="CAD", amount=Decimal(amount),
                 allocations=shares, **changes)  # fmt: skip


# amendments


def test_free_fields_are_brought_as_far_as_the_ledger_changes_them_and_the_rest_is_for_a_person() -> None:
    was, now = document(memo="a", email="x"), document(memo="b", email="y", due=LATER)
    found = amendment(left(was), now, FIELDS)
    assert found is not None
    assert (found.before, found.record, found.fields, found.by_hand) == (
        was, replace(was, memo="b", due=LATER), ("memo", "due"), ("email",),
    )  # fmt: skip
    other = amendment(left(was), now, {Kind.PAYMENT: FIELDS[Kind.INVOICE]})
    assert other is not None
    assert (other.record, other.fields, other.by_hand) == (was, (), ("memo", "due", "email"))


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (document(), document()),
        (document(memo="a"), document("I1", "90.00", memo="b")),
        (document(memo="a"), document(memo="b", date=LATER)),
        (document(memo="a"), document(memo="b", customer="A2")),
    ],
)
def test_what_says_the_same_or_moves_an_amount_an_account_or_a_day_is_no_amendment(was: Any, now: Any) -> None:
    assert amendment(left(was), now, FIELDS) is None
    assert not follows(left(was), now, frozenset(), FIELDS)


def test_what_we_did_not_book_is_not_ours_to_amend() -> None:
    was, now = document(memo="a"), document(memo="b")
    for state in (State.MANUAL, State.GONE, State.UNKNOWN):
        assert amendment(left(was, state), now, FIELDS) is None
    assert amendment(transfer(was), now, FIELDS) is None
    assert follows(left(was), now, frozenset(), FIELDS)
    assert not follows(left(was), now, frozenset(), {})
    club = Customer(key="A1", number="1001", name="Club")
    assert not follows(left(club), replace(club, name="Other"), frozenset({Kind.CUSTOMER}), {})


def test_money_that_is_applied_and_gets_another_memo_is_amended_and_applied() -> None:
    was, now = paid(memo="a"), paid(("I1", "60.00"), memo="b")
    found = amendment(left(was), now, {Kind.PAYMENT: frozenset({"memo"})})
    assert found is not None
    assert (found.record, found.fields) == (replace(was, memo="b"), ("memo",))
    assert follows(left(was), now, PAYMENTS, {})
    assert not follows(left(was), now, frozenset(), {})


def test_each_field_is_told_with_what_it_was_and_is() -> None:
    was = document(memo="a", due=DAY, lines=(line(), line(key="I1/2", number=2, description="x")))
    now = document("I1", "90.00", memo="", due=LATER, number="F-9", lines=(line("90.00"), line(key="I1/2", number=2)))
    assert json.loads(told(was, now)) == [
        ["memo", "a", None], ["due", "2026-01-05", "2026-02-04"], ["description", "x", "Cotisation"],
        ["number", "F-I1", "F-9"], ["subtotal", "100.00", "90.00"], ["total", "100.00", "90.00"],
        ["lines", None, None],
    ]  # fmt: skip
    assert json.loads(told(was, now, {"total", "due"})) == [
        ["due", "2026-01-05", "2026-02-04"], ["total", "100.00", "90.00"],
    ]  # fmt: skip
    assert json.loads(told(was, replace(was, customer="A2", date=LATER, currency="USD"))) == [
        ["date", "2026-01-05", "2026-02-04"], ["customer", "A1", "A2"], ["currency", "CAD", "USD"],
    ]  # fmt: skip
    sides = (replace(ENTRY.lines[0], memo=""), replace(ENTRY.lines[1], memo="c"))
    assert json.loads(told(ENTRY, replace(ENTRY, lines=sides))) == [["description", "a", ""], ["description", "b", "c"]]
    assert json.loads(told(paid(), paid(("I1", "60.00"), amount="60", method="card"))) == [
        ["amount", "100.00", "60"], ["method", None, "card"], ["allocations", None, None],
    ]  # fmt: skip
    assert json.loads(told(document("C1", type_=CreditNote), document("C1", type_=CreditNote, invoice="I1"))) == [
        ["invoice", None, "I1"]
    ]  # fmt: skip


# applications


def test_what_was_applied_since_and_what_was_taken_back_is_told_by_document() -> None:
    was = paid(("I1", "40.00"), ("I2", "10.00"), memo="a")
    now = paid(("I1", "30.00"), ("I1", "25.00"), ("I3", "5.00"), memo="b")
    found = application(left(was), now)
    assert found is not None
    assert found.record == replace(now, memo="a")
    assert (dict(found.added), dict(found.taken_back)) == (
        {(Kind.INVOICE, "I1"): Decimal("15.00"), (Kind.INVOICE, "I3"): Decimal("5.00")},
        {(Kind.INVOICE, "I2"): Decimal("10.00")},
    )  # fmt: skip
    assert not applies_more(left(was), now, PAYMENTS)
    assert application(left(was), replace(was, memo="b")) is None
    assert application(transfer(was), now) is None
    assert application(left(was, State.MANUAL), now) is None


def test_a_credit_goes_to_its_document_with_all_that_it_is() -> None:
    was, now = document("C1", type_=CreditNote), document("C1", type_=CreditNote, invoice="I1")
    found = application(left(was), now)
    assert found is not None
    assert (dict(found.added), dict(found.taken_back)) == ({(Kind.INVOICE, "I1"): Decimal("100.00")}, {})
    back = application(left(now), was)
    assert back is not None
    assert (dict(back.added), dict(back.taken_back)) == ({}, {(Kind.INVOICE, "I1"): Decimal("100.00")})
    assert applies_more(left(was), now, PAYMENTS)
    assert not applies_more(left(now), was, PAYMENTS)
    assert not applies_more(left(was), now, frozenset({Kind.PAYMENT}))
    assert not applies_more(left(was), was, PAYMENTS)
    bill = application(left(document("C1", type_=VendorCredit)), document("C1", type_=VendorCredit, invoice="B1"))
    assert bill is not None
    assert list(bill.added) == [(Kind.SUPPLIER_INVOICE, "B1")]
    supplied = application(left(paid(type_=SupplierPayment)), paid(("B1", "1.00"), type_=SupplierPayment))
    assert supplied is not None
    assert dict(supplied.added) == {(Kind.SUPPLIER_INVOICE, "B1"): Decimal("1.00")}


def test_two_versions_are_alike_but_for_what_they_are_applied_to() -> None:
    assert alike_but_for_it(paid(), paid(("I1", "1.00")))
    assert not alike_but_for_it(paid(), paid(("I1", "1.00"), amount="90.00"))
    credit = document("C1", type_=CreditNote)
    assert alike_but_for_it(credit, replace(credit, invoice="I1"))
    assert not alike_but_for_it(credit, replace(credit, invoice="I1", total=Decimal(1)))
    assert not alike_but_for_it(document(), document())
    assert not alike_but_for_it(paid(), credit)
    bill = document(type_=SupplierInvoice)
    assert application(left(bill), bill) is None
