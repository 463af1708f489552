"""What every scheduler is to us: it takes a company's round, shows what it took, and gives it back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from addin.installation import command_line
from addin.profile import Profile
from connectors.problems import CannotRun, Problem

UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=31)
"""What Windows repeats at (Task Scheduler schema, repetitionType: PT1M to P31D); the others follow."""

WAIT = 600
"""Seconds that a round waits while somebody works on the company."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """How often a company has its round, and the program with its arguments that makes it; ``key`` is a plain word."""

    key: str
    company: str
    every: timedelta
    command: tuple[str, ...] = ()
    output: Path = Path()


class Registrar(Protocol):
    """A scheduler of this machine, or the workers' queue. Every method raises ``CannotRun``."""

    name: str

    def register(self, schedule: Schedule) -> None:
        """Take a company's schedule in the place of a former one."""

    def registered(self) -> list[Schedule]:
        """What was taken and not given back; ``command`` and ``output`` may be left out."""

    def remove(self, key: str) -> None:
        """Give a company's schedule back; nothing happens where there is none."""


def schedule_of(profile: Profile, every: timedelta) -> Schedule:
    """A company's schedule; the workbook tells the command in which home its company lives."""
    command = (*command_line(), "sync", str(profile.workbook), "--pull", "--wait", str(WAIT))
    output = profile.place / "scheduled.log"
    return Schedule(key=profile.place.name, company=profile.company, every=every, command=command, output=output)


def interval(text: str) -> timedelta:
    """``15m``, ``2h``, ``1d``: a minute at least, 31 days at most. Raises ``CannotRun`` (interval_wrong)."""
    found = re.fullmatch(r"(\d{1,5})([mhd])", text.strip())
    every = int(found[1]) * UNITS[found[2]] if found else timedelta()
    if not SHORTEST <= every <= LONGEST:
        raise CannotRun(Problem(code="interval_wrong", params={"text": text}))
    return every


def spoken(every: timedelta) -> str:
    """An interval as ``interval`` reads it."""
    unit = max((unit for unit, length in UNITS.items() if not every % length), key=UNITS.__getitem__)
    return f"{every // UNITS[unit]}{unit}"


def impossible(every: timedelta, scheduler: str) -> CannotRun:
    """An interval that a scheduler cannot keep."""
    return CannotRun(Problem(code="interval_impossible", params={"text": spoken(every), "scheduler": scheduler}))
