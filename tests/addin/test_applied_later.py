"""Money and credits on account that the source applies later are applied in the ledger (books.md, rule 6)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from beancount import loader
from beancount.core.data import Transaction

from addin.usecases.check import check
from addin.usecases.preview import preview
from addin.usecases.undo import Chosen, undo_transfer
from connectors.ledgers.beancount.connector import BeancountLedger
from connectors.records import Kind
from tests.addin.after_transfer import add_money_on_account, codes, lose_the_answer, transactions, transfer_all
from tests.addin.conftest import INVOICES, PAYMENTS, TODAY, Association, add_invoice


@pytest.fixture
def association(association: Association) -> Association:
    """60.00 on account and an open invoice of 114.98, both in the ledger."""
    add_money_on_account(association)
    transfer_all(association)
    return association


def allocate(association: Association, amount: str = "60.00", invoice: str = "I2", payment: str = "P2") -> None:
    """The source applies the money to an invoice."""
    association.add("allocations", payment=payment, invoice=invoice, amount=amount)
    association.files["documents"][1]["balance"] = str(Decimal("114.98") - Decimal(amount))


def written(association: Association) -> int:
    """How many transactions the book has."""
    return len(transactions(association))


def test_it_is_told_first_and_leaves_with_the_next_sync_once(association: Association) -> None:
    """It was told to be corrected by hand or with a credit note."""
    before = written(association)
    allocate(association)
    association.pull()
    row = association.row(PAYMENTS, "P2")
    assert (row["status"], row["reference"], row["invoice"]) == ("To Be Transferred", "R-2", "F-2")
    assert codes(association) == []
    seen = association.run(preview)
    assert (seen.counts["ready"], dict(seen.totals), seen.facts["accounts"]) == ({Kind.PAYMENT: 1}, {}, [])
    report = association.sync()
    assert (report.counts["applied"], report.counts["posted"], report.problems) == ({Kind.PAYMENT: 1}, {}, ())
    assert not report.totals
    row = association.row(PAYMENTS, "P2")
    assert (row["status"], row["reference"]) == ("Transfer Completed", "R-2")
    assert written(association) == before
    assert association.ledger_text().count('custom "applied"') == 1
    for _ in range(2):
        association.pull()
        assert association.sync().counts["applied"] == {}
    assert association.ledger_text().count('custom "applied"') == 1


def test_it_is_applied_again_when_more_is_allocated_and_the_first_part_stays(association: Association) -> None:
    add_invoice(association, "I3", "F-3", balance="114.98")
    for amount, invoice in (("20.00", "I2"), ("40.00", "I3")):
        association.add("allocations", payment="P2", invoice=invoice, amount=amount)
        association.pull()
        assert association.sync().counts["applied"] == {Kind.PAYMENT: 1}
    lines = [line.strip() for line in association.ledger_text().splitlines() if line.startswith("  applied-amount")]
    assert lines[-2:] == ["applied-amount-1: 20.00 CAD", "applied-amount-1: 40.00 CAD"]


def test_a_credit_note_goes_to_the_invoice_that_the_source_names_later(association: Association) -> None:
    add_invoice(association, "C1", "N-1", kind="credit_note")
    association.pull()
    association.sync()
    credit = association.files["documents"][-1]
    credit["invoice"] = "I2"
    association.files["documents"][1]["balance"] = "0.00"
    association.pull()
    assert codes(association) == []
    assert association.sync().counts["applied"] == {Kind.CREDIT_NOTE: 1}
    assert association.row(INVOICES, "C1")["status"] == "Transfer Completed"


@pytest.mark.parametrize(("column", "value"), [("amount", "70.00"), ("date", "2025-02-11"), ("method", "card")])
def test_where_more_of_it_differs_nothing_is_touched(association: Association, column: str, value: str) -> None:
    before = association.ledger_text()
    allocate(association)
    association.files["payments"][1][column] = value
    association.pull()
    assert ("P2", "changed_after_transfer") in codes(association)
    assert association.sync().counts["applied"] == {}
    assert association.ledger_text() == before
    assert association.row(PAYMENTS, "P2")["status"] == "Transfer Completed"


def test_what_the_source_takes_back_is_told_with_the_numbers_and_not_done(association: Association) -> None:
    allocate(association)
    association.pull()
    association.sync()
    before = association.ledger_text()
    association.files["allocations"][-1]["amount"] = "45.00"
    association.files["documents"][1]["balance"] = "69.98"
    association.pull()
    [problem] = association.run(check).problems
    assert (problem.code, problem.key) == ("application_taken_back", "P2")
    assert (problem.params["reference"], problem.params["parts"]) == ("R-2", "F-2: 15.00")
    assert association.sync().counts["applied"] == {}
    assert association.ledger_text() == before
    assert "F-2: 15.00" in association.row(PAYMENTS, "P2")["reason"]


def test_a_ledger_that_cannot_says_what_to_do_by_hand(
    association: Association, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        BeancountLedger, "capabilities", replace(BeancountLedger.capabilities, applies_later=frozenset())
    )
    allocate(association)
    association.pull()
    [problem] = association.run(check).problems
    assert (problem.code, problem.params["parts"]) == ("apply_by_hand", "F-2: 60.00")
    before = association.ledger_text()
    association.sync()
    row = association.row(PAYMENTS, "P2")
    assert row["status"] == "Transfer Completed"
    assert "In the ledger, apply R-2 to F-2: 60.00 by hand." in row["fix"]
    assert association.ledger_text() == before


def test_more_than_the_invoice_or_the_payment_has_does_not_leave(association: Association) -> None:
    allocate(association, "75.00")
    association.pull()
    assert ("P2", "payment_over_allocated") in codes(association)
    association.files["allocations"][-1]["amount"] = "60.00"
    association.add("payments", key="P3", number="R-3", date="2025-02-11", account="A1", currency="CAD",
                    amount="80.00", method="cheque")  # fmt: skip
    association.add("allocations", payment="P3", invoice="I2", amount="80.00")
    association.pull()
    assert "payment_over_balance" in {code for _, code in codes(association)}


def test_it_waits_for_an_invoice_that_is_not_there(association: Association) -> None:
    add_invoice(association, "I3", "F-3", sent="no")
    association.add("allocations", payment="P2", invoice="I3", amount="60.00")
    association.pull()
    assert ("P2", "invoice_not_transferred") in codes(association)
    assert association.sync().counts["applied"] == {}
    association.files["documents"][-1]["sent"] = "yes"
    association.pull()
    report = association.sync()
    assert (report.counts["posted"], report.counts["applied"]) == ({Kind.INVOICE: 1}, {Kind.PAYMENT: 1})


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_answer_that_was_lost_is_looked_up_and_it_is_applied_once(
    association: Association, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    allocate(association)
    association.pull()
    with monkeypatch.context() as patch:
        lose_the_answer(patch, when)
        association.sync()
    assert association.ledger_text().count('custom "applied"') == (1 if when == "after" else 0)
    report = association.sync()
    assert (report.counts["adopted"], report.counts["applied"]) == (
        ({Kind.PAYMENT: 1}, {}) if when == "after" else ({}, {Kind.PAYMENT: 1})
    )
    assert association.ledger_text().count('custom "applied"') == 1
    assert association.row(PAYMENTS, "P2")["status"] == "Transfer Completed"


def test_what_a_person_wrote_in_the_book_is_taken_for_it_or_left(association: Association) -> None:
    """The accountant applied it by hand meanwhile: as the source says, or otherwise."""
    file = association.folder / "passerelle.beancount"
    text = file.read_text()
    head = next(line for line in text.splitlines() if '"R-2"' in line and " * " in line)
    file.write_text(text.replace(head, f'{head}\n  applied: "F-1"'))
    allocate(association)
    association.pull()
    [problem] = association.sync().problems
    assert (problem.code, problem.params["there"], problem.params["parts"]) == (
        "applied_otherwise", "F-1: 60.00", "F-2: 60.00"
    )  # fmt: skip
    assert association.row(PAYMENTS, "P2")["status"] == "Transfer Error"
    file.write_text(file.read_text().replace('applied: "F-1"', 'applied: "F-2"'))
    association.type(PAYMENTS, "P2", status="To Be Transferred")
    assert association.sync().counts["applied"] == {Kind.PAYMENT: 1}
    assert 'custom "applied"' not in association.ledger_text()


def test_undone_it_is_booked_again_as_the_source_has_it(association: Association) -> None:
    allocate(association)
    association.pull()
    association.sync()
    chosen = Chosen(kind=Kind.PAYMENT, numbers=["R-2"])
    association.run(lambda session: undo_transfer(session, chosen))
    assert association.row(PAYMENTS, "P2")["status"] == "Stand By"
    association.type(PAYMENTS, "P2", status="To Be Transferred")
    report = association.sync()
    assert (report.counts["posted"], report.counts["applied"]) == ({Kind.PAYMENT: 1}, {})
    assert association.sync().counts["posted"] == {}
    assert codes(association) == []


def test_set_aside_it_stays_as_it_is_until_it_is_marked(association: Association) -> None:
    allocate(association)
    association.pull()
    association.type(PAYMENTS, "P2", status="Stand By")
    assert association.sync().counts["applied"] == {}
    assert association.row(PAYMENTS, "P2")["status"] == "Stand By"
    association.type(PAYMENTS, "P2", status="To Be Transferred")
    assert association.sync().counts["applied"] == {Kind.PAYMENT: 1}


def test_a_write_off_is_a_credit_note_on_bad_debts_for_its_invoice(association: Association) -> None:
    """It settles the invoice in the same sync: no application of another kind is needed."""
    association.add("gl_accounts", code="5400", name="Mauvaises créances")
    association.add("documents", key="W1", kind="credit_note", number="W-1", date="2025-02-20", account="A1",
                    currency="CAD", subtotal="114.98", tax="0.00", total="114.98", balance="0.00",
                    invoice="I2")  # fmt: skip
    association.add("lines", document="W1", line="1", description="Radiation", amount="114.98", gl_account="5400")
    association.files["documents"][1]["balance"] = "0.00"
    association.pull()
    assert association.sync().counts["posted"] == {Kind.CREDIT_NOTE: 1}
    with association.profile.open_ledger() as ledger:
        ledger.connect()
        [aged] = ledger.aged_receivables(TODAY)
    assert (aged.total, aged.current) == (Decimal("-60.00"), Decimal("-60.00"))
    entries, _, _ = loader.load_file(str(association.folder / "book.beancount"))
    lost = [leg.units.number for entry in entries if isinstance(entry, Transaction) for leg in entry.postings
            if leg.account == "Expenses:BadDebts" and leg.units]  # fmt: skip
    assert lost == [Decimal("114.98")]
