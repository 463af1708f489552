"""A company's folder of files, written by a test and pulled through the source itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from connectors.source import Pulled
from connectors.sources.files.connector import FilesSource
from connectors.sources.files.settings import FilesSettings

ACCOUNTS = "key,name\nA1,Hôtel de l'Anse\nA2,Second\n"
DOCUMENTS = (
    "key,kind,number,date,account,subtotal,tax,total,balance\n"
    "D1,invoice,F-1,2025-01-31,A1,100.00,15.00,115.00,115.00\n"
    "D2,invoice,F-2,2025-02-28,A2,20.00,0.00,20.00,0.00\n"
)
LINES = "document,line,description,amount\nD1,1,Dues,60.00\nD1,2,Meal,40.00\nD2,1,Book,20.00\n"


class Company:
    """A folder with three sound files, which a test replaces or adds to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.source = folder / "source"
        self.source.mkdir()
        self.write(accounts=ACCOUNTS, documents=DOCUMENTS, lines=LINES)

    def write(self, **texts: str | bytes) -> None:
        for name, text in texts.items():
            content = text.encode() if isinstance(text, str) else text
            (self.source / f"{name}.csv").write_bytes(content)

    def pull(self, **settings: object) -> Pulled:
        return self.open(**settings).pull()

    def open(self, **settings: object) -> FilesSource:
        return FilesSource(FilesSettings.model_validate({"folder": self.folder, **settings}))


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company(tmp_path)


def told(pulled: Pulled) -> list[tuple[str, str, str, str]]:
    """The problems as code, file, line and column."""
    return [(p.code, p.params["file"], p.params.get("line", ""), p.column) for p in pulled.problems]


def keys(pulled: Pulled) -> set[str]:
    return {record.key for record in pulled.records}


def csv_of(rows: Mapping[str, str]) -> str:
    """A file of one row."""
    return ",".join(rows) + "\n" + ",".join(rows.values()) + "\n"
