"""The sample association: frozen files, copied as they are."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Mapping
from importlib.resources import as_file, files
from pathlib import Path

from connectors import private

BOOKS = ("book.beancount", "passerelle.beancount")
LINKED = ("accounts", "documents")
"""The files that know what the books had before."""


def write_sample(folder: Path) -> None:
    """Write ``source/*.csv`` and the accountant's own book into a folder; the same bytes every time.

    The frozen files beside this module are the law: no generator stands behind them. What is wrong in them on
    purpose is listed in their README.md. Files of the same names are overwritten.
    """
    source = folder / "source"
    private.make_folder(source)
    with as_file(files("connectors.sources.files") / "sample") as frozen:
        for path in sorted(frozen.glob("*.csv")):
            shutil.copyfile(path, source / path.name)
        for name in BOOKS:
            shutil.copyfile(frozen / name, folder / name)
            private.make_private(folder / name)


def refer(folder: Path, references: Mapping[str, str]) -> None:
    """Write a ledger's own references into a written sample, for those of the plain-text book."""
    for name in LINKED if references else ():
        path = folder / "source" / f"{name}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0], lineterminator="\n")
            writer.writeheader()
            for row in rows:
                known = row["sync_reference"]
                writer.writerow(row | {"sync_reference": references.get(known, known)})
