"""What is said of a command line that cannot be understood, in the person's language and in plain words.

Typer says it in English; what kind of mistake it is, and about which option or argument, is taken from what it raises.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias, cast

import typer

from addin import texts
from addin.texts import mark
from workbook.layout import Language

Mistake: type[Exception] = cast("type[Exception]", typer.BadParameter.__mro__[2])
"""What typer raises for every mistake in a command line; it has no public name."""

Raised: TypeAlias = Any
"""One of those, with the attributes of its kind."""

MISSING = mark("{name} is missing.")
MISSING_OF = mark("{name} is missing: {help}")
NO_OPTION = mark("There is no option {name}.")
NO_COMMAND = mark("There is no command {name}.")
CLOSE = mark("There is no command {name}. Did you mean {near}?")
TOO_MUCH = mark("{name} was not expected there. A name with blanks stands in quotation marks.")
NEEDS_VALUE = mark("The option {name} needs a value behind it.")
NO_VALUE = mark("The option {name} takes no value.")
ACCEPTS = mark("{name} does not accept what was typed; it accepts {accepted}.")
NOT_UNDERSTOOD = mark("The command is not understood: {detail}")
HELP = mark("“{command} --help” shows what it accepts.")

TYPES: dict[object, str] = {
    int: mark("a whole number"),
    float: mark("a number"),
    bool: mark("yes or no"),
    Path: mark("the path of a file or folder"),
    date: mark("a date, such as 2026-12-31"),
}
"""What an option or argument accepts, by its type."""

SHAPES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"No such command '(?P<name>.*)'\. Did you mean '(?P<near>.*)'\?$"), CLOSE),
    (re.compile(r"No such command '(?P<name>.*)'"), NO_COMMAND),
    (re.compile(r"unexpected extra arguments?(?:\(s\))? \((?P<name>.*)\)"), TOO_MUCH),
)
"""Mistakes that typer tells apart by their words alone."""


def said(language: Language, mistake: Raised) -> str:
    """What is wrong with a command line, and where to read what is right."""
    sentence, params = _found(language, mistake)
    command = mistake.ctx.command_path if getattr(mistake, "ctx", None) else "passerelle"
    return f"{texts.say(language, sentence, **params)}\n  → {texts.say(language, HELP, command=command)}"


def _found(language: Language, mistake: Raised) -> tuple[str, dict[str, str]]:
    kind, parameter = type(mistake).__name__, getattr(mistake, "param", None)
    match kind:
        case "MissingParameter":
            # the help of an argument speaks the language already
            name, meaning = _name(parameter), getattr(parameter, "help", None) or ""
            return (MISSING_OF, {"name": name, "help": meaning}) if meaning else (MISSING, {"name": name})
        case "NoSuchOption":
            return NO_OPTION, {"name": mistake.option_name}
        case "BadOptionUsage":
            return NO_VALUE if "does not take" in mistake.message else NEEDS_VALUE, {"name": mistake.option_name}
        case "BadParameter" if parameter is not None and _type(parameter) in TYPES:
            accepted = texts.say(language, TYPES[_type(parameter)])
            return ACCEPTS, {"name": _name(parameter), "accepted": accepted}
    for shape, sentence in SHAPES:
        if matched := shape.search(mistake.message):
            return sentence, matched.groupdict()
    return NOT_UNDERSTOOD, {"detail": mistake.message}


def _name(parameter: Raised) -> str:
    """An option as it is typed, an argument as the help calls it."""
    if parameter.param_type_name == "option":
        return str(parameter.opts[0])
    return str(parameter.metavar or parameter.name.upper())


def _type(parameter: Raised) -> object:
    return getattr(getattr(parameter, "type_descriptor", None), "annotation", None)
