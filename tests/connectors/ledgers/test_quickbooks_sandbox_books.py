"""The books below the documents: taxes, balances, links and voids; they balance whatever happens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule

from connectors.ledgers.quickbooks_online.sandbox import QuickBooks, Sandbox, operations, starter
from connectors.ledgers.quickbooks_online.sandbox.bodies import ZERO, cents
from connectors.ledgers.quickbooks_online.sandbox.currencies import control_account, turn_on
from connectors.ledgers.quickbooks_online.sandbox.operations import Options
from connectors.ledgers.quickbooks_online.sandbox.refusals import Refusal
from connectors.ledgers.quickbooks_online.sandbox.reports import open_items, report
from connectors.sandboxes.clock import Clock
from tests.connectors.ledgers.quickbooks_sandbox_talk import (
    EXEMPT,
    GST,
    HST_ON,
    QST_GROUP,
    ZERO_RATED,
    Talk,
    bill,
    entry_line,
    paying,
    sale,
    sales_form,
)


@pytest.fixture
def talk() -> Iterator[Talk]:
    with Sandbox() as sandbox:
        yield Talk(sandbox)


def balance(talk: Talk, word: str) -> Decimal:
    return talk.company.books.accounts[talk.company.special[word]]


@pytest.mark.parametrize(
    ("code", "taxes"),
    [
        (EXEMPT, ["0.00"]),
        (ZERO_RATED, ["0.00"]),
        (GST, ["5.01"]),
        (QST_GROUP, ["5.01", "9.99"]),
        (HST_ON, ["13.02"]),
    ],
)
def test_tax_codes_of_a_canadian_company(talk: Talk, code: str, taxes: list[str]) -> None:
    """100.15 at 5 %, 5 % with 9.975 %, 13 %: each rate rounded once, halves up."""
    form = talk.invoice(talk.customer(), Line=[sale(60.15, code=code), sale(40, code=code)])
    detail = form["TxnTaxDetail"]
    assert [line["Amount"] for line in detail["TaxLine"]] == [Decimal(tax) for tax in taxes]
    assert detail["TotalTax"] == sum(map(Decimal, taxes))
    assert form["TotalAmt"] == Decimal("100.15") + detail["TotalTax"] == form["Balance"]


def test_taxes_go_to_the_agency_that_collects_them(talk: Talk) -> None:
    talk.invoice(talk.customer(), Line=[sale(100, code=QST_GROUP)])
    talk.post("bill", bill(talk.vendor(), talk.company.special["supplies"], Line=[_expense(talk, 100)]))
    owed = {talk.company.get("Account", id_)["Name"]: balance for id_, balance in talk.company.books.accounts.items()}
    assert owed["Canada Revenue Agency Payable"] == Decimal("-5.00") + Decimal("5.00")
    assert owed["Revenu Québec Payable"] == ZERO
    assert balance(talk, "receivable") == -balance(talk, "payable") == Decimal("114.98")


def _expense(talk: Talk, amount: int) -> dict[str, Any]:
    detail = {"AccountRef": {"value": talk.company.special["supplies"]}, "TaxCodeRef": {"value": QST_GROUP}}
    return {"Amount": amount, "DetailType": "AccountBasedExpenseLineDetail", "AccountBasedExpenseLineDetail": detail}


def test_tax_inside_the_amount(talk: Talk) -> None:
    """TaxInclusive: the total is what was sent, the line tells net and gross."""
    form = talk.invoice(talk.customer(), Line=[sale(100, code=QST_GROUP)], GlobalTaxCalculation="TaxInclusive")
    assert form["TotalAmt"] == 100
    line = form["Line"][0]
    assert (line["Amount"], line["SalesItemLineDetail"]["TaxInclusiveAmt"]) == (Decimal("86.98"), 100)
    again = talk.post("invoice", {"Id": form["Id"], "SyncToken": "0", "sparse": True, "PrivateNote": "seen"})
    assert (again["TotalAmt"], again["Line"][0]["Amount"]) == (100, Decimal("86.98"))


def test_taxes_that_are_sent_stand(talk: Talk) -> None:
    """A tax line that is supplied is booked as it is; one of a rate that no line has is refused."""
    [gst, qst] = talk.invoice(talk.customer(), Line=[sale(100, code=QST_GROUP)])["TxnTaxDetail"]["TaxLine"]
    gst["Amount"], qst["Amount"] = 5.02, 9.96
    for line in (gst, qst):
        line["TaxLineDetail"] = {"TaxRateRef": line["TaxLineDetail"]["TaxRateRef"]}
    sent = {"TotalTax": 14.98, "TaxLine": [gst, qst]}
    assert talk.invoice("1", Line=[sale(100, code=QST_GROUP)], TxnTaxDetail=sent)["TotalAmt"] == Decimal("114.98")
    [error] = talk.fault("invoice", sales_form("1", Line=[sale(100, code=HST_ON)], TxnTaxDetail=sent))
    assert error["code"] == "2500"


def test_american_tax_comes_from_the_code_of_the_transaction() -> None:
    with Sandbox() as sandbox:
        talk = Talk(sandbox, "US")
        [code] = talk.query("select * from TaxCode where Name = 'California'")["TaxCode"]
        lines = [sale(100, code="TAX"), sale(50, code="NON")]
        detail = {"TxnTaxCodeRef": {"value": code["Id"]}}
        form = talk.invoice(talk.customer(), Line=lines, TxnTaxDetail=detail)
        assert (form["TxnTaxDetail"]["TotalTax"], form["TotalAmt"]) == (8, 158)
        assert "GlobalTaxCalculation" not in form


def test_tax_service_makes_codes(talk: Talk) -> None:
    rates = [{"TaxRateName": "PST BC", "RateValue": "7", "TaxAgencyId": "1", "TaxApplicableOn": "Sales"}]
    answer = talk.send("taxservice/taxcode", {"TaxCode": "PST BC", "TaxRateDetails": rates}).json()
    assert answer["TaxRateDetails"][0]["RateValue"] == "7%"
    assert talk.invoice(talk.customer(), Line=[sale(100, code=answer["TaxCodeId"])])["TotalAmt"] == 107
    [error] = talk.fault("taxservice/taxcode", {"TaxCode": "Other", "TaxRateDetails": rates})
    assert "Another tax rate is already using this name" in error["Detail"]


def test_discount_and_lines_that_only_describe(talk: Talk) -> None:
    discount = {"DetailType": "DiscountLineDetail", "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 10}}
    words = {"DetailType": "DescriptionOnly", "Description": "Thank you", "DescriptionLineDetail": {}}
    form = talk.invoice(talk.customer(), Line=[sale(200), words, discount])
    assert form["TotalAmt"] == 180
    assert form["Line"][-1] == {"DetailType": "SubTotalLineDetail", "Amount": 200, "SubTotalLineDetail": {}}
    assert balance(talk, "discounts") == 20


def test_credit_memo_pays_an_invoice_through_a_payment_of_nothing(talk: Talk) -> None:
    """A Payment with TotalAmt 0 and a line to each (assumed shape; the vendor gives no body)."""
    amy = talk.customer()
    invoice, credit = talk.invoice(amy)["Id"], talk.post("creditmemo", sales_form(amy, 30))["Id"]
    lines = [paying(invoice, 30), paying(credit, 30, "CreditMemo")]
    payment = talk.post("payment", {"CustomerRef": {"value": amy}, "TotalAmt": 0, "Line": lines})
    assert payment["UnappliedAmt"] == 0
    assert talk.get(f"invoice/{invoice}")["Invoice"]["Balance"] == 70
    assert talk.get(f"creditmemo/{credit}")["CreditMemo"]["RemainingCredit"] == 0
    assert [error["code"] for error in talk.fault("creditmemo", {"Id": credit, "SyncToken": "0"}, operation="delete")]
    talk.post("payment", {"Id": payment["Id"], "SyncToken": "0"}, operation="delete")
    assert talk.get(f"creditmemo/{credit}")["CreditMemo"]["RemainingCredit"] == 30


def test_payment_keeps_what_a_deleted_invoice_leaves(talk: Talk) -> None:
    amy = talk.customer()
    first, second = talk.invoice(amy)["Id"], talk.invoice(amy)["Id"]
    sent = {"CustomerRef": {"value": amy}, "TotalAmt": 150, "Line": [paying(first, 100), paying(second, 50)]}
    payment = talk.post("payment", sent)["Id"]
    talk.post("invoice", {"Id": first, "SyncToken": "0"}, operation="delete")
    kept = talk.get(f"payment/{payment}")["Payment"]
    assert (kept["UnappliedAmt"], [line["Amount"] for line in kept["Line"]]) == (100, [50])
    assert talk.get(f"customer/{amy}")["Customer"]["Balance"] == -50


def test_balances_with_jobs(talk: Talk) -> None:
    parent = talk.customer("Club")
    child = talk.customer("Team", ParentRef={"value": parent}, Job=True)
    invoice = talk.invoice(child)["Id"]
    shown = talk.get(f"customer/{parent}")["Customer"]
    assert (shown["Balance"], shown["BalanceWithJobs"]) == (0, 100)
    talk.post("payment", {"CustomerRef": {"value": parent}, "TotalAmt": 100, "Line": [paying(invoice, 100)]})
    assert talk.get(f"customer/{parent}")["Customer"]["BalanceWithJobs"] == 0


def test_void_bill_payment_and_refund(talk: Talk) -> None:
    special, vendor, amy = talk.company.special, talk.vendor(), talk.customer()
    owed = talk.post("bill", bill(vendor, special["supplies"], 80))["Id"]
    sent = {"VendorRef": {"value": vendor}, "TotalAmt": 80, "PayType": "Check", "Line": [paying(owed, 80, "Bill")]}
    sent["CheckPayment"] = {"BankAccountRef": {"value": special["checking"]}}
    paid = talk.post("billpayment", sent)["Id"]
    assert talk.get(f"bill/{owed}")["Bill"]["LinkedTxn"] == [{"TxnId": paid, "TxnType": "BillPaymentCheck"}]
    assert talk.get(f"bill/{owed}")["Bill"]["Balance"] == 0
    handle = {"Id": paid, "SyncToken": "0", "sparse": True}
    talk.post("billpayment", handle, operation="update", include="void")
    assert talk.get(f"vendor/{vendor}")["Vendor"]["Balance"] == 80
    refund = sales_form(amy, 25, DepositToAccountRef={"value": special["checking"]})
    assert talk.post("refundreceipt", refund)["TotalAmt"] == 25
    assert balance(talk, "checking") == -25
    [error] = talk.fault("refundreceipt", {"Id": "4", "SyncToken": "0"}, operation="void")
    assert error["code"] == "500"


def test_aging_by_report_date(talk: Talk) -> None:
    amy = talk.customer()
    for due, amount in (("2026-03-31", 1), ("2026-03-15", 2), ("2026-02-15", 4), ("2026-01-15", 8), ("2025-10-01", 16)):
        talk.invoice(amy, amount, TxnDate="2025-09-01", DueDate=due)
    talk.post(
        "payment", {"CustomerRef": {"value": amy}, "TotalAmt": 1, "TxnDate": "2026-05-01", "Line": [paying("1", 1)]}
    )
    told = talk.get("reports/AgedReceivables", report_date="2026-03-31")
    titles = [column["ColTitle"] for column in told["Columns"]["Column"]]
    assert titles == ["", "Current", "1 - 30", "31 - 60", "61 - 90", "91 and over", "Total"]
    cells = [cell["value"] for cell in told["Rows"]["Row"][0]["ColData"]]
    assert cells == ["Amy", "1.00", "2.00", "4.00", "8.00", "16.00", "31.00"]
    assert "time" not in told
    detail = talk.get("reports/AgedReceivableDetail", report_date="2026-03-31", columns="cust_name,due_date")
    assert detail["Rows"]["Row"][-1]["Header"]["ColData"][0]["value"] == "91 and over days past due"


def test_general_ledger_tells_every_leg(talk: Talk) -> None:
    talk.invoice(talk.customer(), Line=[sale(100, code=HST_ON)], DocNumber="F-1")
    told = talk.get("reports/GeneralLedger")
    sections = {row["Header"]["ColData"][0]["value"]: row["Rows"]["Row"] for row in told["Rows"]["Row"]}
    assert {name: rows[0]["ColData"][4]["value"] for name, rows in sections.items()} == {
        "Accounts Receivable (A/R)": "113.00",
        "Membership Dues": "-100.00",
        "Canada Revenue Agency Payable": "-13.00",
    }


def test_the_page_shows_the_books_and_escapes_names(talk: Talk) -> None:
    talk.invoice(talk.customer("<script>alert(1)</script>"))
    page = talk.session.get(talk.sandbox.url).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script" not in page
    assert "Trial balance" in page


def test_a_snapshot_gives_everything_back(tmp_path: Path) -> None:
    first = QuickBooks()
    company = next(iter(first.companies.values()))
    amy = operations.create(company, "Customer", {"DisplayName": "Amy"})["Id"]
    invoice = operations.create(company, "Invoice", sales_form(amy, Line=[sale(100, code=QST_GROUP)]))
    operations.create(company, "Payment", {"CustomerRef": {"value": amy}, "TotalAmt": 40, "Line": [paying("1", 40)]})
    token = first.sign_in.grant(company.realm)["refresh_token"]
    first.save(tmp_path / "state.json")
    second = QuickBooks()
    second.load(tmp_path / "state.json")
    again = second.companies[company.realm]
    assert again.dump() == company.dump()
    assert again.books.accounts == company.books.accounts
    handle = {"Id": invoice["Id"], "SyncToken": "0", "sparse": True, "PrivateNote": "x"}
    assert operations.update(again, "Invoice", handle)["Balance"] == invoice["Balance"]
    assert second.sign_in.dump()[0]["refresh"] == token


MONEY = st.integers(min_value=1, max_value=50_000).map(lambda cents: Decimal(cents).scaleb(-2))
CODE = st.sampled_from((EXEMPT, GST, QST_GROUP, HST_ON))
RATE = st.decimals("0.7", "1.6", places=4)
METHOD = st.sampled_from(("TaxExcluded", "TaxInclusive"))


class Bookkeeper(RuleBasedStateMachine):
    """Anything a client may do, in any order; refusals are fine, books that do not balance are not.

    The second customer is kept in dollars, and each of its transactions is at a rate of its own.
    """

    sales = Bundle("sales")
    payments = Bundle("payments")

    def __init__(self) -> None:
        super().__init__()
        self.company = starter.company("1", "Books", "CA", Clock(datetime(2026, 6, 30, tzinfo=UTC)))
        turn_on(self.company)
        self.customers = [
            operations.create(self.company, "Customer", {"DisplayName": name, "CurrencyRef": {"value": currency}})["Id"]
            for name, currency in (("A", "CAD"), ("B", "USD"))
        ]

    def _in(self, who: int, rate: Decimal) -> dict[str, Any]:
        """The currency of a customer, and the rate of what is in dollars."""
        return {"CurrencyRef": {"value": "USD"}, "ExchangeRate": rate} if who else {"CurrencyRef": {"value": "CAD"}}

    def _try(self, action: Any, *args: Any) -> Any:
        before = self.company.dump()
        try:
            return action(self.company, *args)
        except Refusal:
            assert self.company.dump() == before
            return None

    @rule(
        target=sales,
        who=st.sampled_from((0, 1)),
        amount=MONEY,
        code=CODE,
        method=METHOD,
        kind=st.sampled_from(("Invoice", "CreditMemo")),
        rate=RATE,
    )
    def sell(self, who: int, amount: Decimal, code: str, method: str, kind: str, rate: Decimal) -> Any:
        lines = [sale(amount, code=code), sale(Decimal("0.37"), code=GST)]  # type: ignore[arg-type]
        sent = sales_form(self.customers[who], Line=lines, GlobalTaxCalculation=method, **self._in(who, rate))
        return kind, operations.create(self.company, kind, sent)["Id"]

    @rule(
        target=payments,
        who=st.sampled_from((0, 1)),
        amount=MONEY,
        parts=st.lists(st.tuples(sales, MONEY), max_size=3),
        rate=RATE,
    )
    def pay(self, who: int, amount: Decimal, parts: list[tuple[tuple[str, str], Decimal]], rate: Decimal) -> Any:
        lines = [paying(id_, part, kind) for (kind, id_), part in parts]  # type: ignore[arg-type]
        sent = {"CustomerRef": {"value": self.customers[who]}, "TotalAmt": amount, "Line": lines, **self._in(who, rate)}
        made = self._try(operations.create, "Payment", sent)
        return made["Id"] if made else multiple()

    @rule(target=payments, sold=sales, rate=RATE, share=st.sampled_from((1, 2, 3)))
    def pay_off(self, sold: tuple[str, str], rate: Decimal, share: int) -> Any:
        """What is open of an invoice, or a part of it."""
        body = self.company.find(*sold)
        if body is None or sold[0] != "Invoice" or body["Balance"] < 1:
            return multiple()
        part = cents(body["Balance"] / share)
        sent = {"CustomerRef": body["CustomerRef"], "TotalAmt": part, "Line": [paying(sold[1], part)]}  # type: ignore[arg-type]
        who = self.customers.index(body["CustomerRef"]["value"])
        return operations.create(self.company, "Payment", {**sent, **self._in(who, rate)})["Id"]

    @rule(amount=MONEY, who=st.sampled_from((0, 1)), rate=RATE)
    def enter(self, amount: Decimal, who: int, rate: Decimal) -> None:
        name = {"Type": "Customer", "EntityRef": {"value": self.customers[who]}}
        special = self.company.special
        lines = [
            entry_line("Debit", self._receivables()[who], amount, Entity=name),  # type: ignore[arg-type]
            entry_line("Credit", special["deferred"], amount),  # type: ignore[arg-type]
        ]
        operations.create(self.company, "JournalEntry", {"Line": lines, **self._in(who, rate)})

    def _receivables(self) -> list[str]:
        """The accounts of what the two customers owe."""
        return [control_account(self.company, "receivable", currency) for currency in ("CAD", "USD")]

    @rule(sold=sales, what=st.sampled_from(("delete", "void", "change")), amount=MONEY)
    def undo_sale(self, sold: tuple[str, str], what: str, amount: Decimal) -> None:
        kind, id_ = sold
        self._undo(kind, id_, what, {"Line": [sale(amount, code=HST_ON)]})  # type: ignore[arg-type]

    @rule(payment=payments, what=st.sampled_from(("delete", "void", "change")), amount=MONEY)
    def undo_payment(self, payment: str, what: str, amount: Decimal) -> None:
        self._undo("Payment", payment, what, {"TotalAmt": amount})

    def _undo(self, kind: str, id_: str, what: str, change: dict[str, Any]) -> None:
        body = self.company.find(kind, id_)
        if body is None:
            return
        handle = {"Id": id_, "SyncToken": body["SyncToken"]}
        if what == "change":
            self._try(operations.update, kind, {**handle, "sparse": True, **change}, Options())
        else:
            self._try(getattr(operations, what), kind, handle)

    @invariant()
    def debits_are_credits(self) -> None:
        assert sum(self.company.books.accounts.values(), ZERO) == ZERO
        total = report(self.company, "TrialBalance", {})["Rows"].get("Row", [{"Summary": {"ColData": [0, 0, 0]}}])[-1]
        assert total["Summary"]["ColData"][1] == total["Summary"]["ColData"][2]

    @invariant()
    def customers_and_open_items_are_the_receivables(self) -> None:
        items = list(open_items(self.company, date(2026, 12, 31)))
        for customer, account in zip(self.customers, self._receivables(), strict=True):
            receivable, own = self.company.books.accounts[account], [i for i in items if i.party == customer]
            assert sum((item.amount for item in own), ZERO) == receivable
            assert sum((item.foreign for item in own), ZERO) == self.company.get("Customer", customer)["Balance"]
            assert self.company.get("Account", account)["CurrentBalance"] == receivable
        assert [item for item in items if not item.foreign] == [], "nothing is left at home of what is settled"

    @invariant()
    def nothing_is_paid_twice(self) -> None:
        for kind in ("Invoice", "CreditMemo"):
            for body in self.company.every(kind):
                assert ZERO <= body["Balance"] <= body["TotalAmt"]
        for payment in self.company.every("Payment"):
            assert payment["UnappliedAmt"] >= ZERO


TestBookkeeper = Bookkeeper.TestCase
TestBookkeeper.settings = settings(
    max_examples=60, stateful_step_count=30, suppress_health_check=[HealthCheck.too_slow]
)
