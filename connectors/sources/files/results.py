"""What is told to the system the files came from: ``results.csv``, and ``ledger_changes.csv`` of what was accepted.

A person opens it in Excel, so a text that Excel would take for a formula gets an apostrophe before it; a text that
already has apostrophes before such a sign gets one more, and whoever reads the file takes one away again.
"""

from __future__ import annotations

import csv
import errno
import io
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from connectors import private
from connectors.problems import CannotRun, Problem
from connectors.source import Accepted, Result
from connectors.sources.files.refusals import FileRefused
from connectors.sources.files.regular import opened
from connectors.sources.tables.rows import Fault, problem

HEADER = ("kind", "key", "number", "status", "sync_reference", "ledger_number", "reason", "on")
CHANGES_HEADER = (
    *("id", "field", "kind", "key", "number", "what", "former_value", "value"),
    *("account", "ledger_id", "merged_into", "word"),
)
_FORMULA = re.compile("'*[=+\\-@\t\r\n]")
_ESCAPED = re.compile("'+[=+\\-@\t\r\n]")
_FULL = frozenset((errno.ENOSPC, errno.EDQUOT))
_SHARING = frozenset((5, 32, 33))
"""What Windows answers of a file that is open in another program."""
Told = tuple[str, ...]


def write_results(path: Path, results: Sequence[Result]) -> None:
    """Merge results into a file by kind and key, the latest winning; the same results give the same bytes.

    The file is replaced in one move. Raises ``CannotRun`` when it is open elsewhere, or not one of ours.
    """
    _merge(path, HEADER, map(_row, results))


def write_changes(path: Path, changes: Iterable[Accepted]) -> None:
    """Merge accepted changes into a file, a row for each field, in the same way; a record that is gone has one row."""
    _merge(path, CHANGES_HEADER, (row for change in changes for row in _change_rows(change)))


def _merge(path: Path, header: Told, rows: Iterable[Told]) -> None:
    """The first two columns say what a row is about."""
    told = {row[:2]: row for row in (*_read(path, header), *rows)}
    if not told:
        return
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(harmless(row) for _, row in sorted(told.items()))
    try:
        _replace(path, text.getvalue().encode("utf-8-sig", "replace"))
    except OSError as error:
        raise CannotRun(_unwritten(path, error)) from error


def _unwritten(path: Path, error: OSError) -> Problem:
    """A file that is open elsewhere can be written later; a folder that takes no file cannot, nor can a full disk."""
    if error.errno in _FULL:
        return Problem(code="disk_full", params={"path": str(path)}, detail=str(error))
    open_elsewhere = getattr(error, "winerror", None) in _SHARING
    code = "results_wait" if open_elsewhere else "results_unwritable"
    return Problem(code=code, params={"place": str(path), "detail": error.strerror or ""}, detail=str(error))


def harmless(row: Iterable[str]) -> list[str]:
    """Texts that Excel shows as they are."""
    return [f"'{text}" if _FORMULA.match(text) else text for text in row]


def verbatim(row: Iterable[str]) -> Told:
    """The texts that ``harmless`` was given."""
    return tuple(text[1:] if _ESCAPED.match(text) else text for text in row)


def _row(result: Result) -> Told:
    return (
        result.kind,
        result.key,
        result.number,
        result.status,
        result.sync_reference,
        result.ledger_number,
        result.reason,
        result.on.isoformat() if result.on else "",
    )


def _change_rows(change: Accepted) -> Iterator[Told]:
    about = (change.kind, change.key, change.number, change.what)
    beside = (change.account, change.ledger_id, change.merged_into, change.word)
    for name, value in (change.values or {"": ""}).items():
        yield (change.id, name, *about, change.former.get(name, ""), value, *beside)


def _read(path: Path, header: Told) -> list[Told]:
    try:
        with opened(path) as raw, io.TextIOWrapper(raw, encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.reader(stream, strict=True))
    except FileNotFoundError:
        return []
    except (FileRefused, OSError, UnicodeDecodeError, csv.Error) as error:
        raise CannotRun(problem(Fault("results_foreign"), str(path), detail=str(error))) from error
    if not rows or tuple(rows[0]) != header or any(len(row) != len(header) for row in rows):
        raise CannotRun(problem(Fault("results_foreign"), str(path)))
    return [verbatim(row) for row in rows[1:]]


def _replace(path: Path, content: bytes) -> None:
    beside = path.with_name(f"{path.name}.new")
    beside.unlink(missing_ok=True)
    try:
        with open(beside, "xb", opener=private.opened) as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
