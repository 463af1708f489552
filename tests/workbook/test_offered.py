"""The drop-down of an account's sync reference: what it offers follows the row's key, wherever the row stands."""

from __future__ import annotations

from decimal import Decimal

import books
import pytest
from openpyxl import load_workbook

from workbook.file.file_book import FileBook
from workbook.layout import ACCOUNTS, CANDIDATES, tables
from workbook.live.protection import unprotected
from workbook.template.template import build

OFFERED = {
    "A1": ("L1 · Alpha — same name", "L2 · Alpha inc. — name alike 92 %", "=1+1"),
    "A2": ("L3 · Beta — same e-mail",),
}


@pytest.fixture(params=["en", "fr"])
def offering(request, tmp_path):
    """A workbook of three accounts, of which two are offered candidates."""
    path = tmp_path / "book.xlsm"
    build(path, language=request.param)
    book = FileBook(path)
    book.append(ACCOUNTS, [{"key": key, "name": f"Account {key}"} for key in ("A3", "A2", "A1")])
    book.replace(CANDIDATES, [{"key": key, **_columns(three)} for key, three in OFFERED.items()])
    book.save()
    return path


def _columns(three):
    return dict(zip(("first", "second", "third"), three, strict=False))


def test_the_drop_down_of_each_row_offers_the_candidates_of_its_account(offering, app):
    """Evaluated by LibreOffice for each row, as its list is when it is opened."""
    sheet = next(sheet for sheet, table in tables() if table is ACCOUNTS)
    drawn = load_workbook(offering)[sheet.caption.en if "Accounts" in load_workbook(offering).sheetnames else
                                    sheet.caption.fr]  # fmt: skip
    [rule] = [rule for rule in drawn.data_validations.dataValidation if "_passerelle" in (rule.formula1 or "")]
    assert (str(rule.sqref).split(":")[0][-1], rule.showErrorMessage) == ("5", False)
    with books.live(app, offering) as book:
        grid = book.read(ACCOUNTS)
        rows, letter = {row.values["key"]: row.number for row in grid.rows}, grid.letters["key"]
        probe = book.book.sheets[drawn.title].range("AZ5:AZ7")
        with unprotected(book.book.sheets[drawn.title]):
            probe.formula = [
                [f'=INDEX({rule.formula1.replace(f"${letter}5", f"${letter}{rows[key]}")},1,{place})&""']
                for key, place in (("A1", 2), ("A2", 1), ("A3", 1))
            ]
        assert list(probe.value) == [OFFERED["A1"][1], OFFERED["A2"][0], None]


def test_a_text_that_begins_like_a_formula_is_offered_as_text(offering, app):
    with books.live(app, offering) as book:
        [first, _] = book.read(CANDIDATES).rows
        assert first.values["third"] == "=1+1"


def test_candidates_are_replaced_in_a_workbook_that_is_open_as_in_a_closed_one(offering, opening):
    with opening(offering) as book:
        book.replace(CANDIDATES, [{"key": "A9", "first": "L9 · Zénith"}])
        [row] = book.read(CANDIDATES).rows
        assert {key: value for key, value in row.values.items() if value} == {"key": "A9", "first": "L9 · Zénith"}
        book.write(ACCOUNTS, {("A1",): {"score": Decimal("0.5")}})
