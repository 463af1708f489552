"""Results that cannot be written into the workbook wait in the journal, are said, and come with the next run."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from addin.profile import slug
from addin.session import Session
from addin.usecases.check import check
from addin.usecases.init import build, init
from addin.usecases.pull import pull
from addin.usecases.report import Report
from addin.usecases.sync import sync
from connectors.problems import CannotRun
from tests.addin.conftest import INVOICES, TODAY, Association, documents_in
from workbook.file import package
from workbook.file.file_book import FileBook

Shutting = Callable[[Path, pytest.MonkeyPatch], Callable[[], None]]
"""What shuts a workbook, at the moment its results are to be written; answers how a person opens it again."""


def open_in_excel(path: Path, _: pytest.MonkeyPatch) -> Callable[[], None]:
    owner = path.with_name(f"~${path.name}")
    owner.write_bytes(b"someone")
    return owner.unlink


def open_in_libreoffice(path: Path, _: pytest.MonkeyPatch) -> Callable[[], None]:
    owner = path.with_name(f".~lock.{path.name}#")
    owner.write_text(",someone,,;", encoding="utf-8")
    return owner.unlink


def read_only(path: Path, _: pytest.MonkeyPatch) -> Callable[[], None]:
    """No bit to write by, as Windows' read-only attribute: it holds for an administrator as well."""
    path.chmod(0o444)
    return lambda: path.chmod(0o644)


def full_disk(path: Path, patch: pytest.MonkeyPatch) -> Callable[[], None]:
    """The system's own answer to a write on a full disk; no disk can be filled here."""

    def full(*_: object) -> Path:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    before = package.write_beside
    patch.setattr(package, "write_beside", full)
    return lambda: patch.setattr(package, "write_beside", before)


def moved_away(path: Path, _: pytest.MonkeyPatch) -> Callable[[], None]:
    elsewhere = path.with_suffix(".away")
    path.rename(elsewhere)
    return lambda: elsewhere.rename(path) and None


def changed_by_somebody(path: Path, _: pytest.MonkeyPatch) -> Callable[[], None]:
    path.write_bytes(path.read_bytes() + b"\0")
    return lambda: path.write_bytes(path.read_bytes()[:-1]) and None


@pytest.fixture(params=[
    (open_in_excel, "workbook_open"),
    (open_in_libreoffice, "workbook_open"),
    (read_only, "workbook_read_only"),
    (full_disk, "disk_full"),
    (moved_away, "workbook_missing"),
    (changed_by_somebody, "workbook_changed_meanwhile"),
], ids=lambda pair: pair[0].__name__)  # fmt: skip
def shut(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> tuple[Callable[[Path], object], str]:
    """How a workbook is shut in the middle of a run, and what that is called."""
    shutting, code = request.param
    return (lambda path: shutting(path, monkeypatch)), code


def sync_with(association: Association, monkeypatch: pytest.MonkeyPatch, shutting: Callable[[Path], object]) -> Report:
    """Sync while the workbook is shut as the results come: after it was read, before it is written."""
    module = sys.modules[sync.__module__]
    deliver = module.deliver_to_sheet
    opening: list[object] = []

    def shut_first(*arguments: object) -> object:
        opening.append(shutting(association.profile.workbook))
        return deliver(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(module, "deliver_to_sheet", shut_first)
        report = association.run(sync)
    opening[0]()  # type: ignore[operator]
    return report


def booked_once(association: Association) -> bool:
    """Whether the book holds every document once."""
    booked = documents_in(association.folder / "book.beancount")
    return set(booked.values()) == {1} and len(booked) == 2


def test_results_wait_and_come_with_the_next_run(
    association: Association, monkeypatch: pytest.MonkeyPatch, shut: tuple[Callable[[Path], object], str]
) -> None:
    shutting, code = shut
    association.init()
    association.pull()
    report = sync_with(association, monkeypatch, shutting)
    assert sum(report.counts["posted"].values()) == 3
    assert [problem.code for problem in report.problems] == [code, "results_wait"]
    assert booked_once(association)
    assert association.row(INVOICES, "I1")["status"] == "To Be Transferred"
    again = association.run(sync)
    assert (again.counts["posted"], again.problems) == ({}, ())
    row = association.row(INVOICES, "I1")
    assert (row["status"], bool(row["reference"])) == ("Transfer Completed", True)
    assert booked_once(association)


def test_a_check_delivers_what_waits_as_well(association: Association, monkeypatch: pytest.MonkeyPatch) -> None:
    association.init()
    association.pull()
    sync_with(association, monkeypatch, lambda path: open_in_excel(path, monkeypatch))
    association.run(check)
    assert association.row(INVOICES, "I1")["status"] == "Transfer Completed"


@pytest.mark.parametrize("use_case", [pull, check])
def test_what_sends_nothing_says_why_and_changes_nothing(
    association: Association, monkeypatch: pytest.MonkeyPatch, shut: tuple[Callable[[Path], object], str],
    use_case: Callable[..., Report],
) -> None:  # fmt: skip
    shutting, code = shut
    association.init()
    association.pull()
    association.type(INVOICES, "I1", status="Perdu")
    book = association.book  # read before it is shut, as a person's run would have
    before = association.profile.workbook.read_bytes()
    opening = shutting(association.profile.workbook)
    session = Session.open(association.profile, book, use_case.__name__, TODAY)
    with pytest.raises(CannotRun) as stopped, session:
        use_case(session)
    assert [problem.code for problem in stopped.value.problems] == [code]
    opening()  # type: ignore[operator]
    assert association.profile.workbook.read_bytes() == before
    association.run(check)
    assert association.row(INVOICES, "I1")["reason"]


def test_a_workbook_that_was_deleted_is_made_anew_with_what_was_transferred(
    association: Association, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The journal is the memory: a new workbook of the company shows what the ledger already has."""
    association.init()
    association.pull()
    path = association.profile.workbook
    association.run(sync)
    path.unlink()
    build(path, "en", FileBook, association.profile)
    association.pull()
    assert association.row(INVOICES, "I1")["status"] == "Transfer Completed"
    assert association.sync().counts["posted"] == {}
    assert booked_once(association)


def test_a_workbook_that_is_there_is_never_replaced(association: Association, tmp_path: Path) -> None:
    """What was typed into it is nowhere else: neither by ``build``, nor by ``init`` of a company that is not known."""
    association.init()
    path = association.profile.workbook
    before = path.read_bytes()
    with pytest.raises(CannotRun) as refused:
        build(path, "en", FileBook, association.profile)
    assert refused.value.problems[0].code == "workbook_exists"
    shutil.copy(path, tmp_path / f"{slug('New company')}.xlsm")
    with pytest.raises(CannotRun) as refused:
        init(tmp_path, "New company", "files", "beancount", {}, FileBook)
    assert refused.value.problems[0].params["path"] == str((tmp_path / f"{slug('New company')}.xlsm").resolve())
    assert path.read_bytes() == before
