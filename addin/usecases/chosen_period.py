"""The period that is typed on the Period sheet, and the file beside the workbook that is called by it."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from itertools import count
from pathlib import Path

from addin.session import Session
from connectors.problems import CannotRun, Problem
from workbook.layout import PERIOD
from workbook.review import text_of


def chosen_period(session: Session) -> tuple[date, date]:
    """The first and the last day that the sheet names; without a last one, the month of the first.

    Raises ``CannotRun`` (period_unread, table_missing).
    """
    grid = session.book.read(PERIOD)
    if not grid.found:
        raise CannotRun(Problem(code="table_missing", params={"table": PERIOD.name}))
    row = next((row for row in grid.rows if text_of(row.values.get("first"))), None)
    typed = {name: text_of(row.values.get(name)) if row else "" for name in ("first", "last")}
    try:
        first = date.fromisoformat(typed["first"])
        last = date.fromisoformat(typed["last"]) if typed["last"] else end_of_month(first)
    except ValueError:
        first, last = date.max, date.min
    if last < first:
        place = grid.place(row, "first") if row else None
        shown = {name: text or "…" for name, text in typed.items()}
        raise CannotRun(Problem(code="period_unread", column="first", place=place, params=shown))
    return first, last


def end_of_month(day: date) -> date:
    """The last day of a day's month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def named(first: date, last: date) -> str:
    """What a period is called: a whole month by its year and month."""
    whole = first.day == 1 and last == end_of_month(first)
    return f"{first:%Y-%m}" if whole else f"{first} – {last}"


def file_of(session: Session, first: date, last: date) -> Path:
    """A file beside the workbook that is called by the period and is not there yet."""
    workbook = session.profile.workbook
    names = (f"{workbook.stem} {named(first, last)}{f' ({n})' if n > 1 else ''}.xlsx" for n in count(1))
    return next(path for path in map(workbook.with_name, names) if not path.exists())
