"""What the journal remembers of the ledger's own doings: what it last told of a record, and what waits for a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from enum import StrEnum

from connectors.records import Kind, What

LedgerKey = tuple[Kind, str]
"""A kind and the ledger's id."""


class Decision(StrEnum):
    """Where a proposal stands: nobody has decided, it is to go to the source, it has gone there, or it is ignored."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    TAKEN = "taken"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What the ledger last told of one of its records: its fields by name, as text."""

    kind: Kind
    ledger_id: str
    told: Mapping[str, str]

    @property
    def id(self) -> LedgerKey:
        """Kind and the ledger's id."""
        return self.kind, self.ledger_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One thing that happened in the ledger and that the source may take over; ``key`` names it for good.

    ``field`` is empty for a whole record: one that the source does not have, or one that is gone. ``ours`` and
    ``theirs`` hold what both sides say, as text: of the field, of the parts of an address, or of every field of a
    record. ``record`` is the source's key, empty where it has none. ``happened`` is the time in UTC as ISO 8601.
    """

    kind: Kind
    ledger_id: str
    field: str = ""
    record: str = ""
    number: str = ""
    name: str = ""
    word: str = ""
    what: What
    ours: Mapping[str, str] = attribute(default_factory=dict)
    theirs: Mapping[str, str] = attribute(default_factory=dict)
    merged_into: str = ""
    happened: str
    url: str = ""
    decision: Decision = Decision.WAITING

    @property
    def key(self) -> str:
        """What names one field of one record of the ledger, for good."""
        return f"{self.kind}/{self.ledger_id}/{self.field}".rstrip("/")

    @property
    def about(self) -> LedgerKey:
        """The ledger's record."""
        return self.kind, self.ledger_id
