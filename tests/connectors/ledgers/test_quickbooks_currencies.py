"""Foreign currency in QuickBooks Online (books.md, rule 8): what leaves, who is kept in what, what its books say."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from connectors.changes import Difference, differences
from connectors.conformance.making import Making, booked, post, void
from connectors.ledger import Action, Applied, Posted, Posting, Rejected, Unknown
from connectors.ledgers.quickbooks_online import recipes
from connectors.ledgers.quickbooks_online.sandbox.company import Switches
from connectors.ledgers.quickbooks_online.sandbox.currencies import open_account
from connectors.records import ExchangeRate, Kind
from connectors.sandboxes.faults import Fault, FaultKind
from tests.connectors.ledgers.quickbooks_harness import quickbooks
from tests.connectors.ledgers.quickbooks_wire import recorded

RECEIVABLE, PAYABLE, GAINS = "Accounts Receivable (A/R) - EUR", "Accounts Payable (A/P) - EUR", "Exchange Gain or Loss"


def at(rate):
    return {"currency": "EUR", "exchange": ExchangeRate(rate=Decimal(rate))}


@pytest.fixture
def harness(tmp_path, monkeypatch):
    with recorded(), quickbooks(tmp_path, monkeypatch, currencies=True) as harness:
        yield harness


@pytest.fixture
def ledger(harness):
    with harness.open() as ledger:
        yield ledger
    harness.check()


@pytest.fixture
def abroad(ledger, make):
    return make.abroad(ledger, "")


@pytest.fixture
def make(harness, ledger):
    return Making(harness, "CAD", ledger)


def code(ledger, posting):
    outcome = post(ledger, posting)[posting.key]
    assert isinstance(outcome, Rejected), outcome
    return outcome.problem.code


def owed(ledger, customer, on):
    return {each.currency: each.total for each in ledger.aged_receivables(on) if each.customer == customer}


def test_a_company_of_one_currency_says_where_several_are_turned_on(tmp_path, monkeypatch):
    """Nothing of a currency is sent to it, and planning knows it from the lists."""
    with recorded(), quickbooks(tmp_path, monkeypatch) as harness, harness.open() as ledger:
        assert ledger.lists().one_currency
        make = Making(harness, "CAD", ledger)
        [customer] = booked(ledger, make.customer(currency="EUR"))
        outcome = post(ledger, posting := make.invoice(customer, **at("1.5")))[posting.key]
        assert isinstance(outcome, Rejected)
        assert (outcome.problem.code, outcome.problem.column) == ("currencies_off", "currency")
        assert dict(outcome.problem.params) == {"currency": "EUR", "home": "CAD"}
        booked(ledger, make.invoice(customer))
        [body] = harness.query("Invoice")
        assert "ExchangeRate" not in body


@pytest.mark.parametrize("kind", sorted(frozenset(Kind) - {Kind.CUSTOMER}))
def test_every_kind_leaves_in_its_currency_and_at_its_rate(ledger, harness, make, abroad, kind):
    supplier = make.abroad(ledger, "", is_supplier=True)
    match kind:
        case Kind.SUPPLIER_PAYMENT:
            [bill] = booked(ledger, make.document(Kind.SUPPLIER_INVOICE, supplier, **at("1.5432")))
            posting = make.disbursement(supplier, applied=[(bill, "100.00")], **at("1.5432"))
        case Kind.RETURNED_PAYMENT:
            [paid] = booked(ledger, make.payment(abroad, **at("1.5432")))
            posting = make.returned(abroad, paid, **at("1.9"))
        case _:
            posting = make.of_kind(kind, abroad, supplier, **at("1.5432"))
    [reference] = booked(ledger, posting)
    entity, bare = reference.split(":")
    [body] = harness.query(entity, f"Id = '{bare}'")
    assert (body["CurrencyRef"]["value"], body["ExchangeRate"]) == ("EUR", Decimal("1.5432"))
    home = posting if kind is not Kind.RETURNED_PAYMENT else None
    if home is not None and kind not in (Kind.SUPPLIER_PAYMENT, Kind.JOURNAL_ENTRY):
        own = make.of_kind(kind, *booked(ledger, make.customer(), make.customer("Papier", is_supplier=True)))
        entity, bare = booked(ledger, own)[0].split(":")
        [body] = harness.query(entity, f"Id = '{bare}'")
        assert (body["CurrencyRef"]["value"], body.get("ExchangeRate")) == ("CAD", None)


def test_receivables_of_a_currency_are_its_own_and_gain_or_loss_is_booked_there(ledger, harness, make, abroad):
    [invoice] = booked(ledger, make.invoice(abroad, "114.98", **at("1.3521")))
    lists = ledger.lists()
    assert harness.trial_balance()[RECEIVABLE] == Decimal("155.46")
    assert owed(ledger, abroad, harness.day) == {"EUR": Decimal("114.98")}
    booked(ledger, make.payment(abroad, "33.33", [(invoice, "33.33")], **at("1.30")))
    booked(ledger, make.payment(abroad, "81.65", [(invoice, "81.65")], **at("1.41")))
    held = harness.trial_balance()
    assert (held["Checking"], held[GAINS], RECEIVABLE in held) == (Decimal("158.46"), Decimal("-3.00"), False)
    assert owed(ledger, abroad, harness.day) == {}
    with harness.open() as reopened:
        assert reopened.lists().receivable == lists.receivable == "Accounts Receivable (A/R)"
        assert {each.code: each.currency for each in reopened.lists().accounts}[RECEIVABLE] == "EUR"


def test_ages_of_an_earlier_day_are_in_the_currency_too(ledger, harness, make, abroad):
    due = harness.day - timedelta(days=40)
    [invoice] = booked(ledger, make.invoice(abroad, "100.00", date=due, due=due, **at("1.5")))
    booked(
        ledger,
        make.payment(abroad, "60.00", [(invoice, "60.00")], **at("1.6")),
        make.payment(abroad, "5.00", **at("1.6")),
    )
    [now] = [each for each in ledger.aged_receivables(harness.day) if each.customer == abroad]
    assert (now.currency, now.days_60, now.current) == ("EUR", Decimal(40), Decimal(-5))
    assert owed(ledger, abroad, harness.day - timedelta(days=1)) == {"EUR": Decimal(100)}


def test_a_credit_and_money_applied_later_gain_or_lose_by_their_own_rate(ledger, harness, make, abroad):
    first, second = booked(ledger, *(make.invoice(abroad, "100.00", **at("1.3521")) for _ in range(2)))
    booked(ledger, make.document(Kind.CREDIT_NOTE, abroad, "100.00", applied=[(first, "100.00")], **at("1.30")))
    assert harness.trial_balance()[GAINS] == Decimal("5.21")
    payment = make.payment(abroad, "100.00", **at("1.40"))
    answer = post(ledger, payment)[payment.key]
    assert isinstance(answer, Posted)
    parts = (Applied(ledger_id=second, amount=Decimal(100)),)
    told = {"reference": answer.ledger_id, "customer": abroad, "applied": parts, "booked": answer}
    apply = Posting(key=f"{payment.key}-2", record=payment.record, action=Action.APPLY, **told)
    booked(ledger, apply)
    assert harness.trial_balance()[GAINS] == Decimal("5.21") - Decimal("4.79")
    assert ledger.find([apply]).keys() == {apply.key}
    assert owed(ledger, abroad, harness.day) == {}


def test_a_payment_that_the_bank_gave_back_takes_its_gain_with_it(ledger, harness, make, abroad):
    """The entry is at the payment's rate, on the receivables of its currency, and known again as what it is."""
    [invoice] = booked(ledger, make.invoice(abroad, "100.00", **at("1.3521")))
    [paid] = booked(ledger, make.payment(abroad, "120.00", [(invoice, "100.00")], **at("1.40")))
    back = make.returned(abroad, paid, "120.00", **at("1.45"))
    answer = post(ledger, back)[back.key]
    held = harness.trial_balance()
    assert (held[RECEIVABLE], held.get(GAINS), held.get("Checking")) == (Decimal("135.21"), None, None)
    assert owed(ledger, abroad, harness.day) == {"EUR": Decimal(100)}
    undo = void(back, answer)
    assert ledger.read([undo])[answer.ledger_id].kind is Kind.RETURNED_PAYMENT
    again = replace(undo, returned=paid, applied=(Applied(ledger_id=invoice, amount=Decimal(100)),))
    booked(ledger, again)
    assert harness.trial_balance()[GAINS] == Decimal("-4.79")


def test_an_entry_moves_the_receivables_of_its_currency(ledger, harness, make, abroad):
    booked(ledger, make.invoice(abroad, "100.00", **at("1.5")))
    entry = make.entry("10.00", **at("1.6"))
    debit, credit = entry.record.lines
    line = replace(debit, ledger_account=ledger.lists().receivable, customer=abroad)
    booked(ledger, replace(entry, record=replace(entry.record, lines=(line, credit))))
    assert harness.trial_balance()[RECEIVABLE] == Decimal(166)


def test_bills_and_what_pays_them_are_in_the_suppliers_currency(ledger, harness, make):
    supplier = make.abroad(ledger, "", is_supplier=True)
    [bill] = booked(ledger, make.document(Kind.SUPPLIER_INVOICE, supplier, "100.00", **at("1.30")))
    booked(ledger, make.disbursement(supplier, "40.00", [(bill, "40.00")], **at("1.40")))
    booked(ledger, make.document(Kind.VENDOR_CREDIT, supplier, "10.00", applied=[(bill, "10.00")], **at("1.50")))
    held = harness.trial_balance()
    assert (held["Checking"], held[PAYABLE], held[GAINS]) == (Decimal(-56), Decimal(-65), Decimal(6))
    [balance] = [each for each in ledger.aged_payables(harness.day) if each.customer == supplier]
    assert (balance.currency, balance.total) == ("EUR", Decimal(50))
    assert not [each for each in ledger.aged_payables(date(2024, 1, 1)) if each.customer == supplier]


def test_what_the_vendor_refuses_for_its_currency_is_said_with_both(ledger, harness, make, abroad):
    """6000 is any rule's: what the customer is kept in is looked up, whatever language the refusal is in."""
    outcome = post(ledger, posting := make.invoice(abroad))[posting.key]
    assert isinstance(outcome, Rejected)
    assert outcome.problem.code == "account_in_another_currency"
    assert dict(outcome.problem.params) == {"account": "Membre d'ailleurs", "kept": "EUR", "currency": "CAD"}
    assert harness.query("Invoice") == []


def test_money_goes_into_no_account_of_a_third_currency(ledger, harness, make, abroad):
    company = harness.sandbox.company()
    for name, currency in (("Euros", "EUR"), ("Dollars", "USD")):
        open_account(company, name, currency)
    ledger.connect()
    assert code(ledger, make.payment(abroad, deposit_account="Dollars", **at("1.5"))) == "money_in_another_currency"
    booked(ledger, make.payment(abroad, deposit_account="Euros", **at("1.5")))


def test_a_supplier_that_was_made_in_the_home_currency_all_the_same_is_owed_nothing(tmp_path, monkeypatch):
    """Once seen: the currency that was sent of a new vendor counted for nothing, and no error said so."""
    switches = Switches(parties_in_home=True)
    with quickbooks(tmp_path, monkeypatch, currencies=True, switches=switches) as harness, harness.open() as ledger:
        make = Making(harness, "CAD", ledger)
        supplier = make.abroad(ledger, "", is_supplier=True)
        bill = make.document(Kind.SUPPLIER_INVOICE, supplier, **at("1.5"))
        assert code(ledger, bill) == "account_in_another_currency"


def test_a_currency_or_rate_that_is_sent_otherwise_is_noticed(ledger, harness, make, abroad, monkeypatch):
    """Mutation: each of the two left out, that of another, a rate the other way round or of a digit less."""

    def sent_as(change):
        made = recipes.body_of

        def changed(*told):
            change(body := made(*told))
            return body

        with monkeypatch.context() as patch:
            patch.setattr(recipes, "body_of", changed)
            yield from post(ledger, make.invoice(abroad, "100.00", **at("1.3521"))).values()

    mutants = {
        "no currency": lambda body: body.pop("CurrencyRef"),
        "the home one": lambda body: body.update(CurrencyRef={"value": "CAD"}),
        "another": lambda body: body.update(CurrencyRef={"value": "USD"}),
        "no rate": lambda body: body.pop("ExchangeRate"),
        "the other way round": lambda body: body.update(ExchangeRate=1 / body["ExchangeRate"]),
        "a digit less": lambda body: body.update(ExchangeRate=Decimal("1.352")),
    }
    for name, change in mutants.items():
        before = harness.trial_balance().get(RECEIVABLE, Decimal(0))
        [outcome] = sent_as(change)
        booked_at = harness.trial_balance().get(RECEIVABLE, Decimal(0)) - before
        assert isinstance(outcome, Rejected) or booked_at != Decimal("135.21"), name
    [outcome] = sent_as(lambda _: None)
    assert isinstance(outcome, Posted)


def test_what_a_document_comes_to_there_is_told(tmp_path, monkeypatch):
    """Where fewer decimals of a rate are kept than were sent, for one: a sync compares it (``home_total_differs``)."""
    switches = Switches(rate_decimals=2)
    with quickbooks(tmp_path, monkeypatch, currencies=True, switches=switches) as harness, harness.open() as ledger:
        make = Making(harness, "CAD", ledger)
        postings = [
            make.invoice(make.abroad(ledger, ""), **at("1.3521")),
            make.invoice(*booked(ledger, make.customer())),
        ]
        told = post(ledger, *postings)
        assert [told[each.key].at_home for each in postings] == [Decimal("135.00"), None]


def test_who_is_changed_keeps_its_currency(ledger, harness, make):
    posting = make.customer("Club", currency="EUR")
    [reference] = booked(ledger, posting)
    booked(ledger, make.change(reference, posting, currency="USD", phone="418 555-0100"))
    [body] = harness.query("Customer", f"Id = '{reference}'")
    assert (body["CurrencyRef"]["value"], body["PrimaryPhone"]["FreeFormNumber"]) == ("EUR", "418 555-0100")


@pytest.mark.parametrize("kind", [FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER])
@pytest.mark.parametrize("nth", [1, 2])
def test_a_lost_answer_at_either_write_leaves_one_gain_or_loss(harness, ledger, make, abroad, nth, kind):
    """A credit and a returned payment are two writes each: whatever is lost, the books end as without a fault."""
    first, second = booked(ledger, *(make.invoice(abroad, "100.00", **at("1.3521")) for _ in range(2)))
    [paid] = booked(ledger, make.payment(abroad, "100.00", [(second, "100.00")], **at("1.40")))
    credit = make.document(Kind.CREDIT_NOTE, abroad, "40.00", applied=[(first, "40.00")], **at("1.30"))
    for posting in (credit, make.returned(abroad, paid, **at("1.45"))):
        harness.sandbox.faults.add(Fault(kind=kind, path="/batch", nth=nth))
        assert isinstance(post(ledger, posting)[posting.key], Unknown)
        if posting.key not in ledger.find([posting]):
            booked(ledger, posting)
        assert ledger.find([posting]).keys() == {posting.key}
    held = harness.trial_balance()
    assert (held[RECEIVABLE], held[GAINS], held.get("Checking")) == (Decimal("216.34"), Decimal("2.08"), None)
    assert owed(ledger, abroad, harness.day) == {"EUR": Decimal(160)}
    assert len(harness.query("CreditMemo")) == len(harness.query("JournalEntry")) == 1


def test_a_rate_that_a_person_changes_there_is_told_and_no_other(ledger, harness, make, abroad):
    since = datetime.now(UTC) - timedelta(minutes=5)
    own = booked(ledger, make.customer("Près d'ici"))[0]
    postings = [make.invoice(abroad, **at("1.5")), make.payment(abroad, **at("1.5")), make.invoice(own)]
    ids = dict(zip(booked(ledger, *postings), postings, strict=True))

    def told():
        changes = (change for change in ledger.changes(since).changes if change.ledger_id in ids)
        return {change.key: list(differences(ids[change.ledger_id], change)) for change in changes}

    assert told() == {posting.key: [] for posting in postings}
    harness.change("Invoice", next(iter(ids)).partition(":")[2], ExchangeRate=Decimal("1.6"))
    assert told()[postings[0].key] == [Difference("exchange", Decimal("1.5"), Decimal("1.6"))]
