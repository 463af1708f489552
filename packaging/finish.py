"""What lies beside the programs of a built product: licences, templates, and the choices of a copy nobody installed."""

from __future__ import annotations

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
    (built / "installed.ini").write_text(f"[passerelle]\nledger={LEDGER}\n", encoding="ascii")


def _templates(folder: Path) -> None:
    from workbook.layout import LANGUAGES
    from workbook.template.template import build as template

    folder.mkdir(exist_ok=True)
    for language in LANGUAGES:
        template(folder / f"Passerelle ({language}).xlsm", language=language, identity={})


if __name__ == "__main__":
    finish(Path(sys.argv[1]))
