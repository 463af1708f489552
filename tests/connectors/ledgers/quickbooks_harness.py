"""A QuickBooks Online company in the sandbox: signed in to through its own page, looked at over plain HTTP."""

from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

import requests

from connectors import exact_json
from connectors.conformance import Chart
from connectors.ledgers.quickbooks_online.connector import QuickBooksOnlineLedger
from connectors.ledgers.quickbooks_online.sandbox import COMPANIES, Sandbox
from connectors.ledgers.quickbooks_online.sandbox.company import TRANSACTIONS
from connectors.ledgers.quickbooks_online.sandbox.currencies import turn_on
from connectors.ledgers.quickbooks_online.sandbox.operations import merge
from connectors.ledgers.quickbooks_online.settings import QuickBooksOnlineSettings
from connectors.records import Side
from connectors.sandboxes.consenting import sent_to
from connectors.secrets.secret import Secret
from connectors.secrets.store import KEY, variable
from connectors.signin import begin, finish

SECRETS = {
    variable(KEY): "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    variable("quickbooks-online.sandbox-client.client-secret"): "sandbox-secret",
}
"""What the environment gives: the key of the sealed files, and the application's secret."""

REDIRECT = "https://passerelle.example/authorized"
"""One of the addresses that the stand-in's application has registered."""
TAX = "GST/QST QC - 9.975"
ONE_TAX = {"CA": "GST", "US": "California"}
"""By country, a tax code of one tax, whose rate on sales is called the same and on purchases has a word more."""
TAX_ACCOUNTS = ("Canada Revenue Agency Payable", "Revenu Québec Payable", "California State Board Payable")


class Unpaced(QuickBooksOnlineLedger):
    """Without the vendor's pace, which the sandbox does not enforce here either."""

    limits = ()


@dataclass
class QuickBooksHarness:
    """A Canadian company (or an American one), closed until the end of 2023; of several ``currencies`` or of one."""

    sandbox: Sandbox
    folder: Path
    country: str = "CA"
    currencies: bool = False
    ledger_type: type[QuickBooksOnlineLedger] = Unpaced
    chart: Chart = field(init=False)
    day = date(2024, 3, 15)
    closed = date(2023, 12, 31)
    foreign = "EUR"
    refuses_taken_numbers = True

    def __post_init__(self) -> None:
        self.realm = next(realm for realm, _, country in COMPANIES if country == self.country)
        self.chart = Chart(
            revenue="Membership Dues",
            deferred="Deferred Revenue",
            expense="Office Supplies",
            bank="Checking",
            tax=(tax := ONE_TAX[self.country]),
            untaxed={"CA": "Exempt", "US": "NON"}[self.country],
            taxed={Side.PURCHASES: f"{tax} (purchases)"},
            item="Membership",
        )
        if self.currencies:
            turn_on(self.sandbox.company(self.country))
        self.sign_in()
        self.prefer("AccountingInfoPrefs", BookCloseDate=self.closed.isoformat())

    @property
    def settings(self) -> QuickBooksOnlineSettings:
        return QuickBooksOnlineSettings.model_validate(
            {"folder": self.folder, "company": self.realm, "client_id": "sandbox-client", **self.addresses}
        )

    @property
    def addresses(self) -> dict[str, str]:
        url = self.sandbox.url
        return {
            "api_url": url,
            "authorize_url": f"{url}/connect/oauth2",
            "token_url": f"{url}/oauth2/v1/tokens/bearer",
            "revoke_url": f"{url}/v2/oauth2/tokens/revoke",
            "redirect": REDIRECT,
        }

    def open(self) -> QuickBooksOnlineLedger:
        return self.ledger_type(self.settings)

    def sign_in(self) -> None:
        self.consent(self.open(), self.realm)

    def consent(self, ledger: QuickBooksOnlineLedger, realm: str) -> None:
        """Sign in to a company and paste the address that the vendor sends the browser to."""
        url = begin(ledger.sign_in, REDIRECT)
        finish(ledger.sign_in, Secret(sent_to(url, realm)))

    def call(self, method, path, **options):
        """The service as any client sees it."""
        headers = {"Authorization": f"Bearer {self.sandbox.bearer(self.country)}", "Accept": "application/json"}
        if "data" in options:
            headers["Content-Type"] = "application/json"
        url = f"{self.sandbox.url}/v3/company/{self.realm}/{path}"
        answer = requests.request(method, url, headers=headers, timeout=30, **options)
        assert answer.ok, answer.text
        return exact_json.loads(answer.content)

    def query(self, entity, where=""):
        condition = f" where {where}" if where else ""
        answer = self.call("GET", "query", params={"query": f"select * from {entity}{condition} maxresults 1000"})
        return answer["QueryResponse"].get(entity, [])

    def fault(self, **switch):
        """Have the service fail as a switch says."""
        answer = requests.post(f"{self.sandbox.url}/_sandbox/faults", json=switch, timeout=10)
        assert answer.ok, answer.text

    def prefer(self, section, **values):
        """Change a preference of the company."""
        now = self.query("Preferences")[0]
        body = {"Id": now["Id"], "SyncToken": now["SyncToken"], "sparse": True, section: {**now[section], **values}}
        self.call("POST", "preferences", data=exact_json.dumps(body).encode())

    def make(self, entity, **body):
        """Something a person keyed in by hand, in the home currency unless it says another."""
        if self.currencies and entity in TRANSACTIONS and "Id" not in body:
            body.setdefault("CurrencyRef", {"value": self.sandbox.company(self.country).home_currency})
        return self.call("POST", entity.lower(), data=exact_json.dumps(body).encode())[entity]

    def hands(self):
        """The harness itself is the person."""
        return self

    def add_customer(self, name, email):
        return self.make("Customer", DisplayName=name, PrimaryEmailAddr={"Address": email})["Id"]

    def change_email(self, reference, email):
        self.change("Customer", reference, PrimaryEmailAddr={"Address": email})

    def retire_customer(self, reference):
        self.change("Customer", reference, Active=False)

    def change(self, entity, bare, **fields):
        """Change fields of something, as a person's own program or page would."""
        now = self.call("GET", f"{entity.lower()}/{bare}")[entity]
        return self.make(entity, Id=bare, SyncToken=now["SyncToken"], sparse=True, **fields)

    def add_invoice(self, customer, amount, number=""):
        return self._sell("Invoice", customer, amount, number)

    def add_credit(self, customer, amount, number=""):
        return self._sell("CreditMemo", customer, amount, number)

    def add_payment(self, customer, amount, number=""):
        made = self.make("Payment", CustomerRef={"value": customer}, TxnDate=self.day.isoformat(), TotalAmt=amount,
                         PaymentRefNum=number)  # fmt: skip
        return f"Payment:{made['Id']}"

    def _sell(self, entity, customer, amount, number):
        line = {
            "Amount": amount,
            "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": {"ItemRef": {"value": "1"}},
        }
        made = self.make(entity, CustomerRef={"value": customer}, TxnDate=self.day.isoformat(), Line=[line],
                         GlobalTaxCalculation="NotApplicable", DocNumber=number)  # fmt: skip
        return f"{entity}:{made['Id']}"

    def take_out_invoice(self, ledger_id):
        self.delete(*ledger_id.split(":"))

    def delete(self, entity, bare):
        self._take_out("delete", entity, bare)

    def void(self, entity, bare):
        self._take_out("void", entity, bare)

    def _take_out(self, operation, entity, bare):
        now = self.call("GET", f"{entity.lower()}/{bare}")[entity]
        body = exact_json.dumps({"Id": bare, "SyncToken": now["SyncToken"]}).encode()
        self.call("POST", entity.lower(), params={"operation": operation}, data=body)

    def merge_customers(self, gone, into):
        """The vendor's interface cannot: a person does it on the vendor's own pages, and so the sandbox itself here."""
        company = self.sandbox.company(self.country)
        with company.lock:
            merge(company, gone, into)

    def delete_by_hand(self, ledger_id):
        self.delete(*ledger_id.split(":"))
        return True

    def change_by_hand(self, ledger_id):
        entity, bare = ledger_id.split(":")
        self.change(entity, bare, **{"PaymentRefNum" if entity == "Payment" else "DocNumber": "CHANGED-1"})
        return True

    def balances(self) -> Mapping[str, Decimal]:
        """The trial balance; the accounts of the tax agencies count as the tax code that falls to them."""
        totals: dict[str, Decimal] = {}
        for name, amount in self.trial_balance().items():
            code = self.chart.tax if name in TAX_ACCOUNTS else name
            totals[code] = totals.get(code, Decimal(0)) + amount
        return totals

    def trial_balance(self) -> dict[str, Decimal]:
        dates = {"start_date": "2020-01-01", "end_date": "2030-12-31"}
        rows = self.call("GET", "reports/TrialBalance", params=dates)["Rows"].get("Row", [])
        cells = [[cell.get("value", "") for cell in row["ColData"]] for row in rows if "ColData" in row]
        return {name: Decimal(debit or "0") - Decimal(credit or "0") for name, debit, credit in cells}

    def check(self) -> None:
        assert sum(self.trial_balance().values(), Decimal(0)) == 0


@contextmanager
def quickbooks(folder, monkeypatch, country="CA", currencies=False, **settings):
    """A company of its own, signed in to."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    with Sandbox(**settings) as sandbox:
        yield QuickBooksHarness(sandbox, folder, country, currencies)
