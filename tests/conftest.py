"""What all tests share: where they write, and one LibreOffice."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import xlwings
from hypothesis import settings

from connectors.problems import CannotRun
from tests.drawn_once import draw_once
from tests.excel.running import running_excel
from tests.sampled import WHOLE
from workbook import libreoffice
from workbook.libreoffice.office import find_soffice, load_uno

pytest_plugins = ("tests.provoked", "connectors.conformance")
DRAWING = Path(__file__).with_name("workbook")
"""The tests of the workbook itself."""
IN_MEMORY = Path("/dev/shm")
ROOM = 2 << 30
"""Bytes that have to be free there; the tests take a tenth of it."""

# How long an example takes says nothing of what is tested; what is tried by CI is the same until a test changes.
settings.register_profile("whole", deadline=None, derandomize="CI" in os.environ, print_blob=True, max_examples=WHOLE)
settings.register_profile("few", settings.get_profile("whole"), max_examples=WHOLE * 3 // 10)


def pytest_configure(config: pytest.Config) -> None:
    """Try a few examples of each property in the default run, all in the one that has the long tests.

    Let the tests write to memory where Linux has room for them there: each save of theirs waits for the disk.
    """
    if not config.getoption("--hypothesis-profile"):
        settings.load_profile("few" if "not long" in config.option.markexpr else "whole")
    if (
        os.name == "posix"
        and IN_MEMORY.is_dir()
        and shutil.disk_usage(IN_MEMORY).free > ROOM
        and not _runs_nothing(IN_MEMORY)
    ):
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(IN_MEMORY))


def _runs_nothing(folder: Path) -> bool:
    """Whether programs in this folder may not be run; some tests make one."""
    return bool(os.statvfs(folder).f_flag & os.ST_NOEXEC)


@pytest.fixture(autouse=True)
def person(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The place of what a person confirmed on this machine: every test is a person of its own.

    The workbooks of its companies are copies of one that was drawn, except where the drawing is what is tested.
    """
    place = tmp_path_factory.getbasetemp() / "persons" / uuid4().hex
    with pytest.MonkeyPatch.context() as patch:  # not the test's own, which has to be undone before its other fixtures
        patch.setenv("XDG_CONFIG_HOME", str(place))
        patch.setenv("WIN_PD_OVERRIDE_LOCAL_APPDATA", str(place))
        patch.setattr("addin.home._at_work", [])
        if not request.path.is_relative_to(DRAWING):
            patch.setattr("workbook.template.template.draw", draw_once)
        yield place


@pytest.fixture(scope="session")
def app() -> Iterator[xlwings.App]:
    """One LibreOffice for all tests of a worker; they are skipped where it or its Python bridge is missing.

    On Windows it is what stands in for Excel (``tests/excel``).
    """
    if sys.platform == "win32":
        yield running_excel()
        return
    try:
        load_uno(find_soffice())
    except CannotRun as missing:
        pytest.skip(f"needs {missing.problems[0].params['what']}")
    running = libreoffice.start()
    yield running
    running.quit()


@pytest.fixture
def office(app: xlwings.App) -> xlwings.App:
    """The worker's LibreOffice with nothing open and nothing said, whatever the test before did."""
    app.impl.said.clear()
    for book in list(app.books):
        book.close()
    return app
