"""Nothing is posted twice and nothing is lost: cleared cells, copies, kills, another machine's journal."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from addin.profile import load
from addin.session import Session
from addin.usecases.answering import confirm
from addin.usecases.demo import COMPANY, TODAY
from addin.usecases.pull import pull
from addin.usecases.undo import Chosen
from connectors.records import Kind
from tests.addin.conftest import INVOICES, PAYMENTS, Association, copy_of, documents_in, run_sync
from workbook.file.file_book import FileBook
from workbook.layout import ACCOUNTS, REVIEW_TABLES
from workbook.row_keys import keyed

SEED = 20261121
KILLS = int(os.environ.get("PASSERELLE_KILLS", "3"))


def test_syncing_again_posts_nothing(synced: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = copy_of(synced, tmp_path / "demo", monkeypatch)
    before = (folder / "passerelle.beancount").read_bytes()
    report = run_sync()
    assert report.counts["posted"] == report.counts["adopted"] == {}
    assert (folder / "passerelle.beancount").read_bytes() == before


def test_deleting_every_status_and_reference_posts_nothing_twice(
    synced: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copy_of(synced, tmp_path / "demo", monkeypatch)
    before = (folder / "passerelle.beancount").read_bytes()
    workbook = load(COMPANY).workbook
    book = FileBook(workbook)
    for table in REVIEW_TABLES:
        rows = keyed(table, book.read(table).rows)
        assert not book.write(table, {key: {"status": None, "reference": None} for key, _ in rows})
    book.save()
    report = run_sync()
    assert report.counts["posted"] == {}
    assert (folder / "passerelle.beancount").read_bytes() == before
    statuses = Counter(row.values["status"] for row in FileBook(workbook).read(INVOICES).rows)
    assert statuses["Transfer Completed"] > 500


def test_a_copy_of_the_workbook_posts_nothing_twice(
    pulled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copy_of(pulled, tmp_path / "demo", monkeypatch)
    copy = folder / "copy.xlsm"
    shutil.copy(load(COMPANY).workbook, copy)
    run_sync()
    before = (folder / "passerelle.beancount").read_bytes()
    report = run_sync(book=copy)
    assert report.counts["posted"] == {}
    assert (folder / "passerelle.beancount").read_bytes() == before
    statuses = Counter(row.values["status"] for row in FileBook(copy).read(INVOICES).rows)
    assert statuses["Transfer Completed"] > 500


@pytest.mark.parametrize("rows_know", [True, False])
def test_a_lost_journal_posts_nothing_twice(association: Association, rows_know: bool) -> None:
    """The rows' references count as typed by hand; without them the ledger answers by our key.

    Before that the accountant says of an account that the ledger seems to have that it is to be taken as new.
    """
    association.init()
    association.pull()
    workbook = association.profile.workbook
    former = workbook.read_bytes()
    association.sync()
    before = association.ledger_text()
    for file in association.profile.place.glob("journal.sqlite*"):
        file.unlink()
    if not rows_know:
        workbook.write_bytes(former)
    association.run(pull)
    if not rows_know:
        assert {problem.code for problem in association.sync().problems} >= {"account_resembles"}
        association.run(lambda session: confirm(session, Chosen(kind=Kind.CUSTOMER, numbers=["A1"])))
    report = association.sync()
    assert report.counts["posted"] == {}
    found = {} if rows_know else {Kind.CUSTOMER: 1, Kind.INVOICE: 1, Kind.PAYMENT: 1}
    assert report.counts["adopted"] == found
    assert association.ledger_text() == before
    for table, key in ((ACCOUNTS, "A1"), (INVOICES, "I1"), (PAYMENTS, "P1")):
        assert association.row(table, key)["status"] == "Transfer Completed"


def test_killed_at_random_moments_the_book_holds_every_document_exactly_once(
    pulled: Path, synced: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGKILL at seeded random moments, again and again on what the last kill left, then one run to the end."""
    wanted = documents_in(synced / "book.beancount")
    chance = random.Random(SEED)
    folder = copy_of(pulled, tmp_path / "demo0", monkeypatch)
    kills = rounds = 0
    while kills < KILLS:
        if _killed_after(chance.uniform(0.02, 1.2)):
            kills += 1
            assert max(documents_in(folder / "book.beancount").values(), default=1) == 1
            continue
        assert documents_in(folder / "book.beancount") == wanted
        rounds += 1
        folder = copy_of(pulled, tmp_path / f"demo{rounds}", monkeypatch)
    report = run_sync()
    assert report.counts["unknown"] == {}
    assert documents_in(folder / "book.beancount") == wanted
    rows = FileBook(load(COMPANY).workbook).read(INVOICES).rows
    told = {row.values["number"]: row.values["status"] for row in rows}
    done = {row.values["number"]: row.values["status"] for row in _rows(synced)}
    assert told == done


def _rows(folder: Path) -> tuple[object, ...]:
    return FileBook(next(folder.glob("*.xlsm"))).read(INVOICES).rows


def _killed_after(seconds: float) -> bool:
    """Sync in a process of its own, killed after a while; whether it was killed before its end."""
    child = multiprocessing.get_context("fork").Process(target=run_sync)
    child.start()
    assert child.pid is not None
    child.join(seconds)
    if child.is_alive():
        os.kill(child.pid, signal.SIGKILL)
    child.join()
    return child.exitcode == -signal.SIGKILL


def test_while_one_sync_runs_a_second_is_refused_and_told_why(
    pulled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_of(pulled, tmp_path / "demo", monkeypatch)
    profile = load(COMPANY)
    with Session.open(profile, FileBook(profile.workbook), "sync", TODAY):
        command = [sys.executable, "-m", "addin", "sync", COMPANY, "--json"]
        second = subprocess.run(command, capture_output=True, text=True, check=False)
    assert second.returncode == 2
    assert [problem["code"] for problem in json.loads(second.stdout)["problems"]] == ["sync_running"]
