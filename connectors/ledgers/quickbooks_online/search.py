"""What a company has that may be a record of ours, whoever booked it, in few questions.

What the query language filters by, of what could tell (api-reference, "Filterable"): the id, the number of a document
or a payment, the day, and the customer or vendor. So numbers and ids are asked in lists, days in spans, and the rest is
compared here.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from connectors.ledger import Sought, Standing
from connectors.ledgers.quickbooks_online.forms import ENTITIES
from connectors.ledgers.quickbooks_online.mapping import PAGES
from connectors.ledgers.quickbooks_online.notes import APPLIED
from connectors.ledgers.quickbooks_online.parties import bare_id
from connectors.ledgers.quickbooks_online.queries import AT_ONCE, Api, Body, quoted, telling
from connectors.ledgers.quickbooks_online.reading import CHECK
from connectors.likeness import Likeness, spans
from connectors.records import PURCHASES, Kind
from connectors.wire.texts import LINE_ENDS, unsendable

EVERY = (*dict.fromkeys(ENTITIES.values()), CHECK)
OF_PAGES = {page.partition("?")[0]: entity for entity, page in PAGES.items() if entity in EVERY} | {"expense": CHECK}
PAGE = re.compile(r"(?:^|/)app/(\w+)\?(?:.*&)?txnId=(\d{1,18})(?:&.*)?$", re.ASCII)
NAMED = re.compile(r"(?:(\w+):)?(\d{1,18})", re.ASCII)
NUMBER_FIELDS = dict.fromkeys(EVERY, "DocNumber") | {ENTITIES[Kind.PAYMENT]: "PaymentRefNum"}
PARTY_FIELDS = {
    **dict.fromkeys((ENTITIES[Kind.INVOICE], ENTITIES[Kind.CREDIT_NOTE], ENTITIES[Kind.PAYMENT]), "Customer"),
    **{ENTITIES[kind]: "Vendor" for kind in PURCHASES},
}
"""Whose transactions they are: the entities that cannot be without a customer or a vendor."""
UNFILTERED = frozenset({ENTITIES[Kind.VENDOR_CREDIT]})
"""Of those, what no query filters by them (vendor credit, attributes)."""
LONGEST = 100
"""Characters of the longest number there is (``PaymentRefNum``); what is longer is no number."""

Row: TypeAlias = tuple[str, Body]
AsStanding: TypeAlias = Callable[[str, Body], Standing]


@dataclass(frozen=True, slots=True)
class Typed:
    """What a person typed, as what it may be: an id, of one entity where it names one, and a number."""

    sought: Sought
    entity: str
    bare: str
    number: str

    def is_of(self, entity: str, body: Body, one: Standing) -> bool:
        """Whether a transaction bears it."""
        by_id = bool(self.bare) and str(body["Id"]) == self.bare and self.entity in ("", entity)
        return by_id or (bool(self.number) and one.number.casefold() == self.number.casefold())


def search(api: Api, sought: Sequence[Sought], as_standing: AsStanding) -> dict[str, list[Standing]]:
    """What may be each of these, by its name. Raises ``CannotRun``."""
    found: dict[str, dict[str, Standing]] = {each.name: {} for each in sought}
    typed = [_typed(each) for each in sought if each.reference]
    alike = [each for each in sought if not each.reference]
    for first in (True, False):
        open_ = [each for each in typed if not found[each.sought.name]]
        for entity, body in _referred(api, open_, first):
            one = as_standing(entity, body)
            for each in open_:
                if _counts(entity, body, one) and each.is_of(entity, body, one):
                    found[each.sought.name][one.ledger_id] = one
    likeness = Likeness(alike)
    for entity, body in _like(api, alike):
        one = as_standing(entity, body)
        for like in likeness.of(one) if _counts(entity, body, one) else ():
            found[like.name][one.ledger_id] = one
    return {name: list(standings.values()) for name, standings in found.items()}


def _typed(sought: Sought) -> Typed:
    text = sought.reference.strip()
    number = text if _is_number(text) else ""
    if page := PAGE.search(text):
        return Typed(sought, OF_PAGES.get(page[1].lower(), "none"), page[2], "")
    if named := NAMED.fullmatch(text):
        entities = {entity.lower(): entity for entity in EVERY}
        return Typed(sought, entities.get(named[1].lower(), "none") if named[1] else "", named[2], number)
    return Typed(sought, "", "", number)


def _is_number(text: str) -> bool:
    """Whether a text can be a number of something, and can be asked for."""
    return len(text) <= LONGEST and not unsendable(text) and not set(text) & set(LINE_ENDS) and telling(text)


def _referred(api: Api, typed: Sequence[Typed], first: bool) -> Iterator[Row]:
    """What bears an id or a number: first of its own kind, where it mostly is, then of every other."""
    for entity in EVERY:
        asked = [each for each in typed if (ENTITIES.get(each.sought.kind) == entity) is first or each.entity == entity]
        ids = (each.bare for each in asked if each.bare and each.entity in ("", entity))
        numbers = (each.number for each in asked if each.number)
        for field, values in (("Id", ids), (NUMBER_FIELDS[entity], numbers)):
            yield from ((entity, body) for body in api.among(entity, field, values))


def _like(api: Api, sought: Iterable[Sought]) -> Iterator[Row]:
    by_entity: dict[str, list[Sought]] = defaultdict(list)
    for each in sought:
        if each.kind in ENTITIES:
            by_entity[ENTITIES[each.kind]].append(each)
    for entity, alike in by_entity.items():
        numbers = (each.number for each in alike if _is_number(each.number))
        yield from ((entity, body) for body in api.among(entity, NUMBER_FIELDS[entity], numbers))
        for where in _days(entity, [each for each in alike if _can_be(entity, each)]):
            yield from ((entity, body) for body in api.query(entity, where))


def _can_be(entity: str, sought: Sought) -> bool:
    """Whether it can be asked for by day: more than the number is known, and a customer can be one of the vendor's."""
    party = PARTY_FIELDS.get(entity, "")
    known = bool(sought.customer) or sought.total is not None
    theirs = bare_id(sought.customer, party or "Customer") or not sought.customer
    return known and bool(theirs) and bool(sought.first or sought.last or (party and sought.customer))


def _days(entity: str, sought: Sequence[Sought]) -> Iterator[str]:
    """The conditions that together hold for every day that is asked for: spans that overlap are one."""
    party = PARTY_FIELDS.get(entity, "")
    filtered = party and entity not in UNFILTERED
    parties = {bare_id(each.customer, party) for each in sought} if filtered else {""}
    few = f" and {party}Ref in ({', '.join(map(quoted, sorted(parties)))})" if _are_few(parties) else ""
    for first, last in spans((each.first or date.min, each.last or date.max) for each in sought):
        yield f"TxnDate >= {quoted(first.isoformat())} and TxnDate <= {quoted(last.isoformat())}{few}"


def _are_few(parties: set[str]) -> bool:
    return "" not in parties and len(parties) <= AT_ONCE


def _counts(entity: str, body: Body, one: Standing) -> bool:
    """Whether it is a record to a person: not what applies our own credit notes, nor a purchase that is no check."""
    return not one.key.endswith(APPLIED) and (entity != CHECK or body.get("PaymentType") == "Check")
