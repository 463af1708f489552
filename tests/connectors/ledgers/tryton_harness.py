"""Tryton as the conformance suite sees it: its SQLite file, looked at with SQL and not with our own calls."""

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from connectors.ledgers.tryton import sandbox, starter
from connectors.ledgers.tryton.connector import TrytonLedger
from connectors.ledgers.tryton.settings import TrytonSettings
from connectors.secrets.store import variable
from tests.conformance import Chart

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

    def query(self, statement: str) -> list[tuple]:
        with closing(sqlite3.connect(self.file)) as database:
            return database.execute(statement).fetchall()

    def begin_anew(self) -> "TrytonHarness":
        """Put the starter company's books in the place of whatever was booked; the server goes on."""
        with (
            closing(sqlite3.connect(sandbox.CACHE / "template.sqlite")) as clean,
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
