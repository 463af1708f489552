"""The transactions of a book as documents, payments and entries, whoever wrote them and with or without metadata."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from beancount.core.amount import Amount
from beancount.core.data import Transaction

from connectors.ledger import Standing
from connectors.ledgers.beancount.contents import Contents, fingerprint, foreign, home_currency, word
from connectors.records import CREDIT_KINDS, PAYMENT_KINDS, ZERO, Kind

ON_ACCOUNT = PAYMENT_KINDS | CREDIT_KINDS | {Kind.INVOICE, Kind.SUPPLIER_INVOICE}
"""The kinds of which one leg, the account's, is the total."""
ON_THE_SPOT = frozenset({Kind.SALES_RECEIPT, Kind.REFUND})
"""The kinds whose total is the money that moved."""
KINDS = frozenset(Kind)

Side = tuple[str, str, str]
"""The receivable or payable account, a customer's reference below it (empty on the account itself), a currency."""


@dataclass(frozen=True, slots=True)
class Written:
    """One document of a transaction. Where a person settled with several customers in one, each is one of its own."""

    entry: Transaction
    kind: Kind | None
    customer: str
    total: Decimal | None
    currency: str


class Documents:
    """The book as documents; a customer whom only the payee names is known by that name, if it is one customer's."""

    def __init__(self, contents: Contents) -> None:
        self._contents = contents

    def standings(self, ids: Iterable[str]) -> dict[str, Standing]:
        """What the book has now of these ids; what is not in the answer was cut out of it."""
        wanted, ours = set(ids), self._contents.transactions
        entries = [ours[key] for key in wanted & ours.keys()]
        if by_hand := wanted - ours.keys():
            entries += [entry for entry in self._contents.unkeyed if ledger_id(entry) in by_hand]
        written = (self.standing(each) for entry in entries for each in self.of(entry))
        return {standing.ledger_id: standing for standing in written}

    def all(self) -> Iterator[Written]:
        """What every transaction is; of an entry and its copies the original, and no entry that takes one back."""
        for entry in (*self._contents.transactions.values(), *self._contents.unkeyed):
            if not word(entry.meta, "voids"):
                yield from self.of(entry)

    def open_amount(self, reference: str) -> Decimal:
        """What of a document is not paid or credited yet, by what is applied to it; nothing where it is not there."""
        now = self.standings([reference]).get(reference)
        if now is None or now.total is None or now.void:
            return ZERO
        left, names = now.total, {now.ledger_id, now.number} - {""}
        for name in names:
            for credit in self._contents.pays(name):
                if credit.customer == now.customer:
                    given = [amount for applied, amount in credit.applied if applied == name]
                    left -= sum((-credit.amount if amount is None else amount for amount in given), ZERO)
        return max(left, ZERO)

    def open_value(self, reference: str) -> Decimal | None:
        """What of a document in a foreign currency is open, in the book's own; ``None`` where that is not known."""
        entry = self._contents.transactions.get(reference)
        owed = [leg.units for leg in entry.postings if foreign(leg) and leg.units] if entry else []
        if entry is None or not owed:
            return None
        value = abs(sum((units.number for units in owed if units.number is not None), ZERO))
        for name in {reference, word(entry.meta, "number")} - {""}:
            for credit in self._contents.pays(name):
                value -= sum((part for applied, part in credit.values if applied == name), ZERO)
        return value

    def of(self, entry: Transaction) -> Iterator[Written]:
        """What one transaction is: what its metadata say or, where a person wrote none, what its legs do."""
        told, sides = word(entry.meta, "kind"), _sides(entry, self._contents)
        customer = _party(entry, sides) or word(entry.meta, "customer")
        if not customer and not word(entry.meta, "key"):
            customer = self._payees.get((entry.payee or "").casefold(), "")
        if told in KINDS:
            yield Written(entry, Kind(told), customer, _total(entry, Kind(told), sides, self._contents), _unit(entry))
        elif not any(sides.values()):
            alone = self._without_account(entry)
            yield Written(entry, alone, customer, _total(entry, alone, sides, self._contents), _unit(entry))
        else:
            for (parent, reference, currency), amount in sides.items():
                kind = self._on_account(entry, parent == self._contents.settings.receivable, amount)
                yield Written(entry, kind, reference or customer, abs(amount), currency)

    def standing(self, written: Written) -> Standing:
        """A document as the book has it now."""
        meta, contents = written.entry.meta, self._contents
        return Standing(
            ledger_id=ledger_id(written.entry),
            number=word(meta, "number"),
            total=written.total,
            customer=written.customer,
            applied=tuple(_applied(written, contents)),
            void=word(meta, "key") in contents.voided,
            kind=written.kind,
            date=written.entry.date,
            currency="" if written.currency == home_currency(contents) else written.currency,
            key=word(meta, "key"),
            method=word(meta, "method"),
        )

    @cached_property
    def _payees(self) -> dict[str, str]:
        payees: dict[str, str] = {}
        for reference in self._contents.customers:
            title = self._contents.title(reference).casefold()
            payees[title] = "" if title in payees else reference
        return payees

    def _on_account(self, entry: Transaction, receivable: bool, amount: Decimal) -> Kind | None:
        """By the side it falls on, and by what stands against it; what may be several kinds is none."""
        if not receivable and amount > ZERO:
            if self._moves(entry, "expenses"):
                less = _sum(entry, self._root("expenses")) < ZERO
                return Kind.VENDOR_CREDIT if less and not self._moves(entry, "assets") else None
            paid = any(self._moves(entry, name) for name in ("assets", "liabilities"))
            return Kind.SUPPLIER_PAYMENT if paid else None
        if not receivable:
            return Kind.SUPPLIER_INVOICE if self._moves(entry, "expenses") else None
        if self._moves(entry, "income"):
            return Kind.INVOICE if amount > ZERO else Kind.CREDIT_NOTE
        if not self._moves(entry, "assets"):
            return None
        return Kind.PAYMENT if amount < ZERO else Kind.RETURNED_PAYMENT

    def _without_account(self, entry: Transaction) -> Kind:
        """A sale or a refund on the spot moves money against income; anything else is an entry."""
        money = _sum(entry, self._root("assets"))
        if not money or not self._moves(entry, "income"):
            return Kind.JOURNAL_ENTRY
        return Kind.SALES_RECEIPT if money > ZERO else Kind.REFUND

    def _root(self, name: str) -> str:
        return f"{self._contents.options[f'name_{name}']}:"

    def _moves(self, entry: Transaction, name: str) -> bool:
        """Whether it has a leg below a root account that is no customer's."""
        sides = (self._contents.settings.receivable, self._contents.settings.payable)
        accounts = (leg.account for leg in entry.postings if leg.account.startswith(self._root(name)))
        return any(account not in sides and not self._contents.customer_of(account) for account in accounts)


def ledger_id(entry: Transaction) -> str:
    """Our key; of what a person wrote, the number it is known by or what tells it from others."""
    return word(entry.meta, "key") or word(entry.meta, "number") or fingerprint(entry)


def _sides(entry: Transaction, contents: Contents) -> dict[Side, Decimal]:
    settings = contents.settings
    sides: dict[Side, Decimal] = defaultdict(Decimal)
    for leg in entry.postings:
        parent, reference = contents.customer_of(leg.account) or (leg.account, "")
        owed = foreign(leg) or leg.units
        if parent in (settings.receivable, settings.payable) and owed and owed.number is not None:
            sides[parent, reference, owed.currency] += owed.number
    return sides


def _total(entry: Transaction, kind: Kind, sides: dict[Side, Decimal], contents: Contents) -> Decimal | None:
    """What it comes to, by what the account's side says where it has one: a person may have changed that alone."""
    if kind in ON_ACCOUNT:
        return abs(sum(sides.values(), ZERO))
    told = entry.meta.get("total")
    if isinstance(told, Amount):
        return told.number
    if kind in ON_THE_SPOT:
        return abs(_sum(entry, f"{contents.options['name_assets']}:"))
    numbers = [leg.units.number for leg in entry.postings if leg.units]
    return sum((number for number in numbers if number is not None and number > ZERO), ZERO)


def _sum(entry: Transaction, root: str) -> Decimal:
    """What it adds to the accounts below a root."""
    legs = (leg.units for leg in entry.postings if leg.account.startswith(root))
    return sum((units.number for units in legs if units and units.number is not None), ZERO)


def _unit(entry: Transaction) -> str:
    told = entry.meta.get("total")
    if isinstance(told, Amount):
        return told.currency
    return next((leg.units.currency for leg in entry.postings if leg.units), "")


def _applied(written: Written, contents: Contents) -> Iterator[str]:
    """What pays or reduces a document, by number: the credits of its customer that name it and stand."""
    names = (ledger_id(written.entry), word(written.entry.meta, "number"))
    for name in dict.fromkeys(names):
        for credit in contents.pays(name):
            if credit.customer == written.customer:
                yield credit.names[-1] if credit.names else str(credit.on)


def _party(entry: Transaction, sides: dict[Side, Decimal]) -> str:
    """The customer that legs name, if it is one; of what we booked on account all of them: a person moved it then."""
    named = sorted({reference for _, reference, _ in sides} - {""})
    moved = word(entry.meta, "key") and word(entry.meta, "kind") in ON_ACCOUNT
    return " · ".join(named) if moved or len(named) == 1 else ""
