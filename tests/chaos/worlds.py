"""A small company, pulled, over a book of its own or over QuickBooks Online's stand-in, and copies of it to break."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import make_url

from addin.hands import open_journal
from addin.journal import State, Transfer
from addin.profile import Profile
from addin.usecases.init import init
from connectors import exact_json
from connectors.ledgers.quickbooks_online.sandbox import COMPANIES
from connectors.ledgers.quickbooks_online.sandbox import starter as online_starter
from connectors.ledgers.quickbooks_online.sandbox.starter import IN_ADVANCE
from tests.addin.conftest import Association
from tests.auditor.writing import CENT
from tests.chaos import conftest
from tests.chaos.besides import RECEIVED, SPENT, Company, add
from tests.chaos.books import PAID, Book, Document, Online, Register
from tests.chaos.conftest import NAME
from tests.chaos.postgres import dropped, new_database
from tests.chaos.trace import Traces
from tests.connectors.ledgers.quickbooks_harness import TAX, QuickBooksHarness, quickbooks
from workbook.file.file_book import FileBook
from workbook.layout import ACCOUNT_MAP, ITEM_MAP, METHOD_MAP, TAX_MAP, Table

MEMBERS, INVOICES, PAYMENTS = 4, 8, 4
NAMES = ("Aurèle Tremblay", "Chloé Gagnon", "Denis Bouchard", "Édith Pelletier")
EQUAL = {1: 0, 2: 0, 4: 0, 6: 5, 7: 5}
"""Invoices that come to the same as another one, of the same customer or of another: dues."""
VOIDING = {"Invoice": {"operation": "void"}, "Payment": {"operation": "update", "include": "void"}}
"""How a document is voided in QuickBooks (its reference, and the addendum on payments)."""

Choices = Mapping[Table, Mapping[str, Mapping[str, str]]]
BOOK: Choices = {
    ACCOUNT_MAP: {"discount": {"ledger_code": "4900"}},
    METHOD_MAP: {RECEIVED: {"fee_account": "5300"}, SPENT: {"spending_account": "1010"}},
}
"""What the accountant maps for a book of his own."""
ONLINE: Choices = {
    ITEM_MAP: {
        "": {"ledger_code": "Membership"}, "DUES-C": {"ledger_code": IN_ADVANCE},
        "discount": {"ledger_code": "Product"},
    },
    ACCOUNT_MAP: {"2400": {"ledger_code": "Deferred Revenue"}, "4100": {"ledger_code": "Membership Dues"},
                  "5200": {"ledger_code": "Office Supplies"}, "discount": {"ledger_code": "Sales of Product Income"}},
    TAX_MAP: {"QC": {"ledger_code": TAX}, "discount": {"ledger_code": "Out of Scope"}},
    METHOD_MAP: {
        RECEIVED: {"ledger_code": "Cheque", "fee_account": "Bank Charges"},
        SPENT: {"ledger_code": "Electronic transfer", "spending_account": "Checking"},
    },
}  # fmt: skip
"""What he maps for QuickBooks Online."""

TOKEN = "(SELECT coalesce(max(token), 0) FROM lease)"
ATTEMPT = "CASE WHEN new.action = 'create' THEN '' ELSE new.action || new.generation END"
"""What applies or changes what was booked goes its own way; what books it goes one way through its generations."""
STEP = "token, kind, record, attempt, was, now"
TYPED = "token INTEGER, kind TEXT, record TEXT, attempt TEXT, was TEXT, now TEXT"
TRACE = {
    "sqlite": (
        f"CREATE TABLE trace (id INTEGER PRIMARY KEY, {TYPED})",
        f"CREATE TRIGGER trace_made AFTER INSERT ON transfer BEGIN INSERT INTO trace ({STEP})"
        f" VALUES ({TOKEN}, new.kind, new.record, {ATTEMPT}, '', new.state); END",
        "CREATE TRIGGER trace_moved AFTER UPDATE ON transfer WHEN old.state <> new.state BEGIN"
        f" INSERT INTO trace ({STEP})"
        f" VALUES ({TOKEN}, new.kind, new.record, {ATTEMPT}, old.state, new.state); END",
    ),
    "postgresql": (
        f"CREATE TABLE trace (id SERIAL PRIMARY KEY, {TYPED})",
        "CREATE FUNCTION traced() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE before TEXT := ''; BEGIN"
        " IF TG_OP = 'UPDATE' THEN before := old.state; END IF;"
        f" IF before <> new.state THEN INSERT INTO trace ({STEP})"
        f" VALUES ({TOKEN}, new.kind, new.record, {ATTEMPT}, before, new.state); END IF; RETURN new; END $$",
        "CREATE TRIGGER trace AFTER INSERT OR UPDATE ON transfer FOR EACH ROW EXECUTE FUNCTION traced()",
    ),
}
"""The database itself notes every step of every transfer and whose lease it was, in the transaction that makes it."""


def make(folder: Path, *, online: bool = False) -> Company:
    """The company, not yet initialised; each document but for some comes to an amount of its own."""
    company = Company(folder, name=NAME)
    conftest.fill(company, MEMBERS, INVOICES, PAYMENTS)
    for row, name in zip(company.files["accounts"], NAMES, strict=True):
        row["name"] = name
    for n in range(INVOICES):
        amount(company, n, Decimal(100 + 20 * EQUAL.get(n, n)))
    for code, name in (("2400", "Cotisations reportées"), ("5200", "Bureau")):
        company.add("gl_accounts", code=code, name=name)
    company.add("methods", code=SPENT, name="Virement")
    add(company, foreign=not online)
    return company


def is_plain(key: str) -> bool:
    """Whether a record is an invoice or payment that people work on by hand, and not one of the others."""
    return key[0] in "IP" and key[1:].isdecimal()


def record_of(company: Association, key: str) -> dict[str, str]:
    """A document or payment of the source by its key."""
    return next(row for name in ("documents", "payments") for row in company.files[name] if row["key"] == key)


def content_of(company: Association, key: str) -> tuple[str, Decimal]:
    """The name of a record's customer, and what it comes to at home."""
    record = record_of(company, key)
    names = {row["key"]: row["name"] for row in company.files["accounts"]}
    return names[record["account"]], at_home(record, Decimal(record.get("total") or record["amount"]))


def at_home(record: Mapping[str, str], value: Decimal) -> Decimal:
    """An amount of a record in the company's currency."""
    return (value * Decimal(record.get("rate") or 1)).quantize(CENT, ROUND_HALF_UP)


def wanted(company: Association) -> Counter[tuple[str, str]]:
    """Every record of the source once, with the fees and discounts that come of its payments."""
    files = company.files
    documents = [(row["kind"], row["key"]) for row in files["documents"]]
    payments = [(PAID[row.get("kind", "")], row["key"]) for row in files["payments"]]
    fees = [("journal_entry", f"{row['key']}/fee") for row in files["payments"] if row.get("fee")]
    discounts = [("credit_note", f"{row['payment']}/{row['invoice']}") for row in files["allocations"]
                 if row.get("discount")]  # fmt: skip
    return Counter([*documents, *payments, *fees, *discounts])


def amount(company: Association, number: int, net: Decimal) -> None:
    """Let an invoice come to so much before taxes, and what pays it to the whole."""
    key, files = f"I{number}", company.files
    gst, qst = ((net * rate).quantize(Decimal("0.01"), ROUND_HALF_UP) for rate in (Decimal("0.05"), Decimal("0.09975")))
    total = net + gst + qst
    documents = next(row for row in files["documents"] if row["key"] == key)
    documents |= {"subtotal": str(net), "tax": str(gst + qst), "total": str(total)}
    documents["balance"] = "0.00" if number < PAYMENTS else str(total)
    line = next(row for row in files["lines"] if row["document"] == key)
    line |= {"unit_price": str(net), "amount": str(net), "tax_amount": str(gst + qst)}
    for tax, each in zip((row for row in files["document_taxes"] if row["document"] == key), (gst, qst), strict=True):
        tax |= {"base": str(net), "amount": str(each)}
    for row in (*files["payments"], *files["allocations"]):
        if row.get("key", row.get("payment")) == f"P{number}":
            row["amount"] = str(total)


@dataclass
class World:
    """One copy of the company, with its ledger and its journal's database; notes of what was done to it."""

    company: Company
    online: QuickBooksHarness | None = None
    database: str = ""
    met: Counter[str] = field(default_factory=Counter)
    read: dict[str, set[tuple[str, Decimal]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.reads()

    def reads(self) -> None:
        """What the source says now was pulled: of each document and payment, its customer and its total."""
        for row in (*self.company.files["documents"], *self.company.files["payments"]):
            self.read.setdefault(row["key"], set()).add(content_of(self.company, row["key"]))

    def wanted(self) -> Counter[tuple[str, str]]:
        """What the ledger holds once nothing went wrong, but for the entries of schedules: each record once."""
        return wanted(self.company)

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

    @property
    def books(self) -> Book | Online:
        """The ledger, as a person sees it."""
        if self.online is None:
            return Book(self.company.folder)
        return Online(self.online, Register(self.company.files))

    def documents(self) -> list[Document]:
        """What stands in the ledger, told without our own code."""
        return self.books.documents()

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
        body = {"Id": bare, "SyncToken": token, "sparse": True}
        how = VOIDING[entity] if void else {"operation": "delete"}
        self.online.call("POST", entity.lower(), params=how, data=exact_json.dumps(body).encode())

    @contextmanager
    def journal(self) -> Iterator[Connection]:
        """The journal's database, changed behind the engine's back."""
        engine = engine_of(self.profile)
        with engine.begin() as connection:
            yield connection
        engine.dispose()

    def trace(self) -> Traces:
        """Every step that every transfer took, in order, with the token of the lease."""
        steps: dict[tuple[str, str, str], list[tuple[int, State | None, State]]] = {}
        with self.journal() as connection:
            noted = connection.exec_driver_sql(f"SELECT {STEP} FROM trace ORDER BY id")
            for token, kind, record, attempt, was, now in noted:
                steps.setdefault((kind, record, attempt), []).append((token, State(was) if was else None, State(now)))
        return {key: list(of_ours(each)) for key, each in steps.items()}

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
        company = make(to, online=online)
        world = World(company, self._fresh() if online else None)
        if shared:
            world.database = new_database(template)
            company.profile.model_copy(update={"journal_url": world.database}).save()
        return world

    def _base(self, online: bool) -> Path:
        if online not in self._made:
            folder = self._folder / ("online" if online else "book")
            os.environ["PASSERELLE_HOME"], os.environ["PASSERELLE_LANGUAGE"] = str(folder / "home"), "en"
            company = make(folder, online=online)
            if online:
                self._init_online(company)
            else:
                company.init()
            company.pull()
            with engine_of(company.profile).begin() as connection:
                traced(connection)
            choose(company, ONLINE if online else BOOK)
            company.pull()
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
            make(world.company.folder, online=online).pull()
            with world.journal() as connection:
                traced(connection)
        return self._databases[online]


UNSENT = {(before, State.REJECTED) for before in (None, State.ABSENT)}
"""The steps by which a record is refused before anything is sent."""


def of_ours(steps: list[tuple[int, State | None, State]]) -> Iterator[tuple[int, State | None, State]]:
    """The steps of what was sent, as if nothing had been linked by hand, or refused unsent, in between."""
    last: State | None = None
    aside = False
    for token, was, now in steps:
        if State.MANUAL in (was, now) or (was, now) in UNSENT:
            aside = True
        else:
            before = was if not aside else None if last is State.UNDONE else last
            yield token, before, now
            last, aside = now, False


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


def choose(company: Association, choices: Choices) -> None:
    """Map what the ledger calls otherwise."""
    book = company.book
    for table, cells in choices.items():
        missing = book.write(table, {(code,): each for code, each in cells.items()})
        assert not missing, missing
    book.save()
