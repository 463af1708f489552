"""Excel's object model as far as xlwings and we ask for it, over the spreadsheets open in LibreOffice.

Names and meanings are those of Microsoft's reference: a cell that is empty has no value, one cell's value is no array,
a property that an object lacks is not found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from workbook.libreoffice.engine import App, Book
from workbook.libreoffice.sheets import CellFault, Range, Sheet, Table

AUTOMATIC, MANUAL = -4105, -4135
"""XlCalculation."""
DOWN = -4121
"""XlInsertShiftDirection.xlShiftDown."""
FORMATS = {".xlsx": 51, ".xlsm": 52}
"""XlFileFormat."""

Uno = Any
"""What LibreOffice answers, of which Python has no type."""


class ComError(Exception):
    """What Excel raises: with its number, and its words."""

    def __init__(self, words: str, number: int = -2146827284) -> None:  # 0x800A03EC, "application-defined error"
        super().__init__(words)
        self.number = number


class Shown:
    """An object of Excel's; ``Application`` is where each of them leads."""

    def __init__(self, application: Application) -> None:
        self.Application = application


class Collection(Shown):
    """Objects by number or name."""

    def __init__(self, application: Application, of: Callable[[], Sequence[Any]]) -> None:
        super().__init__(application)
        self._of = of

    @property
    def Count(self) -> int:
        return len(self._of())

    def Item(self, key: float | str) -> object:
        found = self._of()
        if isinstance(key, str):
            named = [each for each in found if each.Name.casefold() == key.casefold()]
            if not named:
                raise ComError("Subscript out of range", -2147352565)
            return named[0]
        if not 1 <= key <= len(found):
            raise ComError("Subscript out of range", -2147352565)
        return found[int(key) - 1]

    _value_ = Item

    def __iter__(self) -> Iterator[object]:
        return iter(self._of())


class Application:
    """Excel itself."""

    Name, Version, Visible, Interactive = "Microsoft Excel", "16.0", True, True
    ScreenUpdating = EnableEvents = DisplayAlerts = True

    def __init__(self, app: App) -> None:
        self.app = app
        self.Hwnd = 0

    @property
    def Application(self) -> Application:
        return self

    @property
    def Workbooks(self) -> Workbooks:
        return Workbooks(self, lambda: [Workbook(self, book) for book in self.app.books])

    @property
    def StatusBar(self) -> str | bool:
        return self.app.status_bar

    @StatusBar.setter
    def StatusBar(self, text: str | bool) -> None:
        self.app.status_bar = text

    @property
    def Calculation(self) -> int:
        return AUTOMATIC if self.app.calculation == "automatic" else MANUAL

    @Calculation.setter
    def Calculation(self, value: int) -> None:
        self.app.calculation = "automatic" if value == AUTOMATIC else "manual"

    @property
    def Selection(self) -> Cells | None:
        chosen = self.app.selection
        return Cells(Worksheet(self, chosen.sheet), chosen) if chosen else None

    def Calculate(self) -> None:
        self.app.calculate()


class Workbooks(Collection):
    """The workbooks that are open."""

    def Open(self, path: str, *_: object) -> Workbook:
        return Workbook(self.Application, self.Application.app.books.open(str(here(path))))


class Workbook(Shown):
    """A workbook."""

    def __init__(self, application: Application, book: Book) -> None:
        super().__init__(application)
        self._book = book
        self.Name = book.name
        self.FullName = there(Path(book.fullname))
        self.Path = there(Path(book.fullname).parent)
        self.FileFormat = FORMATS[Path(book.fullname).suffix.lower()]

    @property
    def Worksheets(self) -> Collection:
        found = Collection(self.Application, lambda: [Worksheet(self.Application, each) for each in self._book.sheets])
        found.Parent = self  # type: ignore[attr-defined]
        return found

    Sheets = Worksheets

    @property
    def ActiveSheet(self) -> Worksheet:
        return Worksheet(self.Application, self._book.sheets.active)

    def Activate(self) -> None:
        self._book.activate()

    def Save(self) -> None:
        self._book.save()

    def Close(self, SaveChanges: object = None, *_: object) -> None:
        self._book.close()


class Worksheet(Shown):
    """A sheet; its protection is LibreOffice's, which remembers by itself what it allows."""

    ProtectDrawingObjects, ProtectScenarios, ProtectionMode, FilterMode = True, True, False, False

    def __init__(self, application: Application, sheet: Sheet) -> None:
        super().__init__(application)
        self._sheet = sheet

    @property
    def Name(self) -> str:
        return self._sheet.name

    @Name.setter
    def Name(self, name: str) -> None:
        self._sheet.name = name

    @property
    def Index(self) -> int:
        return self._sheet.index

    @property
    def Parent(self) -> Workbook:
        return Workbook(self.Application, self._sheet.book)

    @property
    def ListObjects(self) -> Collection:
        return Collection(self.Application, lambda: [ListObject(self, table) for table in self._sheet.tables])

    @property
    def ProtectContents(self) -> bool:
        return bool(self._sheet.api.isProtected())

    @property
    def Protection(self) -> Protection:
        return Protection()

    def Cells(self, row: float, column: float) -> Cells:
        return Cells(self, self._sheet.range((int(row), int(column))))

    def Range(self, first: str | Cells, last: str | Cells | None = None) -> Cells:
        ends = [each.range if isinstance(each, Cells) else each for each in (first, last) if each is not None]
        return Cells(self, self._sheet.range(*ends))

    def Activate(self) -> None:
        self._sheet.activate()

    def Unprotect(self, password: str = "") -> None:
        try:
            self._sheet.api.unprotect(password)
        except Exception as refused:
            raise ComError("The password you supplied is not correct.") from refused
        if self.ProtectContents:
            raise ComError("The password you supplied is not correct.")

    def Protect(self, *_: object) -> None:
        self._sheet.api.protect("")


class Protection:
    """What a protected sheet allows; only that it can be asked."""

    def __getattr__(self, name: str) -> bool:
        if not name.startswith("Allow"):
            raise AttributeError(name)
        return False


class ListObject(Shown):
    """A table."""

    AutoFilter = None

    def __init__(self, sheet: Worksheet, table: Table) -> None:
        super().__init__(sheet.Application)
        self.Parent, self._table = sheet, table
        self.Name = self.DisplayName = table.name

    @property
    def ShowTotals(self) -> bool:
        return self._table.show_totals

    @property
    def Range(self) -> Cells:
        return Cells(self.Parent, self._table.range)

    def Resize(self, cells: Cells) -> None:
        self._table.resize(Given(cells.range))


class Given:
    """A range as xlwings hands it to an engine: its own is behind it."""

    def __init__(self, impl: Range) -> None:
        self.impl = impl


class Cells(Shown):
    """A range of cells."""

    def __init__(self, sheet: Worksheet, cells: Range) -> None:
        super().__init__(sheet.Application)
        self.Worksheet, self.range = sheet, cells
        self.Row, self.Column, self.Count = cells.row, cells.column, len(cells)

    def _value_(self, row: float, column: float) -> Cells:
        return Cells(self.Worksheet, self.range(int(row), int(column)))

    @property
    def Rows(self) -> Counted:
        return Counted(self.range.shape[0])

    @property
    def Columns(self) -> Counted:
        return Counted(self.range.shape[1])

    @property
    def Address(self) -> str:
        return self.range.address

    @property
    def Value(self) -> object:
        rows = tuple(tuple(None if value == "" else value for value in row) for row in self.range.raw_value)
        return rows if self.Count > 1 else rows[0][0]

    @Value.setter
    def Value(self, value: object) -> None:
        self.range.raw_value = value

    @property
    def Formula(self) -> object:
        return self.range.formula

    @Formula.setter
    def Formula(self, formula: object) -> None:
        self.range.formula = formula

    @property
    def NumberFormat(self) -> str | None:
        return self.range.number_format

    @NumberFormat.setter
    def NumberFormat(self, code: str) -> None:
        self.range.number_format = code

    @property
    def RowHeight(self) -> float | None:
        return self.range.row_height

    def ClearContents(self) -> None:
        self.range.clear_contents()

    def Insert(self, Shift: int | None = None, *_: object) -> None:
        self.range.insert("down" if Shift == DOWN else "right")

    def Select(self) -> None:
        self.range.select()


class Counted:
    """Rows or columns, of which only the number is asked for."""

    def __init__(self, count: int) -> None:
        self.Count = count


def there(path: Path) -> str:
    """A path of this machine as Windows has it under Wine."""
    return "Z:" + str(path).replace("/", "\\")


def here(path: str) -> Path:
    """A path of Windows under Wine as this machine has it."""
    return Path(path.removeprefix("Z:").removeprefix("z:").replace("\\", "/"))


ERRORS = {"#NULL!": 2000, "#DIV/0!": 2007, "#VALUE!": 2015, "#REF!": 2023, "#NAME?": 2029, "#NUM!": 2036, "#N/A": 2042}
"""Excel's error values by their texts (XlCVError)."""


def plain(value: object) -> object:
    """A value as JSON carries it, or nothing where it is an object of Excel's."""
    match value:
        case CellFault():
            return {"fault": ERRORS[str(value)]}
        case datetime():
            return {"date": value.isoformat()}
        case tuple() | list():
            return [plain(each) for each in value]
    return value
