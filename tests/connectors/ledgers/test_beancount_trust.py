"""A book is text: it runs no program and reads nothing outside its folder that an administrator did not allow."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest
from beancount import loader
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.ledgers.beancount import reading
from connectors.ledgers.beancount.connector import BeancountLedger
from connectors.ledgers.beancount.settings import BeancountSettings
from connectors.problems import CannotRun
from tests.sampled import examples

SAMPLE = Path(__file__).parents[3] / "connectors" / "sources" / "files" / "sample"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A starter book, with programs and files of a stranger's beside and around it."""
    book = tmp_path / "book"
    BeancountLedger(BeancountSettings(folder=book)).prepare("Club")
    marker = f"open({str(tmp_path / 'run')!r}, 'w').close()\n__plugins__ = []\n"
    (book / "payload.py").write_text(marker)
    (tmp_path / "outside.beancount").write_text('option "title" "Stolen"\n')
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "x.beancount").write_text("")
    (book / "link.beancount").symlink_to(tmp_path / "outside.beancount")
    (book / "folder").symlink_to(tmp_path / "outside")
    return book


def connected(folder: Path, line: str, **allowed: object) -> str:
    """What becomes of a book that begins with a line: the code of what stops it, or nothing."""
    book = folder / "book.beancount"
    book.write_text(line + "\n" + book.read_text(encoding="utf-8"), encoding="utf-8")
    try:
        BeancountLedger(BeancountSettings.model_validate({"folder": folder, **allowed})).connect()
    except CannotRun as stopped:
        return stopped.problems[0].code
    return ""


REFUSED = {
    'plugin "payload"': "book_plugin_refused",
    'plugin "os"': "book_plugin_refused",
    'plugin "antigravity"': "book_plugin_refused",
    'plugin "beancount.plugins.commodity_attr" "print(1)"': "book_plugin_refused",
    'plugin "beancount.plugins.check_commodity" "print(1)"': "book_plugin_refused",
    'plugin "beancount.plugins.check_average_cost" "print(1)"': "book_plugin_refused",
    'plugin "beancount.scripts.format"': "book_plugin_refused",
    'plugin "beancount.plugins.sub.module"': "book_plugin_refused",
    'plugin "beancount.plugins."': "book_plugin_refused",
    'plugin "beancount.pluginsx"': "book_plugin_refused",
    'option "insert_pythonpath" "TRUE"': "book_path_refused",
    'include "/etc/passwd"': "book_include_refused",
    'include "../outside.beancount"': "book_include_refused",
    'include "../*.beancount"': "book_include_refused",
    'include "*/../../outside.beancount"': "book_include_refused",
    'include "**/../../*.beancount"': "book_include_refused",
    'include "link.beancount"': "book_include_refused",
    'include "l*.beancount"': "book_include_refused",
    'include "folder/x.beancount"': "book_include_refused",
    'include "/dev/zero"': "book_include_refused",
    'include "//server/share/x"': "book_include_refused",
    'option "documents" "/"': "book_include_refused",
    'option "documents" "../outside"': "book_include_refused",
    'include "nothing.beancount"': "book_damaged",
}


@pytest.mark.parametrize("line", REFUSED)
def test_it_is_refused_before_anything_runs(folder: Path, line: str) -> None:
    assert connected(folder, line) == REFUSED[line]
    assert not (folder.parent / "run").exists()


def test_also_from_an_included_file(folder: Path) -> None:
    (folder / "more.beancount").write_text('plugin "payload"\n')
    assert connected(folder, 'include "more.beancount"') == "book_plugin_refused"
    assert not (folder.parent / "run").exists()


@pytest.mark.parametrize("line", ['plugin "beancount.plugins.noduplicates"', 'plugin "beancount.plugins.leafonly"', ""])
def test_what_beancount_ships_runs(folder: Path, line: str) -> None:
    assert connected(folder, line) == ""


def test_an_administrator_allows_a_plugin_its_folder_and_other_folders(folder: Path) -> None:
    line = 'option "insert_pythonpath" "TRUE"\nplugin "payload"\ninclude "../outside/x.beancount"'
    assert connected(folder, line, plugins="payload, other", python_path="yes", includes="../outside") == ""
    assert (folder.parent / "run").exists()


def test_what_is_allowed_to_run_is_named_to_whoever_confirms_the_company(folder: Path) -> None:
    allowed = BeancountSettings(folder=folder, plugins=("payload",), python_path=True, includes=("../outside",))
    ledger = BeancountLedger(allowed)
    assert ledger.addresses() == (str(folder / "book.beancount"), "../outside")
    assert ledger.programs() == ("payload", str(folder))


def test_the_plugins_that_evaluate_their_configuration_are_known() -> None:
    """Of the beancount that is installed: a later one may have others."""
    found = find_spec("beancount.plugins")
    assert found
    assert found.submodule_search_locations
    sources = Path(found.submodule_search_locations[0]).glob("*.py")
    evaluating = {path.stem for path in sources if "eval(" in path.read_text() or "exec(" in path.read_text()}
    assert {name for name in evaluating if not name.endswith("_test")} == reading.EVALUATING


def test_a_book_is_read_as_beancount_reads_it(tmp_path: Path) -> None:
    """Directives, errors and options are those of ``loader.load_file``, over files that include each other."""
    for name in ("book.beancount", "passerelle.beancount"):
        shutil.copy(SAMPLE / name, tmp_path / name)
    more = 'include "parts/*.beancount"\nplugin "beancount.plugins.auto_accounts"\n'
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "b.beancount").write_text('2024-01-01 * "x"\n  Assets:New  1 CAD\n  Assets:Bank\n')
    (tmp_path / "parts" / "a.beancount").write_text('2024-01-02 * "x"\n  Assets:New  1 CAD\n  Assets:Bank  2 CAD\n')
    book = tmp_path / "book.beancount"
    book.write_text(more + book.read_text(encoding="utf-8"), encoding="utf-8")
    ours = reading.load(BeancountSettings(folder=tmp_path))
    theirs = loader.load_file(str(book))
    assert ours[0] == theirs[0]
    assert [error.message for error in ours[1]] == [error.message for error in theirs[1]]
    assert len(ours[1]) == 1
    for name in ("include", "title", "operating_currency", "plugin", "pythonpath"):
        assert ours[2][name] == theirs[2][name]


@settings(max_examples=examples(80), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parts=st.lists(st.sampled_from(["..", ".", "folder", "*", "**", "x.beancount", "outside", "/", "etc"]), max_size=6)
)
def test_no_include_whatever_leaves_the_folder(folder: Path, parts: list[str]) -> None:
    allowed = BeancountSettings(folder=folder)
    try:
        files, _ = reading._included(allowed, {"include": ["/".join(parts)]}, folder)
    except CannotRun:
        return
    assert all(Path(file).resolve().is_relative_to(folder.resolve()) for file in files)
