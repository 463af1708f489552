"""Writes the column tables of docs/source-files.md from the tables the source reads by; run it after a change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from connectors.sources.files.columns import TABLES, Column, Table, Type
from connectors.sources.files.words import WORDS

PAGE = Path(__file__).parents[3] / "docs" / "source-files.md"
START = "<!-- From here on written by tests/connectors/sources/columns_page.py -->\n"

TYPES = {
    Type.TEXT: "text",
    Type.CODES: "codes joined by +",
    Type.AMOUNT: "amount",
    Type.NUMBER: "number",
    Type.COUNT: "whole number",
    Type.DATE: "date",
    Type.YES_NO: "yes or no",
    Type.CURRENCY: "currency",
    Type.KIND: "choice: kind",
    Type.ORIGIN: "choice: origin",
    Type.DIRECTION: "choice: direction",
    Type.ROUNDING: "choice: rounding",
}


def tables() -> str:
    """Every table with its columns, then the words of every choice."""
    return "\n".join([*(line for table in TABLES for line in _table(table)), *_choices()]) + "\n"


def _table(table: Table) -> Iterator[str]:
    yield f"### {table.name}{' (required)' if table.required else ''}\n"
    yield f"{table.meaning} A row is named by {' and '.join(f'`{name}`' for name in table.key)}.\n"
    yield "| column | French heading | holds | value | meaning |"
    yield "|---|---|---|---|---|"
    for column in table.columns:
        yield f"| `{column.name}` | `{column.french}` | {TYPES[column.type]} | {_value(column)} | {_meaning(column)} |"
    yield ""


def _value(column: Column) -> str:
    if column.required:
        return "required"
    return f"empty: `{column.default}`" if column.default else ""


def _meaning(column: Column) -> str:
    source = f" (in `{column.refers or column.lists}`)" if column.refers or column.lists else ""
    return f"{column.meaning}{source}"


def _choices() -> Iterator[str]:
    yield "### Choices\n"
    yield "| choice | written as | stands for |"
    yield "|---|---|---|"
    for kind, words in WORDS.items():
        for value in dict.fromkeys(words.values()):
            written = ", ".join(f"`{word}`" for word in words if words[word] == value)
            meaning = {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
            yield f"| {TYPES[kind].removeprefix('choice: ')} | {written} | {meaning} |"


if __name__ == "__main__":
    head, _, _ = PAGE.read_text(encoding="utf-8").partition(START)
    PAGE.write_text(head + START + "\n" + tables(), encoding="utf-8", newline="\n")
