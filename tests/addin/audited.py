"""A source of the auditor's, synced through the product onto a ledger, whose own reports are then looked at.

The company is the sample association without its records: its lists, its accounts, its closing date. A ledger that can
keeps several currencies.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest

from addin.journal import State
from addin.journal.rows import settled
from addin.profile import Profile, load
from addin.session import Session
from addin.sync.effects import Effect, effect
from addin.usecases.connect import authorize
from addin.usecases.demo import COMPANY, MAPS
from addin.usecases.init import init
from addin.usecases.pull import pull
from addin.usecases.report import Report
from addin.usecases.sync import sync
from connectors.ledgers.quickbooks_online.connector import QuickBooksOnlineLedger
from connectors.registry import demonstration, ledger_type
from connectors.sources.files.sample import write_sample
from connectors.sources.files.sample_books import kept
from tests.addin.planting import RECORDS
from tests.auditor.entries import Chart
from tests.auditor.writing import Writer
from workbook.file.file_book import FileBook
from workbook.layout import METHOD_MAP

Key = tuple[str, str]

CLOSED = date(2023, 12, 31)
TODAY = date(2026, 1, 31)
ASSOCIATION = Chart(
    receivable="1100", payable="2100", bank="1050", fees="5300",
    taxes={"GST": "2310", "QST": "2320", "HST13": "2330", "HST15": "2330"},
    discounts="4350", exchange="4800",
)  # fmt: skip
"""The association's accounts, as its own books number them; money waits on 1050 until it is deposited."""
CODES = ("discount", "discount received")
DISCOUNTED: dict[str, dict[str, dict[str, str]]] = {
    "beancount": {"accounts": dict.fromkeys(CODES, ASSOCIATION.discounts)},
    "tryton": {"accounts": dict.fromkeys(CODES, ASSOCIATION.discounts)},
    "quickbooks-online": {
        "accounts": dict.fromkeys(CODES, ASSOCIATION.discounts), "items": {"discount": "ESCOMPTE"},
        "tax_codes": dict.fromkeys(CODES, "Out of Scope"),
    },
}  # fmt: skip
"""What is typed for early-payment discounts, which the source names by codes of ours."""


@dataclass
class Audited:
    """A company at work over one ledger; what became of its records by the last sync.

    ``posted`` has the ledger's id of each, ``told`` the codes of the problems that held the others back.
    """

    folder: Path
    ledger: str
    profile: Profile
    posted: dict[Key, str] = field(default_factory=dict)
    told: dict[Key, set[str]] = field(default_factory=dict)

    def sync(self, source: Writer, today: date = TODAY) -> Audited:
        """Write the source's files, pull and sync, as on that day."""
        source.write(self.folder / "source")
        reports = [self._as("pull", today)]
        if any(row.get("discount") for row in source.tables["allocations"]):
            self.choose(DISCOUNTED[self.ledger])
        reports.append(self._as("sync", today))
        self.told = defaultdict(set)
        for problem in (problem for report in reports for problem in report.problems):
            if problem.kind and effect(problem) is not Effect.NOTICE:
                self.told[str(problem.kind), problem.key].add(problem.code)
        with Session.open(self.profile, FileBook(self.profile.workbook), "log", today) as session:
            self.posted = {
                (str(kind), key): booked.ledger_id
                for (kind, key), history in session.journal.transfers().items()
                if (booked := settled(history)) and booked.state is State.POSTED
            }
        return self

    def _as(self, command: str, today: date) -> Report:
        with Session.open(self.profile, FileBook(self.profile.workbook), command, today) as session:
            return {"pull": pull, "sync": sync}[command](session)

    def set(self, **settings: str) -> None:
        """Change settings of the ledger, as on the command line."""
        self.profile = self.profile.model_copy(update={"ledger_settings": {**self.profile.ledger_settings, **settings}})
        self.profile.save()

    def choose(self, choices: Mapping[str, Mapping[str, str]]) -> None:
        """Type the ledger's codes on the Mapping sheet, where the two sides call them differently."""
        book = FileBook(self.profile.workbook)
        for name, chosen in choices.items():
            book.write(MAPS[name], {(code,): {"ledger_code": choice} for code, choice in chosen.items()})
        book.save()

    def put(self, accounts: Mapping[str, str], fees: str = "") -> None:
        """Type the account of each payment method on the Mapping sheet, and that of the fees of every one."""
        book = FileBook(self.profile.workbook)
        methods = [str(row.values["code"]) for row in book.read(METHOD_MAP).rows]
        cells = {(method,): {"deposit_account": accounts.get(method, ""), "fee_account": fees} for method in methods}
        book.write(METHOD_MAP, cells)
        book.save()


@contextmanager
def company(folder: Path, ledger: str, source: Writer, **settings: str) -> Iterator[Audited]:
    """A company whose source is this one, made, signed in and pulled once; ``settings`` are options of its own."""
    write_sample(folder)
    (folder / "passerelle.beancount").unlink()
    for name in RECORDS:
        _empty(folder / "source" / f"{name}.csv")
    with (
        demonstration(ledger)(folder / "books", kept(folder), ()) as shown,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in {"PASSERELLE_HOME": str(folder / "home"), **shown.environment}.items():
            patch.setenv(name, value)
        patch.setattr(QuickBooksOnlineLedger, "limits", ())
        own = {f"ledger.{name}": value for name, value in shown.settings.items()}
        given = {"new_account_default": "yes", **settings, **own}
        if "closing_date" in ledger_type(ledger).Settings.model_fields:
            given.setdefault("ledger.closing_date", CLOSED.isoformat())
        source.write(folder / "source")
        init(folder, COMPANY, "files", ledger, given, FileBook, "en")
        audited = Audited(folder, ledger, load(COMPANY))
        if consent := shown.consent:
            with Session.open(audited.profile, FileBook(audited.profile.workbook), "authorize", TODAY) as session:
                authorize(session, consent)
        audited._as("pull", TODAY)
        audited.choose(shown.choices)
        yield audited


def _empty(file: Path) -> None:
    with file.open(encoding="utf-8", newline="") as text:
        header = next(csv.reader(text))
    file.write_text(",".join(header) + "\n", encoding="utf-8")
