"""Workbooks of a source as their authors make them, and as nobody should: sheets with formats, and parts replaced."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path

import openpyxl

DOCUMENT = ("key", "kind", "number", "date", "account", "currency", "subtotal", "tax", "total", "balance", "cancelled")
LINE = ("document", "line", "description", "amount")
PART = "xl/worksheets/sheet2.xml"
"""The sheet ``documents``."""


@dataclass(frozen=True)
class Shown:
    """A value under a number format."""

    value: object
    format: str


def sheets(**cells: object) -> dict[str, list[Sequence[object]]]:
    """A sound source of one invoice, whose row of documents has these cells instead."""
    row = {
        "key": "D1", "kind": "invoice", "number": "F-1", "date": date(2026, 1, 10), "account": "A1", "currency": "CAD",
        "subtotal": 100, "tax": 0, "total": 100, "balance": 100, "cancelled": "no", **cells,
    }  # fmt: skip
    return {
        "accounts": [("key", "name", "phone", "billing_postal_code"), ("A1", "Acme", "514-555-0101", "H2X 1Y4")],
        "documents": [tuple(row), tuple(row.values())],
        "lines": [LINE, (row["key"], 1, "Dues", 100)],
    }


def save(path: Path, tables: Mapping[str, Sequence[Sequence[object]]]) -> None:
    """Write sheets as openpyxl does; a ``Shown`` cell gets its format."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in tables.items():
        sheet = book.create_sheet(name)
        for line, row in enumerate(rows, 1):
            for at, value in enumerate(row, 1):
                cell = sheet.cell(line, at, value.value if isinstance(value, Shown) else value)
                if isinstance(value, Shown):
                    cell.number_format = value.format
    book.save(path)


def replace_parts(path: Path, **changes: Callable[[bytes], bytes | None]) -> None:
    """Change parts of a package by their names, in which ``__`` stands for ``/``; ``None`` takes a part out."""
    wanted = {name.replace("__", "/"): change for name, change in changes.items()}
    old, new = zipfile.ZipFile(BytesIO(path.read_bytes())), BytesIO()
    with zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as package:
        for name in old.namelist():
            change = wanted.get(name.removesuffix(".xml").removesuffix(".rels"))
            content = change(old.read(name)) if change else old.read(name)
            if content is not None:
                package.writestr(name, content)
    path.write_bytes(new.getvalue())
