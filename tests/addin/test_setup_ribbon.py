"""Making a company from the ribbon: the Set-up sheet of an open workbook that is of no company yet, in LibreOffice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import xlwings

from addin import ribbon
from addin.profile import load
from addin.session import identity
from addin.usecases.init import build
from workbook.file.file_book import FileBook
from workbook.layout import SETUP
from workbook.live.live_book import LiveBook


@pytest.fixture
def opened(tmp_path: Path, office: xlwings.App, monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveBook]:
    """A French workbook of no company, open as the workbook whose button is pressed; the machine speaks English."""
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HOME", str(tmp_path))
    build(tmp_path / "nouveau.xlsm", "fr", FileBook)
    (tmp_path / "Passerelle" / "aube" / "source").mkdir(parents=True)
    book = office.books.open(str(tmp_path / "nouveau.xlsm"))
    book.set_mock_caller()
    yield LiveBook(book)
    book.close()


def test_create_company_speaks_the_workbooks_language_from_the_first_word_on(
    opened: LiveBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(ribbon, "tell", lambda _, text: said.append(text))
    monkeypatch.setattr(ribbon, "agreed", lambda *_: True)
    ribbon.create_company()
    assert said[0].startswith("«\u00a0(vide)\u00a0» ne peut")
    opened.write(SETUP, {("company",): {"value": "Aube"}})
    ribbon.create_company()
    assert said[1].startswith("L'entreprise «\u00a0Aube\u00a0» est créée")
    assert "Connecté" in said[1]
    assert identity(opened)["company_id"] == load("Aube").id
