"""The problems that one connector alone has, as data in its own folder: a file ``problems.toml`` beside its module.

Each code has its owner, what it does to its record, and its two sentences in both languages; so a ledger's menus and
words stand in the ledger's folder. A code of ``connectors.problems`` is never said otherwise there.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint
from importlib.resources import files

from connectors.entries import LEDGERS, SOURCES, installed

FILE = "problems.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorProblem:
    """What a connector says of a problem of its own.

    ``owner`` is a value of ``connectors.problems.Owner``; ``effect`` says whether it refuses its record (``refuse``),
    holds it back as it is (``hold``) or is only told (``notice``); ``what`` and ``fix`` are sentences by language.
    """

    owner: str
    what: Mapping[str, str]
    fix: Mapping[str, str]
    effect: str = "refuse"


def connector_problems() -> Mapping[str, ConnectorProblem]:
    """The problems of every installed connector, by code."""
    return _read(tuple(sys.path))


@cache
def _read(_: tuple[str, ...]) -> Mapping[str, ConnectorProblem]:
    points = sorted((point for group in (LEDGERS, SOURCES) for point in installed(group)), key=lambda each: each.name)
    return {code: problem for point in points for code, problem in _of(point)}


def _of(point: EntryPoint) -> Iterator[tuple[str, ConnectorProblem]]:
    package = point.module.rpartition(".")[0]
    try:
        file = files(package) / FILE if package else None
    except ModuleNotFoundError:  # the registry tells of it (connector_not_installed) where it is asked for
        return
    if file is not None and file.is_file():
        for code, told in tomllib.loads(file.read_text(encoding="utf-8")).items():
            yield code, ConnectorProblem(**told)
