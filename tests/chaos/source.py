"""What the source does meanwhile: it changes what did not leave yet, or nobody can read it any more."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

from addin.hands import open_journal
from addin.session import Session
from addin.usecases.pull import pull
from connectors.problems import CannotRun
from connectors.records import Kind
from tests.addin.conftest import TODAY
from tests.chaos.books import Document
from tests.chaos.worlds import INVOICES, PAYMENTS, World, amount, record_of

DAY, STRANGE = "2025-01-15", "one of these days"
"""The date of every invoice, and one that nobody can read."""


@dataclass
class Source:
    """The source between two runs; what it says is pulled at once. ``unread`` are the invoices that cannot be read."""

    world: World
    chance: Random
    works: bool
    unread: set[str] = field(default_factory=set)

    def decides(self) -> None:
        """Between two runs."""
        for act in (self._changes, self._becomes_unreadable, self.mends):
            if self.works and self.chance.random() < 0.4:
                act()

    def mends(self) -> None:
        """Everything can be read again."""
        if self.unread:
            self._pulled({key: {"date": DAY} for key in sorted(self.unread)}, unread=set())

    def holds(self, standing: Collection[Document]) -> None:
        """What could not be read before it left did not leave."""
        left = self.unread & {each.record for each in standing if not each.by_hand}
        assert not left, f"left though it could not be read: {left}"

    def _changes(self) -> None:
        """The amount or the customer of some."""
        names = [row["key"] for row in self.world.company.files["accounts"]]
        changed: dict[str, dict[str, str]] = {}
        for key in self._some():
            if self.chance.random() < 0.6:
                changed[key] = {"net": str(500 + self.chance.randrange(400))}
            else:
                changed[key] = {"account": self.chance.choice(names)}
            self.world.note("source: changes a record")
        self._pulled(changed, self.unread)

    def _becomes_unreadable(self) -> None:
        chosen = self._some()
        self._pulled({key: {"date": STRANGE} for key in chosen}, unread=self.unread | set(chosen))
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

    def _pulled(self, changes: dict[str, dict[str, str]], unread: set[str]) -> None:
        """Change the files and pull; where it cannot be pulled now, the files stay as they were."""
        company = self.world.company
        before = deepcopy(company.files)
        for key, cells in changes.items():
            record_of(company, key).update({name: cell for name, cell in cells.items() if name != "net"})
            if "net" in cells:
                amount(company, int(key[1:]), Decimal(cells["net"]))
        company.write()
        try:
            with Session.open(self.world.profile, company.book, "pull", TODAY) as session:
                pull(session)
        except CannotRun:
            company.files = before
            company.write()
            return
        self.unread = unread
        self.world.reads()
