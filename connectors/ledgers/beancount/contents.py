"""What a loaded book holds, kept by key, number, account and customer, so that a batch need not load it again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

from beancount.core.amount import Amount
from beancount.core.data import Balance, Close, Custom, Directive, Open, Posting, Transaction

from connectors.ledger import Posted
from connectors.ledgers.beancount.settings import BeancountSettings
from connectors.records import ZERO, Kind

CUSTOMER = "customer"
"""The type of the ``custom`` directives that tell what became of a customer."""

APPLIED = "applied"
"""The type of those that tell to what more a payment or credit note goes since its day."""

FOREIGN = "foreign"
"""The metadata of a posting that say what is owed by it in its record's own currency."""
RETURNS = "returns"
"""The metadata of what the bank gave back: the key of the payment."""

Options: TypeAlias = dict[str, Any]
Number: TypeAlias = tuple[str, str, str]
"""A kind, a document number, and the supplier where the number is a supplier's own."""


@dataclass(slots=True)
class Account:
    """An account of the book; ``code`` is its metadata ``code``, or its name where it has none or it is taken."""

    opened: Open
    code: str
    closed: Close | None = None

    @property
    def name(self) -> str:
        """The account's full name in the book."""
        return self.opened.account

    @property
    def title(self) -> str:
        """What people call it: its metadata ``name``, or its full name."""
        return word(self.opened.meta, "name") or self.name

    @property
    def directives(self) -> tuple[Directive, ...]:
        """What opens and closes it."""
        return (self.opened,) if self.closed is None else (self.opened, self.closed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """What one transaction does to what a customer owes us, or we owe a supplier: positive owes more, negative less.

    ``names`` are our key and the number it is known by; ``applied`` says to which documents a credit goes, by such a
    name, and how much (``None``: as much as it can). What is applied later is a movement of nothing, on its own day.
    Of what is in a foreign currency and booked in the book's own, ``values`` say what it takes off each in that.
    """

    customer: str
    payable: bool
    amount: Decimal
    currency: str
    on: date
    due: date
    names: tuple[str, ...]
    applied: tuple[tuple[str, Decimal | None], ...]
    values: tuple[tuple[str, Decimal], ...] = ()


@dataclass(slots=True)
class Contents:
    """The book, indexed; ``add`` takes one more directive, in any order.

    ``numbers`` say under which keys a number was booked, empty where a person did; ``transactions`` are ours by key,
    ``unkeyed`` those that a person wrote and ``fingerprints`` what those are known by that bear no number; ``voided``
    says of ours that were taken back by which key, ``returned`` what gave back a payment, by its key, ``payers`` what
    is applied to a name, ours or a supplier's, ``later`` what was applied after its day, by the key of what it was
    applied of, ``movements`` are those of receivables and payables, and ``daily`` what each account and currency moved
    by on each day, of customers and suppliers together.
    """

    settings: BeancountSettings
    options: Options
    accounts: dict[str, Account] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    customers: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    changes: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    posted: dict[str, Posted] = field(default_factory=dict)
    numbers: dict[Number, list[str]] = field(default_factory=lambda: defaultdict(list))
    movements: list[Movement] = field(default_factory=list)
    daily: dict[tuple[str, str], dict[date, Decimal]] = field(default_factory=dict)
    transactions: dict[str, Transaction] = field(default_factory=dict)
    unkeyed: list[Transaction] = field(default_factory=list)
    fingerprints: set[str] = field(default_factory=set)
    voided: dict[str, str] = field(default_factory=dict)
    returned: dict[str, list[Movement]] = field(default_factory=lambda: defaultdict(list))
    payers: dict[str, list[Movement]] = field(default_factory=lambda: defaultdict(list))
    later: dict[str, list[Movement]] = field(default_factory=lambda: defaultdict(list))
    assertions: dict[str, list[Balance]] = field(default_factory=lambda: defaultdict(list))

    def add(self, directives: Iterable[Directive]) -> None:
        """Take more directives into account."""
        for directive in directives:
            match directive:
                case Open():
                    self._open(directive)
                case Close():
                    if directive.account in self.accounts:
                        self.accounts[directive.account].closed = directive
                case Custom():
                    self._custom(directive)
                case Transaction():
                    self._transaction(directive)
                case Balance():
                    self.assertions[directive.account].append(directive)
                case _:
                    pass

    @property
    def home_currency(self) -> str:
        """The book's own currency."""
        return home_currency(self)

    def account(self, code: str) -> Account | None:
        """The account of a code or of a full name."""
        return self.accounts.get(self.codes.get(code, code))

    def stands(self, key: str) -> bool:
        """Whether what was booked under a key is there and was not taken back."""
        return key in self.posted and key not in self.voided

    def taken(self, number: Number) -> bool:
        """Whether a document that stands bears a number."""
        return any(key not in self.voided for key in self.numbers.get(number, ()))

    def owed(self, on: date, *, payable: bool = False) -> Iterator[Movement]:
        """The movements of receivables or payables until a day, without what was taken back until then and by what.

        Those come to nothing.
        """
        apart = self.voided.keys() | set(self.voided.values())
        movements = [each for each in self.movements if each.payable is payable and each.on <= on]
        rest: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
        for movement in movements:
            rest[self._pair(movement)] += movement.amount
        return (m for m in movements if apart.isdisjoint(m.names) or rest[self._pair(m)])

    def applied_of(self, key: str) -> Iterator[tuple[str, Decimal | None]]:
        """To which documents one of ours goes, from its day and since."""
        entry = self.transactions.get(key)
        yield from _applied(entry.meta) if entry else ()
        for movement in self.later.get(key, ()):
            yield from movement.applied

    def applied_until(self, movement: Movement, on: date) -> tuple[tuple[str, Decimal | None], ...]:
        """To which documents a credit goes on a day: a payment that came back, to what gave it back alone."""
        if (back := self.back(next(iter(movement.names), ""))) and back.on <= on:
            return ((back.names[0], None),)
        more = (part for each in self.later.get(next(iter(movement.names), ""), ()) if each.on <= on
                for part in each.applied)  # fmt: skip
        return (*movement.applied, *more)

    def back(self, key: str) -> Movement | None:
        """What gave back a payment of ours and stands; none where it did not come back."""
        return next((each for each in self.returned.get(key, ()) if not self.is_void(each)), None)

    def is_void(self, movement: Movement) -> bool:
        """Whether a movement was taken back."""
        return any(name in self.voided for name in movement.names)

    def pays(self, name: str) -> Iterator[Movement]:
        """What is applied to a document of this name and stands: not a payment that came back."""
        for movement in self.payers.get(name, ()):
            if not self.is_void(movement) and not self.back(next(iter(movement.names), "")):
                yield movement

    def _pair(self, movement: Movement) -> tuple[str, str, str]:
        key = next(iter(movement.names), "")
        return self.voided.get(key, key), movement.customer, movement.currency

    def customer_of(self, account: str) -> tuple[str, str] | None:
        """The parent account and the reference of the customer or supplier whose sub-account this is, if it is one."""
        for parent in (self.settings.receivable, self.settings.payable):
            if account.startswith(f"{parent}:"):
                return parent, account.removeprefix(f"{parent}:")
        return None

    def asserted(self, account: str) -> Iterator[Balance]:
        """The balances a person asserted of an account or of one above it."""
        parts = account.split(":")
        for depth in range(1, len(parts) + 1):
            yield from self.assertions.get(":".join(parts[:depth]), ())

    def asserted_on(self, account: str, currency: str) -> date | None:
        """The last day on which a person asserted such a balance; ``None`` where nobody did."""
        days = (balance.date for balance in self.asserted(account) if balance.amount.currency == currency)
        return max(days, default=None)

    def told(self, reference: str, name: str) -> str:
        """What is true now of a customer: its last change, which tells everything, or what it was opened with."""
        return word(self.changes.get(reference) or self.customers.get(reference, {}), name)

    def title(self, reference: str, *, payable: bool = False) -> str:
        """The name of a customer or supplier, or its reference where it has none; without one, that of the account."""
        if not reference:
            return self.accounts[self.settings.payable if payable else self.settings.receivable].title
        return self.told(reference, "name") or reference

    def is_active(self, reference: str) -> bool:
        """Whether a customer has a sub-account that is not closed."""
        parents = (self.settings.receivable, self.settings.payable)
        accounts = (self.accounts.get(f"{parent}:{reference}") for parent in parents)
        return any(account is not None and account.closed is None for account in accounts)

    def _open(self, opened: Open) -> None:
        code = word(opened.meta, "code")
        if not code or code in self.codes:
            code = opened.account
        self.codes[code] = opened.account
        self.accounts[opened.account] = Account(opened, code)
        if side := self.customer_of(opened.account):
            # A supplier who is billed too is opened on both sides, in any order: what either tells is true.
            self.customers[side[1]] = {**opened.meta, **self.customers.get(side[1], {})}
            self._keep_key(opened.meta, side[1])

    def _custom(self, custom: Custom) -> None:
        if custom.type == APPLIED and custom.values:
            self._apply(custom, str(custom.values[0].value))
            return
        if custom.type == CUSTOMER and custom.values and (side := self.customer_of(str(custom.values[0].value))):
            former = self.changes.get(side[1])
            if former is None or _is_later(custom.meta, former):
                self.changes[side[1]] = custom.meta
            self._keep_key(custom.meta, side[1])

    def _apply(self, custom: Custom, of: str) -> None:
        """A payment or credit note goes to more than it did; a copy of the line, under its key, says nothing more."""
        if word(custom.meta, "key") in self.posted:
            return
        self._keep_key(custom.meta, of)
        movement = Movement(
            customer=word(custom.meta, "customer"),
            payable=False,
            amount=ZERO,
            currency="",
            on=custom.date,
            due=custom.date,
            names=tuple(filter(None, (of, word(custom.meta, "number")))),
            applied=_applied(custom.meta),
        )
        self.later[of].append(movement)
        for name, _ in movement.applied:
            self.payers[name].append(movement)

    def _transaction(self, entry: Transaction) -> None:
        sums: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
        for posting in entry.postings:
            parent, reference = self.customer_of(posting.account) or (posting.account, "")
            units = posting.units
            if units and units.number is not None:
                days = self.daily.setdefault((parent, units.currency), {})
                days[entry.date] = days.get(entry.date, Decimal(0)) + units.number
            owed = foreign(posting) or units
            if parent in (self.settings.receivable, self.settings.payable) and owed and owed.number is not None:
                sums[parent, reference, owed.currency] += owed.number
        key, number, kind = (word(entry.meta, name) for name in ("key", "number", "kind"))
        if key:
            if self._is_original(entry, self.transactions.get(key)):
                self.posted.pop(key, None)
                self._keep_key(entry.meta, key)
                self.transactions[key] = entry
            if voids := word(entry.meta, "voids"):
                self.voided[voids] = key
        else:
            self.unkeyed.append(entry)
        if number:
            supplier = next((ref for parent, ref, _ in sums if parent == self.settings.payable), "")
            self.numbers[scoped(kind, number, supplier)].append(key)
        names = tuple(name for name in (key, number) if name)
        if sums and not names:
            names = (fingerprint(entry),)
            self.fingerprints.update(names)
        moved = [
            Movement(
                customer=reference,
                payable=parent == self.settings.payable,
                amount=-amount if parent == self.settings.payable else amount,
                currency=currency,
                on=entry.date,
                due=due if isinstance(due := entry.meta.get("due"), date) else entry.date,
                names=names,
                applied=_applied(entry.meta),
                values=_values(entry.meta),
            )
            for (parent, reference, currency), amount in sums.items()
        ]
        self.movements += moved
        for movement in moved:
            for name, _ in movement.applied:
                self.payers[name].append(movement)
            if returned := word(entry.meta, RETURNS):
                self.returned[returned].append(movement)
                self.payers[returned].append(movement)

    def _is_original(self, entry: Transaction, former: Transaction | None) -> bool:
        """Of ours and a person's copy of it, which has the same key, the one in our file, and the first there."""

        def place(one: Transaction) -> tuple[bool, int]:
            return Path(one.meta["filename"]).resolve() != self.settings.file_path, one.meta["lineno"]

        return former is None or place(entry) < place(former)

    def _keep_key(self, meta: Mapping[str, object], ledger_id: str) -> None:
        key, total = word(meta, "key"), meta.get("total")
        if key:
            posted = Posted(
                key=key,
                ledger_id=ledger_id,
                number=word(meta, "number"),
                total=total.number if isinstance(total, Amount) else None,
                replayed=True,
            )
            self.posted.setdefault(key, posted)


def word(meta: Mapping[str, object], name: str) -> str:
    """A value of metadata as text, empty where there is none; a person may have left out the quotes of a number."""
    value = meta.get(name)
    return "" if value is None else str(value)


def home_currency(contents: Contents) -> str:
    """The book's first operating currency; Canadian dollars where it says none."""
    return str(next(iter(contents.options["operating_currency"]), "CAD"))


def foreign(posting: Posting) -> Amount | None:
    """What is owed by a posting in a foreign currency, where it is booked in the book's own."""
    found = (posting.meta or {}).get(FOREIGN)
    return found if isinstance(found, Amount) else None


def fingerprint(entry: Transaction) -> str:
    """What a transaction without a key or a number is known by: its day and a digest of what it says and does.

    It stays the same wherever the transaction is moved to in the book, and is another when a person changes it.
    """
    legs = sorted((leg.account, str(leg.units)) for leg in entry.postings)
    said = repr((entry.payee, entry.narration, legs)).encode(errors="replace")
    return f"{entry.date}/{sha256(said).hexdigest()[:12]}"


def scoped(kind: str, number: str, supplier: str) -> Number:
    """What must be unique: a number within its kind, and within its supplier where the number is a supplier's own."""
    return kind, number, supplier if kind in (Kind.SUPPLIER_INVOICE, Kind.VENDOR_CREDIT) else ""


def _is_later(meta: Mapping[str, Any], former: Mapping[str, Any]) -> bool:
    """Within a file the line decides, as nothing is ever inserted into ours; dates say when the account was opened."""
    return bool(meta["filename"] != former["filename"] or meta["lineno"] >= former["lineno"])


def _applied(meta: Mapping[str, object]) -> tuple[tuple[str, Decimal | None], ...]:
    """``applied: "F-1"``, or ``applied-1: "F-1"`` with ``applied-amount-1: 10.00 CAD`` and so on."""
    found = []
    for name in meta:
        head, _, suffix = name.partition("-")
        if head == "applied" and (not suffix or suffix.isdigit()):
            amount = meta.get(f"applied-amount-{suffix}")
            found.append((word(meta, name), amount.number if isinstance(amount, Amount) else None))
    return tuple(found)


def _values(meta: Mapping[str, object]) -> tuple[tuple[str, Decimal], ...]:
    """``applied-value-1: 13.50 CAD`` beside ``applied-1: "F-1"``."""
    found = ((word(meta, f"applied-{place}"), meta.get(f"applied-value-{place}")) for place in _places(meta))
    return tuple((name, value.number) for name, value in found if isinstance(value, Amount) and value.number)


def _places(meta: Mapping[str, object]) -> list[str]:
    return [name.removeprefix("applied-value-") for name in meta if name.startswith("applied-value-")]
