"""``/batch``: up to 30 independent items, done and answered in no promised order.

Assumptions: items are done one after the other in a shuffled order, queries before writes, so that no item sees what
another wrote; ``optionsData`` holds what ``include`` holds outside a batch.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

from connectors.ledgers.quickbooks_online.sandbox import operations
from connectors.ledgers.quickbooks_online.sandbox.bodies import Body
from connectors.ledgers.quickbooks_online.sandbox.company import ENTITIES, Company
from connectors.ledgers.quickbooks_online.sandbox.operations import Options
from connectors.ledgers.quickbooks_online.sandbox.query import run
from connectors.ledgers.quickbooks_online.sandbox.refusals import Refusal, missing, refuse, unsupported

MOST_ITEMS = 30

_ENTITY_NAMES = frozenset(ENTITIES.values())
_ENVELOPE = {"bId", "operation", "optionsData", "Query"}


def answer(company: Company, sent: object, random: Random, failing: Mapping[int, Body]) -> Body:
    """The ``BatchItemResponse`` list. Raises 1040, 2010 and 2020 for the batch as a whole.

    The items at the positions of ``failing`` are refused in its words, and do nothing.
    """
    items = _items(sent)
    order = list(enumerate(items))
    random.shuffle(order)
    order.sort(key=lambda numbered: "Query" not in numbered[1])
    answers = [_answer(company, item, failing.get(position)) for position, item in order]
    return {"BatchItemResponse": answers}


def _items(sent: object) -> list[Body]:
    items = sent.get("BatchItemRequest") if isinstance(sent, dict) else None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise missing("BatchItemRequest")
    if len(items) > MOST_ITEMS:
        raise refuse("1040", f"The batch size exceeds the limit of {MOST_ITEMS}. Supplied size:{len(items)}")
    if any(not item.get("bId") for item in items):
        raise missing("bId")
    return items


def _answer(company: Company, item: Body, fault: Body | None) -> Body:
    bid = item["bId"]
    if fault:
        return {**fault, "bId": bid}
    try:
        return {**_done(company, item), "bId": bid}
    except Refusal as refusal:
        return {"Fault": company.fault(refusal), "bId": bid}


def _done(company: Company, item: Body) -> Body:
    if "Query" in item:
        return {"QueryResponse": run(company, str(item["Query"]))}
    entity = _entity(item)
    match item.get("operation"):
        case "create":
            return {entity: operations.create(company, entity, item[entity], _options(item))}
        case "update":
            return {entity: operations.update(company, entity, item[entity], _options(item))}
        case "delete":
            return {entity: operations.delete(company, entity, item[entity])}
        case None:
            raise missing("operation")
        case other:
            raise unsupported(str(other))


def _entity(item: dict[str, Any]) -> str:
    names = [name for name in item if name not in _ENVELOPE]
    if len(names) != 1 or names[0] not in _ENTITY_NAMES:
        raise refuse("2000", f"Object Name: {', '.join(names)} is unsupported or invalid")
    return names[0]


def _options(item: Body) -> Options:
    given = item.get("optionsData", "")
    words = given.split(",") if isinstance(given, str) else [str(word) for word in given]
    return Options(duplicates="allowduplicatedocnum" in words, void="void" in words)
