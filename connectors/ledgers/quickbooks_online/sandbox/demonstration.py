"""The stand-in in the demo: the Canadian company as its accountant would have kept it, and its page answered.

A product's account is one of income (``lists``): one whose account is of the balance sheet, as an opening balance is,
was put on that by a person (``operations.sell_on``), one that is only bought stands on the first of income. Dues in
advance are sold as the service that the company has for them, on its liability. What a person keyed in is sold as the
first product of its account, and QuickBooks reckons its taxes.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from connectors.demonstration import Demonstration
from connectors.ledger import LedgerLists, Posting
from connectors.ledgers.quickbooks_online.sandbox import operations
from connectors.ledgers.quickbooks_online.sandbox.bodies import Body
from connectors.ledgers.quickbooks_online.sandbox.company import Company
from connectors.ledgers.quickbooks_online.sandbox.currencies import turn_on
from connectors.ledgers.quickbooks_online.sandbox.signin import AUTHORIZE, REGISTERED, REVOKE, TOKEN, App
from connectors.ledgers.quickbooks_online.sandbox.standin import Sandbox
from connectors.ledgers.quickbooks_online.sandbox.starter import IN_ADVANCE
from connectors.ledgers.quickbooks_online.settings import QuickBooksOnlineSettings
from connectors.records import Document, Item, LedgerAccount
from connectors.sandboxes.consenting import consent
from connectors.secrets.store import new_key, variable

TYPES = {
    "asset": "Bank",
    "liability": "Other Current Liability",
    "equity": "Equity",
    "income": "Income",
    "expense": "Expense",
}
DAYS = {"NET0": 0, "NET30": 30}
WAITS, OPENED, DISCOUNTS = "2400", "3000", "4350"
"""The accounts of the sample's books from which dues in advance become revenue, which opening balances are on, and
which discounts for paying early are on."""
DISCOUNT = Item(code="ESCOMPTE", name="Escompte de paiement rapide", account=DISCOUNTS)
"""What the accountant made to give discounts by: no product of the source."""
BALANCE_SHEET = frozenset({"asset", "liability", "equity"})

CHOICES = {
    "items": {"DUES-B / 2400": IN_ADVANCE, "DUES-C / 2400": IN_ADVANCE, "discount": DISCOUNT.code},
    "tax_codes": {
        "QC": "GST/QST QC - 9.975",
        "QC-SUM": "GST/QST QC - 9.975",
        "ON": "HST ON",
        "ATL": "HST NS",
        "EXEMPT": "Exempt",
        "ZR": "Zero-rated",
        "discount": "Out of Scope",
    },
    "methods": {"CARD": "Visa", "CHEQUE": "Cheque", "TRANSFER": "Electronic transfer"},
}
"""What the sample calls otherwise than QuickBooks does; what both call alike is mapped by itself."""


@contextmanager
def demonstrate(folder: Path, kept: LedgerLists, by_hand: Sequence[Posting]) -> Iterator[Demonstration]:
    """Run the stand-in in a thread on a free port; when the demo is over, ``folder`` keeps the books for ``serve``."""
    redirect = f"http://localhost:{_free_port()}/callback"
    with Sandbox(app=App(redirect_uris=(redirect, *REGISTERED))) as sandbox:
        company, app = sandbox.company(), sandbox.quickbooks.sign_in.app
        with company.lock:
            references = furnish(company, kept, by_hand)
        settings = {
            "company": company.realm,
            "client_id": app.id,
            "deposit_account": kept.deposit,
            "api_url": sandbox.url,
            "authorize_url": sandbox.url + AUTHORIZE,
            "token_url": sandbox.url + TOKEN,
            "revoke_url": sandbox.url + REVOKE,
            "web_url": sandbox.url,
            "redirect": redirect,
        }
        secret = QuickBooksOnlineSettings.model_validate(settings).client_secret
        try:
            yield Demonstration(
                settings=settings,
                environment={**new_key(), variable(secret): app.secret},
                references=references,
                choices=CHOICES,
                consent=partial(consent, company=company.realm),
                port=urlsplit(sandbox.url).port or 0,
            )
        finally:
            folder.mkdir(parents=True, exist_ok=True)
            sandbox.quickbooks.save(folder / "books.json")


def _free_port() -> int:
    """One that nobody listens on now."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def furnish(company: Company, kept: LedgerLists, by_hand: Iterable[Posting]) -> dict[str, str]:
    """Key in what a person kept; the ids here of the customers of ``kept``, by their references there."""
    if not kept.one_currency:
        turn_on(company)
    accounts = {account.code: _account(company, account, kept) for account in kept.accounts}
    sold: dict[str, str] = {}
    for item in (*kept.items, DISCOUNT):
        sold.setdefault(item.account, _item(company, item, kept, accounts))
    for term in kept.terms:
        operations.create(company, "Term", {"Name": term.code, "DueDays": DAYS.get(term.code, 30)})
    for each in kept.classes:
        operations.create(company, "Class", {"Name": each.code})
    customers = {
        customer.reference: str(operations.create(company, "Customer", {"DisplayName": customer.name})["Id"])
        for customer in kept.customers
    }
    for posting in by_hand:
        _invoice(company, posting, customers, sold)
    closed = {"BookCloseDate": kept.closing_date.isoformat()} if kept.closing_date else {}
    _change(company, "Preferences", "1", {"AccountingInfoPrefs": closed})
    return customers


def _account(company: Company, account: LedgerAccount, kept: LedgerLists) -> str:
    """One of the accounts a company always has gets its number and name; any other is made."""
    special = {
        kept.receivable: "receivable", kept.payable: "payable", kept.deposit: "undeposited", WAITS: "deferred",
        OPENED: "equity", DISCOUNTS: "discounts",
    }  # fmt: skip
    body = {"Name": account.name, "AcctNum": account.code}
    if account.code in special:
        return _change(company, "Account", company.special[special[account.code]], body)
    return str(operations.create(company, "Account", {**body, "AccountType": TYPES[account.type]})["Id"])


def _item(company: Company, item: Item, kept: LedgerLists, accounts: Mapping[str, str]) -> str:
    types = {account.code: account.type for account in kept.accounts}
    first = next(code for code, type_ in types.items() if type_ == "income")
    sold_on = accounts[item.account if types[item.account] == "income" else first]
    body: Body = {"Name": item.code, "Description": item.name, "Type": "Service", "IncomeAccountRef": _ref(sold_on)}
    made = str(operations.create(company, "Item", body)["Id"])
    if types[item.account] in BALANCE_SHEET:
        operations.sell_on(company, made, accounts[item.account])
    return made


def _invoice(company: Company, posting: Posting, customers: Mapping[str, str], sold: Mapping[str, str]) -> None:
    record = posting.record
    assert isinstance(record, Document)
    [tax] = company.named("TaxCode", CHOICES["tax_codes"]["QC" if record.taxes else "EXEMPT"])
    lines = [
        {
            "Amount": line.amount,
            "Description": line.description,
            "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": {"ItemRef": _ref(sold[line.ledger_account]), "TaxCodeRef": _ref(tax)},
        }
        for line in record.lines
    ]
    body: Body = {
        "CustomerRef": _ref(customers[posting.customer]),
        "CurrencyRef": _ref(record.currency),
        "DocNumber": record.number,
        "TxnDate": record.date.isoformat(),
        "DueDate": (record.due or record.date).isoformat(),
        "GlobalTaxCalculation": "TaxExcluded",
        "Line": lines,
    }
    operations.create(company, "Invoice", body)


def _change(company: Company, entity: str, id_: str, values: Body) -> str:
    now = company.get(entity, id_)
    body = {"Id": id_, "SyncToken": now["SyncToken"], "sparse": True, **values}
    if entity == "Account":
        body |= {name: now[name] for name in ("AccountType", "AccountSubType")}
    return str(operations.update(company, entity, body)["Id"])


def _ref(id_: str) -> Body:
    return {"value": id_}
