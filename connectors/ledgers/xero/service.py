"""How we reach Xero: signed in to an organisation, paced as it publishes, asked page by page."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, TypeAlias

from connectors.http import Answer, Http, IdempotencyKey, MayHaveHappened, Refused, Vendor
from connectors.ledgers.xero.settings import XeroSettings
from connectors.pace import LOOKED_AT_AGAIN, Limit
from connectors.problems import CannotRun, Problem
from connectors.rest.pages import numbered, sought
from connectors.signin import Company, Provider
from connectors.signin.provider import Read, Redirected

Body: TypeAlias = dict[str, Any]

LABEL = "Xero"
ROOT = "/api.xro/2.0"
RESERVE = 100
"""Calls of a day that no new batch begins with: what four batches under way may still need."""
LIMITS = (
    Limit(60, 60, header="X-MinLimit-Remaining"),
    Limit(5000, 86_400, header="X-DayLimit-Remaining", reserve=RESERVE),
    Limit(10_000, 60, header="X-AppMinLimit-Remaining"),
)
"""An organisation and an application together: a minute, a day (limits; the smallest plan may have 1,000 a day); and
an application alone, whatever the organisation. Every answer says how much is left of each."""
CONCURRENT = 5
PAGE = 1000
AT_ONCE = 40
"""Values of one question ("Retrieving a filtered set of resources")."""
OVERLAP = timedelta(minutes=5)
"""Our clock and the vendor's may differ by so much."""
SCOPES = (
    "offline_access", "accounting.contacts", "accounting.invoices", "accounting.payments",
    "accounting.banktransactions", "accounting.manualjournals", "accounting.settings.read",
    "accounting.reports.trialbalance.read",
)  # fmt: skip
ANOTHER_REQUEST = "is used with a different request"


def planned(limits: Sequence[Limit], settings: XeroSettings) -> tuple[Limit, ...]:
    """Limits as the organisation's plan has them, where they are an organisation's."""
    calls = {LIMITS[0].header: settings.calls_a_minute, LIMITS[1].header: settings.calls_a_day}
    return tuple(replace(limit, calls=calls.get(limit.header, limit.calls)) for limit in limits)


def vendor(settings: XeroSettings) -> Vendor:
    """What goes with every request. The key lives six minutes, and replays refusals too: it is not relied upon."""
    return Vendor(
        label=LABEL,
        request_id="xero-correlation-id",
        key=IdempotencyKey(header="Idempotency-Key"),
        headers={"xero-tenant-id": settings.company},
        pause=60,
        limit_named="X-Rate-Limit-Problem",
        pauses={"day": LOOKED_AT_AGAIN},
    )


def provider(settings: XeroSettings) -> Provider:
    """The vendor's sign-in: PKCE and a secret; a refresh token works once, and 60 days from its last use."""
    return Provider(
        label=LABEL,
        authorize_url=settings.authorize_url,
        token_url=settings.token_url,
        revoke_url=settings.revoke_url,
        scopes=SCOPES,
        companies=partial(_opened, settings),
        access_life=1800,
        refresh_life=60 * 86_400,
    )


def _opened(settings: XeroSettings, _: Redirected, read: Read) -> Sequence[Company]:
    """The organisation that is set, among those that the person opened. Raises ``CannotRun`` (company_differs)."""
    listed = read(settings.connections_url)
    opened = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    found = [Company(id=str(each.get("tenantId", "")), name=str(each.get("tenantName", ""))) for each in opened]
    wanted = [each for each in found if each.id == settings.company]
    if found and not wanted:
        shown = ", ".join(f"{each.name} ({each.id})" for each in found)
        params = {"ledger": LABEL, "expected": settings.company, "found": shown}
        raise CannotRun(Problem(code="company_differs", params=params))
    return wanted


class Api:
    """One organisation's elements, by entity; raises ``CannotRun`` for an answer that is an error as a whole."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def one(self, entity: str) -> list[Body]:
        """A list that has no pages."""
        return _rows(self._http.get(entity, query={}), entity)

    def every(self, entity: str, **query: str) -> Iterator[Body]:
        """All elements of a list that a question is about, page by page, with their lines."""

        def ask(page: int) -> tuple[list[Body], int | None]:
            asked = {**query, "page": str(page), "pageSize": str(PAGE), "unitdp": "4"}
            answer = self._http.get(entity, query=asked)
            count = (answer.body.get("pagination") or {}).get("pageCount")
            return _rows(answer, entity), count if isinstance(count, int) else None

        return numbered(ask)

    def among(self, entity: str, asked_as: str, values: Iterable[str], **query: str) -> Iterator[Body]:
        """The elements of a list of values (``IDs``, ``InvoiceNumbers``)."""
        for some in _in_parts(values):
            yield from self.every(entity, **{asked_as: ",".join(some)}, **query)

    def either(self, entity: str, conditions: Iterable[str], **query: str) -> Iterator[Body]:
        """The elements for which one of these conditions holds."""
        for some in _in_parts(conditions):
            yield from self.every(entity, where=" OR ".join(some), **query)

    def since(self, entity: str, id_: str, at: datetime) -> Iterator[Body]:
        """What changed since a moment, by seeking: always the first page after the last change that was told."""

        def ask(moment: str) -> list[Body]:
            asked = {"page": "1", "pageSize": str(PAGE), "unitdp": "4"} | (
                {"includeArchived": "true"} if entity == "Contacts" else {}
            )
            return _rows(self._http.get(entity, query=asked, headers={"If-Modified-Since": moment}), entity)

        def mark(row: Body) -> str:
            return _moment(time_of(row["UpdatedDateUTC"]) - timedelta(seconds=1))

        return sought(ask, mark, _moment(at - OVERLAP), lambda row: str(row[id_]))

    def report(self, name: str, **query: str) -> Body:
        """A report as the vendor lays it out."""
        reports = _rows(self._http.get(f"Reports/{name}", query=query), "Reports")
        return reports[0] if reports else {}

    def write(self, method: str, path: str, body: Body | None, keys: Sequence[str]) -> Body:
        """One request; ``keys`` are those of what it is about, and make its own.

        Raises ``MayHaveHappened`` where it may have been carried out, also where its key was used before with another
        request: what that one did has to be looked up.
        """
        told = {"query": {"summarizeErrors": "false", "unitdp": "4"}, "key": _key(method, path, keys)}
        try:
            if body is None:
                answer = self._http.request(method, path, query={})
            else:
                answer = self._http.request(method, path, json=body, **told)  # type: ignore[arg-type] # options of Http
        except Refused as refused:
            if ANOTHER_REQUEST in str(refused.answer.body):
                raise MayHaveHappened(
                    Problem(code="outcome_unknown", detail=refused.answer.detail), refused.answer
                ) from refused
            raise
        return answer.body if isinstance(answer.body, dict) else {}

    def now(self) -> datetime:
        """The time here (UTC)."""
        return datetime.now(UTC)


def conditions_of_days(first: date, last: date) -> str:
    """A condition for the days from one to another."""
    return f"Date>={_day(first)} AND Date<={_day(last)}"


def day_of(told: object) -> date:
    """A date as the vendor's JSON has it: a text, or milliseconds since 1970."""
    text = str(told)
    return time_of(text).date() if text.startswith("/Date(") else date.fromisoformat(text[:10])


def time_of(told: object) -> datetime:
    """A time as .NET writes it in JSON."""
    milliseconds = str(told).removeprefix("/Date(").partition(")")[0].partition("+")[0]
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)


def _rows(answer: Answer, entity: str) -> list[Body]:
    """The elements of an answer; of one that has none, nothing is proved by what is missing."""
    rows = answer.body.get(entity) if isinstance(answer.body, Mapping) else None
    if not isinstance(rows, list) and entity == "Organisation":
        rows = answer.body.get("Organisations") if isinstance(answer.body, Mapping) else None
    if not isinstance(rows, list):
        detail = f"{answer.detail} no {entity}"
        raise CannotRun(Problem(code="answer_unreadable", params={"ledger": LABEL}, detail=detail))
    return rows


def _key(method: str, path: str, keys: Sequence[str]) -> str:
    """One key for the same documents at the same step, however their bodies may have changed meanwhile."""
    return hashlib.sha256(" ".join((method, path, *keys)).encode()).hexdigest()[:40]


def _in_parts(values: Iterable[str]) -> Iterator[list[str]]:
    wanted = sorted(set(values))
    return (wanted[start : start + AT_ONCE] for start in range(0, len(wanted), AT_ONCE))


def _day(day: date) -> str:
    return f"DateTime({day.year},{day.month:02d},{day.day:02d})"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"
