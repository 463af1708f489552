"""Pictures of a workbook's pages, through LibreOffice and pdftoppm: ``python docs/render.py FILE.xlsm FOLDER``."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from workbook.libreoffice.office import Office, Uno

FIRST_ROW = 4
LIMIT = 180  # seconds
DOTS_PER_INCH = "100"


def render(workbook: Path, folder: Path) -> list[Path]:
    """One PNG per printed page, in the order of the workbook; raises ``CannotRun`` or ``CalledProcessError``."""
    pdftoppm = shutil.which("pdftoppm")
    if pdftoppm is None:
        raise FileNotFoundError("pdftoppm")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        pdf = Path(scratch, "pages.pdf")
        _print(workbook.resolve(), pdf)
        subprocess.run(  # noqa: S603 - a fixed program, on a file of our own
            [pdftoppm, "-png", "-r", DOTS_PER_INCH, str(pdf), str(folder / workbook.stem)],
            check=True,
            capture_output=True,
            timeout=LIMIT,
        )
    return sorted(folder.glob(f"{workbook.stem}-*.png"))


def _print(workbook: Path, pdf: Path) -> None:
    office = Office()
    try:
        with closing(_Document(office, workbook)) as document:
            document.fit_rows()
            document.api.storeToURL(pdf.as_uri(), office.properties(FilterName="calc_pdf_Export"))
    finally:
        office.stop()


class _Document:
    def __init__(self, office: Office, workbook: Path) -> None:
        self.api: Uno = office.desktop.loadComponentFromURL(
            workbook.as_uri(), "_blank", 0, office.properties(Hidden=True)
        )

    def fit_rows(self) -> None:
        """Fit rows to wrapped text, as Excel does when it opens a workbook and LibreOffice does not."""
        for name in self.api.Sheets.ElementNames[1:]:
            sheet = self.api.Sheets.getByName(name)
            used = sheet.createCursor()
            used.gotoEndOfUsedArea(False)
            sheet.unprotect("")
            last = max(used.RangeAddress.EndRow, FIRST_ROW)
            for number in range(FIRST_ROW, last + 1):
                row = sheet.Rows.getByIndex(number)
                if row.OptimalHeight:  # no height of its own; saying so again makes LibreOffice work it out
                    row.OptimalHeight = True

    def close(self) -> None:
        self.api.close(True)


if __name__ == "__main__":
    for picture in render(Path(sys.argv[1]), Path(sys.argv[2])):
        sys.stdout.write(f"{picture}\n")
