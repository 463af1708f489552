"""What happened in a company: its change data capture, and queries where that does not reach.

The vendor's capture goes at most 30 days back and tells at most 1,000 objects in an answer, without pages. A full
answer is asked again entity by entity; what is still full, or older, is queried by ``LastUpdatedTime`` in pages, which
does not tell of deletions: that is said as a problem. What it calls deleted is read by its id before it is believed.

Assumptions: a customer that was merged into another is made inactive, as the webhooks' ``deletedid`` says, and the
vendor does not tell here into which; what is void has nothing but zeros and a note with the word Voided.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from connectors.booking import telling
from connectors.booking.bookkeeping import Bookkeeping
from connectors.booking.telling import Happening
from connectors.ledger import Changes
from connectors.ledgers.quickbooks_online.books import EVERYONE
from connectors.ledgers.quickbooks_online.notes import APPLIED, key_in
from connectors.ledgers.quickbooks_online.queries import Api, Body, quoted
from connectors.ledgers.quickbooks_online.reading import CHECK, KINDS
from connectors.ledgers.quickbooks_online.standings import GONE
from connectors.problems import Problem
from connectors.records import Kind
from connectors.wire.paths import at

LOOK_BACK = timedelta(days=30)
MARGIN = timedelta(minutes=10)
"""Our clock and the vendor's may differ by so much."""
MOST = 1000
"""Objects in one answer, of all entities together."""
NAMES = ("Customer", "Vendor")
ENTITIES = (*NAMES, *KINDS, CHECK)

Told = dict[str, list[Body]]


def changes(api: Api, books: Bookkeeping, read: telling.Read, since: datetime) -> Changes:
    """What happened since a moment; ``read`` makes records of ours of it. Raises ``CannotRun``."""
    now = api.now()
    reach = max(since, now - LOOK_BACK + MARGIN)
    told, until, cut = _captured(api, reach)
    late = reach > since
    if late or cut:
        for entity in ENTITIES if late else cut:
            gone = [body for body in told[entity] if body.get("status") == GONE]
            told[entity] = [*gone, *_queried(api, entity, since)]
    told = {entity: _without_false_deletions(api, entity, bodies) for entity, bodies in told.items()}
    happened = (
        _happening(entity, body, since) for entity, bodies in told.items() for body in bodies if _counts(entity, body)
    )
    found = telling.told(books, happened, read, until)
    return replace(found, problems=tuple(_untold(since, reach, cut)))


def _without_false_deletions(api: Api, entity: str, bodies: Sequence[Body]) -> list[Body]:
    """What happened, without deletions of what is there when it is read by its id: then it is told as it stands.

    The capture was reported to call deleted what was not.
    """
    gone = {str(body["Id"]) for body in bodies if body.get("status") == GONE}
    there = {str(body["Id"]): body for body in api.among(entity, "Id", gone, _everyone(entity))}
    kept = [body for body in bodies if not (body.get("status") == GONE and str(body["Id"]) in there)]
    known = {str(body["Id"]) for body in kept}
    return [*kept, *(body for bare, body in there.items() if bare not in known)]


def _everyone(entity: str) -> str:
    return EVERYONE if entity in NAMES else ""


def _untold(since: datetime, reach: datetime, cut: Sequence[str]) -> Iterator[Problem]:
    """What of the time asked for the vendor does not tell any more: what was deleted in it."""
    if reach > since:
        yield Problem(code="changes_too_old", params={"since": f"{since:%Y-%m-%d}", "reach": f"{reach:%Y-%m-%d}"})
    if cut:
        yield Problem(code="changes_too_many", params={"most": str(MOST), "entities": ", ".join(cut)})


def _captured(api: Api, since: datetime) -> tuple[Told, datetime, tuple[str, ...]]:
    """What the capture tells, the vendor's time of it, and the entities of which it told only a part."""
    told, until = api.captured(ENTITIES, since)
    if sum(map(len, told.values())) < MOST:
        return told, until, ()
    cut = []
    for entity in ENTITIES:
        alone, _ = api.captured([entity], since)
        told |= alone
        if len(alone[entity]) >= MOST:
            cut.append(entity)
    return told, until, tuple(cut)


def _queried(api: Api, entity: str, since: datetime) -> Iterator[Body]:
    everyone = _everyone(entity)
    further = f" and {everyone}" if everyone else ""
    return api.query(entity, f"MetaData.LastUpdatedTime >= {quoted(moment(since))}{further}")


def _counts(entity: str, body: Body) -> bool:
    """Whether a change is one of a record: not what applies our own credit notes, nor a purchase that is no check."""
    if body.get("status") == GONE:
        return True
    return not key_in(body).endswith(APPLIED) and (entity != CHECK or body.get("PaymentType") == "Check")


def _happening(entity: str, body: Body, since: datetime) -> Happening:
    times = body.get("MetaData") or {}
    named = (at(body, f"{party}.name") for party in ("CustomerRef", "VendorRef", "EntityRef"))
    return Happening(
        kind=_kind(entity),
        body={entity: body},
        when=_time(times.get("LastUpdatedTime")),
        new=_time(times.get("CreateTime")) >= since,
        deleted=body.get("status") == GONE or body.get("Active") is False,
        name=str(body.get("DisplayName") or next(filter(None, named), "")),
        word="Check" if entity == CHECK else "",
    )


def _kind(entity: str) -> Kind:
    if entity in NAMES:
        return Kind.CUSTOMER
    return Kind.JOURNAL_ENTRY if entity == CHECK else KINDS[entity]


def moment(at: datetime) -> str:
    """A time as the vendor's queries have it, to the second."""
    return at.astimezone(UTC).isoformat(timespec="seconds")


def _time(text: object) -> datetime:
    return datetime.fromisoformat(str(text)).astimezone(UTC) if text else datetime.fromtimestamp(0, UTC)
