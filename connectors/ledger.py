"""The contract of a ledger: takes postings in batches, answers per posting, declares what it can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from pydantic import BaseModel

from connectors.problems import Problem
from connectors.records import (
    ZERO,
    Item,
    Kind,
    LedgerAccount,
    ListEntry,
    Transferable,
)

if TYPE_CHECKING:
    from connectors.signin import SignIn


class Action(StrEnum):
    """What a posting asks for."""

    CREATE = "create"
    UPDATE = "update"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a ledger can do; planning reads this and never asks which ledger it is.

    ``lines_by`` says whether sales lines name a GL account or an item; ``taxes_by`` whether the reference of each
    single tax or of the whole group is sent. Lengths are in characters, ``None`` is no limit.
    """

    kinds: frozenset[Kind] = frozenset(Kind)
    batch_size: int = 1
    concurrency: int = 1
    idempotent: bool = False
    updates_customers: bool = True
    sub_customers: bool = True
    links_customers_by: Literal["id", "name"] = "id"
    lines_by: Literal["account", "item"] = "account"
    taxes_by: Literal["tax", "group"] = "tax"
    multi_currency: bool = False
    number_length: int | None = None
    name_length: int | None = None
    forbidden_in_numbers: str = ""
    forbidden_in_names: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """A part of a payment or credit that goes to a document.

    ``ledger_id`` is the ledger's own id of it or, for one that a person booked, the number typed as its sync reference.
    """

    ledger_id: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """One record on its way to a ledger, with every reference already in the ledger's words.

    ``key`` is our idempotency key: the ledger keeps it with the document and finds the document by it. ``customer``,
    ``parent`` and ``applied`` hold the ledger's ids; ``reference`` is the id of what an update changes.
    """

    key: str
    record: Transferable
    action: Action = Action.CREATE
    reference: str = ""
    customer: str = ""
    parent: str = ""
    applied: tuple[Applied, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """The ledger has it: its id and number there, and the total it computed where it tells one.

    ``replayed`` is true when the ledger already had a document of this key and answered with that one.
    """

    key: str
    ledger_id: str
    number: str = ""
    total: Decimal | None = None
    url: str = ""
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """The ledger refused it, and certainly did not book it."""

    key: str
    problem: Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """The ledger may or may not have booked it; it must be looked up before anything else."""

    key: str
    problem: Problem


Outcome = Posted | Rejected | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerCustomer:
    """A customer as the ledger knows it; ``reference`` is what a sync reference holds (an id, number or name)."""

    reference: str
    name: str
    number: str = ""
    email: str = ""
    phone: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLists:
    """What drop-downs, mapping and planning need of a ledger.

    ``receivable``, ``payable`` and ``deposit`` are the codes of the accounts that documents and payments fall to.
    """

    customers: tuple[LedgerCustomer, ...] = ()
    accounts: tuple[LedgerAccount, ...] = ()
    items: tuple[Item, ...] = ()
    tax_codes: tuple[ListEntry, ...] = ()
    terms: tuple[ListEntry, ...] = ()
    methods: tuple[ListEntry, ...] = ()
    classes: tuple[ListEntry, ...] = ()
    home_currency: str = "CAD"
    closing_date: date | None = None
    receivable: str = ""
    payable: str = ""
    deposit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """Whom we are connected to, by the other side's own name, and until when if that is limited."""

    company: str
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgedBalance:
    """What one customer owes on a date, by days since the due date (0 or less, 1–30, 31–60, 61–90, more).

    A customer has one for each currency it owes in; ``currency`` is empty for the ledger's home currency.
    ``customer`` is empty for what stands on the receivable account without a customer.
    """

    customer: str
    name: str
    currency: str = ""
    current: Decimal = ZERO
    days_30: Decimal = ZERO
    days_60: Decimal = ZERO
    days_90: Decimal = ZERO
    older: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        """All ages together."""
        return self.current + self.days_30 + self.days_60 + self.days_90 + self.older


class Ledger(ABC):
    """One accounting system, opened for one company with validated settings.

    Any method may raise ``CannotRun`` (unreachable, not signed in, no such book). ``post`` never raises for a single
    document: it yields exactly one outcome per posting, in any order, as answers arrive. A ``Settings`` model that
    has a field ``folder`` is given the company's folder in it.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    Settings: ClassVar[type[BaseModel]]
    capabilities: ClassVar[Capabilities]

    @abstractmethod
    def __init__(self, settings: BaseModel) -> None: ...

    def prepare(self, company: str) -> None:
        """Make what a company of this name needs and we can make (a new book); never touch what exists."""

    @abstractmethod
    def connect(self) -> Connected:
        """Reach the ledger and learn whose books they are."""

    @abstractmethod
    def lists(self) -> LedgerLists:
        """The ledger's own lists, closing date and special accounts."""

    @abstractmethod
    def post(self, postings: Sequence[Posting]) -> Iterator[Outcome]:
        """Book a batch of at most ``capabilities.batch_size`` postings; one outcome each."""

    @abstractmethod
    def find(self, postings: Sequence[Posting]) -> Mapping[str, Posted]:
        """Look up what of these is booked, by our key; a key that is not in the answer is proved absent.

        Where a ledger cannot be asked for the key, the posting's number, name or date says where to look for it.
        """

    @abstractmethod
    def aged_receivables(self, on: date) -> Sequence[AgedBalance]:
        """Every customer that owes or is owed something on a date."""

    def signs_in(self) -> SignIn | None:
        """What a person authorizes in a browser, where the ledger asks for that. Raises ``CannotRun``."""
        return None

    def close(self) -> None:
        """Let go of what ``connect`` took."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
