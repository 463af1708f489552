"""What the tests of the workbook share: the two ways in which one is opened."""

from __future__ import annotations

import sys
from functools import partial

import books
import pytest

PROGRAM = "excel" if sys.platform == "win32" else "libreoffice"


@pytest.fixture(params=["file", PROGRAM])
def opening(request) -> books.Opening:
    """How a workbook is opened: as a closed file, and in LibreOffice with the code that runs in Excel.

    On Windows that code speaks to Excel's stand-in, by COM.
    """
    if request.param == "file":
        return books.file
    return partial(books.live, request.getfixturevalue("app"))


@pytest.fixture
def drawn(tmp_path):
    """The path of a workbook of this test."""
    return tmp_path / "review.xlsx"
