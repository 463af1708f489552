"""What the journal remembers, as values."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from addin.journal.protocol import BEYOND, SETTLED, State, Step, next_state
from connectors.problems import Problem
from connectors.records import PAYMENT_KINDS, TYPES, Kind, SyncStatus, Transferable

RecordKey = tuple[Kind, str]

CANCELLED = '"cancelled":true'
"""How the text of a record says that the source cancelled it."""

UNFINISHED = '"code":"undo_unfinished"'
"""How the text of a transfer's problem says that undoing it was cut off."""

OF_PAYMENT = re.compile('"payment":"[^"]')
"""How the text of an entry or credit note says that it is of a payment."""

ASIDE = ("url", "sync_reference", "balance", "sent", "cancelled", "fee")
"""What changes nothing of what a ledger would book of it; a fee has an entry of its own, as a discount has."""
LATER = ("province", "email", "confirmation", "exchange", "payment")
"""Fields of later releases: what was sent before they were there is not changed by their being empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A record as last pulled and as the sheet last said of it; ``changed`` tells what moved since it was marked.

    ``left_source`` says that the last pull did not see it, ``unread`` that it saw but could not read it, and why.
    """

    kind: Kind
    key: str
    number: str
    payload: str
    digest: str
    status: SyncStatus
    reviewed_by: str = ""
    changed: str = ""
    left_source: bool = False
    unread: str = ""

    @property
    def id(self) -> RecordKey:
        """Kind and key."""
        return self.kind, self.key

    @property
    def cancelled(self) -> bool:
        """Whether the source cancelled it, told from the text without reading it whole."""
        return CANCELLED in self.payload

    @property
    def of_payment(self) -> bool:
        """Whether it is the fee or the discount of a payment, told likewise."""
        return self.kind not in PAYMENT_KINDS and OF_PAYMENT.search(self.payload) is not None

    def record(self) -> Transferable:
        """The record itself."""
        return _adapter(self.kind).validate_json(self.payload)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """One attempt to bring one generation of a record to the ledger; ``key`` is its idempotency key.

    ``customer`` is the ledger's id of the account it was booked on. ``accounts`` says on which of the source's accounts
    each line stands where the ledger's items decide that, as JSON by line number; empty is not known. ``payload`` is
    the record as it left, empty for an account and where it is not known. ``sent`` is when its intent was written, to
    book or to undo it, in seconds of the journal's clock; ``told_sheet`` and ``told_source`` say who has been told
    where it stands.
    """

    kind: Kind
    record: str
    number: str
    generation: int
    key: str
    action: str
    digest: str
    state: State
    ledger_id: str = ""
    ledger_number: str = ""
    url: str = ""
    total: Decimal | None = None
    problem: Problem | None = None
    run: int = 0
    told_sheet: bool = False
    told_source: bool = False
    sent: float = 0.0
    customer: str = ""
    accounts: str = ""
    payload: str = ""

    @property
    def id(self) -> RecordKey:
        """Kind and key of the record."""
        return self.kind, self.record

    def left_as(self) -> Transferable | None:
        """The record as it left, where that is kept."""
        return _adapter(self.kind).validate_json(self.payload) if self.payload else None

    @property
    def undo_key(self) -> str:
        """The key that undoing it carries into the ledger: one for each generation, however often it is tried."""
        return f"{self.key}-undo"

    @property
    def shown(self) -> str:
        """What a sync reference shows of it."""
        return self.ledger_id if self.kind is Kind.CUSTOMER else self.ledger_number or self.ledger_id

    def after(self, step: Step, **changes: Any) -> Transfer:  # noqa: ANN401 - any field of a transfer
        """The transfer after a step of the protocol, with what that step brought. Raises ``ProtocolBreach``."""
        return replace(self, state=next_state(self.state, step), **changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One use case that ran, by whom and when (UTC)."""

    id: int
    command: str
    who: str
    started: datetime
    ended: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of the log: who did what, at which machine, to which record, what it was and what it is since.

    ``person`` is the account's id, ``who`` its name. ``content`` says, for an approval, what was approved, and of what
    was accepted of a ledger's change both sides (JSON). Where a line tells of a problem, ``message`` has its words in
    the language of the day, and ``problem`` what they were made of, to be said in any.
    """

    run: int
    time: datetime
    who: str
    action: str
    result: str
    kind: str = ""
    number: str = ""
    reference: str = ""
    message: str = ""
    key: str = ""
    person: str = ""
    machine: str = ""
    was: str = ""
    becomes: str = ""
    content: str = ""
    problem: Problem | None = None


def settled(history: Sequence[Transfer]) -> Transfer | None:
    """The latest generation that the ledger has, out of a record's generations in order."""
    last = _had(history)
    return last if last and last.state in SETTLED else None


def latest(history: Sequence[Transfer]) -> Transfer:
    """The generation that says how a record stands: the last, or what is gone though a change of it was tried since."""
    last = _had(history)
    return last if last and last.state is State.GONE else history[-1]


def _had(history: Sequence[Transfer]) -> Transfer | None:
    """The latest generation that the ledger has or had."""
    return next((transfer for transfer in reversed(history) if transfer.state in SETTLED | BEYOND), None)


def former(history: Iterable[Transfer]) -> frozenset[str]:
    """The references of what the ledger had of a record and has no longer; typed, they say nothing new."""
    gone = [transfer for transfer in history if transfer.state in BEYOND]
    return frozenset(word for each in gone for word in (each.ledger_id, each.ledger_number) if word)


def with_changed(history: Sequence[Transfer], changed: Transfer) -> tuple[Transfer, ...]:
    """A history with one generation as it now is, or new."""
    others = (each for each in history if each.generation != changed.generation)
    return tuple(sorted((*others, changed), key=lambda each: each.generation))


@cache
def _adapter(kind: Kind) -> TypeAdapter[Transferable]:
    return TypeAdapter(TYPES[kind])


def payload_of(record: Transferable) -> str:
    """A record as JSON text, provenance included; amounts as strings."""
    return _adapter(record.kind).dump_json(record).decode()


def digest_of(record: Transferable) -> str:
    """What changes exactly when what a ledger would book does: not by a payment, a sending or where it was read."""
    unsaid = [name for name in LATER if not getattr(record, name, "")]
    aside = dict.fromkeys((*ASIDE, *unsaid, "provenance"), True)
    lines = {"__all__": {"provenance": True, "tax_category": True}}
    parts = {"__all__": {"discount": True}}
    content = _adapter(record.kind).dump_json(record, exclude={**aside, "lines": lines, "allocations": parts})
    return hashlib.sha256(content).hexdigest()


def says_the_same(old: Transferable, new: Transferable) -> bool:
    """Whether a ledger would book the same of both, however their numbers are written (1 and 1.00)."""
    return replace(old, **{name: getattr(new, name) for name in ASIDE if hasattr(new, name)}) == new


@cache
def _problems() -> TypeAdapter[Problem]:
    return TypeAdapter(Problem)


def problem_text(problem: Problem | None) -> str | None:
    """A problem as JSON text, to be kept with a transfer."""
    return None if problem is None else _problems().dump_json(problem).decode()


def problem_read(text: str | None) -> Problem | None:
    """The problem behind ``problem_text``."""
    return None if text is None else _problems().validate_json(text)


def idempotency_key(company: str, ledger: str, kind: Kind, record: str, generation: int) -> str:
    """The key a document carries into the ledger: the same for the same generation of a record, on every machine."""
    parts = json.dumps([company, ledger, kind.value, record, generation])
    return "psl-" + hashlib.sha256(parts.encode()).hexdigest()[:24]
