"""What the conformance suite must be told of a source under test."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from connectors.records import Kind
from connectors.source import Source


class Trouble(StrEnum):
    """What can go wrong once between us and a source that is reached over a network."""

    HALF_AN_ANSWER = "half_an_answer"
    """The connection ends in the middle of an answer; what was asked for is done."""
    THROTTLED = "throttled"
    """Nothing is done, and the answer says after how many seconds to come back."""
    SIGNED_OUT = "signed_out"
    """What we were signed in with holds no more."""
    NO_ANSWER = "no_answer"
    """The connection ends without an answer; what was asked for is done."""
    DOWN = "down"
    """From here on every request fails, until the trouble is over."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a source has been told of one of its records, as it shows it itself; ``status`` in its own word."""

    status: str = ""
    reference: str = ""
    number: str = ""
    reason: str = ""


class SourceHarness(Protocol):
    """A source that lives as long as a test, and who looks at it and works in it independently of the connector.

    ``page`` is how many records it gives at once, 0 where it gives all. ``networked`` sources meet troubles;
    ``pause`` is how many seconds a throttled one asks for. ``beside``: what it is told stands beside its records, and
    nobody works in it.
    """

    page: int
    networked: bool
    pause: float
    beside: bool

    def open(self) -> Source:
        """A new instance on the same source, as another run of the program would have it."""

    def add_accounts(self, count: int) -> list[str]:
        """Add accounts with names of their own; their keys."""

    def add_invoice(self, account: str, amount: Decimal) -> str:
        """Add an invoice of one line without tax, sent and to be transferred; its key."""

    def add_payment(self, account: str, invoice: str, amount: Decimal) -> str:
        """Add money received for an invoice, to be transferred; its key."""

    def change_invoice(self, key: str, amount: Decimal) -> None:
        """Change the amount of an invoice as a person would."""

    def delete_invoice(self, key: str) -> None:
        """Delete an invoice as a person would."""

    def type_reference(self, key: str, reference: str) -> None:
        """Type a sync reference into an invoice as a person would; asked for only where results are not ``beside``."""

    def rename_column(self) -> str:
        """Give another name to the column that invoices have their total in; the name that is missing now."""

    def told(self, kind: Kind, key: str) -> Told | None:
        """What the source has been told of a record; ``None`` where it has not got the record, or was told nothing."""

    def content(self) -> Mapping[str, object]:
        """Everything the source holds, but what it is told of its records."""

    def provoke(self, trouble: Trouble, nth: int = 1) -> None:
        """Let a trouble come with the nth request for or to records from now on."""

    def is_over(self) -> None:
        """Let no trouble come any more."""

    def waited(self) -> float:
        """How many seconds the connector has waited because it was asked to."""
