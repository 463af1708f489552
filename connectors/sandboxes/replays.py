"""Answers that a vendor keeps for a while under a client's key, and gives again when the same request comes back."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from threading import Lock

from connectors.sandboxes.clock import Clock
from connectors.sandboxes.faults import Answer
from connectors.sandboxes.server import Request


class OtherRequest(Exception):
    """A key came back with another request than the one it was first used with."""


class Replays:
    """The answers under keys, refusals among them, for ``seconds`` from their first call."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock, self._life = clock, timedelta(seconds=seconds)
        self._kept: dict[str, tuple[str, Answer, datetime]] = {}
        self._lock = Lock()

    def of(self, key: str, request: Request) -> Answer | None:
        """The answer that is kept under a key. Raises ``OtherRequest``."""
        with self._lock:
            kept = self._kept.get(key)
            if kept is None or kept[2] + self._life <= self._clock.now():
                return None
            if kept[0] != _print(request):
                raise OtherRequest(key)
            return kept[1]

    def keep(self, key: str, request: Request, answer: Answer) -> None:
        """Keep an answer from now on, unless one is kept already."""
        with self._lock:
            kept = self._kept.get(key)
            if kept is None or kept[2] + self._life <= self._clock.now():
                self._kept[key] = (_print(request), answer, self._clock.now())


def _print(request: Request) -> str:
    told = f"{request.method} {request.path} {sorted(request.query.items())}".encode() + request.body
    return sha256(told).hexdigest()
