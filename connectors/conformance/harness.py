"""What the conformance suite must be told of a ledger under test."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Protocol

from connectors.ledger import Ledger
from connectors.records import Side


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Codes of the ledger under test; ``item`` only where lines name items, ``class_code`` where it has classes.

    ``tax`` stands for one tax, ``untaxed`` for none where lines name tax codes; ``taxed`` is the ledger's name of the
    tax on each side, where that is not its code.
    """

    revenue: str
    deferred: str
    expense: str
    bank: str
    tax: str
    item: str = ""
    untaxed: str = ""
    taxed: Mapping[Side, str] = field(default_factory=dict)


class Hands(Protocol):
    """What a person does in the ledger's own application; customers and invoices by the ledger's ids."""

    def add_customer(self, name: str, email: str) -> str:
        """Add a customer; its reference."""

    def change_email(self, reference: str, email: str) -> None:
        """Give a customer another e-mail address."""

    def retire_customer(self, reference: str) -> None:
        """Say that a customer is in use no more."""

    def merge_customers(self, gone: str, into: str) -> None:
        """Make one customer of two."""

    def add_invoice(self, customer: str, amount: Decimal, number: str = "") -> str:
        """Book an invoice of one line without tax, under this number or the ledger's next; its id."""

    def add_payment(self, customer: str, amount: Decimal, number: str = "") -> str:
        """Book money received from a customer, applied to nothing; its id."""

    def add_credit(self, customer: str, amount: Decimal, number: str = "") -> str:
        """Book a credit note of one line without tax; its id."""

    def take_out_invoice(self, ledger_id: str) -> None:
        """Delete an invoice or, where that cannot be, cancel it."""


class Harness(Protocol):
    """Books that live as long as a test, and who looks at them independently of the connector.

    ``day`` lies in an open period, and so do the 12 months around it; ``closed`` is a day in a closed period, if the
    ledger closes periods. ``foreign`` is a currency that is not the home currency.
    """

    chart: Chart
    day: date
    closed: date | None
    foreign: str
    refuses_taken_numbers: bool

    def open(self) -> Ledger:
        """A new instance on the same books, as another run of the program would have it."""

    def balances(self) -> Mapping[str, Decimal] | None:
        """Home-currency balance by account code (customers within theirs), debits positive; ``None``: cannot look."""

    def hands(self) -> Hands:
        """Who keys in things by hand; asked for only where it ``tells_changes`` or ``searches``."""

    def delete_by_hand(self, ledger_id: str) -> bool:
        """Delete a document of this id as a person would in the ledger; false where it lets nobody do that."""

    def change_by_hand(self, ledger_id: str) -> bool:
        """Change the total or the number of a document as a person would; false where it lets nobody do that."""

    def check(self) -> None:
        """Assert by other means than the connector's that the books are sound; called after every test."""
