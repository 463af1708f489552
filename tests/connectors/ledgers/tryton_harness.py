"""Tryton as the conformance suite sees it: its SQLite file, looked at with SQL and not with our own calls."""

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from connectors.conformance import Chart
from connectors.ledgers.tryton import sandbox
from connectors.ledgers.tryton.connector import TrytonLedger
from connectors.ledgers.tryton.problems import Refusal
from connectors.ledgers.tryton.rpc import Rpc
from connectors.ledgers.tryton.sandbox import server, starter
from connectors.ledgers.tryton.settings import TrytonSettings
from connectors.secrets.secret import Secret
from connectors.secrets.store import variable

BALANCES = """
    SELECT account.code, sum(line.debit - line.credit)
    FROM account_move_line AS line JOIN account_account AS account ON account.id = line.account
    JOIN account_move AS move ON move.id = line.move WHERE move.state = 'posted' GROUP BY account.code
"""
UNBALANCED = """
    SELECT move.id, round(sum(line.debit - line.credit), 2) AS off
    FROM account_move AS move JOIN account_move_line AS line ON line.move = move.id
    GROUP BY move.id HAVING off <> 0
"""
DRAFTS = """
    SELECT id FROM account_move WHERE state = 'draft'
    UNION ALL SELECT id FROM account_invoice WHERE state IN ('draft', 'validated')
"""


@dataclass
class TrytonHarness:
    """The starter company in a running server, closed until the end of 2023."""

    folder: Path
    port: int
    password: str = field(repr=False)
    chart = Chart(revenue="4100", deferred="2400", expense="5100", bank="1010", tax="2310")
    day = date(2024, 3, 15)
    closed = date(starter.CLOSED, 12, 31)
    foreign = "USD"
    refuses_taken_numbers = True

    @property
    def settings(self) -> TrytonSettings:
        return TrytonSettings(url=f"http://127.0.0.1:{self.port}", database=sandbox.DATABASE)

    def open(self) -> TrytonLedger:
        return TrytonLedger(self.settings)

    def hands(self) -> "TrytonHarness":
        """The harness itself is the person."""
        return self

    def call(self, model: str, method: str, *arguments: object) -> Any:
        """What the web client calls when a person works there, and confirms every warning."""
        with closing(Rpc(self.settings, lambda: Secret(self.password))) as rpc:
            rpc.context["company"] = 1
            while True:
                try:
                    return rpc.call(f"{model}.{method}", *arguments, rpc.context)
                except Refusal as warning:
                    if not warning.name:
                        raise
                    rpc.call("model.res.user.warning.skip", warning.name, False, rpc.context)

    def number_of(self, table: str, column: str, value: str) -> int:
        [[found]] = self.query(f"SELECT id FROM {table} WHERE {column} = '{value}'")
        return found

    def add_customer(self, name: str, email: str) -> str:
        values = {"name": name, "addresses": [["create", [{}]]],
                  "contact_mechanisms": [["create", [{"type": "email", "value": email}]]]}  # fmt: skip
        [made] = self.call("model.party.party", "create", [values])
        [[code]] = self.query(f"SELECT code FROM party_party WHERE id = {made}")
        return code

    def change_email(self, reference: str, email: str) -> None:
        party = self.number_of("party_party", "code", reference)
        [[found]] = self.query(f"SELECT id FROM party_contact_mechanism WHERE party = {party} AND type = 'email'")
        self.call("model.party.contact_mechanism", "write", [found], {"value": email})

    def retire_customer(self, reference: str) -> None:
        self.call("model.party.party", "write", [self.number_of("party_party", "code", reference)], {"active": False})

    def merge_customers(self, gone: str, into: str) -> None:
        """Tryton's own wizard, as a person runs it."""
        source, target = (self.number_of("party_party", "code", code) for code in (gone, into))
        session, _, _ = self.call("wizard.party.replace", "create")
        asked = {"ask": {"source": source, "destination": target}}
        self.call("wizard.party.replace", "execute", session, asked, "replace")

    def add_invoice(self, customer: str, amount: Decimal, number: str = "") -> str:
        return self._sell(customer, 1.0, amount, number)

    def add_credit(self, customer: str, amount: Decimal, number: str = "") -> str:
        return self._sell(customer, -1.0, amount, number)

    def add_payment(self, customer: str, amount: Decimal, number: str = "") -> str:
        """In the cash journal, as a person who books a cheque does; the number is how the description begins."""
        party = self.number_of("party_party", "code", customer)
        bank, owed = (self.number_of("account_account", "code", code) for code in (self.chart.bank, "1100"))
        [[journal]] = self.query("SELECT min(id) FROM account_journal WHERE type = 'cash'")
        [[period]] = self.query(
            f"SELECT id FROM account_period WHERE '{self.day}' BETWEEN start_date AND end_date AND type = 'standard'"
        )
        lines = [{"account": bank, "debit": amount, "credit": Decimal(0)},
                 {"account": owed, "debit": Decimal(0), "credit": amount, "party": party}]  # fmt: skip
        values = {"company": 1, "journal": journal, "period": period, "date": self.day, "lines": [["create", lines]],
                  "description": f"{number} Chèque" if number else "Chèque"}  # fmt: skip
        [made] = self.call("model.account.move", "create", [values])
        self.call("model.account.move", "post", [made])
        return f"account.move,{made}"

    def _sell(self, customer: str, quantity: float, amount: Decimal, number: str) -> str:
        party = self.number_of("party_party", "code", customer)
        [[address]] = self.query(f"SELECT min(id) FROM party_address WHERE party = {party}")
        accounts = {code: self.number_of("account_account", "code", code) for code in ("1100", self.chart.revenue)}
        [[journal]] = self.query("SELECT min(id) FROM account_journal WHERE type = 'revenue'")
        [[currency]] = self.query("SELECT currency FROM company_company WHERE id = 1")
        line = {"type": "line", "invoice_type": "out", "company": 1, "currency": currency, "quantity": quantity,
                "unit_price": amount, "account": accounts[self.chart.revenue], "description": "À la main"}  # fmt: skip
        values = {"company": 1, "type": "out", "party": party, "invoice_address": address, "currency": currency,
                  "account": accounts["1100"], "journal": journal, "invoice_date": self.day, "reference": number,
                  "payment_term_date": self.day, "lines": [["create", [line]]]}  # fmt: skip
        [made] = self.call("model.account.invoice", "create", [values])
        self.call("model.account.invoice", "post", [made])
        return f"account.invoice,{made}"

    def take_out_invoice(self, ledger_id: str) -> None:
        """Cancel it, which a company must have allowed."""
        self.call("model.company.company", "write", [1], {"cancel_invoice_out": True})
        self.call("model.account.invoice", "cancel", [int(ledger_id.partition(",")[2])])

    def query(self, statement: str) -> list[tuple]:
        with closing(sqlite3.connect(self.file)) as database:
            return database.execute(statement).fetchall()

    def begin_anew(self) -> "TrytonHarness":
        """Put the starter company's books in the place of whatever was booked; the server goes on."""
        with (
            closing(sqlite3.connect(sandbox.CACHE / server.TEMPLATE)) as clean,
            closing(sqlite3.connect(self.file)) as used,
        ):
            clean.backup(used)
        return self

    @property
    def file(self) -> Path:
        return self.folder / f"{sandbox.DATABASE}.sqlite"

    def balances(self) -> Mapping[str, Decimal]:
        """Home-currency balances; SQLite sums binary fractions, which are cents again when rounded."""
        return {code: round(Decimal(str(amount)), 2) for code, amount in self.query(BALANCES)}

    def delete_by_hand(self, ledger_id: str) -> bool:
        """Tryton deletes nothing that is posted."""
        return False

    def change_by_hand(self, ledger_id: str) -> bool:
        """Tryton lets nobody change what is posted: its number, its account, its lines."""
        model, _, number = ledger_id.partition(",")
        column = "reference" if model == "account.invoice" else "description"
        try:
            self.call(f"model.{model}", "write", [int(number)], {column: "CHANGED-1"})
        except Refusal:
            return False
        return True

    def check(self) -> None:
        assert self.query(UNBALANCED) == []
        assert self.query(DRAFTS) == []


@contextmanager
def served(folder: Path) -> Iterator[TrytonHarness]:
    """A harness on a database of its own; Tryton itself is installed once for this machine."""
    template, password = sandbox.prepared(sandbox.CACHE)
    sandbox.copy(template, folder / f"{sandbox.DATABASE}.sqlite")
    port = sandbox.free_port()
    with sandbox.running(folder, port, sandbox.CACHE):
        harness = TrytonHarness(folder, port, password.reveal())
        name = variable(harness.settings.secret)
        os.environ[name] = harness.password
        try:
            yield harness
        finally:
            del os.environ[name]
