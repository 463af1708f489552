"""What lies beside the programs of a built product: licences, templates, and the choices of a copy nobody installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

from build import LEDGER
from contents import PRODUCT, connectors, needed
from licences import write


def finish(built: Path) -> None:
    """Write them; what the bootloader of PyInstaller is under lets it be shipped with any program."""
    shipped = needed(PRODUCT, frozenset({"", "postgres"}))
    write(built / "licences", shipped.values())
    builder = next(each for each in distributions() if each.name.lower() == "pyinstaller")
    text = next(file for file in builder.files or () if file.name == "COPYING.txt")
    target = built / "licences" / "PyInstaller bootloader"
    target.mkdir()
    (target / "COPYING.txt").write_text(text.read_text(encoding="utf-8"), encoding="utf-8")
    _templates(built / "templates")
    if LEDGER not in connectors("passerelle.ledgers"):
        sys.exit(f"{LEDGER} is not among the ledgers that are shipped")
    if shutil.which("strip"):
        _strip(built / "_internal")
    (built / "installed.ini").write_text(f"[passerelle]\nledger={LEDGER}\n", encoding="ascii")


UNPATCHED = ("libpython*.so*", "python3.*/lib-dynload/*.so", "sqlalchemy/**/*.so", "rapidfuzz/**/*.so")
"""What is built with its symbols; a library that a wheel brings was patched, and does not survive being stripped."""


def _strip(folder: Path) -> None:
    """Take the symbols for debuggers off libraries, where Linux keeps them."""
    for path in {path.resolve() for pattern in UNPATCHED for path in folder.glob(pattern)}:
        subprocess.run(["strip", "--strip-unneeded", path], check=True)


def _templates(folder: Path) -> None:
    from workbook.layout import LANGUAGES
    from workbook.template.template import build as template

    folder.mkdir(exist_ok=True)
    for language in LANGUAGES:
        template(folder / f"Passerelle ({language}).xlsm", language=language, identity={})


if __name__ == "__main__":
    finish(Path(sys.argv[1]))
