"""Totals are signed and by direction; what is in another currency is left out and said beside (trust, § 7)."""

from __future__ import annotations

import json

import pytest

from addin.screen import Screen
from addin.usecases.check import check
from addin.usecases.preview import preview
from addin.usecases.totals import DIRECTIONS, Direction
from connectors.records import Kind
from tests.addin.conftest import Association, add_invoice
from workbook.layout import COUNTS, OVERVIEW
from workbook.review import text_of

SAID = {
    "receivable": "0.00", "money_in": "229.96", "money_out": "-114.98", "payable": "114.98", "entries": "10.00",
}  # fmt: skip


@pytest.fixture
def all_kinds(association: Association) -> Association:
    """A document of every kind for 114.98 each, an entry of 10.00, and an invoice in another currency."""
    association.add("accounts", key="S1", number="2001", name="Papeterie", is_supplier="yes")
    for key, kind, customer in (("C1", "credit_note", "A1"), ("R1", "refund", "A1"), ("S9", "sales_receipt", "A1"),
                                ("B1", "supplier_invoice", "S1")):  # fmt: skip
        add_invoice(association, key, f"N-{key}", customer, kind=kind)
    add_invoice(association, "U1", "F-USD", currency="USD", balance="114.98", rate="1.35")
    association.add("journal_entries", key="J1", number="EJ-1", date="2025-02-01", currency="CAD")
    association.add("entry_lines", entry="J1", line="1", gl_account="5100", debit="10.00", credit="0")
    association.add("entry_lines", entry="J1", line="2", gl_account="1010", debit="0", credit="10.00")
    association.add("gl_accounts", code="5100", name="Frais")
    association.add("gl_accounts", code="1010", name="Banque")
    association.init()
    association.pull()
    return association


def test_credits_take_off_refunds_go_out_and_payments_are_never_added_to_invoices(all_kinds: Association) -> None:
    for use_case in (check, preview):
        report = all_kinds.run(use_case)
        assert report.as_json("en")["directions"] == SAID
        assert report.totals[Kind.CREDIT_NOTE] == -report.totals[Kind.INVOICE]
        assert report.facts["left_out"] == [
            {"currency": "USD", "direction": "receivable", "count": "1", "amount": "114.98"},
        ]  # fmt: skip
    assert all_kinds.sync().as_json("en")["directions"] == SAID


def overview(association: Association) -> dict[str, str]:
    return {text_of(row.values["key"]): text_of(row.values["value"]) for row in association.book.read(OVERVIEW).rows}


def test_the_dashboard_says_each_direction_on_a_line_and_what_its_amounts_leave_out(all_kinds: Association) -> None:
    all_kinds.run(check)
    shown = overview(all_kinds)
    assert shown["Amount to be transferred"].splitlines() == [
        "Receivables (invoices less credits): 0.00 CAD, 114.98 USD", "Money in: 229.96 CAD",
        "Money out: -114.98 CAD", "Payables (supplier invoices less credits): 114.98 CAD",
        "Journal entries (debits): 10.00 CAD",
    ]  # fmt: skip
    left_out = shown["In other currencies, left out of the amounts by kind"]
    assert left_out == "Receivables (invoices less credits): 1 in USD, 114.98"
    totals = {text_of(row.values["key"]): text_of(row.values["total"]) for row in all_kinds.book.read(COUNTS).rows}
    assert (totals["Invoice"], totals["Credit note"], totals["Refund"]) == ("114.98", "-114.98", "-114.98")


def test_the_terminal_says_the_directions_in_the_persons_language(
    all_kinds: Association, capsys: pytest.CaptureFixture[str]
) -> None:
    report = all_kinds.run(check)
    Screen("fr", as_json=False).show(report, "check")
    said = capsys.readouterr().out
    assert "Comptes clients (factures moins crédits)" in said
    assert "Décaissements\u00a0: -114,98" in said
    assert "En une autre devise, non compris dans les montants" in said
    Screen("en", as_json=True).show(report, "check")
    assert json.loads(capsys.readouterr().out)["directions"] == SAID


def test_every_kind_that_has_an_amount_goes_one_way() -> None:
    assert DIRECTIONS.keys() == set(Kind) - {Kind.CUSTOMER}
    assert set(DIRECTIONS.values()) == set(Direction)
