"""The source's own codes: what its list files say, and every code its records use besides."""

from __future__ import annotations

from decimal import Decimal

from connectors.records import Item, LedgerAccount, ListEntry, Tax, TaxCategory, TaxGroup, TaxRounding
from connectors.source import SourceLists
from connectors.sources.tables import columns
from connectors.sources.tables.columns import Table
from connectors.sources.tables.fields import Fields, Rows


def lists(rows: Rows) -> SourceLists:
    """The lists of good rows, each completed with the codes that are used and not listed, under their own name."""
    accounts = [_account(row) for row in rows[columns.GL_ACCOUNTS.name]]
    items = [_item(row) for row in rows[columns.ITEMS.name]]
    return SourceLists(
        accounts=(*accounts, *(LedgerAccount(code=c, name=c) for c in _unlisted(rows, columns.GL_ACCOUNTS))),
        items=(*items, *(Item(code=c, name=c) for c in _unlisted(rows, columns.ITEMS))),
        taxes=tuple(_tax(row) for row in rows[columns.TAXES.name]),
        tax_groups=tuple(_tax_group(row) for row in rows[columns.TAX_GROUPS.name]),
        terms=_entries(rows, columns.TERMS),
        methods=_entries(rows, columns.METHODS),
        classes=_entries(rows, columns.CLASSES),
    )


def _unlisted(rows: Rows, table: Table) -> list[str]:
    used = {
        row.text(column.name)
        for of_table in rows.values()
        for row in of_table
        for column in row.table.columns
        if column.lists == table.name
    }
    return sorted(used - {row.text("code") for row in rows[table.name]} - {""})


def _entries(rows: Rows, table: Table) -> tuple[ListEntry, ...]:
    listed = [ListEntry(code=row.text("code"), name=_name(row)) for row in rows[table.name]]
    return (*listed, *(ListEntry(code=code, name=code) for code in _unlisted(rows, table)))


def _account(row: Fields) -> LedgerAccount:
    return LedgerAccount(code=row.text("code"), name=_name(row), type=row.text("type"), active=row.get("active", bool))


def _item(row: Fields) -> Item:
    return Item(code=row.text("code"), name=_name(row), account=row.text("gl_account"), active=row.get("active", bool))


def _tax(row: Fields) -> Tax:
    return Tax(
        code=row.text("code"),
        name=_name(row),
        rate=row.get("rate", Decimal),
        registration=row.text("registration"),
        sync_reference=row.text("sync_reference"),
    )


def _tax_group(row: Fields) -> TaxGroup:
    return TaxGroup(
        code=row.text("code"),
        name=_name(row),
        taxes=row.codes("taxes"),
        rounding=row.get("rounding", TaxRounding),
        category=row.get("category", TaxCategory) if row.values["category"] else None,
        sync_reference=row.text("sync_reference"),
    )


def _name(row: Fields) -> str:
    return row.text("name") or row.text("code")
