"""What was transferred: compared, taken back, looked up."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from addin.commands.command import BookArgument, Json, KindOption, NumbersOption, app, whole_path, work_on
from addin.screen import Screen
from addin.usecases.report import Report

if TYPE_CHECKING:
    from addin.session import Session

PreviewOption = Annotated[bool, typer.Option("--preview", help="Say what would be undone and when; undo nothing.")]


@app.command()
def reconcile(
    book: BookArgument,
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="As of this day; today without.")] = None,
    as_json: Json = False,
) -> None:
    """Compare receivables and payables in the source and in the ledger, as of a day."""
    from addin.usecases.reconcile import reconcile as use_case

    work_on(book, "reconcile", lambda session: use_case(session, on.date() if on else None), as_json)


@app.command()
def taxes(
    book: BookArgument,
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day of the period.")],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Its last day.")],
    as_json: Json = False,
) -> None:
    """Show what goes into the boxes of GST34 and FPZ-500 for a period, from what is booked."""
    from addin.usecases.taxes import taxes as use_case

    work_on(book, "taxes", lambda session: use_case(session, first.date(), last.date()), as_json)


@app.command()
def undo(
    book: BookArgument,
    kind: KindOption,
    number: NumbersOption,
    preview: PreviewOption = False,
    as_json: Json = False,
) -> None:
    """Undo transfers: take documents out of the ledger again; what was deleted there may be transferred again."""
    from addin.usecases.undo import Chosen, undo_preview, undo_transfer

    use_case = undo_preview if preview else undo_transfer
    work_on(book, "undo_transfer", lambda session: use_case(session, Chosen(kind=kind, numbers=number)), as_json)


@app.command("undo-run")
def undo_run(
    book: BookArgument,
    run: Annotated[int, typer.Option(min=0, help="The run's number in the log; the last Sync without.")] = 0,
    preview: PreviewOption = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether to go on.")] = False,
    as_json: Json = False,
) -> None:
    """Undo all that a run transferred; asks first where a person is at the terminal."""
    from addin.usecases.undo_run import undo_run as use_case
    from addin.usecases.undo_run import undo_run_preview

    def asking(session: Session) -> Report:
        return use_case(session, run, Screen(session.language, as_json).continuing(yes=yes))

    work_on(book, "undo_run", (lambda session: undo_run_preview(session, run)) if preview else asking, as_json)


@app.command()
def proposals(book: BookArgument, as_json: Json = False) -> None:
    """Ask the ledger what people did there, and list what waits for a decision."""
    from addin.usecases.proposals import proposals as use_case

    work_on(book, "proposals", use_case, as_json)


@app.command()
def accept(
    book: BookArgument,
    key: Annotated[list[str] | None, typer.Option(help="A key or number of the list; may be repeated.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Everything that waits for a decision.")] = False,
    ignore: Annotated[bool, typer.Option("--ignore", help="Ignore them instead.")] = False,
    as_json: Json = False,
) -> None:
    """Tell the source what was accepted of the ledger's proposals, here or in the sheet."""
    from addin.usecases.proposals import accept as use_case

    work_on(book, "accept", lambda session: use_case(session, key or (), everything, ignore), as_json)


@app.command()
def log(
    book: BookArgument,
    most: int = 100,
    everything: Annotated[bool, typer.Option("--all", help="Every line there is.")] = False,
    as_json: Json = False,
) -> None:
    """Show the last lines of the log."""
    from addin.usecases.log import log as use_case

    work_on(book, "log", lambda session: use_case(session, None if everything else most), as_json)


@app.command()
def watch(book: BookArgument, as_json: Json = False) -> None:
    """Watch what somebody else's run does, until it has ended; Ctrl-C only ends the watching."""
    from addin.usecases.watch import watch as use_case

    work_on(book, "watch", lambda session: use_case(session, Screen(session.language, as_json).step), as_json)


@app.command()
def report(
    book: BookArgument,
    to: Annotated[Path, typer.Option(metavar="FILE.html", help="Where to write it.")],
    run: Annotated[int, typer.Option(help="The run's number in the log; the last Sync without.")] = 0,
    as_json: Json = False,
) -> None:
    """Write what a run did as one page, with a timeline."""
    from addin.usecases.run_report import run_report as use_case

    work_on(book, "report", lambda session: use_case(session, whole_path(to), run), as_json)


@app.command()
def period(
    book: BookArgument,
    month: Annotated[datetime, typer.Option(formats=["%Y-%m"], help="The month, such as 2025-03.")],
    to: Annotated[Path, typer.Option(metavar="FILE.xlsx", help="Where to write it.")],
    as_json: Json = False,
) -> None:
    """Write a month as a workbook for the auditor: balances, documents, refusals, differences, reversals."""
    from addin.usecases.chosen_period import end_of_month
    from addin.usecases.period import period as use_case

    first, last = month.date(), end_of_month(month.date())
    work_on(book, "period", lambda session: use_case(session, first, last, whole_path(to)), as_json)


@app.command("open")
def open_record(
    book: BookArgument,
    kind: KindOption,
    number: Annotated[str, typer.Option(help="Its number.")],
    as_json: Json = False,
) -> None:
    """Open a record's page in the browser: the ledger's, or the source's while the ledger has none."""
    from addin.usecases.open_record import open_record as use_case

    work_on(book, "open_record", lambda session: use_case(session, kind, number), as_json)
