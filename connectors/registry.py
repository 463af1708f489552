"""Name → connector, through package entry points; adding a connector touches no other file."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from importlib.metadata import EntryPoint
from importlib.util import find_spec
from types import ModuleType
from typing import TypeVar

from connectors.demonstration import Demonstrate, DemonstrateSource, Demonstration
from connectors.entries import LEDGERS, SOURCES, installed
from connectors.ledger import Ledger
from connectors.problems import CannotRun, Problem
from connectors.source import Source

GIVEN = frozenset({"folder", "holder"})
"""What a connector's settings are given by us and nobody sets: the company's folder, and whose its secrets are."""

C = TypeVar("C", Ledger, Source)


def names(group: str) -> list[str]:
    """The connectors installed in a group (``LEDGERS`` or ``SOURCES``), sorted; imports none of them."""
    return sorted(installed(group).names)


def ledger_type(name: str) -> type[Ledger]:
    """The class of the ledger of this name; imports only that one. Raises ``CannotRun``."""
    return _load(LEDGERS, name, Ledger)


def source_type(name: str) -> type[Source]:
    """The class of the source of this name; imports only that one. Raises ``CannotRun``."""
    return _load(SOURCES, name, Source)


def sandbox(name: str) -> Callable[..., None]:
    """What starts the stand-in of a ledger or a source: ``serve(port, folder=…, tell=…)``, in ``sandbox`` beside it.

    Raises ``CannotRun`` where it has none.
    """
    module = _stand_in(source_type(name) if name in names(SOURCES) else ledger_type(name))
    if module is None:
        raise CannotRun(Problem(code="sandbox_missing", params={"name": name}))
    serve: Callable[..., None] = module.serve
    return serve


def demonstration(name: str) -> Demonstrate:
    """What shows a ledger in the demo: its stand-in's ``demonstrate``; a ledger without one is shown as it is."""
    shown: Demonstrate = getattr(_stand_in(ledger_type(name)), "demonstrate", _as_it_is)
    return shown


def source_demonstration(name: str) -> DemonstrateSource:
    """What shows a source in the demo, in the same way."""
    shown: DemonstrateSource = getattr(_stand_in(source_type(name)), "demonstrate", _as_it_is)
    return shown


def _as_it_is(*_: object) -> AbstractContextManager[Demonstration]:
    return nullcontext(Demonstration())


def _stand_in(connector: type[Ledger] | type[Source]) -> ModuleType | None:
    package = connector.__module__.rpartition(".")[0]
    beside = f"{package}.sandbox"
    return import_module(beside) if package and find_spec(beside) else None


def _load(group: str, name: str, contract: type[C]) -> type[C]:
    found = [point for point in installed(group) if point.name == name]
    if not found:
        raise CannotRun(Problem(code="connector_unknown", params={"name": name, "known": ", ".join(names(group))}))
    loaded = _import(found[0])
    if not (isinstance(loaded, type) and issubclass(loaded, contract)):
        raise TypeError(f"{found[0].value} is not a {contract.__name__}")
    return loaded


def _import(point: EntryPoint) -> object:
    try:
        return point.load()
    except ModuleNotFoundError as missing:
        raise CannotRun(
            Problem(
                code="connector_not_installed",
                params={"name": point.name, "module": missing.name or ""},
                detail=str(missing),
            )
        ) from missing
