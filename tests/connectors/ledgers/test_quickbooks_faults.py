"""Faults of QuickBooks Online by their codes, in a company that works in French, within an answer, and of nobody's
record (addendum of 2026-11-29 to the facts of QuickBooks Online, 3, 5, 6 and 9)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from addin.usecases.sync import sync
from connectors.conformance.making import Making, booked, post, void
from connectors.conformance.undoing import answer, code
from connectors.ledger import Rejected, Sought
from connectors.ledgers.quickbooks_online.connector import QuickBooksOnlineLedger
from connectors.ledgers.quickbooks_online.sandbox.company import Switches
from connectors.problems import CannotRun
from connectors.records import Kind
from tests.connectors.ledgers.quickbooks_harness import quickbooks
from tests.connectors.ledgers.quickbooks_many import Many
from workbook.file.file_book import FileBook
from workbook.layout import INVOICES

HOUR = timedelta(hours=1)


@pytest.fixture(params=[False, True], ids=["english", "french"])
def harness(tmp_path, monkeypatch, request):
    with quickbooks(tmp_path, monkeypatch) as harness:
        harness.sandbox.company("CA").switches = Switches(french=request.param)
        yield harness


@pytest.fixture
def ledger(harness):
    with harness.open() as ledger:
        ledger.connect()
        yield ledger


@pytest.fixture
def make(harness, ledger):
    return Making(harness, "CAD", ledger)


@pytest.fixture
def customer(ledger, make):
    return booked(ledger, make.customer())[0]


def refusal(ledger, posting):
    outcome = post(ledger, posting)[posting.key]
    assert isinstance(outcome, Rejected)
    return outcome.problem


def test_a_name_that_is_taken_is_that_in_any_language(ledger, make):
    booked(ledger, make.customer("Le Bic inc."))
    assert refusal(ledger, make.customer("Le Bic inc.")).code == "name_taken"


def test_a_number_that_is_taken_is_that_in_any_language_and_one_that_is_void_is_booked_beside(ledger, make, customer):
    first = make.invoice(customer, "100.00")
    undo = void(first, answer(ledger, first))
    again = make.invoice(customer, "70.00", number=first.record.number)
    assert code(ledger, again) == "number_taken"
    booked(ledger, undo)
    booked(ledger, again)


@pytest.mark.parametrize("password", [False, True])
def test_a_period_that_was_closed_since_is_that_in_any_language(harness, ledger, make, customer, password):
    """6200, and 6210 where a password would open it; the vendor's own list calls 6210 a duplicate number as well."""
    switches = harness.sandbox.company("CA").switches
    harness.sandbox.company("CA").switches = replace(switches, closing_password=password)
    harness.prefer("AccountingInfoPrefs", BookCloseDate=harness.day.isoformat())
    assert refusal(ledger, make.invoice(customer)).code == "period_closed"


def test_what_was_made_inactive_since_is_named(harness, ledger, make, customer):
    """610 says "something": the references of the body are looked up, and the first that is not in use is told."""
    [item] = harness.query("Item", "Name = 'Membership'")
    harness.change("Item", item["Id"], Active=False)
    problem = refusal(ledger, make.invoice(customer))
    assert (problem.code, problem.params["code"], problem.params["line"]) == ("item_not_in_ledger", "Membership", "1")
    assert "610" in problem.detail


def test_a_customer_that_was_made_inactive_since_is_named(harness, ledger, make):
    [customer] = booked(ledger, make.customer("Le Bic inc."))
    harness.change("Customer", customer, Active=False)
    problem = refusal(ledger, make.invoice(customer))
    assert (problem.code, problem.params["name"]) == ("account_inactive_in_ledger", "Le Bic inc.")
    assert problem.params["reference"] == customer


def test_a_customer_that_is_not_there_is_named(ledger, make):
    problem = refusal(ledger, make.invoice("98765"))
    assert (problem.code, problem.params["reference"]) == ("account_unknown_in_ledger", "98765")


def test_an_account_that_was_made_inactive_since_is_named(harness, ledger, make):
    [supplier] = booked(ledger, make.customer("Imprimerie", is_supplier=True))
    [account] = harness.query("Account", "Name = 'Office Supplies'")
    harness.change("Account", account["Id"], Active=False)
    problem = refusal(ledger, make.document(Kind.SUPPLIER_INVOICE, supplier, "100.00"))
    assert (problem.code, problem.params["code"]) == ("not_in_ledger", "Office Supplies")


def test_the_references_of_many_refused_records_are_looked_up_once(harness, ledger, make, customer, monkeypatch):
    [item] = harness.query("Item", "Name = 'Membership'")
    harness.change("Item", item["Id"], Active=False)
    asked, among = [], ledger._api.among
    monkeypatch.setattr(ledger._api, "among", lambda entity, *rest: (asked.append(entity), among(entity, *rest))[1])
    outcomes = post(ledger, *(make.invoice(customer) for _ in range(5)))
    assert {outcome.problem.code for outcome in outcomes.values()} == {"item_not_in_ledger"}
    assert asked.count("Item") == 1


def test_a_fault_within_the_answer_of_a_query_is_not_nothing_found(harness, ledger, make, customer):
    """Schema: QueryResponse holds a "Fault or Object"; the status is 200."""
    posting = make.invoice(customer)
    booked(ledger, posting)
    switches = harness.sandbox.company("CA").switches
    harness.sandbox.company("CA").switches = replace(switches, unreadable=frozenset({"Invoice"}))
    for ask in (
        lambda: ledger.find([posting]),
        lambda: ledger.search([Sought(name="x", kind=Kind.INVOICE, number=posting.record.number)]),
        lambda: ledger.changes(datetime.now(UTC) - HOUR),
    ):
        with pytest.raises(CannotRun) as stopped:
            ask()
        [problem] = stopped.value.problems
        assert "10000" in problem.detail


def test_an_application_or_a_person_without_access_is_told_as_that(harness, ledger):
    harness.fault(kind="refuse", path="/query", status=403)
    with pytest.raises(CannotRun) as stopped:
        ledger.search([Sought(name="x", kind=Kind.INVOICE, number="F-1")])
    [problem] = stopped.value.problems
    assert problem.code == "no_access_to_company"


@pytest.fixture
def many(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(QuickBooksOnlineLedger, "limits", ())
    with quickbooks(tmp_path, monkeypatch) as harness:
        association = Many(tmp_path, harness, invoices=2, customers=1, seed=1)
        association.set_up()
        yield association


def rows(many):
    return [(row.values["status"], row.values["reason"]) for row in FileBook(many.profile.workbook).read(INVOICES).rows]


def test_a_look_up_that_is_refused_sends_nothing_and_says_so_of_no_record(many):
    """The look-up comes before the call: certainly nothing left, and the next Sync sends it."""
    many.harness.sandbox.company("CA").switches = Switches(unreadable=frozenset({"Invoice"}))
    report = many.run(sync)
    assert report.counts["unknown"] == {}
    assert "outcome_unknown" not in [problem.code for problem in report.problems]
    assert {status for status, _ in rows(many)} == {"To Be Transferred"}
    many.harness.sandbox.company("CA").switches = Switches()
    assert many.run(sync).counts["posted"][Kind.INVOICE] == 2
    assert len(many.harness.query("Invoice")) == 2


def test_a_batch_that_is_refused_whole_books_nothing_and_says_so_of_no_record(many):
    many.harness.fault(kind="refuse", path="/batch", status=403, nth=2)
    report = many.run(sync)
    assert (report.counts["unknown"], report.counts["posted"].get(Kind.INVOICE)) == ({}, None)
    assert [problem.code for problem in report.problems] == ["no_access_to_company"]
    assert many.run(sync).counts["posted"][Kind.INVOICE] == 2


def test_a_subscription_that_ended_is_told_as_that(many):
    many.harness.sandbox.company("CA").switches = Switches(subscribed=False)
    report = many.run(sync)
    assert [problem.code for problem in report.problems] == ["subscription_ended"]
    assert report.counts["unknown"] == {}
    assert {status for status, _ in rows(many)} == {"To Be Transferred"}
