"""Whether this is an installed copy of the product, where it is, and what was chosen when it was installed."""

from __future__ import annotations

import sys
from pathlib import Path

CHOICES = "installed.ini"
"""What the installer writes beside the programs: under ``[passerelle]``, ``language``, ``ledger``, ``releases``."""

SCHEDULED = "passerelle-scheduled.exe"
"""The command line without a window, which an installed copy has on Windows."""


def is_installed() -> bool:
    """Whether this is a program that PyInstaller built, which sets ``sys.frozen``; otherwise Python runs us."""
    return bool(getattr(sys, "frozen", False))


def folder() -> Path:
    """Where the programs are: the installed ones, or those of the Python environment."""
    return Path(sys.executable).parent


def chosen(name: str) -> str:
    """What was chosen when this copy was installed; nothing in a Python environment, or where nothing can be read."""
    if not is_installed():
        return ""
    from configparser import ConfigParser, Error

    choices = ConfigParser(interpolation=None)
    try:
        choices.read(folder() / CHOICES, encoding="utf-8-sig")
    except (OSError, Error, UnicodeDecodeError):
        return ""
    return choices.get("passerelle", name, fallback="")


def command_line() -> tuple[str, ...]:
    """How a scheduler starts the command line; on Windows without a window in front of whoever works there."""
    started = Path(sys.executable)
    quiet = started.with_name(SCHEDULED if is_installed() else "pythonw.exe")
    program = str(quiet if quiet.is_file() else started)
    return (program,) if is_installed() else (program, "-m", "addin")
