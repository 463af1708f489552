"""Windows Task Scheduler: a task for a company in a folder of ours, registered through ``schtasks``.

Facts: Microsoft's Task Scheduler schema (namespace below; taskType, timeTriggerType, repetitionType, settingsType,
principalType, execType) and its reference of ``schtasks /Create /XML``, ``/Query /XML``, ``/Delete``. *Assumption:* a
task made without ``/RU`` runs as who made it; with ``InteractiveToken`` while that person is signed in, and so with
the credentials of that person, and no password is kept.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from datetime import timedelta
from pathlib import Path
from xml.sax.saxutils import escape

from addin.home import companies
from addin.schedule.programs import asked, told
from addin.schedule.registrar import Schedule

FOLDER = "Passerelle"

TASK = """<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.3" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Author>Passerelle</Author>
    <Description>{company}</Description>
  </RegistrationInfo>
  <Triggers>
    <TimeTrigger>
      <Enabled>true</Enabled>
      <StartBoundary>2026-01-01T00:00:00</StartBoundary>
      <Repetition>
        <Interval>PT{minutes}M</Interval>
        <StopAtDurationEnd>false</StopAtDurationEnd>
      </Repetition>
    </TimeTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <ExecutionTimeLimit>PT12H</ExecutionTimeLimit>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{program}</Command>
      <Arguments>{arguments}</Arguments>
    </Exec>
  </Actions>
</Task>
"""

KNOWN = re.compile(r"<Interval>PT(?P<minutes>\d+)M</Interval>")


class Windows:
    """The tasks of who runs this program; those of a company of ``home`` that is gone are not looked for."""

    name = "windows"

    def register(self, schedule: Schedule) -> None:
        """Make the task, or make it anew. Raises ``CannotRun`` (scheduler_refused)."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "task.xml"
            path.write_text(task(schedule), encoding="utf-16")
            told(("schtasks", "/Create", "/TN", _name(schedule.key), "/XML", str(path), "/F"))

    def registered(self) -> list[Schedule]:
        """The companies of this machine that have a task; Windows answers in its own language, so each is asked for."""
        found = []
        for place in sorted(path.parent for path in companies().glob("*/profile.toml")):
            answer = asked(("schtasks", "/Query", "/TN", _name(place.name), "/XML"))
            if not answer.returncode and (known := KNOWN.search(answer.stdout)):
                every = timedelta(minutes=int(known["minutes"]))
                found.append(Schedule(key=place.name, company=place.name, every=every))
        return found

    def remove(self, key: str) -> None:
        """Delete the task."""
        if not asked(("schtasks", "/Query", "/TN", _name(key))).returncode:
            told(("schtasks", "/Delete", "/TN", _name(key), "/F"))


def task(schedule: Schedule) -> str:
    """A company's task as Microsoft's schema wants it."""
    program, *arguments = schedule.command
    return TASK.format(
        company=escape(" ".join(schedule.company.split())),
        minutes=schedule.every // timedelta(minutes=1),
        program=escape(program),
        arguments=escape(subprocess.list2cmdline(arguments)),
    )


def _name(key: str) -> str:
    return f"\\{FOLDER}\\{key}"
