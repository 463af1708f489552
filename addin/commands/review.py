"""Pulling, checking, and deciding what is to leave."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from addin.commands.command import (
    AllLikeOption,
    BookArgument,
    Json,
    KindOption,
    NumbersOption,
    app,
    language_named,
    pair,
    work_on,
)
from addin.screen import Screen
from addin.usecases.report import Report
from connectors.problems import CannotRun, Problem
from connectors.records import SyncStatus

if TYPE_CHECKING:
    from addin.session import Session


def continuing(session: Session, as_json: bool, yes: bool) -> Callable[[str], bool] | None:
    """Who is asked at this terminal whether to go on; nobody for a program or a clock."""
    return Screen(session.language, as_json).continuing(yes=yes)


def _no_day(_: Session) -> Report:
    raise CannotRun(Problem(code="usage", detail="passerelle no-go BOOK --before 2025-01-01 | --undo"))


class Order(StrEnum):
    """In which order year, month and day stand."""

    YMD = "ymd"
    DMY = "dmy"
    MDY = "mdy"


class Sign(StrEnum):
    """What stands before decimals."""

    POINT = "point"
    COMMA = "comma"


SIGN = {Sign.POINT: ".", Sign.COMMA: ","}


@app.command()
def pull(book: BookArgument, as_json: Json = False) -> None:
    """Bring what the source holds into the workbook."""
    from addin.usecases.pull import pull as use_case

    work_on(book, "pull", use_case, as_json)


@app.command("look-at-source")
def look_at_source(book: BookArgument, as_json: Json = False) -> None:
    """Guess what each sheet and column of the source's export is; read nothing of it yet."""
    from addin.usecases.source import look_at_source as use_case

    work_on(book, "look_at_source", use_case, as_json)


@app.command("confirm-source")
def confirm_source(
    book: BookArgument,
    column: Annotated[
        list[str] | None, typer.Option(metavar="SHEET/HEADING=FIELD", help="A column is this field; may be repeated.")
    ] = None,
    dates: Annotated[Order | None, typer.Option(help="The order in which dates are written.")] = None,
    decimal: Annotated[Sign | None, typer.Option(help="What stands before decimals.")] = None,
    as_json: Json = False,
) -> None:
    """Read the source from now on as it was looked at, with these corrections."""
    from addin.usecases.source import Answers
    from addin.usecases.source import confirm_source as use_case

    answers = Answers(
        fields=dict(pair(text) for text in column or ()), dates=dates or "", decimal=SIGN[decimal] if decimal else ""
    )
    work_on(book, "confirm_source", lambda session: use_case(session, answers), as_json)


@app.command()
def check(book: BookArgument, as_json: Json = False) -> None:
    """Say what is wrong, with its cell and its fix; nothing is sent."""
    from addin.usecases.check import check as use_case

    work_on(book, "check", use_case, as_json)


@app.command()
def preview(book: BookArgument, as_json: Json = False) -> None:
    """Say what Sync would do: documents, debits and credits by account; nothing is sent."""
    from addin.usecases.preview import preview as use_case

    work_on(book, "preview", use_case, as_json)


@app.command()
def mark(
    book: BookArgument,
    kind: KindOption,
    status: Annotated[SyncStatus, typer.Option(help="The status to give.")],
    before: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Dated before this day.")] = None,
    number: Annotated[list[str] | None, typer.Option(help="Of this number; may be repeated.")] = None,
    where: Annotated[list[str] | None, typer.Option(metavar="COLUMN=VALUE", help="Showing this value.")] = None,
    as_json: Json = False,
) -> None:
    """Give many records a status at once."""
    from addin.usecases.mark import Choice
    from addin.usecases.mark import mark as use_case

    pairs = dict(pair(text) for text in where or [])
    day: date | None = before.date() if before else None
    choice = Choice(kind=kind, before=day, numbers=number or (), where=pairs)
    work_on(book, "mark", lambda session: use_case(session, choice, status), as_json)


@app.command("no-go")
def no_go(
    book: BookArgument,
    before: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Dated before this day.")] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Give what was marked so its former status again.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether to go on.")] = False,
    as_json: Json = False,
) -> None:
    """Mark everything before a day Do Not Sync, of every kind but accounts; another day moves what is marked."""
    from addin.usecases.no_go import no_go as use_case
    from addin.usecases.no_go import undo_no_go

    if undo or before is None:
        work_on(book, "undo_no_go", undo_no_go if undo else _no_day, as_json)
    else:
        day = before.date()
        work_on(book, "no_go", lambda session: use_case(session, day, continuing(session, as_json, yes)), as_json)


@app.command("start")
def start_in_sync(
    book: BookArgument,
    on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The first day that is transferred.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether to go on.")] = False,
    as_json: Json = False,
) -> None:
    """Compare both sides on the eve of a day, mark everything before it no-go, and say whether they agree."""
    from addin.usecases.start_in_sync import start_in_sync as use_case

    day = on.date()
    work_on(book, "start_in_sync", lambda session: use_case(session, day, continuing(session, as_json, yes)), as_json)


@app.command("same")
def same_one(
    book: BookArgument,
    kind: KindOption,
    number: NumbersOption,
    like: AllLikeOption = False,
    as_json: Json = False,
) -> None:
    """Say that records are what the ledger has already: it becomes their transfer."""
    from addin.usecases.answering import same_one as use_case
    from addin.usecases.undo import Chosen

    chosen = Chosen(kind=kind, numbers=number)
    work_on(book, "same_one", lambda session: use_case(session, chosen, like), as_json)


@app.command("second")
def second_one(
    book: BookArgument,
    kind: KindOption,
    number: NumbersOption,
    like: AllLikeOption = False,
    as_json: Json = False,
) -> None:
    """Say that records are others than what the ledger has like them: they leave at the next Sync."""
    from addin.usecases.answering import second_one as use_case
    from addin.usecases.undo import Chosen

    chosen = Chosen(kind=kind, numbers=number)
    work_on(book, "second_one", lambda session: use_case(session, chosen, like), as_json)


@app.command()
def confirm(
    book: BookArgument,
    kind: KindOption,
    number: NumbersOption,
    as_json: Json = False,
) -> None:
    """Confirm what was typed as a sync reference, or that a record leaves this once as it was last read."""
    from addin.usecases.answering import confirm as use_case
    from addin.usecases.undo import Chosen

    chosen = Chosen(kind=kind, numbers=number)
    work_on(book, "confirm", lambda session: use_case(session, chosen), as_json)


@app.command()
def language(
    book: BookArgument,
    to: Annotated[str, typer.Argument(metavar="en|fr", help="en or fr")],
    as_json: Json = False,
) -> None:
    """Switch the workbook to English or French; no stored value changes."""
    from addin.usecases.language import language as use_case

    chosen = language_named(to)
    work_on(book, "language", lambda session: use_case(session, chosen), as_json)


@app.command()
def suggest(book: BookArgument, as_json: Json = False) -> None:
    """Suggest a customer of the ledger for each account that is not linked; links nothing."""
    from addin.usecases.matching import suggest_matches as use_case

    work_on(book, "suggest_matches", use_case, as_json)


@app.command()
def link(
    book: BookArgument,
    number: Annotated[list[str] | None, typer.Option(help="Of this number; may be repeated.")] = None,
    above: Annotated[int | None, typer.Option(help="Suggested with this score (per cent) or more.")] = None,
    sure: Annotated[bool, typer.Option("--sure", help="Every account that certainly is one, and it alone.")] = False,
    as_json: Json = False,
) -> None:
    """Take the suggested matches of accounts as their sync references."""
    from addin.usecases.links import Chosen, link_sure
    from addin.usecases.links import link as use_case

    chosen = Chosen(numbers=number or (), above=above)
    if sure:
        work_on(book, "link_sure", link_sure, as_json)
    else:
        work_on(book, "link", lambda session: use_case(session, chosen), as_json)


@app.command()
def unlink(
    book: BookArgument,
    number: Annotated[list[str] | None, typer.Option(help="Of this number; may be repeated.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every linked account.")] = False,
    as_json: Json = False,
) -> None:
    """Take the links of accounts away again, as far as nothing is booked on them."""
    from addin.usecases.links import Linked
    from addin.usecases.links import unlink as use_case

    chosen = Linked(numbers=number or (), every=everything)
    work_on(book, "unlink", lambda session: use_case(session, chosen), as_json)


@app.command()
def create(
    book: BookArgument,
    number: Annotated[list[str], typer.Option(help="Of this number; may be repeated.")],
    as_json: Json = False,
) -> None:
    """Say that accounts are new to the ledger."""
    from addin.usecases.links import Chosen, create_new

    work_on(book, "create_new", lambda session: create_new(session, Chosen(numbers=number)), as_json)


@app.command()
def find(book: BookArgument, text: str, as_json: Json = False) -> None:
    """Search the ledger's customers, as last pulled, by name, number, e-mail or telephone."""
    from addin.usecases.matching import find as use_case

    work_on(book, "find", lambda session: use_case(session, text), as_json)


@app.command()
def approve(
    book: BookArgument,
    kind: KindOption,
    number: NumbersOption,
    as_json: Json = False,
) -> None:
    """Approve records that wait In Review: each leaves as it now is, or is asked about again."""
    from addin.usecases.approve import approve as use_case
    from addin.usecases.undo import Chosen

    work_on(book, "approve", lambda session: use_case(session, Chosen(kind=kind, numbers=number)), as_json)
