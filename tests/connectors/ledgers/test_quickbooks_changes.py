"""What QuickBooks Online tells of its changes beyond what every ledger must: the bounds of its change data capture
(30 days, 1,000 objects in an answer), what is void, what is a check. And that the suite catches a ledger that errs."""

import inspect
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from connectors.conformance import TellsChanges
from connectors.conformance.making import Making, booked
from connectors.ledgers.quickbooks_online.sandbox import operations
from connectors.records import JournalEntry, Kind, What
from tests.connectors.ledgers.quickbooks_harness import Unpaced, quickbooks

HOUR = timedelta(hours=1)


@pytest.fixture
def harness(tmp_path, monkeypatch):
    with quickbooks(tmp_path, monkeypatch) as harness:
        yield harness


def told(harness, since):
    with harness.open() as ledger:
        ledger.connect()
        return ledger.changes(since)


def make_customers(harness, count):
    company = harness.sandbox.company()
    with company.lock:
        for number in range(count):
            operations.create(company, "Customer", {"DisplayName": f"Membre {number}"})


def test_older_than_30_days_is_queried_and_says_that_deletions_are_not_told(harness):
    kept = harness.add_customer("Gardée", "g@example.org")
    invoice = harness.add_invoice(kept, Decimal("10.00"))
    harness.delete(*invoice.split(":"))
    since = datetime.now(UTC) - timedelta(days=40)
    answer = told(harness, since)
    by_id = {change.ledger_id: change.what for change in answer.changes}
    assert by_id[kept] is What.CREATED
    assert by_id[invoice] is What.DELETED  # the last 30 days are told all the same
    [problem] = answer.problems
    assert problem.code == "changes_too_old"
    assert problem.params["since"] == f"{since:%Y-%m-%d}"
    assert problem.params["reach"] > problem.params["since"]


@pytest.mark.parametrize(("customers", "cut"), [(950, []), (1001, ["changes_too_many"])])
def test_a_full_answer_is_asked_for_again_and_what_is_still_full_is_queried(harness, customers, cut):
    """The starter's own records and these come to more than 1,000 objects; customers alone do so the second time."""
    invoices = [
        harness.add_invoice(harness.add_customer(f"Cliente {n}", "c@example.org"), Decimal(1)) for n in range(40)
    ]
    make_customers(harness, customers)
    answer = told(harness, datetime.now(UTC) - HOUR)
    names = {change.name for change in answer.changes if change.kind is Kind.CUSTOMER}
    assert {f"Membre {n}" for n in range(customers)} <= names
    assert set(invoices) <= {change.ledger_id for change in answer.changes}
    assert [problem.code for problem in answer.problems] == cut
    assert len({(change.kind, change.ledger_id) for change in answer.changes}) == len(answer.changes)


def test_what_is_void_is_told_as_void(harness):
    invoice = harness.add_invoice(harness.add_customer("Cliente", "c@example.org"), Decimal("10.00"))
    harness.void(*invoice.split(":"))
    [change] = [change for change in told(harness, datetime.now(UTC) - HOUR).changes if change.ledger_id == invoice]
    assert (change.what, change.record) == (What.VOIDED, None)


def test_a_check_is_told_as_the_entry_it_makes(harness):
    accounts = {account["Name"]: account["Id"] for account in harness.query("Account")}
    line = {"Amount": 40, "Description": "Timbres", "DetailType": "AccountBasedExpenseLineDetail",
            "AccountBasedExpenseLineDetail": {"AccountRef": {"value": accounts["Office Supplies"]}}}  # fmt: skip
    harness.make("Purchase", PaymentType="Check", AccountRef={"value": accounts["Checking"]}, DocNumber="77",
                 Line=[line], GlobalTaxCalculation="NotApplicable")  # fmt: skip
    [change] = [change for change in told(harness, datetime.now(UTC) - HOUR).changes if change.word]
    assert (change.word, change.kind, change.number) == ("Check", Kind.JOURNAL_ENTRY, "77")
    assert isinstance(change.record, JournalEntry)
    assert [(each.ledger_account, each.debit, each.credit) for each in change.record.lines] == [
        ("Office Supplies", 40, 0), ("Checking", 0, 40),
    ]  # fmt: skip
    assert harness.trial_balance()["Office Supplies"] == 40


def test_what_applies_our_own_credit_note_is_not_told(harness):
    customer = harness.add_customer("Cliente", "c@example.org")
    harness.make("Payment", TotalAmt=0, CustomerRef={"value": customer}, PrivateNote="[psl-1-applied]")
    kinds = {change.kind for change in told(harness, datetime.now(UTC) - HOUR).changes}
    assert Kind.PAYMENT not in kinds
    assert Kind.CUSTOMER in kinds


class Faulty(Unpaced):
    """Tells its changes otherwise than they are."""

    spoil = staticmethod(lambda change: change)

    def changes(self, since):
        told = super().changes(since)
        spoilt = (self.spoil(change) for change in told.changes)
        return replace(told, changes=tuple(change for change in spoilt if change))


def says_all(change):
    return replace(change, told=frozenset(field.name for field in fields(change.record))) if change.record else change


SUITE = TellsChanges
FAULTS = [
    (lambda change: replace(change, key=""), SUITE.test_what_we_posted_is_told_under_our_key_as_we_sent_it),
    (says_all, SUITE.test_every_field_of_a_customer_that_it_tells_comes_back_as_it_was_sent),
    (lambda change: change if change.key else None, SUITE.test_a_customer_made_by_hand_is_told),
    (
        lambda change: replace(change, told=frozenset()),
        SUITE.test_a_customer_changed_by_hand_differs_in_that_field_alone,
    ),
    (
        lambda change: None if change.what is What.DELETED else change,
        SUITE.test_an_invoice_taken_out_by_hand_is_told_as_gone,
    ),
    (
        lambda change: None if change.what is What.DELETED else change,
        SUITE.test_a_customer_merged_by_hand_is_told_as_gone,
    ),
    (
        lambda change: replace(change, record=None),
        SUITE.test_an_invoice_made_by_hand_is_told_with_its_customer_and_total,
    ),
]


@pytest.mark.parametrize(("spoil", "test"), FAULTS, ids=lambda value: getattr(value, "__name__", ""))
def test_the_suite_catches_a_ledger_that_tells_its_changes_wrongly(harness, monkeypatch, spoil, test):
    monkeypatch.setattr(Faulty, "spoil", staticmethod(spoil))
    harness.ledger_type = Faulty
    make = Making(harness, "CAD")
    with harness.open() as ledger:
        customer, supplier = booked(ledger, make.customer(), make.customer("Imprimerie", is_supplier=True))
        given = {"self": SUITE(), "ledger": ledger, "hands": harness.hands(), "make": make, "customer": customer,
                 "supplier": supplier, "kind": Kind.INVOICE}  # fmt: skip
        with pytest.raises((AssertionError, KeyError, ValueError)):
            test(**{name: given[name] for name in inspect.signature(test).parameters})
