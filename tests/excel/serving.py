"""Answers the stand-in under Wine: a call of COM is a line of JSON, its answer another.

``python -m tests.excel.serving PORT-FILE`` starts a LibreOffice, writes the port on which it listens on this machine
into a file, and serves until the caller hangs up.
"""

from __future__ import annotations

import json
import socket
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from connectors.problems import CannotRun
from tests.excel.model import Application, ComError, plain
from workbook import libreoffice

NOT_FOUND = -2147352573
"""DISP_E_MEMBERNOTFOUND: pywin32 then takes the member for a method."""
GET, PUT = 2, 4
"""DISPATCH_PROPERTYGET, DISPATCH_PROPERTYPUT."""
PLAIN = (type(None), bool, int, float, str, dict, list)


class Serving:
    """The objects that were handed out, by their numbers; the first is Excel itself."""

    def __init__(self, application: Application) -> None:
        self.objects: list[Any] = [application]

    def answer(self, asked: dict[str, Any]) -> dict[str, object]:
        """What comes of one call; never raises for what is asked."""
        try:
            return {"is": self._given(self._done(asked))}
        except ComError as refused:
            return {"error": refused.number, "words": str(refused)}
        except AttributeError as missing:
            return {"error": NOT_FOUND, "words": str(missing)}
        except CannotRun as refused:
            return {"error": ComError("").number, "words": refused.problems[0].code}
        except Exception as refused:  # noqa: BLE001 - as Excel does, whatever it was
            return {"error": ComError("").number, "words": f"{type(refused).__name__}: {refused}"}

    def _done(self, asked: dict[str, Any]) -> object:
        of, name, flags = self.objects[asked["of"]], asked["name"], asked["flags"]
        arguments = [self._taken(each) for each in asked["args"]]
        if flags >= PUT:
            setattr(of, name, *arguments)
            return None
        if name == "_NewEnum":
            return [*of]
        found = getattr(of, name)
        if callable(found):
            if flags == GET and not arguments:
                raise AttributeError(name)  # a method, which a look at it does not call
            return found(*arguments)
        if arguments:
            return found._value_(*arguments)
        return found

    def _given(self, value: object) -> object:
        value = plain(value)
        if isinstance(value, list):
            return [self._given(each) for each in value]
        if isinstance(value, PLAIN):
            return value
        self.objects.append(value)
        return {"object": len(self.objects) - 1}

    def _taken(self, value: Any) -> Any:
        match value:
            case {"object": int(number)}:
                return self.objects[number]
            case {"date": str(text)}:
                return datetime.fromisoformat(text)
            case list():
                return [self._taken(each) for each in value]
        return value


def main(place: Path) -> None:
    """Serve one caller."""
    app = libreoffice.start()
    serving = Serving(Application(app.impl))
    try:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            place.write_text(str(listening.getsockname()[1]), encoding="ascii")
            caller, _ = listening.accept()
            with caller, caller.makefile("rwb") as lines:
                for line in lines:
                    answer = serving.answer(json.loads(line))
                    lines.write(json.dumps(answer).encode() + b"\n")
                    lines.flush()
    finally:
        app.quit()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
