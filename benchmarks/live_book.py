"""How long 20,000 invoices and 60,000 lines take into an empty workbook: closed, and open in LibreOffice.

``python benchmarks/live_book.py [INVOICES]`` prints seconds for each step of each way.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from workbook import libreoffice
from workbook.book import Book
from workbook.file.file_book import FileBook
from workbook.layout import INVOICES, LINES
from workbook.live.live_book import LiveBook
from workbook.rows import Cells
from workbook.template.template import build

LINES_EACH = 3


def invoices(count: int) -> list[Cells]:
    """Rows as a pull appends them."""
    first = date(2025, 1, 1)
    return [
        {
            "key": f"I{n}", "kind": "Invoice", "number": f"F25-{n:05}", "date": first + timedelta(n % 365),
            "account": f"Société {n % 997}", "origin": "Renewal", "currency": "CAD", "subtotal": Decimal("300.00"),
            "tax": Decimal("44.93"), "total": Decimal("344.93"), "balance": Decimal(0), "sent": "Yes", "paid": "Yes",
            "status": "To Be Transferred",
        }
        for n in range(count)
    ]  # fmt: skip


def lines(count: int) -> list[Cells]:
    """Rows of their lines."""
    return [
        {
            "key": f"I{n // LINES_EACH}/{n % LINES_EACH}", "invoice": f"I{n // LINES_EACH}",
            "line": Decimal(n % LINES_EACH + 1), "description": "Cotisation annuelle", "gl_account": "4100",
            "quantity": Decimal(1), "unit_price": Decimal("100.00"), "amount": Decimal("100.00"),
            "tax_amount": Decimal("14.98"),
        }
        for n in range(count)
    ]  # fmt: skip


def mark(book: Book, count: int) -> None:
    """One status for every row."""
    left = book.write(INVOICES, {("invoice", f"I{n}"): {"status": "Do Not Sync"} for n in range(count)})
    assert not left


def measure(way: str, opening: Callable[[], Book], count: int) -> None:
    """Time opening, both tables, saving, reading back and one status for every row."""
    began = time.perf_counter()
    book = opening()
    timed(way, "open", began)
    steps: tuple[tuple[str, Callable[[], object]], ...] = (
        (f"append {count} invoices", lambda: book.append(INVOICES, invoices(count))),
        (f"append {count * LINES_EACH} lines", lambda: book.append(LINES, lines(count * LINES_EACH))),
        ("save", book.save),
        ("read both", lambda: (book.read(INVOICES), book.read(LINES))),
        ("mark every row", lambda: mark(book, count)),
        ("switch to French", lambda: book.speak("fr")),
        ("save again", book.save),
    )
    for name, step in steps:
        began = time.perf_counter()
        step()
        timed(way, name, began)


def timed(way: str, name: str, began: float) -> None:
    print(f"{way:12} {name:24} {time.perf_counter() - began:7.2f} s")


def main(count: int) -> None:
    """Measure both ways."""
    with tempfile.TemporaryDirectory() as scratch:
        closed, live = Path(scratch, "closed.xlsm"), Path(scratch, "live.xlsm")
        build(closed)
        build(live)
        measure("closed file", lambda: FileBook(closed), count)
        app = libreoffice.start()
        try:
            measure("LibreOffice", lambda: LiveBook(app.books.open(str(live))), count)
        finally:
            app.quit()


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 20_000)
