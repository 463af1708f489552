"""What the journal asks and writes again and again, as statements made once.

To make a statement and to find what it was compiled to takes longer than SQLite takes to answer it; a statement that is
kept is found at once.
"""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from importlib import import_module
from typing import Any

from sqlalchemy import Select, Table, and_, bindparam, func, or_, select

from addin.journal import chain, schema
from addin.journal.inbound import Decision
from addin.journal.protocol import OPEN, OUTCOMES, SETTLED
from addin.journal.rows import CANCELLED, UNFINISHED, Seen, Transfer
from connectors.records import Kind, What

AT_A_TIME = 5_000
"""Rows read at a time: all of a large company's at once would be in memory twice."""

DONE = "done"
"""The result of what was done, and not refused."""

SEEN_FIELDS = tuple(field.name for field in fields(Seen))
TRANSFER_FIELDS = tuple(field.name for field in fields(Transfer))

_seen, _sent, _event, _proposal = schema.seen.c, schema.transfer.c, schema.event.c, schema.proposal.c


def _some(every: Select[Any], table: Table, key: str) -> Select[Any]:
    """Of all that a statement finds the records of one kind (``of``) with these keys (``keys``)."""
    return every.where(table.c.kind == bindparam("of"), table.c[key].in_(bindparam("keys", expanding=True)))


MEMO = select(schema.memo.c.value).where(schema.memo.c.name == bindparam("of"))
"""The text under the name ``of``."""

ANYTHING = select(_seen.kind).limit(1)
SEEN = select(*(_seen[name] for name in SEEN_FIELDS)).execution_options(yield_per=AT_A_TIME)
SOME_SEEN = _some(SEEN, schema.seen, "key")

_booked = and_(_sent.kind == _seen.kind, _sent.record == _seen.key, _sent.state.in_(SETTLED | OPEN))
_there = or_(_seen.left_source.is_(False), select(_sent.id).where(_booked).exists())
NUMBERS = select(_seen.kind, _seen.key, _seen.number).where(_there)

_joined = schema.seen.outerjoin(schema.transfer, and_(_sent.kind == _seen.kind, _sent.record == _seen.key))
_wakes = or_(
    _seen.kind == Kind.CUSTOMER,
    _sent.id.is_(None),
    _sent.state.not_in(SETTLED),
    _sent.digest != _seen.digest,
    _seen.payload.contains(CANCELLED),
    _sent.problem.contains(UNFINISHED),
    _seen.left_source.is_(True),
)
AWAKE = select(_seen.kind, _seen.key).select_from(_joined).where(_wakes)

TRANSFERS = (
    select(*(_sent[name] for name in TRANSFER_FIELDS)).order_by(_sent.generation).execution_options(yield_per=AT_A_TIME)
)
SOME_TRANSFERS = _some(TRANSFERS, schema.transfer, "record")
UNANSWERED = select(_sent.kind, _sent.record).where(_sent.state.in_(OPEN))
MOVED = select(_sent.kind, _sent.record).where(_sent.run == bindparam("run"))
"""The records with a transfer that a run was the last to move."""
LAST_MOVER = select(func.max(_sent.run))
UNTOLD = select(_sent.kind, _sent.record).where(~_sent.told_source, _sent.state.in_(OUTCOMES))
STATES = select(_sent.key, _sent.state).where(_sent.key.in_(bindparam("keys", expanding=True)))

HEARD = select(schema.heard.c.kind, schema.heard.c.ledger_id, schema.heard.c.told)
SOME_HEARD = _some(HEARD, schema.heard, "ledger_id")

PROPOSALS = select(schema.proposal).order_by(*schema.proposal.primary_key)
STRANGERS = select(schema.proposal).where(
    _proposal.record == "",
    _proposal.field == "",
    _proposal.what == What.CREATED,
    _proposal.decision.in_((Decision.WAITING, Decision.ACCEPTED)),
)
UNDECIDED = select(_proposal.kind, _proposal.record).where(
    _proposal.record != "", _proposal.decision == Decision.WAITING
)
QUESTIONS = select(schema.question).order_by(*schema.question.primary_key)

LOG = (
    select(schema.event)
    .order_by(_event.id)
    .execution_options(yield_per=AT_A_TIME)
    .offset(bindparam("after", type_=schema.event.c.id.type))
)
LINE = select(_event.chain).order_by(_event.id).offset(bindparam("before", type_=schema.event.c.id.type)).limit(1)
LAST_LINE = select(_event.chain).order_by(_event.id.desc()).limit(1)
LAST = (
    select(schema.event)
    .where(_event.action.in_(bindparam("actions", expanding=True)), _event.result == DONE)
    .order_by(_event.id)
)
_confirmed = select(func.max(_event.id)).where(_event.action == chain.CONFIRMED).scalar_subquery()
LAST_SINCE_CONFIRMED = LAST.where(_event.id > func.coalesce(_confirmed, 0))
LAST_ACT = (
    select(schema.event)
    .where(_event.action == bindparam("of"), _event.result == DONE)
    .order_by(_event.id.desc())
    .limit(1)
)
LAST_RUN = select(func.max(schema.run.c.ended)).where(schema.run.c.command == bindparam("of"))
TYPED = select(schema.typed)


@cache
def upsert(dialect: str, table: Table, columns: tuple[str, ...], keys: tuple[str, ...]) -> Any:  # noqa: ANN401
    """The statement that writes rows of these columns, over those that have the same keys.

    Only the dialect in use is imported: the other costs a ribbon button a tenth of a second.
    """
    statement = import_module(f"sqlalchemy.dialects.{dialect}").insert(table)
    changed = {name: statement.excluded[name] for name in columns if name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=changed)
