"""Excel's stand-in answers as Microsoft's reference says Excel does; what speaks to it under Wine is COM."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import xlwings

from tests.excel.model import Application, here, there
from tests.excel.serving import GET, NOT_FOUND, PUT, Serving
from tests.workbook import books

CALL = 3
"""DISPATCH_METHOD and DISPATCH_PROPERTYGET, which is what a call through pywin32 carries."""
BAD_INDEX = -2147352565

Ask = Callable[..., Any]


@pytest.fixture
def ask(office: xlwings.App, tmp_path: Path) -> Iterator[Ask]:
    """Asks a member of an object, by its number, in JSON and back; Excel is 0, and has one workbook open."""
    book = office.books.open(books.draw(tmp_path / "Été.xlsx", [{"Key": "p1", "Amount": 10.25, "Fix": "=1/0"}, {}]))
    serving = Serving(Application(office.impl))

    def asked(of: int, name: str, *arguments: object, flags: int = GET) -> Any:
        line = json.dumps({"of": of, "name": name, "flags": flags, "args": arguments})
        return json.loads(json.dumps(serving.answer(json.loads(line))))

    yield asked
    book.close()


def sheet(ask: Ask) -> int:
    """The number of the first sheet."""
    workbooks = ask(0, "Workbooks")["is"]["object"]
    workbook = ask(workbooks, "_value_", "été.XLSX", flags=CALL)["is"]["object"]
    sheets = ask(workbook, "Worksheets")["is"]["object"]
    return ask(sheets, "Item", 1.0, flags=CALL)["is"]["object"]


def cells(ask: Ask, address: str) -> int:
    """The number of a range of the first sheet."""
    return ask(sheet(ask), "Range", address, flags=CALL)["is"]["object"]


def test_one_cell_has_its_value_and_many_have_rows_of_them(ask: Ask) -> None:
    assert ask(cells(ask, "A5"), "Value") == {"is": "p1"}
    assert ask(cells(ask, "A5:B6"), "Value") == {"is": [["p1", None], [None, None]]}
    header = ask(cells(ask, "A4:P4"), "Value")["is"][0]
    fix = chr(ord("A") + header.index("Fix"))
    assert ask(cells(ask, f"{fix}5"), "Value") == {"is": {"fault": 2007}}, "#DIV/0! is XlCVError 2007"


def test_what_is_put_is_there(ask: Ask) -> None:
    assert ask(cells(ask, "A6:B6"), "Value", [["p2", {"date": "2026-03-01T00:00:00"}]], flags=PUT) == {"is": None}
    assert ask(cells(ask, "A6:B6"), "Value")["is"][0] == ["p2", {"date": "2026-03-01T00:00:00"}]


def test_a_method_is_not_found_by_a_look_and_an_object_of_ours_may_be_an_argument(ask: Ask) -> None:
    first = sheet(ask)
    assert ask(first, "Range")["error"] == NOT_FOUND
    assert ask(first, "Nonsense", flags=CALL)["error"] == NOT_FOUND
    corners = [ask(first, "Cells", row, 1, flags=CALL)["is"]["object"] for row in (4, 6)]
    area = ask(first, "Range", *({"object": each} for each in corners), flags=CALL)["is"]["object"]
    assert ask(area, "Address") == {"is": "$A$4:$A$6"}
    assert ask(ask(area, "Rows")["is"]["object"], "Count") == {"is": 3}


def test_what_is_not_in_a_collection_is_out_of_range(ask: Ask) -> None:
    workbooks = ask(0, "Workbooks")["is"]["object"]
    assert ask(workbooks, "Item", "another.xlsx", flags=CALL)["error"] == BAD_INDEX
    assert ask(workbooks, "Item", 2, flags=CALL)["error"] == BAD_INDEX
    assert len(ask(workbooks, "_NewEnum", flags=CALL)["is"]) == 1


def test_a_password_that_is_wrong_is_refused_and_the_sheet_stays_protected(office: xlwings.App, tmp_path: Path) -> None:
    book = office.books.open(books.draw(tmp_path / "locked.xlsx", protect={}, password="secret"))
    serving = Serving(Application(office.impl))
    serving.objects.append(serving.objects[0].Workbooks.Item(1).Worksheets.Item(1))
    refused = serving.answer({"of": 1, "name": "Unprotect", "flags": CALL, "args": [""]})
    assert "password" in str(refused["words"])
    assert serving.answer({"of": 1, "name": "ProtectContents", "flags": GET, "args": []}) == {"is": True}
    book.close()


def test_a_path_has_two_names() -> None:
    path = Path("/dev/shm/Démo été/book.xlsm")
    assert there(path) == "Z:\\dev\\shm\\Démo été\\book.xlsm"
    assert here(there(path)) == path
