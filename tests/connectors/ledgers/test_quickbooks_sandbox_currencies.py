"""The stand-in in several currencies, against the vendor's words ("Manage multiple currencies", references of the
entities) and recorded answers: who is kept in what, what is refused, what comes to what at home.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from connectors.ledgers.quickbooks_online.sandbox import Sandbox, operations, starter
from connectors.ledgers.quickbooks_online.sandbox.company import Switches
from connectors.ledgers.quickbooks_online.sandbox.currencies import (
    OF_CONTROL,
    OFF,
    ONE_ALONE,
    control_account,
    open_account,
    turn_on,
)
from connectors.ledgers.quickbooks_online.sandbox.reports import open_items
from connectors.sandboxes.clock import Clock
from tests.connectors.ledgers import quickbooks_sandbox_talk as bodies
from tests.connectors.ledgers.quickbooks_sandbox_talk import Talk, paying, sales_form

USD: dict[str, Any] = {"CurrencyRef": {"value": "USD"}}
AT = {**USD, "ExchangeRate": 1.3521}


@pytest.fixture
def talk() -> Iterator[Talk]:
    with Sandbox() as sandbox:
        turn_on(sandbox.company())
        yield Talk(sandbox)


def pay(talk: Talk, customer: str, amount: float, rate: float, *lines: dict[str, Any]) -> dict[str, Any]:
    sent = {"CustomerRef": {"value": customer}, "TotalAmt": amount, "ExchangeRate": rate, **USD, "Line": list(lines)}
    return talk.post("payment", sent)


def books(talk: Talk) -> dict[str, Decimal]:
    """What is on each account, by its name, at home."""
    balances = talk.company.books.accounts
    named = {account["Name"]: balances[account["Id"]] for account in talk.company.every("Account")}
    return {name: amount for name, amount in named.items() if amount}


def words(talk: Talk, path: str, body: dict[str, Any]) -> str:
    [error] = talk.fault(path, body)
    assert error["code"] == "6000"
    return error["Detail"].removeprefix("Business Validation Error: ")


def test_a_company_of_one_currency_takes_no_other(talk: Talk) -> None:
    """Recorded of a customer and of an invoice; the interface does not turn several on."""
    with Sandbox() as sandbox:
        one = Talk(sandbox)
        one.post("preferences", {"SyncToken": "0", "Id": "1", "CurrencyPrefs": {"MultiCurrencyEnabled": True}})
        assert (
            one.query("select * from Preferences")["Preferences"][0]["CurrencyPrefs"]["MultiCurrencyEnabled"] is False
        )
        assert words(one, "customer", {"DisplayName": "Amy", **USD}) == OFF
        assert words(one, "invoice", sales_form(one.customer(), **AT)) == OFF
    assert [a["AccountType"] for a in talk.company.every("Account") if a["Name"] == "Exchange Gain or Loss"] == [
        "Other Expense"
    ]


def test_a_person_turns_several_currencies_on_once_and_for_all() -> None:
    with Sandbox() as sandbox:
        one = Talk(sandbox)
        page = requests.get(f"{sandbox.url}/", timeout=10).text
        assert "Turn on multicurrency" in page
        for _ in range(2):
            told = requests.post(f"{sandbox.url}/currencies", data={"company": one.company.realm}, timeout=10)
            assert "Multicurrency is on" in told.text
        amy = one.customer("Amy", **USD)
        one.invoice(amy, 100, **AT)
        assert "<td>USD</td>" in requests.get(f"{sandbox.url}/", timeout=10).text
        assert len([each for each in one.company.every("Account") if each["Name"] == "Exchange Gain or Loss"]) == 1
        assert requests.post(f"{sandbox.url}/currencies", data={"company": "1"}, timeout=10).ok


def test_a_transaction_says_its_currency_and_a_foreign_one_its_rate(talk: Talk) -> None:
    amy = talk.customer("Amy", **USD)
    [error] = talk.fault("invoice", sales_form(amy))
    assert (error["code"], error["element"]) == ("2020", "CurrencyRef")
    [error] = talk.fault("invoice", sales_form(amy, **USD))
    assert (error["code"], error["Message"]) == ("2410", "Curreny, ExchangeRate is missing.")


def test_a_customer_has_one_currency_for_ever(talk: Talk) -> None:
    amy, bob = talk.customer("Amy", **USD), talk.customer("Bob")
    talk.post("customer", {"Id": amy, "SyncToken": "0", "sparse": True, "CurrencyRef": {"value": "EUR"}})
    assert talk.get(f"customer/{amy}")["Customer"]["CurrencyRef"] == {"value": "USD"}
    assert words(talk, "invoice", sales_form(bob, **AT)) == ONE_ALONE
    assert words(talk, "invoice", sales_form(amy, CurrencyRef={"value": "CAD"})) == ONE_ALONE
    assert words(talk, "bill", bodies.bill(talk.vendor(), talk.company.special["supplies"], **AT)) == ONE_ALONE


def test_it_may_keep_who_is_new_in_the_home_currency_whatever_was_sent() -> None:
    """Once recorded of vendors: 200, and made in the home currency."""
    with Sandbox(switches=Switches(parties_in_home=True)) as sandbox:
        turn_on(sandbox.company())
        made = Talk(sandbox).post("vendor", {"DisplayName": "Norton", **USD})
        assert made["CurrencyRef"] == {"value": "CAD"}


def test_an_invoice_is_owed_in_its_currency_and_booked_at_home(talk: Talk) -> None:
    """114.98 at 1.3521 is 155.46: taxes of 6.76 and 13.49, and the line takes the rest."""
    amy = talk.customer("Amy", **USD)
    made = talk.post("invoice", sales_form(amy, Line=[bodies.sale(100, code=bodies.QST_GROUP)], **AT))
    assert (made["TotalAmt"], made["Balance"], made["HomeTotalAmt"], made["HomeBalance"]) == (
        Decimal("114.98"), Decimal("114.98"), Decimal("155.46"), Decimal("155.46"),
    )  # fmt: skip
    assert books(talk) == {
        "Accounts Receivable (A/R) - USD": Decimal("155.46"), "Membership Dues": Decimal("-135.21"),
        "Canada Revenue Agency Payable": Decimal("-6.76"), "Revenu Québec Payable": Decimal("-13.49"),
    }  # fmt: skip
    assert talk.get(f"customer/{amy}")["Customer"]["Balance"] == Decimal("114.98")


def test_a_payment_at_another_rate_gains_or_loses_and_leaves_nothing(talk: Talk) -> None:
    amy = talk.customer("Amy", **USD)
    invoice = talk.invoice(amy, 114.98, **AT)["Id"]
    pay(talk, amy, 114.98, 1.40, paying(invoice, 114.98))
    held = books(talk)
    assert (held["Undeposited Funds"], held["Exchange Gain or Loss"]) == (Decimal("160.97"), Decimal("-5.51"))
    assert "Accounts Receivable (A/R) - USD" not in held
    assert talk.get(f"customer/{amy}")["Customer"]["Balance"] == 0


def test_part_payments_and_money_on_account_leave_not_a_cent(talk: Talk) -> None:
    amy = talk.customer("Amy", **USD)
    invoice = talk.invoice(amy, 100, **{**AT, "ExchangeRate": 1.3333})["Id"]
    first = pay(talk, amy, 33.33, 1.41, paying(invoice, 33.33))
    pay(talk, amy, 80, 1.25, paying(invoice, 66.67))
    assert books(talk)["Accounts Receivable (A/R) - USD"] == Decimal("-16.66")  # 13.33 on account, at its own rate
    talk.post("payment", {"Id": first["Id"], "SyncToken": "0"}, operation="delete")
    assert talk.get(f"invoice/{invoice}")["Invoice"]["Balance"] == Decimal("33.33")
    assert books(talk)["Accounts Receivable (A/R) - USD"] == Decimal("133.33") - Decimal("88.89") - Decimal("16.66")


CENTS = st.decimals("0.01", "5000", places=2)
RATE = st.decimals("0.6", "1.7", places=4)


@given(total=CENTS, rate=RATE, parts=st.lists(st.tuples(CENTS, RATE), max_size=4), last=RATE, gone=st.integers(0, 4))
def test_nothing_is_left_at_home_of_what_is_paid_whatever_is_taken_back_between(
    total: Decimal, rate: Decimal, parts: list[tuple[Decimal, Decimal]], last: Decimal, gone: int
) -> None:
    company = starter.company("1", "Books", "CA", Clock(datetime(2026, 6, 30, tzinfo=UTC)))
    turn_on(company)
    amy = {"CustomerRef": {"value": operations.create(company, "Customer", {"DisplayName": "Amy", **USD})["Id"]}, **USD}
    line = bodies.sale(total)  # type: ignore[arg-type]
    sold = {**amy, "ExchangeRate": rate, "GlobalTaxCalculation": "TaxExcluded", "Line": [line]}
    invoice = operations.create(company, "Invoice", sold)
    receivable = control_account(company, "receivable", "USD")

    def settle(most: Decimal, at: Decimal) -> None:
        if much := min(most, invoice["Balance"]):
            link = paying(invoice["Id"], much)  # type: ignore[arg-type]
            operations.create(company, "Payment", {**amy, "TotalAmt": much, "ExchangeRate": at, "Line": [link]})

    for much, at in parts:
        settle(much, at)
    payments = list(company.every("Payment"))
    if gone < len(payments):
        operations.delete(company, "Payment", {"Id": payments[gone]["Id"], "SyncToken": "0"})
    left = {item.posting.id: (item.amount, item.foreign) for item in open_items(company, date(2026, 12, 31))}
    owed = {invoice["Id"]: (company.books.accounts[receivable], invoice["Balance"])} if invoice["Balance"] else {}
    assert left == owed
    settle(total, last)
    assert (invoice["Balance"], invoice["HomeBalance"], company.books.accounts[receivable]) == (0, 0, 0)
    assert list(open_items(company, date(2026, 12, 31))) == []


def test_a_payment_is_in_the_currency_of_what_it_pays(talk: Talk) -> None:
    """The parent may pay for a child, but not out of another currency."""
    club = talk.customer("Club")
    team = talk.customer("Team", ParentRef={"value": club}, Job=True, **USD)
    invoice = talk.invoice(team, 50, **AT)["Id"]
    sent = {"CustomerRef": {"value": club}, "TotalAmt": 50, "CurrencyRef": {"value": "CAD"}}
    assert words(talk, "payment", sent | {"Line": [paying(invoice, 50)]}) == ONE_ALONE


def test_money_goes_into_an_account_at_home_or_of_that_currency(talk: Talk) -> None:
    amy = talk.customer("Amy", **USD)
    for currency, allowed in (("USD", True), ("EUR", False)):
        account = {"DepositToAccountRef": {"value": open_account(talk.company, f"Bank {currency}", currency)}}
        sent = {"CustomerRef": {"value": amy}, "TotalAmt": 5, **AT, **account}
        assert allowed or words(talk, "payment", sent) == ONE_ALONE
        assert not allowed or talk.post("payment", sent)


def test_a_credit_gains_or_loses_when_it_is_applied(talk: Talk) -> None:
    amy = talk.customer("Amy", **USD)
    invoice = talk.invoice(amy, 100, **AT)["Id"]
    credit = talk.post("creditmemo", sales_form(amy, 100, **{**AT, "ExchangeRate": 1.30}))["Id"]
    pay(talk, amy, 0, 1.30, paying(invoice, 100), paying(credit, 100, "CreditMemo"))
    assert books(talk) == {"Membership Dues": Decimal("-5.21"), "Exchange Gain or Loss": Decimal("5.21")}


def test_an_invoice_that_changes_its_rate_changes_what_its_payment_gained(talk: Talk) -> None:
    amy = talk.customer("Amy", **USD)
    invoice = talk.invoice(amy, 100, **AT)["Id"]
    pay(talk, amy, 100, 1.40, paying(invoice, 100))
    talk.post("invoice", {"Id": invoice, "SyncToken": "0", "sparse": True, "ExchangeRate": 1.5})
    assert books(talk)["Exchange Gain or Loss"] == 10
    talk.post("invoice", {"Id": invoice, "SyncToken": "1"}, operation="void")
    assert books(talk) == {"Accounts Receivable (A/R) - USD": -140, "Undeposited Funds": 140}


def test_an_entry_moves_receivables_of_its_own_currency_alone(talk: Talk) -> None:
    amy = talk.customer("Amy", **USD)
    talk.invoice(amy, 100, **AT)
    special, name = talk.company.special, {"Type": "Customer", "EntityRef": {"value": amy}}

    def entry(receivable: str, **currency: Any) -> dict[str, Any]:
        lines = [
            bodies.entry_line("Debit", special[receivable], 10, Entity=name),
            bodies.entry_line("Credit", special["deferred"], 10),
        ]
        return {"Line": lines, **currency}

    assert words(talk, "journalentry", entry("receivable", **AT)) == OF_CONTROL
    assert words(talk, "journalentry", entry("receivable USD", CurrencyRef={"value": "CAD"})) == OF_CONTROL
    talk.post("journalentry", entry("receivable USD", **AT))
    assert books(talk)["Deferred Revenue"] == Decimal("-13.52")
    assert talk.get(f"customer/{amy}")["Customer"]["Balance"] == 110


def test_what_is_owed_is_reported_at_home_and_in_detail_in_its_currency(talk: Talk) -> None:
    """AgedReceivableDetail, columns: currency, exch_rate and foreign_open_bal with several currencies."""
    amy, on = talk.customer("Amy", **USD), "2026-03-31"
    invoice = talk.invoice(amy, 100, TxnDate="2026-01-15", DueDate="2026-01-15", **AT)["Id"]
    talk.invoice(talk.customer("Bob"), 7, TxnDate="2026-03-31", CurrencyRef={"value": "CAD"})
    pay(talk, amy, 40, 1.40, paying(invoice, 40))
    payment = next(iter(talk.company.every("Payment")))
    talk.post("payment", {"Id": payment["Id"], "SyncToken": "0", "sparse": True, "TxnDate": "2026-02-01"})
    summary = talk.get("reports/AgedReceivables", report_date=on)["Rows"]["Row"]
    assert [row["ColData"][-1]["value"] for row in summary if "ColData" in row] == ["81.13", "7.00"]
    detail = talk.get("reports/AgedReceivableDetail", report_date=on, columns="cust_name,currency,foreign_open_bal")
    rows = [row["ColData"] for section in detail["Rows"]["Row"] for row in section["Rows"]["Row"]]
    assert sorted([cell["value"] for cell in cells] for cells in rows) == [
        ["Amy", "USD", "60.00"],
        ["Bob", "CAD", "7.00"],
    ]
    receivable = sum(amount for name, amount in books(talk).items() if "A/R" in name)
    assert sum(item.amount for item in open_items(talk.company, date(2026, 12, 31))) == receivable


def test_a_bill_is_paid_at_another_rate(talk: Talk) -> None:
    norton, special = talk.post("vendor", {"DisplayName": "Norton", **USD})["Id"], talk.company.special
    owed = talk.post("bill", bodies.bill(norton, special["supplies"], 100, **AT))["Id"]
    sent = {"VendorRef": {"value": norton}, "TotalAmt": 100, "PayType": "Check", **USD, "ExchangeRate": 1.40}
    sent |= {"CheckPayment": {"BankAccountRef": {"value": special["checking"]}}, "Line": [paying(owed, 100, "Bill")]}
    talk.post("billpayment", sent)
    assert books(talk) == {
        "Office Supplies": Decimal("135.21"), "Checking": -140, "Exchange Gain or Loss": Decimal("4.79"),
    }  # fmt: skip
    assert talk.get("reports/AgedPayableDetail", columns="vend_name,neg_foreign_open_bal")["Rows"] == {}
    talk.post("bill", bodies.bill(norton, special["supplies"], 7, **AT))
    detail = talk.get("reports/AgedPayableDetail", columns="vend_name,neg_foreign_open_bal,subt_neg_home_open_bal")
    [cells] = [row["ColData"] for section in detail["Rows"]["Row"] for row in section["Rows"]["Row"]]
    assert [cell["value"] for cell in cells] == ["Norton", "7.00", "9.46"]
