"""The command line: one command per use case; results on standard output, everything else on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from io import TextIOWrapper
from typing import Any, NoReturn, TypeAlias

import typer
from typer import rich_utils

from addin import texts
from addin.commands import after, company, machine, review, syncing
from addin.commands.command import app
from addin.logbook import keep_facts
from addin.screen import Plain
from addin.texts import mark
from addin.usage import Mistake, said
from connectors import private
from workbook.layout import Language

__all__ = ["app", "helped", "main"]

THEMES = [module.__name__ for module in (company, review, syncing, after, machine)]
"""Where commands are, in the order in which they are listed."""

app.registered_commands.sort(key=lambda each: THEMES.index(getattr(each.callback, "__module__", "")))

TITLES = {
    "COMMANDS_PANEL_TITLE": mark("Commands"),
    "REQUIRED_LONG_STRING": mark("[required]"),
    "DEFAULT_STRING": mark("[default: {value}]"),
}
"""What typer itself says in a help text and lets be replaced (``typer.rich_utils``), where French is not the same."""

USAGE, HELP = mark("Usage: "), mark("Show this message and exit.")
"""What it says there and lets nobody replace."""

Explained: TypeAlias = Any
"""A command, option or argument as typer makes it of the functions of the themes."""


def main() -> NoReturn:
    """Run the command line, in the machine's language, and end with its exit status."""
    private.by_default()
    _show_everything()
    keep_facts()
    language = texts.machine_language()
    command = typer.main.get_command(app)
    _translate(command, language)
    try:
        sys.exit(command(standalone_mode=False))
    except typer.Abort:
        sys.exit(1)
    except Mistake as mistake:
        if type(mistake).__name__ != "NoArgsIsHelpError":  # which has shown the help already
            Plain(stderr=True).print(said(language, mistake), soft_wrap=True)
        sys.exit(2)


def _show_everything() -> None:
    """Let no character stop a command: what a console cannot show is shown as ``?``, and a file or pipe is UTF-8.

    On Windows a pipe has the code page of the machine, which knows neither arrows nor all names.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
            if sys.platform == "win32" and not stream.isatty():
                stream.reconfigure(encoding="utf-8")


def _translate(command: Explained, language: Language) -> None:
    """Have the help of a command and of those below it say everything in a language."""
    for explained in helped(command):
        explained.help = texts.say(language, explained.help)
    for title, text in TITLES.items():
        setattr(rich_utils, title, texts.say(language, text, value="{}"))
    for each in (command, *getattr(command, "commands", {}).values()):
        each.get_help_option(typer.Context(each)).help = texts.say(language, HELP)
        each.get_usage = partial(_usage, each.get_usage, texts.say(language, USAGE))


def _usage(usual: Callable[[typer.Context], str], caption: str, context: typer.Context) -> str:
    return usual(context).replace(USAGE, caption, 1)


def helped(command: Explained) -> Iterator[Explained]:
    """A command, its options and arguments, and its commands in turn: whatever of them has a help text."""
    yield from (each for each in (command, *command.params) if getattr(each, "help", None))
    for inner in getattr(command, "commands", {}).values():
        yield from helped(inner)
