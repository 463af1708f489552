"""A payment's fee, and its early-payment discount, stand beside it (books.md, rule 7).

A fee leaves the account that the money went to, for the account of its method's fees. A discount settles its invoice
without money. Each follows its payment into the ledger, and goes before it.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from addin.usecases.check import check
from addin.usecases.reconcile import reconcile
from addin.usecases.undo import Chosen, undo_transfer
from connectors.records import Kind
from tests.addin.conftest import INVOICES, PAYMENTS, Association
from tests.addin.test_disbursements import balances
from tests.addin.test_tax_boxes import quarter
from workbook.layout import ACCOUNT_MAP, ENTRIES, METHOD_MAP, RECONCILIATION
from workbook.review import text_of

FEES, GIVEN, WAITING, OWED = "Expenses:BankFees", "Income:Other", "Assets:UndepositedFunds", "Assets:AccountsReceivable"
BANK = "Assets:Bank"


@pytest.fixture
def charged(association: Association) -> Association:
    """The member's payment, of which the processor kept 2.90."""
    association.files["payments"][0]["fee"] = "2.90"
    association.init()
    association.pull()
    association.type(METHOD_MAP, "cheque", fee_account="5300")
    return association


@pytest.fixture
def early(association: Association) -> Association:
    """The member paid 112.98 of 114.98, and took 2.00 off for paying early."""
    association.files["payments"][0]["amount"] = association.files["allocations"][0]["amount"] = "112.98"
    association.files["allocations"][0]["discount"] = "2.00"
    association.files["documents"][0]["balance"] = "0.00"
    association.init()
    association.pull()
    association.type(ACCOUNT_MAP, "discount", ledger_code="4900")
    return association


def codes(association: Association) -> list[tuple[str, str]]:
    """What Check tells: key and code."""
    return sorted((problem.key, problem.code) for problem in association.run(check).problems)


def test_a_fee_leaves_the_account_of_the_money_for_that_of_its_methods_fees(charged: Association) -> None:
    assert codes(charged) == []
    report = charged.sync()
    assert (report.counts["posted"][Kind.JOURNAL_ENTRY], list(report.problems)) == (1, [])
    there = balances(charged)
    assert (there[FEES], there[WAITING]) == (Decimal("2.90"), Decimal("112.08"))
    assert not [account for account in there if account.startswith(OWED)]
    assert charged.row(ENTRIES, "P1/fee#1")["memo"] == "Fee of payment R-1"
    assert charged.row(ENTRIES, "P1/fee#1")["entry"] == "R-1-fee"


def test_a_fee_follows_the_account_that_was_typed_for_its_payment(charged: Association) -> None:
    charged.type(PAYMENTS, "P1", deposit_account="1010")
    charged.sync()
    there = balances(charged)
    assert (there[FEES], there[BANK]) == (Decimal("2.90"), Decimal("112.08"))


def test_a_fee_whose_method_has_no_account_is_refused_and_its_payment_leaves(charged: Association) -> None:
    charged.type(METHOD_MAP, "cheque", fee_account="")
    [problem] = charged.run(check).problems
    assert (problem.code, problem.key, problem.params) == (
        "fee_account_missing", "P1/fee", {"code": "cheque", "name": "Chèque"}
    )  # fmt: skip
    charged.sync()
    assert balances(charged)[WAITING] == Decimal("114.98")
    charged.type(METHOD_MAP, "cheque", fee_account="5300")
    charged.type(ENTRIES, "P1/fee#1", status="To Be Transferred")
    charged.type(ENTRIES, "P1/fee#2", status="To Be Transferred")
    charged.sync()
    assert balances(charged)[WAITING] == Decimal("112.08")


def test_an_account_of_fees_that_the_ledger_lacks_is_told_at_its_cell(charged: Association) -> None:
    charged.type(METHOD_MAP, "cheque", fee_account="9997")
    [problem] = charged.run(check).problems
    assert (problem.code, problem.key) == ("not_in_ledger", "P1/fee")
    assert problem.place
    assert (problem.place.sheet, problem.place.cell[:2]) == ("Mapping", "AB")


def test_a_fee_waits_for_its_payment(charged: Association) -> None:
    charged.type(PAYMENTS, "P1", status="Stand By")
    assert ("P1/fee", "payment_not_transferred") in codes(charged)
    charged.sync()
    assert FEES not in balances(charged)


def test_a_fee_that_is_told_later_leaves_later_and_changes_nothing_of_its_payment(association: Association) -> None:
    association.init()
    association.pull()
    association.sync()
    association.files["payments"][0]["fee"] = "2.90"
    association.pull()
    association.type(METHOD_MAP, "cheque", fee_account="5300")
    assert codes(association) == []
    association.sync()
    assert balances(association)[WAITING] == Decimal("112.08")


def test_a_fee_that_changes_after_its_transfer_is_told_and_not_sent_again(charged: Association) -> None:
    charged.sync()
    charged.files["payments"][0]["fee"] = "3.10"
    charged.pull()
    assert codes(charged) == [("P1/fee", "changed_after_transfer")]
    charged.sync()
    assert balances(charged)[FEES] == Decimal("2.90")


def test_a_fee_goes_with_its_payment_where_that_is_undone(charged: Association) -> None:
    charged.sync()
    report = charged.run(lambda session: undo_transfer(session, Chosen(kind=Kind.PAYMENT, numbers=["R-1"])))
    assert dict(report.counts["undone"]) == {Kind.PAYMENT: 1, Kind.JOURNAL_ENTRY: 1}
    assert WAITING not in balances(charged)
    assert FEES not in balances(charged)


def test_a_payment_that_came_from_the_ledger_brings_no_fee_there(charged: Association) -> None:
    charged.files["payments"][0]["direction"] = "from_ledger"
    charged.pull()
    charged.sync()
    assert FEES not in balances(charged)


def test_a_fee_is_counted_with_the_money_that_its_account_holds(charged: Association) -> None:
    charged.sync()
    charged.run(reconcile)
    rows = [row.values for row in charged.book.read(RECONCILIATION).rows]
    [money] = [row for row in rows if text_of(row["what"]) == "Money received"]
    assert (money["source_balance"], money["ledger_balance"]) == (Decimal("112.08"), Decimal("112.08"))


def test_a_discount_settles_its_invoice_without_money_and_without_tax(early: Association) -> None:
    assert codes(early) == []
    report = early.sync()
    assert (report.counts["posted"][Kind.CREDIT_NOTE], list(report.problems)) == (1, [])
    there = balances(early)
    assert (there[WAITING], there[GIVEN]) == (Decimal("112.98"), Decimal("2.00"))
    assert not [account for account in there if account.startswith(OWED)]
    row = early.row(INVOICES, "P1/I1")
    assert (row["number"], row["total"], row["tax"]) == ("R-1-discount", "2", "0")
    assert codes(early) == []


def test_a_discount_without_an_account_is_refused_by_its_name(early: Association) -> None:
    early.type(ACCOUNT_MAP, "discount", ledger_code="")
    [problem] = early.run(check).problems
    assert (problem.code, problem.key) == ("gl_account_not_mapped", "P1/I1")
    assert (problem.params["code"], problem.params["name"]) == ("discount", "Early-payment discounts given")


def test_a_discount_changes_no_box_of_a_tax_return(early: Association) -> None:
    """The tax is on all that was billed, whether it is paid early or not."""
    for tax, registration in zip(early.files["taxes"], ("123456789 RT0001", "1012345678 TQ0001"), strict=True):
        tax["registration"] = registration
    early.pull()
    early.sync()
    boxes = quarter(early).facts["boxes"]
    assert isinstance(boxes, list)
    assert {row["box"]: row["amount"] for row in boxes if row["box"] in ("101", "103", "203")} == {
        "101": "100.00", "103": "5.00", "203": "9.98",
    }  # fmt: skip


def test_a_discount_is_undone_with_its_payment_and_the_invoice_is_open_again(early: Association) -> None:
    early.sync()
    report = early.run(lambda session: undo_transfer(session, Chosen(kind=Kind.PAYMENT, numbers=["R-1"])))
    assert dict(report.counts["undone"]) == {Kind.PAYMENT: 1, Kind.CREDIT_NOTE: 1}
    assert balances(early)[f"{OWED}:1001"] == Decimal("114.98")


def test_a_payment_with_its_discount_settles_no_more_than_its_invoice(early: Association) -> None:
    early.files["allocations"][0]["discount"] = "3.00"
    early.pull()
    assert codes(early) == [("P1", "payment_over_balance"), ("P1/I1", "payment_not_transferred")]


def test_a_payment_after_a_discount_goes_to_what_is_open(early: Association) -> None:
    early.sync()
    early.add("payments", key="P2", number="R-2", date="2025-03-01", account="A1", currency="CAD", amount="2.00",
              invoice="I1")  # fmt: skip
    early.pull()
    assert codes(early) == [("P2", "payment_over_balance")]


def test_dues_paid_less_the_discount_are_paid_in_full(association: Association) -> None:
    """A discount is no money, and what it takes off is owed no more."""
    association.files["lines"][0]["gl_account"] = "2400"
    association.add("gl_accounts", code="2400", name="Cotisations reportées")
    association.add("schedules", key="S1", invoice="I1", line="1", start="2025-01-01", months="10", amount="100.00",
                    deferred_account="2400", revenue_account="4100")  # fmt: skip
    association.files["payments"][0]["amount"] = association.files["allocations"][0]["amount"] = "112.98"
    association.files["allocations"][0]["discount"] = "2.00"
    association.files["documents"][0]["balance"] = "0.00"
    association.init()
    association.pull()
    association.type(ACCOUNT_MAP, "discount", ledger_code="4900")
    association.sync()
    assert balances(association)["Income:Dues"] == Decimal("-100.00")
    assert balances(association)[GIVEN] == Decimal("2.00")


def test_a_supplier_that_takes_a_discount_off_gives_a_credit_for_its_bill(association: Association) -> None:
    association.add("accounts", key="S1", number="2001", name="Imprimerie", is_supplier="yes")
    association.add("documents", key="B1", kind="supplier_invoice", number="A-77", date="2025-01-20", account="S1",
                    currency="CAD", subtotal="230.00", tax="0.00", total="230.00", balance="0.00")  # fmt: skip
    association.add("lines", document="B1", line="1", description="Affiches", amount="230.00", gl_account="5100")
    association.add("gl_accounts", code="5100", name="Bureau")
    association.add("payments", key="V1", number="1044", date="2025-02-10", account="S1", currency="CAD",
                    amount="225.00", method="cheque")  # fmt: skip
    association.add("allocations", payment="V1", invoice="B1", amount="225.00", discount="5.00")
    association.init()
    association.pull()
    association.type(ACCOUNT_MAP, "discount received", ledger_code="4900")
    association.sync()
    there = balances(association)
    assert there[GIVEN] == Decimal("-5.00")
    assert not [account for account in there if "Payable" in account]
