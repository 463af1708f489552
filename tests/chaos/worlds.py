"""A small company, pulled, over a book of its own or over QuickBooks Online's stand-in, and copies of it to break."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from beancount import loader
from beancount.core import data
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import make_url

from addin.hands import open_journal
from addin.journal import State, Transfer
from addin.profile import Profile
from addin.usecases.init import init
from connectors import exact_json
from connectors.ledgers.quickbooks_online.sandbox import COMPANIES
from connectors.ledgers.quickbooks_online.sandbox import starter as online_starter
from tests.addin.conftest import Association
from tests.chaos import conftest
from tests.chaos.conftest import NAME
from tests.chaos.postgres import dropped, new_database
from tests.chaos.trace import Traces
from tests.connectors.ledgers.quickbooks_harness import TAX, QuickBooksHarness, quickbooks
from workbook.file.file_book import FileBook
from workbook.layout import ITEM_MAP, METHOD_MAP, TAX_MAP

MEMBERS, INVOICES, PAYMENTS = 4, 12, 6
CHOICES = {ITEM_MAP: {"": "Membership"}, TAX_MAP: {"QC": TAX}, METHOD_MAP: {"cheque": "Cheque"}}
"""What the accountant maps for QuickBooks Online."""

TOKEN = "(SELECT coalesce(max(token), 0) FROM lease)"
TRACE = {
    "sqlite": (
        "CREATE TABLE trace (id INTEGER PRIMARY KEY, token INTEGER, kind TEXT, record TEXT, was TEXT, now TEXT)",
        "CREATE TRIGGER trace_made AFTER INSERT ON transfer BEGIN INSERT INTO trace (token, kind, record, was, now)"
        f" VALUES ({TOKEN}, new.kind, new.record, '', new.state); END",
        "CREATE TRIGGER trace_moved AFTER UPDATE ON transfer WHEN old.state <> new.state BEGIN"
        " INSERT INTO trace (token, kind, record, was, now)"
        f" VALUES ({TOKEN}, new.kind, new.record, old.state, new.state); END",
    ),
    "postgresql": (
        "CREATE TABLE trace (id SERIAL PRIMARY KEY, token INTEGER, kind TEXT, record TEXT, was TEXT, now TEXT)",
        "CREATE FUNCTION traced() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE before TEXT := ''; BEGIN"
        " IF TG_OP = 'UPDATE' THEN before := old.state; END IF;"
        " IF before <> new.state THEN INSERT INTO trace (token, kind, record, was, now)"
        f" VALUES ({TOKEN}, new.kind, new.record, before, new.state); END IF; RETURN new; END $$",
        "CREATE TRIGGER trace AFTER INSERT OR UPDATE ON transfer FOR EACH ROW EXECUTE FUNCTION traced()",
    ),
}
"""The database itself notes every step of every transfer and whose lease it was, in the transaction that makes it."""


def make(folder: Path) -> Association:
    """The company, not yet initialised."""
    return conftest.make(folder, MEMBERS, INVOICES, PAYMENTS)


@dataclass
class World:
    """One copy of the company, with its ledger and its journal's database; notes of what was done to it."""

    company: Association
    online: QuickBooksHarness | None = None
    database: str = ""
    met: Counter[str] = field(default_factory=Counter)

    @property
    def profile(self) -> Profile:
        """The company's profile on the first machine."""
        return self.company.profile

    @property
    def late(self) -> Path:
        """Where what is still on its way to the ledger waits."""
        folder = self.company.folder / "late"
        folder.mkdir(exist_ok=True)
        return folder

    def note(self, what: str) -> None:
        """Note a fault, from whichever process it was met in."""
        with (self.late / "met.txt").open("a", encoding="utf-8") as file:
            file.write(f"{what}\n")

    def noted(self) -> Counter[str]:
        """What went wrong so far."""
        file = self.late / "met.txt"
        return self.met + Counter(file.read_text(encoding="utf-8").split("\n")[:-1] if file.exists() else ())

    def documents(self) -> Counter[tuple[str, str]]:
        """How often each record of the source stands in the ledger, by kind and key, told without our own code.

        What is void does not: QuickBooks Online keeps it at zero, a book has the entry that reverses it.
        """
        if self.online is None:
            return standing_in(self.company.folder / "book.beancount")
        numbers = [("invoice", body["DocNumber"]) for body in self.online.query("Invoice") if body["TotalAmt"]]
        numbers += [("payment", body["PaymentRefNum"]) for body in self.online.query("Payment") if body["TotalAmt"]]
        keys = {"invoice": {f"F-{n}": f"I{n}" for n in range(INVOICES)},
                "payment": {f"R-{n}": f"P{n}" for n in range(PAYMENTS)}}  # fmt: skip
        return Counter((kind, keys[kind].get(number, number)) for kind, number in numbers)

    def take_out(self, transfer: Transfer, *, void: bool) -> None:
        """Delete a document in the ledger, or void it where that leaves it there, as a person does."""
        if self.online is None:
            file = self.company.folder / "passerelle.beancount"
            blocks = file.read_text(encoding="utf-8").split("\n\n")
            kept = [block for block in blocks if f'  key: "{transfer.key}"' not in block]
            assert len(kept) == len(blocks) - 1
            file.write_text("\n\n".join(kept), encoding="utf-8")
            return
        entity, bare = transfer.ledger_id.split(":")
        token = self.online.call("GET", f"{entity.lower()}/{bare}")[entity]["SyncToken"]
        body, how = exact_json.dumps({"Id": bare, "SyncToken": token}), {"operation": "void" if void else "delete"}
        self.online.call("POST", entity.lower(), params=how, data=body.encode())

    @contextmanager
    def journal(self) -> Iterator[Connection]:
        """The journal's database, changed behind the engine's back."""
        engine = engine_of(self.profile)
        with engine.begin() as connection:
            yield connection
        engine.dispose()

    def trace(self) -> Traces:
        """Every step that every transfer took, in order, with the token of the lease."""
        steps: dict[tuple[str, str], list[tuple[int, State | None, State]]] = {}
        with self.journal() as connection:
            noted = connection.exec_driver_sql("SELECT token, kind, record, was, now FROM trace ORDER BY id")
            for token, kind, record, was, now in noted:
                steps.setdefault((kind, record), []).append((token, State(was) if was else None, State(now)))
        return steps

    def second_machine(self) -> Path:
        """Another home with the same profile and the same journal; its path."""
        if not self.database:
            self.database = f"sqlite:///{self.profile.place / 'journal.sqlite'}"
            self.profile.model_copy(update={"journal_url": self.database}).save()
        second = self.company.folder / "home2"
        if not second.exists():
            shutil.copytree(self.company.folder / "home", second, ignore=shutil.ignore_patterns("*.lock", "*.sqlite*"))
        return second

    def close(self) -> None:
        """Leave nothing behind."""
        if self.database.startswith("postgresql"):
            dropped(self.database)
        shutil.rmtree(self.company.folder)


class Worlds:
    """The company, pulled once over each ledger and into each database, and copied as often as it takes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[bool, Path] = {}
        self._databases: dict[bool, str] = {}
        self._open = ExitStack()
        self._harness: QuickBooksHarness | None = None

    def close(self) -> None:
        """Stop the stand-in."""
        self._open.close()

    def new(self, to: Path, *, online: bool = False, shared: bool = False) -> World:
        """A copy of the company just before its first sync; ``shared`` keeps its journal on PostgreSQL."""
        base, template = self._base(online), self._database(online) if shared else ""
        shutil.copytree(base, to)
        for path in to.glob("home/companies/*/profile.toml"):
            path.write_text(path.read_text(encoding="utf-8").replace(str(base), str(to)), encoding="utf-8")
        os.environ["PASSERELLE_HOME"] = str(to / "home")
        company = Association(to, name=NAME)
        world = World(company, self._fresh() if online else None)
        if shared:
            world.database = new_database(template)
            company.profile.model_copy(update={"journal_url": world.database}).save()
        return world

    def _base(self, online: bool) -> Path:
        if online not in self._made:
            folder = self._folder / ("online" if online else "book")
            os.environ["PASSERELLE_HOME"], os.environ["PASSERELLE_LANGUAGE"] = str(folder / "home"), "en"
            company = make(folder)
            if online:
                self._init_online(company)
            else:
                company.init()
            company.pull()
            with engine_of(company.profile).begin() as connection:
                traced(connection)
            if online:
                choose(company)
            self._made[online] = folder
        return self._made[online]

    def _init_online(self, company: Association) -> None:
        company.write()
        patch = self._open.enter_context(pytest.MonkeyPatch.context())
        self._harness = self._open.enter_context(quickbooks(company.folder, patch))
        given = {**self._harness.addresses, "company": self._harness.realm, "client_id": "sandbox-client"}
        settings = {f"ledger.{name}": value for name, value in given.items()} | company.settings
        init(company.folder, NAME, "files", "quickbooks-online", settings, FileBook)

    def _fresh(self) -> QuickBooksHarness:
        """The stand-in with empty books and nothing wrong with it."""
        harness = self._harness
        assert harness is not None
        sandbox, realm = harness.sandbox, harness.realm
        _, name, country = next(each for each in COMPANIES if each[0] == realm)
        sandbox.quickbooks.companies[realm] = online_starter.company(realm, name, country, sandbox.clock, None)
        sandbox.quickbooks._service._replays.clear()
        sandbox.faults.clear()
        return harness

    def _database(self, online: bool) -> str:
        """A database with the pulled journal, to be copied."""
        if online not in self._databases:
            self._databases[online] = url = new_database()
            world = self.new(self._folder / f"pulled{online}", online=online)
            for file in world.profile.place.glob("journal.sqlite*"):
                file.unlink()
            world.profile.model_copy(update={"journal_url": url}).save()
            world.company.book.save()
            make(world.company.folder).pull()
            with world.journal() as connection:
                traced(connection)
        return self._databases[online]


def standing_in(book: Path) -> Counter[tuple[str, str]]:
    """How often each record of the source counts in a book that bean-check accepts; what was reversed does not."""
    entries, errors, _ = loader.load_file(str(book))
    assert errors == []
    ours = [entry for entry in entries if isinstance(entry, data.Transaction) and "key" in entry.meta]
    gone = {entry.meta["voids"] for entry in ours if "voids" in entry.meta}
    standing = [entry.meta for entry in ours if "voids" not in entry.meta and entry.meta["key"] not in gone]
    return Counter((meta["kind"], meta["source"]) for meta in standing)


def traced(connection: Connection) -> None:
    """Let the database note every step."""
    for statement in TRACE[connection.dialect.name]:
        connection.exec_driver_sql(statement)


def engine_of(profile: Profile) -> Engine:
    """The database of a company's journal."""
    journal = open_journal(profile)
    journal.close()
    url = make_url(profile.journal_url or f"sqlite:///{profile.place / 'journal.sqlite'}")
    return create_engine(url.set(drivername="postgresql+psycopg") if url.drivername == "postgresql" else url)


def choose(company: Association) -> None:
    """Map what QuickBooks Online calls otherwise."""
    book = company.book
    for table, choices in CHOICES.items():
        book.write(table, {(code,): {"ledger_code": choice} for code, choice in choices.items()})
    book.save()
