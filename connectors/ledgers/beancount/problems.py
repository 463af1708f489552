"""What Beancount and the disk say, in our problem codes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from beancount.core.data import BeancountError

from connectors import disk
from connectors.problems import CannotRun, Problem, problem_of
from connectors.records import Customer, Transferable

ACCOUNT = re.compile(r"Invalid reference to \w+ account '(?P<code>.+)'")
"""``beancount.ops.validation`` (3.2) on an account that is not open on the date of an entry."""


def refusal(record: Transferable, error: BeancountError) -> Problem:
    """What Beancount says about an entry of ours; what is not known to be a problem of ours is shown verbatim."""
    found = ACCOUNT.match(error.message)
    if found and not isinstance(record, Customer):
        return problem_of(record, "not_in_ledger", code=found["code"], date=record.date.isoformat())
    return problem_of(record, "ledger_refused", detail=error.message)


def damaged(path: Path, error: BeancountError) -> CannotRun:
    """The book does not pass ``bean-check`` as it stands."""
    return about("book_damaged", path, error.message, place=where(error.source))


def where(meta: Mapping[str, Any] | None) -> str:
    """File and line of a directive, as ``bean-check`` tells them; empty when a plugin does not say."""
    return f"{meta['filename']}:{meta['lineno']}" if meta else ""


def unwritten(path: Path, error: OSError) -> CannotRun:
    """The file was not written, and nothing of it was booked."""
    found = disk.refusal(error, path, writing=True)
    return CannotRun(found) if found.code != "file_unwritable" else about("book_unwritable", path, str(error))


def about(code: str, path: Path, detail: str = "", **params: str) -> CannotRun:
    """A problem with one of the book's files."""
    return CannotRun(Problem(code=code, params={"path": str(path), **params}, detail=detail))
