"""Each difference between the two sides is put down to what explains it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import partial

import pytest

from addin.usecases.check import check
from addin.usecases.preview import preview
from addin.usecases.reconcile import reconcile
from addin.usecases.report import Report
from connectors.problems import CannotRun
from connectors.records import Kind
from tests.addin.conftest import Association, add_invoice
from tests.addin.test_deferred import defer, sell
from workbook.layout import AS_OF, MISMATCH, OVERVIEW, RECONCILIATION, SETTINGS_TABLE
from workbook.review import text_of


def explained(association: Association) -> list[tuple[str, str, str]]:
    """The number, amount and reason of each difference of receivables and payables."""
    association.run(reconcile)
    rows = [row.values for row in association.book.read(MISMATCH).rows]
    rows = [row for row in rows if text_of(row["what"]) in ("Receivable", "Payable")]
    return [tuple(text_of(row[column]) for column in ("number", "amount", "reason")) for row in rows]  # type: ignore[misc]


def test_a_document_that_changed_after_its_transfer_explains_the_difference(association: Association) -> None:
    association.init()
    association.pull()
    association.sync()
    association.files["documents"][0].update(subtotal="110.00", total="124.98")
    association.files["lines"][0]["amount"] = "110.00"
    association.files["payments"][0]["amount"] = "120.00"
    association.pull()
    other = "Booked in the ledger with another amount than the source now has"
    assert sorted(explained(association)) == [("F-1", "-10", other), ("R-1", "5.02", other)]


def test_an_invoice_whose_payment_came_back_is_owed_again_on_both_sides(association: Association) -> None:
    association.add("payments", key="R1", kind="returned", number="NSF-1", date="2025-03-10", account="A1",
                    currency="CAD", amount="114.98", payment="P1")  # fmt: skip
    association.files["documents"][0]["balance"] = "114.98"
    association.init()
    association.pull()
    association.sync()
    assert explained(association) == []


def test_a_payment_that_came_from_the_ledger_neither_waits_nor_is_missing_there(association: Association) -> None:
    association.files["payments"][0].update(direction="from_ledger", amount="100.00")
    association.files["allocations"][0]["amount"] = "100.00"
    association.init()
    association.pull()
    association.sync()
    association.run(check)
    shown = {text_of(row.values["key"]): text_of(row.values["value"]) for row in association.book.read(OVERVIEW).rows}
    assert shown["Waiting to be transferred"] == "0"
    assert shown["Next step"] == "Nothing waits. Reconcile compares the balances."
    # This book does not have it, so that the whole difference is the ledger's.
    assert explained(association) == [("", "100", "Booked in the ledger, and no document explains it")]


def test_what_pays_a_supplier_is_no_receivable(association: Association) -> None:
    association.add("accounts", key="S1", number="9001", name="Imprimerie du Nord", is_supplier="yes")
    association.files["accounts"][0]["is_supplier"] = "no"
    add_invoice(association, "B1", "B-1", "S1", kind="supplier_invoice")
    association.add("payments", key="P2", number="R-2", date="2025-02-01", account="S1", currency="CAD",
                    amount="114.98", direction="from_ledger")  # fmt: skip
    association.files["payments"][0]["direction"] = "to_ledger"
    association.add("allocations", payment="P2", invoice="B1", amount="114.98")
    association.init()
    association.pull()
    association.sync()
    facts = association.run(reconcile).facts
    assert (Decimal(facts["source_balance"]), Decimal(facts["ledger_balance"])) == (0, 0)
    # What a person paid in the ledger is not in this book: the supplier is owed there, and not in the source.
    assert (facts["payable_source"], facts["payable_ledger"]) == ("0.00", "114.98")


def test_what_two_currencies_come_to_is_never_added_up(association: Association) -> None:
    add_invoice(association, "I2", "F-2", currency="USD", rate="1.35")
    association.init()
    association.pull()
    previewed = association.run(preview)
    assert previewed.totals[Kind.INVOICE] == Decimal("114.98")
    sides: dict[str, list[Decimal]] = {}
    for row in previewed.facts["accounts"]:  # type: ignore[attr-defined]
        side = sides.setdefault(row["currency"], [Decimal(0), Decimal(0)])
        side[:] = side[0] + Decimal(row["debit"]), side[1] + Decimal(row["credit"])
    assert sides == {"CAD": [Decimal("229.96")] * 2, "USD": [Decimal("114.98")] * 2}
    assert association.sync().totals[Kind.INVOICE] == Decimal("114.98")
    facts = association.run(reconcile).facts
    assert (facts["source_balance"], facts["ledger_balance"]) == ("0", "0")
    rows = [row.values for row in association.book.read(RECONCILIATION).rows]
    shown = [text_of(row["account"]) for row in rows if text_of(row["what"]) == "Receivable"]
    assert shown == ["Club d'échecs de l'Île (USD)"]


def sides(report: Report) -> tuple[str, ...]:
    """What customers owe in the source and in the ledger, and what suppliers are owed, as text."""
    names = ("source_balance", "ledger_balance", "payable_source", "payable_ledger")
    return tuple(str(report.facts[name]) for name in names)


def test_both_sides_are_those_of_the_day(association: Association) -> None:
    """The invoice is of January 15, 2025 and its payment of February 1 (rule 9 of books.md)."""
    association.add("accounts", key="S1", number="9001", name="Imprimerie du Nord", is_supplier="yes")
    association.files["accounts"][0]["is_supplier"] = "no"
    add_invoice(association, "B1", "B-1", "S1", kind="supplier_invoice", date="2025-03-10")
    association.files["documents"][-1]["balance"] = "114.98"
    association.init()
    association.pull()
    association.sync()
    days = [date(2025, 1, 14), date(2025, 1, 31), date(2025, 2, 28), date(2025, 3, 10)]
    found = {day: association.run(partial(reconcile, on=day)) for day in days}
    assert {day: sides(report) for day, report in found.items()} == {
        days[0]: ("0", "0", "0", "0"),
        days[1]: ("114.98", "114.98", "0", "0"),
        days[2]: ("0", "0", "0", "0"),
        days[3]: ("0", "0", "114.98", "114.98"),
    }
    assert all(report.facts["agree"] == report.facts["accounts"] for report in found.values())
    row = association.book.read(RECONCILIATION).rows[0]
    assert (text_of(row.values["what"]), row.values["on"]) == ("Payable", date(2025, 3, 10))


def test_the_sheet_names_the_day(association: Association) -> None:
    association.init()
    association.pull()
    association.sync()
    association.type(AS_OF, "Compare", on=date(2025, 1, 31))
    assert sides(association.run(reconcile))[:2] == ("114.98", "114.98")
    association.type(AS_OF, "Compare", on="end of January")
    with pytest.raises(CannotRun) as stopped:
        association.run(reconcile)
    assert [problem.code for problem in stopped.value.problems] == ["day_unread"]


def test_the_sources_own_balance_is_its_side_of_today(association: Association) -> None:
    """Paid in full by what the source shows, and 14.98 is left to pay by its own word."""
    association.files["documents"][0]["balance"] = "14.98"
    association.init()
    association.pull()
    association.sync()
    said = "The source says another balance than its payments and credits leave"
    assert explained(association) == [("F-1", "-14.98", said)]
    assert sides(association.run(partial(reconcile, on=date(2025, 12, 31))))[:2] == ("0", "0")


def without(association: Association, document: str) -> None:
    """Delete a document in the source, with its lines and taxes."""
    for name, rows in association.files.items():
        own = "key" if name == "documents" else "document"
        association.files[name] = [row for row in rows if row.get(own) != document]


def test_what_was_deleted_in_the_source_is_told_where_it_is_still_in_the_ledger(association: Association) -> None:
    add_invoice(association, "I2", "F-2")
    association.init()
    association.pull()
    association.sync()
    without(association, "I2")
    association.pull()
    assert explained(association) == [("F-2", "114.98", "No longer in the source, still in the ledger")]
    association.type(SETTINGS_TABLE, "pulls_are_whole", value="No")
    assert explained(association) == []


@pytest.fixture
def dues(association: Association) -> Association:
    """F-1 is 100.00 of dues in advance, F-2 the same product, earned at once."""
    add_invoice(association, "I2", "F-2", balance="114.98")
    association.add("gl_accounts", code="2400", name="Cotisations reportées")
    sell(association, "I1", "2400", item="")
    sell(association, "I2", "4100", item="")
    return association


def held(association: Association, what: str, on: date | None = None) -> list[tuple[str, ...]]:
    """Account, balance in the source and in the ledger of each row of what is reconciled."""
    association.run(partial(reconcile, on=on))
    rows = (row.values for row in association.book.read(RECONCILIATION).rows)
    shown = ("key", "source_balance", "ledger_balance")
    return [tuple(text_of(row[each]) for each in shown) for row in rows if text_of(row["what"]) == what]


def test_deferred_revenue_is_what_the_schedules_have_left(dues: Association) -> None:
    """Twelve months of 100.00 from January 1, 2025: 8.33 or 8.34 a month, 24.99 or 25.00 after three."""
    defer(dues, "I1")
    dues.init()
    dues.pull()
    dues.type(SETTINGS_TABLE, "entries_until", value="2025-03-31")
    dues.sync()
    assert held(dues, "Deferred revenue", date(2025, 3, 31)) == [("2400", "75", "75")]
    assert held(dues, "Deferred revenue", date(2024, 12, 31)) == []
    # By April 30 the source has earned a third, and the ledger has no entry of April yet.
    assert held(dues, "Deferred revenue", date(2025, 4, 30)) == [("2400", "66.67", "75")]
    rows = (row.values for row in dues.book.read(MISMATCH).rows)
    deferred = [row for row in rows if text_of(row["what"]) == "Deferred revenue"]
    assert [(text_of(row["number"]), text_of(row["amount"])) for row in deferred] == [("F-1-2025-04", "8.33")]


def test_a_line_on_deferred_revenue_that_no_schedule_moves_is_told(dues: Association) -> None:
    defer(dues, "I1")
    sell(dues, "I2", "2400")
    dues.init()
    dues.pull()
    dues.type(SETTINGS_TABLE, "entries_until", value="2025-12-31")
    dues.sync()
    assert held(dues, "Deferred revenue") == [("2400", "0", "100")]
    [row] = [row.values for row in dues.book.read(MISMATCH).rows if text_of(row.values["what"]) == "Deferred revenue"]
    assert (text_of(row["number"]), text_of(row["reason"])) == (
        "F-2", "Booked on deferred revenue, and no schedule moves that amount"
    )  # fmt: skip


def test_money_is_beside_what_its_account_holds(association: Association) -> None:
    association.init()
    association.pull()
    association.sync()
    [(account, *balances)] = held(association, "Money received")
    assert balances == ["114.98", "114.98"]
    association._book_it('2025-03-01 * "Dépôt"\n  Assets:UndepositedFunds  -100.00 CAD\n  Assets:Bank  100.00 CAD\n')
    assert held(association, "Money received") == [(account, "114.98", "14.98")]


def test_money_in_a_foreign_currency_is_there_at_its_rate(association: Association) -> None:
    """Rules 8 and 9 of books.md: 114.98 US dollars at 1.4 are 160.97 here, on both sides."""
    for table in ("documents", "payments"):
        association.files[table][0].update(currency="USD", rate="1.4", rate_date="2025-01-15", rate_source="Banque")
    association.init()
    association.pull()
    association.sync()
    [(_, *balances)] = held(association, "Money received")
    assert balances == ["160.97", "160.97"]
    reasons = [text_of(row.values["reason"]) for row in association.book.read(MISMATCH).rows]
    assert reasons == [], "it was told as booked with another amount"
