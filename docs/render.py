"""A picture of every sheet of a workbook, through LibreOffice: ``python -m docs.render FILE FOLDER en|fr``."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from contextlib import closing
from itertools import islice
from pathlib import Path

from workbook.layout import LANGUAGES, SHEETS, Language
from workbook.libreoffice.office import Office, Uno

ROWS = 40
COLUMNS = 26  # further ones make a picture that nobody can read
COLUMNS_OF = {"mapping": 12, "reconciliation": 27}  # the first two of its tables; all of them
FIRST_ROW = 4
LIMIT = 180  # seconds
DOTS_PER_INCH = "80"
MARGIN = 600  # hundredths of a millimetre
START = "start"
LOCALES: dict[Language, str] = {"en": "en-CA", "fr": "fr-CA"}


def render(workbook: Path, folder: Path, language: Language) -> list[Path]:
    """One PNG per visible sheet: its whole width, its first rows, on a machine of that language.

    Raises ``CannotRun`` or ``CalledProcessError``.
    """
    pdftoppm = shutil.which("pdftoppm")
    if pdftoppm is None:
        raise FileNotFoundError("pdftoppm")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        pdf = Path(scratch, "sheets.pdf")
        names = _print(workbook.resolve(), pdf, LOCALES[language])
        subprocess.run(  # noqa: S603 - a fixed program, on a file of our own
            [pdftoppm, "-png", "-r", DOTS_PER_INCH, str(pdf), str(Path(scratch, "sheet"))],
            check=True,
            capture_output=True,
            timeout=LIMIT,
        )
        pages = sorted(Path(scratch).glob("sheet-*.png"))
        return [
            shutil.move(page, folder / f"{number:02}-{name}.png")
            for number, (name, page) in enumerate(zip(names, pages, strict=True), 1)
        ]


def _print(workbook: Path, pdf: Path, locale: str) -> list[str]:
    office = Office()
    try:
        _settle(office, locale)
        with closing(_Document(office, workbook)) as document:
            names = [document.fit(name) for name in document.visible()]
            document.api.storeToURL(pdf.as_uri(), office.properties(FilterName="calc_pdf_Export"))
            return names
    finally:
        office.stop()


def _settle(office: Office, locale: str) -> None:
    """Amounts show the separators of the machine, which is told where it stands."""
    where = office.properties(nodepath="/org.openoffice.Setup/L10N")
    settings = office.service("com.sun.star.configuration.ConfigurationProvider").createInstanceWithArguments(
        "com.sun.star.configuration.ConfigurationUpdateAccess", where
    )
    settings.setPropertyValue("ooSetupSystemLocale", locale)
    settings.commitChanges()


class _Document:
    def __init__(self, office: Office, workbook: Path) -> None:
        self.api: Uno = office.desktop.loadComponentFromURL(
            workbook.as_uri(), "_blank", 0, office.properties(Hidden=True)
        )

    def visible(self) -> list[str]:
        """The names of the sheets that a person sees."""
        return [name for name in self.api.Sheets.ElementNames if self.api.Sheets.getByName(name).IsVisible]

    def fit(self, name: str) -> str:
        """Make a sheet one page of its own size; the sheet's key, by which its picture is called."""
        sheet = self.api.Sheets.getByName(name)
        sheet.unprotect("")
        used = sheet.createCursor()
        used.gotoEndOfUsedArea(False)
        area = used.RangeAddress
        area.StartColumn = area.StartRow = 0
        area.EndRow = self._shown(sheet, area.EndRow)
        captions = {s.caption.of(language): s.key for s in SHEETS for language in LANGUAGES}
        key = captions.get(name, START)
        area.EndColumn = min(area.EndColumn, COLUMNS_OF.get(key, COLUMNS))
        for number in range(FIRST_ROW, area.EndRow + 1):
            row = sheet.Rows.getByIndex(number)
            if row.IsVisible and row.OptimalHeight:  # not its own; saying so again makes LibreOffice work it out
                row.OptimalHeight = True
        sheet.setPrintAreas((area,))
        self._page(sheet, area)
        return key

    def _shown(self, sheet: Uno, last: int) -> int:
        """The row that ends the first rows that a filter leaves."""
        shown = (number for number in range(last + 1) if sheet.Rows.getByIndex(number).IsVisible)
        return max(islice(shown, ROWS + 1))

    def _page(self, sheet: Uno, area: Uno) -> None:
        shown = sheet.getCellRangeByPosition(0, 0, area.EndColumn, area.EndRow).Size
        style = self.api.StyleFamilies.getByName("PageStyles").getByName(sheet.PageStyle)
        for side in ("LeftMargin", "RightMargin", "TopMargin", "BottomMargin"):
            style.setPropertyValue(side, MARGIN)
        style.HeaderIsOn = style.FooterIsOn = False
        style.IsLandscape = shown.Width > shown.Height
        style.Width = shown.Width + 3 * MARGIN
        style.Height = shown.Height + 3 * MARGIN
        style.ScaleToPagesX = style.ScaleToPagesY = 1
        sheet.setPrintTitleRows(False)

    def close(self) -> None:
        self.api.close(True)


if __name__ == "__main__":
    for picture in render(Path(sys.argv[1]), Path(sys.argv[2]), "fr" if sys.argv[3] == "fr" else "en"):
        sys.stdout.write(f"{picture}\n")
