"""What Xero's stand-in refuses and limits, as the vendor's pages and recordings of the service say."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import requests

from connectors.ledgers.xero.sandbox import TENANTS, Sandbox
from connectors.sandboxes.clock import Clock

ORGANISATION = TENANTS[0][0]
START = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock=Clock(START)) as sandbox:
        yield sandbox


def call(sandbox: Sandbox, method: str, path: str, body=None, bearer: str = "", key: str = "", **query):
    headers = {"Authorization": f"Bearer {bearer or sandbox.bearer()}", "Accept": "application/json",
               "xero-tenant-id": ORGANISATION, **({"Idempotency-Key": key} if key else {})}  # fmt: skip
    url = f"{sandbox.url}/api.xro/2.0/{path}"
    return requests.request(method, url, headers=headers, json=body, params=query, timeout=30)


def element(sandbox: Sandbox, method: str, entity: str, body, **query):
    answer = call(sandbox, method, entity, {entity.partition("/")[0]: [body]}, summarizeErrors="false", **query)
    assert answer.status_code == 200, answer.text
    return answer.json()[entity.partition("/")[0]][0]


def said(told) -> str:
    return "; ".join(each["Message"] for each in told["ValidationErrors"])


@pytest.fixture
def contact(sandbox: Sandbox) -> str:
    return element(sandbox, "PUT", "Contacts", {"Name": "Ordre"})["ContactID"]


def bill(contact: str, **more):
    line = {"Description": "x", "Quantity": 1, "UnitAmount": 100, "AccountCode": "200", "TaxType": "TAX001"}
    return {"Type": "ACCREC", "Contact": {"ContactID": contact}, "Date": "2024-03-15", "DueDate": "2024-04-15",
            "Status": "AUTHORISED", "LineItems": [line], **more}  # fmt: skip


def test_one_bad_element_is_refused_alone_or_the_whole_request_and_nothing_is_kept(sandbox, contact) -> None:
    bodies = [bill(contact, InvoiceNumber="A"), bill(contact, InvoiceNumber="B", Type="SALE")]
    whole = call(sandbox, "PUT", "Invoices", {"Invoices": bodies})
    assert (whole.status_code, whole.json()["Type"], whole.json()["ErrorNumber"]) == (400, "ValidationException", 10)
    assert sandbox.organisation.kept["Invoices"] == {}
    apart = call(sandbox, "PUT", "Invoices", {"Invoices": bodies}, summarizeErrors="false").json()["Invoices"]
    assert [each["StatusAttributeString"] for each in apart] == ["OK", "ERROR"]
    assert apart[1]["InvoiceID"] == "00000000-0000-0000-0000-000000000000"
    assert len(sandbox.organisation.kept["Invoices"]) == 1


def test_a_refused_change_repeats_what_was_asked_for(sandbox, contact) -> None:
    made = element(sandbox, "PUT", "Invoices", bill(contact))
    refused = element(sandbox, "POST", "Invoices", {"InvoiceID": made["InvoiceID"], "Status": "DELETED"})
    assert (refused["Status"], refused["StatusAttributeString"], refused["HasErrors"]) == ("DELETED", "ERROR", True)
    assert said(refused) == "Invoice not of valid status for modification"
    void = element(sandbox, "POST", "Invoices", {"InvoiceID": made["InvoiceID"], "Status": "VOIDED"})
    assert (void["Status"], void["AmountDue"]) == ("VOIDED", 105)
    read = call(sandbox, "GET", f"Invoices/{made['InvoiceID']}").json()["Invoices"][0]
    assert read["AmountDue"] == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"InvoiceNumber": "É1"}, "printable ASCII"),
        ({"DueDate": None}, "Due date"),
        ({"Date": "2023-12-31"}, "end of year lock date, currently set at 31 December 2023"),
        ({"Status": "PAID"}, "not of valid status"),
        ({"CurrencyCode": "EUR"}, "not subscribed to currency"),
        ({"SubTotal": 100}, "Invoice.SubTotal is read-only"),
        ({"Colour": "red"}, "Invoice.Colour is not known"),
        ({"Contact": {"ContactID": "7f2a1c3e-0000-4000-8000-0000000000ff"}}, "Contact could not be found"),
    ],
)
def test_an_invoice_is_refused_in_the_vendors_words(sandbox, contact, change, words) -> None:
    sandbox.organisation.year_lock = "2023-12-31"
    assert words in said(element(sandbox, "PUT", "Invoices", bill(contact, **change)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"TaxAmount": 101}, "cannot be greater than the UnitAmount"),
        ({"LineAmount": 99}, "does not match the expected line total"),
        ({"AccountCode": "090"}, "not a valid code"),
        ({"AccountCode": "610"}, "not a valid code"),
        ({"AccountCode": None}, "Account code must be specified"),
        ({"TaxType": "TAX999"}, "TaxType code"),
        ({"Description": ""}, "at least 1 char"),
        ({"TaxType": "NONE", "TaxAmount": 5}, "not valid for the TaxType"),
        ({"Tracking": [{"Name": "Section", "Option": "North"}]}, "tracking option"),
    ],
)
def test_a_line_is_refused_in_the_vendors_words(sandbox, contact, change, words) -> None:
    sent = bill(contact)
    sent["LineItems"] = [{**sent["LineItems"][0], **change}]
    assert words in said(element(sandbox, "PUT", "Invoices", sent))


def test_a_tax_of_a_document_may_be_given_and_one_of_a_bank_transaction_may_not(sandbox, contact) -> None:
    line = {**bill(contact)["LineItems"][0], "TaxAmount": 5.01}
    assert element(sandbox, "PUT", "Invoices", bill(contact, LineItems=[line]))["TotalTax"] == 5.01
    received = {"Type": "RECEIVE", "Contact": {"ContactID": contact}, "BankAccount": {"Code": "090"},
                "LineAmountTypes": "Exclusive", "LineItems": [line]}  # fmt: skip
    assert "does not match the calculated" in said(element(sandbox, "PUT", "BankTransactions", received))


def test_contacts_are_unique_among_the_active_and_the_archived_stay_as_they_are(sandbox, contact) -> None:
    assert "already assigned" in said(element(sandbox, "PUT", "Contacts", {"Name": "ORDRE"}))
    assert "must be valid" in said(element(sandbox, "PUT", "Contacts", {"Name": "B", "EmailAddress": "nobody"}))
    element(sandbox, "PUT", "Contacts", {"Name": "C", "ContactNumber": "k"})
    assert "this contact number" in said(element(sandbox, "PUT", "Contacts", {"Name": "D", "ContactNumber": "k"}))
    books = sandbox.organisation
    books.keep("Contacts", {**books.get("Contacts", contact), "ContactStatus": "ARCHIVED"})
    assert "archived contact" in said(element(sandbox, "POST", "Contacts", {"ContactID": contact, "Name": "New"}))
    assert element(sandbox, "PUT", "Contacts", {"Name": "Ordre"})["StatusAttributeString"] == "OK"
    unknown = call(sandbox, "POST", "Contacts", {"Contacts": [{"ContactID": ORGANISATION, "Name": "X"}]})
    assert (unknown.status_code, unknown.content) == (404, b"")


def test_payments_are_of_one_document_no_more_than_is_due_and_only_ever_deleted(sandbox, contact) -> None:
    owed = element(sandbox, "PUT", "Invoices", bill(contact))["InvoiceID"]
    pay = {"Invoice": {"InvoiceID": owed}, "Account": {"Code": "090"}, "Date": "2024-03-16", "Amount": 60}
    assert "exceeds the amount outstanding" in said(element(sandbox, "PUT", "Payments", {**pay, "Amount": 106}))
    assert "Account could not be found" in said(
        element(sandbox, "PUT", "Payments", {**pay, "Account": {"Code": "200"}})
    )
    paid = element(sandbox, "PUT", "Payments", pay)["PaymentID"]
    void = element(sandbox, "POST", "Invoices", {"InvoiceID": owed, "Status": "VOIDED"})
    assert "has payments or credit notes allocated" in said(void)
    changed = call(sandbox, "POST", f"Payments/{paid}", {"Amount": 1, "Status": "DELETED"})
    assert "cannot be modified" in changed.text
    assert call(sandbox, "POST", f"Payments/{paid}", {"Status": "DELETED"}).json()["Payments"][0]["Status"] == "DELETED"
    draft = element(sandbox, "PUT", "Invoices", bill(contact, Status="DRAFT"))["InvoiceID"]
    refused = element(sandbox, "PUT", "Payments", {**pay, "Invoice": {"InvoiceID": draft}})
    assert "Authorised documents" in said(refused)


def test_what_is_on_account_cannot_be_deleted(sandbox, contact) -> None:
    over = {"Type": "RECEIVE-OVERPAYMENT", "Contact": {"ContactID": contact}, "BankAccount": {"Code": "090"},
            "LineAmountTypes": "NoTax", "LineItems": [{"Description": "x", "LineAmount": 10}]}  # fmt: skip
    made = element(sandbox, "PUT", "BankTransactions", over)
    told = {"BankTransactionID": made["BankTransactionID"], "Status": "DELETED"}
    assert "not currently supported" in said(element(sandbox, "POST", "BankTransactions", told))


def test_manual_journals_take_neither_bank_nor_control_accounts_and_balance(sandbox) -> None:
    def entry(code: str, amount: int = -5):
        lines = [{"LineAmount": 5, "AccountCode": "240"}, {"LineAmount": amount, "AccountCode": code}]
        return {"Narration": "x", "JournalLines": lines, "Status": "POSTED"}

    for code in ("090", "610", "800", "960"):
        assert "cannot be used in manual journals" in said(element(sandbox, "PUT", "ManualJournals", entry(code)))
    assert "must equal" in said(element(sandbox, "PUT", "ManualJournals", entry("200", -4)))
    assert element(sandbox, "PUT", "ManualJournals", entry("200"))["Status"] == "POSTED"


def test_a_key_is_remembered_for_six_minutes_refusals_too(sandbox) -> None:
    body = {"Contacts": [{"Name": "Once"}]}
    first = call(sandbox, "PUT", "Contacts", body, key="k").json()
    assert call(sandbox, "PUT", "Contacts", body, key="k").json() == first
    other = call(sandbox, "PUT", "Contacts", {"Contacts": [{"Name": "Twice"}]}, key="k")
    assert (other.status_code, "is used with a different request" in other.text) == (400, True)
    refused = call(sandbox, "PUT", "Contacts", body, key="again").json()
    sandbox.organisation.drop("Contacts", first["Contacts"][0]["ContactID"])
    assert call(sandbox, "PUT", "Contacts", body, key="again").json() == refused
    sandbox.clock.advance(361)
    assert call(sandbox, "PUT", "Contacts", body, key="again").status_code == 200


def test_a_minute_takes_sixty_calls_and_says_when_the_next_begins() -> None:
    with Sandbox(clock=Clock(START), limits=True) as sandbox:
        bearer = sandbox.bearer()
        answers = [call(sandbox, "GET", "Organisation", bearer=bearer) for _ in range(61)]
        assert [answer.status_code for answer in answers].count(200) == 60
        last = answers[-1]
        assert (last.status_code, last.content, last.headers["X-Rate-Limit-Problem"]) == (429, b"", "minute")
        assert 0 < int(last.headers["Retry-After"]) <= 60
        sandbox.clock.advance(60)
        assert call(sandbox, "GET", "Organisation", bearer=bearer).status_code == 200


def test_tokens_live_half_an_hour_and_a_refresh_token_works_once_and_for_sixty_days(sandbox) -> None:
    granted = sandbox.xero.sign_in.grant(ORGANISATION)

    def refreshed(token: str):
        form = {"grant_type": "refresh_token", "refresh_token": token}
        return requests.post(f"{sandbox.url}/connect/token", data=form, auth=("sandbox-client", "sandbox-secret"),
                             timeout=30)  # fmt: skip

    assert call(sandbox, "GET", "Organisation", bearer=granted["access_token"]).status_code == 200
    sandbox.clock.advance(1800)
    late = call(sandbox, "GET", "Organisation", bearer=granted["access_token"])
    assert (late.status_code, late.json()["Detail"][:12]) == (401, "TokenExpired")
    second = refreshed(granted["refresh_token"])
    assert second.status_code == 200
    assert refreshed(granted["refresh_token"]).json() == {"error": "invalid_grant"}
    sandbox.clock.advance(60 * 86_400)
    assert refreshed(second.json()["refresh_token"]).json() == {"error": "invalid_grant"}


def test_a_list_without_a_page_has_no_lines_and_a_condition_it_cannot_read_is_refused(sandbox, contact) -> None:
    element(sandbox, "PUT", "Invoices", bill(contact))
    assert "LineItems" not in call(sandbox, "GET", "Invoices").json()["Invoices"][0]
    paged = call(sandbox, "GET", "Invoices", page="1", pageSize="5000").json()
    assert (paged["pagination"]["pageSize"], len(paged["Invoices"][0]["LineItems"])) == (1000, 1)
    assert call(sandbox, "GET", "Invoices", where="drop table").status_code == 400
    assert call(sandbox, "GET", "Invoices", where='Reference.EndsWith("x")').status_code == 400
