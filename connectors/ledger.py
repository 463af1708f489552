"""The contract of a ledger: takes postings in batches, answers per posting, declares what it can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from datetime import date as Date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from pydantic import BaseModel

from connectors.pace import Limit
from connectors.problems import CannotRun, Problem
from connectors.records import (
    ZERO,
    CodeTax,
    Item,
    Kind,
    LedgerAccount,
    ListEntry,
    Transferable,
    What,
)

if TYPE_CHECKING:
    from connectors.secrets.secret import Secret
    from connectors.signin import SignIn


class Action(StrEnum):
    """What a posting asks for: to book, to change an account, to apply what was booked to more, to take out again.

    To amend is to change of what was booked what no amount hangs on.
    """

    CREATE = "create"
    UPDATE = "update"
    APPLY = "apply"
    AMEND = "amend"
    VOID = "void"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a ledger can do; planning reads this and never asks which ledger it is.

    ``post``, ``find`` and ``search`` are called from up to ``concurrency`` threads at once; ``keeps_order`` says
    whether a batch is booked in the order given.
    ``lines_by`` says whether sales lines name a GL account or an item; ``taxes_by`` whether the reference of each
    single tax or of the whole group is sent; ``voids`` are the kinds it takes out of its books again; ``reads_back``
    whether ``read`` answers; ``tells_changes`` whether ``changes`` answers. Lengths are in characters,
    ``None`` is no limit. ``searches`` says whether ``search`` answers.
    ``applies_later`` are the kinds of which it applies to documents what was on account when it was booked, and
    ``applies_closed`` says whether also of what lies in a closed period, and ``applies_foreign`` of what is in a
    foreign currency, whose gain or loss it then books by itself, as whenever something is settled. ``amends`` are the
    fields, by kind, that it changes of what was booked (of those in ``connectors.amending``), and ``amends_closed``
    says whether also in a closed period.
    ``reverses`` are the kinds that it takes back on a later day than their own, and leaves standing until then.
    ``unique_names`` says whether no two customers or suppliers may share a name, in any case; ``parties_apart`` whether
    a sale cannot name a supplier nor a purchase a customer; ``currency_by_party`` whether each is kept in one currency
    for ever, that of all its documents; ``customer_levels`` how deep customers stand below each
    other; ``pays_for_family`` whether a parent's payment may go to an invoice of a customer below it, or the other way.
    ``deposit_types`` are the types of accounts that money may be put into (empty: any), ``spending_types`` those that a
    supplier may be paid from; ``pays_on_account`` whether a supplier may be paid for no bill, or for more than bills;
    ``voids_on_account`` whether a payment is taken out again of which a part went to no document.
    ``checks_emails`` says whether an e-mail address is refused that is none. ``text_lengths`` are the most characters
    of further fields, of records and their lines, by our name of the field.
    """

    kinds: frozenset[Kind] = frozenset(Kind)
    batch_size: int = 1
    concurrency: int = 1
    keeps_order: bool = True
    idempotent: bool = False
    updates_customers: bool = True
    sub_customers: bool = True
    tells_changes: bool = False
    reads_back: bool = False
    searches: bool = False
    voids: frozenset[Kind] = frozenset()
    applies_later: frozenset[Kind] = frozenset()
    applies_closed: bool = False
    applies_foreign: bool = True
    amends: Mapping[Kind, frozenset[str]] = field(default_factory=dict)
    amends_closed: bool = False
    reverses: frozenset[Kind] = frozenset()
    lines_by: Literal["account", "item"] = "account"
    taxes_by: Literal["tax", "group"] = "tax"
    multi_currency: bool = False
    number_length: int | None = None
    name_length: int | None = None
    forbidden_in_numbers: str = ""
    forbidden_in_names: str = ""
    unique_names: bool = False
    parties_apart: bool = False
    currency_by_party: bool = False
    customer_levels: int | None = None
    pays_for_family: bool = True
    deposit_types: frozenset[str] = frozenset()
    spending_types: frozenset[str] = frozenset()
    pays_on_account: bool = True
    voids_on_account: bool = True
    checks_emails: bool = False
    text_lengths: Mapping[str, int] = field(default_factory=dict)


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
    ``parent`` and ``applied`` hold the ledger's ids; ``reference`` is the id of what an update changes, what is to be
    applied to more, or what a void takes out. Such an application names in ``applied`` all that the record goes to,
    and changes nothing else of it. An amendment changes the fields in which the record differs from what it was
    ``before``. They and a void say in ``booked`` what the ledger answered when it was booked; a void names the
    ``customer`` of then, and in ``reverse_on`` the day on which it is reversed, where that is not its own.
    ``returned`` is the id of the payment that a returned payment gives back. ``told_apart`` are the ids of documents
    that a person said it is another than: their number is its own too, where the ledger can take one twice.
    """

    key: str
    record: Transferable
    action: Action = Action.CREATE
    reference: str = ""
    customer: str = ""
    parent: str = ""
    applied: tuple[Applied, ...] = ()
    booked: Posted | None = None
    returned: str = ""
    before: Transferable | None = None
    reverse_on: Date | None = None
    told_apart: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """The ledger has it: its id and number there, and the total it computed where it tells one.

    ``at_home`` is what a total in a foreign currency comes to in its books, where it tells that. ``replayed`` is true
    when the ledger already had a document of this key and answered with that one.
    """

    key: str
    ledger_id: str
    number: str = ""
    total: Decimal | None = None
    url: str = ""
    replayed: bool = False
    at_home: Decimal | None = None


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
class Standing:
    """A document as the ledger has it now; ``applied`` are the numbers or ids of what pays or uses it there.

    ``total`` is ``None`` where the ledger tells none. What is ``void`` counts for nothing in its books any more;
    what ``stays`` can be taken out by a person alone, and so can money that is ``reconciled`` with the bank.
    ``kind``, ``date``, ``currency`` (empty for the home currency), ``url``, ``key`` (our idempotency key, where it
    bears one) and ``method`` (how it was paid, in the ledger's code) are told by ``search``.
    """

    ledger_id: str
    number: str = ""
    total: Decimal | None = None
    customer: str = ""
    applied: tuple[str, ...] = ()
    void: bool = False
    stays: bool = False
    reconciled: bool = False
    kind: Kind | None = None
    date: Date | None = None
    currency: str = ""
    url: str = ""
    key: str = ""
    method: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What is looked for among the ledger's documents, payments and entries, whoever booked them.

    ``name`` is what the answer is called by. With a ``reference`` (what a person typed: an id, the id in the address of
    its page, or a number), whatever bears it is wanted, of every kind. Without one, what may be the same as a record:
    of this ``kind`` with this ``number``, or with this ``customer`` (the ledger's id) and ``total`` on a day from
    ``first`` to ``last``. Without a ``total``, whatever this customer has of the kind in that time: amounts that are
    some cents off are compared by who asks.
    """

    name: str
    kind: Kind
    reference: str = ""
    number: str = ""
    customer: str = ""
    total: Decimal | None = None
    first: date | None = None
    last: date | None = None

    def is_like(self, one: Standing) -> bool:
        """Whether a document may be the same as what is looked for, by its number or by customer, total and day.

        One whose kind or customer the ledger does not tell may be of any.
        """
        if one.kind not in (None, self.kind):
            return False
        if self.number and one.number.casefold() == self.number.casefold():
            return True
        if self.total is None:
            return bool(self.customer) and one.customer == self.customer and self._is_in_time(one.date)
        theirs = not self.customer or one.customer in ("", self.customer)
        return one.total == self.total and theirs and self._is_in_time(one.date)

    def _is_in_time(self, day: date | None) -> bool:
        return day is not None and (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerCustomer:
    """A customer as the ledger knows it; ``reference`` is what a sync reference holds (an id, number or name).

    ``is_supplier`` is told by a ledger that keeps customers and suppliers apart, ``currency`` (empty for the home
    currency) by one that keeps each in one of its own.
    """

    reference: str
    name: str
    number: str = ""
    email: str = ""
    phone: str = ""
    active: bool = True
    is_supplier: bool = False
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingPeriod:
    """The days from ``first`` to ``last``, which the ledger books on while they are ``open``."""

    first: Date
    last: Date
    open: bool = True


@dataclass(frozen=True, kw_only=True)
class LedgerLists:
    """What drop-downs, mapping and planning need of a ledger.

    ``receivable``, ``payable`` and ``deposit`` are the codes of the accounts that documents and payments fall to,
    ``gains`` and ``losses`` of those that differences of foreign currency fall to where we book them. ``periods`` are
    told by a ledger that books on no day outside of them, ``currencies`` by one that keeps a list of them.
    ``one_class`` says that all lines of a document have one class.
    ``latin`` says that the company takes no letter outside ISO-8859-1.
    ``one_currency`` says that the company keeps its home currency alone, until a person has the ledger keep several.
    """

    customers: tuple[LedgerCustomer, ...] = ()
    accounts: tuple[LedgerAccount, ...] = ()
    items: tuple[Item, ...] = ()
    tax_codes: tuple[ListEntry, ...] = ()
    terms: tuple[ListEntry, ...] = ()
    methods: tuple[ListEntry, ...] = ()
    classes: tuple[ListEntry, ...] = ()
    home_currency: str = "CAD"
    one_currency: bool = False
    latin: bool = False
    one_class: bool = False
    closing_date: date | None = None
    periods: tuple[BookingPeriod, ...] = ()
    receivable: str = ""
    payable: str = ""
    deposit: str = ""
    gains: str = ""
    losses: str = ""
    currencies: tuple[str, ...] = ()

    def first_open(self, day: Date) -> Date:
        """The first day, from this one on, that lies in no closed period; periods that are not told count as open."""
        if self.closing_date and day <= self.closing_date:
            day = self.closing_date + timedelta(1)
        for period in sorted(self.periods, key=lambda each: each.first):
            if period.first <= day <= period.last and not period.open:
                day = period.last + timedelta(1)
        return day

    def takes(self, listed: str, code: str) -> bool:
        """Whether a list, by its name, has a code that is in use; one that was not told may have any."""
        return not getattr(self, listed) or code in self._usable[listed]

    def taxes_of(self, code: str) -> tuple[CodeTax, ...]:
        """The taxes of a tax code; none of one that is not listed."""
        return self._taxes.get(code, ())

    @cached_property
    def _taxes(self) -> Mapping[str, tuple[CodeTax, ...]]:
        return {entry.code: entry.taxes for entry in self.tax_codes}

    @cached_property
    def _usable(self) -> Mapping[str, frozenset[str]]:
        named = {"terms": self.terms, "methods": self.methods, "classes": self.classes, "tax_codes": self.tax_codes}
        return {
            "accounts": frozenset(each.code for each in self.accounts if each.active),
            "items": frozenset(each.code for each in self.items if each.active),
            **{name: frozenset(each.code for each in entries) for name, entries in named.items()},
        }

    @cached_property
    def named(self) -> Mapping[str, tuple[str, ...]]:
        """The references of the customers of each name, as ``same_name`` takes two for one."""
        references: dict[str, list[str]] = {}
        for customer in self.customers:
            references.setdefault(same_name(customer.name), []).append(customer.reference)
        return {name: tuple(several) for name, several in references.items()}


def same_name(name: str) -> str:
    """What two names have in common that a ledger with unique names takes for one."""
    return name.strip().casefold()


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """Whom we are connected to, by the other side's own name, and until when if that is limited.

    ``until`` is the last day unless somebody renews the authorization, ``at_most`` the last one even then.
    ``books`` is its own word for the books that never changes, where it has one: ids of some mean nothing in others.
    ``warnings`` are what of the company's own settings will hurt, and where a person changes it.
    """

    company: str
    until: date | None = None
    at_most: date | None = None
    books: str = ""
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AgedBalance:
    """What one customer owes on a date, or one supplier is owed, by days since the due date.

    The ages are 0 days or less, 1–30, 31–60, 61–90, and more. A customer has one for each currency it owes in;
    ``currency`` is empty for the ledger's home currency.
    ``customer`` is the reference of either, and empty for what stands on the account without one.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountBalance:
    """What one account holds on a date, by its code: debits less credits, in one currency (empty: the home one)."""

    account: str
    amount: Decimal
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What happened to one record of the ledger, whoever did it: we, a person, another program.

    ``ledger_id`` is as in ``Posted`` and, of a customer, its reference; ``key`` our idempotency key where the record
    bears one. ``record`` is what the ledger now has of what was created or changed: its key is its ``ledger_id``, it
    names customers, parents and invoices by theirs, and only its fields in ``told`` say anything, the others being no
    word of the ledger's. ``word`` is what the ledger calls it where none of our kinds is meant for it (a check is told
    as the entry it makes). ``merged_into`` is empty where the ledger does not tell; ``when`` is in UTC.
    """

    what: What
    kind: Kind
    ledger_id: str
    when: datetime
    key: str = ""
    number: str = ""
    name: str = ""
    record: Transferable | None = None
    told: frozenset[str] = frozenset()
    word: str = ""
    merged_into: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What happened since a moment, one change for each record; ``until`` is where to go on from the next time.

    ``problems`` say what of that time the ledger cannot tell any more.
    """

    until: datetime
    changes: tuple[Change, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretAsked:
    """A secret that a person gives once and that is no setting: what it is called, and what it is."""

    label: str
    meaning: str


class Ledger(ABC):
    """One accounting system, opened for one company with validated settings.

    Any method may raise ``CannotRun`` (unreachable, not signed in, no such book). ``post`` never raises for a single
    document: it yields exactly one outcome per posting, in any order, as answers arrive. A ``Settings`` model that
    has a field ``folder`` is given the company's folder in it, and in a field ``holder`` whose its secrets are.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    Settings: ClassVar[type[BaseModel]]
    capabilities: ClassVar[Capabilities]
    limits: ClassVar[Sequence[Limit]] = ()
    secret_asked: ClassVar[SecretAsked | None] = None

    @abstractmethod
    def __init__(self, settings: BaseModel) -> None: ...

    def addresses(self) -> Sequence[str]:
        """Where it books, as a person is asked before a company is worked with for the first time.

        Every address that secrets may go to, every file of its books and folder that they are read from; nothing is
        reached for that.
        """
        return ()

    def programs(self) -> Sequence[str]:
        """Programs besides our own that its settings let run on this machine, as the same person is asked."""
        return ()

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
        """Book a batch of at most ``capabilities.batch_size`` postings; one outcome each.

        A void is refused where a person changed the document there since, or something is applied to it. One of what
        is void or deleted already is answered with ``replayed``. An application is refused where a person changed the
        document, or applied it otherwise; where it is applied like that already, it is answered with ``replayed``. So
        it is with an amendment and the fields that it changes.
        """

    def turn(self, postings: Sequence[Posting]) -> float:
        """Keep the place of a batch within the limits and return 0, or the seconds after which to ask again.

        The place is kept under the present watch, for the ``post`` under the same. Raises ``NoTurn`` where the limits
        take nothing more for long.
        """
        return 0.0

    @abstractmethod
    def find(self, postings: Sequence[Posting]) -> Mapping[str, Posted]:
        """Look up what of these is booked, by our key; a key that is not in the answer is proved absent.

        Where a ledger cannot be asked for the key, the posting's number, name or date says where to look for it. What
        was booked and is void or deleted now is not booked; a void is, as soon as what it names is; an application is,
        as soon as what it names is applied like that, whoever did it, and an amendment, as soon as it says all of that.
        """

    def read(self, postings: Sequence[Posting]) -> Mapping[str, Standing]:
        """The documents of these references as they now are, by reference; one that is not in the answer was deleted.

        A ledger that declares ``reads_back`` answers, whoever booked, renamed or changed them.
        """
        raise NotImplementedError

    def search(self, sought: Sequence[Sought]) -> Mapping[str, Sequence[Standing]]:
        """What the ledger has that may be these, by their names, in few questions; void ones are told so.

        It answers with too much rather than too little: whether one is the one meant is decided by who asks. A ledger
        that declares ``searches`` answers for every kind that it takes.
        """
        raise NotImplementedError

    @abstractmethod
    def aged_receivables(self, on: date) -> Sequence[AgedBalance]:
        """Every customer that owes or is owed something on a date."""

    @abstractmethod
    def aged_payables(self, on: date) -> Sequence[AgedBalance]:
        """Every supplier that is owed something on a date, or owes us: what we owe is positive."""

    @abstractmethod
    def balances(self, on: date) -> Sequence[AccountBalance]:
        """The trial balance of a date: every account that is not at nothing, customers and suppliers together.

        Income and expenses count since whenever the ledger's own trial balance counts them.
        """

    def changes(self, since: datetime) -> Changes:
        """What happened to its records since a moment (UTC), our own postings among them; telling twice is allowed.

        A ledger that does not declare ``tells_changes`` tells of nothing.
        """
        return Changes(until=since)

    def signs_in(self) -> SignIn | None:
        """What a person authorizes in a browser, where the ledger asks for that. Raises ``CannotRun``."""
        return None

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
