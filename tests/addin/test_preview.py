"""Preview shows on its sheet what Sync then books, and Sync asks once before anything leaves.

Source: the vendors' texts in two stages (MMS, "starting in sync") and the design of the first hour, "Before anything
leaves".
"""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections import defaultdict
from decimal import Decimal

import pytest

from addin.session import Session
from addin.usecases.preview import show_preview
from addin.usecases.report import Report
from addin.usecases.sync import sync
from connectors.records import Kind
from tests.addin.conftest import Association, add_invoice, documents_in
from workbook.layout import INVOICES, PREVIEW_ACCOUNTS, PREVIEW_REMARKS, PREVIEW_STEPS, Table
from workbook.review import text_of


def shown(association: Association, table: Table) -> list[tuple[str, ...]]:
    """The rows of a table of the Preview sheet, as texts."""
    rows = association.book.read(table).rows
    return [tuple(text_of(row.values.get(column.key)) for column in table.columns) for row in rows]


def asking(association: Association, answer: bool, asked: list[str]) -> Report:
    """A sync that asks a person who gives this answer."""

    def use_case(session: Session) -> Report:
        return sync(session, lambda question: asked.append(question) or answer)  # type: ignore[func-returns-value]

    use_case.__name__ = "sync"
    return association.run(use_case)


@pytest.fixture
def pulled(association: Association) -> Association:
    """Two invoices and a payment, one of the invoices kept back."""
    add_invoice(association, "I2", "F-2")
    association.init()
    association.pull()
    association.type(INVOICES, "I2", status="Stand By")
    return association


def test_the_sheet_says_what_leaves_by_step_and_what_waits_by_status(pulled: Association) -> None:
    pulled.run(show_preview)
    assert shown(pulled, PREVIEW_STEPS) == [
        ("New accounts", "Account", "1", "", ""),
        ("Invoices", "Invoice", "1", "114.98", "CAD"),
        ("Payments and refunds", "Payment", "1", "114.98", "CAD"),
        ("Not transferred: Stand By", "Invoice", "1", "114.98", "CAD"),
        ("Receivables (invoices less credits)", "", "", "114.98", "CAD"),
        ("Money in", "", "", "114.98", "CAD"),
    ]


def test_debits_and_credits_balance_and_are_what_the_ledger_then_has(pulled: Association) -> None:
    pulled.run(show_preview)
    *accounts, total = shown(pulled, PREVIEW_ACCOUNTS)
    assert total == ("All accounts", "", "229.96", "229.96", "CAD")
    promised = {account: Decimal(debit or 0) - Decimal(credit or 0) for account, _, debit, credit, _ in accounts}
    before = _balances(pulled)
    pulled.sync()
    after = _balances(pulled)
    moved = {account: after[account] - before[account] for account in {*before, *after}}
    assert {account: amount for account, amount in promised.items() if amount} == {
        account: amount for account, amount in moved.items() if amount
    }


def _balances(association: Association) -> dict[str, Decimal]:
    """What each account of the book holds; receivables of all customers are one account."""
    with association.profile.open_ledger() as ledger:
        found: dict[str, Decimal] = defaultdict(Decimal)
        for each in ledger.balances(association.run(_nothing_at).facts["day"]):  # type: ignore[arg-type]
            found[each.account] += each.amount
    return found


def _nothing_at(session: Session) -> Report:
    return Report(run=session.run.id, facts={"day": session.today})


def test_what_is_held_back_stands_there_with_its_reason_and_what_leaves_all_the_same_below(
    association: Association,
) -> None:
    add_invoice(association, "I2", "F-2")
    association.files["lines"][-1]["gl_account"] = "9999"
    association.init()
    association.pull()
    association.run(show_preview)
    (row,) = shown(association, PREVIEW_REMARKS)
    assert row[:6] == ("No", "Invoice", "F-2", association.files["accounts"][0]["name"], "114.98", "CAD")
    assert "9999" in row[6]
    assert row[7]


def test_a_held_back_entry_is_of_no_account_though_one_has_its_key(association: Association) -> None:
    key = association.files["accounts"][0]["key"]
    association.add("journal_entries", key=key, number="J-1", date="2025-03-01", currency="CAD", memo="")
    association.add("entry_lines", entry=key, line="1", gl_account="9999", debit="10.00", credit="0.00")
    association.add("entry_lines", entry=key, line="2", gl_account="9999", debit="0.00", credit="10.00")
    association.init()
    association.pull()
    association.run(show_preview)
    assert {row[1:4] for row in shown(association, PREVIEW_REMARKS)} == {("Journal entry", "J-1", "")}


def test_the_question_says_how_many_of_each_kind_leave_and_what_they_come_to(pulled: Association) -> None:
    asked: list[str] = []
    report = asking(pulled, True, asked)
    assert asked == [
        "Transfer this to Petite association now?\nAccount: 1\nInvoice: 1 · 114.98 CAD\nPayment: 1 · 114.98 CAD"
    ]
    assert sum(report.counts["posted"].values()) == 3
    assert report.totals == {Kind.INVOICE: Decimal("114.98"), Kind.PAYMENT: Decimal("114.98")}


def test_the_question_adds_up_no_two_currencies(pulled: Association) -> None:
    """An amount beside a count is of all that are counted."""
    pulled.files["documents"][1].update(currency="USD", rate="1.4", rate_date="2025-01-15", rate_source="Banque")
    pulled.pull()
    pulled.type(INVOICES, "I2", status="To Be Transferred")
    asking(pulled, False, asked := [])
    assert asked[0].splitlines()[2:4] == ["Invoice: 1 · 114.98 CAD", "Invoice: 1 · 114.98 USD"]


def test_cancel_transfers_nothing_and_leaves_every_row_as_it_was(pulled: Association) -> None:
    book = pulled.folder / "book.beancount"
    asked: list[str] = []
    report = asking(pulled, False, asked)
    assert len(asked) == 1
    assert "posted" not in report.counts
    assert report.facts["declined"] == "nothing was transferred"
    assert not documents_in(book)
    assert pulled.row(INVOICES, "I1")["status"] == "To Be Transferred"
    pulled.sync()
    assert documents_in(book)["invoice", "I1"] == 1


def test_where_nothing_leaves_nobody_is_asked(pulled: Association) -> None:
    pulled.sync()
    assert asking(pulled, False, asked := []).counts["posted"] == {}
    assert asked == []


def at_a_terminal(association: Association, answer: str, *options: str) -> tuple[int, str]:
    """The exit status of ``passerelle sync`` at a terminal where this is typed, and what was asked there."""
    master, terminal = pty.openpty()
    command = [sys.executable, "-m", "addin", "sync", str(association.profile.workbook), *options]
    try:
        os.write(master, f"{answer}\n".encode())
        done = subprocess.run(
            command, stdin=terminal, stderr=terminal, stdout=subprocess.PIPE, check=False, timeout=120
        )
        return done.returncode, os.read(master, 65_536).decode()
    finally:
        os.close(master)
        os.close(terminal)


def test_at_a_terminal_the_command_asks_too(pulled: Association) -> None:
    book = pulled.folder / "book.beancount"
    status, said = at_a_terminal(pulled, "n")
    assert (status, "Transfer this to Petite association now?" in said) == (0, True)
    assert not documents_in(book)
    status, said = at_a_terminal(pulled, "n", "--yes")
    assert (status, "now?" in said) == (0, False)
    assert documents_in(book)["invoice", "I1"] == 1
