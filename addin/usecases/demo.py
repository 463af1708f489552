"""Demo: the main job from end to end on the sample association, everything below one folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from time import monotonic

from addin.profile import load
from addin.session import Session
from addin.usecases.check import check
from addin.usecases.init import init
from addin.usecases.mark import Choice, mark
from addin.usecases.pull import pull
from addin.usecases.reconcile import reconcile
from addin.usecases.report import Report
from addin.usecases.sync import sync
from connectors.problems import CannotRun, Problem
from connectors.records import Kind, SyncStatus
from connectors.sources.files.sample import write_sample
from workbook.book import Book
from workbook.layout import Language

COMPANY = "Association des gestionnaires du Saint-Laurent"
SETTINGS = {"ledger.closing_date": "2023-12-31", "new_account_default": "yes"}
TODAY = date(2026, 1, 31)

BookAt = Callable[[Path], Book]


def demo(folder: Path, ledger: str, language: Language, book_at: BookAt, tell: Callable[[str], None]) -> Report:
    """Sample → workbook → pull → check → mark → sync → compare accounts receivable. Raises ``CannotRun``."""
    started = monotonic()
    _clear(folder)
    write_sample(folder)
    with _home(folder / "home"):
        made = init(folder, COMPANY, "files", ledger, SETTINGS, book_at, language)
        profile = load(COMPANY)
        with Session.open(profile, book_at(profile.workbook), "pull", TODAY) as session:
            tell(session.say("Pulling the sample association"))
            pulled = pull(session)
        with Session.open(profile, book_at(profile.workbook), "check", TODAY) as session:
            tell(session.say("Checking every record"))
            checked = check(session)
        with Session.open(profile, book_at(profile.workbook), "mark", TODAY) as session:
            tell(session.say("Marking what stays out"))
            zero = Choice(kind=Kind.INVOICE, where={"total": "0"})
            marked = mark(session, zero, SyncStatus.DO_NOT_SYNC)
        with Session.open(profile, book_at(profile.workbook), "sync", TODAY) as session:
            tell(session.say("Syncing"))
            synced = sync(session)
        with Session.open(profile, book_at(profile.workbook), "reconcile", TODAY) as session:
            tell(session.say("Comparing accounts receivable"))
            compared = reconcile(session)
    facts = {
        "workbook": made.facts["workbook"],
        "ledger": ledger,
        "company": COMPANY,
        "receivable": dict(compared.facts),
        "seconds": round(monotonic() - started, 1),
    }
    counts = {**pulled.counts, "ready": checked.counts["ready"], **marked.counts, **synced.counts}
    return Report(run=synced.run, counts=counts, totals=synced.totals, problems=synced.problems, facts=facts)


def _clear(folder: Path) -> None:
    """Begin anew where a former demo lies; anything else in the folder is not ours to delete."""
    if (folder / "home" / "companies").is_dir():
        shutil.rmtree(folder)
    if folder.exists() and any(folder.iterdir()):
        raise CannotRun(Problem(code="folder_not_empty", params={"folder": str(folder)}))
    folder.mkdir(parents=True, exist_ok=True)


@contextmanager
def _home(place: Path) -> Iterator[None]:
    before = os.environ.get("PASSERELLE_HOME")
    os.environ["PASSERELLE_HOME"] = str(place)
    try:
        yield
    finally:
        if before is None:
            del os.environ["PASSERELLE_HOME"]
        else:
            os.environ["PASSERELLE_HOME"] = before
