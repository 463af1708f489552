"""The xlwings engine ``libreoffice``: the calls that Excel answers on Windows and Mac, answered over UNO."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote, urlparse
from urllib.request import url2pathname

import xlwings

from connectors.problems import CannotRun, Problem
from workbook.libreoffice.office import FAILURE, Office, Uno
from workbook.libreoffice.sheets import DAY, CellFault, Selection, Sheets

NAME = "libreoffice"

FILTERS = {".xlsx": "Calc MS Excel 2007 XML", ".xlsm": "Calc MS Excel 2007 VBA XML", ".ods": "calc8"}
"""How a document is written, by the end of its file's name."""

RUN_MACROS = 4
"""com.sun.star.document.MacroExecMode.ALWAYS_EXECUTE_NO_WARN: the workbook's own macros are half of it."""

NO_UPDATE = 0
"""com.sun.star.document.UpdateDocMode.NO_UPDATE: links to other documents are not followed."""

BUTTON_OK, BUTTON_OK_CANCEL, OK = 1, 2, 1
"""com.sun.star.awt.MessageBoxButtons.BUTTONS_OK and BUTTONS_OK_CANCEL; MessageBoxResults.OK."""

GENERAL = "General"


class Engine:
    """What xlwings asks of an engine."""

    name = NAME
    type = "desktop"

    def __init__(self) -> None:
        self.apps = Apps(self)

    @staticmethod
    def prepare_xl_data_element(value: object, options: object) -> object:
        """A Python value as a range takes it: a day is its midnight, nothing is the empty text."""
        match value:
            case None:
                return ""
            case int() if not isinstance(value, bool):
                return float(value)
            case datetime():
                return value
            case date():
                return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - cells know no time zone
        return value

    @staticmethod
    def clean_value_data(
        data: list[list[object]],
        datetime_builder: Callable[..., object],
        empty_as: object,
        number_builder: Callable[[float], object] | None,
        err_to_str: bool,
    ) -> list[list[object]]:
        """Raw cells as xlwings gives them out under the options of a range."""

        def clean(value: object) -> object:
            match value:
                case "" | None:
                    return empty_as
                case CellFault():
                    return str(value) if err_to_str else None
                case datetime() if datetime_builder is not datetime:
                    return datetime_builder(year=value.year, month=value.month, day=value.day)
                case float() if number_builder is not None:
                    return number_builder(value)
            return value

        return [[clean(value) for value in row] for row in data]


class Apps:
    """The offices this process started."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.running: dict[int, App] = {}

    def keys(self) -> list[int]:
        return list(self.running)

    def add(self, spec: object = None, add_book: object = None, xl: object = None, visible: bool | None = None) -> App:
        app = App(self.engine, Office(visible=bool(visible)))
        self.running[app.pid] = app
        return app

    def __iter__(self) -> Iterator[App]:
        return iter(list(self.running.values()))

    def __len__(self) -> int:
        return len(self.running)

    def __getitem__(self, pid: int) -> App:
        return self.running[pid]


class App:
    """One running office; what Excel lets a caller switch off for speed is remembered and changes nothing here."""

    screen_updating = True
    display_alerts = True
    enable_events = True
    interactive = True

    def __init__(self, engine: Engine, office: Office) -> None:
        self.engine = engine
        self.office = office
        self.pid = office.process.pid
        self.visible = office.visible
        self.said: list[str] = []
        self._status: str | bool = False
        self._indicators: list[Uno] = []

    @property
    def api(self) -> Uno:
        return self.office.desktop

    @property
    def books(self) -> Books:
        return Books(self)

    def activate(self, steal_focus: bool = False) -> None:
        """Make it the active one, which is the first of all, and bring it to the front where it shows at all."""
        running = self.engine.apps.running
        self.engine.apps.running = {self.pid: self, **running}
        if self.visible and len(self.books):
            self.books.active.api.CurrentController.Frame.ContainerWindow.toFront()

    def alert(self, prompt: str, title: str | None, buttons: str, mode: str | None, callback: str | None) -> str:
        """Show a message until it is closed; where nobody sees the office, it is kept in ``said`` alone."""
        self.said.append(prompt)
        agreed = True
        if self.visible:
            asks = buttons == "ok_cancel"  # an INFOBOX has one button whatever is wanted
            kind = self.office.uno.Enum("com.sun.star.awt.MessageBoxType", "QUERYBOX" if asks else "INFOBOX")
            window = self.office.front().CurrentController.Frame.ContainerWindow
            toolkit = self.office.service("com.sun.star.awt.Toolkit")
            shown = BUTTON_OK_CANCEL if asks else BUTTON_OK
            agreed = toolkit.createMessageBox(window, kind, shown, title or "", prompt).execute() == OK
        return "ok" if agreed or buttons == "ok" else "cancel"

    @property
    def selection(self) -> Selection | None:
        """The selected cells of the spreadsheet in front; nothing where a drawing is selected."""
        document = self.office.front()
        chosen = document and document.CurrentSelection
        areas = getattr(chosen, "RangeAddresses", None) or filter(None, [getattr(chosen, "RangeAddress", None)])
        sheets = Book(self, document).sheets
        found = [sheets(area.Sheet + 1).area(area) for area in areas]
        return Selection(found) if found else None

    @property
    def version(self) -> str:
        access = self.office.service("com.sun.star.configuration.ConfigurationProvider").createInstanceWithArguments(
            "com.sun.star.configuration.ConfigurationAccess",
            self.office.properties(nodepath="/org.openoffice.Setup/Product"),
        )
        return str(access.getByName("ooSetupVersionAboutBox"))

    @property
    def calculation(self) -> str:
        return "automatic" if all(book.api.isAutomaticCalculationEnabled() for book in self.books) else "manual"

    @calculation.setter
    def calculation(self, value: str) -> None:
        for book in self.books:
            book.api.enableAutomaticCalculation(value != "manual")

    def calculate(self) -> None:
        for book in self.books:
            book.api.calculate()

    @property
    def status_bar(self) -> str | bool:
        return self._status

    @status_bar.setter
    def status_bar(self, value: str | bool | None) -> None:
        self._status = value or False
        if not value:
            for indicator in self._indicators:
                indicator.end()
            self._indicators = []
            return
        if not self._indicators:
            self._indicators = [book.api.CurrentController.getStatusIndicator() for book in self.books]
            for indicator in self._indicators:
                indicator.start("", 0)
        for indicator in self._indicators:
            indicator.setText(value)

    def run(self, macro: str, args: list[object]) -> object:
        """Run ``'book'!Module.Name`` of an open book, or ``Module.Name`` of the one that is active."""
        book, _, name = macro.rpartition("!")
        return (self.books(book.strip("'")) if book else self.books.active).run(name, args)

    def kill(self) -> None:
        self.engine.apps.running.pop(self.pid, None)
        self.office.stop()

    quit = kill


class Books:
    """The spreadsheets open in an office."""

    def __init__(self, app: App) -> None:
        self.app = app

    @property
    def api(self) -> Uno:
        return self.app.office.desktop.Components

    @property
    def active(self) -> Book:
        return Book(self.app, self.app.office.front())

    def __iter__(self) -> Iterator[Book]:
        for document in self.app.office.documents():
            yield Book(self.app, document)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __call__(self, key: str | int) -> Book:
        if isinstance(key, int):
            return list(self)[key - 1]
        for book in self:
            if book.name.casefold() == key.casefold():
                return book
        raise KeyError(key)

    def add(self) -> Book:
        book = self._load("private:factory/scalc")
        assert book is not None, "an empty spreadsheet can always be made"
        return book

    def open(self, fullname: str, update_links: object = None, read_only: bool | None = None, *others: object) -> Book:
        """Open a file; raises ``CannotRun`` when it is no spreadsheet or somebody else has it open."""
        path = Path(fullname)
        book = self._load(path.as_uri(), ReadOnly=bool(read_only))
        if book is not None and (read_only or not book.api.isReadonly()):
            return book
        if book is not None:
            book.close()
        # LibreOffice says why it opens nothing to a person alone; its lock file is all that tells us.
        locked = book is not None or path.with_name(f".~lock.{path.name}#").exists()
        raise CannotRun(Problem(code="workbook_open" if locked else "workbook_damaged", params={"path": fullname}))

    def _load(self, url: str, **options: object) -> Book | None:
        office = self.app.office
        arguments = office.properties(
            Hidden=not office.visible, MacroExecutionMode=RUN_MACROS, UpdateDocMode=NO_UPDATE, **options
        )
        try:
            document = office.desktop.loadComponentFromURL(url, "_blank", 0, arguments)
        except office.exception(FAILURE):
            return None
        return None if document is None else Book(self.app, document)


class Book:
    """A spreadsheet document."""

    def __init__(self, app: App, api: Uno) -> None:
        self.app = app
        self.api = api
        self._kinds: dict[int, int] = {}
        self._ranges: dict[str, Uno] = {}

    @property
    def fullname(self) -> str:
        return url2pathname(unquote(urlparse(self.api.URL).path)) if self.api.URL else self.name

    @property
    def name(self) -> str:
        url: str = self.api.URL
        return unquote(url.rpartition("/")[2]) if url else str(self.api.Title)

    @property
    def sheets(self) -> Sheets:
        return Sheets(self)

    @cached_property
    def spreadsheets(self) -> Uno:
        """All sheets; every look at a new object of the office costs a dozen calls to it."""
        return self.api.Sheets

    @cached_property
    def database_ranges(self) -> Uno:
        """All database ranges, of every sheet."""
        return self.api.DatabaseRanges

    def database_range(self, name: str) -> Uno:
        """The database range of this name, kept for as long as there is one: it goes by its name at every call."""
        if name not in self._ranges or not self.database_ranges.hasByName(name):
            self._ranges[name] = self.database_ranges.getByName(name)
        return self._ranges[name]

    @cached_property
    def first_day(self) -> datetime:
        """The day that dates in this document count from."""
        day = self.api.NullDate
        return datetime(day.Year, day.Month, day.Day)  # noqa: DTZ001 - cells know no time zone

    def serial(self, value: object) -> object:
        """A moment as cells and macros count it, in days; anything else as it is."""
        return (value - self.first_day) / DAY if isinstance(value, datetime) else value

    def format_kind(self, key: int) -> int:
        """What kind of number format a key stands for (com.sun.star.util.NumberFormat)."""
        if key not in self._kinds:
            self._kinds[key] = self.api.NumberFormats.getByKey(key).Type
        return self._kinds[key]

    def format_code(self, key: int) -> str:
        """The code of a number format, in English."""
        found = self.api.NumberFormats.getByKey(key)
        return GENERAL if key % 10_000 == 0 else str(found.FormatString)

    def format_key(self, code: str) -> int:
        """The key of a number format by its English code; makes the format when the document has none such."""
        english = self.app.office.struct("com.sun.star.lang.Locale", "en", "US", "")
        formats = self.api.NumberFormats
        key: int = formats.queryKey(code, english, False)
        return key if key >= 0 else int(formats.addNew(code, english))

    def activate(self) -> None:
        self.api.CurrentController.Frame.activate()

    def save(self, path: str | None = None, password: str | None = None) -> None:
        if path is None:
            self.api.store()
            return
        target = Path(path).absolute()
        self.api.storeAsURL(
            target.as_uri(), self.app.office.properties(FilterName=FILTERS[target.suffix.lower()], Overwrite=True)
        )

    def to_pdf(self, path: str, quality: str) -> None:
        self.api.storeToURL(
            Path(path).absolute().as_uri(), self.app.office.properties(FilterName="calc_pdf_Export", Overwrite=True)
        )

    def close(self) -> None:
        self.api.close(True)

    def run(self, name: str, args: list[object]) -> object:
        """Run a macro of this document, ``Module.Name`` or ``Name``; raises ``KeyError`` when no module has it."""
        address = f"vnd.sun.star.script:{self._macro(name)}?language=Basic&location=document"
        script = self.api.getScriptProvider().getScript(address)
        return script.invoke(tuple(map(self.serial, args)), (), ())[0]

    def _macro(self, name: str) -> str:
        module, _, procedure = name.rpartition(".")
        head = re.compile(rf"^\s*(public\s+)?(sub|function)\s+{re.escape(procedure)}\b", re.IGNORECASE | re.MULTILINE)
        for library in self.api.BasicLibraries.ElementNames:
            self.api.BasicLibraries.loadLibrary(library)
            modules = self.api.BasicLibraries.getByName(library)
            for candidate in modules.ElementNames:
                if module.casefold() in ("", candidate.casefold()) and head.search(modules.getByName(candidate)):
                    return f"{library}.{candidate}.{procedure}"
        raise KeyError(name)


def engine() -> xlwings.Engine:
    """The engine as xlwings knows it; made known to it once, and its active one where there is no Excel."""
    for known in xlwings.engines:
        if known.name == NAME:
            return known
    added = xlwings.Engine(impl=Engine())
    xlwings.engines.add(added)
    if xlwings.engines.active is None:
        added.activate()
    return added
