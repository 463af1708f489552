"""Writes the column tables of the source's pages from the tables the source reads by; run it after a change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from columns_in_french import FRENCH

from connectors.sources.tables.columns import TABLES, Column, Table, Type
from connectors.sources.tables.words import WORDS
from workbook.layout import Language

DOCS = Path(__file__).parents[3] / "docs"
PAGES: dict[Language, Path] = {"en": DOCS / "source-files.md", "fr": DOCS / "fichiers-source.md"}
START = "<!-- From here on written by tests/connectors/sources/columns_page.py -->\n"

TYPES = {
    Type.TEXT: "text",
    Type.CODE: "code",
    Type.CODES: "codes joined by +",
    Type.AMOUNT: "amount",
    Type.NUMBER: "number",
    Type.RATE: "rate",
    Type.COUNT: "whole number",
    Type.DATE: "date",
    Type.YES_NO: "yes or no",
    Type.SENT: "yes, no, sent or draft",
    Type.CURRENCY: "currency",
    Type.KIND: "choice: kind",
    Type.WAY: "choice: way",
    Type.ORIGIN: "choice: origin",
    Type.DIRECTION: "choice: direction",
    Type.ROUNDING: "choice: rounding",
    Type.CATEGORY: "choice: category",
}


def tables(language: Language) -> str:
    """Every table with its columns, then the words of every choice."""
    parts = (*(line for table in TABLES for line in _table(table, language)), *_choices(language))
    return "\n".join(parts) + "\n"


def said(language: Language, text: str) -> str:
    """A text of the page in a language; raises ``KeyError`` where it has no French yet."""
    return text if language == "en" else FRENCH[text]


def _heading(language: Language, *captions: str) -> Iterator[str]:
    yield f"| {' | '.join(said(language, caption) for caption in captions)} |"
    yield f"|{'---|' * len(captions)}"


def _table(table: Table, language: Language) -> Iterator[str]:
    required = f" ({said(language, 'required')})" if table.required else ""
    yield f"### {table.name}{required}\n"
    named = f" {said(language, 'and')} ".join(f"`{name}`" for name in table.key)
    yield f"{said(language, table.meaning)} {said(language, 'A row is named by')} {named}.\n"
    yield from _heading(language, "column", "French heading", "holds", "value", "meaning")
    for column in table.columns:
        holds = said(language, "text, also of several lines" if column.long else TYPES[column.type])
        value, meaning = _value(column, language), _meaning(column, language)
        yield f"| `{column.name}` | `{column.french}` | {holds} | {value} | {meaning} |"
    yield ""


def _value(column: Column, language: Language) -> str:
    if column.required:
        return said(language, "required")
    colon = " : " if language == "fr" else ": "
    return f"{said(language, 'empty')}{colon}`{column.default}`" if column.default else ""


def _meaning(column: Column, language: Language) -> str:
    place = column.refers or column.lists
    return said(language, column.meaning) + (f" ({said(language, 'in')} `{place}`)" if place else "")


def _choices(language: Language) -> Iterator[str]:
    yield f"### {said(language, 'Choices')}\n"
    yield from _heading(language, "choice", "written as", "stands for")
    for kind, words in WORDS.items():
        for value in dict.fromkeys(words.values()):
            written = ", ".join(f"`{word}`" for word in words if words[word] == value)
            meaning = said(language, "yes" if value else "no") if isinstance(value, bool) else str(value)
            yield f"| {said(language, TYPES[kind].removeprefix('choice: '))} | {written} | {meaning} |"


if __name__ == "__main__":
    for spoken, page in PAGES.items():
        head, _, _ = page.read_text(encoding="utf-8").partition(START)
        page.write_text(head + START + "\n" + tables(spoken), encoding="utf-8", newline="\n")
