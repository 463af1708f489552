"""Whatever a source sends ends as text in the workbook or as a problem with its line: never a formula, never damage.

Formula injection: OWASP, "CSV Injection" (cells that begin with = + - @ tab or carriage return).
"""

from __future__ import annotations

import csv
import re
import shutil
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
import xlwings

from addin import ribbon
from addin.usecases.pull import pull
from connectors.problems import Problem
from tests.addin.conftest import ACCOUNTS, Association
from workbook import libreoffice
from workbook.live.live_book import LiveBook
from workbook.review import text_of

STARTS = ("=", "+", "-", "@", "\t=", "\n=", "\r=", " =", "'=", '"=', "＝", "%", "|", ";")
ENDS = (
    "1+1", "cmd|' /C calc'!A0", "SUM(A1:A9)", 'HYPERLINK("http://evil.example","Net")', "A1", "IMPORTXML(1)",
    'DDE("cmd";"/C calc";"x")', "WEBSERVICE(1)", "2+5+cmd|' /C calc'!A0", "A1:XFD1048576",
)  # fmt: skip
CELLS = tuple(start + end for start in STARTS for end in ENDS)
XML = tuple(f"a{chr(code)}b" for code in (*range(32), 0x7F, 0x85, 0xA0, 0x2028, 0xFEFF, 0xFFFD, 0xFFFE, 0xFFFF, 0x202E))
MARKUP = (
    "</t></is></c>", "<![CDATA[x]]>", "&lt;&amp;&#0;", "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e;",
    "_x0041_", "_x000D_", "{{7*7}}", "${jndi:ldap://x}", "%s%n{0}", "../../etc/passwd", "NULL", "#REF!", "TRUE", "007",
    "1e5", "2026-01-31", "😀" * 40, "é" * 300, "x" * 32_767, "x" * 32_768, "😀" * 16_384, "\ud800half", "half\udfff",
)  # fmt: skip
HOSTILE = (*CELLS, *XML, *MARKUP)


def test_there_are_two_hundred() -> None:
    assert len(set(HOSTILE)) >= 200


@pytest.fixture
def hostile(association: Association) -> Association:
    """The association with an account of each hostile name; bytes that are no UTF-8 included."""
    for number, text in enumerate(HOSTILE):
        association.add("accounts", key=f"H{number}", number=f"9{number:03}", name=text)
    rows = association.files.pop("accounts")
    association.init()
    association.files["accounts"] = []
    path = association.folder / "source" / "accounts.csv"
    with path.open("w", encoding="utf-8", errors="surrogatepass", newline="") as file:
        writer = csv.DictWriter(file, ("key", "number", "name", "email"), restval="", lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)
    return association


def told(problems: tuple[Problem, ...]) -> set[int]:
    """The lines of the file that a problem names."""
    return {problem.provenance.line or int(problem.params.get("line", 0)) for problem in problems}


def test_in_a_closed_workbook_it_is_text_to_every_reader(hostile: Association, office: xlwings.App) -> None:
    report = hostile.run(pull)
    in_openpyxl(hostile.profile.workbook, report.problems)
    opened = office.books.open(str(hostile.profile.workbook))
    in_libreoffice(LiveBook(opened), report.problems)
    opened.close()


def test_in_an_open_workbook_it_is_text_to_every_reader(hostile: Association, office: xlwings.App) -> None:
    opened = office.books.open(str(hostile.profile.workbook))
    opened.set_mock_caller()
    ribbon.pull()
    in_libreoffice(LiveBook(opened), None)
    opened.close()
    in_openpyxl(hostile.profile.workbook, None)


def in_openpyxl(path: Path, problems: tuple[Problem, ...] | None) -> None:
    sheet = openpyxl.load_workbook(path, keep_vba=True)["Accounts"]
    cells = {row[0].value: row[2] for row in sheet.iter_rows(min_row=5) if row[0].value}
    assert all(cell.data_type in ("s", "inlineStr") for cell in cells.values() if cell.value is not None)
    compare({key: str(cell.value or "") for key, cell in cells.items()}, problems)


def in_libreoffice(book: LiveBook, problems: tuple[Problem, ...] | None) -> None:
    grid = book.read(ACCOUNTS)
    sheet = book.book.sheets[grid.sheet].api
    name = list(grid.letters).index("name")
    for row in grid.rows:
        assert sheet.getCellByPosition(name, row.number - 1).Type.value in ("TEXT", "EMPTY")
    compare({text_of(r.values["key"]): text_of(r.values["name"]) for r in grid.rows}, problems)


def compare(found: dict[str, str], problems: tuple[Problem, ...] | None) -> None:
    """Every hostile name stands in its row, but for controls that no cell holds; or a problem names its record."""
    for number, text in enumerate(HOSTILE):
        key = f"H{number}"
        if key in found:
            assert plain(found[key]) == plain(text), key
        else:
            assert len(text) > 16_383 or any(unicodedata.category(c) in ("Cc", "Cs", "Cn") for c in text), key
    if problems is not None:
        missing = len(HOSTILE) - sum(f"H{number}" in found for number in range(len(HOSTILE)))
        assert len(told(problems)) >= missing > 0


def plain(text: str) -> str:
    """A text without what the source's reader and the cells leave out: controls, spaces around, escapes' spelling."""
    text = re.sub(r"(_x005F)*_x[0-9A-F]{4}_|(_x005F_)x[0-9A-F]{4}_", "", text)
    return "".join(c for c in text if ord(c) > 32 and ord(c) not in (0x7F, 0x85, 0xA0, 0xFEFF, 0x2028))


@pytest.fixture(scope="module")
def office() -> Iterator[xlwings.App]:
    if shutil.which("soffice") is None:
        pytest.skip("libreoffice-calc")
    app = libreoffice.start()
    yield app
    app.quit()
