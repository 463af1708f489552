"""The VBA project of the template: the sources in ``vba/`` and xlwings' own module, compiled into a workbook."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

from pyopenvba import ExcelFile

NEVER_ON_MAC = ("GetConfigFromSheet", "SaveConfigToFile")
"""Procedures that only a sheet ``xlwings.conf`` or xlwings' own add-in calls; the workbook has neither."""

PROCEDURE = re.compile(r"(?:Public |Private )?(?:Function|Sub) (\w+)")
DIRECTIVE = re.compile(r"\s*(#(?:Const|If|ElseIf|Else|End If))\b\s*(.*)")

SOURCES = Path(__file__).resolve().parents[2] / "vba"


def add_macros(path: Path) -> None:
    """Give a workbook without macros the VBA project; its sheets keep the code names they have."""
    with ExcelFile(path) as workbook:
        workbook.add_vba_project()
        _write(workbook)
        workbook.save(path)


def renew_macros(path: Path) -> None:
    """Give a workbook our modules as they are today; whatever else its VBA project holds stays in it."""
    with ExcelFile(path) as workbook:
        _write(workbook)
        workbook.save(path)


def _write(workbook: ExcelFile) -> None:
    modules = {source.stem: _text(source) for source in sorted(SOURCES.glob("*.bas"))}
    modules["xlwings"] = without_cells(for_excel(_text(xlwings_module())))
    workbook.set_module("ThisWorkbook", _text(SOURCES / "ThisWorkbook.cls"))
    there = set(workbook.module_names())
    for name, text in modules.items():
        if name in there:
            workbook.set_module(name, text)
        else:
            workbook.vba_project().add_module(name, text)


def xlwings_module() -> Path:
    """``xlwings.bas`` of the installed xlwings, which holds RunPython; it must be of the same version as the Python."""
    found = find_spec("xlwings")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("xlwings")
    return Path(found.origin).with_name("xlwings.bas")


def for_excel(source: str) -> str:
    """xlwings' module without the branches that a workbook in Excel never takes; every other line as it was.

    LibreOffice knows no ``#Const`` and compiles an ``#If`` as an ``If``; a module that this breaks keeps it from
    running any macro of the workbook. Excel for Mac refuses a module that names a class the project lacks.
    """
    kept: list[str] = []
    open_ifs: list[_Decided | None] = []  # None for an #If that stays
    procedure = ""
    for line in source.splitlines(keepends=True):
        begins = PROCEDURE.match(line)
        procedure = begins[1] if begins else procedure
        directive = DIRECTIVE.match(line)
        word, condition = directive.groups() if directive else ("", "")
        if word == "#If":
            answer = _answer(condition, procedure)
            open_ifs.append(None if answer is None else _Decided(answer))
        decided = open_ifs[-1] if open_ifs and word else None
        if decided and word in ("#ElseIf", "#Else"):
            decided.next(word == "#Else" or bool(_answer(condition, procedure)))
        if word == "#End If":
            open_ifs.pop()
        if decided is None and word != "#Const" and all(other is None or other.keeps for other in open_ifs):
            kept.append(line)
    return "".join(kept)


def without_cells(source: str) -> str:
    """xlwings' module that takes no setting from the workbook's own sheets nor from a file beside it.

    Either could name the program that is started, or a folder to look for it in. Raises ``ValueError`` where
    ``GetConfig`` does not have the layers that are taken out (xlwings 0.33).
    """
    begin = source.index("Function GetConfig(")
    sheet, user = source.index("    ' Sheet", begin), source.index("    ' User Config", begin)
    return source[:sheet] + source[user:]


class _Decided:
    """An ``#If`` whose branch is known: which of its branches the lines now stand in."""

    def __init__(self, answer: bool) -> None:
        self.keeps = self.done = answer

    def next(self, answer: bool) -> None:
        """Go on to the next branch."""
        self.keeps = answer and not self.done
        self.done = self.done or self.keeps


def _answer(condition: str, procedure: str) -> bool | None:
    if condition.startswith("App "):
        return condition.startswith('App = "Microsoft Excel"')
    return False if procedure in NEVER_ON_MAC and condition.startswith("Mac ") else None


def _text(source: Path) -> str:
    return "\r\n".join(source.read_text(encoding="utf-8").splitlines()) + "\r\n"
