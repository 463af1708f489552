"""What the tests of the workbook share: one LibreOffice for all of them, where there is one."""

from __future__ import annotations

from functools import partial

import books
import pytest

from workbook import libreoffice


@pytest.fixture(scope="session")
def app():
    books.office_or_skip()
    running = libreoffice.start()
    yield running
    running.quit()


@pytest.fixture(params=["file", "libreoffice"])
def opening(request) -> books.Opening:
    """How a workbook is opened: as a closed file, and in LibreOffice with the code that runs in Excel."""
    if request.param == "file":
        return books.file
    return partial(books.live, request.getfixturevalue("app"))


@pytest.fixture
def drawn(tmp_path):
    """The path of a workbook of this test."""
    return tmp_path / "review.xlsx"
