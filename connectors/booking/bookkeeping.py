"""What the ways to booked need to know of a ledger: its company's lists, its recipes, and how it is asked and told."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from connectors.booking.recipes import Answer, Body, Recipe, Sight, Target, Write, Writes
from connectors.ledger import Capabilities, LedgerLists, Posted, Posting, Standing
from connectors.problems import Problem
from connectors.records import Kind, Transferable


class Bookkeeping(ABC):
    """One company's books in a ledger. Every question may raise ``CannotRun``.

    Bodies are as the ledger tells them; where one record of ours is several of the ledger's, its body holds them all.
    """

    label: str
    capabilities: Capabilities

    @property
    @abstractmethod
    def lists(self) -> LedgerLists:
        """The company's lists."""

    @abstractmethod
    def refused(self, posting: Posting) -> Problem | None:
        """The first reason not to send a posting, by what is known without asking."""

    @abstractmethod
    def recipe(self, posting: Posting) -> Recipe:
        """The steps to booked."""

    @abstractmethod
    def carry_out(self, writes: Sequence[Write]) -> Sequence[Answer]:
        """One answer for each write, in their order; raises nothing."""

    # --- asking

    @abstractmethod
    def by_ids(self, kind: Kind, references: Iterable[str]) -> Iterator[Body]:
        """What bears these of the ledger's ids, void or not."""

    @abstractmethod
    def by_words(self, kind: Kind, words: Iterable[str]) -> Iterator[Body]:
        """What bears one of these words where its kind can be asked for one (``word``); more may answer."""

    @abstractmethod
    def by_days(self, kind: Kind, first: date, last: date) -> Iterator[Body]:
        """What is dated on one of these days; more may answer."""

    @abstractmethod
    def by_number(self, kind: Kind, numbers: Iterable[str]) -> Iterator[Body]:
        """What people call by one of these numbers; more may answer."""

    @abstractmethod
    def word(self, posting: Posting) -> str:
        """The word that a posting's kind is asked for by; empty where its day says where to look."""

    def seen(self, _: Posting, __: Sequence[Body]) -> None:
        """Told of what answered where a posting was looked for, before it is sent; more may be among it."""

    # --- reading what it tells

    @abstractmethod
    def key_of(self, kind: Kind, body: Body) -> str:
        """Our key, where a body bears one."""

    def borne(self, kind: Kind, body: Body, keys: Collection[str]) -> str:
        """Which of these keys a body bears; empty for none."""
        key = self.key_of(kind, body)
        return key if key in keys else ""

    @abstractmethod
    def standing(self, kind: Kind, body: Body) -> Standing:
        """A document as it is now."""

    @abstractmethod
    def posted(self, posting: Posting, body: Body, *, replayed: bool) -> Posted:
        """What was booked."""

    def joined(self, _: Posting, __: Body | None, ___: Write, answer: Body) -> Body:
        """What the ledger has of a posting after one more write: where one is the whole of it, what was answered."""
        return answer

    @abstractmethod
    def target(self, kind: Kind, body: Body) -> Target:
        """A document that something is applied to."""

    def applied(self, _: Posting, __: Body) -> Mapping[str, Decimal]:
        """To which documents a body goes, by their ids, where the ledger declares ``applies_later`` or a void; what
        goes elsewhere by a name of that."""
        return {}

    def own(self, _: Posting, standing: Standing, __: Body) -> Standing:
        """A document as it is now without what we applied ourselves and take out with it."""
        return standing

    @abstractmethod
    def kind_of(self, reference: str) -> Kind | None:
        """The kind that a reference is of; ``None`` where it is no id of the ledger's."""

    def texts(self, _: Posting, __: Body) -> Mapping[str, str]:
        """What a body says in each field that the ledger amends, in the words of ``written``."""
        return {}

    def written(self, record: Transferable, name: str, _: Body) -> str:
        """A field of a record as the ledger has it, on what stands there now."""
        return str(getattr(record, name) or "")

    def amendments(self, _: Posting, __: Sequence[str], ___: Body) -> Writes:
        """The writes that say these fields anew, where the ledger declares ``amends``."""
        return ()

    def more(self, _: Posting, __: Sight) -> Writes:
        """The writes that apply a body to the parts of a sight, where the ledger declares ``applies_later``."""
        return ()
