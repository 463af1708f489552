"""A real HTTP server on this machine whose every answer is written down beforehand, broken ones included."""

from __future__ import annotations

import socket
import socketserver
import ssl
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import parse_qs, urlsplit

from connectors.pace import Clock


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: dict[str, list[str]]
    headers: Mapping[str, str]
    body: bytes
    target: str = ""


TLS_HELLO = b"\x16"
"""The first byte of a client that speaks TLS (RFC 8446, 5.1)."""

Reply = Callable[[socket.socket, Request], None]


def answer(status: int = 200, body: str | bytes = b"{}", **headers: str) -> Reply:
    """A whole answer; in capitalised header names ``_`` is ``-``."""
    content = body.encode() if isinstance(body, str) else body
    told = {"Content-Type": "application/json", "Content-Length": str(len(content))}
    told |= {name.replace("_", "-") if name.istitle() else name: value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items() if value)
    return lambda sock, _: sock.sendall(f"HTTP/1.1 {status} x\r\n{head}Connection: close\r\n\r\n".encode() + content)


def drop(sock: socket.socket, _: Request) -> None:
    """Reset the connection after the request has arrived whole."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def silent(sock: socket.socket, _: Request) -> None:
    """Say nothing until the client gives up."""
    sock.recv(1)


def chunked(*pieces: bytes, ends: bool = True) -> Reply:
    """An answer in chunks, with or without its end."""

    def reply(sock: socket.socket, _: Request) -> None:
        sock.sendall(b"HTTP/1.1 200 x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        for piece in pieces:
            sock.sendall(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        sock.sendall(b"0\r\n\r\n" if ends else b"")

    return reply


class Server:
    """Answers the next request with the next reply; once they are used up, the last one again."""

    def __init__(self, *replies: Reply, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Request] = []
        self._replies, self._lock = list(replies), threading.Lock()
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                try:
                    sock = tls.wrap_socket(self.request, server_side=True) if tls else self.request
                    request = _received(sock)
                    if request:
                        outer._next(request)(sock, request)
                        sock.close()
                except OSError:
                    pass  # the client has hung up, which some of the scripts are about

        class Listening(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

        self._server = Listening(("127.0.0.1", 0), Handler)
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    def _next(self, request: Request) -> Reply:
        with self._lock:
            self.requests.append(request)
            return self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _received(sock: socket.socket) -> Request | None:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = sock.recv(65536)
        if not piece:
            return None
        data += piece
        if data.startswith(TLS_HELLO):
            sock.sendall(b"HTTP/1.1 400 x\r\n\r\n")
            return None
    head, body = data.split(b"\r\n\r\n", 1)
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.title(): value for name, value in (line.split(": ", 1) for line in lines)}
    while len(body) < int(headers.get("Content-Length", 0)):
        body += sock.recv(65536)
    method, target, _ = first.split(" ")
    parts = urlsplit(target)
    return Request(method, parts.path, parse_qs(parts.query, keep_blank_values=True), headers, body, target)


@dataclass
class Hands:
    """A clock whose hands we move: waiting takes no time, and is remembered."""

    at: float = 1_800_000_000.0
    waited: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.at += seconds

    @property
    def clock(self) -> Clock:
        return Clock(now=lambda: self.at, sleep=self.sleep, chance=lambda: 1.0)
