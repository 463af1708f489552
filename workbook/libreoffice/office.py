"""LibreOffice as a process: found, started apart from any other, spoken to over a named pipe, ended for certain."""

from __future__ import annotations

import atexit
import builtins
import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias
from uuid import uuid4

from connectors.problems import CannotRun, Problem

Uno: TypeAlias = Any
"""A UNO object: it has no Python type."""

PROGRAMS = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    "C:/Program Files/LibreOffice/program/soffice.exe",
)
"""Where LibreOffice stands when it is not on the search path."""

UNO_FOLDERS = ("/usr/lib/python3/dist-packages", "/usr/lib64/python3/site-packages")
"""Where distributions put ``uno.py`` for their own Python; LibreOffice's own packages have it beside soffice."""

FAILURE = "com.sun.star.uno.Exception"
"""What every exception of UNO is, an office that is gone included."""

START_SECONDS = 60
STOP_SECONDS = 10


def find_soffice() -> Path:
    """The soffice program, its links followed; raises ``CannotRun(office_missing)``."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    for place in (found, *PROGRAMS):
        if place and Path(place).is_file():
            return Path(place).resolve()
    raise CannotRun(Problem(code="office_missing", params={"what": "soffice"}))


def load_uno(soffice: Path) -> ModuleType:
    """The module ``uno``, without laying open the folder it stands in; raises ``CannotRun(office_missing)``.

    ``uno.py`` adds LibreOffice's folder to the search path and replaces ``__import__``; both are put back, for
    we ask it for structures and constants by name.
    """
    if "uno" in sys.modules:
        return sys.modules["uno"]
    for folder in (*UNO_FOLDERS, str(soffice.parent)):
        source = Path(folder, "uno.py")
        if source.is_file():
            return _load(source, soffice.parent)
    raise CannotRun(Problem(code="office_missing", params={"what": "python3-uno"}))


def _load(source: Path, program: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("uno", source)
    if spec is None or spec.loader is None:
        raise CannotRun(Problem(code="office_missing", params={"what": "python3-uno"}, detail=str(source)))
    module = importlib.util.module_from_spec(spec)
    path, importer = sys.path[:], builtins.__import__
    sys.modules["uno"] = module
    sys.path.append(str(program))
    try:
        spec.loader.exec_module(module)
    except ImportError as refused:
        del sys.modules["uno"]
        raise CannotRun(
            Problem(code="office_missing", params={"what": "python3-uno"}, detail=str(refused))
        ) from refused
    finally:
        sys.path[:] = path
        builtins.__import__ = importer
    return module


@dataclass(slots=True)
class Office:
    """One running LibreOffice of our own, with a profile of its own that goes with it."""

    visible: bool = False
    uno: Uno = field(init=False)
    desktop: Uno = field(init=False)
    context: Uno = field(init=False)
    process: subprocess.Popen[bytes] = field(init=False)
    profile: Path = field(init=False)

    def __post_init__(self) -> None:
        soffice = find_soffice()
        self.uno = load_uno(soffice)
        pipe = f"passerelle{uuid4().hex}"
        self.profile = Path(tempfile.mkdtemp(prefix="passerelle-office-"))
        self.process = self._start(soffice, pipe)
        try:
            self.context = self._connect(pipe)
        except CannotRun:
            self._end()
            raise
        self.desktop = self.service("com.sun.star.frame.Desktop")
        atexit.register(self.stop)

    def _start(self, soffice: Path, pipe: str) -> subprocess.Popen[bytes]:
        hidden = () if self.visible else ("--headless", "--invisible")
        return subprocess.Popen(  # noqa: S603 - the program is LibreOffice as found above, the arguments are ours
            [
                str(soffice),
                *hidden,
                *("--norestore", "--nologo", "--nodefault", "--nofirststartwizard"),
                f"-env:UserInstallation={self.profile.as_uri()}",
                f"--accept=pipe,name={pipe};urp;",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _connect(self, pipe: str) -> Uno:
        local = self.uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
        not_yet = self.exception("com.sun.star.connection.NoConnectException")
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                return resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            except not_yet as refused:
                if self.process.poll() is not None or time.monotonic() > until:
                    detail = f"soffice ended with {self.process.returncode}: {refused}"
                    raise CannotRun(Problem(code="office_missing", params={"what": "soffice"}, detail=detail)) from None
            time.sleep(0.05)

    def service(self, name: str) -> Uno:
        """A service of the office by its UNO name."""
        return self.context.ServiceManager.createInstanceWithContext(name, self.context)

    def struct(self, name: str, *values: object) -> Uno:
        """A UNO structure by its name."""
        return self.uno.createUnoStruct(name, *values)

    def properties(self, **values: object) -> tuple[Uno, ...]:
        """Named values as UNO calls take them."""
        state = self.uno.Enum("com.sun.star.beans.PropertyState", "DIRECT_VALUE")
        return tuple(self.struct("com.sun.star.beans.PropertyValue", k, 0, v, state) for k, v in values.items())

    def exception(self, name: str) -> type[Exception]:
        """A UNO exception class by its name."""
        found: type[Exception] = self.uno.getClass(name)
        return found

    def documents(self) -> list[Uno]:
        """The spreadsheets that are open."""
        open_now = self.desktop.Components.createEnumeration()
        found = []
        while open_now.hasMoreElements():
            component = open_now.nextElement()
            if component.supportsService("com.sun.star.sheet.SpreadsheetDocument"):
                found.append(component)
        return found

    def front(self) -> Uno:
        """The spreadsheet in front, or the first where something else is; nothing where none is open."""
        found, now = self.documents(), self.desktop.CurrentComponent
        return next((document for document in found if document == now), next(iter(found), None))

    def stop(self) -> None:
        """End the office and what it started; open documents are lost. Ending twice does nothing."""
        if self.process.poll() is None:
            # It may be gone already, or stay because a document asks something: then it is ended below.
            with contextlib.suppress(self.exception(FAILURE), subprocess.TimeoutExpired):
                for document in self.documents():
                    document.close(True)
                self.desktop.terminate()
                self.process.wait(STOP_SECONDS)
        self._end()

    def _end(self) -> None:
        if self.process.poll() is None:
            if sys.platform == "win32":
                self.process.kill()
            else:
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        atexit.unregister(self.stop)
        shutil.rmtree(self.profile, ignore_errors=True)
