"""Patience and protection, with stand-ins for what only Excel can do.

Excel's refusals and its Worksheet object do not run here; what stands in for them answers as Microsoft documents
(RPC_E_CALL_REJECTED, RPC_E_SERVERCALL_RETRYLATER, VBA_E_IGNORE; Worksheet.Protect, Worksheet.Unprotect, Protection).
"""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from xlwings.mac_dict import commands

from connectors.problems import CannotRun
from workbook.live import busy
from workbook.live.protection import ALLOWANCES, MacProtection, WindowsProtection


class Refusal(Exception):
    """A refusal as pywin32 (``hresult``, ``excepinfo``) and appscript (``errornumber``) raise it."""

    def __init__(self, hresult=None, excepinfo=None, errornumber=None):
        super().__init__(hresult, excepinfo, errornumber)
        self.hresult, self.excepinfo, self.errornumber = hresult, excepinfo, errornumber


REJECTED = Refusal(hresult=-2147418111)
EDITING = Refusal(hresult=-2147352567, excepinfo=(0, None, None, None, 0, -2146777998))
UNSET = AttributeError("Property '<unknown>.StatusBar' can not be set.")
"""What pywin32 makes of a busy program that refuses to be told a property (seen under Wine)."""
WRONG = Refusal(hresult=-2147352567, excepinfo=(0, "Microsoft Excel", "1004", None, 0, -2146827284))


@pytest.fixture(autouse=True)
def _refusals(monkeypatch):
    monkeypatch.setattr(busy, "refusals", lambda: (Refusal,))


def refusing(times, refusal):
    """A call that is refused so many times and then answered."""
    left = [refusal] * times

    def call():
        if left:
            raise left.pop()
        return "done"

    return call


@pytest.mark.parametrize(
    "refusal", [REJECTED, EDITING, UNSET, Refusal(hresult=-2147417846), Refusal(errornumber=-1712)]
)
@pytest.mark.parametrize("times", [0, 1, len(busy.WAITS)])
def test_a_busy_program_is_asked_again(refusal, times):
    waits = []
    assert busy.patiently(refusing(times, refusal), pause=waits.append) == "done"
    assert waits == list(busy.WAITS[:times])


def test_patience_ends_with_a_problem_that_passes_by_itself():
    waits = []
    with pytest.raises(CannotRun) as refused:
        busy.patiently(refusing(99, REJECTED), pause=waits.append)
    (problem,) = refused.value.problems
    assert (problem.code, problem.owner) == ("excel_busy", "accountant")
    assert sum(waits) == pytest.approx(float(problem.params["seconds"]), abs=0.5)


@pytest.mark.parametrize("refusal", [WRONG, AttributeError("'Range' object has no attribute 'nonsense'")])
def test_any_other_refusal_comes_as_it_is(refusal):
    with pytest.raises(type(refusal)):
        busy.patiently(refusing(1, refusal), pause=lambda _: pytest.fail("waited"))


class Worksheet:
    """Excel's Worksheet as far as protection goes: no positional options, an empty password is a password too."""

    def __init__(self, password, **options):
        self._password, self.__dict__["kept"] = password, options

    @property
    def ProtectContents(self):  # noqa: N802
        return bool(self.kept)

    def __getattr__(self, name):
        return self.kept.get({"ProtectionMode": "UserInterfaceOnly"}.get(name, name.removeprefix("Protect")), False)

    @property
    def Protection(self):  # noqa: N802
        return SimpleNamespace(**{f"Allow{n}": self.kept.get(f"Allow{n}", False) for n in ALLOWANCES})

    def Unprotect(self, password):  # noqa: N802
        if password != self._password:
            raise WRONG
        self.kept = {}

    def Protect(self, **options):  # noqa: N802
        self.kept = options


def test_excel_on_windows_gets_the_same_protection_back():
    options = {"Contents": True, "DrawingObjects": True, "Scenarios": False, "UserInterfaceOnly": True}
    options |= {f"Allow{name}": name in ("Sorting", "Filtering") for name in ALLOWANCES}
    sheet = Worksheet("", **options)
    protection = WindowsProtection(sheet)
    kept = protection.options()
    protection.lift()
    assert not protection.on()
    protection.put_back(kept)
    assert sheet.kept == options


class Property:
    """A property as appscript gives it."""

    def __init__(self, value):
        self.value = value

    def get(self):
        return self.value


def test_excel_on_the_mac_gets_the_same_protection_back_in_words_of_its_dictionary():
    said = {}
    allowed = SimpleNamespace(
        **{
            "allow_formatting_cells": Property(True),
            **{f"allow_{n}": Property(False) for n in ("formatting_columns", "formatting_rows", "inserting_columns")},
            **{f"allow_{n}": Property(False) for n in ("inserting_rows", "inserting_hyperlinks", "deleting_columns")},
            **{f"allow_{n}": Property(False) for n in ("deleting_rows", "sorting", "using_pivot_table")},
            "allow_filtering": Property(True),
        }
    )
    sheet = SimpleNamespace(
        protect_contents=Property(True),
        protect_drawing_objects=Property(True),
        protect_scenarios=Property(True),
        protection_mode=Property(False),
        protection_object=allowed,
        protect_worksheet=lambda **options: said.update(options),
    )
    protection = MacProtection(sheet)
    protection.put_back(protection.options())
    assert set(said) <= {name for command in commands if command[0] == "protect_worksheet" for name, _ in command[2]}
    assert {name for name, value in said.items() if value is True} == {
        "worksheet_contents",
        "drawing_objects",
        "scenarios",
        "allow_formatting_cells",
        "allow_filtering",
    }
