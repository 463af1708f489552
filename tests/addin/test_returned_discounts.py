"""A discount for paying early goes with a payment that the bank returned: nobody paid early after all.

Rules 5 and 7 of books.md. The invoice is open in full again, whatever the ledger, and what pays it anew pays all of it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from addin.sync.undo import Undo
from tests.addin.audited import ASSOCIATION, CLOSED, TODAY, company
from tests.addin.ledger_reports import booked, sums, together
from tests.auditor.books import Auditor
from tests.auditor.reports import trial_balance
from tests.auditor.source import Source
from tests.auditor.writing import Writer

LEDGERS = ["beancount", "quickbooks-online", pytest.param("tryton", marks=pytest.mark.tryton)]
CREDIT, RETURN, AGAIN = ("credit_note", "P004/D003"), ("returned_payment", "P005"), ("payment", "P006")


def early() -> Writer:
    """An invoice of 114.98, paid early with 112.98 and a discount of 2.00; and one that is not paid."""
    writer = Writer("")
    party = writer.party()
    writer.invoice(party, "2024-02-01", ("4200", "50.00"))
    key = writer.invoice(party, "2024-02-01", ("4200", "100.00"))
    payment = writer.payment(party, "2024-02-05", "112.98")
    writer.allocate(payment, key, "112.98", discount="2.00")
    return writer


def give_back(writer: Writer) -> None:
    """The bank returns it."""
    [payment] = [row["key"] for row in writer.tables["payments"]]
    party = writer.tables["accounts"][0]["key"]
    writer.payment(party, "2024-03-10", "112.98", kind="returned", payment=payment)


def pay_again(writer: Writer) -> None:
    """The invoice is paid anew, in full and without a discount."""
    party, key = writer.tables["accounts"][0]["key"], writer.tables["documents"][1]["key"]
    writer.payment(party, "2024-03-20", "114.98", {key: "114.98"})


def agrees(folder: Path, ledger: str) -> None:
    """The ledger's own trial balance is the auditor's."""
    entries = Auditor(Source.read(folder / "source"), ASSOCIATION, closed=CLOSED).entries(TODAY)
    there = sums((line.account, line.amount) for line in booked(folder, ledger))
    assert there == together(ledger, trial_balance(entries))


@pytest.mark.parametrize("ledger", LEDGERS)
def test_a_discount_in_the_ledger_goes_with_its_payment_and_the_invoice_is_paid_in_full_anew(
    tmp_path: Path, ledger: str
) -> None:
    writer = early()
    with company(tmp_path / "there", ledger, writer) as audited:
        audited.sync(writer)
        assert CREDIT in audited.posted
        give_back(writer)
        pay_again(writer)
        audited.sync(writer)
        assert audited.told[AGAIN] == {"discount_not_given_back"}
        assert RETURN in audited.posted
        assert CREDIT not in audited.posted
        audited.sync(writer)
        assert AGAIN in audited.posted
        assert not audited.told
    agrees(tmp_path / "there", ledger)


def test_all_in_one_sync_no_discount_is_made(tmp_path: Path) -> None:
    writer = early()
    give_back(writer)
    pay_again(writer)
    with company(tmp_path / "there", "beancount", writer) as audited:
        audited.sync(writer)
        assert {RETURN, AGAIN} <= audited.posted.keys()
        assert CREDIT not in audited.posted
        assert not audited.told
    agrees(tmp_path / "there", "beancount")


def test_where_the_machine_stops_before_the_discount_went_the_next_sync_takes_it_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = early()

    def stops(*_: object) -> None:
        raise KeyboardInterrupt

    with company(tmp_path / "there", "beancount", writer) as audited:
        audited.sync(writer)
        give_back(writer)
        whole = Undo.carry_out
        monkeypatch.setattr(Undo, "carry_out", stops)
        with pytest.raises(KeyboardInterrupt):
            audited.sync(writer)
        monkeypatch.setattr(Undo, "carry_out", whole)
        audited.sync(writer)
        assert RETURN in audited.posted
        assert CREDIT not in audited.posted
    agrees(tmp_path / "there", "beancount")
