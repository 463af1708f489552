"""Sheet protection, lifted around a write and put back as it was.

Protection here has no password: it guides. A sheet that somebody protected with one is left alone and named.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeAlias

import xlwings

from connectors.problems import CannotRun, Problem
from workbook.live.busy import patiently, refusals

SheetApi: TypeAlias = Any
"""The program's own sheet object, of which Python has no type."""

ALLOWANCES = (
    "FormattingCells",
    "FormattingColumns",
    "FormattingRows",
    "InsertingColumns",
    "InsertingRows",
    "InsertingHyperlinks",
    "DeletingColumns",
    "DeletingRows",
    "Sorting",
    "Filtering",
    "UsingPivotTables",
)
"""What a protected sheet may still allow (Excel's Protection object, its properties less ``Allow``)."""


class Protected(Protocol):
    """A sheet whose protection can be asked for, lifted and put back."""

    def __init__(self, sheet: SheetApi) -> None: ...

    def on(self) -> bool:
        """Whether the sheet is protected now."""

    def options(self) -> dict[str, object]:
        """How it is protected."""

    def lift(self) -> None:
        """Take the protection off, with no password; a refusal or no effect means that there is one."""

    def put_back(self, options: dict[str, object]) -> None:
        """Protect it again in the same way."""


class WindowsProtection:
    """Excel's Worksheet object, over COM."""

    def __init__(self, sheet: SheetApi) -> None:
        self.sheet = sheet

    def on(self) -> bool:
        return bool(self.sheet.ProtectContents)

    def options(self) -> dict[str, object]:
        allowed = self.sheet.Protection
        return {
            "DrawingObjects": self.sheet.ProtectDrawingObjects,
            "Contents": True,
            "Scenarios": self.sheet.ProtectScenarios,
            "UserInterfaceOnly": self.sheet.ProtectionMode,
        } | {f"Allow{name}": getattr(allowed, f"Allow{name}") for name in ALLOWANCES}

    def lift(self) -> None:
        # An omitted password makes Excel ask the person for one; an empty one is refused where there is one.
        self.sheet.Unprotect("")

    def put_back(self, options: dict[str, object]) -> None:
        self.sheet.Protect(**options)


class MacProtection:
    """Excel's worksheet as AppleScript knows it; its words are those of Excel's dictionary in xlwings' mac_dict."""

    def __init__(self, sheet: SheetApi) -> None:
        self.sheet = sheet

    def on(self) -> bool:
        return bool(self.sheet.protect_contents.get())

    def options(self) -> dict[str, object]:
        allowed = self.sheet.protection_object
        names = ["allow" + "".join(f"_{c.lower()}" if c.isupper() else c for c in name) for name in ALLOWANCES]
        names[-1] = "allow_using_pivot_table"
        return {
            "drawing_objects": self.sheet.protect_drawing_objects.get(),
            "worksheet_contents": True,
            "scenarios": self.sheet.protect_scenarios.get(),
            "user_interface_only": self.sheet.protection_mode.get(),
        } | {name: getattr(allowed, name).get() for name in names}

    def lift(self) -> None:
        self.sheet.unprotect(password="")

    def put_back(self, options: dict[str, object]) -> None:
        self.sheet.protect_worksheet(**options)


class LibreOfficeProtection:
    """LibreOffice's sheet; it remembers by itself what a sheet allowed before its protection was lifted."""

    def __init__(self, sheet: SheetApi) -> None:
        self.sheet = sheet

    def on(self) -> bool:
        return bool(self.sheet.isProtected())

    def options(self) -> dict[str, object]:
        return {}

    def lift(self) -> None:
        self.sheet.unprotect("")

    def put_back(self, options: dict[str, object]) -> None:
        self.sheet.protect("")


def protection_of(sheet: xlwings.Sheet) -> Protected:
    """How the program that has the sheet open protects sheets."""
    if sheet.book.app.engine.name == "libreoffice":
        return LibreOfficeProtection(sheet.api)
    return MacProtection(sheet.api) if sys.platform == "darwin" else WindowsProtection(sheet.api)


@contextmanager
def unprotected(sheet: xlwings.Sheet) -> Iterator[None]:
    """Lift a sheet's protection for as long as it takes; raises ``CannotRun(sheet_locked)`` for one with a password."""
    protection = protection_of(sheet)
    if not patiently(protection.on):
        yield
        return
    options = patiently(protection.options)
    _lift(protection, sheet.name)
    try:
        yield
    finally:
        patiently(lambda: protection.put_back(options))


def _lift(protection: Protected, sheet: str) -> None:
    detail = ""
    try:
        patiently(protection.lift)
    except refusals() as refused:
        detail = str(refused)
    if patiently(protection.on):
        raise CannotRun(Problem(code="sheet_locked", params={"sheet": sheet}, detail=detail))
