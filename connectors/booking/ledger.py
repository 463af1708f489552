"""The ledger whose books are kept by recipes: everything that the contract asks for and that no ledger has alone."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from connectors.booking import amending, applying, carrying, looking, sights, undoing
from connectors.booking.bookkeeping import Bookkeeping
from connectors.ledger import Action, Ledger, Outcome, Posted, Posting, Sought, Standing
from connectors.records import Kind

ALONE = (Action.VOID, Action.APPLY, Action.AMEND)
"""What is sent by requests of its own."""


class BookingLedger(Ledger):
    """A ledger that brings its ``bookkeeping`` and inherits how postings are booked, found, undone and applied."""

    @property
    @abstractmethod
    def bookkeeping(self) -> Bookkeeping:
        """The company's books. Raises ``CannotRun``."""

    @abstractmethod
    def id_in(self, kind: Kind, typed: str) -> str:
        """The reference of a kind in what a person typed: an id, or the address of its page; empty for all else."""

    def post(self, postings: Sequence[Posting]) -> Iterator[Outcome]:
        """Voids, what is applied to more, and what is amended, one by one; then everything else as few requests as it
        takes."""
        if not postings:
            return iter(())
        books = self.bookkeeping
        voids, later, amended, others = _sorted(postings)
        return chain(
            undoing.undo(books, voids) if voids else (),
            applying.apply(books, later) if later else (),
            amending.amend(books, amended) if amended else (),
            carrying.post(books, others) if others else (),
        )

    def find(self, postings: Sequence[Posting]) -> Mapping[str, Posted]:
        """What is booked whole, under our keys; voids that are done, applications that stand, and what is amended."""
        books = self.bookkeeping
        voids, later, amended, others = _sorted(postings)
        found = undoing.undone(books, voids) if voids else {}
        found |= applying.applied(books, later) if later else {}
        found |= amending.amended(books, amended) if amended else {}
        if others:
            there = sights.bodies(books, others, seen=books.seen)
            sought = [posting for posting in others if posting.key in there]
            for key, sight in sights.sights(books, sought, there).items():
                posting = next(each for each in sought if each.key == key)
                if sight.body is not None and carrying.is_whole(books, posting, sight):
                    found[key] = books.posted(posting, sight.body, replayed=True)
        return found

    def read(self, postings: Sequence[Posting]) -> Mapping[str, Standing]:
        """Documents by their ids."""
        return undoing.read(self.bookkeeping, postings)

    def search(self, sought: Sequence[Sought]) -> Mapping[str, Sequence[Standing]]:
        """Asked by id, by number and by day, and compared here."""
        return looking.search(self.bookkeeping, sought, self.id_in) if sought else {}


def _sorted(postings: Sequence[Posting]) -> tuple[list[Posting], ...]:
    """By what is asked for, those last that are made or changed as a whole."""
    by_action = {action: [p for p in postings if p.action is action] for action in ALONE}
    return (*by_action.values(), [posting for posting in postings if posting.action not in by_action])
