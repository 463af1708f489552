"""How many requests a vendor takes: within fixed spans of time, and at once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from threading import Lock

from connectors.sandboxes.clock import Clock


@dataclass(frozen=True, slots=True)
class Window:
    """At most ``most`` requests in a span of ``seconds`` that begins whatever happens; ``name`` is the vendor's."""

    name: str
    most: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Exceeded:
    """Which window is full, and in how many seconds the next one begins."""

    window: str
    seconds: int


class Windows:
    """Counts the requests of each company by the server's clock."""

    def __init__(self, clock: Clock, windows: tuple[Window, ...], at_once: int) -> None:
        self._clock, self._windows, self._at_once = clock, windows, at_once
        self._counts: Counter[tuple[str, str, int]] = Counter()
        self._under_way: Counter[str] = Counter()
        self._lock = Lock()

    def begin(self, company: str) -> Exceeded | None:
        """Count a request that begins; what it is one too many for, which is then not counted."""
        now = int(self._clock.now().timestamp())
        with self._lock:
            if self._under_way[company] >= self._at_once:
                return Exceeded("concurrent", 1)
            for each in self._windows:
                if self._counts[company, each.name, now // each.seconds] >= each.most:
                    return Exceeded(each.name, each.seconds - now % each.seconds)
            for each in self._windows:
                self._counts[company, each.name, now // each.seconds] += 1
            self._under_way[company] += 1
        return None

    def end(self, company: str) -> None:
        """A request that began is answered."""
        with self._lock:
            self._under_way[company] -= 1

    def left(self, company: str) -> dict[str, int]:
        """How many more each window takes now, by its name."""
        now = int(self._clock.now().timestamp())
        with self._lock:
            return {e.name: max(0, e.most - self._counts[company, e.name, now // e.seconds]) for e in self._windows}
