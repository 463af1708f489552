"""Upgrade: workbooks that earlier releases drew, with what an accountant typed in them (design: existing workbooks)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
from pyopenvba import ExcelFile

from addin.session import claimed
from addin.usecases.upgrade import upgrade
from connectors.problems import CannotRun
from tests.addin.test_cli import answer, passerelle
from workbook.captions import texts
from workbook.file.file_book import FileBook
from workbook.layout import IDENTITY, INVOICES, REVISION, TEXTS, tables
from workbook.review import text_of
from workbook.template.macros import SOURCES
from workbook.template.template import RIBBON, RIBBON_PART

EARLIER = Path(__file__).parents[1] / "workbook" / "earlier"
RELEASES = sorted(path.stem for path in EARLIER.glob("*.xlsm"))
"""Workbooks as they were drawn on a day of 2026, pulled into, one invoice marked Stand By by a person."""


OLDEST = (EARLIER / "november-22.xlsm").read_bytes()
"""Drawn before invoices had a rate of exchange."""


@pytest.fixture(params=RELEASES)
def earlier(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A workbook of an earlier release; the pristine one lies beside it as ``before.xlsm``."""
    for name in ("before", "book"):
        shutil.copyfile(EARLIER / f"{request.param}.xlsm", tmp_path / f"{name}.xlsm")
    return tmp_path / "book.xlsm"


def parts(path: Path) -> dict[str, bytes]:
    with ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def contents(path: Path) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Every table but those on the hidden sheet, with all that its rows show."""
    book = FileBook(path)
    for sheet, table in tables():
        if not sheet.hidden:
            yield table.name, book.read(table).rows


def test_everything_but_macros_ribbon_and_the_hidden_sheet_keeps_its_bytes(earlier: Path) -> None:
    """So own columns, sheets, charts, notes and colours do, whatever they are."""
    upgrade(FileBook(earlier))
    before, after = parts(earlier.with_name("before.xlsm")), parts(earlier)
    assert before.keys() == after.keys()
    changed = {name for name in before if before[name] != after[name]}
    hidden = FileBook(earlier)._standing[IDENTITY.name.casefold()]
    ours = {"xl/vbaProject.bin", RIBBON_PART, hidden.sheet_part}
    assert {name for name in changed if not name.startswith("xl/tables/")} == ours
    assert len(changed - ours) <= 2


def test_what_was_typed_and_pulled_stays(earlier: Path) -> None:
    upgrade(FileBook(earlier))
    assert dict(contents(earlier)) == dict(contents(earlier.with_name("before.xlsm")))
    [invoice] = FileBook(earlier).read(INVOICES).rows
    assert text_of(invoice.values["status"]) == "Stand By"


def test_it_has_todays_macros_ribbon_texts_and_revision(earlier: Path) -> None:
    stood = claimed(FileBook(earlier))
    upgrade(FileBook(earlier))
    with ExcelFile(earlier) as workbook:
        for source in SOURCES.glob("*.bas"):
            wanted = source.read_text(encoding="utf-8").split("Option Explicit", 1)[1].split()
            assert workbook.get_module(source.stem).split("Option Explicit", 1)[1].split() == wanted
        assert "Workbook_SheetChange" in workbook.get_module("ThisWorkbook")
    assert parts(earlier)[RIBBON_PART] == RIBBON.read_bytes()
    said = {text_of(row.values.get("key")) for row in FileBook(earlier).read(TEXTS).rows}
    assert said == texts().keys()
    now = claimed(FileBook(earlier))
    assert now["schema"] == str(REVISION)
    assert {name: now[name] for name in stood if name != "schema"} == {
        name: value for name, value in stood.items() if name != "schema"
    }


def test_a_persons_own_module_stays(earlier: Path) -> None:
    with ExcelFile(earlier) as workbook:
        workbook.vba_project().add_module("Mine", 'Attribute VB_Name = "Mine"\r\nSub Mine()\r\nEnd Sub\r\n')
        workbook.save(earlier)
    upgrade(FileBook(earlier))
    with ExcelFile(earlier) as workbook:
        assert "Sub Mine()" in workbook.get_module("Mine")


def test_what_only_a_new_workbook_has_is_told(earlier: Path, tmp_path: Path) -> None:
    done = answer(passerelle("upgrade", str(earlier), "--json", home=tmp_path / "home"))
    assert "Set up" in done["lacking"]
    assert ("Invoices: Rate" in done["lacking"]) is (earlier.with_name("before.xlsm").read_bytes() == OLDEST)


def test_a_second_time_changes_nothing(earlier: Path) -> None:
    upgrade(FileBook(earlier))
    once = parts(earlier)
    upgrade(FileBook(earlier))
    again = parts(earlier)
    assert {name for name in once if once[name] != again[name]} <= {"xl/vbaProject.bin"}


def test_a_newer_one_is_refused_untouched(earlier: Path) -> None:
    book = FileBook(earlier)
    book.write(IDENTITY, {("schema",): {"value": str(REVISION + 1)}})
    book.save()
    before = earlier.read_bytes()
    with pytest.raises(CannotRun) as stopped:
        upgrade(FileBook(earlier))
    assert [problem.code for problem in stopped.value.problems] == ["workbook_newer"]
    assert earlier.read_bytes() == before


def test_without_macros_it_says_so(earlier: Path) -> None:
    kept = {name: body for name, body in parts(earlier).items() if name != "xl/vbaProject.bin"}
    with ZipFile(earlier, "w") as package:
        for name, body in kept.items():
            package.writestr(name, body)
    with pytest.raises(CannotRun) as stopped:
        upgrade(FileBook(earlier))
    assert [problem.code for problem in stopped.value.problems] == ["workbook_without_macros"]


@pytest.mark.skipif(os.name == "nt", reason="the file of LibreOffice's lock")
def test_an_open_one_is_left_alone(earlier: Path) -> None:
    earlier.with_name(f".~lock.{earlier.name}#").touch()
    before = earlier.read_bytes()
    with pytest.raises(CannotRun) as stopped:
        upgrade(FileBook(earlier))
    assert [problem.code for problem in stopped.value.problems] == ["workbook_open"]
    assert earlier.read_bytes() == before
