"""Faults on demand: which request goes wrong and how, on the nth match or with a seeded probability."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from threading import Lock
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class FaultKind(StrEnum):
    """What goes wrong; whether the request took effect is part of the kind."""

    REFUSE = "refuse"
    """Nothing is done; the answer is ``status`` with ``headers`` and ``body``."""
    DELAY = "delay"
    """Done and answered, ``seconds`` late."""
    DROP_BEFORE = "drop_before"
    """Nothing is done; the connection closes without an answer."""
    DROP_AFTER = "drop_after"
    """Done; the connection closes without an answer."""
    FAIL_AFTER = "fail_after"
    """Done; the answer is ``status`` all the same."""
    HALF = "half"
    """Done; the connection closes in the middle of the answer."""
    TRUNCATE = "truncate"
    """Done; the answer is whole as HTTP and its body is cut in the middle."""
    DUPLICATE = "duplicate"
    """Delivered twice, as by a proxy that retries; the second answer is sent."""
    DRIP = "drip"
    """Done; the answer comes in small pieces, ``seconds`` apart."""
    CONTENT_TYPE = "content_type"
    """Done; the right body under a wrong content type."""
    ITEMS = "items"
    """The items of a batch at these positions (from 0) are refused with ``status``; the rest is done."""


class Fault(BaseModel):
    """One switch: the requests it matches, and what happens to them.

    It matches when ``method`` (any when empty) is equal and ``path`` is contained in the path with its query. Of the
    matches it takes ``times`` (0 is all) from the ``nth`` (1-based) on, each with ``probability`` drawn from ``seed``.
    ``body`` empty means the vendor's own words for ``status``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: FaultKind
    method: str = ""
    path: str = ""
    nth: int = Field(default=1, ge=1)
    times: int = Field(default=1, ge=0)
    probability: float = Field(default=1, ge=0, le=1)
    seed: int = 0
    status: int = Field(default=500, ge=200, le=599)
    seconds: float = Field(default=0, ge=0, le=600)
    headers: dict[str, str] = Field(default_factory=dict)
    body: str = ""
    items: tuple[int, ...] = ()

    def concerns(self, method: str, target: str) -> bool:
        """Whether a request of this method and path with query matches."""
        return self.method.upper() in ("", method.upper()) and self.path in target


@dataclass(slots=True)
class _Switch:
    fault: Fault
    random: Random
    seen: int = 0
    fired: int = 0

    def fires(self) -> bool:
        self.seen += 1
        drawn = self.random.random() < self.fault.probability
        if self.seen < self.fault.nth or not drawn or (self.fault.times and self.fired >= self.fault.times):
            return False
        self.fired += 1
        return True


class Faults:
    """The switches that are on, asked once for each request, from any thread."""

    def __init__(self) -> None:
        self._switches: list[_Switch] = []
        self._lock = Lock()

    def add(self, fault: Fault) -> None:
        """Turn a switch on."""
        with self._lock:
            self._switches.append(_Switch(fault, Random(fault.seed)))  # noqa: S311 - repeatable, guards nothing

    def clear(self) -> None:
        """Turn every switch off."""
        with self._lock:
            self._switches.clear()

    def take(self, method: str, target: str) -> Fault | None:
        """The fault that this request meets, the first of those that fire; counts the match for every switch."""
        with self._lock:
            matching = [switch for switch in self._switches if switch.fault.concerns(method, target)]
            return next((switch.fault for switch in [s for s in matching if s.fires()]), None)

    def report(self) -> list[dict[str, Any]]:
        """Every switch with how often it matched and fired."""
        with self._lock:
            return [{**s.fault.model_dump(mode="json"), "seen": s.seen, "fired": s.fired} for s in self._switches]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server answers: status, body and headers."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


def answer_under(fault: Fault, serve: Callable[[], Answer], refuse: Callable[[int], Answer]) -> Answer | None:
    """The answer to a request that meets a fault; ``None`` is a connection closed without one.

    ``serve`` does the request, ``refuse`` gives the vendor's own words for a status.
    """
    match fault.kind:
        case FaultKind.DROP_BEFORE:
            return None
        case FaultKind.REFUSE:
            return _refusal(fault, refuse)
    if fault.kind is FaultKind.DUPLICATE:
        serve()
    answer = serve()
    match fault.kind:
        case FaultKind.DROP_AFTER:
            return None
        case FaultKind.FAIL_AFTER:
            return _refusal(fault, refuse)
        case FaultKind.TRUNCATE:
            return _changed(answer, body=answer.body[: len(answer.body) // 2])
        case FaultKind.CONTENT_TYPE:
            return _changed(answer, content_type="text/html;charset=UTF-8")
    return answer


def _refusal(fault: Fault, refuse: Callable[[int], Answer]) -> Answer:
    words = refuse(fault.status)
    return Answer(
        status=fault.status,
        body=fault.body.encode() or words.body,
        content_type=words.content_type,
        headers={**words.headers, **fault.headers},
    )


def _changed(answer: Answer, *, body: bytes | None = None, content_type: str = "") -> Answer:
    return Answer(
        status=answer.status,
        body=answer.body if body is None else body,
        content_type=content_type or answer.content_type,
        headers=answer.headers,
    )
