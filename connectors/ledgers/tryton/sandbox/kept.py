"""Books that a person kept in Tryton before us, keyed in over JSON-RPC as that person would; no key of ours is on them.

What is keyed in is written here, and not with the connector's mapping: a stand-in that shared it would prove nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from connectors.ledger import LedgerLists, Posting
from connectors.ledgers.tryton.problems import Refusal
from connectors.ledgers.tryton.rpc import Row, Rpc
from connectors.records import Document, DocumentTax, InvoiceLine

Values = dict[str, Any]
WARNINGS = 5
"""How often one document is asked about before it is posted."""


def keep(rpc: Rpc, kept: LedgerLists, by_hand: Sequence[Posting]) -> None:
    """Name the starter's accounts as the person did, and make that person's own accounts, customers and invoices."""
    [company] = rpc.rows("company.company", [], "currency")
    rpc.context["company"] = company["id"]
    _name_accounts(rpc, kept)
    made = rpc.model(
        "party.party",
        "create",
        [
            {"code": customer.reference, "name": customer.name, "addresses": [["create", [{}]]]}
            for customer in kept.customers
        ],
    )
    addresses = {row["id"]: row["addresses"][0] for row in rpc.rows("party.party", [["id", "in", made]], "addresses")}
    customers = {each.reference: number for each, number in zip(kept.customers, made, strict=True)}
    hand = Hand(rpc, company["id"], company["currency"], _by_code(rpc), kept.receivable, customers, addresses)
    for posting in by_hand:
        assert isinstance(posting.record, Document)
        hand.key_in(posting.record, posting.customer)


def _name_accounts(rpc: Rpc, kept: LedgerLists) -> None:
    """An account that the starter has not is of the type of the one before it."""
    there = _by_code(rpc)
    before: Row = {}
    for account in kept.accounts:
        if found := there.get(account.code):
            rpc.model("account.account", "write", [found["id"]], {"name": account.name})
            before = found
        else:
            values = {"code": account.code, "name": account.name, "type": before["type"], "company": before["company"]}
            rpc.model("account.account", "create", [values])


def _by_code(rpc: Rpc) -> dict[str, Row]:
    domain = [["company", "=", rpc.context["company"]], ["type", "!=", None]]
    fields = ("code", "type", "company", "type.revenue")
    return {row["code"]: row for row in rpc.rows("account.account", domain, *fields)}


@dataclass(frozen=True, slots=True)
class Hand:
    """A person at work in a company: whose accounts and customers are known by their codes."""

    rpc: Rpc
    company: int
    currency: int
    accounts: Mapping[str, Row]
    receivable: str
    customers: Mapping[str, int]
    addresses: Mapping[int, int]

    def key_in(self, record: Document, customer: str) -> None:
        """An invoice where its account is one of revenue, as Tryton wants it; else a move called by its number."""
        [line] = record.lines
        sells = bool(self.accounts[line.ledger_account]["type."]["revenue"])
        party = self.customers[customer]
        values = self._invoice(record, line, party) if sells else self._move(record, line, party)
        model = "account.invoice" if sells else "account.move"
        made = self.rpc.model(model, "create", [values])
        self._post(model, made)

    def _invoice(self, record: Document, line: InvoiceLine, party: int) -> Values:
        sold = {
            "type": "line", "invoice_type": "out", "company": self.company, "currency": self.currency,
            "account": self._id(line.ledger_account), "quantity": 1.0, "unit_price": line.amount,
            "description": line.description,
        }  # fmt: skip
        taxes = [
            {"manual": True, "account": self._id(tax.ledger_tax), "tax": self._tax(tax), "description": tax.tax,
             "base": tax.base, "amount": tax.amount}
            for tax in record.taxes
        ]  # fmt: skip
        return {
            "company": self.company, "type": "out", "party": party, "invoice_address": self.addresses[party],
            "currency": self.currency, "account": self._id(self.receivable), "journal": self._journal(),
            "reference": record.number, "invoice_date": record.date, "accounting_date": record.date,
            "payment_term_date": record.due or record.date, "lines": [["create", [sold]]],
            "taxes": [["create", taxes]],
        }  # fmt: skip

    def _move(self, record: Document, line: InvoiceLine, party: int) -> Values:
        owed = {"account": self._id(self.receivable), "party": party, "debit": record.total, "credit": Decimal(0),
                "maturity_date": record.due or record.date}  # fmt: skip
        earned = {"account": self._id(line.ledger_account), "debit": Decimal(0), "credit": record.total,
                  "description": line.description}  # fmt: skip
        return {
            "company": self.company, "journal": self._journal(), "period": self._period(record.date),
            "date": record.date, "description": record.number, "lines": [["create", [owed, earned]]],
        }  # fmt: skip

    def _id(self, code: str) -> int:
        return int(self.accounts[code]["id"])

    def _journal(self) -> int:
        return self._first(self.rpc.rows("account.journal", [["type", "=", "revenue"]]))

    def _period(self, on: date) -> int:
        domain = [["start_date", "<=", on], ["end_date", ">=", on], ["type", "=", "standard"]]
        return self._first(self.rpc.rows("account.period", domain))

    def _tax(self, tax: DocumentTax) -> int:
        """That on the account whose rate comes nearest."""
        rates = self.rpc.rows("account.tax", [["invoice_account", "=", self._id(tax.ledger_tax)]], "rate")
        return int(min(rates, key=lambda row: abs(tax.base * row["rate"] - tax.amount))["id"])

    def _first(self, rows: Iterable[Row]) -> int:
        return int(next(iter(rows))["id"])

    def _post(self, model: str, made: Sequence[int]) -> None:
        """Post it, and say yes to what Tryton warns of: what is old falls due in the past."""
        for _ in range(WARNINGS):
            try:
                self.rpc.model(model, "post", list(made))
            except Refusal as refusal:
                if not refusal.harmless:
                    raise
                self.rpc.call("model.res.user.warning.skip", refusal.name, False, self.rpc.context)
            else:
                return
        raise AssertionError(f"{model} {made} is warned of again and again")
