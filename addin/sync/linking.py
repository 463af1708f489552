"""Which customer of the ledger a typed reference names: by its id, its number, its name, or the address of its page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from addin.sync.matching import Customers
from addin.sync.offers import Shown, shown
from connectors.ledger import LedgerCustomer
from connectors.records import Customer

CANDIDATES = 5
"""How many customers a sentence names where a reference may mean several."""


@dataclass
class Directory:
    """The ledger's customers, as last told, found by what a person may type."""

    customers: Sequence[LedgerCustomer]
    _named: dict[str, list[LedgerCustomer]] = field(init=False, default_factory=dict)
    _by_id: dict[str, LedgerCustomer] = field(init=False, default_factory=dict)
    _alike: Customers | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._by_id = {customer.reference: customer for customer in self.customers}
        self._shown = Shown(self.customers)
        for customer in self.customers:
            for name in {_folded(each) for each in _names(customer)} - {""}:
                self._named.setdefault(name, []).append(customer)

    def __getitem__(self, reference: str) -> LedgerCustomer:
        return self._by_id[reference]

    def __contains__(self, reference: object) -> bool:
        return reference in self._by_id

    def name(self, reference: str) -> str:
        """A customer as a sentence names it; its id where it is not known."""
        return shown(self._by_id[reference]) if reference in self._by_id else reference

    def named(self, typed: str) -> list[LedgerCustomer]:
        """The customers that a text may mean."""
        if one := self._shown.named(typed):
            return [one]
        words = [typed, *_in_address(typed)]
        found = {c.reference: c for word in words for c in self._named.get(_folded(word), ())}
        return list(found.values())

    def suggested(self, text: str) -> LedgerCustomer | None:
        """The customer that a suggestion shows."""
        return self._shown.named(text)

    def offered(self, text: str) -> bool:
        """Whether a text was chosen from those that a cell offers."""
        return self._shown.offered(text) is not None

    def right(self, account: Customer) -> LedgerCustomer | None:
        """The one customer that an account certainly resembles, if there is one."""
        if self._alike is None:
            self._alike = Customers(self.customers)
        best = self._alike.best(account)
        return best.customer if best and best.score > CERTAIN else None


CERTAIN = 69
"""Per cent from which a resemblance is worth naming: a number in common."""


def resembles(account: Customer, customer: LedgerCustomer) -> bool:
    """Whether an account and a customer have anything in common: words of the name, e-mail, telephone, number."""
    return Customers([customer]).best(account) is not None or not customer.active


def candidates(customers: Iterable[LedgerCustomer]) -> str:
    """Customers as a sentence lists them."""
    listed = [shown(customer) for customer in customers]
    more = ("…",) if len(listed) > CANDIDATES else ()
    return "; ".join((*listed[:CANDIDATES], *more))


def _names(customer: LedgerCustomer) -> Iterator[str]:
    yield customer.reference
    yield customer.reference.rpartition(":")[2]
    yield customer.number
    yield customer.name


def _in_address(typed: str) -> Iterator[str]:
    """The parts of a page's address that may be an id: the values asked for, and the end of its path."""
    try:
        parts = urlsplit(typed)
    except ValueError:  # what looks like an address and is none
        return
    yield from (value for _, value in parse_qsl(parts.query))
    yield from (value for _, value in parse_qsl(parts.fragment))
    yield from (path.rstrip("/").rpartition("/")[2] for path in (parts.path, parts.fragment) if "/" in path)


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
