"""What a use case answers: counts, totals and problems, the same for the ribbon, the command line and JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import IntEnum

from addin.session import as_json
from addin.sync.effects import Effect, effect
from addin.usecases.totals import by_direction
from connectors.problems import Owner, Problem
from connectors.records import Kind
from workbook.layout import Language


class Exit(IntEnum):
    """How a command ends."""

    DONE = 0
    NEEDS_A_PERSON = 1
    COULD_NOT_RUN = 2
    DEFECT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One use case's answer; ``counts`` is name → kind → number, ``facts`` are further values by name.

    ``totals`` are signed: what kinds come to that go the same way is added up by ``by_direction``.
    """

    run: int
    counts: Mapping[str, Mapping[Kind, int]] = field(default_factory=dict)
    totals: Mapping[Kind, Decimal] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)
    could_run: bool = True

    @property
    def exit(self) -> Exit:
        """0 all done, 1 records need a person, 2 could not run."""
        if not self.could_run:
            return Exit.COULD_NOT_RUN
        waiting = any(p.owner is not Owner.LATER and effect(p) is not Effect.NOTICE for p in self.problems)
        return Exit.NEEDS_A_PERSON if waiting else Exit.DONE

    @property
    def needing(self) -> int:
        """How many records, and other things, need a person."""
        return needing(self.problems)

    def as_json(self, language: Language) -> dict[str, object]:
        """The report as plain values: codes and sentences, counts per kind, amounts as text."""
        return {
            "run": self.run,
            **{name: {kind.value: n for kind, n in counts.items()} for name, counts in self.counts.items()},
            "totals": {kind.value: str(total) for kind, total in self.totals.items()},
            "directions": {way.value: str(total) for way, total in by_direction(self.totals).items()},
            **self.facts,
            "problems": [as_json(problem, language) for problem in self.problems],
        }


def needing(problems: Iterable[Problem]) -> int:
    """How many records, and other things, problems are of; a record counts once, however many cells of it are wrong."""
    waiting = [problem for problem in problems if problem.owner is not Owner.LATER]
    records = {(problem.kind, problem.key) for problem in waiting if problem.kind}
    return len(records) + sum(1 for problem in waiting if not problem.kind)


def by_kind(kinds: Iterable[Kind]) -> Counter[Kind]:
    """How many of each kind, in the order of the kinds."""
    counts = Counter(kinds)
    return Counter({kind: counts[kind] for kind in Kind if counts[kind]})
