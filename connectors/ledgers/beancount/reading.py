"""Reading a book's files as Beancount does, but looking first: a book is text, and commands nothing by itself.

``beancount.loader`` (3.2) imports whatever module a ``plugin`` line names, puts the book's folder before Python's own
where ``insert_pythonpath`` says so, reads whatever ``include`` names, and decrypts with a program. Here a plugin is one
that Beancount ships, a file lies in the book's folder, and anything else is what an administrator allowed.
"""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from beancount import loader
from beancount.core.data import BeancountError, Directive, entry_sortkey, new_metadata
from beancount.ops import validation
from beancount.parser import booking, parser

from connectors.ledgers.beancount.problems import about
from connectors.ledgers.beancount.settings import BeancountSettings

Options: TypeAlias = dict[str, Any]
Booked: TypeAlias = tuple[list[Directive], list[BeancountError]]
Loaded: TypeAlias = tuple[list[Directive], list[BeancountError], Options]

SHIPPED = "beancount.plugins."
EVALUATING = frozenset({"check_average_cost", "check_commodity", "commodity_attr"})
"""Shipped plugins that evaluate their configuration as Python (beancount 3.2): they run without one alone."""

# Beancount leaves these without annotations.
_aggregated: Callable[[Options, list[Options]], Options] = loader.aggregate_options_map
_transformed: Callable[[list[Directive], list[BeancountError], Options, None], Booked] = loader.run_transformations
_validated: Callable[[list[Directive], Options, None, None], list[BeancountError]] = validation.validate
_check_types: Callable[[list[Directive], Options], list[BeancountError]] = validation.validate_data_types
_book: Callable[[list[Directive], Options], Booked] = booking.book


def load(settings: BeancountSettings, more: str | None = None, ours: str | None = None) -> Loaded:
    """The book as ``bean-check`` loads it, with ``more`` text as if a last file were included, or ``ours`` as our file.

    Raises ``CannotRun`` (book_plugin_refused, book_path_refused, book_include_refused) before anything of the book is
    run or followed, and ``OSError``. ``loader.load_file`` is not used: it leaves a pickle beside a large book and
    trusts the one it finds there, and it takes no text beside a file.
    """
    entries, errors, options = _parsed(settings, more, ours)
    entries, unbooked = _book(sorted(entries, key=entry_sortkey), options)
    with _importing(options["pythonpath"]):
        entries, errors = _transformed(entries, [*errors, *unbooked], options, None)
    errors += _validated(entries, options, None, None)
    return entries, [*errors, *_check_types(entries, options)], options


def _parsed(settings: BeancountSettings, more: str | None, ours: str | None) -> Loaded:
    """Every file of the book, and the text, in Beancount's order: each file once, then what it includes."""
    entries: list[Directive] = []
    errors: list[BeancountError] = []
    told: list[Options] = []
    seen: set[str] = set()
    waiting = [os.path.normpath(settings.book_path.absolute()), *([] if more is None else [None])]
    while waiting:
        name = waiting.pop(0)
        if name is not None and (wrong := _unreadable(name, seen)):
            errors.append(_error(wrong))
            continue
        instead = ours if name and Path(name).resolve() == settings.file_path else None
        if name is None:
            found, wrongs, options = parser.parse_string(more or "")
        elif instead is not None:
            found, wrongs, options = parser.parse_string(instead, report_filename=name)
        else:
            found, wrongs, options = parser.parse_file(name)
        _look(settings, options)
        included, missing = _included(settings, options, Path(name).parent if name else settings.book_path.parent)
        waiting += included
        entries += found
        errors += [*wrongs, *map(_error, missing)]
        told.append(options)
        seen |= {name} if name else set()
    told[0]["include"] = sorted(seen)
    return entries, errors, _aggregated(told[0], told[1:])


def _look(settings: BeancountSettings, options: Options) -> None:
    """Raises ``CannotRun`` where a file of the book wants a program run that nobody allowed."""
    path = settings.book_path
    for plugin, configuration in options["plugin"]:
        shipped = plugin.startswith(SHIPPED) and plugin.removeprefix(SHIPPED).isidentifier()
        harmless = shipped and (configuration is None or plugin.removeprefix(SHIPPED) not in EVALUATING)
        if not harmless and plugin not in settings.plugins:
            raise about("book_plugin_refused", path, plugin=plugin)
    if options["insert_pythonpath"] and not settings.python_path:
        raise about("book_path_refused", path)
    for folder in options["documents"]:
        _inside(settings, settings.book_path.parent / folder, folder)


def _included(settings: BeancountSettings, options: Options, beside: Path) -> tuple[list[str], list[str]]:
    """The files that a file of the book includes, and what it includes in vain. Raises ``CannotRun``."""
    files: list[str] = []
    missing: list[str] = []
    for pattern in options["include"]:
        plain, wild = _parted(beside / pattern)
        if ".." in wild:
            raise about("book_include_refused", settings.book_path, include=pattern)
        _inside(settings, plain, pattern)
        matching = sorted(glob.glob(str(plain.joinpath(*wild)), recursive=True))
        for path in matching:
            _inside(settings, Path(path), path)
        files += map(os.path.normpath, matching)
        missing += [] if matching else [f'File glob "{pattern}" does not match any files']
    return files, missing


def _inside(settings: BeancountSettings, path: Path, named: str) -> None:
    """Raises ``CannotRun`` where a path, its links followed, leaves the book's folder and what is allowed besides."""
    lexical = Path(os.path.normpath(path.absolute()))
    near = any(lexical.is_relative_to(os.path.normpath(root.absolute())) for root in settings.roots)
    if near:  # what is far away is not even looked at
        real = path.resolve()
        if real == settings.file_path or any(real.is_relative_to(root.resolve()) for root in settings.roots):
            return
    raise about("book_include_refused", settings.book_path, include=named)


def _parted(path: Path) -> tuple[Path, tuple[str, ...]]:
    """A path up to its first part with a wildcard, and the parts from there on."""
    parts = path.parts
    first = next((number for number, part in enumerate(parts) if glob.has_magic(part)), len(parts))
    return Path(*parts[:first]), parts[first:]


def _unreadable(name: str, seen: set[str]) -> str:
    """Why a file is not read, in Beancount's own words where it has some."""
    if name in seen:
        return f'Duplicate filename parsed: "{name}"'
    return "" if Path(name).is_file() else f'File "{name}" does not exist'


def _error(message: str) -> BeancountError:
    error: BeancountError = loader.LoadError(new_metadata("<load>", 0), message)
    return error


@contextmanager
def _importing(folders: list[str]) -> Iterator[None]:
    """Let plugins be imported from these folders first, as Beancount does."""
    before = list(sys.path)
    sys.path[:0] = folders
    try:
        yield
    finally:
        sys.path[:] = before
