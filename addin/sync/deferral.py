"""Revenue received in advance: the schedules as last pulled, and what the keys of their entries say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

from connectors.records import Kind, RevenueSchedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What of a line no money stands for though its months are over by ``ends``, and so waits to become revenue.

    ``document`` and ``account`` are called as people call them, ``deferred`` is the source's account it waits on.
    """

    kind: Kind
    key: str
    document: str
    account: str
    line: int
    amount: Decimal
    currency: str
    deferred: str
    ends: date


@dataclass(frozen=True)
class Schedules:
    """The schedules of a company, as last pulled: which lines become revenue later, and what an entry is made from.

    ``left`` are the keys of those that the source has no longer, ``outdated`` the numbers of transferred entries that a
    schedule would not make any more, by its key, and ``waiting`` the lines that no money stands for.
    """

    known: tuple[RevenueSchedule, ...] = ()
    left: frozenset[str] = frozenset()
    outdated: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    waiting: tuple[Waiting, ...] = ()

    @cached_property
    def by_key(self) -> dict[str, RevenueSchedule]:
        """The schedules by their keys."""
        return {schedule.key: schedule for schedule in self.known}

    @cached_property
    def by_line(self) -> dict[tuple[str, int], RevenueSchedule]:
        """The schedules by the key of their document and the number of its line; one of the source before former."""
        former_first = sorted(self.known, key=lambda schedule: schedule.key not in self.left)
        return {(schedule.invoice, schedule.line): schedule for schedule in former_first}

    @cached_property
    def on_line(self) -> Mapping[tuple[str, int], tuple[RevenueSchedule, ...]]:
        """The schedules that the source has now, by the key of their document and the number of its line."""
        found: defaultdict[tuple[str, int], tuple[RevenueSchedule, ...]] = defaultdict(tuple)
        for schedule in self.known:
            if schedule.key not in self.left:
                found[schedule.invoice, schedule.line] += (schedule,)
        return found

    @cached_property
    def accounts(self) -> frozenset[str]:
        """The source's accounts that revenue is moved from."""
        return frozenset(schedule.deferred_account for schedule in self.known)

    def behind(self, entry: str) -> RevenueSchedule | None:
        """The schedule that an entry of this key was made from; none behind one that the source itself holds."""
        return self.by_key.get(schedule_of(entry))


def schedule_of(entry: str) -> str:
    """The key of the schedule in the key of an entry made from it."""
    return entry.rpartition("/")[0]


def month_of(entry: str) -> str:
    """The month that an entry is the own entry of, such as 2024-03; empty for one that corrects or catches up."""
    ending = entry.rpartition("/")[2]
    return "" if "." in ending else ending


def serial_of(entry: str) -> int:
    """Which of a schedule's corrections an entry is, counted from 1; 0 for the own entry of a month."""
    serial = entry.rpartition("/")[2].partition(".")[2]
    return int(serial) if serial.isdecimal() else 0
