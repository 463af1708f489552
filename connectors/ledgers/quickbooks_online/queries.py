"""Questions to QuickBooks Online: its query language, page by page, batches and reports."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias

from connectors import exact_json
from connectors.http import Answer, Http, Refused
from connectors.ledgers.quickbooks_online.problems import QueryRefused, faults, faults_within, stopped
from connectors.ledgers.quickbooks_online.service import BATCH, LABEL
from connectors.pace import Clock
from connectors.problems import CannotRun, Problem
from connectors.wire.words import UNMAPPED

Body: TypeAlias = dict[str, Any]

PAGE = 1000
"""The most rows of an answer (data queries)."""
AT_ONCE = 30
"""Values of one ``IN``; the vendor states no limit."""
LATIN = 256
PLAIN = re.compile(r"[A-Za-z0-9]")
NOT_PLAIN = re.compile(r"[^\x20-\x7e]+|\\+")
"""What a pattern leaves out: letters that not every company reads, and backslashes, of which only those before an
apostrophe are documented (data queries)."""
SAME = 600
"""Seconds for which the same batch carries the same ``requestid``; the vendor ends a request after 120."""


class Api:
    """One company's records; raises ``CannotRun`` with our code for an answer that is an error as a whole."""

    def __init__(self, http: Http, clock: Clock) -> None:
        self._http, self._clock = http, clock

    def query(self, entity: str, where: str = "") -> Iterator[Body]:
        """Every record of an entity that a condition holds for, all pages."""
        condition, start = f" where {where}" if where else "", 1
        while True:
            statement = f"select * from {entity}{condition} startposition {start} maxresults {PAGE}"  # noqa: S608
            rows = self._rows(statement, entity)
            yield from rows
            if len(rows) < PAGE:
                return
            start += PAGE

    def among(self, entity: str, field: str, values: Iterable[str], also: str = "") -> Iterator[Body]:
        """The records whose field is one of these values; ``also`` is a further condition.

        A value that not every company lets ask for is asked for alone and by its pattern: more may answer. So is every
        value with an accent of a company that refuses the list for it.
        """
        further, wanted = f" and {also}" if also else "", sorted(set(values))
        odd = [value for value in wanted if not askable(value)]
        listed = [value for value in wanted if askable(value)]
        for start in range(0, len(listed), AT_ONCE):
            some = listed[start : start + AT_ONCE]
            try:
                yield from self._listed(entity, field, some, further)
            except QueryRefused:
                odd += [value for value in some if not certain(value)]
                yield from self._listed(entity, field, [value for value in some if certain(value)], further)
        for value in odd:
            yield from self.query(entity, f"{field} like {quoted(patterned(value))}{further}")

    def _listed(self, entity: str, field: str, values: Sequence[str], further: str) -> list[Body]:
        """Whole, so that a refusal of its second page is not taken for the end."""
        return list(self.query(entity, f"{field} in ({', '.join(map(quoted, values))}){further}")) if values else []

    def batch(self, items: Sequence[Body]) -> tuple[dict[str, Body], str]:
        """Up to 30 independent writes; the answer of each by its ``bId``, and the request's id.

        Raises ``MayHaveHappened`` where some may have been carried out.
        """
        body = exact_json.dumps({"BatchItemRequest": list(items)}).encode()
        key, headers = self._key(body), {"Content-Type": "application/json"}
        answer = self._told(
            lambda: self._http.post("batch", content=body, headers=headers, key=key, lane=BATCH), writes=True
        )
        responses = _dict(answer.body).get("BatchItemResponse") or []
        return {str(item.get("bId", "")): item for item in responses}, answer.request_id

    def act(self, entity: str, parameters: Mapping[str, str], sent: Body) -> tuple[Body, str]:
        """One write about one object, and the request's id; what the vendor refuses of it comes back as its answer.

        Raises ``MayHaveHappened`` where it may have been carried out.
        """
        try:
            answer = self._http.post(entity.lower(), json=sent, query=parameters)
        except Refused as refused:
            if refused.answer.status in (401, 403) or not faults(refused.answer.body):
                raise _ended(refused) from refused
            answer = refused.answer
        return _dict(answer.body), answer.request_id

    def captured(self, entities: Sequence[str], since: datetime) -> tuple[dict[str, list[Body]], datetime]:
        """What changed since a moment, by entity, at most 1,000 objects in all; and the vendor's time of the answer."""
        query = {"entities": ",".join(entities), "changedSince": since.astimezone(UTC).isoformat(timespec="seconds")}
        body = self._holding("CDCResponse", lambda: self._http.get("cdc", query=query))
        told: dict[str, list[Body]] = {entity: [] for entity in entities}
        for response in body["CDCResponse"] or []:
            for answer in response.get("QueryResponse") or []:
                for entity in told.keys() & answer.keys():
                    told[entity] += answer[entity]
        at = body.get("time")
        return told, datetime.fromisoformat(at).astimezone(UTC) if isinstance(at, str) else self.now()

    def now(self) -> datetime:
        """The time here (UTC)."""
        return datetime.fromtimestamp(self._clock.now(), UTC)

    def report(self, name: str, parameters: Mapping[str, str]) -> Body:
        """A report as the vendor lays it out."""
        return _dict(self._told(lambda: self._http.get(f"reports/{name}", query=parameters)).body)

    def _rows(self, statement: str, entity: str) -> list[Body]:
        headers = {"Content-Type": "application/text"}
        content = statement.encode()
        body = self._holding(
            "QueryResponse", lambda: self._http.post("query", content=content, headers=headers, reads=True)
        )
        rows = _dict(body["QueryResponse"]).get(entity, [])
        return rows if isinstance(rows, list) else []

    def _holding(self, name: str, ask: Callable[[], Answer]) -> Body:
        """An answer that holds what every answer of its kind holds: of another, nothing is proved by what is missing.

        Raises ``CannotRun`` (answer_unreadable).
        """
        answer = self._told(ask)
        body = _dict(answer.body)
        if name not in body:
            detail = f"{answer.detail} no {name}"
            raise CannotRun(Problem(code="answer_unreadable", params={"ledger": LABEL}, detail=detail))
        return body

    def _told(self, ask: Callable[[], Answer], *, writes: bool = False) -> Answer:
        try:
            answer = ask()
        except Refused as refused:
            raise _ended(refused, writes=writes) from refused
        if found := faults(answer.body) or faults_within(answer.body):
            raise stopped(found, answer.detail, writes=writes)
        return answer

    def _key(self, body: bytes) -> str:
        """One request id for one batch within ten minutes, however often it is sent and from wherever.

        A repeated id may be answered with its first answer, refusals included: later, when the cause of a refusal has
        been dealt with, the id is another. Twice booked is prevented by looking up first, not by this.
        """
        window = int(self._clock.now() // SAME)
        return hashlib.sha256(b"%d %s" % (window, body)).hexdigest()[:32]


def _ended(refused: Refused, *, writes: bool = True) -> CannotRun:
    """A refusal of a whole request by the vendor's code; as the status says it where no row knows that."""
    told = stopped(faults(refused.answer.body), refused.answer.detail, writes=writes)
    return refused if told.problems[0].code == UNMAPPED and not isinstance(told, QueryRefused) else told


def askable(text: str) -> bool:
    """Whether every known company's query language reads a text: some know ISO-8859-1 alone (4000 "Lexical error")."""
    return text.isprintable() and "\\" not in text and all(ord(character) < LATIN for character in text)


def certain(text: str) -> bool:
    """Whether any company whatever reads a text."""
    return askable(text) and text.isascii()


def telling(text: str) -> bool:
    """Whether something of a text can be asked for in every company; else its pattern is anything."""
    return bool(text) and (askable(text) or bool(PLAIN.search(text)))


def patterned(text: str) -> str:
    """A text as a pattern of plain characters, for ``like``; the percent sign is any characters, as it may be of one
    that the text has itself."""
    return NOT_PLAIN.sub("%", text)


def quoted(text: str) -> str:
    """A value in a query, without backslashes of its own (data queries: a backslash before an apostrophe)."""
    return "'" + text.replace("'", "\\'") + "'"


def _dict(value: object) -> Body:
    return value if isinstance(value, dict) else {}
