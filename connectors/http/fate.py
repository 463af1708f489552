"""What an answer says about what the other side did, and so about the next step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from enum import Enum

from connectors.http.answers import Answer
from connectors.http.vendor import Vendor

LONGEST = 86_400.0
"""Seconds that a vendor's wait may last: no published limit is of more than a day, and what it asks beyond is an error
of its own, which would keep a company from its ledger for good."""


class Fate(Enum):
    """What the other side did: it answered; certainly nothing; or it may have done it."""

    ANSWERED = "answered"
    NOTHING = "nothing"
    DOUBT = "doubt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What came of one attempt; ``code`` and ``detail`` are for its problem, ``wait`` the seconds the vendor asked."""

    fate: Fate
    answer: Answer | None = None
    code: str = ""
    detail: str = ""
    wait: float | None = None
    throttled: bool = False


def judged(answer: Answer, unfit: str, vendor: Vendor, wait: float | None) -> Attempt:
    """What a status means for the next step; a body that is no use leaves a doubt, a refusal stands without one."""
    if vendor.throttled(answer):
        named = answer.headers.get(vendor.limit_named, "").lower()
        asked = vendor.pauses.get(named, vendor.pause) if wait is None else wait
        return Attempt(
            fate=Fate.NOTHING, answer=answer, code="too_many_requests", detail=answer.detail, wait=asked, throttled=True
        )
    if answer.status in vendor.untouched and (answer.status != 503 or wait is not None):
        return Attempt(fate=Fate.NOTHING, answer=answer, code=vendor.unreachable, detail=answer.detail, wait=wait)
    if answer.status >= 500 or answer.status == 408:
        return Attempt(fate=Fate.DOUBT, answer=answer, code=vendor.unreachable, detail=answer.detail, wait=wait)
    if unfit and answer.status < 300:
        detail = f"{answer.detail} {unfit}"
        return Attempt(fate=Fate.DOUBT, answer=answer, code="answer_unreadable", detail=detail, wait=wait)
    return Attempt(fate=Fate.ANSWERED, answer=answer)


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """``Retry-After`` in seconds (RFC 9110, 10.2.3), a day at most; a date is taken against the answer's own, so clocks
    may differ."""
    asked = headers.get("Retry-After", "").strip()
    if asked.isascii() and asked.replace(".", "", 1).isdigit():
        return min(float(asked), LONGEST)
    until = _moment(asked)
    if until is None:
        return None
    return min(max(0.0, until - (_moment(headers.get("Date", "")) or now)), LONGEST)


def _moment(text: str) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
