"""The sheet Lines: what would be booked is what it shows, and what was typed there is never lost unsaid."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from addin.usecases.check import check
from connectors.records import Kind
from tests.addin.conftest import INVOICES, PAYMENTS, Association, add_invoice
from workbook.book import Value
from workbook.layout import LINES, Table


@pytest.fixture
def two(association: Association) -> Association:
    """Two invoices, pulled."""
    add_invoice(association, "I2", "F-2")
    association.init()
    association.pull()
    return association


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("amount", Decimal("50.00"), "cell_changed"),
        ("description", "Don", "cell_changed"),
        ("key", "I1/9", "line_row_missing"),
        ("invoice", "I2", "line_row_missing"),
    ],
)
def test_a_line_that_was_typed_over_holds_its_document(two: Association, column: str, value: Value, code: str) -> None:
    book = two.book
    book.write(LINES, {("I1", "I1/1"): {"ledger_account": "4500", column: value}})
    book.save()
    told = [problem for problem in two.run(check).problems if problem.kind is Kind.INVOICE]
    assert [(problem.code, problem.key) for problem in told] == [(code, "I1")]
    assert all(problem.place for problem in told)
    two.sync()
    assert two.row(INVOICES, "I1")["status"] == "To Be Transferred"
    assert two.row(INVOICES, "I2")["status"] == "Transfer Completed"


def test_a_pull_brings_the_line_back_and_its_document_leaves(two: Association) -> None:
    two.type(LINES, "I1/1", amount=Decimal("50.00"), ledger_account="4500")
    two.pull()
    assert two.run(check).problems == ()
    assert two.row(LINES, "I1/1")["ledger_account"] == "4500"
    assert two.sync().counts["posted"][Kind.INVOICE] == 2


@pytest.mark.parametrize(("column", "code"), [("ledger_tax", "2330"), ("ledger_item", "Gala")])
def test_a_code_that_the_ledger_does_not_go_by_holds_its_document_until_it_is_cleared(
    two: Association, column: str, code: str
) -> None:
    """This ledger's lines name accounts, and each of its taxes is the document's."""
    two.type(LINES, "I1/1", **{column: code})
    told = [(problem.code, problem.key, problem.column) for problem in two.run(check).problems if problem.key == "I1"]
    assert told == [("line_code_unread", "I1", column)]
    assert two.sync().counts["posted"][Kind.INVOICE] == 1
    two.type(LINES, "I1/1", **{column: None})
    assert two.sync().counts["posted"][Kind.INVOICE] == 1


@pytest.mark.parametrize(
    ("table", "caption", "held"), [(LINES, "Ledger account", Kind.INVOICE), (PAYMENTS, "Deposit account", Kind.PAYMENT)]
)
def test_nothing_leaves_while_a_column_of_typed_codes_is_gone(
    association: Association, table: Table, caption: str, held: Kind
) -> None:
    association.init()
    association.pull()
    retitle(association.profile.workbook, caption, "Ma colonne")
    posted = association.sync().counts["posted"]
    assert held not in posted
    assert (Kind.INVOICE in posted) == (held is Kind.PAYMENT)
    retitle(association.profile.workbook, "Ma colonne", caption)
    assert association.sync().counts["posted"][held] == 1


def retitle(path: Path, old: str, new: str) -> None:
    """Give a column of the closed workbook another title, in its cell and in its table."""
    with ZipFile(path) as book:
        parts = {item: book.read(item) for item in book.infolist()}
    with ZipFile(path, "w", ZIP_DEFLATED) as book:
        for item, body in parts.items():
            for sign in (b">%b<", b'name="%b"'):
                body = body.replace(sign % old.encode(), sign % new.encode())
            book.writestr(item, body)
