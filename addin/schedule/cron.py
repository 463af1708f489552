"""A person's crontab: two lines of ours for a company, everything else as it was.

Facts: crontab(5) and crontab(1) of cron 3.0pl1 — minute, hour, day of month, month, day of week; ``%`` ends a command
unless it is escaped; ``crontab -l`` fails where there is none; ``crontab -`` takes one from standard input.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from datetime import timedelta

from addin.schedule.programs import asked, told
from addin.schedule.registrar import Schedule, impossible, interval, spoken

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

OURS = re.compile(r"# passerelle (?P<key>[a-z0-9-]+) every (?P<every>\d+[mhd]): (?P<company>.*)")
"""The comment that stands above each line of ours."""


class Cron:
    """The crontab of who runs this program."""

    name = "cron"

    def register(self, schedule: Schedule) -> None:
        """Replace or add the company's two lines. Raises ``CannotRun``: interval_impossible, scheduler_refused."""
        company = " ".join(schedule.company.split())
        head = f"# passerelle {schedule.key} every {spoken(schedule.every)}: {company}"
        command = f"{shlex.join(schedule.command)} > {shlex.quote(str(schedule.output))} 2>&1".replace("%", r"\%")
        lines = [head, f"{moments(schedule.every)} {command}"]
        _write([*_without(_lines(), schedule.key), *lines])

    def registered(self) -> list[Schedule]:
        """The companies whose lines stand in it."""
        found = filter(None, map(OURS.fullmatch, _lines()))
        return [Schedule(key=f["key"], company=f["company"], every=interval(f["every"])) for f in found]

    def remove(self, key: str) -> None:
        """Take the company's two lines out."""
        lines = _lines()
        kept = list(_without(lines, key))
        if kept != lines:
            _write(kept)


def moments(every: timedelta) -> str:
    """When cron is to run something: only what divides an hour or a day comes at even distances."""
    minutes, hours = every // timedelta(minutes=1), every // HOUR
    if every < HOUR and not HOUR % every:
        return f"*/{minutes} * * * *" if minutes > 1 else "* * * * *"
    if every < DAY and not every % HOUR and not DAY % every:
        return f"0 */{hours} * * *" if hours > 1 else "0 * * * *"
    if every == DAY:
        return "0 0 * * *"
    raise impossible(every, Cron.name)


def _lines() -> list[str]:
    """The crontab; Debian's says that there is none by failing, with nothing on standard output."""
    return asked(("crontab", "-l")).stdout.splitlines()


def _write(lines: list[str]) -> None:
    told(("crontab", "-"), "".join(f"{line}\n" for line in lines))


def _without(lines: list[str], key: str) -> Iterator[str]:
    waiting = iter(lines)
    for line in waiting:
        found = OURS.fullmatch(line)
        if found and found["key"] == key:
            next(waiting, None)
        else:
            yield line
