"""Foreign currency has a rate, gain or loss at payment, and a trial balance in one currency (books.md, rule 8)."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import pytest
from beancount import loader
from beancount.core.data import Transaction

from addin.usecases.check import check
from addin.usecases.reconcile import reconcile
from addin.usecases.undo import Chosen, undo_transfer
from connectors.records import Kind
from tests.addin.conftest import Association, add_invoice
from tests.addin.test_disbursements import balances
from tests.addin.test_tax_boxes import quarter
from workbook.layout import INVOICES, METHOD_MAP, PAYMENTS, RECONCILIATION
from workbook.review import text_of

OWED, WAITING, GAINS = "Assets:AccountsReceivable:1001", "Assets:UndepositedFunds", "Income:ExchangeGains"
RATE = {"currency": "USD", "rate": "1.3521", "rate_date": "2025-01-15", "rate_source": "Bank of Canada"}


@pytest.fixture
def abroad(association: Association) -> Association:
    """An invoice of 114.98 USD at 1.3521, which is 155.46 CAD, and nothing that pays it."""
    association.files["documents"][0].update(RATE)
    del association.files["payments"], association.files["allocations"]
    association.init()
    association.pull()
    return association


def pay(association: Association, key: str, amount: str, rate: str, on: str = "2025-02-01", part: str = "") -> None:
    """Money for the invoice."""
    association.add("payments", key=key, number=f"R-{key}", date=on, account="A1", currency="USD", amount=amount,
                    method="cheque", rate=rate)  # fmt: skip
    if part != "0":
        association.add("allocations", payment=key, invoice="I1", amount=part or amount)


def codes(association: Association) -> list[tuple[str, str]]:
    """What Check tells: key and code."""
    return sorted((problem.key, problem.code) for problem in association.run(check).problems)


def test_the_sheets_show_the_rate_of_what_is_in_a_foreign_currency(abroad: Association) -> None:
    add_invoice(abroad, "I2", "F-2")
    pay(abroad, "P1", "114.98", "1.4")
    abroad.pull()
    assert (abroad.row(INVOICES, "I1")["rate"], abroad.row(INVOICES, "I2")["rate"]) == ("1.3521", "")
    assert abroad.row(PAYMENTS, "P1")["rate"] == "1.4"


def currencies(association: Association) -> set[str]:
    """The currencies of all postings of a book that bean-check accepts."""
    entries, errors, _ = loader.load_file(str(association.folder / "book.beancount"))
    assert errors == []
    return {leg.units.currency for each in entries if isinstance(each, Transaction) for leg in each.postings
            if leg.units}  # fmt: skip


def open_in(association: Association) -> dict[str, list[tuple[Decimal, Decimal]]]:
    """What the source and the ledger say is owed, by currency as the name shows it."""
    association.run(reconcile)
    found: defaultdict[str, list[tuple[Decimal, Decimal]]] = defaultdict(list)
    for row in (row.values for row in association.book.read(RECONCILIATION).rows):
        if text_of(row["what"]) == "Receivable":
            currency = "USD" if "USD" in text_of(row["account"]) else "CAD"
            source, ledger = row["source_balance"], row["ledger_balance"]
            assert isinstance(source, Decimal)
            assert isinstance(ledger, Decimal)
            found[currency].append((source, ledger))
    return dict(found)


def test_without_a_rate_nothing_in_a_foreign_currency_leaves(abroad: Association) -> None:
    abroad.files["documents"][0].update(rate="")
    abroad.pull()
    [problem] = abroad.run(check).problems
    assert (problem.code, problem.key, problem.column) == ("rate_missing", "I1", "currency")
    assert dict(problem.params) == {"currency": "USD", "home": "CAD"}
    abroad.sync()
    assert balances(abroad) == {}


def test_a_document_is_booked_in_the_home_currency_at_its_rate_and_owed_in_its_own(abroad: Association) -> None:
    """GST 5.00 is 6.76, QST 9.98 is 13.49, and the line takes what rounding leaves of 155.46."""
    assert codes(abroad) == []
    abroad.sync()
    assert balances(abroad) == {
        OWED: Decimal("155.46"), "Income:Dues": Decimal("-135.21"),
        "Liabilities:GST": Decimal("-6.76"), "Liabilities:QST": Decimal("-13.49"),
    }  # fmt: skip
    assert currencies(abroad) == {"CAD"}
    assert open_in(abroad) == {"USD": [(Decimal("114.98"), Decimal("114.98"))]}
    text = abroad.ledger_text()
    assert 'rate: "1.3521"' in text
    assert "rate-date: 2025-01-15" in text
    assert 'rate-source: "Bank of Canada"' in text


def test_a_payment_at_another_rate_gains_or_loses_and_leaves_nothing_owed(abroad: Association) -> None:
    """114.98 at 1.40 is 160.97: 5.51 more than it was owed for."""
    pay(abroad, "P1", "114.98", "1.40")
    abroad.pull()
    assert codes(abroad) == []
    abroad.sync()
    there = balances(abroad)
    assert (there[WAITING], there[GAINS]) == (Decimal("160.97"), Decimal("-5.51"))
    assert OWED not in there
    assert open_in(abroad) == {}


def test_part_payments_at_several_rates_leave_not_a_cent(abroad: Association) -> None:
    for key, amount, rate in (("P1", "33.33", "1.30"), ("P2", "33.33", "1.41"), ("P3", "48.32", "1.3333")):
        pay(abroad, key, amount, rate)
    abroad.pull()
    abroad.sync()
    there = balances(abroad)
    assert OWED not in there
    assert there[WAITING] == Decimal("43.33") + Decimal("47.00") + Decimal("64.43")
    assert there[GAINS] == Decimal("155.46") - there[WAITING]


def test_one_payment_of_two_invoices_leaves_not_a_cent_of_rounding(abroad: Association) -> None:
    """At 1.3306 both together are 230.17, a cent more than 58.00 and 114.98 one by one; they came with 233.88."""
    add_invoice(abroad, "I2", "F-2", subtotal="58.00", tax="0.00", total="58.00", **RATE)
    abroad.files["lines"][-1].update(unit_price="58.00", amount="58.00", tax_amount="0.00", tax_group="")
    abroad.files["document_taxes"] = [row for row in abroad.files["document_taxes"] if row["document"] != "I2"]
    pay(abroad, "P1", "172.98", "1.3306", part="114.98")
    abroad.add("allocations", payment="P1", invoice="I2", amount="58.00")
    abroad.pull()
    abroad.sync()
    there = balances(abroad)
    assert OWED not in there
    assert (there[WAITING], there[GAINS]) == (Decimal("230.17"), Decimal("3.71"))


def test_what_was_paid_in_part_and_undone_is_owed_again_to_the_cent(abroad: Association) -> None:
    pay(abroad, "P1", "33.33", "1.30")
    pay(abroad, "P2", "81.65", "1.41")
    abroad.pull()
    abroad.sync()
    abroad.run(lambda session: undo_transfer(session, Chosen(kind=Kind.PAYMENT, numbers=["R-P1"])))
    assert open_in(abroad)["USD"] == [(Decimal("0.00"), Decimal("33.33"))]
    abroad.type(PAYMENTS, "P1", status="To Be Transferred")
    abroad.sync()
    assert OWED not in balances(abroad)


def test_a_credit_at_another_rate_takes_its_invoice_off_at_what_it_came_with(abroad: Association) -> None:
    add_invoice(abroad, "C1", "C-1", kind="credit_note", invoice="I1", on="2025-03-10", currency="USD", rate="1.30")
    abroad.pull()
    abroad.sync()
    there = balances(abroad)
    assert OWED not in there
    assert there[GAINS] == Decimal("155.46") - Decimal("149.47")


def test_money_on_account_stays_in_its_currency_and_is_applied_by_undoing_it(abroad: Association) -> None:
    pay(abroad, "P1", "50.00", "1.40", part="0")
    abroad.pull()
    abroad.sync()
    assert open_in(abroad)["USD"] == [(Decimal("64.98"), Decimal("64.98"))]
    abroad.add("allocations", payment="P1", invoice="I1", amount="50.00")
    abroad.pull()
    assert ("P1", "applied_at_another_rate") in codes(abroad)
    abroad.run(lambda session: undo_transfer(session, Chosen(kind=Kind.PAYMENT, numbers=["R-P1"])))
    abroad.type(PAYMENTS, "P1", status="To Be Transferred")
    abroad.sync()
    there = balances(abroad)
    assert there[GAINS] == Decimal("67.60") - Decimal("70.00")
    assert there[OWED] == Decimal("155.46") - Decimal("67.60")


def test_what_a_person_booked_in_that_currency_without_a_rate_is_not_paid_at_one(abroad: Association) -> None:
    abroad.files["documents"][0]["sync_reference"] = ""
    book = abroad.folder / "book.beancount"
    abroad.sync()
    book.write_text(book.read_text(encoding="utf-8") + (
        f'\n2025-01-16 * "Club" "F-9"\n  number: "F-9"\n  kind: "invoice"\n  {OWED}  10.00 USD\n'
        "  Income:Dues  -10.00 USD\n"), encoding="utf-8")  # fmt: skip
    add_invoice(abroad, "I9", "F-9", currency="USD", rate="1.35", sync_reference="F-9", subtotal="10.00", tax="0.00",
                total="10.00")  # fmt: skip
    abroad.files["lines"][-1].update(unit_price="10.00", amount="10.00", tax_amount="0.00", tax_group="")
    abroad.files["document_taxes"] = [row for row in abroad.files["document_taxes"] if row["document"] != "I9"]
    pay(abroad, "P9", "10.00", "1.40", part="0")
    abroad.add("allocations", payment="P9", invoice="I9", amount="10.00")
    abroad.pull()
    report = abroad.sync()
    assert [p.code for p in report.problems if p.key == "P9"] == ["document_without_rate"]


def test_a_payment_that_the_bank_gave_back_takes_its_gain_with_it(abroad: Association) -> None:
    """The invoice is owed again at what it came with, and what is paid once more gains or loses by its own rate."""
    pay(abroad, "P1", "114.98", "1.40")
    pay(abroad, "N1", "114.98", "1.45", on="2025-02-10", part="0")
    abroad.files["payments"][-1].update(kind="returned", payment="P1")
    abroad.pull()
    assert abroad.sync().counts["posted"][Kind.RETURNED_PAYMENT] == 1
    there = balances(abroad)
    assert there[OWED] == Decimal("155.46")
    assert WAITING not in there
    assert GAINS not in there
    pay(abroad, "P2", "114.98", "1.30", on="2025-03-01")
    abroad.pull()
    abroad.sync()
    there = balances(abroad)
    assert (there[WAITING], there[GAINS]) == (Decimal("149.47"), Decimal("5.99"))
    assert OWED not in there


def test_a_return_counts_it_at_its_rate(abroad: Association) -> None:
    for tax, registration in zip(abroad.files["taxes"], ("123456789 RT0001", "1012345678 TQ0001"), strict=True):
        tax["registration"] = registration
    abroad.pull()
    abroad.sync()
    boxes = quarter(abroad).facts["boxes"]
    assert isinstance(boxes, list)
    assert {row["box"]: row["amount"] for row in boxes if row["box"] in ("101", "103", "203")} == {
        "101": "135.21", "103": "6.76", "203": "13.49",
    }  # fmt: skip


def test_a_fee_is_booked_at_the_rate_of_its_payment(abroad: Association) -> None:
    pay(abroad, "P1", "114.98", "1.40")
    abroad.files["payments"][-1]["fee"] = "3.00"
    abroad.pull()
    abroad.type(METHOD_MAP, "cheque", fee_account="5300")
    abroad.sync()
    there = balances(abroad)
    assert (there["Expenses:BankFees"], there[WAITING]) == (Decimal("4.20"), Decimal("156.77"))


def test_dues_become_revenue_at_the_rate_that_they_came_with(abroad: Association) -> None:
    abroad.files["lines"][0]["gl_account"] = "2400"
    abroad.add("gl_accounts", code="2400", name="Cotisations reportées")
    abroad.add("schedules", key="S1", invoice="I1", line="1", start="2025-01-01", months="7", amount="100.00",
               deferred_account="2400", revenue_account="4100")  # fmt: skip
    pay(abroad, "P1", "114.98", "1.40")
    abroad.pull()
    abroad.sync()
    there = balances(abroad)
    assert there["Income:Dues"] == Decimal("-135.21")
    assert "Liabilities:DeferredDues" not in there
