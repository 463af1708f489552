"""Doctor: what this machine has and lacks, without a secret in it."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Iterator
from contextlib import closing, suppress
from importlib.metadata import version

from addin.databases import open_journal
from addin.home import home
from addin.in_force import in_force
from addin.profile import known, load
from addin.usecases.init import note_program
from addin.usecases.report import Report
from connectors.problems import CannotRun, Problem
from connectors.registry import LEDGERS, SOURCES, ledger_type, names, source_type

PACKAGES = ("passerelle", "xlwings", "XlsxWriter", "SQLAlchemy", "pydantic", "pyOpenVBA", "keyring")


def doctor() -> Report:
    """Look at the machine: versions, folders, connectors, companies. Never raises for what it finds."""
    facts: dict[str, object] = {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
        "packages": {name: version(name) for name in PACKAGES},
        "home": str(home()),
        "credentials": _credential_store(),
        "ribbon": note_program(),
        "libreoffice": shutil.which("soffice") or "",
        "ledgers": dict(_connectors(LEDGERS)),
        "sources": dict(_connectors(SOURCES)),
        "companies": known(),
    }
    return Report(run=0, facts=facts, problems=tuple(_around()))


def _around() -> Iterator[Problem]:
    """What was changed of the companies of this machine around us; one that cannot be opened says so itself."""
    for company in known():
        with suppress(CannotRun):
            profile = load(company)
            with closing(open_journal(profile)) as journal:
                yield from in_force(profile, journal).problems


def _credential_store() -> str:
    from keyring import get_keyring  # it looks for every back end of the machine, and only doctor asks for it here

    return type(get_keyring()).__module__


def _connectors(group: str) -> Iterator[tuple[str, str]]:
    load = ledger_type if group == LEDGERS else source_type
    for name in names(group):
        try:
            yield name, load(name).label
        except CannotRun as missing:
            yield name, missing.problems[0].code
