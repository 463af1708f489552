"""What the source does meanwhile: it changes what did not leave yet or left, goes on, or cannot be read any more."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

from addin.hands import open_journal
from addin.journal import State
from addin.session import Session
from addin.usecases.pull import pull
from connectors.problems import CannotRun
from connectors.records import Kind
from tests.addin.conftest import TODAY
from tests.chaos.besides import Company, apply, cancel, pay_the_rest, put_off
from tests.chaos.books import Document
from tests.chaos.worlds import INVOICES, NAMES, PAYMENTS, World, amount, record_of

CANCELLED = "dues are cancelled"
LATER: dict[str, Callable[[Company], None]] = {
    "the rest of dues is paid": pay_the_rest, CANCELLED: cancel, "money on account is applied": apply,
    "an invoice is due later": put_off,
}  # fmt: skip
DAY, STRANGE = "2025-01-15", "one of these days"
"""The date of every invoice, and one that nobody can read."""


@dataclass
class Source:
    """The source between two runs; what it says is pulled at once. ``unread`` are the invoices that cannot be read."""

    world: World
    chance: Random
    works: bool
    unread: set[str] = field(default_factory=set)
    happened: set[str] = field(default_factory=set)

    def decides(self) -> None:
        """Between two runs."""
        for act in (self._changes, self._becomes_unreadable, self.mends, self._goes_on, self._goes_on):
            if self.works and self.chance.random() < 0.4:
                act()

    def mends(self) -> None:
        """Everything can be read again."""
        if self.unread:
            self._pulled(lambda: self._said({key: {"date": DAY} for key in sorted(self.unread)}), unread=set())

    def comes_anew(self) -> bool:
        """Once nothing waits for its look-up: what a pull left as it was meanwhile comes by the next one.

        Whether there was anything to pull.
        """
        return bool(self.happened) and self._pulled(lambda: None, self.unread)

    def holds(self, standing: Collection[Document]) -> None:
        """What could not be read before it left did not leave."""
        left = self.unread & {each.record for each in standing if not each.by_hand}
        assert not left, f"left though it could not be read: {left}"

    def _changes(self) -> None:
        """The amount or the customer of some."""
        names = [row["key"] for row in self.world.company.files["accounts"] if row["name"] in NAMES]
        changed: dict[str, dict[str, str]] = {}
        for key in self._some():
            if self.chance.random() < 0.6:
                changed[key] = {"net": str(500 + self.chance.randrange(400))}
            else:
                changed[key] = {"account": self.chance.choice(names)}
            self.world.note("source: changes a record")
        self._pulled(lambda: self._said(changed), self.unread)

    def _goes_on(self) -> None:
        """Something new: the rest of dues, a cancellation, what money goes to, another day for an invoice to be due."""
        later = sorted(LATER.keys() - self.happened)
        what = self.chance.choice(later) if later else ""
        if not what or (what == CANCELLED and not self._stands(self.world.company.later["cancelled"])):
            return  # what is cancelled before it left never leaves
        if self._pulled(lambda: LATER[what](self.world.company), self.unread):
            self.happened.add(what)
            self.world.note(f"source: {what}")

    def _stands(self, key: str) -> bool:
        with closing(open_journal(self.world.profile)) as journal:
            history = journal.transfers().get((Kind.INVOICE, key), ())
        return bool(history) and history[-1].state is State.POSTED

    def _becomes_unreadable(self) -> None:
        chosen = self._some()
        self._pulled(lambda: self._said({key: {"date": STRANGE} for key in chosen}), self.unread | set(chosen))
        for _ in chosen:
            self.world.note("source: a record cannot be read any more")

    def _some(self) -> list[str]:
        """Invoices without a payment that never left, and that nobody booked."""
        with closing(open_journal(self.world.profile)) as journal:
            sent = journal.transfers()
        there = {each.record for each in self.world.documents()}
        keys = [f"I{n}" for n in range(PAYMENTS, INVOICES) if (Kind.INVOICE, f"I{n}") not in sent]
        free = [key for key in keys if key not in there | self.unread]
        return self.chance.sample(free, min(len(free), self.chance.randint(1, 2)))

    def _said(self, changes: dict[str, dict[str, str]]) -> None:
        company = self.world.company
        for key, cells in changes.items():
            record_of(company, key).update({name: cell for name, cell in cells.items() if name != "net"})
            if "net" in cells:
                amount(company, int(key[1:]), Decimal(cells["net"]))

    def _pulled(self, change: Callable[[], None], unread: set[str]) -> bool:
        """Change the files and pull; where it cannot be pulled now, the files stay as they were."""
        company = self.world.company
        before = deepcopy(company.files)
        change()
        company.write()
        try:
            with Session.open(self.world.profile, company.book, "pull", TODAY) as session:
                pull(session)
        except CannotRun:
            company.files = before
            company.write()
            return False
        self.unread = unread
        self.world.reads()
        return True
