"""A payment that the bank gave back (books.md, rules 2 and 5): a record of its own that opens its invoices again."""

from __future__ import annotations

from decimal import Decimal

import pytest

from addin.usecases.check import check
from addin.usecases.undo import Chosen, undo_transfer
from connectors.records import Kind
from tests.addin.conftest import PAYMENTS, Association, add_invoice
from tests.addin.test_amended_later import close
from tests.addin.test_disbursements import balances

OWED, MONEY = "Assets:AccountsReceivable:1001", "Assets:UndepositedFunds"


@pytest.fixture
def association(association: Association) -> Association:
    """A member whose invoice of 114.98 was paid by cheque on the day of P1."""
    association.init()
    return association


def give_back(association: Association, key: str = "R1", payment: str = "P1", **cells: str) -> None:
    """The bank returns a payment."""
    association.add("payments", **{"key": key, "kind": "returned", "number": f"NSF-{key}", "date": "2025-03-10",
                                   "account": "A1", "currency": "CAD", "amount": "114.98", "payment": payment,
                                   **cells})  # fmt: skip


def pay_again(association: Association, key: str = "P2", day: str = "2025-03-20") -> None:
    """The invoice is paid anew."""
    association.add("payments", key=key, number=f"C-{key}", date=day, account="A1", currency="CAD", amount="114.98")
    association.add("allocations", payment=key, invoice="I1", amount="114.98")


def told(association: Association) -> list[tuple[str, str]]:
    """Keys and codes of what Check says of payments, after a pull."""
    association.pull()
    return sorted((each.key, each.code) for each in association.run(check).problems if each.key[:1] in "PR")


def undone(association: Association, kind: Kind, number: str) -> list[str]:
    """What an undo says."""
    report = association.run(lambda session: undo_transfer(session, Chosen(kind=kind, numbers=[number])))
    return [problem.code for problem in report.problems]


def test_it_opens_the_invoice_again_and_leaves_with_its_payment_and_what_pays_it_anew(
    association: Association,
) -> None:
    give_back(association)
    association.pull()
    report = association.sync()
    assert report.counts["posted"][Kind.RETURNED_PAYMENT] == 1
    there = balances(association)
    assert there[OWED] == Decimal("114.98")
    assert MONEY not in there
    row = association.row(PAYMENTS, "R1")
    assert (row["kind"], row["status"], row["invoice"]) == ("Returned payment", "Transfer Completed", "R-1")
    pay_again(association)
    assert told(association) == []
    association.sync()
    assert OWED not in balances(association)


def test_all_three_leave_in_one_sync(association: Association) -> None:
    give_back(association)
    pay_again(association)
    assert told(association) == []
    report = association.sync()
    assert list(report.problems) == []
    assert OWED not in balances(association)
    assert balances(association)[MONEY] == Decimal("114.98")


def test_without_the_return_it_is_paid_beyond_its_total(association: Association) -> None:
    pay_again(association)
    assert ("P2", "payment_over_balance") in told(association)


def test_money_leaves_the_account_that_it_had_gone_to(association: Association) -> None:
    """Its own word wins, as for any payment."""
    association.files["payments"][0]["deposit_account"] = "1010"
    give_back(association)
    association.pull()
    association.sync()
    assert not {account for account in balances(association) if account.startswith("Assets:") and account != OWED}


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"amount": "100.00"}, "return_differs"),
        ({"date": "2024-12-01"}, "return_differs"),
        ({"kind": "returned", "payment": "S9"}, "return_of_no_receipt"),
    ],
)
def test_only_what_was_received_comes_back_whole_and_not_before(
    association: Association, cells: dict[str, str], code: str
) -> None:
    association.add("accounts", key="S1", number="2001", name="Imprimerie", is_supplier="yes")
    association.add("payments", key="S9", number="9", date="2025-02-10", account="S1", currency="CAD", amount="114.98")
    give_back(association, **cells)
    assert ("R1", code) in told(association)


def test_a_payment_comes_back_once(association: Association) -> None:
    give_back(association)
    give_back(association, "R2", date="2025-03-11")
    assert ("R2", "returned_twice") in told(association)
    association.sync()
    assert balances(association)[OWED] == Decimal("114.98")
    assert ("R2", "returned_twice") in told(association)


def test_it_waits_for_its_payment(association: Association) -> None:
    give_back(association)
    association.pull()
    association.type(PAYMENTS, "P1", status="Stand By")
    assert ("R1", "payment_not_transferred") in [(e.key, e.code) for e in association.run(check).problems]


def test_what_pays_the_invoice_anew_waits_for_a_return_that_is_refused(association: Association) -> None:
    """The ledger has the invoice paid as long as it does not have the return."""
    association.pull()
    association.sync()
    give_back(association, date="2025-02-20")
    pay_again(association)
    close(association, "2025-02-28")
    assert {("R1", "period_closed"), ("P2", "return_not_transferred")} <= {*told(association)}
    association.sync()
    assert balances(association).get(OWED, Decimal(0)) == 0


def test_what_came_back_is_applied_to_nothing_more(association: Association) -> None:
    add_invoice(association, "I2", "F-2")
    association.add("payments", key="P2", number="R-2", date="2025-02-10", account="A1", currency="CAD", amount="50.00")
    give_back(association, payment="P2", amount="50.00")
    association.pull()
    association.sync()
    association.add("allocations", payment="P2", invoice="I2", amount="50.00")
    assert ("P2", "payment_returned") in told(association)
    before = association.ledger_text()
    association.sync()
    assert association.ledger_text() == before


def test_a_return_is_undone_before_its_payment_and_the_invoice_is_paid_again(association: Association) -> None:
    give_back(association)
    association.pull()
    association.sync()
    assert undone(association, Kind.PAYMENT, "R-1") == ["undo_applied"]
    assert undone(association, Kind.RETURNED_PAYMENT, "NSF-R1") == []
    assert OWED not in balances(association)
    assert undone(association, Kind.PAYMENT, "R-1") == []
    assert balances(association)[OWED] == Decimal("114.98")


def test_a_row_that_names_no_payment_and_one_that_says_received_are_refused(association: Association) -> None:
    give_back(association, payment="")
    give_back(association, "R2", kind="received")
    problems = association.pull().problems
    assert [(each.code, each.key, each.column) for each in problems] == [
        ("value_missing", "R1", "payment"),
        ("payment_way_differs", "R2", "kind"),
    ]


def test_what_names_a_payment_and_no_kind_gives_it_back(association: Association) -> None:
    give_back(association, kind="")
    association.pull()
    assert association.row(PAYMENTS, "R1")["kind"] == "Returned payment"
