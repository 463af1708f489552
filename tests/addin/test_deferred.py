"""Revenue received in advance is never counted twice: not as income at once and by its monthly entries again.

Where lines name items (QuickBooks Online, over its stand-in by HTTP) the item decides on the account; where they name
accounts (a plain-text book) the source's own does. Membri 365, step 6: dues wait on a liability, and one dated entry a
month moves them to revenue.
"""

import sqlite3
from contextlib import closing
from datetime import date

import pytest

from addin.usecases.check import check
from addin.usecases.sync import sync
from addin.usecases.undo import Chosen, undo_transfer
from connectors.ledgers.quickbooks_online.connector import QuickBooksOnlineLedger
from connectors.problems import CannotRun
from connectors.records import Kind
from tests.addin.conftest import Association, add_invoice
from tests.connectors.ledgers.quickbooks_harness import TAX, quickbooks
from workbook.layout import ACCOUNT_MAP, ACCOUNTS, ENTRIES, INVOICES, ITEM_MAP, LINES, METHOD_MAP, TAX_MAP
from workbook.review import text_of

ADVANCE, DEFERRED, DUES = "Membership in advance", "Deferred Revenue", "Membership Dues"
MARCH = date(2025, 3, 15)
"""Three of the twelve entries are due."""


def sell(association, document, account, item="DUES"):
    """Say what the lines of a document are, and the account that the source bills them to."""
    for line in association.files["lines"]:
        if line["document"] == document:
            line |= {"item": item, "gl_account": account}


def defer(association, document, key="S1", line="1"):
    association.add(
        "schedules", key=key, invoice=document, line=line, start="2025-01-01", months="12", amount="100.00",
        deferred_account="2400", revenue_account="4100",
    )  # fmt: skip


@pytest.fixture
def dues(association):
    """F-1 is 100.00 of dues in advance, F-2 the same product, earned at once."""
    add_invoice(association, "I2", "F-2", balance="114.98")
    association.add("gl_accounts", code="2400", name="Cotisations reportées")
    association.add("items", code="DUES", name="Cotisation", gl_account="4100")
    sell(association, "I1", "2400")
    sell(association, "I2", "4100")
    return association


@pytest.fixture
def items(dues, monkeypatch):
    """Those dues on a ledger whose lines name items, pulled and mapped as an accountant does at first: by product."""
    monkeypatch.setattr(QuickBooksOnlineLedger, "limits", ())
    with quickbooks(dues.folder, monkeypatch) as harness:
        given = {**harness.addresses, "company": harness.realm, "client_id": "sandbox-client",
                 "deposit_account": "Checking"}  # fmt: skip
        dues.ledger, dues.harness = "quickbooks-online", harness
        dues.settings |= {f"ledger.{name}": value for name, value in given.items()}
        dues.init()
        dues.pull()
        for table, code, chosen in (
            (ACCOUNT_MAP, "2400", DEFERRED), (ACCOUNT_MAP, "4100", DUES), (ITEM_MAP, "DUES", "Membership"),
            (TAX_MAP, "QC", TAX), (METHOD_MAP, "cheque", "Cheque"),
        ):  # fmt: skip
            dues.type(table, code, ledger_code=chosen)
        yield dues


def told(report, code):
    return [problem for problem in report.problems if problem.code == code]


def synced(association, day=MARCH):
    return association.run(sync, today=day)


def balances(association):
    """What QuickBooks itself says of the two accounts; credits are positive here."""
    balance = association.harness.trial_balance()
    return tuple(str(-balance[name]) if balance.get(name) else "0" for name in (DEFERRED, DUES))


def test_dues_in_advance_on_an_item_of_income_are_refused_and_nothing_of_them_is_booked(items):
    defer(items, "I1")
    items.pull()
    report = synced(items)
    [problem] = told(report, "deferred_item_differs")
    assert (problem.kind, problem.key) == (Kind.INVOICE, "I1")
    row = items.row(INVOICES, "I1")
    assert row["status"] == "Transfer Error"
    assert f"out of account {DEFERRED}" in row["reason"]
    assert f"Membership on {DUES}" in row["reason"]
    assert f"make a service whose income account is {DEFERRED}" in row["fix"]
    assert "choose that service for DUES / 2400" in row["fix"]
    assert told(report, "item_account_differs") == []
    assert report.counts["posted"] == {Kind.CUSTOMER: 1, Kind.INVOICE: 1}
    assert items.row(INVOICES, "I2")["status"] == "Transfer Completed"
    assert balances(items) == ("0", "100.00")
    assert items.harness.query("JournalEntry") == []


def test_what_the_refusal_says_to_do_has_them_booked_and_recognised_once(items):
    """The product's other sales stay on its own item: the two have a row each."""
    defer(items, "I1")
    items.pull()
    synced(items)
    assert [items.row(ITEM_MAP, code)["used"] for code in ("DUES", "DUES / 2400")] == ["1", "1"]
    assert items.row(ITEM_MAP, "DUES / 2400")["name"] == "Cotisation · Cotisations reportées"
    items.type(ITEM_MAP, "DUES / 2400", ledger_code=ADVANCE)
    items.type(INVOICES, "I1", status="To Be Transferred")
    report = synced(items)
    assert told(report, "deferred_item_differs") == []
    assert report.counts["posted"] == {Kind.INVOICE: 1, Kind.PAYMENT: 1, Kind.JOURNAL_ENTRY: 3}
    assert balances(items) == ("75.00", "125.00")
    later = synced(items, date(2026, 1, 31))
    assert later.counts["posted"] == {Kind.JOURNAL_ENTRY: 9}
    assert balances(items) == ("0", "200.00")


def test_a_line_may_be_given_its_item_on_the_lines_sheet_instead(items):
    defer(items, "I1")
    items.pull()
    items.type(LINES, key_of(items, "I1"), ledger_item=ADVANCE)
    assert synced(items).counts["posted"][Kind.JOURNAL_ENTRY] == 3
    assert balances(items) == ("75.00", "125.00")


def key_of(association, document):
    rows = association.book.read(LINES).rows
    return next(text_of(row.values["key"]) for row in rows if text_of(row.values["invoice"]) == document)


def test_unpaid_dues_have_no_schedule_yet_and_are_refused_like_the_others(items):
    """A source may make the schedule once the invoice is paid; the account that schedules move from is known."""
    add_invoice(items, "I3", "F-3", balance="114.98")
    sell(items, "I3", "2400")
    defer(items, "I1")
    items.pull()
    assert {problem.key for problem in told(synced(items), "deferred_item_differs")} == {"I1", "I3"}


def test_an_account_that_the_mapping_does_not_know_is_asked_for_before_anything_leaves(items):
    defer(items, "I1")
    items.pull()
    items.type(ACCOUNT_MAP, "2400", ledger_code=None)
    items.type(ITEM_MAP, "DUES / 2400", ledger_code=ADVANCE)
    report = synced(items)
    assert (Kind.INVOICE, "2400") in {(p.kind, p.params["code"]) for p in told(report, "gl_account_not_mapped")}
    assert balances(items) == ("0", "100.00")


def test_a_line_that_is_not_deferred_is_told_of_and_leaves(items):
    add_invoice(items, "I3", "F-3", balance="114.98")
    sell(items, "I3", "4200")
    items.add("gl_accounts", code="4200", name="Événements")
    items.pull()
    items.type(ACCOUNT_MAP, "4200", ledger_code="Event Revenue")
    items.type(INVOICES, "I1", status="Do Not Sync")
    report = synced(items)
    [problem] = told(report, "item_account_differs")
    assert dict(problem.params) == {"item": "Membership", "booked": DUES, "account": "Event Revenue", "count": "1"}
    assert items.row(INVOICES, "I3")["status"] == "Transfer Completed"


def test_dues_that_a_person_booked_are_moved_once_the_line_says_its_item(items):
    """The mapping says how the next one is booked, and nothing of one that a person booked."""
    defer(items, "I1")
    customer = items.harness.add_customer("Club d'échecs de l'Île", "a@example.org")
    items.harness.add_invoice(customer, "114.98", "HAND-1")
    items.pull()
    items.type(ACCOUNTS, "A1", reference=customer)
    items.type(INVOICES, "I1", reference="HAND-1")
    items.type(ITEM_MAP, "DUES / 2400", ledger_code=ADVANCE)
    report = synced(items)
    assert len(told(report, "deferral_not_known")) == 12
    assert Kind.JOURNAL_ENTRY not in report.counts["posted"]
    row = items.row(ENTRIES, "S1/2025-01#1")
    assert row["status"] == "To Be Transferred"
    assert f"line 1 of F-1 out of account {DEFERRED}" in row["reason"]
    items.type(LINES, key_of(items, "I1"), ledger_item="Membership")
    assert len(told(synced(items), "deferral_not_known")) == 12
    items.type(LINES, key_of(items, "I1"), ledger_item=ADVANCE)
    assert synced(items).counts["posted"] == {Kind.JOURNAL_ENTRY: 3}


def test_dues_that_were_booked_as_income_are_never_moved_there_again(items):
    """As before this rule: nothing was deferred when it left. A mapping corrected since does not change what is booked,
    nor does an item typed over all lines of the product."""
    items.pull()
    report = synced(items)
    assert told(report, "item_account_differs") != []
    assert balances(items) == ("0", "200.00")
    defer(items, "I1")
    items.pull()
    items.type(ITEM_MAP, "DUES / 2400", ledger_code=ADVANCE)
    items.type(LINES, key_of(items, "I1"), ledger_item=ADVANCE)
    report = synced(items)
    assert len(told(report, "deferral_not_known")) == 12
    assert report.counts["posted"] == {}
    assert balances(items) == ("0", "200.00")


def test_dues_that_were_booked_in_advance_are_moved_though_their_schedule_came_later(items):
    """And though the item and the account were renamed in the mapping since."""
    items.pull()
    items.type(ITEM_MAP, "DUES / 2400", ledger_code=ADVANCE)
    assert told(synced(items), "item_account_differs") == []
    defer(items, "I1")
    items.pull()
    items.type(ITEM_MAP, "DUES / 2400", ledger_code=None)
    assert synced(items).counts["posted"] == {Kind.JOURNAL_ENTRY: 3}
    assert balances(items) == ("75.00", "125.00")


def test_entries_whose_schedule_left_the_source_are_held_to_the_rule_still(items):
    items.pull()
    synced(items)
    defer(items, "I1")
    items.pull()
    items.files["schedules"].clear()
    items.pull()
    report = synced(items)
    assert len(told(report, "deferral_not_known")) == 12
    assert report.counts["posted"] == {}


def test_a_code_on_two_rows_of_the_item_map_stops_its_documents(items):
    """What is chosen on one row may contradict the other; the product's own row is not taken instead."""
    items.type(ITEM_MAP, "DUES / 2400", ledger_code=ADVANCE)
    book = items.book
    book.append(ITEM_MAP, [{"code": "DUES / 2400", "ledger_code": "Membership"}])
    book.save()
    report = items.run(check)
    assert {problem.key for problem in told(report, "item_not_mapped")} == {"I1"}


def test_a_journal_that_keeps_no_schedules_yet_is_pulled_into_first(items):
    """One of an earlier release: without them nothing would tell what is received in advance."""
    defer(items, "I1")
    items.pull()
    with closing(sqlite3.connect(items.profile.place / "journal.sqlite")) as journal, journal:
        assert journal.execute("DELETE FROM memo WHERE name = 'Schedules'").rowcount == 1
    with pytest.raises(CannotRun) as stopped:
        synced(items)
    assert [problem.code for problem in stopped.value.problems] == ["not_pulled"]
    assert items.harness.query("Invoice") == []
    items.pull()
    assert len(told(synced(items), "deferred_item_differs")) == 1


# where lines name accounts


def test_dues_given_a_revenue_account_on_the_lines_sheet_are_refused(dues):
    defer(dues, "I1")
    dues.init()
    dues.pull()
    dues.type(LINES, key_of(dues, "I1"), ledger_account="4100")
    report = synced(dues)
    [problem] = told(report, "deferred_account_differs")
    deferred, revenue = "2400 Cotisations perçues d'avance / Deferred dues", "4100 Cotisations / Membership dues"
    assert dict(problem.params) == {"line": "1", "account": deferred, "booked": revenue}
    assert (problem.kind, problem.key) == (Kind.INVOICE, "I1")
    assert "Choose 2400" in dues.row(INVOICES, "I1")["fix"]
    assert Kind.JOURNAL_ENTRY not in report.counts["posted"]
    dues.type(LINES, key_of(dues, "I1"), ledger_account="2400")
    dues.type(INVOICES, "I1", status="To Be Transferred")
    assert synced(dues).counts["posted"][Kind.JOURNAL_ENTRY] == 3


def test_dues_that_a_person_booked_are_moved_where_the_sources_account_decides(dues):
    defer(dues, "I1")
    dues.init()
    dues.opened("H1", "Club d'échecs de l'Île")
    dues.keyed_in("HAND-1", "114.98", "H1")
    dues.pull()
    dues.type(ACCOUNTS, "A1", reference="H1")
    dues.type(INVOICES, "I1", reference="HAND-1")
    assert synced(dues).counts["posted"][Kind.JOURNAL_ENTRY] == 3


def test_what_the_accountant_decides_for_a_line_without_a_schedule_stands(dues):
    defer(dues, "I2")
    sell(dues, "I2", "2400")
    dues.init()
    dues.pull()
    dues.type(LINES, key_of(dues, "I1"), ledger_account="4100")
    assert told(synced(dues), "deferred_account_differs") == []


@pytest.mark.parametrize("kind", ["sales_receipt", "credit_note", "invoice"])
def test_entries_wait_for_their_document_of_whatever_kind_and_are_undone_before_it(association: Association, kind):
    document = association.files["documents"][0]
    document |= {"kind": kind, "method": "cheque"}
    if kind != "invoice":
        association.files["payments"].clear()
        association.files["allocations"].clear()
    association.files["lines"][0]["gl_account"] = "2400"
    association.add("gl_accounts", code="2400", name="Cotisations reportées")
    defer(association, "I1")
    association.init()
    association.pull()
    association.type(INVOICES, "I1", status="Stand By")
    report = synced(association)
    assert report.counts["posted"] == {}
    assert len([p for p in told(report, "invoice_not_transferred") if p.kind is Kind.JOURNAL_ENTRY]) == 3
    assert "F-1" in association.row(ENTRIES, "S1/2025-01#1")["reason"]
    association.type(INVOICES, "I1", status="To Be Transferred")
    assert synced(association).counts["posted"][Kind.JOURNAL_ENTRY] == 3
    undone = association.run(lambda session: undo_transfer(session, Chosen(kind=Kind(kind), numbers=["F-1"])))
    [applied] = told(undone, "undo_applied")
    assert "F-1-2025-01, F-1-2025-02, F-1-2025-03" in applied.params["numbers"]
