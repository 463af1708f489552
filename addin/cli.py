"""The command line: one command per use case; results on standard output, everything else on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeAlias

import typer

from addin import texts
from addin.defects import report_defect
from addin.screen import Screen
from addin.usecases.report import Exit, Report
from connectors.problems import CannotRun
from connectors.records import Kind, SyncStatus
from workbook.layout import LANGUAGES, Language

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else on standard output.")]
BookArgument = Annotated[str, typer.Argument(metavar="BOOK", help="The workbook's path, or the company's name.")]
LanguageOption = Annotated[str, typer.Option(help=" or ".join(LANGUAGES))]

Explained: TypeAlias = Any
"""A command, option or argument as typer makes it of the functions below."""


def main() -> NoReturn:
    """Run the command line, in the machine's language, and end with its exit status."""
    command = typer.main.get_command(app)
    for explained in helped(command):
        explained.help = texts.say(texts.machine_language(), explained.help)
    sys.exit(command(standalone_mode=True))


def helped(command: Explained) -> Iterator[Explained]:
    """A command, its options and arguments, and its commands in turn: whatever of them has a help text."""
    yield from (each for each in (command, *command.params) if getattr(each, "help", None))
    for inner in getattr(command, "commands", {}).values():
        yield from helped(inner)


@app.command()
def demo(
    folder: Annotated[Path, typer.Option(help="Everything lies below this folder.")] = Path("passerelle-demo"),
    ledger: Annotated[str, typer.Option(help="Which ledger to book in.")] = "beancount",
    language: LanguageOption = "",
    as_json: Json = False,
) -> None:
    """The whole job on a sample association: workbook, pull, check, mark, sync, compare."""
    from addin.usecases.demo import demo as use_case

    chosen = _language(language)
    screen = Screen(chosen, as_json)
    _end(screen, lambda: use_case(folder.resolve(), ledger, chosen, screen.book, screen.step), "demo")


@app.command()
def sample(folder: Path, as_json: Json = False) -> None:
    """Write the sample association's files into a folder."""
    from connectors.sources.files.sample import write_sample

    def use_case() -> Report:
        write_sample(folder)
        return Report(run=0, facts={"folder": str(folder)})

    _end(Screen(texts.machine_language(), as_json), use_case)


@app.command()
def build(
    file: Annotated[Path, typer.Argument(metavar="FILE.xlsm")],
    language: LanguageOption = "",
    company: Annotated[str, typer.Option(help="The company the workbook belongs to.")] = "",
    as_json: Json = False,
) -> None:
    """Make a new workbook."""
    from addin.profile import load
    from addin.usecases.init import build as use_case

    screen = Screen(_language(language), as_json)
    _end(screen, lambda: use_case(file, screen.language, screen.book, load(company) if company else None))


@app.command()
def init(
    folder: Path,
    company: Annotated[str, typer.Option(help="The company's name.")],
    source: Annotated[str, typer.Option(help="Where records come from.")] = "files",
    ledger: Annotated[str, typer.Option(help="Where they are booked.")] = "beancount",
    settings: Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE")] = None,
    language: LanguageOption = "",
    as_json: Json = False,
) -> None:
    """Make a company: its settings, its book where there is none, its workbook."""
    from addin.usecases.init import init as use_case

    screen = Screen(_language(language), as_json)
    pairs = dict(_pair(text) for text in settings or [])
    _end(screen, lambda: use_case(folder, company, source, ledger, pairs, screen.book, screen.language))


@app.command()
def authorize(
    book: BookArgument,
    port: Annotated[int, typer.Option(help="The port of the registered redirect address; 0 takes a free one.")] = 0,
    as_json: Json = False,
) -> None:
    """Sign in to the ledger in the browser, once."""
    import webbrowser

    from addin.usecases.connect import authorize as use_case

    screen = Screen(texts.machine_language(), as_json)

    def shown(url: str) -> bool:
        screen.step(url)  # a machine without a browser: the person opens it, or tunnels to it
        webbrowser.open(url)
        return True

    _run(book, "authorize", lambda session: use_case(session, shown, port), as_json)


@app.command()
def disconnect(book: BookArgument, as_json: Json = False) -> None:
    """Withdraw the authorization, and forget whom we were connected to."""
    from addin.usecases.connect import disconnect as use_case

    _run(book, "disconnect", use_case, as_json)


@app.command()
def connect(book: BookArgument, as_json: Json = False) -> None:
    """Reach the ledger and the source, and say whose books they are."""
    from addin.usecases.connect import connect as use_case

    _run(book, "connect", use_case, as_json)


@app.command()
def pull(book: BookArgument, as_json: Json = False) -> None:
    """Bring what the source holds into the workbook."""
    from addin.usecases.pull import pull as use_case

    _run(book, "pull", use_case, as_json)


@app.command()
def check(book: BookArgument, as_json: Json = False) -> None:
    """Say what is wrong, with its cell and its fix; nothing is sent."""
    from addin.usecases.check import check as use_case

    _run(book, "check", use_case, as_json)


@app.command()
def preview(book: BookArgument, as_json: Json = False) -> None:
    """Say what Sync would do: documents, debits and credits by account; nothing is sent."""
    from addin.usecases.check import preview as use_case

    _run(book, "preview", use_case, as_json)


@app.command()
def sync(
    book: BookArgument,
    wait: Annotated[float, typer.Option(metavar="SECONDS", min=0, help="Wait while another works on it.")] = 0,
    as_json: Json = False,
) -> None:
    """Transfer what is To Be Transferred, each document exactly once."""
    from addin.usecases.sync import sync as use_case

    _run(book, "sync", use_case, as_json, wait)


@app.command()
def reconcile(book: BookArgument, as_json: Json = False) -> None:
    """Compare accounts receivable in the source and in the ledger."""
    from addin.usecases.reconcile import reconcile as use_case

    _run(book, "reconcile", use_case, as_json)


@app.command()
def log(book: BookArgument, most: int = 100, as_json: Json = False) -> None:
    """Show the last lines of the log."""
    from addin.usecases.log import log as use_case

    _run(book, "log", lambda session: use_case(session, most), as_json)


@app.command()
def mark(
    book: BookArgument,
    kind: Annotated[Kind, typer.Option(help="The kind of record.")],
    status: Annotated[SyncStatus, typer.Option(help="The status to give.")],
    before: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Dated before this day.")] = None,
    number: Annotated[list[str] | None, typer.Option(help="Of this number; may be repeated.")] = None,
    where: Annotated[list[str] | None, typer.Option(metavar="COLUMN=VALUE", help="Showing this value.")] = None,
    as_json: Json = False,
) -> None:
    """Give many records a status at once."""
    from addin.usecases.mark import Choice
    from addin.usecases.mark import mark as use_case

    pairs = dict(_pair(text) for text in where or [])
    day: date | None = before.date() if before else None
    choice = Choice(kind=kind, before=day, numbers=number or (), where=pairs)
    _run(book, "mark", lambda session: use_case(session, choice, status), as_json)


@app.command()
def language(
    book: BookArgument,
    to: Annotated[str, typer.Argument(metavar="en|fr", help="en or fr")],
    as_json: Json = False,
) -> None:
    """Switch the workbook to English or French; no stored value changes."""
    from addin.usecases.language import language as use_case

    chosen = _language(to)
    _run(book, "language", lambda session: use_case(session, chosen), as_json)


@app.command()
def suggest(book: BookArgument, as_json: Json = False) -> None:
    """Suggest a customer of the ledger for each account that is not linked; links nothing."""
    from addin.usecases.matching import suggest_matches as use_case

    _run(book, "suggest_matches", use_case, as_json)


@app.command()
def link(
    book: BookArgument,
    number: Annotated[list[str] | None, typer.Option(help="Of this number; may be repeated.")] = None,
    above: Annotated[int | None, typer.Option(help="Suggested with this score (per cent) or more.")] = None,
    as_json: Json = False,
) -> None:
    """Take the suggested matches of accounts as their sync references."""
    from addin.usecases.matching import Chosen
    from addin.usecases.matching import link as use_case

    chosen = Chosen(numbers=number or (), above=above)
    _run(book, "link", lambda session: use_case(session, chosen), as_json)


@app.command()
def create(
    book: BookArgument,
    number: Annotated[list[str], typer.Option(help="Of this number; may be repeated.")],
    as_json: Json = False,
) -> None:
    """Say that accounts are new to the ledger."""
    from addin.usecases.matching import Chosen, create_new

    _run(book, "create_new", lambda session: create_new(session, Chosen(numbers=number)), as_json)


@app.command()
def find(book: BookArgument, text: str, as_json: Json = False) -> None:
    """Search the ledger's customers, as last pulled, by name, number, e-mail or telephone."""
    from addin.usecases.matching import find as use_case

    _run(book, "find", lambda session: use_case(session, text), as_json)


@app.command("open")
def open_record(
    book: BookArgument,
    kind: Annotated[Kind, typer.Option(help="The kind of record.")],
    number: Annotated[str, typer.Option(help="Its number.")],
    as_json: Json = False,
) -> None:
    """Open a record's page in the browser: the ledger's, or the source's while the ledger has none."""
    from addin.usecases.open_record import open_record as use_case

    _run(book, "open_record", lambda session: use_case(session, kind, number), as_json)


@app.command()
def ledgers(as_json: Json = False) -> None:
    """List the ledgers and what each can do."""
    from addin.usecases.connectors import ledgers as use_case

    _end(Screen(texts.machine_language(), as_json), use_case)


@app.command()
def sources(as_json: Json = False) -> None:
    """List the sources and what each can do."""
    from addin.usecases.connectors import sources as use_case

    _end(Screen(texts.machine_language(), as_json), use_case)


@app.command()
def sandbox(
    name: Annotated[str, typer.Argument(help="The ledger.")],
    port: Annotated[int, typer.Option(help="The port on this machine.")] = 8085,
) -> None:
    """Start a stand-in of a ledger on this machine, to try and to test against; Ctrl-C ends it."""
    from addin.home import home
    from connectors.registry import sandbox as stand_in

    screen = Screen(texts.machine_language(), as_json=False)

    def use_case() -> Report:
        stand_in(name)(port, folder=home() / "sandboxes" / name, tell=screen.step)
        return Report(run=0)

    _end(screen, use_case)


@app.command()
def doctor(as_json: Json = False) -> None:
    """Look at this machine: versions, folders, connectors, companies."""
    from addin.usecases.doctor import doctor as use_case

    _end(Screen(texts.machine_language(), as_json), use_case)


def _run(target: str, command: str, use_case: Callable[[Any], Report], as_json: bool, wait: float = 0) -> None:
    """Open the company or workbook, run a use case on it, and end with its exit status."""
    from addin.session import Session, open_target

    screen = Screen(texts.machine_language(), as_json)

    def opened() -> Report:
        profile, book = open_target(target, screen.book)
        with Session.open(profile, book, command, wait=wait) as session:
            screen.language = session.language
            return use_case(session)

    _end(screen, opened, command)


def _end(screen: Screen, use_case: Callable[[], Report], command: str = "") -> NoReturn:
    try:
        report = use_case()
    except CannotRun as stopped:
        report = Report(run=0, problems=stopped.problems, could_run=False)
    except Exception as defect:  # noqa: BLE001 - the last resort: a person gets a sentence and a report, no traceback
        report = Report(run=0, problems=(report_defect(defect),), could_run=False)
        screen.show(report, command)
        sys.exit(Exit.DEFECT)
    screen.show(report, command)
    sys.exit(Exit.DONE if command == "demo" and report.could_run else report.exit)


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise typer.BadParameter(f"{text}: NAME=VALUE")
    return name.strip(), value.strip()


def _language(named: str) -> Language:
    for language in LANGUAGES:
        if named == language:
            return language
    if named:
        raise typer.BadParameter(f"{named}: {' | '.join(LANGUAGES)}")
    return texts.machine_language()
