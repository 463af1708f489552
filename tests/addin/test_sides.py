"""A default never crosses sides: what is meant for sales never takes a purchase, nor an entry (trust, § 7)."""

from __future__ import annotations

import re

import pytest

from addin.sync.sides import account_of, side_of
from addin.usecases.check import check
from addin.usecases.language import language
from connectors.records import Invoice, InvoiceLine, Kind, LedgerAccount, Side, SupplierInvoice
from tests.addin.conftest import INVOICES, Association, add_invoice
from tests.addin.test_rules import codes
from workbook.layout import ACCOUNT_MAP, DEFAULTS, LANGUAGES, TAX_MAP, bought_as, bought_code, default_of, shown_code

SALES, PURCHASES = "(default, sales)", "(default, purchases)"


@pytest.fixture
def bill(association: Association) -> Association:
    """The association with a bill of a supplier beside its invoice, on an account that no one has mapped."""
    association.add("accounts", key="S1", number="2001", name="Papeterie", is_supplier="yes")
    add_invoice(association, "B1", "B-1", "S1", kind="supplier_invoice")
    association.files["lines"][1]["gl_account"] = "9999"
    association.add("gl_accounts", code="9999", name="Divers")
    return association


def test_a_default_of_sales_does_not_take_a_bill(bill: Association) -> None:
    """The case that was booked: a default of sales, and the suppliers' bills went to sales."""
    bill.init()
    bill.pull()
    bill.type(ACCOUNT_MAP, SALES, ledger_code="4100")
    report = bill.sync()
    assert "gl_account_not_mapped" in codes(report)
    assert bill.row(INVOICES, "B1")["status"] == "Transfer Error"
    bill.type(ACCOUNT_MAP, PURCHASES, ledger_code="5100")
    bill.type(INVOICES, "B1", status="To Be Transferred")
    assert bill.sync().counts["posted"][Kind.SUPPLIER_INVOICE] == 1
    assert "Expenses:Events" in bill.ledger_text()


def test_an_entry_has_no_default(association: Association) -> None:
    """It moves an amount between two accounts: a default would make them one."""
    association.add("journal_entries", key="J1", number="EJ-1", date="2025-02-01", currency="CAD")
    association.add("entry_lines", entry="J1", line="1", gl_account="9998", debit="10.00", credit="0")
    association.add("entry_lines", entry="J1", line="2", gl_account="9999", debit="0", credit="10.00")
    association.init()
    association.pull()
    association.type(ACCOUNT_MAP, SALES, ledger_code="4100")
    association.type(ACCOUNT_MAP, PURCHASES, ledger_code="5100")
    found = [problem for problem in association.run(check).problems if problem.kind is Kind.JOURNAL_ENTRY]
    assert [problem.code for problem in found] == ["gl_account_not_mapped"] * 2


def older(association: Association) -> None:
    """Make the workbook one whose mapping has a single default, as those before the sides had."""
    book = association.book
    for table in (ACCOUNT_MAP, TAX_MAP):
        kept = [dict(row.values) for row in book.read(table).rows]
        rows = [cells for cells in kept if cells["code"] != PURCHASES]
        first = next(cells for cells in rows if cells["code"] == SALES)
        first.update(code=None, name="Default for the unmapped")
        book.replace(table, rows)
    book.save()


def test_a_default_of_before_the_sides_counts_for_sales_alone_and_a_pull_says_so(bill: Association) -> None:
    bill.files["lines"][0]["gl_account"] = "9999"
    bill.init()
    bill.pull()
    older(bill)
    bill.type(ACCOUNT_MAP, "", ledger_code="4100")
    found = [p for p in bill.run(check).problems if p.code == "gl_account_not_mapped"]
    assert {problem.kind for problem in found} == {Kind.SUPPLIER_INVOICE}
    assert codes(bill.pull()) == ["default_for_sales"]
    row = bill.row(ACCOUNT_MAP, SALES)
    assert (row["ledger_code"], row["name"]) == ("4100", "Default for the unmapped: sales")
    assert bill.row(ACCOUNT_MAP, PURCHASES)["ledger_code"] == ""
    assert bill.pull().problems == ()
    posted = bill.sync().counts["posted"]
    assert (posted[Kind.INVOICE], posted.get(Kind.SUPPLIER_INVOICE, 0)) == (1, 0)


def test_default_rows_are_in_words_of_the_workbooks_language_and_count_in_both(bill: Association) -> None:
    bill.init()
    bill.pull()
    bill.type(ACCOUNT_MAP, PURCHASES, ledger_code="5100")
    bill.run(lambda session: language(session, "fr"))
    assert bill.row(ACCOUNT_MAP, "(défaut, achats)")["ledger_code"] == "5100"
    assert bill.row(TAX_MAP, "GST (achats)")["ledger_code"] == ""
    assert bill.sync().counts["posted"][Kind.SUPPLIER_INVOICE] == 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("table", [ACCOUNT_MAP, TAX_MAP])
def test_codes_of_default_rows_are_read_as_they_are_shown(table, language) -> None:  # type: ignore[no-untyped-def]
    for side, caption in DEFAULTS.items():
        assert default_of(shown_code(table, caption.en, language).upper()) is side
    assert shown_code(table, "4100", language) == "4100"
    assert bought_code(bought_as("GST", language)) == "GST"
    assert bought_code("(achats)") is None


def test_a_tax_recovered_on_purchases_may_have_an_account_of_its_own(bill: Association) -> None:
    bill.files["lines"][1]["gl_account"] = "4100"
    bill.init()
    bill.pull()
    bill.type(TAX_MAP, "GST (purchases)", ledger_code="1010")
    assert bill.sync().counts["posted"][Kind.SUPPLIER_INVOICE] == 1
    assert re.search(r"Assets:Bank +5\.00 CAD", bill.ledger_text())


def test_a_line_without_an_account_takes_its_items(association: Association) -> None:
    """The column ``gl_account`` of items: "Code of its general ledger account"."""
    association.add("items", code="DUES", name="Cotisation", gl_account="4100")
    association.files["lines"][0].update(gl_account="", item="DUES")
    association.init()
    association.pull()
    assert association.row(ACCOUNT_MAP, "4100")["used"] == "1"
    assert association.sync().counts["posted"][Kind.INVOICE] == 1
    assert "Income:Dues" in association.ledger_text()


@pytest.mark.parametrize(
    ("kind", "type_", "account"),
    [
        (Invoice, "income", "X"), (Invoice, "", "X"), (Invoice, "Expense", ""), (SupplierInvoice, "income", ""),
        (SupplierInvoice, "", ""), (SupplierInvoice, "Charges", "X"), (Invoice, "liability", "X"),
    ],
)  # fmt: skip
def test_an_items_account_never_crosses_sides(kind, type_: str, account: str) -> None:  # type: ignore[no-untyped-def]
    line = InvoiceLine(key="", number=1, description="x", amount=1, item="I")  # type: ignore[arg-type] # not looked at
    document = kind(key="", date=None, customer="", currency="CAD", lines=(line,), subtotal=1, tax=0, total=1)
    items = {"I": LedgerAccount(code="X", name="X", type=type_)}
    assert account_of(document, line, items) == account


def test_types_of_accounts_are_of_one_side_or_of_none() -> None:
    """QuickBooks' and beancount's names of types, and the sample's."""
    wanted = {"Income": Side.SALES, "Other Income": Side.SALES, "Cost of Goods Sold": Side.PURCHASES,
              "Expenses": Side.PURCHASES, "Assets": None, "Deferred Revenue": None, "": None}  # fmt: skip
    assert {name: side_of(LedgerAccount(code="", name="", type=name)) for name in wanted} == wanted


def test_a_bill_on_an_account_of_income_is_told_and_leaves(bill: Association) -> None:
    bill.files["lines"][1]["gl_account"] = "4100"
    bill.init()
    bill.pull()
    report = bill.sync()
    told = [problem for problem in report.problems if problem.code == "account_crosses_sides"]
    assert [(problem.number, problem.params["account"]) for problem in told] == [("B-1", "4100")]
    assert report.counts["posted"][Kind.SUPPLIER_INVOICE] == 1
