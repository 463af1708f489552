"""A chapter of Membri 365 as a source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from urllib.parse import urlsplit

from pydantic import BaseModel
from rapidfuzz import process

from connectors.http import Http
from connectors.ledger import Connected, SecretAsked
from connectors.pace import Pacer
from connectors.problems import CannotRun, Problem
from connectors.records import Kind, SyncStatus
from connectors.rest import session
from connectors.rest.pages import Body
from connectors.secrets.secret import Secret
from connectors.source import Decided, Pulled, Result, Source, SourceCapabilities
from connectors.sources.membri.environment import Environment
from connectors.sources.membri.fitting import Fitted, Section, fitted
from connectors.sources.membri.mapping import Names, load, offer
from connectors.sources.membri.service import CONCURRENT, LABEL, LIMITS, ROOT, VENDOR, Api, provider
from connectors.sources.membri.settings import MembriSettings
from connectors.sources.membri.telling import Telling
from connectors.sources.tables import pulling
from connectors.sources.web.reading import contents, text_of

SHOWN = 12
"""Names of chapters that a problem lists."""
KINDS = frozenset({Kind.CUSTOMER, Kind.INVOICE, Kind.CREDIT_NOTE, Kind.REFUND, Kind.PAYMENT})
WAITING = {
    SyncStatus.TO_TRANSFER: None,
    SyncStatus.COMPLETED: None,
    SyncStatus.ERROR: SyncStatus.STAND_BY,
}
"""What their statuses begin as here, where not as themselves: what is transferred has its reference, and is looked up
by that; what failed with another program waits for somebody who knows why."""


class MembriSource(Source):
    """The accounts, invoices, payments and contributions of one chapter."""

    name = "membri"
    label = LABEL
    Settings = MembriSettings
    capabilities = SourceCapabilities(kinds=KINDS)
    limits = LIMITS
    secret_asked = SecretAsked(
        label="Client secret",
        meaning="What belongs to the application's registration; who has both can ask for what its role allows.",
    )

    def __init__(self, settings: BaseModel) -> None:
        self._settings = MembriSettings.model_validate(settings, from_attributes=True)

    def connect(self) -> Connected:
        """Hold the mapping against the environment, and find the chapter. Raises ``CannotRun``."""
        for known in ("_names", "_fitted", "_chapter"):
            self.__dict__.pop(known, None)
        offer(self._settings.mapping_file)
        _ = self._chapter
        return Connected(company=f"{self._settings.chapter} ({urlsplit(self._settings.url).hostname})")

    def pull(self) -> Pulled:
        """Every record of the chapter, whatever its status: one that is not there was deleted. Raises ``CannotRun``."""
        rules = self._rules()
        if not rules.pop("synchronize", True):
            raise CannotRun(Problem(code="membri_switched_off", params={"chapter": self._settings.chapter}))
        bodies = [(section, list(self._rows(section))) for section in self._fitted.sections.values()]
        read = contents((section.reading, rows) for section, rows in bodies)
        decided = {key: each for section, rows in bodies for key, each in self._decided(section, rows)}
        pulled = pulling.pulled(read, self._settings.writing)
        return Pulled(
            records=pulled.records,
            schedules=pulled.schedules,
            lists=pulled.lists,
            problems=pulled.problems,
            unread=pulled.unread,
            controls=pulled.controls,
            decided={(each.kind, each.key): decided[each.key] for each in pulled.records if each.key in decided},
            rules=rules,
        )

    def acknowledge(self, results: Sequence[Result]) -> Sequence[Problem]:
        """Tell Membri of each, under the version of its row; what it did not take, with why."""
        return tuple(Telling(self._api, self._fitted, self._names).tell(results))

    def keep_secret(self, secret: Secret) -> str:
        """Keep the application's secret for the address of its sign-in. Raises ``CannotRun``."""
        return session.keep_client_secret(self._settings, secret)

    def has_secret(self) -> bool:
        """Whether it is there. Raises ``CannotRun``."""
        return session.client_secret(self._settings) is not None

    def close(self) -> None:
        """Let go of the connections."""
        self.__dict__.pop("_api", None)
        for opened in ("_http", "_pacer"):
            if opened in self.__dict__:
                self.__dict__.pop(opened).close()

    def _rows(self, section: Section) -> Iterator[Body]:
        return self._api.rows(section.entity.entity_set, section.of_chapter(self._chapter))

    def _decided(self, section: Section, rows: Sequence[Body]) -> Iterator[tuple[str, Decided]]:
        """What people decided in Membri, by the row's identifier; a status that the mapping does not list waits."""
        if (told := section.told) is None:
            return
        of_value = {value: status for status, value in self._names.statuses.items()}
        for row in rows:
            value = text_of(row.get(told.status))
            status = of_value.get(value, SyncStatus.STAND_BY) if value else None
            if status is SyncStatus.COMPLETED and not row.get(told.reference):
                status = SyncStatus.STAND_BY
            starts = WAITING.get(status, status) if status else None
            new = row.get(told.new_account) if told.new_account else None
            yield text_of(row[section.entity.identifier]), Decided(status=starts, new_account=new)

    def _rules(self) -> dict[str, bool]:
        """What the chapter sets; nothing where it set nothing."""
        told, entity = self._names.settings, self._fitted.settings
        if told is None or entity is None:
            return {}
        query = {"$select": ",".join(told.columns.values()), "$orderby": entity.identifier,
                 "$filter": f"_{told.chapter}_value eq {self._chapter}"}  # fmt: skip
        row = next(self._api.rows(entity.entity_set, query), {})
        return {name: value for name, column in told.columns.items() if isinstance(value := row.get(column), bool)}

    @cached_property
    def _names(self) -> Names:
        return load(self._settings.mapping_file)

    @cached_property
    def _fitted(self) -> Fitted:
        """The mapping in the environment's own words. Raises ``CannotRun`` (membri_mapping_unreadable, …)."""
        settings = self._settings
        return fitted(self._names, Environment(self._api), settings.url, settings.mapping_file)

    @cached_property
    def _chapter(self) -> str:
        """The identifier of the chapter. Raises ``CannotRun`` (membri_chapter_unknown), with those that there are."""
        entity, column, wanted = self._fitted.chapters, self._names.chapter.name, self._settings.chapter
        query = {"$select": f"{entity.identifier},{column}", "$orderby": entity.identifier}
        rows = list(self._api.rows(entity.entity_set, query))
        found = [row for row in rows if row.get(column) == wanted]
        if len(found) != 1:
            near = process.extract(wanted, [text_of(row.get(column)) for row in rows], limit=SHOWN)
            params = {"chapter": wanted, "count": str(len(found)), "known": ", ".join(name for name, *_ in near) or "—"}
            raise CannotRun(Problem(code="membri_chapter_unknown", params=params))
        return text_of(found[0][entity.identifier])

    @cached_property
    def _api(self) -> Api:
        return Api(self._http, self._settings.page_size)

    @cached_property
    def _pacer(self) -> Pacer:
        return session.pacer(self._settings, self.label, self.limits, CONCURRENT)

    @cached_property
    def _http(self) -> Http:
        signed = session.sign_in(self._settings, provider(self._settings))
        return session.reach(self._settings, ROOT, VENDOR, signed, self._pacer)
