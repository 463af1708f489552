"""The contract of a source: gives records with their provenance, takes back what became of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import BaseModel

from connectors.ledger import Connected, SecretAsked
from connectors.problems import CannotRun, Problem
from connectors.records import (
    Item,
    Kind,
    LedgerAccount,
    ListEntry,
    RevenueSchedule,
    SyncStatus,
    Tax,
    TaxGroup,
    Transferable,
    What,
)

if TYPE_CHECKING:
    from connectors.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCapabilities:
    """What a source can do: the kinds it gives, whether it takes results back, and what happened in the ledger."""

    kinds: frozenset[Kind] = frozenset(Kind)
    acknowledges: bool = True
    takes_changes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLists:
    """The source's own codes, for the mapping sheet."""

    accounts: tuple[LedgerAccount, ...] = ()
    items: tuple[Item, ...] = ()
    taxes: tuple[Tax, ...] = ()
    tax_groups: tuple[TaxGroup, ...] = ()
    terms: tuple[ListEntry, ...] = ()
    methods: tuple[ListEntry, ...] = ()
    classes: tuple[ListEntry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """How many records of some kinds a source counts itself, and what they come to, whatever was made of them.

    ``name`` is the source's own word for them, ``total`` a sum of amounts in any currencies, or nothing where it tells
    none. ``unread`` of them are told to be unreadable, each with its problem, and come to ``unread_total``.
    """

    name: str
    kinds: frozenset[Kind]
    count: int
    total: Decimal | None = None
    unread: int = 0
    unread_total: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What people decided of a record in the source; it counts when the record is seen first, and then the sheet does.

    ``new_account`` says whether the ledger has no account of this customer yet; ``None`` is not told.
    """

    status: SyncStatus | None = None
    new_account: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """Everything a source holds for transfer; what could not be read is a problem and not a record.

    ``unread`` has a problem, with its kind and key, for each record that stands in the source and could not be read,
    also where ``problems`` tells of many at once. ``controls`` are the source's own counts of what it holds,
    ``decided`` what is decided of its records there, and ``rules`` what it sets for all, by the name of a company's
    setting.
    """

    records: tuple[Transferable, ...] = ()
    schedules: tuple[RevenueSchedule, ...] = ()
    lists: SourceLists = SourceLists()
    problems: tuple[Problem, ...] = ()
    unread: tuple[Problem, ...] = ()
    controls: tuple[Control, ...] = ()
    decided: Mapping[tuple[Kind, str], Decided] = field(default_factory=dict)
    rules: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one record, as told to the source.

    ``former`` are the references that the source had when it was read, or was told before: what else stands there now,
    a person put there meanwhile.
    """

    kind: Kind
    key: str
    number: str
    status: SyncStatus
    sync_reference: str = ""
    ledger_number: str = ""
    reason: str = ""
    on: date | None = None
    former: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """One thing that happened in the ledger and that a person accepted for the source; ``id`` is its own for good.

    ``key`` is the source's key of the record, empty where it has none yet; ``values`` the ledger's by field, as text
    (dates as ISO 8601, amounts with a point, yes or no), lines and allocations as a line of text each; ``former`` what
    the source has of the same fields. ``account`` is the source's key of the customer that the values name, or of the
    one that a customer was merged into, where it has one.
    """

    id: str
    what: What
    kind: Kind
    key: str
    ledger_id: str
    number: str
    values: Mapping[str, str] = field(default_factory=dict)
    former: Mapping[str, str] = field(default_factory=dict)
    account: str = ""
    merged_into: str = ""
    word: str = ""


class Source(ABC):
    """One membership or job system, opened for one company with validated settings."""

    name: ClassVar[str]
    label: ClassVar[str]
    Settings: ClassVar[type[BaseModel]]
    capabilities: ClassVar[SourceCapabilities]
    secret_asked: ClassVar[SecretAsked | None] = None

    @abstractmethod
    def __init__(self, settings: BaseModel) -> None: ...

    @abstractmethod
    def connect(self) -> Connected:
        """Reach the source; raises ``CannotRun``."""

    @abstractmethod
    def pull(self) -> Pulled:
        """Everything there is; a bad record is a problem with its place, and the others still come."""

    @abstractmethod
    def acknowledge(self, results: Sequence[Result]) -> Sequence[Problem]:
        """Tell the source what became of its records; telling the same twice changes nothing.

        Answers with a problem, by kind and key, for each result that the source did not take: it has all others, and
        is told of these again. Raises ``CannotRun`` where it took none, or nobody can say which.
        """

    def take(self, changes: Sequence[Accepted]) -> None:
        """Take what a person accepted; taking the same twice changes nothing. Raises ``CannotRun``.

        Only a source that declares ``takes_changes`` is asked.
        """
        raise NotImplementedError(self.name)

    def keep_secret(self, secret: Secret) -> str:
        """Keep the secret that ``secret_asked`` describes; the name it is kept under.

        Raises ``CannotRun`` (sign_in_needless) where there is none.
        """
        raise CannotRun(Problem(code="sign_in_needless", params={"ledger": self.label}))

    def has_secret(self) -> bool:
        """Whether that secret is there, kept or given from outside. Raises ``CannotRun``."""
        return False

    def close(self) -> None:
        """Let go of what ``connect`` took."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
