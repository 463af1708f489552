"""What a QuickBooks company has that may be ours: how a person names it, what is asked, and what cannot be asked."""

from datetime import timedelta
from decimal import Decimal

import pytest

from connectors.conformance.making import Making, booked, post
from connectors.conformance.searching import like
from connectors.ledger import Sought
from connectors.ledgers.quickbooks_online.notes import is_void
from connectors.ledgers.quickbooks_online.queries import Api
from connectors.ledgers.quickbooks_online.sandbox.company import Switches
from connectors.likeness import spans
from connectors.records import Kind
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
    return Making(harness, ledger.lists().home_currency)


@pytest.fixture
def customer(ledger, make):
    return booked(ledger, make.customer())[0]


@pytest.fixture
def queries(monkeypatch):
    """Every statement that leaves."""
    asked, rows = [], Api._rows

    def seen(self, statement, entity):
        asked.append(statement)
        return rows(self, statement, entity)

    monkeypatch.setattr(Api, "_rows", seen)
    return asked


def ids(ledger, kind, reference):
    found = ledger.search([Sought(name="x", kind=kind, reference=reference)])["x"]
    return [one.ledger_id for one in found]


@pytest.mark.parametrize(
    "typed",
    ["Invoice:{0}", "invoice:{0}", "{0}", " {0} ", "https://qbo.intuit.com/app/invoice?txnId={0}",
     "qbo.intuit.com/app/invoice?foo=1&txnId={0}&bar=2", "app/invoice?txnId={0}"],
)  # fmt: skip
def test_an_id_is_known_bare_with_its_kind_and_in_the_address_of_its_page(ledger, make, customer, typed):
    [booked_as] = booked(ledger, make.invoice(customer))
    bare = booked_as.partition(":")[2]
    assert ids(ledger, Kind.INVOICE, typed.format(bare)) == [booked_as]
    assert ids(ledger, Kind.PAYMENT, typed.format(bare)) == [booked_as]


@pytest.mark.parametrize(
    "typed",
    ["Payment:{0}", "https://qbo.intuit.com/app/recvpayment?txnId={0}", "Bill:{0}", "app/invoice?txnId={0}x",
     "https://qbo.intuit.com/app/customerdetail?nameId={0}"],
)  # fmt: skip
def test_an_id_of_another_kind_is_not_it(ledger, make, customer, typed):
    [booked_as] = booked(ledger, make.invoice(customer))
    assert ids(ledger, Kind.INVOICE, typed.format(booked_as.partition(":")[2])) == []


def test_a_number_of_another_kind_is_told_with_that_kind(ledger, make, customer):
    [booked_as] = booked(ledger, make.document(Kind.CREDIT_NOTE, customer, number="C-77"))
    [found] = ledger.search([Sought(name="x", kind=Kind.INVOICE, reference="C-77")])["x"]
    assert (found.ledger_id, found.kind) == (booked_as, Kind.CREDIT_NOTE)


def test_a_check_is_the_entry_it_makes_and_another_purchase_is_nothing(harness, ledger):
    line = {"Amount": Decimal(30), "DetailType": "AccountBasedExpenseLineDetail",
            "AccountBasedExpenseLineDetail": {"AccountRef": {"value": harness.query("Account", "AccountType = 'Expense'")[0]["Id"]}}}  # fmt: skip  # noqa: E501
    accounts = {row["AccountType"]: row["Id"] for row in harness.query("Account")}
    check, cash = (
        harness.make("Purchase", PaymentType=kind, AccountRef={"value": accounts["Bank"]}, Line=[line],
                     DocNumber=number, TxnDate=harness.day.isoformat(), GlobalTaxCalculation="NotApplicable")
        for kind, number in (("Check", "CHK-1"), ("Cash", "CSH-1"))
    )  # fmt: skip
    [found] = ledger.search([Sought(name="x", kind=Kind.JOURNAL_ENTRY, reference="CHK-1")])["x"]
    assert (found.ledger_id, found.kind, found.total) == (f"Purchase:{check['Id']}", Kind.JOURNAL_ENTRY, Decimal(30))
    assert found.url.endswith(f"/app/check?txnId={check['Id']}")
    assert ids(ledger, Kind.JOURNAL_ENTRY, found.url) == [found.ledger_id]
    assert ids(ledger, Kind.JOURNAL_ENTRY, f"Purchase:{cash['Id']}") == []


def test_what_applies_our_own_credit_notes_is_nobodys_payment(ledger, make, customer):
    [invoice] = booked(ledger, make.invoice(customer, "100.00"))
    booked(ledger, make.document(Kind.CREDIT_NOTE, customer, "60.00", applied=[(invoice, "60.00")]))
    around = Sought(name="x", kind=Kind.PAYMENT, customer=customer,
                    first=make.harness.day - timedelta(days=9), last=make.harness.day + timedelta(days=9))  # fmt: skip
    assert ledger.search([around]) == {"x": []}


def test_hundreds_are_asked_for_in_a_few_questions(ledger, make, customer, queries):
    """Numbers in lists of 30, the days of all in one span, what is found of its own kind of no other."""
    postings = [make.invoice(customer, f"{n}.00") for n in range(1, 91)]
    references = booked(ledger, *postings)
    queries.clear()
    ledger.search([Sought(name=each, kind=Kind.INVOICE, reference=each) for each in references])
    assert len(queries) == 6
    queries.clear()
    ledger.search([like(posting.key, posting) for posting in postings])
    assert len(queries) == 1
    assert f"CustomerRef in ('{customer}')" in queries[0]


def test_spans_that_overlap_are_one_and_others_stay_apart(make):
    day = make.harness.day
    ahead = [day + timedelta(days=n) for n in range(10)]
    assert spans([(ahead[4], ahead[6]), (ahead[0], ahead[2]), (ahead[1], ahead[3])]) == [
        (ahead[0], ahead[3]), (ahead[4], ahead[6]),
    ]  # fmt: skip
    assert spans([(ahead[0], ahead[1]), (ahead[3], ahead[4]), (ahead[7], ahead[8])], 2) == [
        (ahead[0], ahead[4]), (ahead[7], ahead[8]),
    ]  # fmt: skip


@pytest.mark.parametrize("number", ["N’1", "Œ-2", "№7"])
def test_a_character_that_cannot_be_asked_for_concerns_its_own_record_alone(harness, ledger, make, customer, number):
    """A query with it is refused whole by some companies (4000 "Lexical error"): it is asked for by its pattern."""
    harness.sandbox.company("CA").switches = Switches(latin_queries=True)
    odd, plain = make.invoice(customer, number=number), make.invoice(customer)
    outcomes = post(ledger, odd, plain)
    references = [outcomes[posting.key].ledger_id for posting in (odd, plain)]
    assert ledger.find([odd, plain]).keys() == {odd.key, plain.key}
    found = ledger.search([
        Sought(name="odd", kind=Kind.INVOICE, reference=number),
        Sought(name="odd number", kind=Kind.INVOICE, number=number),
        Sought(name="plain", kind=Kind.INVOICE, number=plain.record.number),
        Sought(name="nothing of it", kind=Kind.INVOICE, reference="日本"),
    ])  # fmt: skip
    assert {name: [one.ledger_id for one in standings] for name, standings in found.items()} == {
        "odd": [references[0]], "odd number": [references[0]], "plain": [references[1]], "nothing of it": [],
    }  # fmt: skip


def test_an_account_whose_name_cannot_be_asked_for_is_found(harness, ledger, make):
    harness.sandbox.company("CA").switches = Switches(latin_queries=True)
    odd, whole, plain = make.customer("Coopérative d’Œuvres"), make.customer("日本"), make.customer("Club")
    booked(ledger, odd, whole, plain)
    assert ledger.find([odd, whole, plain]).keys() == {odd.key, whole.key, plain.key}


@pytest.mark.parametrize(
    ("note", "void"),
    [("Voided", True), ("Voided - Voided - Dons\n[k]", True), ("Annulé - Dons", True), ("annulée", True),
     ("Not voided", False), ("", False)],
)  # fmt: skip
def test_nothing_but_zeros_and_a_note_that_says_so_is_void(note, void):
    assert is_void({"TotalAmt": Decimal(0), "Line": [{"Amount": Decimal(0)}], "PrivateNote": note}) is void
    assert not is_void({"TotalAmt": Decimal(0), "Line": [{"Amount": Decimal(5)}], "PrivateNote": note})
    assert not is_void({"TotalAmt": Decimal(5), "PrivateNote": note})


def test_a_status_says_it_in_any_language():
    assert is_void({"TotalAmt": Decimal(0), "TxnStatus": "Voided", "PrivateNote": "Storniert"})


def test_what_is_void_still_bears_our_key(harness, ledger, make, customer):
    posting = make.invoice(customer)
    [ledger_id] = booked(ledger, posting)
    entity, _, bare = ledger_id.partition(":")
    now = harness.call("GET", f"{entity.lower()}/{bare}")[entity]
    body = f'{{"Id": "{bare}", "SyncToken": "{now["SyncToken"]}"}}'.encode()
    harness.call("POST", "invoice", params={"operation": "void"}, data=body)
    [found] = ledger.search([Sought(name="x", kind=Kind.INVOICE, reference=ledger_id)])["x"]
    assert (found.void, found.key) == (True, posting.key)
    assert ledger.find([posting]) == {}


def test_accounts_and_items_in_use_no_more_are_listed_as_that_and_take_no_code(harness):
    """An inactive account that bears the number of one in use leaves that its code."""
    [dues] = harness.query("Account", "Name = 'Membership Dues'")
    harness.change("Account", dues["Id"], AcctNum="4100")
    old = harness.make("Account", Name="Old Dues", AcctNum="4100", AccountType="Income")
    harness.change("Account", old["Id"], Active=False)
    item = harness.make("Item", Name="Old Item", Type="Service", IncomeAccountRef={"value": dues["Id"]})
    harness.change("Item", item["Id"], Active=False)
    with harness.open() as ledger:
        ledger.connect()
        lists = ledger.lists()
    accounts = {account.code: account for account in lists.accounts}
    assert (accounts["4100"].name, accounts["4100"].active) == ("Membership Dues", True)
    inactive = [account for account in lists.accounts if not account.active]
    assert [account.name.removesuffix(" (deleted)") for account in inactive] == ["Old Dues"]
    assert [(item.name.removesuffix(" (deleted)"), item.active) for item in lists.items if not item.active] == [
        ("Old Item", False)
    ]
