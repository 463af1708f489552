"""How long a closed workbook of 20,000 invoices and 60,000 lines takes, against openpyxl, and how much memory.

Run ``python benchmarks/closed_file.py``. Each way reads the workbook, writes 5,000 results into it and saves it, in a
process of its own, whose peak memory (``ru_maxrss``) is shown. The workbook is built from the layout by XlsxWriter,
with shared strings as Excel saves it.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from importlib import import_module
from pathlib import Path

INVOICES_COUNT, LINES_COUNT, RESULTS = 20_000, 60_000, 5_000
REASON = "Posted."
EMPTY = frozenset({"reason", "fix", "changed", "reference", "reviewed_by", "care_of", "ledger_item", "class_code"})


def build(path: Path) -> None:
    """Write the workbook: two full tables, every cell formatted as the template formats it, empty ones too."""
    from xlsxwriter import Workbook

    from workbook.layout import INVOICES, LINES, Type, sheet_of

    book = Workbook(str(path))
    codes = {Type.AMOUNT: "#,##0.00", Type.QUANTITY: "#,##0.00", Type.COUNT: "0", Type.DATE: "yyyy-mm-dd"}
    formats = {type_: book.add_format({"num_format": codes.get(type_, "@")}) for type_ in Type}
    for table, count in ((INVOICES, INVOICES_COUNT), (LINES, LINES_COUNT)):
        sheet = book.add_worksheet(sheet_of(table).caption.en)
        columns = [{"header": column.caption.en} for column in table.columns]
        sheet.add_table(3, 0, 3 + count, len(columns) - 1, {"name": table.name, "columns": columns})
        for row in range(count):
            for place, column in enumerate(table.columns):
                format_ = formats[column.type]
                match column.type:
                    case Type.AMOUNT | Type.QUANTITY:
                        sheet.write_number(4 + row, place, (row * 37 + place * 11) % 500_000 / 100, format_)
                    case Type.DATE:
                        day = date(2026, 1, 1) + timedelta(days=row % 365)
                        sheet.write_datetime(4 + row, place, day, format_)
                    case Type.COUNT:
                        sheet.write_number(4 + row, place, row % 9, format_)
                    case Type.LINK:
                        link = f'=HYPERLINK("https://example.org/{row}","Open")'
                        sheet.write_formula(4 + row, place, link, format_, "Open")
                    case _ if column.key in EMPTY:
                        sheet.write_blank(4 + row, place, None, format_)
                    case _:
                        text = f"{column.caption.en} {row % (count if place < 4 else 50)}"
                        sheet.write_string(4 + row, place, text, format_)
    book.close()


def with_file_book(path: Path) -> None:
    """Read both tables, write the results, save."""
    from workbook.file.file_book import FileBook
    from workbook.layout import INVOICES, LINES
    from workbook.row_keys import keyed

    book = FileBook(path)
    invoices, lines = book.read(INVOICES), book.read(LINES)
    assert (len(invoices.rows), len(lines.rows)) == (INVOICES_COUNT, LINES_COUNT)
    assert isinstance(invoices.rows[1].values["total"], Decimal)
    results = {"status": "Transfer Completed", "reference": "L-1", "reason": REASON}
    book.write(INVOICES, {key: results for key, _ in keyed(INVOICES, invoices.rows[:RESULTS])})
    book.save()


def with_openpyxl(path: Path) -> None:
    """The same with openpyxl, keeping macros as one would for an .xlsm."""
    from openpyxl import load_workbook

    book = load_workbook(path, keep_vba=True)
    sheet = book["Invoices"]
    captions = {cell.value: cell.column for cell in sheet[4]}
    for row in range(5, 5 + RESULTS):
        sheet.cell(row, captions["Status"]).value = "Transfer Completed"
        sheet.cell(row, captions["Sync reference"]).value = "L-1"
        sheet.cell(row, captions["Reason"]).value = REASON
    book.save(path)


WAYS: dict[str, Callable[[Path], None]] = {"FileBook": with_file_book, "openpyxl": with_openpyxl}


def measured(way: str, path: Path) -> tuple[float, float]:
    """Processor seconds and peak megabytes of one way, in a new process."""
    answer = subprocess.run([sys.executable, __file__, way, str(path)], capture_output=True, text=True, check=True)
    seconds, peak = answer.stdout.split()
    return float(seconds), float(peak)


def run(way: str, path: Path) -> None:
    """One way in this process; prints processor seconds (without loading the library) and peak megabytes."""
    import_module({"FileBook": "workbook.file.file_book", "openpyxl": "openpyxl"}[way])
    start = time.process_time()
    WAYS[way](path)
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
    print(f"{seconds:.3f} {peak:.1f}")


def report() -> Iterator[str]:
    """Build the workbook once and measure every way on a copy of it."""
    with tempfile.TemporaryDirectory() as folder:
        original = Path(folder, "original.xlsx")
        subprocess.run([sys.executable, __file__, "build", str(original)], check=True)
        yield f"{original.stat().st_size / 1e6:.1f} MB on disk"
        times = {}
        for way in WAYS:
            copy = Path(folder, f"{way}.xlsx")
            shutil.copy(original, copy)
            times[way], peak = measured(way, copy)
            yield f"{way:10} {times[way]:7.2f} s {peak:7.0f} MB"
        yield f"{times['openpyxl'] / times['FileBook']:.1f} times as fast"


if __name__ == "__main__":
    if sys.argv[1:2] == ["build"]:
        build(Path(sys.argv[2]))
    elif len(sys.argv) > 1:
        run(sys.argv[1], Path(sys.argv[2]))
    else:
        for line in report():
            print(line, flush=True)
