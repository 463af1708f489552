"""What comes of a request: an answer, or an exception that says what is known about what the other side did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.problems import CannotRun, Problem
from connectors.watch import NothingDone


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A complete answer; ``body`` is its JSON (``None`` when it has none), ``content`` its bytes.

    ``headers`` are looked up in any case. ``excerpt`` is the beginning of the text, without secrets, for problems.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: Any = field(default=None, repr=False)
    content: bytes = field(default=b"", repr=False)
    request_id: str = ""
    excerpt: str = field(default="", repr=False)

    @property
    def detail(self) -> str:
        """What to keep of it in a problem: status, beginning, and the vendor's id of the request."""
        named = f"[{self.request_id}]" if self.request_id else ""
        return " ".join(part for part in (str(self.status), self.excerpt, named) if part)


class Refused(NothingDone):
    """The other side answered no (3xx, 4xx) and certainly did nothing; ``answer`` says why in its own words.

    ``problem`` is only as good as the status: a connector maps the vendor's own codes first.
    """

    def __init__(self, problem: Problem, answer: Answer) -> None:
        super().__init__(problem)
        self.problem, self.answer = problem, answer


class NotSent(NothingDone):
    """Certainly nothing was done: never arrived, or was turned away before; for a read, also: no usable answer."""

    def __init__(self, problem: Problem, answer: Answer | None = None) -> None:
        super().__init__(problem)
        self.problem, self.answer = problem, answer


class MayHaveHappened(CannotRun):
    """A write may or may not have been carried out; ``problem`` is ``outcome_unknown``, ``answer`` what came, if any.

    Look it up before anything else.
    """

    def __init__(self, problem: Problem, answer: Answer | None = None) -> None:
        super().__init__(problem)
        self.problem, self.answer = problem, answer
