"""What this machine has: connectors, stand-ins, its health."""

from __future__ import annotations

import errno
import sys
from pathlib import Path
from typing import Annotated

import typer

from addin import texts
from addin.commands.command import Json, app, end, whole_path
from addin.screen import Screen
from addin.usecases.report import Report
from connectors.problems import CannotRun, Problem


@app.command()
def ledgers(as_json: Json = False) -> None:
    """List the ledgers and what each can do."""
    from addin.usecases.connectors import ledgers as use_case

    end(Screen(texts.machine_language(), as_json), use_case)


@app.command()
def sources(as_json: Json = False) -> None:
    """List the sources and what each can do."""
    from addin.usecases.connectors import sources as use_case

    end(Screen(texts.machine_language(), as_json), use_case)


@app.command()
def sandbox(
    name: Annotated[str, typer.Argument(help="The ledger.")],
    port: Annotated[int, typer.Option(help="The port on this machine.")] = 8085,
    folder: Annotated[Path | None, typer.Option(help="Where its books are kept, if not in their usual place.")] = None,
) -> None:
    """Start a stand-in of a ledger on this machine, to try and to test against; Ctrl-C ends it."""
    from addin.home import home
    from connectors.registry import sandbox as stand_in

    screen = Screen(texts.machine_language(), as_json=False)

    def use_case() -> Report:
        start = stand_in(name)
        try:
            start(port, folder=folder or home() / "sandboxes" / name, tell=screen.step)
        except (OSError, OverflowError) as refused:
            if getattr(refused, "errno", errno.EADDRINUSE) not in (errno.EADDRINUSE, errno.EACCES):
                raise
            raise CannotRun(Problem(code="port_unusable", params={"port": str(port)}, detail=str(refused))) from refused
        return Report(run=0)

    end(screen, use_case)


@app.command()
def trust(
    book: Annotated[str, typer.Argument(metavar="BOOK", help="The workbook whose company you confirm.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Confirm without being asked, in a program.")] = False,
    withdraw: Annotated[str, typer.Option(metavar="NAME", help="A company, home or secret to trust no more.")] = "",
    as_json: Json = False,
) -> None:
    """Confirm on this machine the company that a workbook leads to; without BOOK, list what was confirmed."""
    from addin.usecases import trust as use_case

    screen = Screen(texts.machine_language(), as_json)

    def done() -> Report:
        if withdraw:
            return use_case.forget(withdraw)
        return use_case.trust(screen.book(Path(book)), screen.asker(yes=yes)) if book else use_case.show()

    end(screen, done)


@app.command()
def doctor(
    bundle: Annotated[Path | None, typer.Option(metavar="FILE.zip", help="Also write what support needs.")] = None,
    with_data: Annotated[
        bool, typer.Option("--with-data", help="With numbers, names and paths in it; never a secret.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Look at this machine: versions, folders, connectors, companies."""
    from addin.usecases.bundle import bundle as write_bundle
    from addin.usecases.doctor import doctor as look

    def use_case() -> Report:
        return write_bundle(whole_path(bundle), with_data) if bundle else look()

    end(Screen(texts.machine_language(), as_json), use_case, "doctor")


@app.command()
def guide(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A problem's code, or a page of the guide.")] = "",
    as_json: Json = False,
) -> None:
    """Open the guide in the browser, at a problem or a page; it needs no network."""
    import webbrowser

    from addin.usecases.guide import open_guide, place_named

    screen = Screen(texts.machine_language(), as_json)
    end(screen, lambda: open_guide(place_named(name), screen.language, webbrowser.open))


@app.command()
def metrics(
    port: Annotated[int, typer.Option(help="Answer Prometheus on this port, until Ctrl-C; 0 prints them once.")] = 0,
) -> None:
    """Say where every company of this machine stands, in Prometheus' format."""
    screen = Screen(texts.machine_language(), as_json=False)

    def use_case() -> Report:
        try:
            from addin.usecases.metrics import metrics as numbers
            from addin.usecases.metrics import serve_metrics
        except ModuleNotFoundError as missing:
            params = {"extra": "server", "module": missing.name or ""}
            raise CannotRun(Problem(code="extra_missing", params=params)) from missing
        if port:
            serve_metrics(port)[1].join()
        else:
            sys.stdout.write(numbers())
        return Report(run=0)

    end(screen, use_case)
