"""How long the workbook's own macros take to mark 20,000 invoices in LibreOffice, and to take the mark back.

``python benchmarks/marking.py [ROWS]`` prints the seconds that passed and the processor's seconds that LibreOffice took
of them, which other work on the machine does not swell; three times for each case: with every row visible; with every
other row selected by itself; and with a filter that leaves every other row, which makes as many stretches of visible
rows. What the status column then holds is compared each time. Linux only, for ``/proc``.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

import xlwings

from workbook import libreoffice
from workbook.layout import INVOICES, STATUSES, sheet_of
from workbook.libreoffice.office import Uno
from workbook.template.sheets import where
from workbook.template.template import build

TOP = 4  # the first row of data, from 0
TURNS = 3
BEFORE = ("to_transfer", "error")
MARKED = STATUSES["do_not_sync"].en


class Marking:
    """A workbook of so many invoices, whose statuses alternate, open in LibreOffice."""

    def __init__(self, app: xlwings.App, path: Path, count: int) -> None:
        build(path)
        self.book = app.books.open(str(path))
        self.office = app.impl.office
        self.sheet: Uno = self.book.sheets[sheet_of(INVOICES).caption.en].api
        self.bottom = TOP + count - 1
        self.before = [STATUSES[BEFORE[n % 2]].en for n in range(count)]
        self.sheet.unprotect("")
        self.column("key").setDataArray(tuple((f"I{n}",) for n in range(count)))
        self.column("status").setDataArray(tuple((status,) for status in self.before))
        self.sheet.protect("")
        self.book.api.CurrentController.setActiveSheet(self.sheet)

    def column(self, key: str) -> Uno:
        """The cells of a column."""
        place = where(INVOICES, key)[1]
        return self.sheet.getCellRangeByPosition(place, TOP, place, self.bottom)

    def select_all(self) -> None:
        """Select all rows, as with the mouse."""
        whole = self.sheet.getCellRangeByPosition(0, 0, len(INVOICES.columns), self.bottom)
        self.book.api.CurrentController.select(whole)

    def select_every_other(self) -> None:
        """Select the rows in error one by one."""
        picked = self.book.api.createInstance("com.sun.star.sheet.SheetCellRanges")
        for row in range(TOP + 1, self.bottom + 1, 2):
            picked.addRangeAddress(self.sheet.getCellByPosition(0, row).RangeAddress, False)
        self.book.api.CurrentController.select(picked)

    def filter_errors(self) -> None:
        """Leave the rows in error in sight, as the arrow on the header does."""
        condition = self.office.struct("com.sun.star.sheet.TableFilterField")
        condition.Field, condition.IsNumeric = where(INVOICES, "status")[1], False
        condition.StringValue = STATUSES["error"].en
        condition.Operator = self.office.uno.Enum("com.sun.star.sheet.FilterOperator", "EQUAL")
        rows = self.sheet.getCellRangeByPosition(0, TOP - 1, len(INVOICES.columns) - 1, self.bottom)
        by_status = rows.createFilterDescriptor(True)
        by_status.ContainsHeader = True
        by_status.setFilterFields((condition,))
        self.sheet.unprotect("")
        rows.filter(by_status)
        self.sheet.protect("")

    def measure(self, name: str, *concerned: str) -> None:
        """Mark and undo; the rows that had one of the statuses concerned are marked, and no other."""
        wanted = [MARKED if status in concerned else status for status in self.before]
        for _ in range(TURNS):
            self.timed(f"{name}: mark", wanted, "MarkSelection", "do_not_sync")
            self.timed(f"{name}: undo", self.before, "UndoMark")

    def timed(self, name: str, wanted: list[str], macro: str, *arguments: str) -> None:
        """Run a macro; print how long it took and what it said."""
        run = self.book.macro(f"PasserelleMarking.{macro}")
        began, taken = time.perf_counter(), self.processor_seconds()
        said = run(*arguments)
        passed, taken = time.perf_counter() - began, self.processor_seconds() - taken
        print(f"{name:32} {passed:6.2f} s   {taken:6.2f} s of the processor   {said}")
        assert [row[0] for row in self.column("status").getDataArray()] == wanted

    def processor_seconds(self) -> float:
        """What LibreOffice's process group has used so far, user and system together (proc(5), ``stat``)."""
        fields = [path.read_text().rpartition(")")[2].split() for path in Path("/proc").glob("[0-9]*/stat")]
        ticks = sum(int(f[11]) + int(f[12]) for f in fields if int(f[2]) == self.office.process.pid)
        return ticks / os.sysconf("SC_CLK_TCK")


def main(count: int) -> None:
    """Measure every case."""
    app = libreoffice.start()
    try:
        with tempfile.TemporaryDirectory() as scratch:
            marking = Marking(app, Path(scratch, "book.xlsm"), count)
            error, transfer = STATUSES["error"].en, STATUSES["to_transfer"].en
            marking.select_all()
            marking.measure("all visible", error, transfer)
            marking.select_every_other()
            marking.measure("every other selected", error)
            marking.filter_errors()
            marking.select_all()
            marking.measure("every other filtered out", error)
    finally:
        app.quit()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
