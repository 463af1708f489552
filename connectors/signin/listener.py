"""A port on this machine where the browser comes back to after a consent (RFC 8252, 7.3)."""

from __future__ import annotations

import queue
import re
import secrets
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl

from connectors.problems import CannotRun, Problem
from connectors.secrets.secret import Secret
from connectors.signin.consent import Returned
from connectors.signin.page import FAILED, THANKS, paste_page

PATH = "/callback"
HERE = ("127.0.0.1", "localhost")
LENGTH = re.compile("[0-9]{1,5}")
"""How many bytes of what is pasted are read: fewer than 100,000."""
QUIET = 10.0
"""Seconds after which a connection that says nothing is closed; browsers open some in advance."""


class _Server(ThreadingHTTPServer):
    """On Windows an address that may be reused may be taken over by another program."""

    allow_reuse_address = sys.platform != "win32"
    daemon_threads = True

    def __init__(self, port: int, accepts: Callable[[Secret], bool], path: str) -> None:
        self.accepts, self.path, self.strangers = accepts, path, 0
        self.pasting, self.consent, self.label = f"/{secrets.token_urlsafe(32)}", "", ""
        self.returned: queue.Queue[Secret | CannotRun] = queue.Queue()
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def origin(self) -> str:
        """Where the page that takes what is pasted comes from."""
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 (the parent's own)
        """A browser that breaks off is no error; anything else is a defect, and shown as the parent does."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = QUIET
    server_version, sys_version = "Passerelle", ""

    def do_GET(self) -> None:
        """Take one address that answers our request; anything else gets a page and is not taken.

        Where that cannot be found out (the vault does not answer), who waits is told so.
        """
        if self.path == self.server.pasting and self._is_for_us():
            self._page(200, paste_page(self.server.label, self.server.consent))
        elif self.path.partition("?")[0] != self.server.path or not self._is_for_us():
            self._page(404, FAILED)
        else:
            self._take(Secret(self.path), FAILED, lambda: self.server.accepts(Secret(self.path)))

    def do_POST(self) -> None:
        """Take what a person pasted, where she did so on the page whose address nobody else knows."""
        length = self.headers.get("Content-Length", "")
        elsewhere = self.headers.get("Origin", self.server.origin) != self.server.origin
        if self.path != self.server.pasting or elsewhere or not self._is_for_us() or not LENGTH.fullmatch(length):
            self._page(404, FAILED)
            return
        form = dict(parse_qsl(self.rfile.read(int(length)).decode("utf-8", "replace")))
        pasted = Secret(form.get("pasted", ""))
        again = paste_page(self.server.label, self.server.consent, again=True)
        self._take(pasted, again, lambda: Returned.read(pasted).is_bare_code or self.server.accepts(pasted))

    def _is_for_us(self) -> bool:
        """Not where another name leads to this machine (DNS rebinding)."""
        return self.headers.get("Host") in {f"{name}:{self.server.server_port}" for name in HERE}

    def _take(self, returned: Secret, otherwise: str, accepts: Callable[[], bool]) -> None:
        try:
            ours = accepts()
        except CannotRun as stopped:
            self.server.returned.put(stopped)
            self._page(500, FAILED)
            return
        if not ours:
            self.server.strangers += 1
            self._page(400, otherwise)
        else:
            self._page(200, THANKS)
            self.server.returned.put(returned)

    def _page(self, status: int, page: str) -> None:
        body = page.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Referrer-Policy", "same-origin")  # a form says with it where it comes from
        self.send_header(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; form-action 'self'; "
            "frame-ancestors 'none'",
        )
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: the request line holds the code."""


class Listener:
    """Listens on 127.0.0.1 alone, from the beginning, so that no answer is missed; ``accepts`` says which is ours.

    ``path`` is where the browser comes back to; empty where it comes back elsewhere.
    """

    def __init__(self, port: int, label: str, accepts: Callable[[Secret], bool], path: str = PATH) -> None:
        self._label, self._server = label, _bound(port, label, accepts, path)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def redirect_uri(self, host: str) -> str:
        """The address to register with the vendor."""
        return f"http://{host}:{self._server.server_port}{self._server.path}"

    def pasting(self, consent: str) -> str:
        """The address of the page that leads to a consent and takes what is pasted after it; nobody can guess it."""
        self._server.consent, self._server.label = consent, self._label
        return f"{self._server.origin}{self._server.pasting}"

    def wait(self, patience: float) -> Secret:
        """The first address that is accepted, within so many seconds. Raises ``CannotRun``."""
        try:
            returned = self._server.returned.get(timeout=patience)
        except queue.Empty:
            code = "sign_in_state_wrong" if self._server.strangers else "sign_in_timed_out"
            returned = CannotRun(Problem(code=code, params={"ledger": self._label}))
        if isinstance(returned, CannotRun):
            raise returned
        return returned

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _bound(port: int, label: str, accepts: Callable[[Secret], bool], path: str) -> _Server:
    try:
        return _Server(port, accepts, path)
    except OSError as taken:
        why = taken.strerror or ""
    raise CannotRun(Problem(code="port_taken", params={"port": str(port), "ledger": label}, detail=why))
