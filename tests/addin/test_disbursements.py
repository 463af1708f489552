"""A payment to a supplier is a disbursement (books.md, rule 1): party, what it pays and its kind decide both sides."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import pytest
from beancount import loader
from beancount.core.data import Transaction

from addin.usecases.check import check
from addin.usecases.undo import Chosen, undo_transfer
from connectors.records import Kind
from tests.addin.conftest import PAYMENTS, Association, documents_in

PRINTER = "Assets:AccountsReceivable:2001", "Liabilities:AccountsPayable:2001"


@pytest.fixture
def association(association: Association) -> Association:
    """A supplier whose bill of 230.00 is open, beside the member of the small association."""
    association.add("accounts", key="S1", number="2001", name="Imprimerie du Vieux-Quai", is_supplier="yes")
    association.add("documents", key="B1", kind="supplier_invoice", number="A-77", date="2025-01-20", account="S1",
                    currency="CAD", subtotal="230.00", tax="0.00", total="230.00", balance="230.00")  # fmt: skip
    association.add("lines", document="B1", line="1", description="Affiches", amount="230.00", gl_account="5100")
    association.add("gl_accounts", code="5100", name="Bureau")
    association.init()
    return association


def pay(association: Association, key: str = "V1", amount: str = "230.00", **cells: str) -> None:
    """A cheque to the supplier."""
    association.add("payments", **{"key": key, "number": "1044", "date": "2025-02-10", "account": "S1",
                                   "currency": "CAD", "amount": amount, "method": "cheque", **cells})  # fmt: skip


def balances(association: Association) -> dict[str, Decimal]:
    """What our entries come to in the book, by account."""
    entries, errors, _ = loader.load_file(str(association.folder / "book.beancount"))
    assert errors == []
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for entry in entries:
        for leg in entry.postings if isinstance(entry, Transaction) else ():
            assert leg.units
            assert leg.units.number is not None
            sums[leg.account] += leg.units.number
    return {account: balance for account, balance in sums.items() if balance}


def refusals(association: Association) -> list[tuple[str, str, str, int | None]]:
    """What a pull says that it could not read: code, key, column and line."""
    problems = association.pull().problems
    return [(each.code, each.key, each.column, each.provenance.line) for each in problems]


def test_money_on_account_of_a_supplier_leaves_the_bank_and_what_is_owed(association: Association) -> None:
    """It was booked as a receipt on receivables."""
    pay(association, amount="100.00")
    association.pull()
    association.sync()
    there = balances(association)
    assert there["Liabilities:AccountsPayable:2001"] == Decimal("-130.00")
    assert there["Assets:UndepositedFunds"] == Decimal("114.98") - Decimal("100.00")
    assert not [account for account in there if account.startswith("Assets:AccountsReceivable")]


def test_a_bill_and_what_pays_it_leave_together_and_nothing_is_owed(association: Association) -> None:
    """It waited for an invoice that stands, and showed a change that nobody typed."""
    pay(association)
    association.add("allocations", payment="V1", invoice="B1", amount="230.00")
    association.files["documents"][-1]["balance"] = "0.00"
    association.pull()
    assert list(association.run(check).problems) == []
    report = association.sync()
    assert (report.counts["posted"][Kind.SUPPLIER_PAYMENT], list(report.problems)) == (1, [])
    assert not {account: balance for account, balance in balances(association).items() if "Payable" in account}
    row = association.row(PAYMENTS, "V1")
    assert (row["kind"], row["invoice"], row["status"]) == ("Supplier payment", "A-77", "Transfer Completed")
    assert association.row(PAYMENTS, "P1")["kind"] == "Payment"
    assert list(association.run(check).problems) == []


@pytest.mark.parametrize("word", ["", "paid", "payé"])
def test_the_kind_may_be_told_or_left_to_what_it_pays(association: Association, word: str) -> None:
    pay(association, kind=word, account="S1")
    association.add("allocations", payment="V1", invoice="B1", amount="230.00")
    association.pull()
    assert association.row(PAYMENTS, "V1")["kind"] == "Supplier payment"


def test_what_a_payment_says_and_what_it_pays_agree_or_it_is_refused_at_its_cell(association: Association) -> None:
    pay(association, kind="received", invoice="B1")
    pay(association, "V2", number="1045")
    association.add("allocations", payment="V2", invoice="B1", amount="130.00")
    association.add("allocations", payment="V2", invoice="I1", amount="100.00")
    assert refusals(association) == [
        ("payment_way_differs", "V1", "kind", 3),
        ("payment_of_two_ways", "V2", "invoice", 4),
    ]


def test_of_a_party_that_is_billed_and_bills_us_nothing_is_guessed(association: Association) -> None:
    association.files["accounts"][0]["is_supplier"] = "yes"
    pay(association, account="A1")
    assert refusals(association) == [("payment_way_missing", "V1", "account", 3)]
    association.files["payments"][-1]["kind"] = "paid"
    association.pull()
    association.sync()
    assert balances(association)["Liabilities:AccountsPayable:1001"] == Decimal("230.00")


def test_money_paid_to_who_is_no_supplier_is_refused(association: Association) -> None:
    pay(association, kind="paid", account="A1")
    association.pull()
    [problem] = association.run(check).problems
    assert (problem.code, problem.key, problem.column) == ("paid_no_supplier", "V1", "account")


def test_a_bill_is_not_paid_beyond_its_total_nor_by_another(association: Association) -> None:
    association.add("accounts", key="S2", number="2002", name="Traiteur", is_supplier="yes")
    pay(association, amount="300.00")
    association.add("allocations", payment="V1", invoice="B1", amount="300.00")
    pay(association, "V2", number="1045", account="S2", amount="10.00", invoice="B1", date="2025-02-01")
    association.pull()
    codes = sorted((problem.key, problem.code) for problem in association.run(check).problems)
    assert codes == [("B1", "balance_differs"), ("V1", "payment_over_balance"), ("V2", "invoice_of_another")]


def test_a_payment_that_is_now_of_another_kind_waits_until_the_former_is_undone(association: Association) -> None:
    """Its key was booked as money received: booked as money paid as well, it would stand there twice."""
    association.files["accounts"][-1]["is_supplier"] = "no"
    association.files["documents"] = association.files["documents"][:1]
    association.files["lines"] = association.files["lines"][:1]
    pay(association)
    association.pull()
    assert association.sync().counts["posted"][Kind.PAYMENT] == 2
    association.files["accounts"][-1]["is_supplier"] = "yes"
    association.pull()
    codes = {(each.kind, each.code) for each in association.run(check).problems if each.key == "V1"}
    assert (Kind.SUPPLIER_PAYMENT, "booked_as_another") in codes
    association.sync()
    assert (Kind.SUPPLIER_PAYMENT, "V1") not in documents_in(association.folder / "book.beancount")
    association.run(lambda session: undo_transfer(session, Chosen(kind=Kind.PAYMENT, numbers=["1044"])))
    association.type(PAYMENTS, "V1", status="To Be Transferred")
    association.sync()
    assert balances(association)["Liabilities:AccountsPayable:2001"] == Decimal("230.00")
    assert not [account for account in balances(association) if account.startswith(PRINTER[0])]


def test_a_disbursement_is_undone_and_what_it_paid_is_owed_again(association: Association) -> None:
    pay(association, invoice="B1")
    association.pull()
    association.sync()

    def undone(kind: Kind, number: str) -> list[str]:
        report = association.run(lambda session: undo_transfer(session, Chosen(kind=kind, numbers=[number])))
        return [problem.code for problem in report.problems]

    assert undone(Kind.SUPPLIER_INVOICE, "A-77") == ["undo_applied"]
    assert undone(Kind.SUPPLIER_PAYMENT, "1044") == []
    assert balances(association)["Liabilities:AccountsPayable:2001"] == Decimal("-230.00")
    assert undone(Kind.SUPPLIER_INVOICE, "A-77") == []
