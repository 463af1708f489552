"""What is Xero's own: whose books are opened, how money and taxes stand there, and what is left to a person."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pydantic import ValidationError

from connectors.conformance.making import Making, booked, post, void
from connectors.http import Http
from connectors.ledger import Applied, Posted, Rejected, Sought
from connectors.ledgers.xero.connector import XeroLedger
from connectors.ledgers.xero.sandbox import TENANTS
from connectors.ledgers.xero.service import LIMITS, RESERVE, vendor
from connectors.ledgers.xero.settings import XeroSettings
from connectors.problems import CannotRun
from connectors.records import DocumentTax, InvoiceLine, Kind
from connectors.sandboxes.clock import Clock
from connectors.sandboxes.consenting import consent
from connectors.sandboxes.windows import Window, Windows
from connectors.signin import disconnect, in_browser
from connectors.watch import NoTurn, Watch, watched
from tests.connectors.ledgers.xero_harness import Unpaced, XeroHarness, xero
from tests.connectors.scripted_server import Server, answer


@pytest.fixture
def harness(tmp_path, monkeypatch) -> Iterator[XeroHarness]:
    with xero(tmp_path, monkeypatch) as harness:
        yield harness


def test_another_organisation_than_the_one_that_is_set_is_refused_by_name(harness: XeroHarness) -> None:
    other, name = TENANTS[1]
    harness.sandbox.xero.sign_in._grants.clear()
    with pytest.raises(CannotRun) as refused:
        in_browser(harness.open().sign_in, open_browser=lambda url: consent(url, other))
    [problem] = refused.value.problems
    assert (problem.code, problem.params["found"]) == ("company_differs", f"{name} ({other})")


def test_what_was_disconnected_may_not_be_reached_any_more(harness: XeroHarness) -> None:
    with harness.open() as ledger:
        assert ledger.connect().company == "Association sandbox"
        disconnect(ledger.sign_in)
    assert harness.sandbox.xero.sign_in.companies() == set()
    with harness.open() as ledger, pytest.raises(CannotRun) as refused:
        ledger.connect()
    assert refused.value.problems[0].code == "not_signed_in"


def test_a_deposit_account_that_is_no_bank_account_is_told(harness: XeroHarness) -> None:
    settings = harness.settings.model_copy(update={"deposit_account": "200"})
    with harness.ledger_type(settings) as ledger, pytest.raises(CannotRun) as refused:
        ledger.connect()
    assert refused.value.problems[0].params["known"] == "090, 091"


def test_a_payment_is_one_for_each_invoice_and_the_rest_on_account_and_stays_as_that_rest_does(harness) -> None:
    with harness.open() as ledger:
        make = Making(harness, "CAD", ledger)
        [contact] = booked(ledger, make.customer())
        first, second = booked(ledger, make.invoice(contact, "100.00"), make.invoice(contact, "50.00"))
        whole = make.payment(contact, "150.00", [(first, "100.00"), (second, "50.00")])
        there = post(ledger, whole)[whole.key]
        assert isinstance(there, Posted)
        assert there.total == Decimal(150)
        kept = harness.sandbox.organisation.kept
        assert sorted(payment["Amount"] for payment in kept["Payments"].values()) == [50, 100]
        booked(ledger, void(whole, there))
        assert {payment["Status"] for payment in kept["Payments"].values()} == {"DELETED"}
        more = make.payment(contact, "120.00", [(first, "100.00")])
        over = post(ledger, more)[more.key]
        assert isinstance(over, Posted)
        refused = post(ledger, undo := void(more, over))[undo.key]
        assert isinstance(refused, Rejected)
        assert refused.problem.code == "undo_unsupported"
        assert ledger.find([more]).keys() == {more.key}


@pytest.mark.parametrize("kind", [Kind.PAYMENT, Kind.CREDIT_NOTE])
def test_what_goes_to_an_invoice_that_is_there_no_more_can_be_looked_for(harness: XeroHarness, kind: Kind) -> None:
    """What is there of it stands by its own; that it is whole cannot be told."""
    with harness.open() as ledger:
        make = Making(harness, "CAD", ledger)
        [contact] = booked(ledger, make.customer())
        if kind is Kind.PAYMENT:
            posting = make.payment(contact, "100.00", [])
        else:
            posting = make.document(kind, contact, "100.00")
        booked(ledger, posting)
        gone = replace(posting, applied=(Applied(ledger_id="never-there", amount=Decimal(100)),))
        assert ledger.find([gone]) == {}
        assert ledger.find([posting]).keys() == {posting.key}


def lines(*rows: tuple[str, str, str], tax: str = "Levy") -> tuple[InvoiceLine, ...]:
    """Lines of a quantity, a price and the source's own tax."""
    return tuple(
        InvoiceLine(key=str(n), number=n, description="x", quantity=Decimal(many), unit_price=Decimal(price),
                    amount=Decimal(many) * Decimal(price), tax_amount=Decimal(own), ledger_account="200",
                    ledger_tax=tax)
        for n, (many, price, own) in enumerate(rows, 1)
    )  # fmt: skip


def taxed(make: Making, kind: Kind, contact: str, *rows: tuple[str, str, str]):
    told = lines(*rows)
    net = sum((line.amount for line in told), Decimal(0))
    tax = sum((line.tax_amount for line in told), Decimal(0))
    posting = make.document(kind, contact)
    record = replace(posting.record, lines=told, subtotal=net, tax=tax, total=net + tax,
                     taxes=(DocumentTax(tax="L", amount=tax, ledger_tax="Levy"),))  # fmt: skip
    return replace(posting, record=record)


def test_a_line_of_many_cheap_units_goes_as_one_of_its_amount(harness: XeroHarness) -> None:
    """ "TaxAmount specified cannot be greater than the UnitAmount"."""
    with harness.open() as ledger:
        make = Making(harness, "CAD", ledger)
        [contact] = booked(ledger, make.customer())
        booked(ledger, taxed(make, Kind.INVOICE, contact, ("1000", "0.10", "14.98"), ("2", "50.00", "14.99")))
        [kept] = harness.sandbox.organisation.kept["Invoices"].values()
        assert [(line["Quantity"], line["UnitAmount"]) for line in kept["LineItems"]] == [(1, 100), (2, 50)]
        assert [line["TaxAmount"] for line in kept["LineItems"]] == [Decimal("14.98"), Decimal("14.99")]


def test_money_taken_bears_the_tax_that_xero_reckons_or_is_refused_with_the_figures(harness: XeroHarness) -> None:
    with harness.open() as ledger:
        make = Making(harness, "CAD", ledger)
        [contact] = booked(ledger, make.customer())
        booked(ledger, taxed(make, Kind.SALES_RECEIPT, contact, ("1", "34.94", "5.23")))
        off = taxed(make, Kind.SALES_RECEIPT, contact, ("1", "34.94", "5.24"))
        outcome = post(ledger, off)[off.key]
        assert isinstance(outcome, Rejected)
        assert (outcome.problem.code, outcome.problem.params["ledger_total"]) == ("tax_not_borne", "40.17")
        nobody = taxed(make, Kind.SALES_RECEIPT, "", ("1", "10.00", "1.50"))
        refused = post(ledger, nobody)[nobody.key]
        assert isinstance(refused, Rejected)
        assert refused.problem.code == "account_unknown_in_ledger"


def test_a_class_is_the_option_of_a_tracking_category(harness: XeroHarness) -> None:
    with harness.open() as ledger:
        make = Making(harness, "CAD", ledger)
        assert [entry.code for entry in ledger.lists().classes] == ["Chapter East", "Chapter West"]
        [contact] = booked(ledger, make.customer())
        posting = make.invoice(contact)
        line = replace(posting.record.lines[0], ledger_class="Chapter West")
        booked(ledger, replace(posting, record=replace(posting.record, lines=(line,))))
        [kept] = harness.sandbox.organisation.kept["Invoices"].values()
        assert kept["LineItems"][0]["Tracking"][0]["Option"] == "Chapter West"


def test_what_is_void_keeps_its_number_with_a_word_after_it(harness: XeroHarness) -> None:
    with harness.open() as ledger:
        make = Making(harness, "CAD", ledger)
        [contact] = booked(ledger, make.customer())
        posting = make.invoice(contact, number="F-1")
        there = post(ledger, posting)[posting.key]
        assert isinstance(there, Posted)
        booked(ledger, void(posting, there))
        [kept] = harness.sandbox.organisation.kept["Invoices"].values()
        assert (kept["Status"], kept["InvoiceNumber"]) == ("VOIDED", f"F-1 (void {kept['InvoiceID'][:8]})")


def test_an_archived_contact_is_named_as_one_in_use_no_more(harness: XeroHarness) -> None:
    with harness.open() as ledger:
        make = Making(harness, "CAD", ledger)
        person = make.customer("Membre retiré")
        [contact] = booked(ledger, person)
        harness.retire_customer(contact)
        for posting in (make.invoice(contact), make.change(contact, person, name="Autre")):
            outcome = post(ledger, posting)[posting.key]
            assert isinstance(outcome, Rejected)
            assert outcome.problem.code == "inactive_in_ledger"


def test_a_telephone_number_is_whole_whichever_way_a_person_typed_it(harness: XeroHarness) -> None:
    """``PhoneCountryCode`` and ``PhoneAreaCode`` stand apart in the vendor's own samples of contacts."""
    with harness.open() as ledger:
        make = Making(harness, "CAD", ledger)
        former = make.customer("Club de curling", phone="1 418 555-0100")
        [contact] = booked(ledger, former)
        there = harness.sandbox.organisation.kept["Contacts"][contact]
        [phone] = (each for each in there["Phones"] if each["PhoneType"] == "DEFAULT")
        phone |= {"PhoneCountryCode": "1", "PhoneAreaCode": "418", "PhoneNumber": "555-0100"}
        [listed] = (each for each in ledger.lists().customers if each.reference == contact)
        assert listed.phone == "1 418 555-0100"
        booked(ledger, make.change(contact, former))
        assert phone["PhoneAreaCode"] == "418", "nothing differs"
        booked(ledger, make.change(contact, former, phone="1 418 555-0199"))
        [phone] = (each for each in harness.sandbox.organisation.kept["Contacts"][contact]["Phones"]
                   if each["PhoneType"] == "DEFAULT")  # fmt: skip
        assert [phone[part] for part in ("PhoneCountryCode", "PhoneAreaCode", "PhoneNumber")] == [
            "", "", "1 418 555-0199",
        ]  # fmt: skip


NOON = datetime(2024, 3, 15, 12, tzinfo=UTC)


class OfADay(Unpaced):
    """Paced by the day alone, so that no minute is waited out."""

    limits = LIMITS[1:2]


def test_a_day_that_is_nearly_used_up_lets_nothing_begin_and_what_was_begun_end(tmp_path, monkeypatch) -> None:
    """Every answer says how much of the day is left (limits); the smallest plan has less of it."""
    with xero(tmp_path, monkeypatch, limits=True) as harness:
        harness.ledger_type = OfADay
        clock, day = harness.sandbox.xero.clock, Window("day", RESERVE + 20, 86_400)
        harness.sandbox.xero._windows = Windows(clock, (Window("minute", 10_000, 60), day), 5)
        with harness.open() as ledger, watched(Watch()):
            ledger.connect()
            make = Making(harness, "CAD", ledger)
            posting = make.customer()
            assert ledger.turn([posting]) == 0
            [contact] = booked(ledger, posting)
            for _ in range(20):
                ledger.lists()
            later = make.invoice(contact, "100.00")
            with pytest.raises(NoTurn) as refused:
                ledger.turn([later])
            assert (refused.value.problems[0].code, refused.value.soon) == ("day_limit_reached", False)
            booked(ledger, later)


def test_a_day_that_is_used_up_is_never_said_to_pass_in_a_minute(tmp_path, monkeypatch) -> None:
    """An answer of 429 names the limit (recorded); where it does not say how long, an hour is taken."""
    with xero(tmp_path, monkeypatch, limits=True, clock=Clock(NOON)) as harness:
        harness.ledger_type = OfADay
        clock = harness.sandbox.xero.clock
        windows = Windows(clock, (Window("minute", 10_000, 60), Window("day", 4, 86_400)), 5)
        harness.sandbox.xero._windows = windows
        with harness.open() as ledger:
            ledger.connect()
            with pytest.raises(CannotRun) as refused:
                ledger.lists()
        [problem] = refused.value.problems
        assert problem.code == "day_limit_reached"
    silent = answer(429, b"", X_Rate_Limit_Problem="day")
    with Server(silent) as server:
        settings = harness.settings.model_copy(update={"api_url": server.url})
        with Http(server.url, vendor(settings)) as http, pytest.raises(CannotRun) as refused:
            http.get("Organisation")
    assert refused.value.problems[0].code == "day_limit_reached"


def test_a_payment_that_came_back_is_refused_and_what_a_person_recorded_for_it_is_found(harness: XeroHarness) -> None:
    """Money spent on an account of its own is the vendor's way ("Record dishonored and reversed payments")."""
    with harness.open() as ledger:
        make = Making(harness, "CAD", ledger)
        [contact] = booked(ledger, make.customer())
        [paid] = booked(ledger, make.payment(contact, "100.00"))
        back = make.returned(contact, paid)
        refused = post(ledger, back)[back.key]
        assert isinstance(refused, Rejected)
        assert refused.problem.code == "kind_unsupported"
        line = {"Description": "NSF", "Quantity": 1, "UnitAmount": 100, "AccountCode": "200", "TaxType": "NONE"}
        spent = harness.make("BankTransactions", Type="SPEND", Contact={"ContactID": contact}, Date="2024-03-20",
                             BankAccount={"Code": "090"}, LineAmountTypes="NoTax", LineItems=[line])  # fmt: skip
        typed = f"SpendMoney:{spent['BankTransactionID']}"
        [standing] = ledger.search([Sought(name="x", kind=Kind.RETURNED_PAYMENT, reference=typed)])["x"]
        assert (standing.ledger_id, standing.total, standing.void) == (typed, Decimal(100), False)


def test_what_a_person_keyed_in_in_another_currency_is_never_taken_for_the_home_currency(harness: XeroHarness) -> None:
    """Its amounts are in ``CurrencyCode``, of a payment in that of what it pays (OAS, samples); ours settles it not."""
    with harness.open() as ledger:
        began = ledger._api.now()
        make = Making(harness, "CAD", ledger)
        [contact] = booked(ledger, make.customer())
        typed = harness.add_invoice(contact, Decimal(100), "USD-1")
        kept = harness.sandbox.organisation.kept
        kept["Invoices"][typed.partition(":")[2]]["CurrencyCode"] = "USD"
        ours = make.payment(contact, "100.00", [(typed, "100.00")])
        refused = post(ledger, ours)[ours.key]
        assert isinstance(refused, Rejected)
        assert (refused.problem.code, refused.problem.params["other"]) == ("currency_differs", "USD")
        [owed] = ledger.aged_receivables(harness.day)
        assert (owed.currency, owed.total) == ("USD", Decimal(100))
        harness.make("Payments", Invoice={"InvoiceID": typed.partition(":")[2]}, Account={"Code": "090"},
                     Date="2024-03-15", Amount=100)  # fmt: skip
        [told] = (each.record for each in ledger.changes(began).changes if each.kind is Kind.PAYMENT)
        assert (told.currency, told.amount) == ("USD", Decimal(100))
        [like] = ledger.search([Sought(name="x", kind=Kind.PAYMENT, customer=contact, total=Decimal(100),
                                       first=harness.day, last=harness.day)])["x"]  # fmt: skip
        assert like.currency == "USD"


@pytest.mark.parametrize("kind", [Kind.PAYMENT, Kind.SALES_RECEIPT])
def test_money_that_is_reconciled_with_the_bank_is_not_undone(harness: XeroHarness, kind: Kind) -> None:
    """What the service does of that is documented nowhere: it is read first, and refused here."""
    with harness.open() as ledger:
        make = Making(harness, "CAD", ledger)
        [contact] = booked(ledger, make.customer())
        posting = make.to_undo(kind, contact, contact)
        there = post(ledger, posting)[posting.key]
        assert isinstance(there, Posted)
        entity = "Payments" if kind is Kind.PAYMENT else "BankTransactions"
        [body] = harness.sandbox.organisation.kept[entity].values()
        body["IsReconciled"] = True
        refused = post(ledger, undo := void(posting, there))[undo.key]
        assert isinstance(refused, Rejected)
        assert (refused.problem.code, refused.problem.params["reference"]) == ("undo_reconciled", there.number)
        assert body["Status"] == "AUTHORISED"
        body["IsReconciled"] = False
        booked(ledger, undo)


def test_the_calls_of_an_organisations_plan_are_kept_under_and_the_applications_too():
    """The vendor's page of limits: the smallest plan has 1,000 calls a day."""
    company = "7f2a1c3e-0000-4000-8000-000000000001"
    ledger = XeroLedger(XeroSettings(company=company, client_id="x", calls_a_day=1000))
    assert [(limit.calls, limit.header) for limit in ledger.paced] == [
        (60, "X-MinLimit-Remaining"), (1000, "X-DayLimit-Remaining"), (10_000, "X-AppMinLimit-Remaining"),
    ]  # fmt: skip
    with pytest.raises(ValidationError):
        XeroSettings(company=company, client_id="x", calls_a_day=RESERVE)
