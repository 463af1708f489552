"""One bound of time and size over a whole exchange: the name's look-up, connecting, every line and byte that comes.

A time-out of a socket holds for one read alone: an answer whose headers drip, interim answers without end, or the
trailers of chunks would be read for ever.
"""

from __future__ import annotations

import errno
import io
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.poolmanager import PoolManager

from connectors.http.vendor import Bounds

HEAD = 1024 * 1024
"""Bytes that headers, interim answers and trailers may have together, beside the body."""

LINE = 64 * 1024
SWITCHING, INTERIM = 101, 200
"""Statuses between these are not yet an answer; 101 ends HTTP, and we never ask for that."""

Address = tuple[int, int, int, str, tuple[Any, ...]]
"""As ``getaddrinfo`` tells it: family, kind, protocol, and last what to connect to."""


@dataclass(slots=True, kw_only=True)
class Bound:
    """What is left of one exchange: ``now`` in seconds, ``end`` when it is over, ``received`` bytes so far."""

    bounds: Bounds
    now: Callable[[], float]
    end: float = field(init=False)
    received: int = 0

    def __post_init__(self) -> None:
        self.end = self.now() + self.bounds.whole

    def left(self, most: float) -> float:
        """Seconds that the next step may last. Raises ``TimeoutError`` where the exchange is over."""
        left = self.end - self.now()
        if left <= 0:
            raise TimeoutError(errno.ETIMEDOUT, f"too slow: not complete after {self.bounds.whole:g} s")
        return min(left, most)

    def count(self, received: int) -> None:
        """Count bytes as they came, packed or not. Raises ``OSError`` beyond the bound."""
        self.received += received
        if self.received > self.bounds.size + HEAD:
            raise OSError(errno.EMSGSIZE, f"more than {self.bounds.size} bytes")


_BOUND: ContextVar[Bound | None] = ContextVar("bound", default=None)


@contextmanager
def bounded(bounds: Bounds, now: Callable[[], float]) -> Iterator[None]:
    """Bound the exchange that this thread makes meanwhile."""
    before = _BOUND.set(Bound(bounds=bounds, now=now))
    try:
        yield
    finally:
        _BOUND.reset(before)


def _bound() -> Bound:
    bound = _BOUND.get()
    assert bound is not None, "an exchange without a bound"
    return bound


class _Received(io.RawIOBase):
    """What comes from a socket, within the bound of its exchange."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock, self._raw = sock, sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401 - the parent's own
        """The next bytes. Raises ``OSError`` where the bound is reached."""
        bound = _bound()
        self._sock.settimeout(bound.left(bound.bounds.read))
        try:
            received = self._raw.readinto(buffer)
        except TimeoutError:
            bound.left(bound.bounds.read)  # which says so, where it was the whole that took too long
            raise
        bound.count(received or 0)
        return received

    def close(self) -> None:
        """Let go of the socket."""
        self._raw.close()
        super().close()


class _Response(HTTPResponse):
    def __init__(self, sock: socket.socket, *arguments: Any, **options: Any) -> None:  # noqa: ANN401
        super().__init__(sock, *arguments, **options)
        self.fp.close()
        self.fp = io.BufferedReader(_Received(sock))

    def _read_status(self) -> tuple[str, int, str]:
        """The status line of the answer itself: of interim ones, the parent passes over 100 alone (RFC 9110, 15.2)."""
        version, status, reason = super()._read_status()  # type: ignore[misc]  # the parent's own, not in its stubs
        while SWITCHING < status < INTERIM:
            while self.fp.readline(LINE).strip():
                pass
            version, status, reason = super()._read_status()  # type: ignore[misc]
        return version, status, reason


class _Bounded(HTTPConnection):
    """A connection whose failing before it stands says so, because then nothing of ours has left."""

    response_class = _Response

    def connect(self) -> None:
        """Connect, and agree on TLS. Raises ``ConnectTimeoutError`` or ``NewConnectionError``."""
        try:
            super().connect()
        except TimeoutError as late:
            raise ConnectTimeoutError(self, "not connected in time") from late
        except (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError, HTTPException) as broken:
            raise NewConnectionError(self, "broken off before it stood") from broken

    def _new_conn(self) -> socket.socket:
        """The first of the name's addresses that answers, all within the seconds of one."""
        bound = _bound()
        seconds = bound.left(bound.bounds.connect)
        until = bound.now() + seconds
        trouble: OSError = TimeoutError(errno.ETIMEDOUT, "no address of the name answered")
        for family, kind, _, _, address in self._addresses(seconds):
            if (left := until - bound.now()) <= 0:
                break
            sock = socket.socket(family, kind)
            try:
                for option in self.socket_options or ():
                    sock.setsockopt(*option)
                sock.settimeout(left)
                sock.connect(address)
            except OSError as refused:
                trouble = refused
                sock.close()
            else:
                return sock
        if isinstance(trouble, TimeoutError):
            raise trouble
        raise NewConnectionError(self, "nobody answers") from trouble

    def _addresses(self, seconds: float) -> list[Address]:
        """The addresses of the name; a look-up cannot be broken off, so that another thread waits for a slow one."""
        told: SimpleQueue[list[Address] | OSError | UnicodeError] = SimpleQueue()

        def ask() -> None:
            try:
                told.put(list(socket.getaddrinfo(self._dns_host, self.port, type=socket.SOCK_STREAM)))
            except (OSError, UnicodeError) as unknown:
                told.put(unknown)

        Thread(target=ask, daemon=True).start()
        try:
            found = told.get(timeout=seconds)
        except Empty:
            raise TimeoutError(errno.ETIMEDOUT, "the name was not looked up in time") from None
        if not isinstance(found, list):
            raise NameResolutionError(self.host, self, socket.gaierror()) from found
        return found


class _BoundedTls(_Bounded, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Bounded


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _BoundedTls


class BoundedAdapter(HTTPAdapter):
    """Connections that keep to the bound of the exchange, through a proxy as well."""

    def init_poolmanager(self, *sizes: Any, **_: Any) -> None:  # noqa: ANN401 - the parent's own
        """Make the pools of direct connections."""
        super().init_poolmanager(*sizes)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}

    def proxy_manager_for(self, proxy: str, **_: Any) -> PoolManager:  # noqa: ANN401 - the parent's own
        """The pools of connections through a proxy, which are to https alone; SOCKS has connections of its own."""
        manager: PoolManager = super().proxy_manager_for(proxy)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = {"https": _TlsPool}
        return manager
