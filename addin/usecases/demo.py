"""Demo: the main job from end to end on the sample association, everything below one folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import monotonic

from addin import texts
from addin.home import home
from addin.profile import Profile, load
from addin.session import Session
from addin.usecases.check import check
from addin.usecases.connect import authorize
from addin.usecases.init import init
from addin.usecases.mark import Choice, mark
from addin.usecases.preview import show_preview
from addin.usecases.pull import pull
from addin.usecases.reconcile import reconcile
from addin.usecases.report import Report
from addin.usecases.sync import sync
from connectors import private
from connectors.demonstration import Demonstration
from connectors.problems import CannotRun, Problem
from connectors.records import Kind, SyncStatus
from connectors.registry import demonstration, ledger_type, source_demonstration
from connectors.sources.files.sample import refer, write_sample
from connectors.sources.files.sample_books import by_hand, kept
from workbook.book import Book, RowKey
from workbook.layout import ACCOUNT_MAP, CLASS_MAP, ITEM_MAP, METHOD_MAP, TAX_MAP, TERM_MAP, Language
from workbook.rows import Cells

COMPANY = "Association des gestionnaires du Saint-Laurent"
SETTINGS = {"ledger.closing_date": "2023-12-31", "new_account_default": "yes"}
"""What is set for every ledger; a ledger that has no such setting keeps its closing date itself."""
TODAY = date(2026, 1, 31)
FEES: dict[RowKey, Cells] = {(code,): {"fee_account": "5300"} for code in ("CARD", "CHEQUE")}
DISCOUNTS: dict[RowKey, Cells] = {("discount",): {"ledger_code": "4350"}}
"""What the association's accountant chooses for what comes beside payments, in any ledger of the demo."""
MAPS = {
    "accounts": ACCOUNT_MAP,
    "items": ITEM_MAP,
    "tax_codes": TAX_MAP,
    "terms": TERM_MAP,
    "methods": METHOD_MAP,
    "classes": CLASS_MAP,
}

BookAt = Callable[[Path], Book]


def demo(
    folder: Path, ledger: str, language: Language, book_at: BookAt, tell: Callable[[str], None], source: str = "files"
) -> Report:
    """Sample → workbook → pull → check → mark → preview → sync → compare accounts receivable. Raises ``CannotRun``.

    A ledger or a source that somebody else runs is shown on its stand-in, which is started for the demo and ended with
    it.
    """
    started = monotonic()
    _clear(folder)
    write_sample(folder)
    with _environment({"PASSERELLE_HOME": str(folder / "home")}):
        books, origin = home() / "sandboxes" / ledger, home() / "sandboxes" / source
        with ExitStack() as running:
            shown = running.enter_context(demonstration(ledger)(books, kept(folder), by_hand()))
            refer(folder, shown.references)
            given = running.enter_context(source_demonstration(source)(origin, folder / "source"))
            running.enter_context(_environment({**given.environment, **shown.environment}))
            made = init(folder, COMPANY, source, ledger, _settings(ledger, shown, given), book_at, language)
            report = _Run(load(COMPANY), book_at, shown, tell).job()
    facts = {
        "workbook": made.facts["workbook"],
        "ledger": ledger,
        "company": COMPANY,
        "seconds": round(monotonic() - started, 1),
        "books": _start_again(ledger, shown, books),
        "records": _start_again(source, given, origin),
    }
    return Report(
        run=report.run,
        counts=report.counts,
        totals=report.totals,
        problems=report.problems,
        facts={**report.facts, **facts},
    )


@dataclass(frozen=True, slots=True)
class _Run:
    """The demo's company at work, one use case after the other as a person would run them."""

    profile: Profile
    book_at: BookAt
    shown: Demonstration
    tell: Callable[[str], None]

    def job(self) -> Report:
        """Every step; the report of them all."""
        if consent := self.shown.consent:
            self._step("authorize", texts.mark("Signing in to the ledger"), lambda session: authorize(session, consent))
        pulled = self._step("pull", texts.mark("Pulling the sample association"), pull)
        self._choose()
        checked = self._step("check", texts.mark("Checking every record"), check)
        zero = Choice(kind=Kind.INVOICE, where={"total": "0"})
        marked = self._step(
            "mark", texts.mark("Marking what stays out"), lambda session: mark(session, zero, SyncStatus.DO_NOT_SYNC)
        )
        self._step("show_preview", texts.mark("Showing what Sync would do"), show_preview)
        synced = self._step("sync", texts.mark("Syncing"), sync)
        compared = self._step("reconcile", texts.mark("Comparing receivables and payables"), reconcile)
        counts = {**pulled.counts, "ready": checked.counts["ready"], **marked.counts, **synced.counts}
        facts = {"receivable": dict(compared.facts), "left_out": synced.facts.get("left_out", [])}
        return Report(run=synced.run, counts=counts, totals=synced.totals, problems=synced.problems, facts=facts)

    def _step(self, command: str, said: str, use_case: Callable[[Session], Report]) -> Report:
        with Session.open(self.profile, self.book_at(self.profile.workbook), command, TODAY) as session:
            self.tell(session.say(said))
            return use_case(session)

    def _choose(self) -> None:
        book = self.book_at(self.profile.workbook)
        choose(book, self.shown.choices)
        book.save()


def choose(book: Book, choices: Mapping[str, Mapping[str, str]]) -> None:
    """Type on the Mapping sheet the ledger's codes, where both sides call them differently, by the list that they are
    of, and the accounts of fees and discounts."""
    book.write(METHOD_MAP, FEES)
    book.write(ACCOUNT_MAP, DISCOUNTS)
    for name, chosen in choices.items():
        book.write(MAPS[name], {(code,): {"ledger_code": choice} for code, choice in chosen.items()})


def _settings(ledger: str, shown: Demonstration, given: Demonstration) -> dict[str, str]:
    known = {f"ledger.{name}" for name in ledger_type(ledger).Settings.model_fields}
    common = {name: value for name, value in SETTINGS.items() if name in known or not name.startswith("ledger.")}
    of_ledger = {f"ledger.{name}": value for name, value in shown.settings.items()}
    return {**common, **of_ledger, **{f"source.{name}": value for name, value in given.settings.items()}}


def _start_again(name: str, shown: Demonstration, books: Path) -> str:
    """The command that shows the books, or the records, once more; none where there was nothing to start."""
    return f'passerelle sandbox {name} --port {shown.port} --folder "{books}"' if shown.port else ""


def _clear(folder: Path) -> None:
    """Begin anew where a former demo lies; anything else in the folder is not ours to delete."""
    if (folder / "home" / "companies").is_dir():
        shutil.rmtree(folder)
    if folder.exists() and any(folder.iterdir()):
        raise CannotRun(Problem(code="folder_not_empty", params={"folder": str(folder)}))
    private.make_folder(folder / "home" / "companies")


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
