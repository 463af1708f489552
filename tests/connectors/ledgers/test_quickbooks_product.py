"""The whole product over the sandbox: the sample association is pulled, mapped, synced twice and reconciled."""

import csv
from collections import Counter
from decimal import Decimal

import pytest

from addin.profile import load
from addin.session import Session
from addin.sync.reconcile import ADDS, owed
from addin.usecases.demo import COMPANY, TODAY
from addin.usecases.init import init
from addin.usecases.mark import Choice, mark
from addin.usecases.pull import pull
from addin.usecases.reconcile import reconcile
from addin.usecases.sync import sync
from connectors.ledgers.quickbooks_online.connector import QuickBooksOnlineLedger
from connectors.records import Kind, Side, SyncStatus
from connectors.sources.files.sample import write_sample
from tests.connectors.ledgers.quickbooks_harness import TAX, quickbooks
from workbook.file.file_book import FileBook
from workbook.layout import ACCOUNT_MAP, ITEM_MAP, METHOD_MAP, TAX_MAP

TYPES = {"asset": "Bank", "liability": "Other Current Liability", "equity": "Equity", "income": "Income",
         "expense": "Expense"}  # fmt: skip
CHOICES = {
    ACCOUNT_MAP: {"2400": "Deferred Revenue"},
    ITEM_MAP: {"DUES-B / 2400": "Membership in advance", "DUES-C / 2400": "Membership in advance"},
    TAX_MAP: {"QC": TAX, "QC-SUM": TAX, "ON": "HST ON", "ATL": "HST NS", "EXEMPT": "Exempt"},
    METHOD_MAP: {"CARD": "Visa", "CHEQUE": "Cheque", "TRANSFER": "Electronic transfer"},
}
"""What the accountant chooses on the Mapping sheet; what the two sides name alike is there already."""


class Association:
    """The sample's books in QuickBooks as a person would have set them up, and its company here."""

    def __init__(self, folder, harness):
        self.folder, self.harness = folder, harness
        write_sample(folder)

    def rows(self, name):
        with (self.folder / "source" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def set_up(self):
        accounts = {row["code"]: self.account(row)["Id"] for row in self.rows("gl_accounts")}
        for row in self.rows("items"):
            income = accounts[row["gl_account"] if row["gl_account"].startswith("4") else "4500"]
            self.harness.make("Item", Name=row["code"], Type="Service", IncomeAccountRef={"value": income})
        for row, days in zip(self.rows("terms"), (0, 30), strict=True):
            self.harness.make("Term", Name=row["code"], DueDays=days)
        for row in self.rows("classes"):
            self.harness.make("Class", Name=row["code"])
        self.keep_by_hand(self.link())

    def account(self, row):
        return self.harness.make("Account", Name=row["name"], AcctNum=row["code"], AccountType=TYPES[row["type"]])

    def link(self):
        """The accounts that the source knows as linked are customers here, under ids of this ledger."""
        rows, ids = self.rows("accounts"), {}
        for row in rows:
            if row["sync_reference"]:
                ids[row["key"]] = self.harness.make("Customer", DisplayName=row["name"])["Id"]
                row["sync_reference"] = ids[row["key"]]
        with (self.folder / "source" / "accounts.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return ids

    def keep_by_hand(self, ids):
        """The documents that the source knows as transferred were keyed in by a person."""
        for row in self.rows("documents"):
            if row["sync_reference"]:
                line = {"Amount": Decimal(row["total"]), "DetailType": "SalesItemLineDetail",
                        "SalesItemLineDetail": {"ItemRef": {"value": "1"}}}  # fmt: skip
                self.harness.make("Invoice", CustomerRef={"value": ids[row["account"]]}, TxnDate=row["date"],
                                  DueDate=row["due"], DocNumber=row["sync_reference"], Line=[line],
                                  GlobalTaxCalculation="NotApplicable")  # fmt: skip

    def init(self):
        given = {**self.harness.addresses, "company": self.harness.realm, "client_id": "sandbox-client",
                 "deposit_account": "1050"}  # fmt: skip
        settings = {f"ledger.{name}": value for name, value in given.items()} | {"new_account_default": "yes"}
        init(self.folder, COMPANY, "files", "quickbooks-online", settings, FileBook)

    def run(self, use_case, *args):
        profile = load(COMPANY)
        with Session.open(profile, FileBook(profile.workbook), use_case.__name__, TODAY) as session:
            return use_case(session, *args)

    def choose(self):
        book = FileBook(load(COMPANY).workbook)
        for table, choices in CHOICES.items():
            book.write(table, {(code,): {"ledger_code": choice} for code, choice in choices.items()})
        book.save()


@pytest.fixture
def association(tmp_path, monkeypatch):
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(QuickBooksOnlineLedger, "limits", ())
    with quickbooks(tmp_path, monkeypatch) as harness:
        association = Association(tmp_path, harness)
        association.set_up()
        association.init()
        yield association


@pytest.mark.long
def test_the_sample_is_posted_once_and_receivables_agree_customer_by_customer(association):
    association.run(pull)
    association.choose()
    association.run(mark, Choice(kind=Kind.INVOICE, where={"total": "0"}), SyncStatus.DO_NOT_SYNC)
    by_hand = len(association.harness.query("Invoice"))
    posted = Counter(association.run(sync).counts["posted"])
    again = Counter(association.run(sync).counts["posted"])
    assert sum(posted.values()) > 1500
    assert again.total() == 0
    assert association.run(pull).counts["proposed"] == {}
    count = {entity: len(association.harness.query(entity)) for entity in ("Invoice", "Payment", "CreditMemo", "Bill")}
    applied = sum(1 for row in association.rows("documents") if row["kind"] == "credit_note" and row["invoice"])
    assert count == {
        "Invoice": by_hand + posted[Kind.INVOICE],
        "Payment": posted[Kind.PAYMENT] + applied,
        "CreditMemo": posted[Kind.CREDIT_NOTE],
        "Bill": posted[Kind.SUPPLIER_INVOICE],
    }
    assert owed_by_customer(association) == balances(association)
    assert association.run(reconcile).facts["unexplained"] == 0
    association.harness.check()


def owed_by_customer(association):
    """What the records marked Transfer Completed come to, by the ledger's customer."""
    profile = load(COMPANY)
    with Session.open(profile, FileBook(profile.workbook), "check", TODAY) as session:
        case, _ = session.case()
    owing: Counter = Counter()
    for key, record in case.records.items():
        if key[0] in ADDS[Side.SALES] and case.settled(key):
            cancelled = getattr(record, "cancelled", False)
            owing[case.settled((Kind.CUSTOMER, record.customer)).ledger_id] += (
                record.total if cancelled else owed(record)
            )
    return {customer: amount for customer, amount in owing.items() if amount}


def balances(association):
    """What the ledger says of every customer, by itself."""
    return {body["Id"]: body["Balance"] for body in association.harness.query("Customer") if body["Balance"]}
