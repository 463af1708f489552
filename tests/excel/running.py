"""The stand-in as a test has it: an application of xlwings' engine for Windows, found by its window as Excel is."""

from __future__ import annotations

import os
from importlib import import_module

import pytest
import xlwings

HANDLE = "PASSERELLE_EXCEL"
"""The variable of the environment that names the handle of its window."""


def running_excel() -> xlwings.App:
    """The stand-in that runs; whoever needs it is skipped where there is none."""
    if HANDLE not in os.environ:
        pytest.skip(f"needs Excel's stand-in ({HANDLE})")
    windows = import_module("xlwings._xlwindows")
    return xlwings.App(impl=windows.App(xl=int(os.environ[HANDLE])))
