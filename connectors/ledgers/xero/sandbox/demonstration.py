"""The stand-in in the demo: an organisation as its accountant would have kept it, and the vendor's page answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from connectors.demonstration import Demonstration
from connectors.ledger import LedgerLists, Posting
from connectors.ledgers.xero.sandbox import documents, starter
from connectors.ledgers.xero.sandbox.contacts import write
from connectors.ledgers.xero.sandbox.organisation import Organisation
from connectors.ledgers.xero.sandbox.standin import AUTHORIZE, CONNECTIONS, REVOKE, TOKEN, Sandbox
from connectors.records import Document
from connectors.sandboxes.consenting import consent
from connectors.secrets.store import new_key, variable

TYPES = {
    "asset": ("CURRENT", "ASSET"), "liability": ("CURRLIAB", "LIABILITY"), "equity": ("EQUITY", "EQUITY"),
    "income": ("REVENUE", "REVENUE"), "expense": ("EXPENSE", "EXPENSE"),
}  # fmt: skip
BANKS = frozenset({"1010", "1050"})
"""The accounts of the sample's books that money is in: a bank account here, and one for what waits to be deposited."""
TAXES = frozenset({"2310", "2320", "2330"})
"""The accounts of the sample's taxes; Xero keeps all of them on one of its own."""
UNLIMITED = "1000000"
"""Calls that the stand-in of a demo takes: its limits are off, and nobody who looks on is to wait for them."""
CHOICES = {
    "tax_codes": {
        "QC": "GST and QST", "QC-SUM": "GST and QST", "ON": "HST Ontario", "ATL": "HST Atlantic",
        "EXEMPT": "Tax Exempt", "ZR": "Zero-rated", "discount": "Tax Exempt",
    },
}  # fmt: skip


@contextmanager
def demonstrate(folder: Path, kept: LedgerLists, by_hand: Sequence[Posting]) -> Iterator[Demonstration]:
    """Run the stand-in in a thread on a free port; when the demo is over, ``folder`` keeps the books for ``serve``."""
    with Sandbox() as sandbox:
        books, app = sandbox.organisation, sandbox.xero.sign_in.app
        with books.lock:
            references = furnish(books, kept, by_hand)
        settings = {
            "company": books.id,
            "client_id": app.id,
            "deposit_account": kept.deposit,
            "calls_a_minute": UNLIMITED,
            "calls_a_day": UNLIMITED,
            "api_url": sandbox.url,
            "authorize_url": sandbox.url + AUTHORIZE,
            "token_url": sandbox.url + TOKEN,
            "revoke_url": sandbox.url + REVOKE,
            "connections_url": sandbox.url + CONNECTIONS,
            "web_url": sandbox.url,
        }
        try:
            yield Demonstration(
                settings=settings,
                environment={**new_key(), variable(f"xero.{app.id}.client-secret"): app.secret},
                references=references,
                choices=CHOICES,
                consent=partial(consent, company=books.id),
                port=urlsplit(sandbox.url).port or 0,
            )
        finally:
            folder.mkdir(parents=True, exist_ok=True)
            sandbox.xero.save(folder / "books.json")


def furnish(books: Organisation, kept: LedgerLists, by_hand: Iterable[Posting]) -> dict[str, str]:
    """Key in what a person kept; the ids here of the customers of ``kept``, by their references there."""
    books.kept["Accounts"] = {id_: each for id_, each in books.kept["Accounts"].items() if each.get("SystemAccount")}
    special = {kept.receivable: "DEBTORS", kept.payable: "CREDITORS"}
    for account in kept.accounts:
        if account.code in special:
            books.keep("Accounts", {**books.system(special[account.code]), "Code": account.code, "Name": account.name})
        elif account.code not in TAXES:
            type_, class_ = TYPES[account.type]
            starter.account(books, account.code, account.name, "BANK" if account.code in BANKS else type_, class_)
    if kept.classes:
        starter.tracking(books, "Classe", tuple(each.code for each in kept.classes))
    customers = {
        each.reference: str(write(books, {"Name": each.name}, update=False)["ContactID"]) for each in kept.customers
    }
    for posting in by_hand:
        _invoice(books, posting, customers)
    books.year_lock = kept.closing_date.isoformat() if kept.closing_date else ""
    return customers


def _invoice(books: Organisation, posting: Posting, customers: Mapping[str, str]) -> None:
    record = posting.record
    assert isinstance(record, Document)
    tax = {"TaxType": "TAX002", "TaxAmount": record.tax} if record.taxes else {"TaxType": "NONE"}
    line = record.lines[0]
    body = {
        "Type": "ACCREC",
        "Status": "AUTHORISED",
        "Contact": {"ContactID": customers[posting.customer]},
        "InvoiceNumber": record.number,
        "Date": record.date.isoformat(),
        "DueDate": (record.due or record.date).isoformat(),
        "LineItems": [{"Description": line.description, "Quantity": 1, "UnitAmount": line.amount,
                       "AccountCode": line.ledger_account, **tax}],
    }  # fmt: skip
    documents.write(books, "Invoices", body, update=False, exact=True)
