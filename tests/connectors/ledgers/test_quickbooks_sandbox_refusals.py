"""Each documented refusal of QuickBooks Online, with its documented code (the vendor's error code page)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from connectors.ledgers.quickbooks_online.sandbox import Sandbox
from connectors.ledgers.quickbooks_online.sandbox.company import Switches
from tests.connectors.ledgers.quickbooks_sandbox_talk import (
    HST_ON,
    Talk,
    bill,
    entry_line,
    expense,
    paying,
    sale,
    sales_form,
)


@pytest.fixture
def talk() -> Iterator[Talk]:
    with Sandbox() as sandbox:
        yield Talk(sandbox)


Case = tuple[str, Any]
Make = Callable[[Talk], Case]


def _without(body: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key != name}


def _account(talk: Talk, word: str) -> str:
    return talk.company.special[word]


def _inactive_customer(talk: Talk) -> Case:
    id_ = talk.customer("Gone")
    talk.post("customer", {"Id": id_, "SyncToken": "0", "sparse": True, "Active": False})
    return "invoice", sales_form(id_)


def _stale(talk: Talk) -> Case:
    id_ = talk.customer("Stale")
    talk.post("customer", {"Id": id_, "SyncToken": "0", "sparse": True, "Notes": "one"})
    return "customer", {"Id": id_, "SyncToken": "0", "sparse": True, "Notes": "two"}


def _owing_made_inactive(talk: Talk) -> Case:
    id_ = talk.customer("Owing")
    talk.invoice(id_)
    return "customer", {"Id": id_, "SyncToken": "0", "sparse": True, "Active": False}


def _sixth_level(talk: Talk) -> Case:
    id_ = talk.customer("Level 0")
    for level in range(1, 5):
        id_ = talk.customer(f"Level {level}", ParentRef={"value": id_}, Job=True)
    return "customer", {"DisplayName": "Level 5", "ParentRef": {"value": id_}, "Job": True}


def _own_child(talk: Talk) -> Case:
    parent = talk.customer("Parent")
    child = talk.customer("Child", ParentRef={"value": parent}, Job=True)
    return "customer", {"Id": parent, "SyncToken": "0", "sparse": True, "ParentRef": {"value": child}}


def _duplicate_number(talk: Talk) -> Case:
    talk.invoice(talk.customer(), DocNumber="F-7")
    return "invoice", sales_form("1", DocNumber="F-7")


def _customers_name(talk: Talk) -> Case:
    talk.customer("Élan & Co.")
    return "customer", {"DisplayName": "ÉLAN & CO."}


def _vendors_name(talk: Talk) -> Case:
    talk.vendor("Norton")
    return "customer", {"DisplayName": "Norton"}


def _overpaid(talk: Talk) -> Case:
    invoice = talk.invoice(talk.customer())["Id"]
    return "payment", {"CustomerRef": {"value": "1"}, "TotalAmt": 101, "Line": [paying(invoice, 101)]}


def _others_invoice(talk: Talk) -> Case:
    invoice = talk.invoice(talk.customer("Other"))["Id"]
    return "payment", {"CustomerRef": {"value": talk.customer()}, "TotalAmt": 10, "Line": [paying(invoice, 10)]}


def _entry(talk: Talk, *lines: tuple[str, str, float], **detail: Any) -> Case:
    return "journalentry", {"Line": [entry_line(s, _account(talk, a), n, **detail) for s, a, n in lines]}


def _invoice(**more: Any) -> Make:
    return lambda talk: ("invoice", sales_form(talk.customer(), **more))


def _line(line: dict[str, Any]) -> Make:
    return _invoice(Line=[line])


REFUSALS: dict[str, tuple[str, Make]] = {
    "misspelt property": ("2010", _invoice(DocNumer="1")),
    "misspelt property of a line": ("2010", _line({**sale(5), "Descripton": "x"})),
    "property of another entity": ("2010", _invoice(PaymentRefNum="12")),
    "an object where a list is due": ("2010", _invoice(Line=sale(5))),
    "a reference that is no object": ("2010", lambda t: ("invoice", {**sales_form("1"), "CustomerRef": "1"})),
    "no line": ("2020", lambda t: ("invoice", _without(sales_form(t.customer()), "Line"))),
    "no customer on an invoice": ("2020", lambda t: ("invoice", _without(sales_form("1"), "CustomerRef"))),
    "no item on a line": ("2020", _line({**sale(5), "SalesItemLineDetail": {"TaxCodeRef": {"value": "1"}}})),
    "no amount on a line": ("2020", _line(_without(sale(5), "Amount"))),
    "no vendor on a bill": ("2020", lambda t: ("bill", _without(bill("1", _account(t, "supplies")), "VendorRef"))),
    "no tax method outside the US": (
        "2020",
        lambda t: ("invoice", _without(sales_form(t.customer()), "GlobalTaxCalculation")),
    ),
    "no total on a payment": ("2020", lambda t: ("payment", {"CustomerRef": {"value": t.customer()}})),
    "no deposit account on a refund": ("2020", lambda t: ("refundreceipt", sales_form(t.customer()))),
    "no way of paying a bill": (
        "2020",
        lambda t: ("billpayment", {"VendorRef": {"value": t.vendor()}, "TotalAmt": 1, "Line": [paying("1", 1)]}),
    ),
    "address to send to missing": ("2020", _invoice(EmailStatus="NeedToSend")),
    "no token on an update": ("2020", lambda t: ("customer", {"Id": t.customer(), "DisplayName": "B"})),
    "no name of an account": ("2020", lambda t: ("account", {"AccountType": "Bank"})),
    "no income account of a service": ("2020", lambda t: ("item", {"Name": "Talk", "Type": "Service"})),
    "no days of a term": ("2020", lambda t: ("term", {"Name": "Soon"})),
    "control character": ("2040", _invoice(PrivateNote="a\x01b")),
    "colon in a name": ("2040", lambda t: ("customer", {"DisplayName": "A:B"})),
    "tab in a name": ("2040", lambda t: ("vendor", {"DisplayName": "A\tB"})),
    "number of 22 characters": ("2050", _invoice(DocNumber="1" * 22)),
    "note of 4001 characters": ("2050", _invoice(PrivateNote="n" * 4001)),
    "memo of 1001 characters": ("2050", _invoice(CustomerMemo={"value": "m" * 1001})),
    "name of 501 characters": ("2050", lambda t: ("customer", {"DisplayName": "n" * 501})),
    "given name of 101 characters": ("2050", lambda t: ("customer", {"DisplayName": "n", "GivenName": "g" * 101})),
    "e-mail of 101 characters": ("2050", _invoice(BillEmail={"Address": "a" * 97 + "@b.c"})),
    "payment reference of 22 characters": (
        "2050",
        lambda t: ("payment", {"CustomerRef": {"value": t.customer()}, "TotalAmt": 1, "PaymentRefNum": "1" * 22}),
    ),
    "account number of 21 characters in Canada": (
        "2050",
        lambda t: ("account", {"Name": "A", "AccountType": "Bank", "AcctNum": "1" * 21}),
    ),
    "date in another order": ("2060", _invoice(TxnDate="31/12/2026")),
    "day that does not exist": ("2070", _invoice(TxnDate="2026-02-30")),
    "amount that is text": ("2080", _line(sale("ten"))),  # type: ignore[arg-type]
    "amount too large": ("2090", _line(sale(10**11))),
    "line of another form": ("2120", lambda t: ("invoice", sales_form(t.customer(), Line=[sale(1), expense(5, "1")]))),
    "unknown tax method": ("2170", _invoice(GlobalTaxCalculation="Included")),
    "e-mail without a dot": (
        "2210",
        lambda t: ("customer", {"DisplayName": "A", "PrimaryEmailAddr": {"Address": "a@b"}}),
    ),
    "neither yes nor no": ("2230", lambda t: ("customer", {"DisplayName": "A", "Taxable": "maybe"})),
    "days out of range": ("2240", lambda t: ("term", {"Name": "Late", "DueDays": 1000})),
    "no side of an entry": (
        "2260",
        lambda t: (
            "journalentry",
            {"Line": [{**entry_line("Debit", "1", 5), "JournalEntryLineDetail": {"AccountRef": {"value": "1"}}}]},
        ),
    ),
    "tax code of an entry without its side": (
        "2270",
        lambda t: _entry(t, ("Debit", "checking", 5), TaxCodeRef={"value": HST_ON}),
    ),
    "tax code of an entry without its amount": (
        "2280",
        lambda t: _entry(t, ("Debit", "checking", 5), TaxCodeRef={"value": HST_ON}, TaxApplicableOn="Sales"),
    ),
    "negative amount of an entry": ("2290", lambda t: _entry(t, ("Debit", "checking", -5), ("Credit", "dues", -5))),
    "debits are not credits": ("2300", lambda t: _entry(t, ("Debit", "checking", 5), ("Credit", "dues", 4))),
    "entry of one side": ("2300", lambda t: _entry(t, ("Debit", "checking", 0))),
    "customer that does not exist": ("2500", lambda t: ("invoice", sales_form("99"))),
    "item that does not exist": ("2500", _line(sale(5, item="99"))),
    "account that does not exist": ("2500", lambda t: ("bill", bill(t.vendor(), "99"))),
    "tax code that does not exist": ("2500", _line(sale(5, code="99"))),
    "bundle": ("5030", _invoice(Line=[sale(5), {"DetailType": "GroupLineDetail", "GroupLineDetail": {}}])),
    "old token": ("5010", _stale),
    "inactive customer": ("610", _inactive_customer),
    "update of nothing": ("610", lambda t: ("customer", {"Id": "99", "SyncToken": "0", "DisplayName": "X"})),
    "payment of what cannot be linked": (
        "620",
        lambda t: ("payment", {"CustomerRef": {"value": t.customer()}, "TotalAmt": 1, "Line": [paying("99", 1)]}),
    ),
    "parent of itself": ("900", _own_child),
    "line without tax code in Canada": ("6000", _line({**sale(5), "SalesItemLineDetail": {"ItemRef": {"value": "1"}}})),
    "negative total": ("6000", _line(sale(-5))),
    "foreign currency without the preference": ("6000", _invoice(CurrencyRef={"value": "USD"})),
    "receivable without a customer": ("6000", lambda t: _entry(t, ("Debit", "receivable", 5), ("Credit", "dues", 5))),
    "payable without a vendor": ("6000", lambda t: _entry(t, ("Debit", "supplies", 5), ("Credit", "payable", 5))),
    "more than the open balance": ("6000", _overpaid),
    "invoice of somebody else": ("6000", _others_invoice),
    "account without a type": ("6010", lambda t: ("account", {"Name": "A"})),
    "amount is not quantity times price": ("6070", _line(sale(100, Qty=3, UnitPrice=30))),
    "no name at all": ("6080", lambda t: ("customer", {"CompanyName": "ACME"})),
    "discount of nothing": (
        "6090",
        _invoice(Line=[sale(5), {"DetailType": "DiscountLineDetail", "DiscountLineDetail": {}}]),
    ),
    "number that is taken": ("6140", _duplicate_number),
    "job without a parent": ("6150", lambda t: ("customer", {"DisplayName": "Job", "Job": True})),
    "tax where none applies": ("6170", _invoice(GlobalTaxCalculation="NotApplicable", TxnTaxDetail={"TotalTax": 5})),
    "sixth level": ("6180", _sixth_level),
    "inactive with a balance": ("6220", _owing_made_inactive),
    "name that is taken": ("6240", _customers_name),
    "name that a vendor has": ("6240", _vendors_name),
    "deposit to an expense": (
        "6430",
        lambda t: ("salesreceipt", sales_form(t.customer(), DepositToAccountRef={"value": _account(t, "supplies")})),
    ),
    "income account that is none": (
        "6430",
        lambda t: ("item", {"Name": "A", "Type": "Service", "IncomeAccountRef": {"value": _account(t, "checking")}}),
    ),
    "income account that is a liability": (
        "6430",
        lambda t: ("item", {"Name": "A", "Type": "Service", "IncomeAccountRef": {"value": _account(t, "deferred")}}),
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_each_documented_refusal_has_its_code_and_changes_nothing(talk: Talk, case: str) -> None:
    code, make = REFUSALS[case]
    path, body = make(talk)
    before = talk.company.dump()
    errors = talk.fault(path, body)
    assert [error["code"] for error in errors] == [code]
    assert all(error["Message"] and error["Detail"] for error in errors)
    assert talk.company.dump() == before


def test_several_errors_come_in_one_fault(talk: Talk) -> None:
    """Recorded: one Fault with a 2050 and a 2020."""
    errors = talk.fault("invoice", sales_form("1", DocNumber="1" * 45, Colour="red"))
    assert sorted(error["code"] for error in errors) == ["2010", "2050"]


def test_recorded_words(talk: Talk) -> None:
    """The details that clients parse are the recorded ones."""
    talk.customer("Amy")
    talk.invoice("1", DocNumber="O0010714")
    [number] = talk.fault("invoice", sales_form("1", DocNumber="O0010714"))
    assert number["Detail"].endswith("DocNumber=O0010714 is assigned to TxnType=Invoice with TxnId=1")
    [name] = talk.fault("vendor", {"DisplayName": "amy"})
    assert name["Detail"].startswith("The name supplied already exists. : Another customer, vendor or employee")
    [length] = talk.fault("invoice", sales_form("1", CustomerMemo={"value": "m" * 1016}))
    assert length["Detail"].endswith("Min:0 Max:1,000 supported. Supplied length:1,016")
    [reference] = talk.fault("bill", bill(talk.vendor(), "7777"))
    assert reference["Detail"] == "Invalid Reference Id : Accounts element id 7777 not found"
    [rate] = talk.fault(
        "invoice", sales_form("1", Line=[{**sale(5), "SalesItemLineDetail": {"ItemRef": {"value": "1"}}}])
    )
    assert rate["Detail"].endswith("Make sure all your transactions have a GST/HST rate before you save.")


def test_duplicate_number_is_let_through_on_demand_and_counts_per_type(talk: Talk) -> None:
    """``?include=allowduplicatedocnum``; a credit memo may bear an invoice's number."""
    talk.invoice(talk.customer(), DocNumber="F-7")
    assert talk.post("invoice", sales_form("1", DocNumber="F-7"), include="allowduplicatedocnum")["Id"] == "2"
    assert talk.post("creditmemo", sales_form("1", DocNumber="F-7"))["Id"] == "3"


@pytest.mark.parametrize(("password", "code"), [(False, "6200"), (True, "6210")])
def test_closed_books(password: bool, code: str) -> None:
    """``BookCloseDate`` closes every day up to it, for making, changing, voiding and deleting."""
    with Sandbox(switches=Switches(closing_password=password)) as sandbox:
        talk = Talk(sandbox)
        old = talk.invoice(talk.customer(), TxnDate="2025-12-31")
        talk.post("preferences", {"SyncToken": "0", "Id": "1", "AccountingInfoPrefs": {"BookCloseDate": "2025-12-31"}})
        assert talk.get("preferences")["Preferences"]["AccountingInfoPrefs"]["BookCloseDate"] == "2025-12-31"
        handle = {"Id": old["Id"], "SyncToken": old["SyncToken"]}
        for body, query in (
            (sales_form("1", TxnDate="2025-12-31"), {}),
            ({**handle, "sparse": True, "TxnDate": "2026-01-05"}, {}),
            (handle, {"operation": "void"}),
            (handle, {"operation": "delete"}),
        ):
            [error] = talk.fault("invoice", body, **query)
            assert error["code"] == code
        assert talk.invoice("1", TxnDate="2026-01-01")["TotalAmt"] == 100


def test_ended_subscription_refuses_writes_and_lets_read(talk: Talk) -> None:
    talk.customer()
    talk.company.switches = Switches(subscribed=False)
    [error] = talk.fault("customer", {"DisplayName": "Late"})
    assert error["code"] == "6190"
    assert talk.get("customer/1")["Customer"]["DisplayName"] == "Amy"


AMERICAN: dict[str, tuple[str, Make]] = {
    "tax code that is neither TAX nor NON": ("6100", _line(sale(5, code="2"))),
    "pseudo code as the code of a transaction": (
        "6160",
        lambda t: (
            "invoice",
            sales_form(t.customer(), Line=[sale(5, code="TAX")], TxnTaxDetail={"TxnTaxCodeRef": {"value": "TAX"}}),
        ),
    ),
    "character that ISO-8859-1 lacks": ("2040", lambda t: ("customer", {"DisplayName": "Łukasz"})),
    "account number of 8 characters": (
        "2050",
        lambda t: ("account", {"Name": "A", "AccountType": "Bank", "AcctNum": "12345678"}),
    ),
}


@pytest.mark.parametrize("case", AMERICAN)
def test_american_rules(case: str) -> None:
    code, make = AMERICAN[case]
    with Sandbox() as sandbox:
        talk = Talk(sandbox, "US")
        [error] = talk.fault(*make(talk))
        assert error["code"] == code
