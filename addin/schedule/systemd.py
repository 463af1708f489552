"""A person's own systemd: a service and its timer for a company.

Facts: systemd.timer(5), systemd.service(5), systemd.unit(5) — units of a person lie in ``~/.config/systemd/user``;
``%`` is a specifier and, after the program, ``$`` a variable unless doubled; a program's path with a quotation mark or
a backslash in it is refused; a section whose name begins with ``X-`` is ours to fill.
A person's timers run while that person is signed in, or always after ``loginctl enable-linger``.
"""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path

from addin.schedule.programs import refused, told
from addin.schedule.registrar import Schedule

SERVICE = """[Unit]
Description=Passerelle: {company}

[Service]
Type=oneshot
ExecStart={command}
"""

TIMER = """[Unit]
Description=Passerelle: {company}

[Timer]
OnActiveSec={seconds}s
OnUnitActiveSec={seconds}s
AccuracySec=10s

[Install]
WantedBy=timers.target

[X-Passerelle]
Company={company}
"""

KNOWN = re.compile(r"OnUnitActiveSec=(?P<seconds>\d+)s\n.*\[X-Passerelle\]\nCompany=(?P<company>[^\n]*)\n", re.DOTALL)


class Systemd:
    """The units of who runs this program; ``folder`` is where they lie."""

    name = "systemd"

    def __init__(self, folder: Path | None = None) -> None:
        config = os.environ.get("XDG_CONFIG_HOME")
        self._folder = folder or (Path(config) if config else Path.home() / ".config") / "systemd" / "user"

    def register(self, schedule: Schedule) -> None:
        """Write both units and start the timer. Raises ``CannotRun`` (scheduler_refused)."""
        company = " ".join(schedule.company.split()).replace("%", "%%")
        seconds = schedule.every // timedelta(seconds=1)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            _write(self._unit(schedule.key, "service"), SERVICE.format(company=company, command=_line(schedule)))
            _write(self._unit(schedule.key, "timer"), TIMER.format(company=company, seconds=seconds))
        except OSError as wrong:
            raise refused(str(self._folder), str(wrong)) from wrong
        self._ask("daemon-reload")
        self._ask("enable", "--now", self._unit(schedule.key, "timer").name)

    def registered(self) -> list[Schedule]:
        """The companies whose timers lie there."""
        found = []
        for path in sorted(self._folder.glob("passerelle-*.timer")):
            if known := KNOWN.search(path.read_text(encoding="utf-8")):
                key, every = path.stem.removeprefix("passerelle-"), timedelta(seconds=int(known["seconds"]))
                found.append(Schedule(key=key, company=known["company"].replace("%%", "%"), every=every))
        return found

    def remove(self, key: str) -> None:
        """Stop the timer and delete both units."""
        units = self._unit(key, "timer"), self._unit(key, "service")
        if not any(unit.is_file() for unit in units):
            return
        self._ask("disable", "--now", units[0].name)
        for unit in units:
            unit.unlink(missing_ok=True)
        self._ask("daemon-reload")

    def _unit(self, key: str, kind: str) -> Path:
        return self._folder / f"passerelle-{key}.{kind}"

    def _ask(self, *words: str) -> None:
        told(("systemctl", "--user", *words))


def _line(schedule: Schedule) -> str:
    """A command as ``ExecStart`` reads it: every word quoted, and variables put into all but the first."""
    program, *words = map(_escaped, schedule.command)
    return " ".join(f'"{word}"' for word in (program, *(word.replace("$", "$$") for word in words)))


def _escaped(word: str) -> str:
    for sign, written in (("\\", "\\\\"), ('"', '\\"'), ("%", "%%"), ("\n", "\\n")):
        word = word.replace(sign, written)
    return word


def _write(path: Path, text: str) -> None:
    beside = path.with_name(f"{path.name}.new")
    beside.write_text(text, encoding="utf-8")
    os.replace(beside, path)
