"""The sample association: frozen files, copied as they are."""

from __future__ import annotations

import shutil
from importlib.resources import as_file, files
from pathlib import Path

BOOKS = ("book.beancount", "passerelle.beancount")


def write_sample(folder: Path) -> None:
    """Write ``source/*.csv`` and the accountant's own book into a folder; the same bytes every time.

    The frozen files beside this module are the law: no generator stands behind them. What is wrong in them on
    purpose is listed in their README.md. Files of the same names are overwritten.
    """
    source = folder / "source"
    source.mkdir(parents=True, exist_ok=True)
    with as_file(files("connectors.sources.files") / "sample") as frozen:
        for path in sorted(frozen.glob("*.csv")):
            shutil.copyfile(path, source / path.name)
        for name in BOOKS:
            shutil.copyfile(frozen / name, folder / name)
