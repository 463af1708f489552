"""``/cdc``: what changed since a moment, at most 30 days back and 1000 objects in all.

Assumption: a moment too far back is refused as an invalid date range (2190).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from connectors.ledgers.quickbooks_online.sandbox.bodies import Body
from connectors.ledgers.quickbooks_online.sandbox.company import ENTITIES, PACIFIC, Company
from connectors.ledgers.quickbooks_online.sandbox.refusals import Unreadable, missing, refuse

LOOK_BACK = timedelta(days=30)
MOST_OBJECTS = 1000


def since(company: Company, entities: str, changed_since: str) -> Body:
    """The ``CDCResponse``; what was deleted stands with ``status``. Raises 2000, 2020, 2060 and 2190."""
    if not entities:
        raise missing("entities")
    if not changed_since:
        raise missing("changedSince")
    moment = _moment(changed_since)
    if moment < company.clock.now() - LOOK_BACK:
        raise refuse("2190", f"changedSince can be at most {LOOK_BACK.days} days back", "changedSince")
    left = MOST_OBJECTS
    answers: list[Body] = []
    for word in entities.split(","):
        if _entity(word) in company.switches.unreadable:
            answers.append({"Fault": company.fault(Unreadable())})
            continue
        found = list(_changed(company, _entity(word), moment))[:left]
        left -= len(found)
        counts = {"startPosition": 1, "maxResults": len(found), "totalCount": len(found)}
        answers.append({_entity(word): found, **counts} if found else {})
    return {"CDCResponse": [{"QueryResponse": answers}]}


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError as wrong:
        raise refuse("2060", f"Invalid Date Format. Supplied value:{text}", "changedSince") from wrong
    return moment if moment.tzinfo else moment.replace(tzinfo=PACIFIC)


def _entity(word: str) -> str:
    if word.strip().lower() not in ENTITIES:
        raise refuse("2000", f"Object Name: {word} is unsupported or invalid", "entities")
    return ENTITIES[word.strip().lower()]


def _changed(company: Company, entity: str, moment: datetime) -> Iterator[Body]:
    for body in company.every(entity):
        if datetime.fromisoformat(body["MetaData"]["LastUpdatedTime"]) >= moment.replace(microsecond=0):
            yield body
    for gone, id_, at in company.gone:
        if gone == entity and at >= moment:
            when = at.astimezone(PACIFIC).isoformat(timespec="seconds")
            yield {"status": "Deleted", "domain": "QBO", "Id": id_, "MetaData": {"LastUpdatedTime": when}}
