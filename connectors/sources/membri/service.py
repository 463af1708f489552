"""The Dataverse Web API as it is spoken to: sign-in, limits, pages, one row, one change under its version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from connectors.http import Http, Refused, Vendor
from connectors.pace import Limit
from connectors.problems import CannotRun, Problem
from connectors.rest.pages import MOST, Body
from connectors.signin import Provider
from connectors.sources.membri.settings import MembriSettings

LABEL = "Membri 365"
ROOT = "/api/data/v9.2"
LIMITS = (Limit(calls=6000, seconds=300),)
"""Microsoft, "Service protection API limits": requests of a user within five minutes."""
CONCURRENT = 8
SHOWN = "OData.Community.Display.V1.FormattedValue"
"""The annotation that holds what a choice is called."""
VERSION = "@odata.etag"
NEXT = "@odata.nextLink"

VENDOR = Vendor(
    label=LABEL,
    request_id="x-ms-service-request-id",
    headers={"OData-Version": "4.0", "OData-MaxVersion": "4.0", "If-None-Match": "null"},
    untouched=frozenset({503}),
    unreachable="source_unreachable",
)


def provider(settings: MembriSettings) -> Provider:
    """Entra's, for the application itself: no person consents (OAuth 2.0, client credentials)."""
    return Provider(
        label=LABEL,
        token_url=settings.token_url,
        grant="client_credentials",
        scopes=(f"{settings.url.rstrip('/')}/.default",),
        client_auth="body",
    )


class Api:
    """What is asked of one environment."""

    def __init__(self, http: Http, page_size: int) -> None:
        self._http = http
        self._prefer = {"Prefer": f'odata.maxpagesize={page_size},odata.include-annotations="{SHOWN}"'}

    def rows(self, entity_set: str, query: Mapping[str, str]) -> Iterator[Body]:
        """Every row, page by page; the address of the next page is followed as it was given. Raises ``CannotRun``."""
        body = self._read(entity_set, query)
        seen: set[str] = set()
        for _ in range(MOST):
            yield from self._listed(body)
            link = body.get(NEXT)
            if not link:
                return
            if not isinstance(link, str) or link in seen:
                raise self._strange("a next page that was given before")
            seen.add(link)
            body = self._read(link, {})
        raise self._strange(f"more than {MOST} pages")

    def row(self, entity_set: str, id_: str, select: Sequence[str]) -> Body | None:
        """One row as it is now, with its version; nothing where there is none. Raises ``CannotRun``."""
        try:
            return self._read(f"{entity_set}({id_})", {"$select": ",".join(select)})
        except Refused as refused:
            if refused.answer.status == 404:
                return None
            raise

    def change(self, entity_set: str, id_: str, version: str, values: Body) -> None:
        """Change columns of a row that still has this version: it is never made anew. Raises ``CannotRun``."""
        self._http.request("PATCH", f"{entity_set}({id_})", json=values, headers={"If-Match": version})

    def definitions(self, path: str, query: Mapping[str, str]) -> Body | None:
        """What the environment says of its own tables; nothing where it has not got what was asked for."""
        try:
            return self._read(f"EntityDefinitions{path}", query)
        except Refused as refused:
            if refused.answer.status == 404:
                return None
            raise

    def _read(self, path: str, query: Mapping[str, str]) -> Body:
        try:
            body = self._http.get(path, query=query, headers=self._prefer).body
        except ValueError as elsewhere:
            raise self._strange(f"a next page at {urlsplit(path).hostname}") from elsewhere
        if not isinstance(body, dict):
            raise self._strange("no object")
        return body

    def _listed(self, body: Body) -> list[Body]:
        rows = body.get("value")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise self._strange("no list of rows")
        return rows

    def _strange(self, detail: str) -> CannotRun:
        return CannotRun(Problem(code="answer_unreadable", params={"ledger": LABEL}, detail=detail))
