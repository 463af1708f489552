"""The crash matrix over Xero's stand-in: at every request of every recipe a lost call, a lost answer, a refusal.

Each ends with what was sent booked once and whole, or not at all, or unknown; who looks up what is unknown and sends
what is not found has it booked once. What is there is counted in the stand-in's own books, by our key.
"""

from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal

import pytest

from connectors import exact_json
from connectors.conformance.making import Making, booked, post, void
from connectors.http.session import Http
from connectors.ledger import Posted, Rejected, Unknown
from connectors.ledgers.xero.sandbox import Sandbox
from connectors.problems import CannotRun
from connectors.records import Kind
from connectors.sandboxes.faults import Fault, FaultKind
from tests.connectors.ledgers.xero_harness import SECRETS, XeroHarness

LIVE = {"Invoices": "AUTHORISED", "CreditNotes": "AUTHORISED", "BankTransactions": "AUTHORISED",
        "ManualJournals": "POSTED", "Contacts": "", "Payments": "AUTHORISED"}  # fmt: skip
FAULTS = {
    "lost call": Fault(kind=FaultKind.DROP_BEFORE),
    "lost answer": Fault(kind=FaultKind.DROP_AFTER),
    "cut answer": Fault(kind=FaultKind.TRUNCATE),
    "error after it was done": Fault(kind=FaultKind.FAIL_AFTER, status=500),
    "error before": Fault(kind=FaultKind.REFUSE, status=500),
    "refusal": Fault(kind=FaultKind.REFUSE, status=400, body='{"Type": "ValidationException", "Message": "No."}'),
    "delivered twice": Fault(kind=FaultKind.DUPLICATE),
}


@pytest.fixture(scope="module")
def harness(tmp_path_factory: pytest.TempPathFactory) -> Iterator[XeroHarness]:
    with pytest.MonkeyPatch.context() as patch, Sandbox() as sandbox:
        for name, value in SECRETS.items():
            patch.setenv(name, value)
        patch.setattr("connectors.http.exchange.BACK_OFF", 0.001)
        yield XeroHarness(sandbox, tmp_path_factory.mktemp("xero"))


def live(harness: XeroHarness, key: str) -> int:
    """How many elements that count bear a key."""
    kept = harness.sandbox.organisation.kept
    return sum(
        1
        for entity, status in LIVE.items()
        for body in kept[entity].values()
        if key in exact_json.dumps(body) and body.get("Status", "") in (status, "")
    )


def made(make: Making, ledger, name: str):
    """A posting of a recipe, how many requests it takes, and how many elements it is when it is whole."""
    contact = booked(ledger, make.customer(f"Contact {make.key()}"))[0]
    match name:
        case "payment of two and the rest":
            invoices = booked(ledger, make.invoice(contact, "100.00"), make.invoice(contact, "50.00"))
            parts = [(invoices[0], "100.00"), (invoices[1], "20.00")]
            return make.payment(contact, "130.00", parts), 2, 3
        case "credit note for an invoice":
            [invoice] = booked(ledger, make.invoice(contact, "100.00"))
            return make.document(Kind.CREDIT_NOTE, contact, "60.00", applied=[(invoice, "60.00")]), 2, 1
        case "customer":
            return make.customer(f"Person {make.key()}"), 1, 1
    return make.of_kind(Kind(name), contact, contact), 1, 1


ONE = [
    "customer",
    "invoice",
    "supplier_invoice",
    "vendor_credit",
    "sales_receipt",
    "refund",
    "payment",
    "journal_entry",
]
PLACES = [
    *((name, 1) for name in ONE),
    *((name, place) for name in ("payment of two and the rest", "credit note for an invoice") for place in (1, 2)),
]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(("name", "place"), PLACES)
def test_at_any_request_whatever_goes_wrong_it_is_booked_once_and_whole_or_not_at_all(
    harness: XeroHarness, name: str, place: int, fault: str
) -> None:
    with harness.open() as ledger:
        make = Making(harness, "CAD", ledger)
        posting, _, whole = made(make, ledger, name)
        ledger.bookkeeping.lists  # noqa: B018 (read before the fault is there)
        harness.sandbox.faults.clear()
        harness.sandbox.faults.add(
            FAULTS[fault].model_copy(update={"method": "PUT", "path": "/api.xro/", "nth": place})
        )
        outcome = post(ledger, posting)[posting.key]
        harness.sandbox.faults.clear()
        found = ledger.find([posting])
        match outcome:
            case Posted():
                assert found.keys() == {posting.key}
            case Rejected():
                assert (found, live(harness, posting.key)) == ({}, 0)
                return
            case Unknown():
                if not found:
                    assert isinstance(post(ledger, posting)[posting.key], Posted)
        assert ledger.find([posting]).keys() == {posting.key}
        assert live(harness, posting.key) == whole


@pytest.mark.parametrize("place", [1, 2])
@pytest.mark.parametrize("name", ["payment of two and the rest", "credit note for an invoice", "invoice"])
def test_a_program_that_dies_after_a_request_is_gone_on_with(
    harness: XeroHarness, monkeypatch: pytest.MonkeyPatch, name: str, place: int
) -> None:
    with harness.open() as ledger:
        posting, requests, whole = made(Making(harness, "CAD", ledger), ledger, name)
        if place > requests:
            return
        count, request = [0], Http.request

        def dying(self, method, *arguments, **options):
            answer = request(self, method, *arguments, **options)
            count[0] += method == "PUT"
            if count[0] == place:
                raise KeyboardInterrupt
            return answer

        with monkeypatch.context() as patch, suppress(KeyboardInterrupt):
            patch.setattr(Http, "request", dying)
            list(ledger.post([posting]))
    with harness.open() as again:
        if not again.find([posting]):
            assert isinstance(post(again, posting)[posting.key], Posted)
        assert again.find([posting]).keys() == {posting.key}
        assert live(harness, posting.key) == whole


@pytest.mark.parametrize("fault", ["lost call", "lost answer", "refusal", "error after it was done"])
@pytest.mark.parametrize("place", [1, 2, 3])
def test_an_undo_that_went_wrong_is_gone_on_with(harness: XeroHarness, place: int, fault: str) -> None:
    """Three requests take a credit note out: what it is allocated to, its number, and itself."""
    with harness.open() as ledger:
        posting, _, _ = made(Making(harness, "CAD", ledger), ledger, "credit note for an invoice")
        there = post(ledger, posting)[posting.key]
        assert isinstance(there, Posted)
        undo = void(posting, there)
        for method, nth in (("DELETE", 1), ("POST", place - 1)):
            if (place == 1) is (method == "DELETE"):
                told = {"method": method, "path": "/api.xro/", "nth": max(nth, 1)}
                harness.sandbox.faults.add(FAULTS[fault].model_copy(update=told))
        first = post(ledger, undo)[undo.key]
        harness.sandbox.faults.clear()
        if not isinstance(first, Posted):
            outcome = post(ledger, undo)[undo.key]
            assert isinstance(outcome, Posted), outcome
        assert ledger.find([undo]).keys() == {undo.key}
        assert live(harness, posting.key) == 0
        invoice = harness.sandbox.organisation.kept["Invoices"][posting.applied[0].ledger_id.partition(":")[2]]
        assert harness.sandbox.organisation.due(invoice) == Decimal(100)


def test_a_key_that_was_used_with_another_request_is_a_doubt(harness: XeroHarness, monkeypatch) -> None:
    monkeypatch.setattr("connectors.ledgers.xero.service._key", lambda *_: "one key for everything")
    with harness.open() as ledger:
        make = Making(harness, "CAD", ledger)
        booked(ledger, first := make.customer(f"First {make.key()}"))
        second = make.customer(f"Second {make.key()}")
        outcome = post(ledger, second)[second.key]
        assert isinstance(outcome, Unknown)
        assert "used with a different request" in outcome.problem.detail
        assert ledger.find([first, second]).keys() == {first.key}


def test_a_whole_batch_that_is_refused_is_sent_one_by_one(harness: XeroHarness) -> None:
    with harness.open() as ledger:
        make = Making(harness, "CAD", ledger)
        people = [make.customer(f"Person {make.key()}") for _ in range(3)]
        ledger.bookkeeping.lists  # noqa: B018
        harness.sandbox.faults.add(FAULTS["refusal"].model_copy(update={"method": "PUT", "path": "/Contacts"}))
        outcomes = post(ledger, *people)
        assert all(isinstance(each, Posted) for each in outcomes.values())


def test_an_outage_in_the_middle_keeps_the_outcomes_that_are_known(harness: XeroHarness) -> None:
    with harness.open() as ledger:
        make = Making(harness, "CAD", ledger)
        contact = booked(ledger, make.customer(f"Contact {make.key()}"))[0]
        invoice, entry = make.invoice(contact), make.entry()
        refused = Fault(kind=FaultKind.REFUSE, status=403, method="PUT", path="/ManualJournals", times=0)
        harness.sandbox.faults.add(refused)
        told = ledger.post([invoice, entry])
        outcomes = [next(told)]
        with pytest.raises(CannotRun) as stopped:
            next(told)
        harness.sandbox.faults.clear()
        assert stopped.value.problems[0].code == "access_denied"
        assert [(each.key, type(each)) for each in outcomes] == [(invoice.key, Posted)]
        assert ledger.find([invoice, entry]).keys() == {invoice.key}
