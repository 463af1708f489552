"""The tables of a ledger's guide that are made from its code, in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from workbook.layout import Language

Tables = Mapping[str, Callable[[Language], Iterator[str]]]
"""What makes the lines of a table, by the name that the guide marks its place with."""


def current(text: str, tables: Tables, language: Language) -> str:
    """A guide with its tables as the code has them."""
    for name, table in tables.items():
        begin, end = f"<!-- table: {name} -->", f"<!-- end: {name} -->"
        body = "\n".join([begin, *table(language), end])
        text = re.sub(f"{begin}.*?{end}", lambda _, body=body: body, text, flags=re.DOTALL)  # type: ignore[misc]
    return text


def assert_current(guide: Path, tables: Tables, language: Language) -> None:
    """Its tables stand in the guide, as the code has them."""
    text = guide.read_text(encoding="utf-8")
    assert all(f"<!-- table: {name} -->" in text for name in tables)
    assert current(text, tables, language) == text


def write(guides: Mapping[Language, Path], tables: Tables) -> None:
    """Write the tables into the guides."""
    for language, guide in guides.items():
        guide.write_text(current(guide.read_text(encoding="utf-8"), tables, language), encoding="utf-8")
