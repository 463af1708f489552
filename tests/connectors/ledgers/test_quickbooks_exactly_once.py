"""Lost answers, half-refused batches, numbers the ledger gives itself, credits, taxes: nothing twice, nothing lost."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count

import pytest
import requests

from connectors.conformance.making import Making, booked, post, void
from connectors.ledger import Applied, Posted, Rejected, Unknown
from connectors.ledgers.quickbooks_online.bookkeeping import QuickBooksBookkeeping
from connectors.ledgers.quickbooks_online.queries import Api
from connectors.ledgers.quickbooks_online.recipes import Recipes
from connectors.ledgers.quickbooks_online.sandbox import COMPANIES
from connectors.ledgers.quickbooks_online.sending import Sending
from connectors.problems import CannotRun
from connectors.records import DocumentTax, Kind
from tests.connectors.ledgers.quickbooks_harness import TAX, quickbooks


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
def make(harness):
    return Making(harness, "CAD")


@pytest.mark.parametrize("kind", ["drop_after", "half", "truncate", "fail_after"])
def test_a_batch_whose_answer_is_lost_is_unknown_and_found(harness, ledger, make, kind):
    [customer] = booked(ledger, make.customer())
    postings = [make.invoice(customer), make.payment(customer, "5.00"), make.entry()]
    harness.fault(kind=kind, path="/batch", times=1)
    outcomes = post(ledger, *postings)
    assert {type(outcome) for outcome in outcomes.values()} == {Unknown}
    found = ledger.find(postings)
    assert found.keys() == {posting.key for posting in postings}
    assert [len(harness.query(entity)) for entity in ("Invoice", "Payment", "JournalEntry")] == [1, 1, 1]


def test_a_batch_that_never_arrived_is_proved_absent_and_sent_again(harness, ledger, make):
    [customer] = booked(ledger, make.customer())
    posting = make.invoice(customer)
    harness.fault(kind="drop_before", path="/batch", times=1)
    assert isinstance(post(ledger, posting)[posting.key], Unknown)
    assert ledger.find([posting]) == {}
    booked(ledger, posting)
    assert len(harness.query("Invoice")) == 1


@pytest.mark.parametrize("body", ["{}", " ", "null", '{"time": "2026-01-31T00:00:00Z"}'])
def test_an_answer_that_does_not_answer_proves_nothing_absent(harness, ledger, make, body):
    """As of a proxy: every answer to a query holds a ``QueryResponse``, every one of the capture a ``CDCResponse``."""
    [customer] = booked(ledger, make.customer())
    posting = make.invoice(customer)
    [ledger_id] = booked(ledger, posting)
    void = replace(posting, reference=ledger_id)
    since = datetime.now(UTC) - timedelta(hours=1)
    asks = (("/query", lambda: ledger.find([posting])), ("/query", lambda: ledger.read([void])),
            ("/cdc", lambda: ledger.changes(since)))  # fmt: skip
    for path, ask in asks:
        harness.fault(kind="refuse", status=200, body=body, path=path, times=1)
        with pytest.raises(CannotRun) as unread:
            ask()
        assert unread.value.problems[0].code == "answer_unreadable"


def test_a_failed_item_never_touches_its_siblings(harness, ledger, make):
    [customer] = booked(ledger, make.customer())
    postings = [make.invoice(customer) for _ in range(30)]
    harness.fault(kind="items", path="/batch", items=[3, 17], status=400)
    outcomes = post(ledger, *postings)
    lost = {postings[3].key, postings[17].key}
    assert {key for key, outcome in outcomes.items() if not isinstance(outcome, Posted)} == lost
    assert ledger.find(postings).keys() == {posting.key for posting in postings} - lost


@pytest.mark.parametrize(
    ("status", "refused"), [(401, "sign_in_again"), (403, "no_access_to_company"), (429, "too_many_requests")]
)
def test_what_is_nobodys_document_ends_the_run_once_every_answer_was_taken(harness, ledger, make, status, refused):
    """One item of a batch is refused for the sign-in or the limit: its siblings were booked, and are known to be."""
    [customer] = booked(ledger, make.customer())
    postings = [make.invoice(customer) for _ in range(4)]
    harness.fault(kind="items", path="/batch", items=[1], status=status)
    outcomes = {}

    def keep():
        for outcome in ledger.post(postings):
            outcomes[outcome.key] = outcome

    with pytest.raises(CannotRun) as stopped:
        keep()
    [problem] = stopped.value.problems
    assert (problem.code, problem.kind, problem.key) == (refused, None, "")
    assert {type(outcomes[posting.key]) for posting in postings if posting is not postings[1]} == {Posted}
    assert outcomes[postings[1].key].problem.code == refused
    assert ledger.find(postings).keys() == {posting.key for posting in postings} - {postings[1].key}
    booked(ledger, postings[1])


def test_what_is_found_is_ours_and_not_another_document_of_that_number(harness, ledger, make):
    [customer] = booked(ledger, make.customer())
    ours = make.invoice(customer)
    line = {
        "Amount": Decimal(1),
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": {"value": "1"}},
    }
    harness.make("Invoice", CustomerRef={"value": customer}, DocNumber=ours.record.number, Line=[line],
                 GlobalTaxCalculation="NotApplicable", PrivateNote="F-1 keyed in by hand")  # fmt: skip
    assert ledger.find([ours]) == {}
    outcome = post(ledger, ours)[ours.key]
    assert isinstance(outcome, Rejected)
    assert outcome.problem.code == "number_taken"


@pytest.mark.parametrize("unique", [True, False])
def test_what_a_person_said_is_another_than_the_document_of_its_number_is_booked_beside_that_alone(
    harness, ledger, make, unique
):
    """Whether the company warns of duplicate numbers or lets them pass (addendum of 2026-11-29, 7; 6140)."""
    company = harness.sandbox.company("CA")
    company.switches = replace(company.switches, unique_numbers=unique)
    [customer] = booked(ledger, make.customer())
    number = "F-2025-7"
    theirs = harness.add_invoice(customer, "40.00", number)
    ours = replace(make.invoice(customer, number=number), told_apart=frozenset({theirs}))
    assert ledger.find([ours]) == {}
    booked(ledger, ours)
    assert ledger.find([ours]).keys() == {ours.key}
    third = replace(make.invoice(customer, number=number), told_apart=frozenset({theirs}))
    assert ledger.find([third]) == {}
    assert post(ledger, third)[third.key].problem.code == "number_taken"
    assert len(harness.query("Invoice")) == 2


def test_bills_of_two_suppliers_may_have_one_number(harness, ledger, make):
    """Their numbers are their own; what QuickBooks refuses a number for (6140) tells no supplier."""
    suppliers = booked(ledger, *(make.customer(name, is_supplier=True) for name in ("Papeterie", "Imprimerie")))
    first, second, again = (make.document(Kind.SUPPLIER_INVOICE, each, "40.00", number="2025-7")
                            for each in (*suppliers, suppliers[1]))  # fmt: skip
    booked(ledger, first, second)
    assert ledger.find([first, second, again]).keys() == {first.key, second.key}
    assert post(ledger, again)[again.key].problem.code == "number_taken"
    assert len(harness.query("Bill")) == 2


def test_a_document_of_ours_that_is_there_already_is_adopted(ledger, make):
    [customer] = booked(ledger, make.customer())
    posting = make.invoice(customer)
    [ledger_id] = booked(ledger, posting)
    again = post(ledger, replace(posting, record=replace(posting.record, memo="Autre")))[posting.key]
    assert isinstance(again, Posted)
    assert (again.ledger_id, again.replayed) == (ledger_id, True)


def test_what_is_ours_is_known_wherever_a_person_moved_our_key_in_its_note(harness, ledger, make):
    [customer] = booked(ledger, make.customer())
    posting = make.invoice(customer, memo="Merci")
    [ledger_id] = booked(ledger, posting)
    harness.change("Invoice", ledger_id.partition(":")[2], PrivateNote=f"Payée [{posting.key}] voir [12]\nMerci")
    assert ledger.find([posting])[posting.key].ledger_id == ledger_id
    again = post(ledger, replace(posting, record=replace(posting.record, memo="Autre")))[posting.key]
    assert (again.ledger_id, again.replayed) == (ledger_id, True)


def test_where_the_ledger_numbers_by_itself_ours_stands_in_the_note_and_is_found(harness, make):
    harness.prefer("SalesFormsPrefs", CustomTxnNumbers=False)
    with harness.open() as ledger:
        [customer] = booked(ledger, make.customer())
        postings = [make.invoice(customer), make.document(Kind.SALES_RECEIPT, customer, deposit_account="Checking")]
        outcomes = post(ledger, *postings)
        assert all(outcomes[p.key].number not in ("", p.record.number) for p in postings)
        assert ledger.find(postings).keys() == outcomes.keys()
        other_day = make.invoice(customer, date=harness.day + timedelta(days=1))
        assert ledger.find([other_day]) == {}
    [body] = harness.query("Invoice")
    assert postings[0].record.number in body["PrivateNote"]


def test_where_the_ledger_numbers_by_itself_a_number_of_its_own_takes_none_of_ours(harness, make):
    """Ours is not sent: that QuickBooks gave the same to another document is a chance."""
    harness.prefer("SalesFormsPrefs", CustomTxnNumbers=False)
    with harness.open() as ledger:
        [customer] = booked(ledger, make.customer())
        first = make.invoice(customer)
        theirs = post(ledger, first)[first.key].number
        ours = make.invoice(customer, number=theirs)
        assert ledger.find([ours]) == {}
        booked(ledger, ours)


def test_a_payment_without_a_number_is_found_by_its_date(ledger, make):
    [customer] = booked(ledger, make.customer())
    postings = [make.payment(customer, f"{n}.00", number="") for n in (1, 2)]
    booked(ledger, *postings)
    assert ledger.find([*postings, make.payment(customer, number="")]).keys() == {p.key for p in postings}


def test_a_payment_goes_to_an_invoice_whose_number_was_typed(harness, ledger, make):
    """The sync reference of an invoice that a person booked is its number; another customer's does not count."""
    [customer, other] = booked(ledger, make.customer(), make.customer("Une autre"))
    booked(ledger, make.invoice(customer, "80.00", number="SO-1"))
    booked(ledger, make.payment(customer, "50.00", [("SO-1", "50.00")]))
    [invoice] = harness.query("Invoice")
    assert invoice["Balance"] == 30
    outcome = post(ledger, wrong := make.payment(other, "5.00", [("SO-1", "5.00")]))[wrong.key]
    assert outcome.problem.code == "deleted_in_ledger"


def test_a_credit_of_more_than_its_invoice_or_of_none_never_leaves(harness, ledger, make, monkeypatch):
    [customer] = booked(ledger, make.customer())
    [invoice] = booked(ledger, make.invoice(customer, "100.00"))
    credit = make.document(Kind.CREDIT_NOTE, customer, "500.00", applied=[(invoice, "500.00")])
    gone = make.document(Kind.CREDIT_NOTE, customer, "5.00", applied=[("Invoice:999", "5.00")])
    good = make.document(Kind.CREDIT_NOTE, customer, "40.00", applied=[(invoice, "40.00")])
    sent, batch = [], Api.batch
    monkeypatch.setattr(Api, "batch", lambda api, items: (sent.append(items), batch(api, items))[1])
    outcomes = post(ledger, credit, gone, good)
    assert [len(items) for items in sent] == [1, 1]
    assert dict(outcomes[credit.key].problem.params)["credited"] == "500.00"
    assert outcomes[gone.key].problem.code == "deleted_in_ledger"
    assert isinstance(outcomes[good.key], Posted)
    assert [body["TotalAmt"] for body in harness.query("CreditMemo")] == [40]
    assert harness.query("Invoice")[0]["Balance"] == 60


@pytest.mark.parametrize("paid", ["0.00", "60.00"])
@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
def test_a_credit_whose_application_was_lost_is_not_booked_before_it_is_applied(harness, ledger, make, kind, paid):
    """A credit note is booked first and applied in a second batch, up to what is open of its invoice."""
    [customer] = booked(ledger, make.customer())
    [invoice] = booked(ledger, make.invoice(customer, "100.00"))
    booked(ledger, make.payment(customer, paid, [(invoice, paid)] if paid != "0.00" else []))
    credit = make.document(Kind.CREDIT_NOTE, customer, "70.00", applied=[(invoice, "70.00")])
    harness.fault(kind=kind, path="/batch", nth=2, times=1)
    assert isinstance(post(ledger, credit)[credit.key], Unknown)
    whole = kind == "drop_after"
    assert bool(ledger.find([credit])) is whole
    again = post(ledger, credit)[credit.key] if not whole else ledger.find([credit])[credit.key]
    assert isinstance(again, Posted)
    [memo], open_ = harness.query("CreditMemo"), min(Decimal(70), 100 - Decimal(paid))
    assert (memo["TotalAmt"], memo["RemainingCredit"]) == (70, 70 - open_)
    assert harness.query("Invoice")[0]["Balance"] == 100 - Decimal(paid) - open_
    assert ledger.find([credit])


@pytest.mark.parametrize("lost", ["", "drop_before", "drop_after"])
def test_a_vendor_credit_whose_balance_is_not_told_is_applied_all_the_same(harness, ledger, make, monkeypatch, lost):
    """None of the vendor's samples of a vendor credit has one (vendorcredit): what it is linked to says it then."""
    tell_no_balance_of_vendor_credits(monkeypatch)
    [supplier] = booked(ledger, make.customer("Papeterie du Canal", is_supplier=True))
    [bill] = booked(ledger, make.document(Kind.SUPPLIER_INVOICE, supplier, "100.00"))
    credit = make.document(Kind.VENDOR_CREDIT, supplier, "70.00", applied=[(bill, "70.00")])
    if lost:
        harness.fault(kind=lost, path="/batch", nth=2, times=1)
        assert isinstance(post(ledger, credit)[credit.key], Unknown)
        assert bool(ledger.find([credit])) is (lost == "drop_after")
    if lost != "drop_after":
        booked(ledger, credit)
    assert ledger.find([credit])
    assert harness.query("Bill")[0]["Balance"] == 30
    assert len(harness.query("BillPayment")) == len(harness.query("VendorCredit")) == 1


def tell_no_balance_of_vendor_credits(monkeypatch):
    batch, rows = Api.batch, Api._rows

    def bare(body):
        return {name: value for name, value in body.items() if name != "Balance"}

    def batched(api, items):
        answers, request_id = batch(api, items)
        told = {id_: {name: bare(body) if name == "VendorCredit" else body for name, body in each.items()}
                for id_, each in answers.items()}  # fmt: skip
        return told, request_id

    def asked(api, statement, entity):
        return [bare(row) if entity == "VendorCredit" else row for row in rows(api, statement, entity)]

    monkeypatch.setattr(Api, "batch", batched)
    monkeypatch.setattr(Api, "_rows", asked)


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "crash"])
def test_a_return_that_ends_between_its_two_writes_is_booked_once_and_whole(harness, make, monkeypatch, kind):
    """Its entry is booked first, and paid by its payment in a second batch; after a crash another program goes on."""
    with harness.open() as ledger:
        [customer] = booked(ledger, make.customer())
        [invoice] = booked(ledger, make.invoice(customer, "100.00"))
        [paid] = booked(ledger, make.payment(customer, "100.00", [(invoice, "100.00")]))
        back = make.returned(customer, paid)
        if kind == "crash":
            with monkeypatch.context() as patch:
                sent, rounds = Sending.of, count(1)
                patch.setattr(Sending, "of", lambda own, writes: (sent if next(rounds) == 1 else crash)(own, writes))
                with pytest.raises(KeyboardInterrupt):
                    post(ledger, back)
        else:
            harness.fault(kind=kind, path="/batch", nth=2, times=1)
            assert isinstance(post(ledger, back)[back.key], Unknown)
    whole = kind == "drop_after"
    assert harness.query("Invoice")[0]["Balance"] == (100 if whole else 0)
    with harness.open() as ledger:
        ledger.connect()
        assert bool(ledger.find([back])) is whole, "by half is not booked"
        for _ in range(2):
            assert isinstance(post(ledger, back)[back.key], Posted)
        assert ledger.find([back]).keys() == {back.key}
    assert harness.query("Invoice")[0]["Balance"] == 100
    assert len(harness.query("JournalEntry")) == 1
    assert [body["UnappliedAmt"] for body in harness.query("Payment")] == [0]


def test_an_undo_of_a_return_that_ends_between_its_two_writes_is_finished_when_it_is_undone_again(harness, make):
    """Its payment pays the invoice again, and its entry is still there: it is not undone, and no longer whole."""
    with harness.open() as ledger:
        [customer] = booked(ledger, make.customer())
        [invoice] = booked(ledger, make.invoice(customer, "100.00"))
        [paid] = booked(ledger, make.payment(customer, "100.00", [(invoice, "100.00")]))
        back = make.returned(customer, paid)
        there = post(ledger, back)[back.key]
        part = Applied(ledger_id=invoice, amount=Decimal(100))
        undoing = replace(void(back, there), returned=paid, applied=(part,))
        harness.fault(kind="drop_before", path="/journalentry", times=1)
        assert isinstance(post(ledger, undoing)[undoing.key], Unknown)
        assert harness.query("Invoice")[0]["Balance"] == 0
        assert not ledger.find([undoing])
        assert isinstance(post(ledger, undoing)[undoing.key], Posted)
        assert ledger.find([undoing])
    assert harness.query("JournalEntry") == []
    assert harness.query("Invoice")[0]["Balance"] == 0


def crash(*_):
    """The machine stops here."""
    raise KeyboardInterrupt


def test_another_credit_that_is_there_by_half_is_not_taken_for_ours(harness, make):
    """Where the ledger numbers by itself both are sought by their day: whose it is stands in the note alone."""
    harness.prefer("SalesFormsPrefs", CustomTxnNumbers=False)
    with harness.open() as ledger:
        [customer] = booked(ledger, make.customer())
        invoices = booked(ledger, make.invoice(customer, "100.00"), make.invoice(customer, "90.00"))
        first, second = (
            make.document(Kind.CREDIT_NOTE, customer, amount, applied=[(invoice, amount)])
            for invoice, amount in zip(invoices, ("70.00", "30.00"), strict=True)
        )
        harness.fault(kind="drop_before", path="/batch", nth=2, times=1)
        assert isinstance(post(ledger, first)[first.key], Unknown)
        done = post(ledger, second)[second.key]
        assert isinstance(done, Posted)
        assert not done.replayed
        assert [(b["TotalAmt"], b["RemainingCredit"]) for b in harness.query("CreditMemo")] == [(70, 70), (30, 0)]
        assert isinstance(post(ledger, first)[first.key], Posted)
        assert [(b["TotalAmt"], b["RemainingCredit"]) for b in harness.query("CreditMemo")] == [(70, 0), (30, 0)]
    assert [body["Balance"] for body in harness.query("Invoice")] == [30, 60]


@pytest.mark.parametrize("nth", [2, 3])
@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
def test_a_credit_whose_application_is_refused_is_taken_out_and_a_lost_answer_to_that_is_a_doubt(
    harness, ledger, make, kind, nth
):
    """Of one that the vendor does not apply (another customer's invoice), a third batch takes out the first's."""
    [customer, other] = booked(ledger, make.customer(), make.customer("Une autre"))
    [invoice] = booked(ledger, make.invoice(other, "100.00"))
    credit = make.document(Kind.CREDIT_NOTE, customer, "70.00", applied=[(invoice, "70.00")])
    harness.fault(kind=kind, path="/batch", nth=nth, times=1)
    assert isinstance(post(ledger, credit)[credit.key], Unknown)
    assert ledger.find([credit]) == {}
    assert isinstance(post(ledger, credit)[credit.key], Rejected)
    assert harness.query("CreditMemo") == []
    assert harness.query("Invoice")[0]["Balance"] == 100


@pytest.mark.parametrize(("meanwhile", "left"), [("50.00", "20.00"), ("100.00", "70.00")])
@pytest.mark.parametrize("when", ["before we look again", "after we looked"])
def test_an_invoice_that_is_paid_while_its_credit_is_booked_takes_what_is_open_then(
    harness, ledger, make, monkeypatch, when, meanwhile, left
):
    [customer] = booked(ledger, make.customer())
    [invoice] = booked(ledger, make.invoice(customer, "100.00"))
    credit = make.document(Kind.CREDIT_NOTE, customer, "70.00", applied=[(invoice, "70.00")])
    place, name = (QuickBooksBookkeeping, "joined") if when == "before we look again" else (Recipes, "application")
    done, once = getattr(place, name), []

    def paid_first(self, *arguments):
        if not once:
            once.append(True)
            booked(ledger, make.payment(customer, meanwhile, [(invoice, meanwhile)]))
        return done(self, *arguments)

    monkeypatch.setattr(place, name, paid_first)
    booked(ledger, credit)
    [memo] = harness.query("CreditMemo")
    assert (memo["TotalAmt"], memo["RemainingCredit"]) == (70, Decimal(left))
    assert harness.query("Invoice")[0]["Balance"] == 0
    assert ledger.find([credit]).keys() == {credit.key}
    assert isinstance(again := post(ledger, credit)[credit.key], Posted)
    assert again.replayed
    assert len(harness.query("CreditMemo")) == 1


def test_a_credit_on_what_was_paid_is_undone_as_any_other(harness, ledger, make):
    [customer] = booked(ledger, make.customer())
    [invoice] = booked(ledger, make.invoice(customer, "100.00"))
    booked(ledger, make.payment(customer, "60.00", [(invoice, "60.00")]))
    credit = make.document(Kind.CREDIT_NOTE, customer, "100.00", applied=[(invoice, "100.00")])
    answer = post(ledger, credit)[credit.key]
    booked(ledger, void(credit, answer))
    assert harness.query("CreditMemo") == []
    assert harness.query("Invoice")[0]["Balance"] == 40


def test_the_sources_tax_stands_to_the_cent_with_its_own_rounding(harness, ledger, make):
    """Membri 365, "Tax group": sum of rounded values or rounding of the sum."""
    [customer] = booked(ledger, make.customer())
    posting = make.invoice(customer, "33.33", "33.33", "33.34")
    lines = tuple(replace(line, ledger_tax=TAX) for line in posting.record.lines)
    taxes = tuple(DocumentTax(tax=name, amount=Decimal(amount), ledger_tax=name)
                  for name, amount in (("GST", "5.01"), ("QST", "9.97")))  # fmt: skip
    odd = replace(posting, record=replace(posting.record, lines=lines, taxes=taxes, tax=Decimal("14.98"),
                                          total=Decimal("114.98")))  # fmt: skip
    assert post(ledger, odd)[odd.key].total == Decimal("114.98")
    [body] = harness.query("Invoice")
    assert sorted(line["Amount"] for line in body["TxnTaxDetail"]["TaxLine"]) == [Decimal("5.01"), Decimal("9.97")]


def test_a_tax_that_no_rate_can_bear_is_refused_before_it_is_sent(ledger, make):
    [customer] = booked(ledger, make.customer())
    posting = make.invoice(customer, tax="14.98")
    lines = tuple(replace(line, ledger_tax="Exempt") for line in posting.record.lines)
    exempt = replace(posting, record=replace(posting.record, lines=lines))
    problem = post(ledger, exempt)[exempt.key].problem
    assert (problem.code, dict(problem.params)) == ("tax_not_borne", {"tax": "14.98", "ledger_total": "100.00"})


def test_a_person_who_opens_another_company_is_told_and_nothing_is_kept(harness, tmp_path):
    """OAuth 2.0: the person chooses the company on the vendor's page; a token is good for that one alone."""
    other = next(realm for realm, _, country in COMPANIES if country == "US")
    with harness.ledger_type(harness.settings.model_copy(update={"folder": tmp_path / "new"})) as ledger:
        with pytest.raises(CannotRun) as caught:
            harness.consent(ledger, other)
        [problem] = caught.value.problems
        assert problem.code == "company_differs"
        assert (problem.params["expected"], problem.params["found"]) == (harness.realm, other)
        harness.consent(ledger, harness.realm)
        assert ledger.connect().books == harness.realm


def test_a_person_who_lost_access_stops_the_run(harness, ledger, make):
    [customer] = booked(ledger, make.customer())
    harness.fault(kind="refuse", path="/batch", status=403)
    with pytest.raises(CannotRun) as stopped:
        post(ledger, make.invoice(customer))
    assert stopped.value.problems[0].code == "no_access_to_company"
    assert harness.query("Invoice") == []


def test_a_token_that_ended_is_renewed_without_anybody_noticing(harness, ledger, make):
    [customer] = booked(ledger, make.customer())
    requests.post(f"{harness.sandbox.url}/_sandbox/clock", json={"advance": 7200}, timeout=10)
    booked(ledger, make.invoice(customer))


def test_it_says_until_when_we_are_authorized(harness, ledger):
    """100 days for a refresh token that nobody uses (OAuth 2.0)."""
    until = ledger.connect().until
    assert until is not None
    assert timedelta(days=90) < until - date.today() < timedelta(days=110)  # noqa: DTZ011 - days are enough
