"""What runs under Wine: the windows and the COM objects by which xlwings finds Excel and speaks to it.

``python standin.py PORT TYPE-LIBRARY HANDLE-FILE`` connects to ``serving.py`` on this machine, writes its window's
handle into a file, and serves until its window is closed.
"""

from __future__ import annotations

import ctypes
import json
import re
import socket
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

import pythoncom
import win32api
import win32con
import win32gui
from win32com.server.exception import COMException
from win32com.server.policy import DynamicPolicy
from win32com.server.util import ListEnumerator, wrap

NATIVE = -16
"""OBJID_NATIVEOM: what Excel's inner window is asked for its objects by."""
WM_GETOBJECT = 0x3D
FAULT = -2146828288
"""What is added to the number of an error value (CVErr)."""
KEYWORDS = {101: "Close", 102: "Insert", 103: "Protect"}
"""The members of ``keywords.idl``."""
EXCEPTION = -2147352567
"""DISP_E_EXCEPTION: the member answered with words and a number of its own."""
MEMBER_NOT_FOUND = -2147352573


class Policy(DynamicPolicy):
    """Any member of an object, with the names of arguments that the type library knows."""

    kinds: object = None

    def _wrap_(self, thing: object) -> None:
        super()._wrap_(thing)
        for number, name in KEYWORDS.items():
            self._name_to_dispid_[name.lower()] = number
            self._dyn_dispid_to_name_[number] = name

    def _GetTypeInfoCount_(self) -> int:
        return 1

    def _GetTypeInfo_(self, index: int, lcid: int) -> tuple[int, object]:
        return 0, self.kinds


class Remote:
    """An object of the model on the other side."""

    def __init__(self, link: Link, number: int) -> None:
        self.link, self.number = link, number

    def _dynamic_(self, name: str, lcid: int, flags: int, arguments: tuple[object, ...]) -> object:
        if name == "Refuse":  # what a test asks of the stand-in, and Excel does while a cell is edited
            if not arguments:
                raise COMException("a method", MEMBER_NOT_FOUND)
            Refusing.until = time.monotonic() + float(arguments[0])
            return None
        return self.link.ask(self.number, name, flags, arguments)


class Link:
    """The line to the model."""

    def __init__(self, port: int) -> None:
        self.lines = socket.create_connection(("127.0.0.1", port)).makefile("rwb")
        self.known: dict[int, object] = {}

    def ask(self, of: int, name: str, flags: int, arguments: tuple[object, ...]) -> object:
        """What a member answers. Raises ``COMException`` as Excel does."""
        asked = {"of": of, "name": name, "flags": flags, "args": [told(each) for each in trimmed(arguments)]}
        self.lines.write(json.dumps(asked).encode() + b"\n")
        self.lines.flush()
        answer = json.loads(self.lines.readline())
        if answer.get("error") == MEMBER_NOT_FOUND:
            raise COMException(answer["words"], MEMBER_NOT_FOUND)
        if "error" in answer:
            raise COMException(answer["words"], answer["error"])
        given = self.given(answer["is"])
        return wrap(ListEnumerator(given), pythoncom.IID_IEnumVARIANT) if name == "_NewEnum" else given

    def given(self, value: object) -> object:
        match value:
            case {"object": int(number)}:
                return wrap(Remote(self, number), usePolicy=Policy)
            case {"date": str(text)}:
                return datetime.fromisoformat(text).replace(tzinfo=UTC)
            case {"fault": int(number)}:
                return number + FAULT  # pywin32 sends no error value; one that came is a whole number to it
            case list():
                return [self.given(each) for each in value]  # a tuple would be several results
        return value


def trimmed(arguments: tuple[object, ...]) -> list[object]:
    """The arguments without those at the end that were left out."""
    kept = [None if each in (pythoncom.Missing, pythoncom.Empty) else each for each in arguments]
    while kept and kept[-1] is None and len(kept) > 1:
        kept.pop()
    return kept


def told(value: object) -> object:
    """A value as JSON carries it; an object of ours is its number."""
    if isinstance(value, datetime):
        return {"date": value.replace(tzinfo=None).isoformat()}
    if isinstance(value, tuple | list):
        return [told(each) for each in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return {"object": pythoncom.UnwrapObject(getattr(value, "_oleobj_", value))._obj_.number}


class Refusing:
    """An IMessageFilter that rejects calls before they arrive, as Excel does while it is busy (RPC_E_CALL_REJECTED)."""

    until = 0.0
    kept: ClassVar[list[object]] = []

    @classmethod
    def rejected(cls, *_: object) -> int:
        """SERVERCALL_REJECTED for a while, then SERVERCALL_ISHANDLED."""
        return 1 if time.monotonic() < cls.until else 0

    @classmethod
    def begin(cls) -> None:
        """Have this thread's calls asked about: a table of functions made by hand, for pywin32 has no such object."""
        pointer, number = ctypes.c_void_p, ctypes.c_ulong

        def itself(this: int, _: int, out: object) -> int:
            out[0] = this
            return 0

        functions = [
            ctypes.WINFUNCTYPE(ctypes.c_long, pointer, pointer, ctypes.POINTER(pointer))(itself),
            ctypes.WINFUNCTYPE(number, pointer)(lambda _: 2),
            ctypes.WINFUNCTYPE(number, pointer)(lambda _: 1),
            ctypes.WINFUNCTYPE(number, pointer, number, pointer, number, pointer)(cls.rejected),
            ctypes.WINFUNCTYPE(number, pointer, pointer, number, number)(lambda *_: 0xFFFFFFFF),
            ctypes.WINFUNCTYPE(number, pointer, pointer, number, number)(lambda *_: 2),
        ]
        table = (pointer * len(functions))(*(ctypes.cast(each, pointer) for each in functions))
        made, former = (pointer * 1)(ctypes.addressof(table)), pointer()
        ctypes.OleDLL("ole32").CoRegisterMessageFilter(ctypes.byref(made), ctypes.byref(former))
        cls.kept += [functions, table, made]


def shown(application: object) -> int:
    """Windows of Excel's classes, the innermost of which answers with its application; the handle of the outermost."""
    pointer = int(re.search(r"obj at (0x[0-9A-Fa-f]+)", repr(getattr(application, "_oleobj_", application)))[1], 16)
    oleacc = ctypes.WinDLL("oleacc")
    oleacc.LresultFromObject.restype = ctypes.c_ssize_t
    oleacc.LresultFromObject.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p]

    def answered(handle: int, message: int, word: int, long: int) -> int:
        if message == WM_GETOBJECT and ctypes.c_int32(long & 0xFFFFFFFF).value == NATIVE:
            return oleacc.LresultFromObject(bytes(pythoncom.IID_IDispatch), word, pointer)
        if message == win32con.WM_CLOSE:
            win32gui.PostQuitMessage(0)
            return 0
        return win32gui.DefWindowProc(handle, message, word, long)

    parent = outermost = 0
    for name in ("XLMAIN", "XLDESK", "EXCEL7"):
        kind = win32gui.WNDCLASS()
        kind.lpszClassName, kind.hInstance, kind.lpfnWndProc = name, win32api.GetModuleHandle(None), answered
        win32gui.RegisterClass(kind)
        style = win32con.WS_CHILD if parent else win32con.WS_OVERLAPPEDWINDOW
        parent = win32gui.CreateWindowEx(0, name, name, style, 0, 0, 200, 200, parent, 0, kind.hInstance, None)
        outermost = outermost or parent
    return outermost


def main(port: int, library: str, place: Path) -> None:
    """Serve until the window is closed."""
    pythoncom.CoInitialize()
    Policy.kinds = pythoncom.LoadTypeLib(library).GetTypeInfo(0)
    link = Link(port)
    application = wrap(Remote(link, 0), usePolicy=Policy)
    handle = shown(application)
    link.ask(0, "Hwnd", pythoncom.DISPATCH_PROPERTYPUT, (handle,))
    Refusing.begin()
    place.write_text(str(handle), encoding="ascii")
    win32gui.PumpMessages()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
