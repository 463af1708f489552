"""A page of ours that asks a person for one secret, once, on this machine alone, at an address nobody can guess."""

from __future__ import annotations

import base64
import hashlib
import queue
import re
import secrets
import sys
import threading
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from connectors.problems import CannotRun, Problem
from connectors.secrets.secret import Secret

HERE = "127.0.0.1"
LENGTH = re.compile("[0-9]{1,5}")
"""How many bytes of an answer are read: fewer than 100,000."""
QUIET = 10.0
"""Seconds after which a connection that says nothing is closed; browsers open some in advance."""
PATIENCE = 300.0
"""Seconds after which nobody is waited for any more."""
FORM = "application/x-www-form-urlencoded"
STYLE = (
    "body{font:1.1rem/1.6 system-ui,sans-serif;max-width:34rem;margin:10vh auto;padding:0 1rem;color:#1f2937}"
    "label{display:block;font-weight:600}input,button{font:inherit;padding:.4rem .6rem}"
    "input{width:100%;box-sizing:border-box}:focus-visible{outline:3px solid #1d4ed8}"
    "[role=alert]{color:#991b1b;font-weight:600}"
)
POLICY = (
    f"default-src 'none'; style-src 'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""No script at all, no style but ours, nothing from elsewhere, in no frame, and what is sent comes here alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What the page says, in the person's ``language``; ``then`` is what happens once the secret is given."""

    language: str
    title: str
    meaning: str
    label: str
    then: str
    button: str
    empty: str
    thanks: str
    over: str


def ask_secret(
    words: Words, open_browser: Callable[[str], bool] = webbrowser.open, patience: float = PATIENCE
) -> Secret:
    """What a person types on the page, which then is gone. Raises ``CannotRun`` (secret_not_given)."""
    server = _Server(words)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        return server.given.get(timeout=patience if open_browser(server.address) else 0)
    except queue.Empty:
        raise CannotRun(Problem(code="secret_not_given", params={"question": words.label})) from None
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    """Listens on 127.0.0.1 alone, at a free port, and no other program there too; its answers end before it closes."""

    allow_reuse_address = False
    daemon_threads = False

    def __init__(self, words: Words) -> None:
        self.words, self.path = words, f"/{secrets.token_urlsafe(32)}"
        self.given: queue.Queue[Secret] = queue.Queue()
        self.taken = threading.Lock()
        super().__init__((HERE, 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 (the parent's own)
        """A browser that breaks off is no error; anything else is a defect, and shown as the parent does."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    @property
    def origin(self) -> str:
        return f"http://{HERE}:{self.server_port}"

    @property
    def address(self) -> str:
        return f"{self.origin}{self.path}"


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = QUIET
    server_version, sys_version = "Passerelle", ""

    def do_GET(self) -> None:
        """Show the page at its own address, until the secret was given."""
        if self._is_for_us() and not self.server.taken.locked():
            self._answer(200, _page(self.server.words))
        else:
            self._answer(404, _told(self.server.words, self.server.words.over))

    def do_POST(self) -> None:
        """Take what was typed on the page, once."""
        words, length = self.server.words, self.headers.get("Content-Length", "")
        plain = self.headers.get("Content-Type", "").partition(";")[0].strip() == FORM and LENGTH.fullmatch(length)
        if not (self._is_for_us() and self.headers.get("Origin") == self.server.origin and plain):
            self._answer(403, _told(words, words.over))
            return
        form = parse_qs(self.rfile.read(int(length)).decode("utf-8", "replace"))
        typed = Secret(form.get("secret", [""])[0].strip())
        if not typed:
            self._answer(400, _page(words, words.empty))
        elif self.server.taken.acquire(blocking=False):
            self.server.given.put(typed)
            self._answer(200, _told(words, words.thanks))
        else:
            self._answer(404, _told(words, words.over))

    def _is_for_us(self) -> bool:
        """Whether the one address is asked for, under the one name: another may lead here too (DNS rebinding)."""
        host = self.headers.get("Host") == f"{HERE}:{self.server.server_port}"
        return host and secrets.compare_digest(self.path.encode(), self.server.path.encode())

    def _answer(self, status: int, page: str) -> None:
        body = page.encode()
        self.send_response(status)
        for name, value in {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Length": str(len(body)),
            "Cache-Control": "no-store",
            "Content-Security-Policy": POLICY,
            "Referrer-Policy": "same-origin",  # with none at all, a form says nothing of where it comes from
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Connection": "close",
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: the request line holds the address."""


def _page(words: Words, wrong: str = "") -> str:
    told = f'<p id="wrong" role="alert">{escape(wrong)}</p>' if wrong else ""
    described = "what then wrong" if wrong else "what then"
    return _whole(
        words,
        f'<p id="what">{escape(words.meaning)}</p>{told}<form method="post" autocomplete="off">'
        f'<p><label for="secret">{escape(words.label)}</label>'
        f'<input id="secret" name="secret" type="password" required autofocus autocomplete="off" spellcheck="false" '
        f'aria-describedby="{described}"></p><p id="then">{escape(words.then)}</p>'
        f"<p><button>{escape(words.button)}</button></p></form>",
    )


def _told(words: Words, sentence: str) -> str:
    return _whole(words, f'<p role="status">{escape(sentence)}</p>')


def _whole(words: Words, body: str) -> str:
    title = escape(words.title)
    return (
        f'<!doctype html><html lang="{escape(words.language)}"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>'
        f"<body><main><h1>{title}</h1>{body}</main></body></html>"
    )
