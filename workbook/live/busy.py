"""Patience with a spreadsheet program that is busy: a cell is being edited, a box is open, it is computing."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from typing import Any, TypeVar

import xlwings

from connectors.problems import CannotRun, Problem

T = TypeVar("T")

REJECTED = -2147418111  # RPC_E_CALL_REJECTED
RETRY_LATER = -2147417846  # RPC_E_SERVERCALL_RETRYLATER
EDITING = -2146777998  # VBA_E_IGNORE, what Excel answers while a cell is in edit mode
TIMED_OUT = -1712  # errAETimeout, the Mac's word for an application that does not answer

BUSY = frozenset({REJECTED, RETRY_LATER, EDITING, TIMED_OUT})

NOT_SET = "can not be set"
"""What pywin32 says, in an AttributeError, where a program that is busy refuses to be told a property."""

QUIET = {"screen_updating": False, "enable_events": False, "calculation": "manual"}
"""How the program is set while we write: for speed, and so that the workbook's own macros do not answer to it."""

WAITS = (0.1, 0.2, 0.4, 0.8, 1.5, 3.0, 5.0, 5.0)
"""Seconds between tries: 16 together, long enough to finish typing a cell, short enough to be told about it."""

_AT_ONCE: ContextVar[bool] = ContextVar("at_once", default=False)


def refusals() -> tuple[type[Exception], ...]:
    """What the spreadsheet program's bridge raises on this platform when a call is not carried out."""
    if sys.platform == "win32":
        busy: type[Exception] = import_module("xlwings._xlwindows").ExcelBusyError
        com: type[Exception] = import_module("pywintypes").com_error
        return (com, busy)
    if sys.platform == "darwin":
        mac: type[Exception] = import_module("appscript.reference").CommandError
        return (mac,)
    if "uno" in sys.modules:
        uno: type[Exception] = sys.modules["uno"].getClass("com.sun.star.uno.Exception")
        return (uno,)
    return ()


def bound_retries() -> None:
    """Make xlwings try a rejected call once: by itself it tries for ever, without a pause and without a word."""
    if sys.platform == "win32":
        windows: Any = import_module("xlwings._xlwindows")
        windows.N_COM_ATTEMPTS = 1


def is_busy(refused: Exception) -> bool:
    """Whether a refusal passes by itself.

    A COM error has ``hresult`` and, where the program itself spoke, its own code as the last of ``excepinfo``; the
    Mac's has ``errornumber``. xlwings' own ``ExcelBusyError`` carries neither, and neither does what pywin32 makes of a
    refusal to be told a property.
    """
    if isinstance(refused, AttributeError):
        return NOT_SET in str(refused)
    inner = getattr(refused, "excepinfo", None) or (None,)
    codes = (getattr(refused, "hresult", None), inner[-1], getattr(refused, "errornumber", None))
    return type(refused).__name__ == "ExcelBusyError" or not BUSY.isdisjoint(codes)


def patiently(call: Callable[[], T], *, pause: Callable[[float], None] = time.sleep) -> T:
    """What a call answers, tried again while the program is busy; the call must bear being repeated.

    Within ``at_once`` it is tried once. Raises ``CannotRun(excel_busy)`` when it is still busy after ``WAITS``, and any
    other refusal as it came.
    """
    waits = iter(WAITS)
    while True:
        try:
            return call()
        except _whatever_refuses() as refused:
            if _AT_ONCE.get() or not is_busy(refused):
                raise
            wait = next(waits, None)
            if wait is None:
                problem = Problem(code="excel_busy", params={"seconds": f"{sum(WAITS):.0f}"}, detail=str(refused))
                raise CannotRun(problem) from refused
            pause(wait)


def _whatever_refuses() -> tuple[type[Exception], ...]:
    return (*refusals(), AttributeError)


@contextmanager
def at_once() -> Iterator[None]:
    """Wait for nothing within: after a wait, what was read before may stand elsewhere, and all is to be done anew."""
    before = _AT_ONCE.set(True)
    try:
        yield
    finally:
        _AT_ONCE.reset(before)


@contextmanager
def quiet(app: xlwings.App) -> Iterator[None]:
    """Keep the program from redrawing, recalculating and running event macros for as long as it takes."""
    before = patiently(lambda: {name: getattr(app, name) for name in QUIET})
    try:
        patiently(lambda: _set(app, QUIET))
        yield
    finally:
        patiently(lambda: _set(app, before))


def _set(app: xlwings.App, values: Mapping[str, object]) -> None:
    for name, value in values.items():
        setattr(app, name, value)
