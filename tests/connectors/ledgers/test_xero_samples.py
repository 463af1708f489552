"""Each of the 212 sample answers of the vendor's specification is read, or named as one that we do not ask for.

They are told over HTTP as the service would, and what the connector reads of them is held to what is read here by hand.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.booking.recipes import Done, Refusal, Write
from connectors.http import Http
from connectors.ledger import Posting
from connectors.ledgers.xero import company, open_items, standings
from connectors.ledgers.xero.bookkeeping import XeroBookkeeping
from connectors.ledgers.xero.company import Books
from connectors.ledgers.xero.service import Api, vendor
from connectors.ledgers.xero.settings import XeroSettings
from connectors.records import Customer, Invoice, JournalEntry, Kind
from tests.connectors.scripted_server import Request, Server, answer

SAMPLES = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))["answers"]
READ = {f"{each['method']} {each['path']} {each['status']}": each for each in SAMPLES if "answer" in each}
LISTS = {"Organisations": "Organisation", "Accounts": "Accounts", "TaxRates": "TaxRates",
         "TrackingCategories": "TrackingCategories"}  # fmt: skip
DOCUMENTS = {
    ("Invoices", "ACCREC"): Kind.INVOICE, ("Invoices", "ACCPAY"): Kind.SUPPLIER_INVOICE,
    ("CreditNotes", "ACCRECCREDIT"): Kind.CREDIT_NOTE, ("CreditNotes", "ACCPAYCREDIT"): Kind.VENDOR_CREDIT,
    ("BankTransactions", "RECEIVE"): Kind.SALES_RECEIPT, ("BankTransactions", "SPEND"): Kind.REFUND,
    ("ManualJournals", None): Kind.JOURNAL_ENTRY, ("Contacts", None): Kind.CUSTOMER,
    ("Payments", "ACCRECPAYMENT"): Kind.PAYMENT, ("Payments", "ACCPAYPAYMENT"): Kind.SUPPLIER_PAYMENT,
    ("Overpayments", "RECEIVE-OVERPAYMENT"): Kind.PAYMENT, ("Overpayments", "SPEND-OVERPAYMENT"): Kind.SUPPLIER_PAYMENT,
}  # fmt: skip
"""Our kinds by the vendor's entity and type; what has neither is no record of ours."""
NO_RECORD = {
    ("Payments", "ARCREDITPAYMENT"), ("Payments", "APCREDITPAYMENT"), ("BankTransactions", "SPEND-OVERPAYMENT"),
}  # fmt: skip
"""What is read with the credit note or the overpayment that it belongs to."""


class Vendor:
    """A server that tells a sample wherever an entity is asked for, and the list samples besides."""

    def __init__(self) -> None:
        self.lists = {LISTS[name]: READ[f"GET /{LISTS[name]} 200"]["answer"] for name in LISTS}
        self.sample: dict[str, Any] = {}
        self.status = 200
        self.server = Server(lambda sock, request: answer(*self._told(request))(sock, request))

    def _told(self, request: Request) -> tuple[int, str]:
        """What a later page has is nothing, and so is what stands in another status than asked for."""
        entity = request.path.rpartition("/")[2]
        whole = self.lists.get(entity, self.sample)
        if statuses := request.query.get("Statuses"):
            whole = {entity: [each for each in whole[entity] if each["Status"] in statuses[0].split(",")]}
        return self.status, json.dumps(whole if request.query.get("page", ["1"]) == ["1"] else {entity: []})


@pytest.fixture(scope="module")
def listening() -> Iterator[Vendor]:
    listens = Vendor()
    with listens.server:
        yield listens


@pytest.fixture(scope="module")
def settings(listening: Vendor, tmp_path_factory: pytest.TempPathFactory) -> XeroSettings:
    return XeroSettings(folder=tmp_path_factory.mktemp("xero"), company="7f2a1c3e-0000-4000-8000-000000000001",
                        client_id="c", api_url=listening.server.url)  # fmt: skip


@pytest.fixture(scope="module")
def api(listening: Vendor, settings: XeroSettings) -> Iterator[Api]:
    with Http(listening.server.url, vendor(settings)) as http:
        yield Api(http)


@pytest.fixture(scope="module")
def books(api: Api, settings: XeroSettings) -> Books:
    return company.read(api, settings)


@pytest.fixture
def told(listening: Vendor) -> Vendor:
    listening.status, listening.sample = 200, {}
    return listening


def day(told: str) -> date:
    """Milliseconds since 1970 in ``/Date(…)/``, in the vendor's own words."""
    milliseconds = re.search(r"\d+", told)
    assert milliseconds
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(milliseconds[0]))).date()


def money(told: object) -> Decimal:
    return Decimal(str(told))


def same(record: object, **wanted: object) -> None:
    """Our record says this, of the type that it is in the books."""
    assert {name: getattr(record, name) for name in wanted} == wanted


def test_there_are_212_answers_and_69_of_a_kind_that_we_read(capsys: pytest.CaptureFixture[str]) -> None:
    """Of attachments, history, orders, quotes, receipts, budgets and what else nobody asks for here, 143."""
    left = Counter(each["path"].split("/")[1] for each in SAMPLES if "answer" not in each)
    named = ", ".join(f"{name} {count}" for name, count in left.most_common())
    with capsys.disabled():
        print(f"\nXero: {len(READ)} of {len(SAMPLES)} sample answers are read; not asked for: {named}", file=sys.stderr)
    assert (len(SAMPLES), len(READ), left.total()) == (212, 69, 143)


def of(name: str) -> list[str]:
    """The samples that hold elements of an entity."""
    return [each for each, sample in READ.items() if name in sample["answer"] and sample["status"] == 200]


@pytest.mark.parametrize("sample", [each for each, told in READ.items() if told["status"] == 400])
def test_a_refusal_says_the_vendors_words(sample: str, told: Vendor, api: Api, books: Books) -> None:
    told.status, told.sample = 400, READ[sample]["answer"]
    said = [error["Message"] for element in told.sample["Elements"] for error in element["ValidationErrors"]]
    customer = Posting(key="k", record=Customer(key="c", name="Buzz Lightyear"))
    write = Write(posting=customer, to="PUT Contacts", body={"Name": "Buzz Lightyear"})
    [refusal] = XeroBookkeeping(api, books, "").carry_out([write])
    assert isinstance(refusal, Refusal)
    assert refusal.problem.detail == "; ".join(said)
    assert (refusal.problem.code == "name_taken") is ("is already assigned to another contact" in said[0])


@pytest.mark.parametrize("name", LISTS)
def test_the_lists_are_read_from_every_answer_that_holds_one(name: str, told: Vendor, api: Api, settings) -> None:
    path, before = LISTS[name], dict(told.lists)
    for sample in of(name):
        told.lists = before | {path: READ[sample]["answer"]}
        try:
            books = company.read(api, settings)
        finally:
            told.lists = before
        rows = READ[sample]["answer"][name]
        match name:
            case "Organisations":
                [about] = rows
                assert (books.name, books.home, books.short) == (about["Name"], "NZD", "!mBdtL")
                assert books.lists.closing_date == day(about["PeriodLockDate"]) == date(2018, 12, 31)
            case "Accounts":
                assert {(each.code, each.name, each.type, each.active) for each in books.lists.accounts} == {
                    (row["Code"], row["Name"], row["Type"], row.get("Status") in (None, "ACTIVE")) for row in rows
                }
                assert books.ids == {row["AccountID"]: row["Code"] for row in rows}
            case "TaxRates":
                active = [row for row in rows if row["Status"] == "ACTIVE"]
                rates = {row["Name"]: {(part["Name"], money(part["Rate"])) for part in row["TaxComponents"]}
                         for row in active}  # fmt: skip
                sides = {row["Name"]: {side for side, may in (("sales", "CanApplyToRevenue"),
                                                              ("purchases", "CanApplyToExpenses")) if row[may]}
                         for row in active if row["TaxComponents"]}  # fmt: skip
                assert [each.code for each in books.lists.tax_codes] == list(rates)
                for code in books.lists.tax_codes:
                    assert {(tax.name, tax.percent) for tax in code.taxes} <= rates[code.code]
                    assert {str(tax.side) for tax in code.taxes} == sides[code.code]
                    assert books.codes.word("taxes", code.code) == next(
                        row["TaxType"] for row in rows if row["Name"] == code.code
                    )
            case "TrackingCategories":
                options = {option["Name"] for row in rows if row["Status"] == "ACTIVE" for option in row["Options"]
                           if option["Status"] == "ACTIVE"}  # fmt: skip
                assert {each.code for each in books.lists.classes} == options


def lines(kind: Kind, body: dict[str, Any], books: Books) -> list[tuple]:
    """The lines of a document that bear an amount or an account, as the vendor's answer has them."""
    codes = {each.code for each in books.lists.accounts if each.active}
    taxes = {each["TaxType"]: each["Name"] for each in READ["GET /TaxRates 200"]["answer"]["TaxRates"]}
    if kind is Kind.JOURNAL_ENTRY:
        return [(each.get("Description", ""), max(money(each["LineAmount"]), Decimal(0)),
                 max(-money(each["LineAmount"]), Decimal(0)),
                 each["AccountCode"] if each["AccountCode"] in codes else "")
                for each in body["JournalLines"]]  # fmt: skip
    told = [each for each in body.get("LineItems", ()) if each.get("LineAmount") or each.get("AccountCode") in codes]
    return [(each.get("Description", ""), money(each["Quantity"]), money(each["UnitAmount"]), money(each["LineAmount"]),
             money(each.get("TaxAmount", 0)), each["AccountCode"] if each.get("AccountCode") in codes else "",
             taxes.get(each.get("TaxType"), "")) for each in told]  # fmt: skip


def ours(record: object) -> list[tuple]:
    if isinstance(record, JournalEntry):
        return [(each.memo, each.debit, each.credit, each.ledger_account) for each in record.lines]
    return [(each.description, each.quantity, each.unit_price, each.amount, each.tax_amount, each.ledger_account,
             each.ledger_tax) for each in record.lines]  # fmt: skip


def hold(kind: Kind, entity: str, body: dict[str, Any], books: Books) -> None:
    """What is read of a body as a record and as a document that stands is what the body says."""
    whole = {entity: [body]} if entity in ("Payments", "Overpayments") else body
    record, _ = standings.record(kind, whole, books)
    standing = standings.standing(kind, whole, books, "")
    same(standing, void=body.get("Status") in ("VOIDED", "DELETED"), kind=kind)
    if kind is Kind.CUSTOMER:
        customer(record, body)
        return
    same(record, date=day(body["Date"]))
    if "DateString" in body:  # the twin says the same day
        same(record, date=date.fromisoformat(body["DateString"][:10]))
    if entity == "Payments":
        invoice = body["Invoice"]
        word = "Invoice" if kind is Kind.PAYMENT else "Bill"
        same(record, number=body.get("Reference", ""), amount=money(body["Amount"]),
             customer=invoice["Contact"]["ContactID"])  # fmt: skip
        assert [(each.invoice, each.amount) for each in record.allocations] == [
            (f"{word}:{invoice['InvoiceID']}", money(body["Amount"]))
        ]
    elif entity == "Overpayments":
        same(record, amount=money(body["Total"]), customer=body["Contact"]["ContactID"])
        given = [(each["Invoice"]["InvoiceID"], money(each["Amount"])) for each in body["Allocations"]]
        assert [(each.invoice.partition(":")[2], each.amount) for each in record.allocations] == given
    elif kind is Kind.JOURNAL_ENTRY:
        same(record, number=body["Narration"])
        assert ours(record) == lines(kind, body, books)
    else:
        currency = body["CurrencyCode"]
        same(record, customer=body["Contact"]["ContactID"], currency=currency, subtotal=money(body["SubTotal"]),
             tax=money(body["TotalTax"]), total=money(body["Total"]))  # fmt: skip
        same(standing, total=money(body["Total"]), currency="" if currency == "NZD" else currency)
        assert sorted(ours(record)) == sorted(lines(kind, body, books))
    if isinstance(record, Invoice):
        same(record, number=body["InvoiceNumber"], due=day(body["DueDate"]), memo=body.get("Reference", ""))


def customer(record: object, body: dict[str, Any]) -> None:
    parts = ("PhoneCountryCode", "PhoneAreaCode", "PhoneNumber")
    phones = {each["PhoneType"]: " ".join(filter(None, map(each.get, parts))) for each in body["Phones"]}
    same(record, name=body.get("Name", ""), first_name=body.get("FirstName", ""), last_name=body.get("LastName", ""),
         email=body.get("EmailAddress", ""), phone=phones.get("DEFAULT", ""), mobile=phones.get("MOBILE", ""),
         fax=phones.get("FAX", ""))  # fmt: skip
    for address, type_ in ((record.billing, "POBOX"), (record.shipping, "STREET")):
        told = next((each for each in body["Addresses"] if each["AddressType"] == type_), {})
        streets = [told.get(f"AddressLine{n}") for n in (1, 2, 3, 4)]
        assert (address.street, address.city, address.region, address.postal_code, address.country) == (
            "\n".join(filter(None, streets)), told.get("City", ""), told.get("Region", ""),
            told.get("PostalCode", ""), told.get("Country", ""),
        )  # fmt: skip


RECORDS = ("Contacts", "Invoices", "CreditNotes", "BankTransactions", "ManualJournals", "Payments", "Overpayments")


@pytest.mark.parametrize(("entity", "sample"), [(entity, sample) for entity in RECORDS for sample in of(entity)])
def test_every_element_is_read_as_it_stands_in_the_answer(
    entity: str, sample: str, told: Vendor, api: Api, books: Books
) -> None:
    told.sample = READ[sample]["answer"]
    bodies = list(api.every(entity))
    assert len(bodies) == len(told.sample[entity]) > 0
    for body, raw in zip(bodies, told.sample[entity], strict=True):
        type_ = raw.get("PaymentType", raw.get("Type"))
        kind = DOCUMENTS.get((entity, type_))
        assert (kind is None) is ((entity, type_) in NO_RECORD), type_
        if kind:
            hold(kind, entity, body, books)


WORTH = ("Overpayments", "Prepayments", "CreditNotes", "Invoices")
"""What is open between us and a contact."""


@pytest.mark.parametrize("sample", [each for entity in WORTH for each in of(entity)])
def test_what_is_open_is_what_the_answer_says_is_left(sample: str, told: Vendor, api: Api) -> None:
    """Of an invoice its amount due, of a credit what remains of it; what does not stand counts for nothing."""
    whole = READ[sample]["answer"]
    [entity] = (name for name in WORTH if name in whole)
    left = {"Invoices": "AmountDue"}.get(entity, "RemainingCredit")
    told.lists |= {name: {name: []} for name in WORTH} | {entity: whole}
    sides = (open_items.receivable, open_items.payable)
    items = [item for side in sides for item in side(api, date(2100, 1, 1), "NZD")]
    for name in WORTH:
        del told.lists[name]
    there = {(each.party, each.on, abs(each.amount - sum(amount for _, amount in each.taken))) for each in items}
    assert {each for each in there if each[2]} == {
        (row["Contact"]["ContactID"], day(row["Date"]), money(row[left])) for row in whole[entity]
        if row["Status"] in ("AUTHORISED", "PAID") and money(row[left])
    }  # fmt: skip


ALLOCATED = [each for each in READ if "/Allocations" in each]


@pytest.mark.parametrize("sample", ALLOCATED)
def test_an_allocation_is_done_by_what_its_answer_says(sample: str, told: Vendor, api: Api, books: Books) -> None:
    """Neither answer bears an id of the allocation where its schema has it (OAS, xero-python issue 159)."""
    told.sample = READ[sample]["answer"]
    method, path, _ = sample.split()
    named = Posting(key="k", record=Customer(key="c", name="Buzz Lightyear"))
    write = Write(posting=named, to=f"{method} {path[1:]}", body={"Amount": 1}, made="allocation")
    [done] = XeroBookkeeping(api, books, "").carry_out([write])
    assert isinstance(done, Done)


def test_the_trial_balance_of_the_sample_is_read_account_by_account(told: Vendor, api: Api, books: Books) -> None:
    """Its cells are debit, credit, and both of the year so far; what is read adds up as its own total row does."""
    told.sample = READ["GET /Reports/TrialBalance 200"]["answer"]
    rows = [row for section in told.sample["Reports"][0]["Rows"] for row in section.get("Rows", ())]
    cells = [[cell["Value"] for cell in row["Cells"]] for row in rows if row["RowType"] == "Row"]
    wanted = sorted(money(row[3] or 0) - money(row[4] or 0) for row in cells)
    held = company.trial_balance(api, books, date(2019, 3, 31))
    assert sorted(each.amount for each in held) == [each for each in wanted if each]
    [total] = ([cell["Value"] for cell in row["Cells"]] for row in rows if row["RowType"] == "SummaryRow")
    assert sum(max(each.amount, Decimal(0)) for each in held) == money(total[3])


def test_each_sample_of_a_kind_that_we_read_is_read_above() -> None:
    above = {each for name in (*LISTS, *RECORDS, *WORTH) for each in of(name)}
    above |= {each for each, sample in READ.items() if sample["status"] == 400} | {*ALLOCATED}
    assert above | {"GET /Reports/TrialBalance 200"} == READ.keys()


def test_a_compound_tax_is_of_the_amount_with_the_others(told: Vendor, api: Api, settings: XeroSettings) -> None:
    """``IsCompound``: 9.5 % of 105 % makes the ``EffectiveRate`` of 14.975 that the service reckons with."""
    parts = [{"Name": "GST", "Rate": 5.0, "IsCompound": False}, {"Name": "QST", "Rate": 9.5, "IsCompound": True}]
    rate = {"Name": "GST/QST", "TaxType": "TAX001", "Status": "ACTIVE", "EffectiveRate": 14.975,
            "CanApplyToRevenue": True, "CanApplyToExpenses": False, "TaxComponents": parts}  # fmt: skip
    before = dict(told.lists)
    told.lists["TaxRates"] = {"TaxRates": [rate]}
    try:
        [code] = company.read(api, settings).lists.tax_codes
    finally:
        told.lists = before
    assert {tax.name: tax.percent for tax in code.taxes} == {"GST": Decimal(5), "QST": Decimal("9.975")}
    assert sum(tax.percent for tax in code.taxes) == Decimal(str(rate["EffectiveRate"]))
