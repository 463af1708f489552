"""The command line: one command per use case; results on standard output, everything else on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, NoReturn, TypeAlias

import typer
from typer import rich_utils

from addin import texts
from addin.commands import after, company, machine, review, syncing
from addin.commands.command import app
from addin.logbook import keep_facts
from addin.texts import mark
from connectors import private

__all__ = ["app", "helped", "main"]

THEMES = [module.__name__ for module in (company, review, syncing, after, machine)]
"""Where commands are, in the order in which they are listed."""

app.registered_commands.sort(key=lambda each: THEMES.index(getattr(each.callback, "__module__", "")))

TITLES = {
    "COMMANDS_PANEL_TITLE": mark("Commands"),
    "ERRORS_PANEL_TITLE": mark("Error"),
    "REQUIRED_LONG_STRING": mark("[required]"),
    "RICH_HELP": mark("Try [blue]'{command_path} {help_option}'[/] for help."),
}
"""What typer itself says and lets be replaced (``typer.rich_utils``); the rest of its own words is English."""

Explained: TypeAlias = Any
"""A command, option or argument as typer makes it of the functions of the themes."""


def main() -> NoReturn:
    """Run the command line, in the machine's language, and end with its exit status."""
    private.by_default()
    keep_facts()
    language, left = texts.machine_language(), {name: f"{{{name}}}" for name in ("command_path", "help_option")}
    command = typer.main.get_command(app)
    for explained in helped(command):
        explained.help = texts.say(language, explained.help)
    for title, text in TITLES.items():
        setattr(rich_utils, title, texts.say(language, text, **left))
    sys.exit(command(standalone_mode=True))


def helped(command: Explained) -> Iterator[Explained]:
    """A command, its options and arguments, and its commands in turn: whatever of them has a help text."""
    yield from (each for each in (command, *command.params) if getattr(each, "help", None))
    for inner in getattr(command, "commands", {}).values():
        yield from helped(inner)
