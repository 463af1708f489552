"""The vendor's own Python client drives the stand-in: contacts, invoices, allocations, payments, voids, reports."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from connectors.ledgers.xero.sandbox import Sandbox

accounting = pytest.importorskip("xero_python.accounting", reason="the test extra brings xero-python")
from xero_python.api_client import ApiClient, Configuration  # noqa: E402
from xero_python.api_client.oauth2 import OAuth2Token  # noqa: E402
from xero_python.exceptions import AccountingBadRequestException, HTTPStatusException  # noqa: E402

DAY = date(2024, 3, 15)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def tenant(sandbox: Sandbox) -> str:
    return sandbox.organisation.id


@pytest.fixture(scope="module")
def api(sandbox: Sandbox):
    held = dict(sandbox.xero.sign_in.grant(sandbox.organisation.id))
    held |= {"expires_at": 2**31, "scope": held["scope"].split()}
    token = OAuth2Token(client_id="sandbox-client", client_secret="sandbox-secret")
    client = ApiClient(Configuration(oauth2_token=token), oauth2_token_getter=lambda: held,
                       oauth2_token_saver=lambda new: held.update(new))  # fmt: skip
    made = accounting.AccountingApi(client)
    made.base_url = f"{sandbox.url}/api.xro/2.0"
    return made


def line(amount: str, **more):
    return accounting.LineItem(description="Dues", quantity=1.0, unit_amount=float(amount), account_code="200", **more)


def contact(api, tenant: str, name: str):
    sent = accounting.Contacts(contacts=[accounting.Contact(name=name, email_address="a@example.org")])
    return api.create_contacts(tenant, sent).contacts[0]


def invoice(api, tenant: str, whose, amount: str, number: str | None = None):
    made = accounting.Invoice(
        type="ACCREC", contact=accounting.Contact(contact_id=whose.contact_id), date=DAY, due_date=DAY,
        invoice_number=number, status="AUTHORISED", line_items=[line(amount, tax_type="TAX001")],
    )  # fmt: skip
    return api.create_invoices(tenant, accounting.Invoices(invoices=[made])).invoices[0]


def test_it_creates_queries_and_pages(api, tenant: str) -> None:
    whose = contact(api, tenant, "Client of the SDK")
    made = [invoice(api, tenant, whose, "100.00", f"SDK-{n}") for n in range(3)]
    assert (made[0].total, made[0].total_tax, made[0].amount_due) == (Decimal("105.00"), 5, 105)
    found = api.get_invoices(tenant, where='Type=="ACCREC" AND Date>=DateTime(2024,03,01)', page=1, page_size=2)
    assert [len(found.invoices), found.pagination.page_count] == [2, 2]
    assert found.invoices[0].line_items[0].account_code == "200"
    named = api.get_invoices(tenant, invoice_numbers=["SDK-1"]).invoices
    assert [each.invoice_number for each in named] == ["SDK-1"]
    assert named[0].date == DAY


def test_it_allocates_pays_and_takes_back(api, tenant: str) -> None:
    whose = contact(api, tenant, "Payer of the SDK")
    owed = invoice(api, tenant, whose, "100.00")
    note = accounting.CreditNote(
        type="ACCRECCREDIT", contact=accounting.Contact(contact_id=whose.contact_id), date=DAY, status="AUTHORISED",
        line_items=[line("40.00", tax_type="NONE")],
    )  # fmt: skip
    [credit] = api.create_credit_notes(tenant, accounting.CreditNotes(credit_notes=[note])).credit_notes
    part = accounting.Allocation(amount=40.0, date=DAY, invoice=accounting.Invoice(invoice_id=owed.invoice_id))
    api.create_credit_note_allocation(tenant, credit.credit_note_id, accounting.Allocations(allocations=[part]))
    bank = accounting.Account(code="090")
    pay = accounting.Payment(
        invoice=accounting.Invoice(invoice_id=owed.invoice_id), account=bank, date=DAY, amount=65.0
    )
    paid = api.create_payment(tenant, pay).payments[0]
    now = api.get_invoice(tenant, owed.invoice_id).invoices[0]
    assert (now.status, now.amount_due, now.amount_paid, now.amount_credited) == ("PAID", 0, 65, 40)
    report = api.get_report_aged_receivables_by_contact(tenant, whose.contact_id)
    assert report.reports[0].report_type == "AgedReceivablesByContact"
    api.delete_payment(tenant, paid.payment_id, accounting.PaymentDelete(status="DELETED"))
    assert api.get_invoice(tenant, owed.invoice_id).invoices[0].amount_due == 65


def test_it_voids_and_what_is_void_keeps_its_number(api, tenant: str) -> None:
    whose = contact(api, tenant, "Void of the SDK")
    made = invoice(api, tenant, whose, "10.00", "SDK-VOID")
    void = accounting.Invoices(invoices=[accounting.Invoice(invoice_id=made.invoice_id, status="VOIDED")])
    assert api.update_invoice(tenant, made.invoice_id, void).invoices[0].status == "VOIDED"
    with pytest.raises(AccountingBadRequestException) as refused:
        invoice(api, tenant, whose, "10.00", "SDK-VOID")
    assert "must be unique" in refused.value.reason


def test_money_on_account_and_entries_stand_in_the_trial_balance(api, tenant: str) -> None:
    whose = contact(api, tenant, "Account of the SDK")
    over = accounting.BankTransaction(
        type="RECEIVE-OVERPAYMENT", contact=accounting.Contact(contact_id=whose.contact_id), date=DAY,
        bank_account=accounting.Account(code="091"), line_amount_types=accounting.LineAmountTypes("NoTax"),
        line_items=[accounting.LineItem(description="On account", line_amount=77.0)],
    )  # fmt: skip
    told = api.create_bank_transactions(tenant, accounting.BankTransactions(bank_transactions=[over]))
    assert told.bank_transactions[0].overpayment_id
    lines = [accounting.ManualJournalLine(line_amount=amount, account_code=code)
             for amount, code in ((9.0, "240"), (-9.0, "210"))]  # fmt: skip
    entry = accounting.ManualJournal(narration="Earned", date=DAY, status="POSTED", journal_lines=lines)
    api.create_manual_journals(tenant, accounting.ManualJournals(manual_journals=[entry]))
    report = api.get_report_trial_balance(tenant, date=date(2024, 12, 31)).reports[0]
    rows = {row.cells[0].value: row.cells[-2:] for section in report.rows for row in section.rows or ()}
    assert rows["Savings (091)"][0].value == "77.00"
    assert rows["Event Revenue (210)"][1].value == "9.00"


def test_a_tenant_that_was_not_granted_is_forbidden(api) -> None:
    with pytest.raises(HTTPStatusException) as refused:
        api.get_organisations("7f2a1c3e-0000-4000-8000-000000000002")
    assert refused.value.status == 403
