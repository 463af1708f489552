"""Voids and deletes as QuickBooks Online has them: which of the two, lost answers, stale tokens, numbers that stay."""

from decimal import Decimal

import pytest

from connectors.conformance.making import KINDS_BOOKED, Making, booked, post, void
from connectors.conformance.undoing import answer, code, owed
from connectors.ledger import Posted, Rejected, Unknown
from connectors.ledgers.quickbooks_online.checks import CAPABILITIES
from connectors.ledgers.quickbooks_online.notes import is_void
from connectors.problems import CannotRun
from connectors.records import Kind
from connectors.watch import NoTurn, Watch, watched
from tests.connectors.ledgers.quickbooks_harness import quickbooks


@pytest.fixture
def harness(tmp_path, monkeypatch):
    with quickbooks(tmp_path, monkeypatch) as harness:
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


@pytest.mark.parametrize("kind", [kind for kind in KINDS_BOOKED if kind in CAPABILITIES.voids])
def test_a_void_keeps_the_document_and_a_deletion_does_not(harness, ledger, make, customer, kind):
    """Invoice, Payment, BillPayment, SalesReceipt void; the others delete (api-reference, "Void" and "Delete")."""
    [supplier] = booked(ledger, make.customer("Imprimerie", is_supplier=True))
    posting = make.of_kind(kind, customer, supplier)
    if kind is Kind.SUPPLIER_PAYMENT:
        [bill] = booked(ledger, make.document(Kind.SUPPLIER_INVOICE, supplier, "100.00"))
        posting = make.disbursement(supplier, "100.00", [(bill, "100.00")])
    undo = void(posting, answer(ledger, posting))
    booked(ledger, undo)
    left = harness.query(undo.reference.partition(":")[0])
    if kind in (Kind.INVOICE, Kind.PAYMENT, Kind.SUPPLIER_PAYMENT, Kind.SALES_RECEIPT):
        [body] = left
        assert is_void(body)
        assert body["TotalAmt"] == 0
    else:
        assert left == []


@pytest.mark.parametrize("kind", ["drop_after", "half", "truncate", "fail_after"])
def test_a_void_whose_answer_is_lost_is_unknown_and_found(harness, ledger, make, customer, kind):
    posting = make.invoice(customer, "100.00")
    undo = void(posting, answer(ledger, posting))
    harness.fault(kind=kind, path="/invoice", times=1)
    assert isinstance(post(ledger, undo)[undo.key], Unknown)
    assert ledger.find([undo]).keys() == {undo.key}
    assert post(ledger, undo)[undo.key].replayed


def test_a_void_that_never_arrived_is_not_found_and_may_be_sent_again(harness, ledger, make, customer):
    posting = make.invoice(customer, "100.00")
    undo = void(posting, answer(ledger, posting))
    harness.fault(kind="drop_before", path="/invoice", times=1)
    assert isinstance(post(ledger, undo)[undo.key], Unknown)
    assert ledger.find([undo]) == {}
    assert owed(ledger, customer, harness) == 100
    booked(ledger, undo)
    assert owed(ledger, customer, harness) == 0


def test_what_changes_between_reading_and_undoing_is_refused_as_stale(harness, ledger, make, customer, monkeypatch):
    """5010: the token that was read is no longer the document's."""
    posting = make.invoice(customer, "100.00")
    undo = void(posting, answer(ledger, posting))
    act = ledger._api.act

    def late(entity, how, sent):
        harness.change_by_hand(undo.reference)
        return act(entity, how, sent)

    monkeypatch.setattr(ledger._api, "act", late)
    outcome = post(ledger, undo)[undo.key]
    assert isinstance(outcome, Rejected)
    assert "5010" in outcome.problem.detail
    assert owed(ledger, customer, harness) == 100


def test_a_number_that_is_void_is_booked_beside_and_one_that_stands_is_not(harness, ledger, make, customer):
    first = make.invoice(customer, "100.00")
    undo = void(first, answer(ledger, first))
    again = make.invoice(customer, "70.00", number=first.record.number)
    assert code(ledger, again) == "number_taken"
    booked(ledger, undo)
    booked(ledger, again)
    third = make.invoice(customer, "30.00", number=first.record.number)
    assert code(ledger, third) == "number_taken"
    assert sorted(body["TotalAmt"] for body in harness.query("Invoice")) == [0, 70]
    assert ledger.find([first, again, third]).keys() == {again.key}


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "truncate"])
def test_a_lost_answer_beside_a_void_number_is_unknown_and_looked_up(harness, ledger, make, customer, kind):
    """The second request, which allows the number again, is a write like the first: nobody knows what came of it."""
    first = make.invoice(customer, "100.00")
    booked(ledger, void(first, answer(ledger, first)))
    again = make.invoice(customer, "70.00", number=first.record.number)
    harness.fault(kind=kind, path="allowduplicatedocnum")
    outcome = post(ledger, again)[again.key]
    assert isinstance(outcome, Unknown)
    assert outcome.problem.code == "outcome_unknown"
    there = kind != "drop_before"
    assert bool(ledger.find([again])) is there
    if not there:
        booked(ledger, again)
    assert sorted(body["TotalAmt"] for body in harness.query("Invoice")) == [0, 70]


def test_beside_a_void_number_a_refusal_is_the_first_ones(harness, ledger, make, customer):
    first = make.invoice(customer, "100.00")
    booked(ledger, void(first, answer(ledger, first)))
    again = make.invoice(customer, "70.00", number=first.record.number)
    harness.fault(kind="refuse", path="allowduplicatedocnum", status=200)
    assert code(ledger, again) == "number_taken"
    assert [body["TotalAmt"] for body in harness.query("Invoice")] == [0]


def test_a_closed_period_is_told_before_anything_is_sent(harness, ledger, make, customer):
    posting = make.invoice(customer, "100.00")
    undo = void(posting, answer(ledger, posting))
    harness.prefer("AccountingInfoPrefs", BookCloseDate=harness.day.isoformat())
    with harness.open() as reopened:
        assert code(reopened, undo) == "period_closed"
    assert harness.query("Invoice")[0]["TotalAmt"] == 100


def test_a_credit_that_a_person_applied_elsewhere_is_left_alone(harness, ledger, make, customer):
    [invoice] = booked(ledger, make.invoice(customer, "100.00"))
    credit = make.document(Kind.CREDIT_NOTE, customer, "40.00")
    undo = void(credit, answer(ledger, credit))
    lines = [
        {"Amount": 40, "LinkedTxn": [{"TxnId": reference.partition(":")[2], "TxnType": kind}]}
        for reference, kind in ((invoice, "Invoice"), (undo.reference, "CreditMemo"))
    ]
    harness.make("Payment", TotalAmt=0, CustomerRef={"value": customer}, Line=lines)
    assert code(ledger, undo) == "undo_applied"
    assert owed(ledger, customer, harness) == Decimal(60)


def test_a_void_by_a_person_is_seen_and_leaves_nothing_to_undo(harness, ledger, make, customer):
    posting = make.invoice(customer, "100.00")
    undo = void(posting, answer(ledger, posting))
    bare = undo.reference.partition(":")[2]
    harness.call("POST", "invoice", params={"operation": "void"}, data=f'{{"Id": "{bare}", "SyncToken": "0"}}')
    assert ledger.read([undo])[undo.reference].void
    assert ledger.find([posting]) == {}
    outcome = post(ledger, undo)[undo.key]
    assert isinstance(outcome, Posted)
    assert outcome.replayed


def test_a_person_who_lost_access_stops_the_undoing(harness, ledger, make, customer):
    posting = make.invoice(customer, "100.00")
    undo = void(posting, answer(ledger, posting))
    harness.fault(kind="refuse", path="/invoice", status=403)
    with pytest.raises(CannotRun) as stopped:
        post(ledger, undo)
    assert stopped.value.problems[0].code == "no_access_to_company"
    assert harness.query("Invoice")[0]["TotalAmt"] == 100


def test_a_void_is_not_begun_once_it_is_too_late_though_others_were_carried_out(harness, ledger, make, customer):
    """docs/journal.md: the computer slept in the middle of a batch, and another may have taken its place."""
    postings = [make.invoice(customer) for _ in range(3)]
    outcomes = post(ledger, *postings)
    watch = Watch()
    with watched(watch):
        answers = iter(ledger.post([void(posting, outcomes[posting.key]) for posting in postings]))
        next(answers)
        watch.left = lambda: -600
        with pytest.raises(NoTurn) as stopped:
            next(answers)
    assert (stopped.value.problems[0].code, watch.acted) == ("too_late", True)
    assert [bool(body["TotalAmt"]) for body in sorted(harness.query("Invoice"), key=lambda each: int(each["Id"]))] == [
        False, True, True,
    ]  # fmt: skip


@pytest.mark.parametrize("body", ["{}", " "])
def test_an_answer_that_does_not_tell_the_document_proves_no_void(harness, ledger, make, customer, body):
    """As of a proxy: the vendor answers with the object that it changed (api-reference, invoice, void)."""
    posting = make.invoice(customer)
    [booked_as] = post(ledger, posting).values()
    harness.fault(kind="refuse", status=200, body=body, path="operation=void", times=1)
    assert isinstance(post(ledger, taken := void(posting, booked_as))[taken.key], Unknown)
