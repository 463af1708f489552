"""Worker: work through the scheduled companies of a server; and where their schedules are stored."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

from sqlalchemy.engine import URL

from addin import texts
from addin.databases import SERVER, database, password
from addin.home import home
from addin.schedule.registrar import Registrar
from addin.texts import mark
from addin.usecases.report import Report
from connectors.problems import CannotRun, Owner, Problem
from connectors.secrets.holder import Holder
from connectors.secrets.secret import Secret
from workbook.layout import Language

ROUND = mark("{company}: {posted} records transferred, {rejected} refused, {held} held back. {waiting} need a person.")
READY = mark("Waiting for companies whose time has come ({place}); Ctrl-C ends after the document in hand.")


def work(server: str, concurrency: int, stopped: float, language: Language, tell: Callable[[str], None]) -> Report:
    """Work until Ctrl-C or SIGTERM, saying what became of each company. Raises ``CannotRun``."""
    workers, url = _workers(), database(server, "PASSERELLE_SERVER")

    def told(company: str, what: Report | CannotRun) -> None:
        tell(_said(language, company, what))

    tell(texts.say(language, READY, place=url.render_as_string()))
    workers.work(url, server_password(url), concurrency, told, workers.Timing(stopped=stopped))
    return Report(run=0)


def schedules(server: str, known: Secret | None = None) -> Registrar:
    """The schedules that the workers of a server keep. Raises ``CannotRun``."""
    url = database(server, "PASSERELLE_SERVER")
    stored: Registrar = _workers().Stored(url, known or server_password(url))
    return stored


def server_password(url: URL) -> Secret | None:
    """The password of the workers' database, where we know one. Raises ``CannotRun``."""
    return password(url, Holder(home=str(home())), SERVER)


def _workers() -> ModuleType:
    """What needs the extra "server", and is slow to import."""
    try:
        from addin import server
    except ModuleNotFoundError as missing:
        params = {"extra": "server", "module": missing.name or ""}
        raise CannotRun(Problem(code="extra_missing", params=params)) from missing
    return server


def _said(language: Language, company: str, what: Report | CannotRun) -> str:
    if isinstance(what, CannotRun):
        return f"{company}: " + " ".join(texts.what(language, problem) for problem in what.problems)
    counts = {name: sum(kinds.values()) for name, kinds in what.counts.items()}
    waiting = sum(1 for problem in what.problems if problem.owner is not Owner.LATER)
    return texts.say(language, ROUND, company=company, **counts, waiting=waiting)
