"""What differs from vendor to vendor, as data: how requests are marked, and what answers mean for the next step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from connectors.http.answers import Answer
from connectors.secrets.secret import FIELDS


@dataclass(frozen=True, slots=True, kw_only=True)
class IdempotencyKey:
    """Where a vendor takes our key: a header or a query parameter.

    ``replays`` only where the vendor can be relied upon to answer a repeated key with the first result: then a write
    whose answer was lost is sent again with the same key. Otherwise the key is sent, and the doubt is still raised.
    """

    header: str = ""
    parameter: str = ""
    replays: bool = False


def too_many(answer: Answer) -> bool:
    """The usual sign of a limit: 429 (RFC 6585)."""
    return answer.status == 429


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """One vendor's HTTP.

    ``request_id`` is the answer's header that the vendor's support asks for; ``headers`` and ``query`` go with every
    request. ``throttled`` recognises an answer that says "too many requests" before anything was done; ``pause`` is
    how many seconds to wait then, when the answer does not say, and ``pauses`` how many by the limit that the header
    ``limit_named`` names. ``untouched`` are further statuses that the vendor documents as answered before anything was
    done; 503 among them counts only with its ``Retry-After``.
    ``whole`` is the type of numbers without a fraction. ``unreachable`` is the problem code of a vendor that cannot
    be reached.
    """

    label: str
    request_id: str = ""
    key: IdempotencyKey | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    throttled: Callable[[Answer], bool] = too_many
    pause: float = 0
    limit_named: str = ""
    pauses: Mapping[str, float] = field(default_factory=dict)
    untouched: frozenset[int] = frozenset()
    whole: type[int] | type[Decimal] = int
    secret_fields: frozenset[str] = FIELDS
    unreachable: Literal["ledger_unreachable", "source_unreachable"] = "ledger_unreachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Seconds to connect, between two pieces of an answer, and for a whole answer; its bytes; how often to try."""

    connect: float = 10
    read: float = 130
    whole: float = 300
    size: int = 64 * 1024 * 1024
    attempts: int = 5
