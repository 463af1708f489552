"""A small association on disk, and the use cases as a person runs them on its closed workbook."""

from __future__ import annotations

import csv
import os
import re
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from beancount import loader
from beancount.core import data
from filelock import FileLock

from addin.person import Person
from addin.profile import Profile, load
from addin.screen import Screen
from addin.session import Session
from addin.usecases.demo import COMPANY, demo
from addin.usecases.demo import TODAY as DEMO_DAY
from addin.usecases.init import init
from addin.usecases.pull import pull
from addin.usecases.report import Report
from addin.usecases.sync import sync
from workbook.book import Row, Value
from workbook.file.file_book import FileBook
from workbook.layout import ACCOUNTS, INVOICES, PAYMENTS, Table
from workbook.review import text_of
from workbook.row_keys import keyed

TODAY = date(2026, 1, 31)

Cells = Mapping[str, str]


@dataclass
class Association:
    """A company whose source files are written cell by cell and whose use cases run like commands."""

    folder: Path
    settings: dict[str, str] = field(default_factory=lambda: {"new_account_default": "yes"})
    files: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    name: str = "Petite association"
    ledger: str = "beancount"

    def write(self) -> None:
        """Write the source's files as they now are."""
        source = self.folder / "source"
        source.mkdir(parents=True, exist_ok=True)
        for name, rows in self.tables().items():
            columns = list(dict.fromkeys(column for row in rows for column in row))
            with (source / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)

    def tables(self) -> dict[str, list[dict[str, str]]]:
        """The rows of every file, documents with their balances."""
        return {name: list(map(self._with_balance, rows)) if name == "documents" else rows
                for name, rows in self.files.items()}  # fmt: skip

    def _with_balance(self, row: dict[str, str]) -> dict[str, str]:
        """A document whose balance was not given has the one that its payments and credits leave."""
        if row.get("balance", "0.00") or not re.fullmatch(r"[\d.]+", row["total"]):
            return row
        parts = [Decimal(each["amount"]) for each in self.files.get("allocations", ()) if each["invoice"] == row["key"]]
        parts += [
            Decimal(each["total"]) for each in self.files["documents"]
            if (each.get("kind"), each.get("invoice")) == ("credit_note", row["key"])
        ]  # fmt: skip
        left = Decimal(row["total"]) - sum(parts) if row["kind"] == "invoice" else Decimal(0)
        return {**row, "balance": str(max(left, Decimal(0)))}

    def add(self, file: str, **cells: str) -> dict[str, str]:
        """Add a line to a file of the source."""
        self.files.setdefault(file, []).append(cells)
        return cells

    def init(self) -> None:
        """Make the company."""
        self.write()
        init(self.folder, self.name, "files", self.ledger, self.settings, FileBook)

    @property
    def profile(self) -> Profile:
        """The company's profile."""
        return load(self.name)

    @property
    def book(self) -> FileBook:
        """The workbook as it lies on disk."""
        return FileBook(self.profile.workbook)

    def run(self, use_case: Callable[[Session], Report], today: date = TODAY, book: Path | None = None) -> Report:
        """Run a use case as one command would."""
        chosen = FileBook(book) if book else self.book
        with Session.open(self.profile, chosen, getattr(use_case, "__name__", "test"), today) as session:
            return use_case(session)

    def pull(self) -> Report:
        """Write the files and pull."""
        self.write()
        return self.run(pull)

    def sync(self) -> Report:
        """Sync."""
        return self.run(sync)

    def row(self, table: Table, key: str) -> dict[str, str]:
        """A row of the workbook as texts, by its key."""
        return {column: text_of(value) for column, value in self._row(table, key).values.items()}

    def _row(self, table: Table, key: str) -> Row:
        rows = self.book.read(table).rows
        return next(row for row in rows if text_of(row.values.get(table.keys[-1])) == key)

    def type(self, table: Table, key: str, **cells: Value) -> None:
        """Type into cells of a row, as an accountant would, and save."""
        book = self.book
        rows = keyed(table, book.read(table).rows)
        book.write(table, {next(row_key for row_key, _ in rows if row_key[-1] == key): cells}, every=True)
        book.save()

    def keyed_in(self, number: str, amount: str, customer: str, kind: str = "invoice", on: str = "2025-01-15") -> None:
        """Write a document into the book as a person does, with its number and nothing of ours."""
        receivable, dues = f"Assets:AccountsReceivable:{customer}", "Income:Dues"
        sides = {
            "payment": ("Assets:UndepositedFunds", receivable),
            "credit_note": (dues, receivable),
            "journal_entry": (dues, dues),
        }
        legs = sides.get(kind, (receivable, dues))
        self._book_it(
            f'{on} * "Keyed in" "{number}"\n  number: "{number}"\n  kind: "{kind}"\n'
            f"  {legs[0]}  {amount} CAD\n  {legs[1]}  -{amount} CAD\n"
        )

    def opened(self, customer: str, name: str) -> None:
        """Open a customer in the book as a person does."""
        self._book_it(f'2000-01-01 open Assets:AccountsReceivable:{customer}\n  name: "{name}"\n')

    def _book_it(self, text: str) -> None:
        book = self.folder / "book.beancount"
        book.write_text(book.read_text(encoding="utf-8") + "\n" + text, encoding="utf-8")

    def ledger_text(self) -> str:
        """What we wrote to the book."""
        return (self.folder / "passerelle.beancount").read_text(encoding="utf-8")


@pytest.fixture
def association(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Association:
    """One member, one invoice of 114.98 with taxes, one payment of it; not yet initialised."""
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PASSERELLE_LANGUAGE", "en")
    return small_association(tmp_path)


@pytest.fixture
def two_booked(association: Association) -> Association:
    """The small association with a second, unpaid invoice, after the Sync that transferred everything."""
    add_invoice(association, "I2", "F-2", balance="114.98")
    association.init()
    association.pull()
    association.sync()
    return association


def small_association(folder: Path) -> Association:
    """What the fixture of this name has, in a folder beside its home."""
    small = Association(folder / "company")
    small.add("accounts", key="A1", number="1001", name="Club d'échecs de l'Île", email="a@example.org")
    add_invoice(small, "I1", "F-1")
    small.add("payments", key="P1", number="R-1", date="2025-02-01", account="A1", currency="CAD", amount="114.98",
              method="cheque")  # fmt: skip
    small.add("allocations", payment="P1", invoice="I1", amount="114.98")
    small.add("gl_accounts", code="4100", name="Cotisations")
    small.add("taxes", code="GST", name="TPS", rate="5", sync_reference="2310")
    small.add("taxes", code="QST", name="TVQ", rate="9.975", sync_reference="2320")
    small.add("tax_groups", code="QC", name="TPS + TVQ", taxes="GST+QST", rounding="sum_of_rounded")
    small.add("methods", code="cheque", name="Chèque")
    return small


def works_as(patch: pytest.MonkeyPatch, name: str, uid: int = 0) -> Person:
    """From here on this process counts as an account of that name, by its user id or one made of its name."""
    person = Person(id=f"uid:{uid or 1000 + sum(name.encode())}", name=name, machine="bureau")
    patch.setattr("addin.session.signed_in", lambda: person)
    return person


def add_invoice(
    association: Association, key: str, number: str, customer: str = "A1", *, on: str = "2025-01-15",
    balance: str = "", **cells: str,
) -> None:  # fmt: skip
    """Add an invoice of 100.00 plus GST and QST; its balance is what its payments and credits leave, or as given."""
    association.add(
        "documents", **{
            "key": key, "kind": "invoice", "number": number, "date": on, "account": customer, "currency": "CAD",
            "subtotal": "100.00", "tax": "14.98", "total": "114.98", "balance": balance, "origin": "manual",
            "sent": "yes", "cancelled": "no", "sync_reference": "", **cells,
        },
    )  # fmt: skip
    association.add(
        "lines", document=key, line="1", description="Cotisation", quantity="1",
        unit_price="100.00", amount="100.00", gl_account="4100", tax_group="QC", tax_amount="14.98",
    )  # fmt: skip
    association.add("document_taxes", document=key, tax="GST", base="100.00", amount="5.00")
    association.add("document_taxes", document=key, tax="QST", base="100.00", amount="9.98")


def documents_in(book: Path) -> Counter[tuple[str, str]]:
    """How often each record of the source stands in a book that bean-check accepts, by kind and key."""
    entries, errors, _ = loader.load_file(str(book))
    assert errors == []
    ours = [entry for entry in entries if isinstance(entry, data.Transaction) and "key" in entry.meta]
    assert all(entry.meta["key"] in entry.links for entry in ours)
    return Counter((entry.meta["kind"], entry.meta["source"]) for entry in ours)


@pytest.fixture(scope="session")
def pulled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's company, pulled, checked and marked, just before its first sync; made once for all workers."""
    return _demo(tmp_path_factory, "pulled", until=("sync",))


@pytest.fixture(scope="session")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, run to its end; made once for all workers."""
    return _demo(tmp_path_factory, "synced")


def _demo(tmp_path_factory: pytest.TempPathFactory, name: str, until: tuple[str, ...] = ()) -> Path:
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = shared / name / "demo"
    screen = Screen("en", as_json=True)
    with FileLock(shared / f"{name}.lock"), pytest.MonkeyPatch.context() as patch:
        if not folder.exists():
            for use_case in until:
                patch.setattr(f"addin.usecases.demo.{use_case}", lambda *_: Report(run=0))
            demo(folder, "beancount", "en", screen.book, lambda _: None)
    return folder


def copy_of(demo_folder: Path, to: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A demo of one's own to break."""
    shutil.copytree(demo_folder, to)
    for profile in to.glob("home/companies/*/profile.toml"):
        profile.write_text(profile.read_text(encoding="utf-8").replace(str(demo_folder), str(to)), encoding="utf-8")
    monkeypatch.setenv("PASSERELLE_HOME", str(to / "home"))
    return to


def run_sync(today: date = DEMO_DAY, book: Path | None = None) -> Report:
    """Sync the demo's company on the workbook as it lies on disk."""
    profile = load(COMPANY)
    with Session.open(profile, FileBook(book or profile.workbook), "sync", today) as session:
        return sync(session)


__all__ = [
    "ACCOUNTS",
    "INVOICES",
    "PAYMENTS",
    "Association",
    "add_invoice",
    "copy_of",
    "documents_in",
    "run_sync",
    "small_association",
    "works_as",
]
