"""Transferring: now, for a while, and by the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from addin import texts
from addin.commands.command import BookArgument, Json, ServerOption, app, at_home, end, work_on
from addin.screen import Screen
from addin.usecases.report import Report
from connectors.problems import CannotRun, Problem

if TYPE_CHECKING:
    from addin.session import Session


@app.command()
def sync(
    book: BookArgument,
    wait: Annotated[float, typer.Option(metavar="SECONDS", min=0, help="Wait while another works on it.")] = 0,
    first_pull: Annotated[bool, typer.Option("--pull", help="Pull from the source first; nobody is asked.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether to go on.")] = False,
    as_json: Json = False,
) -> None:
    """Transfer what is To Be Transferred, each document exactly once; asks first where a person is at the terminal."""
    from addin.usecases.round import scheduled
    from addin.usecases.sync import sync as use_case

    def asking(session: Session) -> Report:
        return use_case(session, Screen(session.language, as_json).continuing(yes=yes))

    work_on(book, "sync", scheduled if first_pull else asking, as_json, wait)


@app.command("auto-sync")
def auto_sync(book: BookArgument, as_json: Json = False) -> None:
    """Pull and transfer a few documents at a time, again and again for a while; Ctrl-C ends after the one in hand."""
    from addin.session import Session, open_target
    from addin.usecases.auto_sync import AutoSync

    screen = Screen(texts.machine_language(), as_json)

    def opened() -> Session:
        session = Session.open(*at_home(*open_target(book, screen.book, screen.asker()), screen), "sync")
        screen.language = session.language
        return session

    with screen.stoppable():
        end(screen, AutoSync(opened).run, "auto_sync")


@app.command()
def schedule(
    book: Annotated[str, typer.Argument(metavar="BOOK", help="The workbook's path, or the company's name.")] = "",
    every: Annotated[str, typer.Option(metavar="15m", help="How often: minutes, hours or days (15m, 2h, 1d).")] = "",
    remove: Annotated[bool, typer.Option("--remove", help="Take it back.")] = False,
    server: ServerOption = "",
    as_json: Json = False,
) -> None:
    """Pull and transfer a company by the clock; without --every, show what is registered."""
    from addin.session import open_target
    from addin.usecases import schedule as use_case

    screen = Screen(texts.machine_language(), as_json)

    def done() -> Report:
        places = use_case.schedulers(server)
        if (every and remove) or (not book and (every or remove)):
            raise CannotRun(Problem(code="usage", detail="passerelle schedule BOOK --every 15m | --remove"))
        if not book:
            return use_case.show(places)
        profile, _ = open_target(book, screen.book, screen.asker())
        if remove:
            return use_case.remove(profile, places)
        if every:
            return use_case.register(profile, every, places)
        return use_case.show(places, profile)

    end(screen, done)


@app.command()
def worker(
    server: ServerOption,
    concurrency: Annotated[int, typer.Option(min=1, help="How many companies at a time.")] = 1,
    stopped: Annotated[float, typer.Option(min=3, metavar="SECONDS", help="Silence after which one is replaced.")] = 30,
) -> None:
    """Work through the scheduled companies of a server until Ctrl-C or SIGTERM; start as many as you like."""
    from addin.usecases.worker import work as use_case

    screen = Screen(texts.machine_language(), as_json=False)
    end(screen, lambda: use_case(server, concurrency, stopped, screen.language, screen.step))
