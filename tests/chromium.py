"""A headless Chromium that tests drive by its own protocol over a pipe: what a person sees and types in a browser."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Self

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome") or ""


class Chromium:
    """One page of a browser; ``problems`` is what its console said was refused or wrong."""

    def __init__(self, profile: Path) -> None:
        (to_read, self._write), (self._read, to_write) = os.pipe(), os.pipe()
        options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--no-first-run",
                   "--disable-background-networking", f"--user-data-dir={profile}"]  # fmt: skip

        def as_three_and_four() -> None:
            os.dup2(to_read, 3)
            os.dup2(to_write, 4)

        self._process = subprocess.Popen(
            [PROGRAM, *options, "about:blank"], preexec_fn=as_three_and_four, close_fds=False,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(to_read)
        os.close(to_write)
        self._numbers, self._rest, self.problems = count(1), b"", list[str]()
        [target] = [each for each in self("Target.getTargets")["targetInfos"] if each["type"] == "page"]
        self._session = self("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Accessibility"):
            self(f"{domain}.enable")

    def __call__(self, method: str, **params: Any) -> dict[str, Any]:
        """What the browser answers to a command of its protocol."""
        number = next(self._numbers)
        session = {"sessionId": self._session} if hasattr(self, "_session") else {}
        os.write(
            self._write, json.dumps({"id": number, "method": method, "params": params, **session}).encode() + b"\0"
        )
        while (message := self._message()).get("id") != number:
            self._notice(message)
        assert "error" not in message, message
        answered: dict[str, Any] = message["result"]
        return answered

    def _message(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            self._rest += os.read(self._read, 65536)
        told, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(told)
        return message

    def _notice(self, message: dict[str, Any]) -> None:
        if message.get("method") == "Log.entryAdded":
            self.problems.append(message["params"]["entry"]["text"])

    def open(self, address: str) -> None:
        """Go to an address, and wait until it is there."""
        self("Page.navigate", url=address)
        self._settle()

    def _settle(self) -> None:
        while self.seen("document.readyState") != "complete":
            pass

    def seen(self, expression: str) -> Any:
        """What an expression is on the page."""
        return self("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def awaited(self, expression: str, value: object, seconds: float = 10) -> bool:
        """Whether an expression comes to be a value on the page that is there or is coming."""
        deadline = time.monotonic() + seconds
        while (found := self.seen(expression)) != value and time.monotonic() < deadline:
            time.sleep(0.05)
        return bool(found == value)

    def typed(self, text: str) -> None:
        """Type where the keyboard is."""
        self("Input.insertText", text=text)

    def press(self, key: str, code: int, text: str = "") -> None:
        """Press a key of the keyboard, and wait until the page that it led to is there."""
        shown = {"text": text} if text else {}
        for kind in ("keyDown", "keyUp"):
            self("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **shown)
            shown = {}
        self._settle()

    def read_out(self) -> list[tuple[str, str, str]]:
        """What a screen reader finds, in order: role, name, description."""

        def text(node: dict[str, Any], name: str) -> str:
            return str(node.get(name, {}).get("value", ""))

        nodes = self("Accessibility.getFullAXTree")["nodes"]
        return [(text(n, "role"), text(n, "name"), text(n, "description")) for n in nodes if not n.get("ignored")]

    def picture(self, to: Path) -> None:
        """Keep what is seen as a picture."""
        to.write_bytes(base64.b64decode(self("Page.captureScreenshot")["data"]))

    def close(self) -> None:
        """End the browser."""
        self._process.terminate()
        self._process.wait(20)
        os.close(self._write)
        os.close(self._read)

    @classmethod
    @contextmanager
    def started(cls, profile: Path) -> Iterator[Self]:
        """A browser for a while."""
        browser = cls(profile)
        try:
            yield browser
        finally:
            browser.close()
