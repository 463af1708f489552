"""An Excel that refuses calls for a while, as it does while a cell is edited: under Wine, by COM's own rejection.

``packaging/under-wine.sh`` runs it by its name, for elsewhere there is no COM.
"""

from __future__ import annotations

import time
from decimal import Decimal
from pathlib import Path

import pytest
import xlwings

from tests.workbook import books
from tests.workbook.books import PAYMENTS
from workbook.live import busy

WHILE = 1.5
"""Seconds for which it refuses."""


@pytest.fixture
def waited(app: xlwings.App, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long each wait for Excel was; they are waited."""
    busy.bound_retries()
    waits: list[float] = []
    patiently = time.sleep
    monkeypatch.setattr("time.sleep", lambda seconds: waits.append(seconds) or patiently(seconds))
    return waits


def test_what_is_asked_is_answered_later(app: xlwings.App, waited: list[float]) -> None:
    version = app.api.Version
    app.api.Refuse(WHILE)
    assert busy.patiently(lambda: app.api.Version, pause=time.sleep) == version
    assert waited


def test_what_is_told_is_told_later(app: xlwings.App, waited: list[float]) -> None:
    app.api.Refuse(WHILE)
    busy.patiently(lambda: setattr(app, "status_bar", "now"), pause=time.sleep)
    assert app.status_bar == "now"
    assert waited
    app.status_bar = False


def test_a_line_of_the_status_bar_waits_for_nobody(app: xlwings.App, tmp_path: Path, waited: list[float]) -> None:
    with books.live(app, books.draw(tmp_path / "book.xlsx")) as book:
        app.api.Refuse(WHILE)
        book.progress("not shown")
        assert waited == []
        assert busy.patiently(lambda: app.status_bar, pause=time.sleep) is False


def test_a_write_is_carried_out_once_and_whole(app: xlwings.App, tmp_path: Path) -> None:
    with books.live(app, books.draw(tmp_path / "book.xlsx", [{"Key": "p1"}, {"Key": "p2"}])) as book:
        app.api.Refuse(WHILE)
        book.write(PAYMENTS, {("p2",): {"amount": Decimal("2.50"), "reference": "77"}})
        rows = {row.values["key"]: row.values for row in book.read(PAYMENTS).rows}
        assert (rows["p2"]["amount"], rows["p2"]["reference"]) == (Decimal("2.50"), "77")
        assert rows["p1"]["amount"] is None
