"""How long a pull of 20,000 invoices, 60,000 lines and 20,000 payments takes into an empty workbook, and again.

``python benchmarks/pull.py [INVOICES]`` writes the source's files, makes a company on them and pulls twice: into the
closed workbook, then into another one that is open in LibreOffice. Each pull runs in a process of its own, whose time
and peak memory (``ru_maxrss``) are shown, without the spreadsheet program's. ``profile`` in front of the number shows
where the time of each goes.
"""

from __future__ import annotations

import cProfile
import csv
import os
import pstats
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import date, timedelta
from pathlib import Path

INVOICES, LINES_EACH, ACCOUNTS = 20_000, 3, 4_000
COMPANY = "Association"
HEADERS = {
    "accounts": "key,number,name,contact,email,phone,billing_street,billing_city,billing_region,billing_postal_code",
    "documents": "key,kind,number,date,due,account,currency,subtotal,tax,total,balance,origin,terms,memo,url",
    "lines": "document,line,description,quantity,unit_price,amount,gl_account,tax_group,tax_amount,item,class",
    "document_taxes": "document,tax,base,amount",
    "payments": "key,number,date,account,currency,amount,method",
    "allocations": "payment,invoice,amount",
    "gl_accounts": "code,name",
    "items": "code,name",
    "taxes": "code,name,rate,sync_reference",
    "tax_groups": "code,name,taxes,rounding",
    "methods": "code,name",
}
FEW: dict[str, list[tuple[object, ...]]] = {
    "gl_accounts": [("4100", "Cotisations"), ("4200", "Événements"), ("4300", "Formations")],
    "items": [(f"ART-{n}", f"Article {n}") for n in range(40)],
    "taxes": [("GST", "TPS", "5", "2310"), ("QST", "TVQ", "9.975", "2320")],
    "tax_groups": [("QC", "TPS + TVQ", "GST+QST", "sum_of_rounded")],
    "methods": [("cheque", "Chèque"), ("card", "Carte de crédit")],
}


def rows(file: str, count: int) -> Iterator[tuple[object, ...]]:
    """The rows of a file of the source, for so many invoices."""
    first = date(2025, 1, 1)
    if file == "accounts":
        for n in range(min(ACCOUNTS, count)):
            yield (f"A{n}", f"1{n:05}", f"Société {n} inc.", f"Prénom Nom-{n}", f"membre{n}@example.org",
                   f"514 555-{n % 10_000:04}", f"{n} rue de l'Île", "Québec", "QC", "G1R 4S9")  # fmt: skip
    for n in range(0 if file in FEW or file == "accounts" else count):
        day = first + timedelta(n % 365)
        account = f"A{n % min(ACCOUNTS, count)}"
        match file:
            case "documents":
                yield (f"I{n}", "invoice", f"F25-{n:05}", day, day + timedelta(30), account, "CAD", "300.00", "44.93",
                       "344.93", "0.00", "renewal", "NET30", "", f"https://example.org/invoices/{n}")  # fmt: skip
            case "lines":
                for line in range(1, LINES_EACH + 1):
                    yield (f"I{n}", line, f"Cotisation annuelle {n % 50}", 1, "100.00", "100.00",
                           f"4{line}00", "QC", "14.98", f"ART-{n % 40}", "")  # fmt: skip
            case "document_taxes":
                yield f"I{n}", "GST", "300.00", "15.00"
                yield f"I{n}", "QST", "300.00", "29.93"
            case "payments":
                yield f"P{n}", f"R-{n:05}", day + timedelta(20), account, "CAD", "344.93", ("cheque", "card")[n % 2]
            case "allocations":
                yield f"P{n}", f"I{n}", "344.93"
    yield from FEW.get(file, ())


def make(folder: Path, count: int) -> None:
    """A company with its source's files, its book and an empty workbook."""
    from addin.usecases.init import init
    from workbook.file.file_book import FileBook

    source = folder / "source"
    source.mkdir(parents=True)
    for name, header in HEADERS.items():
        with (source / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerow(header.split(","))
            csv.writer(file, lineterminator="\n").writerows(rows(name, count))
    init(folder, COMPANY, "files", "beancount", {}, FileBook)


def closed() -> None:
    """Pull into the workbook as it lies on disk."""
    from addin.profile import load
    from workbook.file.file_book import FileBook

    pull(FileBook(load(COMPANY).workbook))


@contextmanager
def office() -> Iterator[Callable[[], None]]:
    """Pull into the workbook as it is open in LibreOffice; starting the program is not counted."""
    from addin.profile import load
    from workbook import libreoffice
    from workbook.live.live_book import LiveBook

    app = libreoffice.start()
    try:
        book = app.books.open(str(load(COMPANY).workbook))
        yield lambda: pull(LiveBook(book))
    finally:
        app.quit()


def pull(book: object) -> None:
    """One pull, as the command line and the ribbon do it."""
    from addin.profile import load
    from addin.session import Session
    from addin.usecases import pull as use_case

    with Session.open(load(COMPANY), book, "pull", date(2026, 1, 31)) as session:  # type: ignore[arg-type]
        use_case.pull(session)


def measure(way: str, profiled: bool) -> None:
    """One pull in this process: seconds by the clock and of the processor, and peak megabytes."""
    with office() if way == "LibreOffice" else nullcontext(closed) as work:
        profile = cProfile.Profile()
        began, worked = time.perf_counter(), time.process_time()
        if profiled:
            profile.runcall(work)
        else:
            work()
        seconds, worked = time.perf_counter() - began, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
    print(f"{seconds:8.2f} s, {worked:6.2f} s of the processor, {peak:5.0f} MB", flush=True)
    if profiled:
        pstats.Stats(profile).sort_stats("cumulative").print_stats(70).sort_stats("tottime").print_stats(40)


def apart(home: Path, *arguments: str) -> str:
    """What a part of the benchmark prints, in a process of its own."""
    environment = os.environ | {"PASSERELLE_HOME": str(home), "PASSERELLE_LANGUAGE": "en"}
    command = [sys.executable, __file__, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.rstrip("\n")


def report(count: int, profiled: Sequence[str]) -> Iterator[str]:
    """Every part, one after the other."""
    yield f"{count} invoices, {count * LINES_EACH} lines, {count} payments, {min(ACCOUNTS, count)} accounts"
    for way in ("closed file", "LibreOffice"):
        with tempfile.TemporaryDirectory() as scratch:
            home = Path(scratch, "home")
            apart(home, "make", str(Path(scratch, "books")), str(count))
            for which in ("first", "again"):
                yield f"{way:12} {which:6} {apart(home, 'measure', way, *profiled)}"


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["make", folder, count]:
            make(Path(folder), int(count))
        case ["measure", way, *profiled]:
            measure(way, bool(profiled))
        case [*profiled, count] if count.isdigit():
            for line in report(int(count), profiled):
                print(line, flush=True)
        case profiled:
            for line in report(INVOICES, profiled):
                print(line, flush=True)
