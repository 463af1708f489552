"""Making a company, and connecting it to its ledger."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from addin import texts
from addin.commands.command import (
    BookArgument,
    Json,
    LanguageOption,
    ServerOption,
    app,
    end,
    language_named,
    pair,
    whole_path,
    work_on,
)
from addin.questions import USUAL
from addin.screen import Screen
from addin.texts import mark
from addin.usecases.report import Report
from connectors.problems import CannotRun, Problem
from connectors.secrets.secret import Secret

PASTE = mark("The whole address that the browser came to")

People = Annotated[
    list[str] | None,
    typer.Option(metavar="ACCOUNT", help="A name (DOMAIN\\name on Windows), uid:1001 or a SID; may be repeated."),
]
"""Accounts of the machine that have a role; an empty one takes the role from everybody."""


@app.command()
def demo(
    folder: Annotated[Path, typer.Option(help="Everything lies below this folder.")] = Path("passerelle-demo"),
    ledger: Annotated[str, typer.Option(help="Which ledger to book in.")] = USUAL["ledger"],
    source: Annotated[str, typer.Option(help="Where records come from.")] = USUAL["source"],
    language: LanguageOption = "",
    as_json: Json = False,
) -> None:
    """The whole job on a sample association: workbook, pull, check, mark, sync, compare."""
    from addin.usecases.demo import demo as use_case

    chosen = language_named(language)
    screen = Screen(chosen, as_json)
    end(screen, lambda: use_case(whole_path(folder), ledger, chosen, screen.book, screen.step, source), "demo")


@app.command()
def sample(folder: Path, as_json: Json = False) -> None:
    """Write the sample association's files into a folder."""
    from connectors.sources.files.sample import write_sample

    def use_case() -> Report:
        write_sample(folder)
        return Report(run=0, facts={"folder": str(folder)})

    end(Screen(texts.machine_language(), as_json), use_case)


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

    screen = Screen(language_named(language), as_json)
    end(screen, lambda: use_case(file, screen.language, screen.book, load(company) if company else None))


@app.command()
def init(
    folder: Annotated[Path | None, typer.Argument(help="Where the company's files lie.")] = None,
    company: Annotated[str, typer.Option(help="The company's name.")] = "",
    source: Annotated[str, typer.Option(help="Where records come from.")] = "",
    ledger: Annotated[str, typer.Option(help="Where they are booked.")] = "",
    settings: Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE")] = None,
    shared: Annotated[str, typer.Option(metavar="GROUP", help="Let this group of the machine work on it too.")] = "",
    language: LanguageOption = "",
    as_json: Json = False,
) -> None:
    """Make a company: its settings, its book where there is none, its workbook. Asks where it is not told."""
    from addin.commands.asking import Given, make
    from addin.usecases.init import init as use_case

    screen = Screen(language_named(language), as_json)
    pairs = dict(pair(text) for text in settings or [])

    def made() -> Report:
        if folder and company:
            where, named = source or USUAL["source"], ledger or USUAL["ledger"]
            return use_case(folder, company, where, named, pairs, screen.book, screen.language, shared)
        if as_json:
            raise CannotRun(Problem(code="usage", detail="passerelle init FOLDER --company NAME --json"))
        told = {"language": language, "company": company, "source": source, "ledger": ledger}
        place = {"folder": str(whole_path(folder))} if folder else {}
        return make(screen, Given({**told, **place}, pairs), shared)

    end(screen, made)


@app.command(name="create-company")
def create_company(
    file: Annotated[Path, typer.Argument(metavar="WORKBOOK", help="A workbook of no company, as build makes it.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether to go on.")] = False,
    as_json: Json = False,
) -> None:
    """Make the company that the sheet Set up of a workbook describes."""
    from addin.usecases.setup import create

    screen = Screen(texts.machine_language(), as_json)
    end(screen, lambda: create(screen.book(whole_path(file)), screen.continuing(yes=yes)))


@app.command(name="apply-settings")
def apply_settings(
    book: BookArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether to go on.")] = False,
    as_json: Json = False,
) -> None:
    """Take the settings that the sheet Set up of a workbook says."""
    from addin.usecases.setup import apply_settings as use_case

    asked = Screen(texts.machine_language(), as_json).continuing(yes=yes)
    work_on(book, "apply_settings", lambda session: use_case(session, asked), as_json)


@app.command()
def upgrade(
    file: Annotated[Path, typer.Argument(metavar="WORKBOOK", help="A closed workbook of an earlier release.")],
    as_json: Json = False,
) -> None:
    """Give a workbook of an earlier release today's macros, ribbon and texts; all that was typed stays."""
    from addin.usecases.upgrade import upgrade as use_case

    screen = Screen(texts.machine_language(), as_json)
    end(screen, lambda: use_case(screen.book(whole_path(file))))


@app.command()
def authorize(
    book: BookArgument,
    port: Annotated[int, typer.Option(help="The port of the registered redirect address; 0 takes that one's.")] = 0,
    paste: Annotated[bool, typer.Option("--paste", help="Paste here the address that the browser comes to.")] = False,
    as_json: Json = False,
) -> None:
    """Sign in to the ledger in the browser, once."""
    from addin.usecases.connect import authorize as use_case

    screen = Screen(texts.machine_language(), as_json)

    def shown(url: str) -> bool:
        screen.step(url)  # a machine without a browser: the person opens it, or tunnels to it
        webbrowser.open(url)
        return True

    def pasted() -> Secret:
        return screen.secret(texts.say(screen.language, PASTE))

    work_on(book, "authorize", lambda session: use_case(session, shown, port, pasted if paste else None), as_json)


@app.command()
def connect(book: BookArgument, as_json: Json = False) -> None:
    """Reach the ledger and the source, and say whose books they are."""
    from addin.usecases.connect import connect as use_case

    work_on(book, "connect", use_case, as_json)


@app.command()
def disconnect(book: BookArgument, as_json: Json = False) -> None:
    """Withdraw the authorization, and forget whom we were connected to."""
    from addin.usecases.connect import disconnect as use_case

    work_on(book, "disconnect", use_case, as_json)


@app.command()
def rights(
    book: BookArgument,
    administrator: People = None,
    approver: People = None,
    preparer: People = None,
    viewer: People = None,
    review: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND", help="Records of this kind need an approval; all, none; may be repeated."),
    ] = None,
    two_people: Annotated[
        bool | None,
        typer.Option("--two-people/--one-person", help="Whether who changed a record last may not approve it."),
    ] = None,
    confirm: Annotated[
        bool, typer.Option("--confirm", help="Take the rights and the log for right as they now are.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show who may do what in a company; set it, as an administrator. Each option replaces all it names."""
    from addin.usecases.rights import changed
    from addin.usecases.rights import rights as use_case

    given = changed(administrator, approver, preparer, viewer, review, two_people)
    command = "rights" if given or confirm else "show_rights"
    work_on(book, command, lambda session: use_case(session, given, confirm), as_json)


@app.command()
def password(
    book: Annotated[str, typer.Argument(metavar="BOOK", help="The company whose journal is shared.")] = "",
    server: ServerOption = "",
    forget: Annotated[bool, typer.Option("--forget", help="Remove it again.")] = False,
    client: Annotated[
        bool, typer.Option("--client", help="The client secret of the application registered with the ledger's vendor.")
    ] = False,
    page: Annotated[
        bool, typer.Option("--page", help="Ask for what the source and the ledger want on a page in the browser.")
    ] = False,
    source: Annotated[bool, typer.Option("--source", help="With --client: that of the source.")] = False,
    as_json: Json = False,
) -> None:
    """Keep a client secret, or the password of a shared journal or of the workers' database, in the vault."""
    from addin.session import open_target
    from addin.usecases import password as use_case
    from addin.usecases.secret_page import give_secrets

    screen = Screen(texts.machine_language(), as_json)

    def shown(url: str) -> bool:
        screen.step(url)  # as for authorize
        webbrowser.open(url)
        return True

    def done() -> Report:
        if not (book or server) or (client and (forget or not book)):
            raise CannotRun(Problem(code="usage", detail="passerelle password BOOK [--client] | --server URL"))
        profile = open_target(book, screen.book, screen.asker())[0] if book else None
        if page and profile:
            return give_secrets(profile, profile.language, shown, again=True)
        if client and profile:
            given = screen.secret(texts.say(screen.language, mark("Client secret")))
            return use_case.keep_for("source" if source else "ledger", profile, given)
        if forget:
            return use_case.forget(profile)
        return use_case.keep(profile, server, screen.secret(texts.say(screen.language, mark("Password"))))

    end(screen, done)
