"""A folder of files: filled as the system it comes from would export it, looked at with Python's own csv."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from connectors.conformance import Told
from connectors.records import Kind
from connectors.sources.files.connector import FilesSource
from connectors.sources.files.settings import FilesSettings


@dataclass
class FilesHarness:
    """Written anew at every change, as an export is."""

    folder: Path
    source: type[FilesSource] = FilesSource
    total: str = "total"
    rows: dict[str, dict[tuple[str, str], dict[str, str]]] = field(default_factory=dict)
    page = 0
    networked = False
    pause = 0.0
    beside = True

    def __post_init__(self) -> None:
        for table, key in (("accounts", "key"), ("documents", "key"), ("lines", "document"), ("payments", "key")):
            self.rows[table] = {("", ""): {key: ""}}
        self.add_accounts(0)

    def open(self) -> FilesSource:
        return self.source(FilesSettings(folder=self.folder))

    def add_accounts(self, count: int) -> list[str]:
        keys = [f"A{len(self.rows['accounts']) + n:04}" for n in range(count)]
        for key in keys:
            self._add("accounts", key=key, name=f"Membre {key}")
        self._write()
        return keys

    def add_invoice(self, account: str, amount: Decimal) -> str:
        key = f"D{len(self.rows['documents']):04}"
        self._add("documents", key=key, kind="invoice", number=f"F-{key}", date="2026-01-15", account=account,
                  subtotal=str(amount), tax="0", total=str(amount), balance=str(amount))  # fmt: skip
        self._add("lines", document=key, line="1", description="Cotisation", amount=str(amount))
        self._write()
        return key

    def add_payment(self, account: str, invoice: str, amount: Decimal) -> str:
        key = f"P{len(self.rows['payments']):04}"
        self._add("payments", key=key, date="2026-01-20", account=account, invoice=invoice, amount=str(amount))
        self._write()
        return key

    def change_invoice(self, key: str, amount: Decimal) -> None:
        new = dict.fromkeys(("subtotal", "total", "balance"), str(amount))
        self.rows["documents"][key, ""] |= new
        self.rows["lines"][key, "1"]["amount"] = str(amount)
        self._write()

    def delete_invoice(self, key: str) -> None:
        del self.rows["documents"][key, ""], self.rows["lines"][key, "1"]
        self._write()

    def rename_column(self) -> str:
        self.total = "ttal"
        self._write()
        return "total"

    def told(self, kind: Kind, key: str) -> Told | None:
        results = self.folder / "source" / "results.csv"
        if not results.exists():
            return None
        with results.open(encoding="utf-8-sig", newline="") as stream:
            found = [row for row in csv.DictReader(stream) if (row["kind"], row["key"]) == (kind, key)]
        return next((Told(status=row["status"], reference=row["sync_reference"], number=row["ledger_number"],
                          reason=row["reason"]) for row in found), None)  # fmt: skip

    def content(self) -> dict[str, object]:
        return {path.name: path.read_bytes() for path in (self.folder / "source").iterdir()
                if path.name != "results.csv"}  # fmt: skip

    def _add(self, table: str, **row: str) -> None:
        self.rows[table][row.get("key") or row["document"], row.get("line", "")] = row

    def _write(self) -> None:
        folder = self.folder / "source"
        folder.mkdir(exist_ok=True)
        for table, rows in self.rows.items():
            columns = dict.fromkeys(name for row in rows.values() for name in row)
            named = {**columns, **({"total": self.total} if "total" in columns else {})}
            with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as stream:
                writer = csv.writer(stream)
                writer.writerow([named[name] or name for name in columns])
                writer.writerows([row.get(name, "") for name in columns] for at, row in rows.items() if at[0])
