"""A Xero organisation in the sandbox: signed in to through its own page, looked at over plain HTTP."""

from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import requests

from connectors import exact_json
from connectors.conformance import Chart
from connectors.ledgers.xero.connector import XeroLedger
from connectors.ledgers.xero.sandbox import TENANTS, Sandbox
from connectors.ledgers.xero.settings import XeroSettings
from connectors.sandboxes.consenting import consent
from connectors.secrets.store import KEY, variable
from connectors.signin import in_browser

SECRETS = {
    variable(KEY): "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    variable("xero.sandbox-client.client-secret"): "sandbox-secret",
}
"""What the environment gives: the key of the sealed files, and the application's secret."""
TENANT = TENANTS[0][0]
PATHS = {"Invoice": "Invoices", "Bill": "Invoices", "CreditNote": "CreditNotes"}


class Unpaced(XeroLedger):
    """Without the vendor's pace, which the sandbox does not enforce here either."""

    limits = ()


@dataclass
class XeroHarness:
    """An organisation, locked until the end of 2023."""

    sandbox: Sandbox
    folder: Path
    ledger_type: type[XeroLedger] = Unpaced
    chart = Chart(revenue="200", deferred="240", expense="453", bank="090", tax="Levy", untaxed="Tax Exempt")
    day = date(2024, 3, 15)
    closed = date(2023, 12, 31)
    foreign = "EUR"
    refuses_taken_numbers = True

    def __post_init__(self) -> None:
        self.sandbox.organisation.year_lock = self.closed.isoformat()
        self.sign_in()

    @property
    def settings(self) -> XeroSettings:
        return XeroSettings.model_validate(
            {"folder": self.folder, "company": TENANT, "client_id": "sandbox-client", **self.addresses}
        )

    @property
    def addresses(self) -> dict[str, str]:
        url = self.sandbox.url
        return {
            "api_url": url,
            "authorize_url": f"{url}/identity/connect/authorize",
            "token_url": f"{url}/connect/token",
            "revoke_url": f"{url}/connect/revocation",
            "connections_url": f"{url}/connections",
        }

    def open(self) -> XeroLedger:
        return self.ledger_type(self.settings)

    def sign_in(self) -> None:
        in_browser(self.open().sign_in, open_browser=lambda url: consent(url, TENANT))

    def call(self, method, path, body=None, **query):
        """The service as any client sees it."""
        headers = {"Authorization": f"Bearer {self.sandbox.bearer()}", "Accept": "application/json",
                   "xero-tenant-id": TENANT, "Content-Type": "application/json"}  # fmt: skip
        data = exact_json.dumps(body).encode() if body is not None else None
        url = f"{self.sandbox.url}/api.xro/2.0/{path}"
        answer = requests.request(method, url, headers=headers, data=data, params=query, timeout=30)
        assert answer.ok, answer.text
        return exact_json.loads(answer.content)

    def make(self, entity, **body):
        """Something a person keyed in by hand."""
        return self.call("PUT", entity, {entity: [body]})[entity][0]

    def hands(self):
        """The harness itself is the person."""
        return self

    def add_customer(self, name, email):
        return self.make("Contacts", Name=name, EmailAddress=email)["ContactID"]

    def change_email(self, reference, email):
        self.call("POST", "Contacts", {"Contacts": [{"ContactID": reference, "EmailAddress": email}]})

    def retire_customer(self, reference):
        """The interface cannot archive a contact: a person does it on the vendor's own pages, and so the books here."""
        books = self.sandbox.organisation
        with books.lock:
            books.keep("Contacts", {**books.get("Contacts", reference), "ContactStatus": "ARCHIVED"})

    def merge_customers(self, gone, into):
        books = self.sandbox.organisation
        with books.lock:
            merged = {"ContactStatus": "ARCHIVED", "MergedToContactID": into}
            books.keep("Contacts", {**books.get("Contacts", gone), **merged})

    def add_invoice(self, customer, amount, number=""):
        return f"Invoice:{self._sell('Invoices', 'ACCREC', customer, amount, number)['InvoiceID']}"

    def add_credit(self, customer, amount, number=""):
        return f"CreditNote:{self._sell('CreditNotes', 'ACCRECCREDIT', customer, amount, number)['CreditNoteID']}"

    def add_payment(self, customer, amount, number=""):
        line = {"Description": number or "On account", "LineAmount": amount}
        made = self.make("BankTransactions", Type="RECEIVE-OVERPAYMENT", Contact={"ContactID": customer},
                         BankAccount={"Code": "090"}, Date=self.day.isoformat(), LineAmountTypes="NoTax",
                         LineItems=[line])  # fmt: skip
        return f"Overpayment:{made['OverpaymentID']}"

    def _sell(self, entity, type_, customer, amount, number):
        line = {"Description": "By hand", "Quantity": 1, "UnitAmount": amount, "AccountCode": "200"}
        numbered = {f"{entity[:-1]}Number": number} if number else {}
        due = {"DueDate": self.day.isoformat()} if entity == "Invoices" else {}
        return self.make(entity, Type=type_, Contact={"ContactID": customer}, Date=self.day.isoformat(),
                         Status="AUTHORISED", LineItems=[line], LineAmountTypes="NoTax", **numbered, **due)  # fmt: skip

    def take_out_invoice(self, ledger_id):
        word, bare = ledger_id.split(":")
        self.call("POST", PATHS[word], {PATHS[word]: [{f"{PATHS[word][:-1]}ID": bare, "Status": "VOIDED"}]})

    def delete_by_hand(self, ledger_id):
        """What is authorised is voided, and never deleted."""
        return False

    def change_by_hand(self, ledger_id):
        """Payments cannot be changed, and neither can what is on account."""
        word, bare = ledger_id.split(":")
        if word not in PATHS:
            return False
        entity = PATHS[word]
        self.call("POST", entity, {entity: [{f"{entity[:-1]}ID": bare, f"{entity[:-1]}Number": f"CHANGED-{bare[:4]}"}]})
        return True

    def balances(self) -> Mapping[str, Decimal]:
        """The trial balance at the end of 2026; the sales tax account counts as the tax code that falls to it."""
        found: dict[str, Decimal] = {}
        report = self.call("GET", "Reports/TrialBalance", date="2024-12-31")["Reports"][0]
        for section in report["Rows"]:
            for row in section.get("Rows", ()):
                name, *_, debit, credit = (cell["Value"] for cell in row["Cells"])
                code = name.rpartition("(")[2].rstrip(")")
                found[{"820": self.chart.tax}.get(code, code)] = Decimal(debit or 0) - Decimal(credit or 0)
        return found

    def check(self) -> None:
        assert sum(self.balances().values(), Decimal(0)) == 0


@contextmanager
def xero(folder, monkeypatch, **settings):
    """An organisation of its own, signed in to."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    with Sandbox(**settings) as sandbox:
        yield XeroHarness(sandbox, folder)
