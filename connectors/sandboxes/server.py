"""Plain HTTP/1.1 on the loopback for a stand-in: threads, keep-alive, latency, faults and the control endpoints.

``/_sandbox/faults`` lists (GET), adds (POST one ``Fault`` or a list) and clears (DELETE) the switches;
``/_sandbox/clock`` tells the time (GET) and moves it (POST ``{"advance": seconds}``).
"""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.client import responses
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Protocol, Self, cast
from urllib.parse import parse_qsl, urlsplit

from pydantic import TypeAdapter, ValidationError

from connectors.sandboxes.clock import Clock
from connectors.sandboxes.faults import Answer, Fault, FaultKind, Faults, answer_under

LARGEST_BODY = 32 * 1024 * 1024
DRIP_PIECES = 20

_SWITCHES = TypeAdapter[list[Fault]](list[Fault])


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request; header names are in lower case, ``base`` is scheme, host and port as the client called it.

    ``failing_items`` are the positions in a batch that a fault wants refused with ``failing_status``.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    base: str
    failing_items: frozenset[int] = frozenset()
    failing_status: int = 500


class StandIn(Protocol):
    """What a vendor's stand-in is to the server: it answers requests and knows the vendor's words for a status."""

    clock: Clock

    def answer(self, request: Request) -> Answer:
        """Do the request; called from several threads at once."""
        ...

    def refusal(self, status: int) -> Answer:
        """The vendor's own words for a status."""
        ...


class Server:
    """A stand-in listening on the loopback; ``port`` 0 takes a free one. Startable in a thread with ``with``.

    ``tls`` makes it speak https, for a vendor's own client that speaks nothing else.
    """

    def __init__(self, stand_in: StandIn, port: int = 0, latency: float = 0, tls: ssl.SSLContext | None = None) -> None:
        self.stand_in = stand_in
        self.faults = Faults()
        self.latency = latency
        self._http = _Http(("127.0.0.1", port), self)
        self.scheme = "https" if tls else "http"
        if tls:
            self._http.socket = tls.wrap_socket(self._http.socket, server_side=True)
        self.url = f"{self.scheme}://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> Self:
        Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def serve_forever(self) -> None:
        """Answer until the process is interrupted or the context is left."""
        self._http.serve_forever(poll_interval=0.01)

    def control(self, request: Request) -> Answer | None:
        """The answer of a control endpoint; ``None`` when the request is not for one."""
        if request.path not in ("/_sandbox/faults", "/_sandbox/clock"):
            return None
        try:
            told = self._faults(request) if request.path.endswith("faults") else self._clock(request)
        except (ValueError, ValidationError) as wrong:
            return Answer(status=HTTPStatus.BAD_REQUEST, body=json.dumps({"error": str(wrong)}).encode())
        return Answer(body=json.dumps(told).encode())

    def _faults(self, request: Request) -> list[dict[str, Any]]:
        if request.method == "DELETE":
            self.faults.clear()
        elif request.method == "POST":
            sent = json.loads(request.body)
            for fault in _SWITCHES.validate_python(sent if isinstance(sent, list) else [sent]):
                self.faults.add(fault)
        return self.faults.report()

    def _clock(self, request: Request) -> dict[str, str]:
        if request.method == "POST":
            self.stand_in.clock.advance(float(json.loads(request.body)["advance"]))
        return {"now": self.stand_in.clock.now().isoformat()}


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], owner: Server) -> None:
        self.owner = owner
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's own name
        """Say nothing: a stand-in's console belongs to the person who started it."""

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815

    def _serve(self) -> None:
        owner = cast(_Http, self.server).owner
        if (length := self._length()) is None:
            self._send(Answer(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE), None)
            self.close_connection = True
            return
        request = self._request(self.rfile.read(length))
        if (told := owner.control(request)) is not None:
            self._send(told, None)
            return
        fault = owner.faults.take(self.command, self.path)
        time.sleep(owner.latency)
        if fault is None:
            self._send(owner.stand_in.answer(request), None)
        else:
            self._serve_under(fault, request, owner)

    def _serve_under(self, fault: Fault, request: Request, owner: Server) -> None:
        if fault.kind is FaultKind.DELAY:
            time.sleep(fault.seconds)
        if fault.kind is FaultKind.ITEMS:
            request = self._request(request.body, fault)
        answer = answer_under(fault, lambda: owner.stand_in.answer(request), owner.stand_in.refusal)
        if answer is None:
            self._hang_up()
        else:
            self._send(answer, fault)

    def _length(self) -> int | None:
        given = self.headers.get("Content-Length", "0")
        if not given.isdigit() or int(given) > LARGEST_BODY or self.headers.get("Transfer-Encoding"):
            return None
        return int(given)

    def _request(self, body: bytes, fault: Fault | None = None) -> Request:
        parts = urlsplit(self.path)
        host, port = self.connection.getsockname()[:2]
        return Request(
            method=self.command,
            path=parts.path,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
            base=f"{cast(_Http, self.server).owner.scheme}://{self.headers.get('Host') or f'{host}:{port}'}",
            failing_items=frozenset(fault.items) if fault else frozenset(),
            failing_status=fault.status if fault else HTTPStatus.INTERNAL_SERVER_ERROR,
        )

    def _send(self, answer: Answer, fault: Fault | None) -> None:
        head = self._head(answer)
        kind = fault.kind if fault else None
        with suppress(ConnectionError):
            if kind is FaultKind.HALF:
                self.wfile.write(head + answer.body[: len(answer.body) // 2])
                self._hang_up()
            elif kind is FaultKind.DRIP and fault:
                self._drip(head + answer.body, fault.seconds)
            else:
                self.wfile.write(head + answer.body)

    def _head(self, answer: Answer) -> bytes:
        fields = {
            "Date": self.date_time_string(),
            "Content-Type": answer.content_type,
            "Content-Length": str(len(answer.body)),
            **answer.headers,
        }
        status = f"{self.protocol_version} {int(answer.status)} {responses.get(answer.status, '')}\r\n"
        return (status + "".join(f"{name}: {value}\r\n" for name, value in fields.items()) + "\r\n").encode("latin-1")

    def _drip(self, data: bytes, seconds: float) -> None:
        step = max(1, len(data) // DRIP_PIECES)
        for start in range(0, len(data), step):
            self.wfile.write(data[start : start + step])
            time.sleep(seconds)

    def _hang_up(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
