"""Whether a pull is complete: what came of it beside what the source counts itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from connectors.problems import Problem
from connectors.records import ZERO, total_of
from connectors.source import Control, Pulled


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A count of the source's beside what was pulled of the same kinds."""

    control: Control
    pulled: int
    pulled_total: Decimal

    @property
    def missing(self) -> int:
        """How many records were neither pulled nor told to be unreadable; below zero, how many are too many."""
        return self.control.count - self.control.unread - self.pulled

    @property
    def total_missing(self) -> Decimal:
        """What they come to, or what others come to too little; zero where the source tells no sum."""
        total = self.control.total
        return ZERO if total is None else total - self.control.unread_total - self.pulled_total


def held(pulled: Pulled) -> tuple[Held, ...]:
    """Each count of the source's beside what came of the pull."""
    return tuple(_held(control, pulled) for control in pulled.controls)


def _held(control: Control, pulled: Pulled) -> Held:
    mine = [each for each in pulled.records if each.kind in control.kinds]
    return Held(control=control, pulled=len(mine), pulled_total=sum(map(total_of, mine), ZERO))


def incomplete(counts: Iterable[Held]) -> list[Problem]:
    """A problem for each count that does not come out, with both sides' figures."""
    return [
        Problem(
            code="pull_incomplete",
            params={
                "source": each.control.name,
                "count": str(each.control.count),
                "pulled": str(each.pulled),
                "unread": str(each.control.unread),
                "amount": f"{each.total_missing:.2f}",
            },
        )
        for each in counts
        if each.missing or each.total_missing
    ]
