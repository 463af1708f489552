"""Which schedulers this machine has, the one that a new schedule goes to first."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable

from addin.schedule.cron import Cron
from addin.schedule.programs import asked
from addin.schedule.registrar import Registrar
from addin.schedule.systemd import Systemd
from addin.schedule.windows import Windows
from connectors.problems import CannotRun, Problem


def answering() -> list[Registrar]:
    """The schedulers that answer here, should there be any."""
    return [kind() for kind, there in HAVING if there()]


def registrars() -> list[Registrar]:
    """The schedulers that answer here, one at least. Raises ``CannotRun`` (scheduler_missing) where none does."""
    found = answering()
    if not found:
        raise CannotRun(Problem(code="scheduler_missing"))
    return found


def _systemd() -> bool:
    """A person without a session of systemd's own (a container, some servers) cannot start a timer."""
    return bool(shutil.which("systemctl")) and not asked(("systemctl", "--user", "show-environment")).returncode


HAVING: tuple[tuple[Callable[[], Registrar], Callable[[], bool]], ...] = (
    (Windows, lambda: sys.platform == "win32"),
    (Systemd, _systemd),
    (Cron, lambda: bool(shutil.which("crontab"))),
)
