"""Starting in sync (the MMS's text of this name): no-go before a day over every kind, and both sides compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from addin.session import Session
from addin.usecases.check import check
from addin.usecases.language import language as switched
from addin.usecases.no_go import no_go, typed_day, undo_no_go
from addin.usecases.reconcile import reconcile
from addin.usecases.report import Report
from addin.usecases.start_in_sync import start_in_sync
from connectors.problems import CannotRun
from connectors.records import Kind
from tests.addin.conftest import ACCOUNTS, INVOICES, PAYMENTS, Association, add_invoice
from workbook.book import Value
from workbook.layout import MISMATCH, RECONCILIATION, SETTINGS_TABLE, Language

DAY = date(2025, 3, 1)
DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def moving(association: Association) -> Association:
    """A company whose ledger was kept by hand until March: of two invoices, a credit and a payment, all is there.

    One invoice is paid half before that day and half after it; another is of after it.
    """
    association.files["payments"][0]["amount"] = association.files["allocations"][0]["amount"] = "60.00"
    association.add("payments", key="P2", number="R-2", date="2025-03-05", account="A1", currency="CAD",
                    amount="54.98", method="cheque")  # fmt: skip
    association.add("allocations", payment="P2", invoice="I1", amount="54.98")
    add_invoice(association, "I2", "F-2", on="2025-02-15")
    add_invoice(association, "I3", "F-3", on="2025-03-15")
    association.init()
    association.opened("H1", "Club d'échecs de l'Île")
    association.keyed_in("F-1", "114.98", "H1", on="2025-01-15")
    association.keyed_in("R-1", "60.00", "H1", kind="payment", on="2025-02-01")
    association.keyed_in("F-2", "114.98", "H1", on="2025-02-15")
    association.pull()
    association.type(ACCOUNTS, "A1", reference="H1")
    association.run(check)
    return association


def started(company: Association, day: date = DAY, agreed: Callable[[str], bool] | None = None) -> Report:
    def starting(session: Session) -> Report:
        return start_in_sync(session, day, agreed)

    return company.run(starting)


def receivable(company: Association) -> list[Mapping[str, Value]]:
    """What the Reconciliation sheet puts a difference of receivables down to."""
    rows = [row.values for row in company.book.read(MISMATCH).rows]
    return [row for row in rows if row["what"] == "Receivable"]


def statuses(company: Association) -> dict[str, str]:
    return {
        str(row.values["key"]): str(row.values["status"])
        for table in (INVOICES, PAYMENTS)
        for row in company.book.read(table).rows
    }


def test_everything_before_the_day_is_no_go_in_one_act_and_both_sides_agree(moving: Association) -> None:
    """Count and total of each kind; what is of the day or after it stays; accounts are not touched."""
    report = started(moving)
    assert report.counts["marked"] == {Kind.INVOICE: 2, Kind.PAYMENT: 1}
    assert report.totals == {Kind.INVOICE: Decimal("229.96"), Kind.PAYMENT: Decimal("60.00")}
    assert report.facts["agreement"] == "Both sides agree on 2025-02-28."
    assert (report.facts["source_balance"], report.facts["ledger_balance"]) == ("169.96", "169.96")
    assert {key for key, status in statuses(moving).items() if status == "Do Not Sync"} == {"I1", "I2", "P1"}
    assert moving.row(ACCOUNTS, "A1")["status"] == "Transfer Completed"
    [shown] = [row.values for row in moving.book.read(RECONCILIATION).rows if row.values["what"] == "Receivable"]
    assert (shown["source_balance"], shown["ledger_balance"]) == (Decimal("169.96"), Decimal("169.96"))


def test_what_customers_owe_is_added_up_below_the_accounts_for_each_currency(moving: Association) -> None:
    moving.run(partial(reconcile, on=date(2025, 2, 28)))
    rows = [row.values for row in moving.book.read(RECONCILIATION).rows]
    [total] = [row for row in rows if row["account"] == "Total: Receivable"]
    assert (total["key"], total["source_balance"], total["ledger_balance"]) == (
        None,
        Decimal("169.96"),
        Decimal("169.96"),
    )
    assert (total["difference"], total["on"]) == (Decimal(0), date(2025, 2, 28))
    assert sum(Decimal(str(total[age])) for age in ("current", "days_30", "days_60", "days_90", "older")) == Decimal(
        "169.96"
    )


def test_what_does_not_agree_is_named_with_its_document(moving: Association) -> None:
    """An invoice of the source that nobody keyed in: it alone is named, not those that are there."""
    add_invoice(moving, "I4", "F-4", on="2025-02-20")
    moving.pull()
    report = started(moving)
    assert str(report.facts["agreement"]).startswith("1 accounts of 1 differ on 2025-02-28")
    found = report.facts["differences"]
    assert isinstance(found, list)
    assert [(each["number"], each["amount"]) for each in found] == [("F-4", "-114.98")]
    [row] = receivable(moving)
    assert row["reason"] == "Marked Do Not Sync, and the ledger does not seem to have it"


def test_the_person_sees_both_sides_and_the_totals_first_and_may_say_no(moving: Association) -> None:
    asked: list[str] = []
    before = statuses(moving)
    report = started(moving, agreed=lambda question: bool(asked.append(question)))
    assert asked == [
        "On 2025-02-28 customers owe 169.96 in the source and 169.96 in the ledger; suppliers are owed 0 and 0.\n"
        "Mark these records, all dated before 2025-03-01, Do Not Sync? Undo no-go takes it back.\n"
        "Invoice: 2 · 229.96 CAD\n"
        "Payment: 1 · 60.00 CAD"
    ]
    assert "declined" in report.facts
    assert statuses(moving) == before


def test_what_is_owed_in_another_currency_is_asked_about_too(moving: Association) -> None:
    add_invoice(moving, "I5", "F-5", on="2025-02-20")
    moving.files["documents"][-1].update(currency="USD", rate="1.40")
    moving.pull()
    asked: list[str] = []
    started(moving, agreed=lambda question: bool(asked.append(question)))
    assert asked[0].splitlines()[1] == "Total: Receivable (USD) · 114.98 in the source, 0 in the ledger."


def test_another_day_moves_what_is_marked_and_undoing_takes_it_back(moving: Association) -> None:
    before = statuses(moving)
    started(moving)
    earlier = started(moving, date(2025, 2, 1))
    assert earlier.counts["given_back"] == {Kind.INVOICE: 1, Kind.PAYMENT: 1}
    assert {key for key, status in statuses(moving).items() if status == "Do Not Sync"} == {"I1"}
    later = started(moving, date(2025, 4, 1))
    assert later.counts["marked"] == {Kind.INVOICE: 2, Kind.PAYMENT: 2}
    moving.type(INVOICES, "I3", status="Stand By")
    undone = moving.run(undo_no_go)
    assert undone.counts["given_back"] == {Kind.INVOICE: 2, Kind.PAYMENT: 2}
    assert statuses(moving) == {**before, "I3": "Stand By"}
    assert moving.run(undo_no_go).counts["given_back"] == {}


def test_what_was_refused_stands_by_once_the_no_go_is_undone(moving: Association) -> None:
    """Only a Sync says Transfer Error, and what was refused does not leave unasked."""
    moving.files["documents"][1]["total"] = "120.00"
    moving.files["documents"][1]["balance"] = "120.00"
    moving.pull()
    moving.sync()
    assert statuses(moving)["I2"] == "Transfer Error"
    started(moving)
    moving.run(undo_no_go)
    assert statuses(moving)["I2"] == "Stand By"


def test_a_later_payment_of_a_no_go_invoice_is_told_what_to_do_and_leaves_once_it_is_done(moving: Association) -> None:
    started(moving)
    report = moving.sync()
    [problem] = [each for each in report.problems if each.kind is Kind.PAYMENT]
    assert (problem.code, problem.params["invoice"]) == ("invoice_no_go", "F-1")
    assert "type its number there as the invoice's sync reference" in moving.row(PAYMENTS, "P2")["fix"]
    moving.type(INVOICES, "I1", reference="F-1")
    assert moving.sync().counts["posted"] == {Kind.PAYMENT: 1}
    assert moving.row(INVOICES, "I1")["status"] == "Transfer Completed"


def test_reconciling_later_says_nothing_of_what_is_no_go_and_there(moving: Association) -> None:
    """Only F-3, which is not transferred yet, and the payment that waits for its invoice's number."""
    started(moving)
    report = moving.run(reconcile)
    assert {row["number"] for row in receivable(moving)} == {"F-3", "R-2"}
    assert report.facts["unexplained"] == 0


def test_no_go_leaves_alone_what_the_ledger_has(moving: Association) -> None:
    moving.type(INVOICES, "I1", reference="F-1")
    moving.run(check)

    def marking(session: Session) -> Report:
        return no_go(session, DAY)

    assert moving.run(marking).counts["marked"] == {Kind.INVOICE: 1, Kind.PAYMENT: 1}
    assert statuses(moving)["I1"] == "Transfer Completed"


def test_a_row_that_cannot_be_trusted_is_left_as_it_is(moving: Association) -> None:
    """A row that stands there twice is nobody's decision: what was marked of it could not be given back."""
    book = moving.book
    twin = next(row for row in book.read(INVOICES).rows if row.values["key"] == "I2")
    book.append(INVOICES, [dict(twin.values)])
    book.save()
    before = statuses(moving)
    asked: list[str] = []
    started(moving, agreed=lambda question: not asked.append(question))  # type: ignore[func-returns-value]
    assert statuses(moving)["I2"] == before["I2"] != "Do Not Sync"
    assert "Invoice: 1 " in asked[0]


def test_one_sync_takes_as_many_documents_as_the_settings_say_and_the_rest_says_that_it_waits(
    moving: Association,
) -> None:
    """The texts' batches of 5 (AutoVu, "Sync in use"): what is left says so, and goes in its turn."""
    moving.type(SETTINGS_TABLE, "sync_documents", value="1")
    add_invoice(moving, "I5", "F-5", on="2025-03-20")
    moving.pull()
    started(moving)
    first = moving.sync()
    assert first.counts["posted"] == {Kind.INVOICE: 1}
    assert [(p.code, p.number) for p in first.problems if p.kind is Kind.INVOICE] == [("waits_for_next_sync", "F-5")]
    assert "one takes 1 documents" in moving.row(INVOICES, "I5")["reason"]
    assert moving.sync().counts["posted"] == {Kind.INVOICE: 1}
    row = moving.row(INVOICES, "I5")
    assert (row["status"], row["reason"]) == ("Transfer Completed", "")


@pytest.mark.parametrize("typed", ["", "soon", "2025-02-30"])
def test_a_day_that_is_none_is_said(moving: Association, typed: str) -> None:
    def asking(session: Session) -> Report:
        session.identity = {**session.identity, "day": typed}
        return replace(Report(run=0), facts={"day": typed_day(session)})

    with pytest.raises(CannotRun) as stopped:
        moving.run(asking)
    assert stopped.value.problems[0].code == "day_unread"


@pytest.mark.parametrize(
    ("language", "page", "agree"),
    [
        ("en", "starting-in-sync.md", "Both sides agree on 2025-02-28."),
        ("fr", "partir-d-un-meme-point.md", "Les deux côtés concordent au 2025-02-28."),
    ],
)
def test_the_guide_shows_what_the_product_says_of_its_example(
    moving: Association, language: Language, page: str, agree: str
) -> None:
    """The question and the answer, figure by figure."""
    asked: list[str] = []
    moving.run(lambda session: switched(session, language))
    report = started(moving, agreed=lambda question: not asked.append(question))
    told = plain((DOCS / page).read_text(encoding="utf-8"))
    assert report.facts["agreement"] == agree
    assert all(plain(line) in told for line in (*asked[0].splitlines(), agree))


def plain(text: str) -> str:
    return " ".join(text.replace("\u00a0", " ").replace("\n> ", " ").split())
