"""A client library that we did not write signs in, creates, queries, pages, updates, voids, batches, reads reports."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests

from connectors.ledgers.quickbooks_online.sandbox import Sandbox
from connectors.ledgers.quickbooks_online.sandbox.company import Switches
from tests.connectors.ledgers.quickbooks_sandbox_talk import ZERO_RATED

quickbooks = pytest.importorskip("quickbooks", reason="python-quickbooks is not installed")

from intuitlib.client import AuthClient  # noqa: E402 - after the check that it is there
from intuitlib.enums import Scopes  # noqa: E402
from intuitlib.exceptions import AuthClientError  # noqa: E402
from quickbooks import QuickBooks  # noqa: E402
from quickbooks.batch import batch_create, batch_delete  # noqa: E402
from quickbooks.cdc import change_data_capture  # noqa: E402
from quickbooks.exceptions import QuickbooksException, ValidationException  # noqa: E402
from quickbooks.objects import (  # noqa: E402
    Account,
    Bill,
    CreditMemo,
    Customer,
    Invoice,
    Item,
    JournalEntry,
    Payment,
    SalesItemLine,
    SalesItemLineDetail,
    SalesReceipt,
    TaxCode,
    Term,
    Vendor,
)
from quickbooks.objects.base import Ref  # noqa: E402
from quickbooks.objects.detailline import AccountBasedExpenseLine, AccountBasedExpenseLineDetail  # noqa: E402
from quickbooks.objects.journalentry import JournalEntryLine, JournalEntryLineDetail  # noqa: E402
from quickbooks.objects.payment import PaymentLine  # noqa: E402

BACK = "http://localhost:8712/callback"


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # the library refuses http, even to the loopback
    with Sandbox() as running:
        yield running


def authorize(url: str, realm: str, decision: str = "accept") -> dict[str, str]:
    """What a person does: open the page, choose a company, press a button; tells where the browser is sent."""
    page = requests.get(url, timeout=10)
    assert page.status_code == 200
    hidden = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
    target = f"{urlsplit(url).scheme}://{urlsplit(url).netloc}/connect/oauth2"
    sent = {**{name: unescape(value) for name, value in hidden}, "realm": realm, "decision": decision}
    answer = requests.post(target, data=sent, allow_redirects=False, timeout=10)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(BACK)
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def signed_in(sandbox: Sandbox) -> AuthClient:
    auth = AuthClient(
        "sandbox-client", "sandbox-secret", BACK, f"{sandbox.url}/.well-known/openid_sandbox_configuration/"
    )
    realm = sandbox.company().realm
    told = authorize(auth.get_authorization_url([Scopes.ACCOUNTING], "s+t&a=te"), realm)
    assert told["state"] == "s+t&a=te"
    assert told["realmId"] == realm
    auth.get_bearer_token(told["code"], realm_id=told["realmId"])
    return auth


@pytest.fixture
def client(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> QuickBooks:
    monkeypatch.setattr(QuickBooks, "api_url_v3", sandbox.api)
    auth = signed_in(sandbox)
    return QuickBooks(
        auth_client=auth, refresh_token=auth.refresh_token, company_id=auth.realm_id, minorversion=75, use_decimal=True
    )


def ref(value: str) -> Ref:
    made = Ref()
    made.value = value
    return made


def sale(amount: int) -> SalesItemLine:
    line = SalesItemLine()
    line.Amount = amount
    line.SalesItemLineDetail = SalesItemLineDetail()
    line.SalesItemLineDetail.ItemRef = ref("1")
    line.SalesItemLineDetail.TaxCodeRef = ref(ZERO_RATED)
    line.SalesItemLineDetail.Qty = 1
    line.SalesItemLineDetail.UnitPrice = amount
    return line


def customer(client: QuickBooks, name: str) -> Customer:
    made = Customer()
    made.DisplayName = name
    return made.save(qb=client)


def form(kind: type[Any], client: QuickBooks, customer_id: str, amount: int, number: str | None = None) -> Any:
    made = kind()
    made.CustomerRef = ref(customer_id)
    made.Line = [sale(amount)]
    if number:
        made.DocNumber = number
    if hasattr(made, "GlobalTaxCalculation"):
        made.GlobalTaxCalculation = "TaxExcluded"
    return made


def test_lists_come_with_the_company(client: QuickBooks) -> None:
    assert {code.Name for code in TaxCode.all(qb=client)} >= {"GST", "GST/QST QC - 9.975", "HST ON", "HST NS", "Exempt"}
    assert {account.AccountType for account in Account.all(qb=client)} >= {"Accounts Receivable", "Bank", "Income"}
    assert Item.filter(Name="Membership", qb=client)[0].Type == "Service"
    assert [term.DueDays for term in Term.filter(Name="Net 30", qb=client)] == [30]


def test_invoice_is_created_read_updated_paid_and_voided(client: QuickBooks) -> None:
    amy = customer(client, "Amy's Bird Sanctuary")
    assert Customer.where("DisplayName = 'amy\\'s bird sanctuary'", qb=client)[0].Id == amy.Id
    invoice = form(Invoice, client, amy.Id, 100, "F-1").save(qb=client)
    assert (invoice.TotalAmt, invoice.Balance, invoice.SyncToken) == (100, 100, "0")

    invoice = Invoice.get(invoice.Id, qb=client)
    invoice.PrivateNote = "changed"
    invoice = invoice.save(qb=client)
    assert (invoice.PrivateNote, invoice.SyncToken, invoice.TotalAmt) == ("changed", "1", 100)

    payment = Payment()
    payment.CustomerRef, payment.TotalAmt = ref(amy.Id), 60
    line = PaymentLine()
    line.Amount, line.LinkedTxn = 60, [invoice.to_linked_txn()]
    payment.Line = [line]
    payment = payment.save(qb=client)
    assert Invoice.get(invoice.Id, qb=client).Balance == 40
    assert Customer.get(amy.Id, qb=client).Balance == 40

    payment.void(qb=client)
    assert Payment.get(payment.Id, qb=client).PrivateNote == "Voided"
    assert Invoice.get(invoice.Id, qb=client).Balance == 100
    Invoice.get(invoice.Id, qb=client).void(qb=client)
    assert Invoice.get(invoice.Id, qb=client).TotalAmt == 0
    assert Customer.get(amy.Id, qb=client).Balance == 0


def test_the_other_documents(client: QuickBooks, sandbox: Sandbox) -> None:
    special = sandbox.company().special
    amy = customer(client, "Amy")
    assert form(CreditMemo, client, amy.Id, 30).save(qb=client).RemainingCredit == 30
    receipt = form(SalesReceipt, client, amy.Id, 20)
    receipt.GlobalTaxCalculation = "TaxExcluded"
    receipt = receipt.save(qb=client)
    assert receipt.DepositToAccountRef.name == "Undeposited Funds"
    receipt.void(qb=client)
    assert SalesReceipt.get(receipt.Id, qb=client).TotalAmt == 0

    vendor = Vendor()
    vendor.DisplayName = "Norton"
    vendor = vendor.save(qb=client)
    bill, line = Bill(), AccountBasedExpenseLine()
    line.Amount, line.AccountBasedExpenseLineDetail = 55, AccountBasedExpenseLineDetail()
    line.AccountBasedExpenseLineDetail.AccountRef = ref(special["supplies"])
    line.AccountBasedExpenseLineDetail.TaxCodeRef = ref(ZERO_RATED)
    bill.VendorRef, bill.Line, bill.GlobalTaxCalculation = ref(vendor.Id), [line], "TaxExcluded"
    assert bill.save(qb=client).Balance == 55

    entry = JournalEntry()
    for side, account in (("Debit", "checking"), ("Credit", "deferred")):
        part = JournalEntryLine()
        part.Amount, part.JournalEntryLineDetail = 12, JournalEntryLineDetail()
        part.JournalEntryLineDetail.PostingType = side
        part.JournalEntryLineDetail.AccountRef = ref(special[account])
        entry.Line.append(part)
    entry = entry.save(qb=client)
    assert Account.get(special["checking"], qb=client).CurrentBalance == 12
    entry.delete(qb=client)
    assert Account.get(special["checking"], qb=client).CurrentBalance == 0


def test_paging_and_counting(client: QuickBooks) -> None:
    batch_create([_named(f"Member {number:03}") for number in range(65)], qb=client)
    assert Customer.count(qb=client) == 65
    pages = [
        Customer.all(start_position=start, max_results=20, order_by="DisplayName", qb=client)
        for start in (1, 21, 41, 61)
    ]
    assert [each.DisplayName for page in pages for each in page] == [f"Member {number:03}" for number in range(65)]


def test_batch_items_fail_alone(client: QuickBooks) -> None:
    customer(client, "Taken")
    told = batch_create([_named("Free"), _named("Taken"), _named("Also free")], qb=client)
    assert sorted(each.DisplayName for each in told.successes) == ["Also free", "Free"]
    assert [(fault.original_object.DisplayName, fault.Error[0].code) for fault in told.faults] == [("Taken", "6240")]
    invoice = form(Invoice, client, told.successes[0].Id, 10).save(qb=client)
    assert not batch_delete([invoice], qb=client).faults


def _named(name: str) -> Customer:
    made = Customer()
    made.DisplayName = name
    return made


def test_reports_and_changes(client: QuickBooks, sandbox: Sandbox) -> None:
    since = sandbox.clock.now() - timedelta(minutes=1)
    amy = customer(client, "Amy")
    gone = form(Invoice, client, amy.Id, 100).save(qb=client)
    form(Invoice, client, amy.Id, 40).save(qb=client)
    gone.delete(qb=client)
    report = client.get_report("AgedReceivables")
    assert report["Rows"]["Row"][0]["ColData"][-1]["value"] == "40.00"
    told = change_data_capture([Invoice, Customer], since.isoformat(timespec="seconds"), qb=client)
    assert sorted((each.Id, getattr(each, "status", "")) for each in told.Invoice) == [("1", "Deleted"), ("2", "")]
    assert [each.DisplayName for each in told.Customer] == ["Amy"]


def test_refusals_reach_the_client(client: QuickBooks) -> None:
    with pytest.raises(ValidationException) as unknown:
        form(Invoice, client, "99", 10).save(qb=client)
    assert unknown.value.error_code == 2500
    amy = customer(client, "Amy")
    form(Invoice, client, amy.Id, 10, "F-1").save(qb=client)
    with pytest.raises(QuickbooksException) as taken:
        form(Invoice, client, amy.Id, 10, "F-1").save(qb=client)
    assert taken.value.error_code == 6140


def test_request_id_replays_the_first_answer(client: QuickBooks, sandbox: Sandbox) -> None:
    amy = customer(client, "Amy")
    first = form(Invoice, client, amy.Id, 10).save(qb=client, request_id="one-and-only")
    again = form(Invoice, client, amy.Id, 99).save(qb=client, request_id="one-and-only")
    assert (again.Id, again.TotalAmt) == (first.Id, 10)
    assert Invoice.count(qb=client) == 1


def test_american_company(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """GlobalTaxCalculation, which the library always sends, does not concern a US company; TAX and NON do."""
    monkeypatch.setattr(QuickBooks, "api_url_v3", sandbox.api)
    auth = signed_in(sandbox)
    company = sandbox.company("US")
    auth.access_token = sandbox.bearer("US")
    client = QuickBooks(auth_client=auth, refresh_token="x", company_id=company.realm, minorversion=75)
    invoice = form(Invoice, client, customer(client, "Amy").Id, 100)
    invoice.Line[0].SalesItemLineDetail.TaxCodeRef = ref("TAX")
    assert invoice.save(qb=client).TotalAmt == 100
    company.switches = Switches(subscribed=False)
    with pytest.raises(QuickbooksException) as ended:
        customer(client, "Late")
    assert ended.value.error_code == 6190


def test_sign_in_refused_by_the_person(sandbox: Sandbox) -> None:
    auth = AuthClient("sandbox-client", "sandbox-secret", BACK, f"{sandbox.url}/.well-known/openid_configuration")
    told = authorize(auth.get_authorization_url([Scopes.ACCOUNTING], "s"), sandbox.company().realm, "refuse")
    assert told == {"error": "access_denied", "state": "s"}


def test_tokens_live_rotate_and_die_as_documented(sandbox: Sandbox) -> None:
    """3600 s; a new refresh token after 24 h, the old one dead; 8726400 s; five years at most."""
    auth = signed_in(sandbox)
    assert (auth.expires_in, auth.x_refresh_token_expires_in) == (3600, 8726400)
    first = auth.refresh_token
    sandbox.clock.advance(3600)
    assert _status(sandbox, auth.access_token) == 401
    auth.refresh()
    assert auth.refresh_token == first
    assert _status(sandbox, auth.access_token) == 200
    sandbox.clock.advance(86400)
    auth.refresh()
    assert auth.refresh_token != first
    with pytest.raises(AuthClientError):
        auth.refresh(refresh_token=first)
    sandbox.clock.advance(8726400)
    with pytest.raises(AuthClientError):
        auth.refresh()


def test_hard_end_of_a_refresh_token_is_told_on_demand(sandbox: Sandbox) -> None:
    """The header is that of Intuit's own libraries from release 6.5.4 (Java) and 1.2.7 (Python) on."""
    auth = signed_in(sandbox)
    answer = requests.post(
        auth.token_endpoint,
        data={"grant_type": "refresh_token", "refresh_token": auth.refresh_token},
        headers={"x-include-refresh-token-hard-expires-in": "true"},
        auth=("sandbox-client", "sandbox-secret"),
        timeout=10,
    )
    assert answer.json()["x_refresh_token_hard_expires_in"] == 5 * 365 * 86400


def test_refresh_token_dies_after_five_years_however_often_it_is_renewed(sandbox: Sandbox) -> None:
    auth = signed_in(sandbox)
    for _ in range(18):
        sandbox.clock.advance(100 * 86400)
        auth.refresh()
    sandbox.clock.advance(100 * 86400)
    with pytest.raises(AuthClientError):
        auth.refresh()


def test_code_works_once_and_its_tokens_die_with_a_second_use(sandbox: Sandbox) -> None:
    auth = AuthClient("sandbox-client", "sandbox-secret", BACK, f"{sandbox.url}/.well-known/openid_configuration")
    told = authorize(auth.get_authorization_url([Scopes.ACCOUNTING], "s"), sandbox.company().realm)
    auth.get_bearer_token(told["code"])
    with pytest.raises(AuthClientError):
        auth.get_bearer_token(told["code"])
    assert _status(sandbox, auth.access_token) == 401


def test_revocation_wrong_secret_and_wrong_scope(sandbox: Sandbox) -> None:
    auth = signed_in(sandbox)
    assert auth.revoke()
    assert _status(sandbox, auth.access_token) == 401
    auth = AuthClient("sandbox-client", "guessed", BACK, f"{sandbox.url}/.well-known/openid_configuration")
    with pytest.raises(AuthClientError) as denied:
        auth.refresh(refresh_token="x")
    assert denied.value.status_code == 401
    other = sandbox.quickbooks.sign_in.grant(sandbox.company().realm, "openid")["access_token"]
    assert _status(sandbox, other) == 403
    assert _status(sandbox, sandbox.bearer("US")) == 403


def test_authentication_answers_in_lower_case(sandbox: Sandbox) -> None:
    company = f"{sandbox.api}/company/{sandbox.company().realm}/companyinfo/1"
    answer = requests.get(company, headers={"Accept": "application/json"}, timeout=10)
    error = answer.json()["fault"]["error"][0]
    assert (answer.status_code, answer.json()["fault"]["type"], error["code"]) == (401, "AUTHENTICATION", "3200")


def _status(sandbox: Sandbox, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    url = f"{sandbox.api}/company/{sandbox.company().realm}/companyinfo/1"
    return requests.get(url, headers=headers, timeout=10).status_code


@pytest.mark.parametrize(("verifier", "status"), [("v" * 43, 200), ("w" * 43, 400), ("", 400)])
def test_a_challenge_that_was_sent_is_asked_for(verifier: str, status: int) -> None:
    """RFC 7636, 4.6: whoever sends a challenge (S256) has to prove it with the code."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(b"v" * 43).digest()).decode().rstrip("=")
    with Sandbox() as sandbox:
        query = {
            "client_id": "sandbox-client", "response_type": "code", "scope": "com.intuit.quickbooks.accounting",
            "redirect_uri": BACK, "state": "s", "code_challenge": challenge, "code_challenge_method": "S256",
        }  # fmt: skip
        code = authorize(f"{sandbox.url}/connect/oauth2?{urlencode(query)}", sandbox.company().realm)["code"]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": verifier}
        answer = requests.post(
            f"{sandbox.url}/oauth2/v1/tokens/bearer", data=form, auth=("sandbox-client", "sandbox-secret"), timeout=10
        )
    assert answer.status_code == status
