"""The vendor's rate limits, off until asked for; ``scale`` shortens the minute and the second for tests.

500 requests a minute and realm, 10 a second and realm with one app, 40 batches a minute and realm with one app. Which
headers a 429 carries is not established: none are sent.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from threading import Lock

from connectors.ledgers.quickbooks_online.sandbox.refusals import Refusal
from connectors.sandboxes.clock import Clock


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``most`` requests within ``seconds``, of batches alone or of all."""

    most: int
    seconds: float
    batches: bool = False


LIMITS = (Limit(500, 60), Limit(10, 1), Limit(40, 60, batches=True))


class Throttled(Refusal):
    """A limit was reached: the vendor answers code 3001 in a fault of type SERVICE."""

    def __init__(self) -> None:
        super().__init__((), 429, "SERVICE")

    def fault(self) -> dict[str, object]:
        """The recorded words."""
        error = {
            "Message": "message=ThrottleExceeded; errorCode=003001; statusCode=429",
            "Detail": "The request limit was reached.  Try again later",
            "code": "3001",
            "element": "",
        }
        return {"Error": [error], "type": self.fault_type}


class Throttle:
    """Counts the requests of each realm by the server's clock."""

    def __init__(self, clock: Clock, scale: float | None = None) -> None:
        self._clock = clock
        self._scale = scale
        self._seen: defaultdict[tuple[str, Limit], deque[float]] = defaultdict(deque)
        self._lock = Lock()

    def count(self, realm: str, *, batch: bool) -> None:
        """Count a request. Raises ``Throttled`` when it is one too many; such a request is not counted."""
        if self._scale is None:
            return
        now = self._clock.now().timestamp()
        with self._lock:
            windows = [self._window(realm, limit, now) for limit in LIMITS if batch or not limit.batches]
            if any(len(seen) >= limit.most for limit, seen in windows):
                raise Throttled
            for _, seen in windows:
                seen.append(now)

    def _window(self, realm: str, limit: Limit, now: float) -> tuple[Limit, deque[float]]:
        seen = self._seen[realm, limit]
        while seen and seen[0] <= now - limit.seconds * (self._scale or 0):
            seen.popleft()
        return limit, seen
