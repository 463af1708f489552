"""Which program the ribbon starts: this machine says it, in the macros as LibreOffice runs them; no cell does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import xlwings

from connectors.problems import CannotRun
from tests.addin.person import Person
from tests.addin.test_ribbon import control
from workbook import libreoffice
from workbook.captions import MESSAGES
from workbook.libreoffice.office import find_soffice, load_uno
from workbook.live.live_book import LiveBook
from workbook.template.template import build


def program(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "passerelle-ribbon"
    path.write_text("")
    return path


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[xlwings.App]:
    """An office whose environment is this test's: nothing it names is there yet, and relative folders lead the path."""
    try:
        load_uno(find_soffice())
    except CannotRun as missing:
        pytest.skip(f"needs {missing.problems[0].params['what']}")
    monkeypatch.setenv("PASSERELLE_RIBBON", str(tmp_path / "named" / "passerelle-ribbon"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("PATH", f".:relative:{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.chdir(tmp_path)
    program(tmp_path)
    program(tmp_path / "relative")
    monkeypatch.setenv("SAL_USE_VCLPLUGIN", "svp")
    app = libreoffice.start(visible=True)
    yield app
    app.quit()


@pytest.mark.long
def test_the_environment_then_our_note_then_the_path_and_never_a_cell(machine: xlwings.App, tmp_path: Path) -> None:
    path = tmp_path / "book.xlsm"
    evil = program(tmp_path / "evil")
    build(path, identity={"company": "x", "runtime": "installed", "executable": str(evil)})
    book = machine.books.open(str(path))

    press = book.macro("PasserelleRibbon.RibbonPython")

    def asked() -> object:
        return book.macro("PasserelleRibbon.RibbonProgram")()

    assert asked() == ""
    _, box = Person(machine).answers(lambda: press(control(LiveBook(book), "pull")), "OK")
    assert box.title == "Accounting Sync"
    assert box.texts == (MESSAGES["program_missing"].en,)
    on_path = program(tmp_path / "bin")
    assert asked() == str(on_path)
    noted, note = program(tmp_path / "venv"), tmp_path / "config" / "Passerelle" / "ribbon.txt"
    note.parent.mkdir(parents=True)
    note.write_text("passerelle-ribbon\n")
    assert asked() == str(on_path)
    note.write_text(f"{noted}\n")
    assert asked() == str(noted)
    named = program(tmp_path / "named")
    assert asked() == str(named)
    book.close()
