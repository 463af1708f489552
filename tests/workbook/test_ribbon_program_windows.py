"""Which program the ribbon starts on Windows: the macro in pyOpenVBA, on a machine of this test's making."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pyopenvba.apps.excel import ExcelApplication
from pyopenvba.apps.excel._bridge import ExcelBridge
from pyopenvba.interpreter import _intrinsics
from pyopenvba.interpreter._objects import VBAObject, method
from pyopenvba.interpreter._values import error

from workbook.template.template import build

LOCAL = r"C:\Users\Zoé\AppData\Local"
USUAL = LOCAL + r"\Programs\Passerelle\passerelle-ribbon.exe"
PERSON, MACHINE = (rf"{hive}\Software\Passerelle\Ribbon" for hive in ("HKCU", "HKLM"))


class Machine:
    """What Windows knows: its files, variables of the environment and values of the registry."""

    def __init__(self) -> None:
        self.files: set[str] = set()
        self.variables = {"OS": "Windows_NT", "LOCALAPPDATA": LOCAL, "PATH": r"relative;C:\bin"}
        self.registry: dict[str, str] = {}


class Shell(VBAObject):
    """WScript.Shell of a machine: ``RegRead`` answers a value, or fails as documented where there is none."""

    vba_type_name = "IWshShell3"

    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    @method(name="RegRead")
    def read(self, name: object) -> object:
        """A value of the registry by its whole name."""
        if str(name) not in self.machine.registry:
            raise error(-2147024894, f'Invalid root in registry key "{name}".')
        return self.machine.registry[str(name)]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine()
    answers: dict[str, Callable[[str], str]] = {
        "environ": lambda name: machine.variables.get(name, ""),
        "dir": lambda path: path.rpartition("\\")[2] if path in machine.files else "",
    }
    for function, answer in answers.items():
        monkeypatch.setitem(_intrinsics.INTRINSICS, function, lambda _, given, __, answer=answer: answer(str(given[0])))
    monkeypatch.setattr(ExcelBridge, "create", lambda _, __: Shell(machine))
    return machine


def test_a_checkouts_variable_then_this_persons_copy_then_everybodys_then_the_usual_place_then_the_path(
    machine: Machine, tmp_path: Path
) -> None:
    build(tmp_path / "book.xlsm", identity={"company": "x", "executable": r"C:\evil\passerelle-ribbon.exe"})
    excel = ExcelApplication.open(tmp_path / "book.xlsm")

    def asked() -> object:
        return excel.run("RibbonProgram")

    machine.files.add(r"C:\evil\passerelle-ribbon.exe")
    assert asked() == ""
    machine.files |= {r"C:\bin\passerelle-ribbon.exe", r"relative\passerelle-ribbon.exe"}
    assert asked() == r"C:\bin\passerelle-ribbon.exe"
    machine.files.add(USUAL)
    assert asked() == USUAL
    machine.registry[MACHINE] = r"C:\Program Files\Passerelle\passerelle-ribbon.exe"
    assert asked() == USUAL, "what was removed is passed over"
    machine.files.add(machine.registry[MACHINE])
    assert asked() == machine.registry[MACHINE]
    machine.registry[PERSON] = r"D:\Mes outils\passerelle-ribbon.exe"
    machine.files.add(machine.registry[PERSON])
    assert asked() == machine.registry[PERSON]
    machine.variables["PASSERELLE_RIBBON"] = r"relative\passerelle-ribbon.exe"
    assert asked() == machine.registry[PERSON], "a place that is relative depends on where the workbook lies"
    machine.variables["PASSERELLE_RIBBON"] = r"C:\checkout\passerelle-ribbon.exe"
    machine.files.add(machine.variables["PASSERELLE_RIBBON"])
    assert asked() == machine.variables["PASSERELLE_RIBBON"]
