"""Foreign currency through the product onto a real Tryton: booked, owed, reconciled and undone (books.md, rule 8)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from addin.usecases.undo import Chosen, undo_transfer
from connectors.problems import CannotRun
from connectors.records import Kind
from tests.addin.conftest import Association, add_invoice
from tests.addin.test_exchange import RATE, codes, open_in, pay
from tests.connectors.ledgers.tryton_harness import TrytonHarness, served
from workbook.layout import INVOICES, METHOD_MAP, PAYMENTS

pytestmark = pytest.mark.tryton


@pytest.fixture
def tryton(tmp_path: Path) -> Iterator[TrytonHarness]:
    """A running Tryton."""
    try:
        with served(tmp_path) as harness:
            yield harness
    except CannotRun as missing:
        pytest.skip(f"Tryton cannot be installed from PyPI: {missing}")


@pytest.fixture
def abroad(association: Association, tryton: TrytonHarness) -> Association:
    """An invoice of 114.98 USD at 1.3521, which is 155.46 CAD, with two payments of it and money on account."""
    association.ledger = "tryton"
    association.settings |= {"ledger.url": tryton.settings.url, "ledger.database": tryton.settings.database}
    association.files["documents"][0].update(RATE)
    del association.files["payments"], association.files["allocations"]
    pay(association, "P1", "33.33", "1.30")
    pay(association, "P2", "81.65", "1.41")
    pay(association, "P3", "20.00", "1.38", part="0")
    association.files["payments"][1]["fee"] = "3.00"
    association.init()
    association.pull()
    association.type(METHOD_MAP, "cheque", fee_account="5300")
    return association


def test_it_is_booked_reconciled_and_told_of_nothing(abroad: Association, tryton: TrytonHarness) -> None:
    """33.33 at 1.30 and 81.65 at 1.41 are 158.46, a gain of 3.00; the fee is 4.23, and 20.00 on account are 27.60."""
    assert codes(abroad) == []
    report = abroad.sync()
    assert report.problems == ()
    booked = {code: amount for code, amount in tryton.balances().items() if amount}
    assert booked == {
        "1050": Decimal("158.46") + Decimal("27.60") - Decimal("4.23"), "1100": Decimal("-27.60"),
        "2310": Decimal("-6.76"), "2320": Decimal("-13.49"), "4100": Decimal("-135.21"), "4800": Decimal("-3.00"),
        "5300": Decimal("4.23"),
    }  # fmt: skip
    assert open_in(abroad) == {"USD": [(Decimal("-20.00"), Decimal("-20.00"))]}
    assert abroad.pull().counts["proposed"] == {}
    assert codes(abroad) == []


def test_what_is_undone_and_sent_again_comes_to_the_same(abroad: Association, tryton: TrytonHarness) -> None:
    abroad.sync()
    before = tryton.balances()
    abroad.run(lambda session: undo_transfer(session, Chosen(kind=Kind.PAYMENT, numbers=["R-P1"])))
    assert abroad.row(PAYMENTS, "P1")["status"] == "Stand By"
    assert open_in(abroad)["USD"] == [(Decimal("-20.00"), Decimal("13.33"))]
    abroad.type(PAYMENTS, "P1", status="To Be Transferred")
    assert abroad.sync().problems == ()
    assert tryton.balances() == before
    assert open_in(abroad) == {"USD": [(Decimal("-20.00"), Decimal("-20.00"))]}


def test_a_credit_of_what_was_paid_in_part_leaves_not_a_cent(abroad: Association, tryton: TrytonHarness) -> None:
    abroad.files["payments"] = abroad.files["payments"][:1]
    abroad.files["allocations"] = abroad.files["allocations"][:1]
    add_invoice(abroad, "C1", "C-1", kind="credit_note", invoice="I1", on="2025-03-10", currency="USD", rate="1.36",
                subtotal="81.65", tax="0.00", total="81.65")  # fmt: skip
    abroad.files["lines"][-1].update(unit_price="81.65", amount="81.65", tax_amount="0.00", tax_group="")
    abroad.files["document_taxes"] = [row for row in abroad.files["document_taxes"] if row["document"] != "C1"]
    abroad.pull()
    assert {problem.code for problem in abroad.sync().problems} == {"left_source"}, "the other two payments, as meant"
    assert tryton.balances()["1100"] == 0
    assert open_in(abroad) == {}
    tied = "SELECT count(*) FROM account_move_line AS line JOIN account_account AS a ON a.id = line.account " \
           "WHERE a.code = '1100' AND line.reconciliation IS NULL"  # fmt: skip
    assert tryton.query(tied) == [(0,)]
    assert abroad.row(INVOICES, "I1")["status"] == "Transfer Completed"
