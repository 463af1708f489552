"""A source's files written by hand: parties, documents, money and schedules, in the columns that the guide promises."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from tests.auditor.source import ZERO, Row, amount

CENT = Decimal("0.01")
GROUPS = {
    "QC": (("GST", "5"), ("QST", "9.975")),
    "ON": (("HST13", "13"),),
    "ATL": (("HST15", "15"),),
    "EXEMPT": (),
}
"""The taxes of a group, with their rates in percent."""
ITEMS = {
    "2400": "DUES-C", "3000": "OPENING", "4100": "DUES-A", "4200": "EVT-DEJ", "4300": "SPONS", "4400": "DON",
    "4500": "ADMIN",
}  # fmt: skip
"""What is sold on an account, for ledgers whose sales name items."""
PREFIXES = {
    "invoice": "F", "credit_note": "NC", "supplier_invoice": "B", "vendor_credit": "BC", "sales_receipt": "V",
    "refund": "RB",
}  # fmt: skip

Line = tuple[str, str]
"""An account and an amount before tax."""


@dataclass
class Writer:
    """A source that grows record by record; ``name`` sets its keys and numbers apart from another's."""

    name: str
    tables: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    count: int = 0

    def party(self, **cells: str) -> str:
        """Somebody who is billed, or a supplier with ``is_supplier``."""
        key = self._key("A")
        names = {"key": key, "number": f"M{key}", "name": f"Partie {key}", "email": f"{key.lower()}@example.org"}
        self.tables["accounts"].append(names | cells)
        return key

    def document(self, kind: str, party: str, on: str, *lines: Line, group: str = "QC", **cells: str) -> str:
        """A document with the taxes that its group comes to, unless ``cells`` say others.

        A group may be several, joined by commas: one for each line; its taxes have to be said then.
        """
        key = self._key("D")
        taxes = {name: cells.pop(name) for name in ("GST", "QST", "HST13", "HST15") if name in cells}
        net, groups = sum((amount(each) for _, each in lines), ZERO), group.split(",")
        if not taxes:
            taxes = {name: str(_tax(lines, rate)) for name, rate in GROUPS[group]}
        tax = sum(map(amount, taxes.values()), ZERO)
        self.tables["documents"].append({
            "key": key, "kind": kind, "number": f"{PREFIXES[kind]}-{key}", "date": on, "due": on, "account": party,
            "currency": "CAD", "subtotal": str(net), "tax": str(tax), "total": str(net + tax), "origin": "manual",
            "sent": "yes", "cancelled": "no",
        } | cells)  # fmt: skip
        for number, (account, each) in enumerate(lines, 1):
            self.tables["lines"].append({
                "document": key, "line": str(number), "description": f"Ligne {number}", "quantity": "1",
                "unit_price": each, "amount": each, "item": ITEMS.get(account, ""), "gl_account": account,
                "tax_group": groups[min(number, len(groups)) - 1],
            })  # fmt: skip
        for name, each in taxes.items():
            base = str(_base(name, lines, groups) or net)
            self.tables["document_taxes"].append({"document": key, "tax": name, "amount": each, "base": base})
        return key

    def invoice(self, party: str, on: str, *lines: Line, group: str = "QC", **cells: str) -> str:
        """An invoice, which is most of what is written."""
        return self.document("invoice", party, on, *lines, group=group, **cells)

    def dues(self, party: str, on: str, net: str, start: str, months: int, group: str = "QC", **spread: str) -> str:
        """An invoice of dues in advance, and its schedule over months; ``spread`` are cells of the schedule."""
        key = self.invoice(party, on, ("2400", net), group=group)
        self.schedule(key, net, start, months, **spread)
        return key

    def schedule(self, document: str, net: str, start: str, months: int, **cells: str) -> str:
        """A line of a document, its first, that becomes revenue over months."""
        key = self._key("S")
        self.tables["schedules"].append({
            "key": key, "invoice": document, "line": "1", "start": start, "months": str(months), "amount": net,
            "deferred_account": "2400", "revenue_account": "4100",
        } | cells)  # fmt: skip
        return key

    def payment(self, party: str, on: str, money: str, paid: dict[str, str] | None = None, **cells: str) -> str:
        """Money, and the documents that it goes to."""
        key = self._key("P")
        self.tables["payments"].append({
            "key": key, "number": f"R-{key}", "date": on, "account": party, "currency": "CAD", "amount": money,
            "method": "CHEQUE",
        } | cells)  # fmt: skip
        for document, part in (paid or {}).items():
            self.allocate(key, document, part)
        return key

    def allocate(self, payment: str, document: str, part: str, **cells: str) -> None:
        """Let a part of a payment go to a document."""
        self.tables["allocations"].append({"payment": payment, "invoice": document, "amount": part} | cells)

    def entry(self, on: str, *lines: tuple[str, str, str, str]) -> str:
        """A journal entry of (account, debit, credit, party)."""
        key = self._key("J")
        self.tables["journal_entries"].append({"key": key, "number": f"E-{key}", "date": on, "currency": "CAD"})
        for number, (account, debit, credit, party) in enumerate(lines, 1):
            self.tables["entry_lines"].append({
                "entry": key, "line": str(number), "gl_account": account, "debit": debit, "credit": credit,
                "account": party,
            })  # fmt: skip
        return key

    def total(self, document: str) -> str:
        """What a document comes to."""
        return next(row["total"] for row in self.tables["documents"] if row["key"] == document)

    def row(self, table: str, key: str) -> Row:
        """A row by its key, to be changed."""
        return next(row for row in self.tables[table] if row["key"] == key)

    def write(self, folder: Path) -> None:
        """Write the files that have rows, in place of others; documents with what is left to pay of them."""
        for name, rows in [(name, rows) for name, rows in self.tables.items() if rows]:
            shown = [row | {"balance": str(self.left_to_pay(row))} for row in rows] if name == "documents" else rows
            columns = list(dict.fromkeys(column for row in shown for column in row))
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
                writer.writeheader()
                writer.writerows(shown)

    def left_to_pay(self, document: Row) -> Decimal:
        """What is open of a document by what pays and credits it."""
        if document["kind"] not in ("invoice", "supplier_invoice"):
            return Decimal("0.00")
        returned = {row["payment"] for row in self.tables["payments"] if row.get("kind") == "returned"}
        parts = [row for row in self.tables["allocations"] if row["invoice"] == document["key"]]
        paid = sum((amount(row["amount"]) for row in parts if row["payment"] not in returned), ZERO)
        paid += sum((amount(row.get("discount")) for row in parts if row["payment"] not in returned), ZERO)
        credits_ = [
            row for row in self.tables["documents"]
            if row["kind"] in ("credit_note", "vendor_credit") and row.get("invoice") == document["key"]
        ]  # fmt: skip
        credited = sum((amount(row["total"]) for row in credits_), ZERO)
        return max(amount(document["total"]) - paid - credited, Decimal("0.00"))

    def _key(self, letter: str) -> str:
        self.count += 1
        return f"{letter}{self.name}{self.count:03}"


def _tax(lines: tuple[Line, ...], rate: str) -> Decimal:
    """A tax, rounded on every line."""
    each = ((amount(net) * amount(rate) / 100).quantize(CENT, ROUND_HALF_UP) for _, net in lines)
    return sum(each, ZERO)


def _base(tax: str, lines: tuple[Line, ...], groups: list[str]) -> Decimal:
    """What a tax is charged on: the lines whose group has it."""
    of_lines = [*groups, *groups[-1:] * len(lines)]
    taxed = (net for (_, net), group in zip(lines, of_lines, strict=False) if tax in dict(GROUPS.get(group, ())))
    return sum(map(amount, taxed), ZERO)
