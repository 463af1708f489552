"""Doctor: what this machine has and lacks, without a secret in it."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Iterator
from importlib.metadata import version

from addin.home import home
from addin.profile import known
from addin.usecases.init import note_program
from addin.usecases.report import Report
from connectors.problems import CannotRun
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
    return Report(run=0, facts=facts)


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
