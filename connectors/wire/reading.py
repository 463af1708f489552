"""Records of ours out of what a form read: what every kind needs to be whole, whoever booked it."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Any

from connectors.records import TYPES, ZERO, EntryLine, InvoiceLine, JournalEntry, Kind, Transferable
from connectors.wire.form import addresses

EMPTY = {"date": date.min, "customer": "", "currency": "", "lines": (), "name": "", "amount": ZERO, "subtotal": ZERO,
         "tax": ZERO, "total": ZERO}  # fmt: skip
"""What a kind cannot do without, where a ledger does not tell it."""


def record_of(kind: Kind, key: str, values: dict[str, Any]) -> Transferable:
    """A record under the ledger's id as its key; what no field of it is called stays out."""
    made: type[Transferable] = TYPES[kind]
    known = {each.name for each in fields(made)}
    told = {name: value for name, value in addresses(values).items() if name in known and value is not None}
    line = EntryLine if made is JournalEntry else InvoiceLine
    told["lines"] = tuple(line(**_numbered(line, place, row)) for place, row in enumerate(values.get("lines", ()), 1))
    needed = {name: value for name, value in EMPTY.items() if name in known}
    return made(**{name: value for name, value in {**needed, **told, "key": key}.items() if name in known})


def _numbered(line: type[InvoiceLine | EntryLine], place: int, row: dict[str, Any]) -> dict[str, Any]:
    if line is InvoiceLine:
        return {"key": str(place), "number": place, "description": "", "amount": ZERO, **row}
    return {**row, "account": row.get("ledger_account", "")}
