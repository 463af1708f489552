"""What every command shares: its usual arguments, opening a company, showing a report, ending with a status."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from addin import texts
from addin.defects import stopped_by
from addin.home import work_in
from addin.profile import Profile
from addin.screen import Screen
from addin.usecases.report import Exit, Report
from connectors.problems import CannotRun, Owner
from connectors.records import Kind
from workbook.book import Book
from workbook.layout import LANGUAGES, Language

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else on standard output.")]
BookArgument = Annotated[str, typer.Argument(metavar="BOOK", help="The workbook's path, or the company's name.")]
KindOption = Annotated[Kind, typer.Option(help="The kind of record.")]
NumbersOption = Annotated[list[str], typer.Option(help="Of this number or key; may be repeated.")]
"""The documents that a command is about, as ``addin.usecases.undo.Chosen`` finds them."""
AllLikeOption = Annotated[bool, typer.Option("--all-like-it", help="And all that are asked about alike.")]
STOPPABLE = frozenset({"sync"})
"""Commands that look whether to stop; Ctrl-C ends any other at once."""

ServerOption = Annotated[
    str, typer.Option(metavar="URL", envvar="PASSERELLE_SERVER", help="The workers' database, without its password.")
]
LanguageOption = Annotated[str, typer.Option(help=" or ".join(LANGUAGES))]


def work_on(target: str, command: str, use_case: Callable[[Any], Report], as_json: bool, wait: float = 0) -> None:
    """Open the company or workbook, run a use case on it, and end with its exit status."""
    from addin.session import Session, open_target

    screen = Screen(texts.machine_language(), as_json)

    def opened() -> Report:
        profile, book = at_home(*open_target(target, screen.book, screen.asker()), screen)
        with Session.open(profile, book, command, wait=wait) as session:
            screen.language = session.language
            return use_case(session)

    with screen.stoppable() if command in STOPPABLE else nullcontext():
        end(screen, opened, command)


def at_home(profile: Profile, book: Book, screen: Screen) -> tuple[Profile, Book]:
    """From here on this process is in the company's home and speaks its language: its log and defects belong there.

    A scheduler starts us with the workbook's path alone; what a person's shell says is not there then.
    """
    work_in(profile.home)
    screen.language = profile.language
    return profile, book


def end(screen: Screen, use_case: Callable[[], Report], command: str = "") -> NoReturn:
    """Run a use case, show its report or what stopped it, and end with its exit status."""
    try:
        report = use_case()
    except CannotRun as stopped:
        report = Report(run=0, problems=stopped.problems, could_run=False)
    except Exception as defect:  # noqa: BLE001 - the last resort: a person gets a sentence and a report, no traceback
        problem = stopped_by(defect)
        report = Report(run=0, problems=(problem,), could_run=False)
        screen.show(report, command)
        sys.exit(Exit.DEFECT if problem.owner is Owner.DEFECT else report.exit)
    screen.show(report, command)
    sys.exit(Exit.DONE if command == "demo" and report.could_run else report.exit)


def whole_path(named: Path) -> Path:
    """A path from the root, its links followed; one whose links lead round stays as it is, for who opens it to say."""
    return Path(os.path.realpath(named))


def pair(text: str) -> tuple[str, str]:
    """A name and a value, of ``NAME=VALUE``."""
    name, sign, value = text.partition("=")
    if not sign:
        raise typer.BadParameter(f"{text}: NAME=VALUE")
    return name.strip(), value.strip()


def language_named(named: str) -> Language:
    """The language of this name; the machine's where none is named."""
    for language in LANGUAGES:
        if named == language:
            return language
    if named:
        raise typer.BadParameter(f"{named}: {' | '.join(LANGUAGES)}")
    return texts.machine_language()
