"""Two people: one prepares, the other approves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

import pytest

from addin.session import Session
from addin.usecases.approve import approve
from addin.usecases.rights import rights
from connectors.problems import CannotRun
from connectors.records import Kind
from tests.addin.conftest import TODAY, works_as
from tests.chaos.books import Document
from tests.chaos.invariants import marked, rows
from tests.chaos.person import CHECK, Command, These
from tests.chaos.worlds import INVOICES, World, content_of

RIGHTS = {"administrators": ("ada",), "approvers": ("alice",), "preparers": ("bob",), "review": (Kind.INVOICE,)}


@dataclass
class Review:
    """Bob works and Alice approves invoices; ``approved`` is the customer and the total of what she ever approved."""

    world: World
    chance: Random
    works: bool
    approved: dict[str, set[tuple[str, Decimal]]] = field(default_factory=lambda: defaultdict(set))

    def begins(self, patch: pytest.MonkeyPatch) -> None:
        """An administrator sets it up."""
        if self.works:
            with self._as("ada"):
                self._press(Command("rights", lambda session: rights(session, RIGHTS)))
            works_as(patch, "bob")
            with suppress(CannotRun):
                self._press(CHECK)

    def decides(self) -> None:
        """Between two runs."""
        for act in (self.approves_some, self._steps_over):
            if self.works and self.chance.random() < 0.5:
                act()

    def approves_all(self) -> None:
        """Everything that waits."""
        if self.works:
            self._approves(lambda: True)

    def holds(self, standing: list[Document]) -> None:
        """What left is what was approved."""
        for each in standing if self.works else ():
            if each.kind is Kind.INVOICE and not each.by_hand:
                left, approved = (each.customer, each.total), self.approved[each.record]
                assert left in approved, f"{each.record} left as {left}, and was approved as {approved or 'never'}"

    def approves_some(self) -> None:
        """A part of what waits."""
        if self.works:
            self._approves(lambda: self.chance.random() < 0.6)
            self.world.note("person: approves")

    def _approves(self, which: Callable[[], bool]) -> None:
        chosen = [
            key for key, row in rows(self.world.company).items() if row.values["status"] == "In Review" and which()
        ]
        if not chosen:
            return
        keys = [(Kind.INVOICE, key) for key in chosen]
        with self._as("alice"), suppress(CannotRun):
            for key in chosen:
                self.approved[key].add(content_of(self.world.company, key))
            self._press(Command("approve", lambda session: approve(session, These(keys=keys))))

    def _steps_over(self) -> None:
        """Bob types the status, and presses Approve."""
        marked(self.world.company, "In Review", lambda: self.chance.random() < 0.5)
        keys = [(Kind.INVOICE, f"I{n}") for n in range(INVOICES)]
        with pytest.raises(CannotRun):
            self._press(Command("approve", lambda session: approve(session, These(keys=keys))))
        self.world.note("person: who is no approver tries to approve")

    def _press(self, command: Command) -> None:
        with Session.open(self.world.profile, self.world.company.book, command.name, TODAY) as session:
            command.run(session)

    @contextmanager
    def _as(self, name: str) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            works_as(patch, name)
            yield
