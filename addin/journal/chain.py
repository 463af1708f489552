"""The log as a chain: each line carries a digest of itself and of the line before, so that a change of one shows.

Who can write the whole journal can also write the chain anew: it shows what was done around Passerelle, and stops
nobody.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

LINKED = (
    "run", "time", "who", "kind", "number", "action", "result", "reference", "message", "key", "person", "machine",
    "was", "becomes", "content",
)  # fmt: skip
"""What of a line its digest covers: everything but its place."""

CONFIRMED = "confirm_log"
"""The action of a line with which an administrator took the log, as it then stood, for right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """The first line of a log that is not as it was written, or behind which lines are gone; empty at its end."""

    time: str = ""
    who: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """A log that was read from end to end: how many lines, the digest of its end, of what it says, and its break."""

    lines: int = 0
    end: str = ""
    said: str = ""
    broken: Break | None = None


Line = Mapping[Any, Any]
"""A line by the names of its columns."""


def link(before: str, line: Line) -> str:
    """The digest of a line behind the line of another digest."""
    parts = [before, *(_text(line[name]) for name in LINKED)]
    if problem := line.get("problem"):  # which lines of earlier releases do not have
        parts.append(str(problem))
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()


def walk(lines: Iterable[Any], count: int = 0, end: str = "") -> Walked:
    """Read a log from its first line, or after so many, the last of which ends in this digest.

    What an administrator confirmed since is no break any more.
    """
    said, broken = end, None
    for line in lines:
        confirmed = line["action"] == CONFIRMED and line["content"] == said
        said = link(said, line)
        if confirmed and line["chain"] == link(end, line):
            said, broken = line["chain"], None
        elif line["chain"] != said and broken is None:
            broken = Break(time=_text(line["time"]), who=line["who"], action=line["action"])
        count, end = count + 1, line["chain"]
    return Walked(lines=count, end=end, said=said, broken=broken)


def _text(value: object) -> str:
    """A value the same from every database: SQLite forgets the zone of a time, PostgreSQL shows it in its own."""
    if isinstance(value, datetime):
        utc = value.astimezone(UTC) if value.tzinfo else value
        return utc.replace(tzinfo=None).isoformat(timespec="microseconds")
    return str(value)
