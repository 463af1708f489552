"""What a ledger itself reports of its books, read without our connector: beancount's, QuickBooks', Tryton's own.

Accounts go by the association's codes, parties by their names, taxes by the source's codes; debits are positive. What
the books had before us is not in them here.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from beancount import loader
from beancount.core import data

from connectors.ledgers.quickbooks_online.sandbox import Sandbox
from connectors.ledgers.quickbooks_online.sandbox.bodies import cents
from connectors.ledgers.quickbooks_online.sandbox.books import Posting
from connectors.ledgers.quickbooks_online.sandbox.company import Company
from connectors.ledgers.quickbooks_online.sandbox.currencies import rate_of
from connectors.ledgers.quickbooks_online.sandbox.reports import report
from connectors.ledgers.quickbooks_online.sandbox.transactions import links
from connectors.sources.files.sample_books import ACCOUNTS
from tests.auditor.source import ZERO

Balances = dict[str, Decimal]

TOGETHER = {"quickbooks-online": {"2330": "2310"}}
"""The correspondence of accounts: QuickBooks owes GST and HST to one agency, on one account."""

OWN = {
    "Canada Revenue Agency Payable": "2310",
    "Revenu Québec Payable": "2320",
    "Accounts Receivable (A/R) - USD": "1100",
    "Accounts Payable (A/P) - USD": "2100",
    "Exchange Gain or Loss": "4800",
}
"""The accounts that QuickBooks makes by itself: of tax agencies, and with a foreign currency."""
RATES = {"GST": "GST", "QST": "QST", "HST ON": "HST13", "HST NS": "HST15"}
"""QuickBooks' rates by the source's taxes; those of purchases have a word added."""


@dataclass(frozen=True, slots=True)
class Booked:
    """A line of the ledger's journal; ``id`` is the ledger's of what it belongs to, ``tax`` where the ledger says."""

    id: str
    on: date
    account: str
    amount: Decimal
    party: str = ""
    tax: str = ""


def booked(folder: Path, ledger: str) -> list[Booked]:
    """Every line of the journal of a ledger whose company is closed."""
    return list({"beancount": _plain_text, "quickbooks-online": _quickbooks, "tryton": _tryton}[ledger](folder))


def sums(named: Iterable[tuple[str, Decimal]]) -> Balances:
    """Amounts by name, without those that come to nothing."""
    found: Balances = defaultdict(lambda: ZERO)
    for name, amount in named:
        found[name] += amount
    return {name: balance for name, balance in found.items() if balance}


def together(ledger: str, trial: Mapping[str, Decimal]) -> Balances:
    """A trial balance by the accounts that a ledger keeps apart."""
    same = TOGETHER.get(ledger, {})
    return sums((same.get(account, account), balance) for account, balance in trial.items())


def _plain_text(folder: Path) -> Iterator[Booked]:
    entries, errors, _ = loader.load_file(str(folder / "book.beancount"))
    assert errors == []
    opened = {entry.account: entry.meta for entry in entries if isinstance(entry, data.Open)}
    for entry in entries:
        if not isinstance(entry, data.Transaction) or "key" not in entry.meta:
            continue
        for leg in entry.postings:
            own = opened[leg.account]
            code = own.get("code") or opened[leg.account.rpartition(":")[0]]["code"]
            party = "" if "code" in own else own["name"]
            code += "" if leg.units.currency == "CAD" else f" {leg.units.currency}"
            yield Booked(entry.meta["key"], entry.date, code, leg.units.number, party)


def _quickbooks(folder: Path) -> Iterator[Booked]:
    with Sandbox() as sandbox:
        sandbox.quickbooks.load(folder / "books" / "books.json")
        books = sandbox.company()
        codes = {account["Id"]: _code(account["Name"]) for account in books.every("Account")}
        parties = {body["Id"]: body["DisplayName"] for name in ("Customer", "Vendor") for body in books.every(name)}
        lines = [
            Booked(_belongs(books, each), each.day, codes[leg.account], leg.amount, parties.get(leg.name, ""))
            for each in books.books.until(date.max) for leg in each.legs
        ]  # fmt: skip
        assert sums((line.account, line.amount) for line in lines) == _trial_balance(books)
        yield from lines


def _belongs(books: Company, posting: Posting) -> str:
    """What a posting is of: what a payment of nothing gains or loses is the credit's that it applies."""
    body = books.get(posting.entity, posting.id)
    if posting.entity in ("Payment", "BillPayment") and not body["TotalAmt"]:
        for _, kind, id_ in links(body):
            if kind in ("CreditMemo", "VendorCredit"):
                return f"{kind}:{id_}"
    return f"{posting.entity}:{posting.id}"


def _code(account: str) -> str:
    return {name: code for code, name, _ in ACCOUNTS}.get(account) or OWN.get(account, account)


def _trial_balance(books: Company) -> Balances:
    """The vendor's report of that name."""
    dates = {"start_date": "2020-01-01", "end_date": "2040-12-31"}
    rows = [row["ColData"] for row in report(books, "TrialBalance", dates)["Rows"]["Row"] if "ColData" in row]
    return sums((_code(a["value"]), Decimal(d["value"] or 0) - Decimal(c["value"] or 0)) for a, d, c in rows)


def quickbooks_taxes(folder: Path) -> dict[tuple[str, str], Decimal]:
    """What each transaction of QuickBooks says of each tax, at its rate, by its id and the source's code of the tax."""
    found: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
    with Sandbox() as sandbox:
        sandbox.quickbooks.load(folder / "books" / "books.json")
        books = sandbox.company()
        names = {rate["Id"]: rate["Name"].removesuffix(" (purchases)") for rate in books.every("TaxRate")}
        for entity in ("Invoice", "CreditMemo", "SalesReceipt", "RefundReceipt", "Bill", "VendorCredit"):
            for body in books.every(entity):
                for line in body.get("TxnTaxDetail", {}).get("TaxLine", ()):
                    name = names[line["TaxLineDetail"]["TaxRateRef"]["value"]]
                    at_home = cents(line["Amount"] * rate_of(body))
                    found[f"{entity}:{body['Id']}", RATES.get(name, name)] += at_home
    return {tax: amount for tax, amount in found.items() if amount}


def left_open(folder: Path, ledger: str) -> Balances:
    """What the ledger itself says is open of each invoice and bill, by its id, where anything is."""
    return {"beancount": _open_in_text, "quickbooks-online": _open_in_quickbooks}[ledger](folder)


def said_of(folder: Path, ledger: str, id_: str) -> str:
    """All that the ledger says of a document, as text."""
    if ledger == "beancount":
        [entry] = (each for each in _ours(folder) if each.meta["key"] == id_)
        return repr(entry)
    with Sandbox() as sandbox:
        sandbox.quickbooks.load(folder / "books" / "books.json")
        return repr(sandbox.company().get(*id_.split(":")))


def _ours(folder: Path) -> Iterator[data.Transaction]:
    entries, errors, _ = loader.load_file(str(folder / "book.beancount"))
    assert errors == []
    return (each for each in entries if isinstance(each, data.Transaction) and "key" in each.meta)


def _open_in_text(folder: Path) -> Balances:
    entries, _, _ = loader.load_file(str(folder / "book.beancount"))
    ours = [each for each in entries if isinstance(each, data.Transaction | data.Custom) and "key" in each.meta]
    bills = {each.meta["key"]: each for each in ours if each.meta.get("kind") in ("invoice", "supplier_invoice")}
    left = {key: each.meta["total"].number for key, each in bills.items()}
    for each in ours:
        for place in range(1, 1 + sum(name.startswith("applied-amount-") for name in each.meta)):
            left[each.meta[f"applied-{place}"]] -= each.meta[f"applied-amount-{place}"].number
    return {key: amount for key, amount in left.items() if amount}


def _open_in_quickbooks(folder: Path) -> Balances:
    with Sandbox() as sandbox:
        sandbox.quickbooks.load(folder / "books" / "books.json")
        bills = [(name, body) for name in ("Invoice", "Bill") for body in sandbox.company().every(name)]
        return {f"{name}:{body['Id']}": body["Balance"] for name, body in bills if body["Balance"]}


BY_LINE = """
    SELECT move.id, invoice.id, move.date, account.code, party.name, line.debit - line.credit
    FROM account_move_line AS line JOIN account_account AS account ON account.id = line.account
    JOIN account_move AS move ON move.id = line.move LEFT JOIN party_party AS party ON party.id = line.party
    LEFT JOIN account_invoice AS invoice ON invoice.move = move.id
    WHERE move.state = 'posted'
"""


def _tryton(folder: Path) -> Iterator[Booked]:
    with closing(sqlite3.connect(folder / "books" / "tryton.sqlite")) as database:
        for move, invoice, on, code, party, amount in database.execute(BY_LINE):
            id_ = f"account.invoice,{invoice}" if invoice else f"account.move,{move}"
            exact = round(Decimal(str(amount)), 2)
            yield Booked(id_, date.fromisoformat(on), code, exact, party if code in ("1100", "2100") else "")
