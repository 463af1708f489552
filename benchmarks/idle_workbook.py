"""What a whole sync costs where nothing is to be done: a workbook of 20,000 completed rows, sheet and all.

Run ``python benchmarks/idle_workbook.py``. The company is made and pulled first; each sync is a process of its own,
whose peak memory (``ru_maxrss``) is shown. The source says of every record that it was transferred before, and the
first sync notes that the sheet says so.
"""

from __future__ import annotations

import csv
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROWS, CUSTOMERS = 20_000, 1_000
NAME = "Association de vingt mille"


def make(folder: Path) -> None:
    """The source's files, the company and its workbook."""
    from addin.profile import load
    from addin.session import Session
    from addin.usecases.init import init
    from addin.usecases.pull import pull
    from workbook.file.file_book import FileBook

    source = folder / "source"
    source.mkdir()
    for name, rows in (("accounts", accounts()), ("documents", documents()), ("lines", lines())):
        written = list(rows)
        with (source / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(written[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(written)
    init(folder, NAME, "files", "beancount", {}, FileBook)
    profile = load(NAME)
    started = time.perf_counter()
    with Session.open(profile, FileBook(profile.workbook), "pull") as session:
        pull(session)
    print(f"first pull of {ROWS} records: {time.perf_counter() - started:.1f} s, {memory()} MB")


def accounts() -> Iterator[dict[str, str]]:
    """Members, already in the ledger."""
    for n in range(CUSTOMERS):
        yield {"key": f"A{n}", "number": f"{1000 + n}", "name": f"Membre {n}", "sync_reference": f"{1000 + n}"}


def documents() -> Iterator[dict[str, str]]:
    """Invoices, already in the ledger."""
    for n in range(ROWS - CUSTOMERS):
        yield {
            "key": f"I{n}", "kind": "invoice", "number": f"F-{n}", "date": "2025-01-15", "account": f"A{n % CUSTOMERS}",
            "currency": "CAD", "subtotal": "100.00", "tax": "0.00", "total": "100.00", "balance": "100.00",
            "origin": "manual", "sent": "yes", "cancelled": "no", "sync_reference": f"F-{n}",
        }  # fmt: skip


def lines() -> Iterator[dict[str, str]]:
    """One line each."""
    for n in range(ROWS - CUSTOMERS):
        yield {"document": f"I{n}", "line": "1", "description": "Cotisation", "quantity": "1", "unit_price": "100.00",
               "amount": "100.00", "gl_account": "4100"}  # fmt: skip


def idle(_: Path) -> None:
    """Press Sync."""
    from addin.profile import load
    from addin.session import Session
    from addin.usecases.sync import sync
    from workbook.file.file_book import FileBook

    profile = load(NAME)
    started = time.perf_counter()
    with Session.open(profile, FileBook(profile.workbook), "sync") as session:
        report = sync(session)
    assert not any(report.counts.get("posted", {}).values()), "there should be nothing to do"
    print(f"sync of {ROWS} completed rows: {time.perf_counter() - started:.1f} s, {memory()} MB")


def memory() -> int:
    """The peak of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


PARTS = {"make": make, "idle": idle}


def main() -> None:
    """Do each part in a process of its own: a child's peak memory would begin with its parent's."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "PASSERELLE_HOME": f"{folder}/home"}
        for part in ("make", "idle", "idle"):
            subprocess.run([sys.executable, __file__, part, folder], check=True, env=environment)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    if len(sys.argv) == 3:
        PARTS[sys.argv[1]](Path(sys.argv[2]))
    else:
        main()
