"""The fields that a column of an export can be: columns of our tables, and what only an export has."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.sources.tables import columns
from connectors.sources.tables.columns import Table, Type

UNREAD = ""
KINDS = ("accounts", "documents", "lines", "payments")
"""What a sheet of an export can hold; a sheet of another kind is not read."""
_TABLES: tuple[Table, ...] = (columns.ACCOUNTS, columns.DOCUMENTS, columns.LINES, columns.PAYMENTS)
_REFERRING = frozenset(
    {"documents.account", "lines.document", "payments.account", "payments.invoice", "payments.payment"}
)
"""Columns of ours that are told by a field of what they refer to: a payment's invoice is a ``documents.number``."""
PAID = "documents.paid"
TAX = "documents.tax"
"""All taxes of a document together."""
TAXES = "taxes."
"""How fields begin that are the amount of one tax, whose name the heading says."""
TYPES: Mapping[str, Type] = {
    **{
        name: column.type
        for table in _TABLES
        for column in table.columns
        if (name := f"{table.name}.{column.name}") not in _REFERRING
    },
    PAID: Type.AMOUNT,
    **dict.fromkeys((f"{TAXES}{tax}" for tax in ("gst", "qst", "hst", "pst", "gst_hst", "vat")), Type.AMOUNT),
}
"""The type of each field, by its name: the table and the column."""
READ_ON: Mapping[str, tuple[str, ...]] = {
    "accounts": ("accounts",),
    "documents": ("documents", "accounts", "taxes", "lines"),
    "lines": ("lines", "documents", "accounts", "taxes"),
    "payments": ("payments", "documents", "accounts"),
}
"""Of which tables a sheet of each kind has fields: its own, and those that it names or repeats."""
OF_PAYMENTS = frozenset({"documents.key", "documents.number", "documents.currency"})
"""Of an invoice, a payment names it and the currency, and nothing else."""


def read_on(kind: str) -> tuple[str, ...]:
    """The fields that a column of a sheet of a kind can be."""
    tables = READ_ON.get(kind, ())
    found = (name for name in TYPES if name.partition(".")[0] in tables)
    return tuple(
        name for name in found if kind != "payments" or not name.startswith("documents.") or name in OF_PAYMENTS
    )


def table_of(field: str) -> str:
    """The table of a field."""
    return field.partition(".")[0]


def column_of(field: str) -> str:
    """The column of a field."""
    return field.partition(".")[2]


def title_of(field: str) -> str:
    """How the documentation calls a field, in both languages."""
    table = next((table for table in _TABLES if table.name == table_of(field)), None)
    names = {column.name: column for column in table.columns} if table else {}
    column = names.get(column_of(field))
    return " / ".join(dict.fromkeys((column.name, column.french))) if column else column_of(field)
