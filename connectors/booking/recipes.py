"""The steps to booked: each writes what is still missing, and takes back what it made.

Whether a step is done is told by what the ledger has, and not by what was sent: what is missing is nothing then. So a
posting that was left half booked, by a crash or a lost answer, is gone on with where it was left.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeAlias

from connectors.applying import Open
from connectors.ledger import Applied, Posting
from connectors.problems import CannotRun, Problem

Body: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target(Open):
    """A document that a payment or credit may go to: its id, whose it is, its day (ISO 8601), what it came to.

    ``currency`` is empty for the home currency.
    """

    id: str
    party: str
    total: Decimal
    day: str = ""
    void: bool = False
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What the ledger has of a posting, and of the documents that it is applied to, by their ids.

    ``body`` is ``None`` where it has nothing, ``gone`` how many of its key are void. ``parts`` are what it is applied
    to with the documents' ids, or why that cannot be. ``returned`` is the payment that it gives back, if it does.
    """

    body: Body | None = None
    gone: int = 0
    parts: tuple[Applied, ...] | Problem = ()
    targets: Mapping[str, Target] = field(default_factory=dict)
    returned: Body | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One change of the ledger's books for a posting; those of one ``to`` may leave in one request.

    ``to`` is the transport's own word for where it goes, ``made`` what the recipe calls that which it makes, ``again``
    how often the same was made before and is gone: a service that remembers requests must not take it for that.
    """

    posting: Posting
    to: str
    body: Body
    made: str = ""
    again: int = 0


@dataclass(frozen=True, slots=True)
class Done:
    """A write was carried out; what the ledger answered."""

    body: Body


@dataclass(frozen=True, slots=True)
class Refusal:
    """A write was refused, and certainly not carried out."""

    problem: Problem


@dataclass(frozen=True, slots=True)
class Doubt:
    """A write may have been carried out, as far as is known from these words."""

    detail: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """A write was not carried out, and neither will be others: why nothing can be done now.

    ``problem`` is what the write itself was refused for, where it was sent.
    """

    why: CannotRun
    problem: Problem | None = None


Answer: TypeAlias = Done | Refusal | Doubt | Stopped
Writes: TypeAlias = Sequence[Write]


def nothing(_: Posting, __: Sight) -> Writes:
    """Nothing to write."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: ``missing`` gives what is still to be written, or why it cannot be; ``back`` what takes it out again.

    What goes ``back`` is carried out one after the other. ``parted`` says that a step may be done in part. ``looks``
    says that it depends on what is open of the documents it goes to: they are looked at before it, and once more where
    it is refused; and of those that go to one document, each waits for the one before.
    """

    missing: Callable[[Posting, Sight], Writes | Problem]
    back: Callable[[Posting, Sight], Writes | Problem] = nothing
    parted: bool = False
    looks: bool = False


Recipe: TypeAlias = tuple[Step, ...]


def may_be_halved(recipe: Recipe) -> bool:
    """Whether a posting of this recipe may be booked in part: then what is there is looked at first."""
    return len(recipe) > 1 or any(step.parted for step in recipe)
