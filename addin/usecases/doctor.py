"""Doctor: what this machine has and lacks, without a secret in it."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import date
from importlib.metadata import metadata, version

from addin.databases import open_journal
from addin.home import home
from addin.in_force import in_force
from addin.installation import folder, is_installed
from addin.profile import known, load
from addin.releases import address, ask
from addin.usecases.about import standing, unopened
from addin.usecases.ending import ends_soon
from addin.usecases.init import note_program
from addin.usecases.report import Report
from connectors.entries import LEDGERS, SOURCES
from connectors.problems import CannotRun, Problem
from connectors.registry import ledger_type, names, source_type

PACKAGES = ("passerelle", "xlwings", "XlsxWriter", "SQLAlchemy", "pydantic", "pyOpenVBA", "keyring")


def doctor() -> Report:
    """Look at the machine: versions, folders, connectors, companies. Never raises for what it finds."""
    release, unknown = _release()
    facts: dict[str, object] = {
        **product_facts(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
        "packages": {name: version(name) for name in PACKAGES},
        "runtime": "installed" if is_installed() else "environment",
        "folder": str(folder()),
        "home": str(home()),
        "credentials": _credential_store(),
        "ribbon": note_program(),
        "libreoffice": shutil.which("soffice") or "",
        "ledgers": dict(_connectors(LEDGERS)),
        "sources": dict(_connectors(SOURCES)),
        "release": release,
        "companies": known(),
        "standing": [_standing(company) for company in known()],
    }
    return Report(run=0, facts=facts, problems=(*unknown, *_around()))


def product_facts() -> dict[str, str]:
    """Which version this is, and its licence."""
    return {
        "version": version("passerelle"),
        "licence": str(metadata("passerelle").json.get("license_expression", "MIT")),
    }


def _release() -> tuple[dict[str, object], tuple[Problem, ...]]:
    """What the address of the releases says, if there is one; and why that is not known."""
    facts: dict[str, object] = {"address": address(), "newest": None}
    try:
        if release := ask(date.today()):  # noqa: DTZ011 - here
            facts |= {"newest": release.model_dump(mode="json"), "newer": release.is_newer}
    except CannotRun as unknown:
        return facts, unknown.problems
    return facts, ()


def _standing(company: str) -> dict[str, str]:
    try:
        profile = load(company)
        with closing(open_journal(profile)) as journal:
            return standing(profile, journal)
    except CannotRun as wrong:
        return unopened(company, wrong)


def _around() -> Iterator[Problem]:
    """What was changed of the companies of this machine around us, and whose authorization ends soon.

    One that cannot be opened says so itself.
    """
    for company in known():
        with suppress(CannotRun):
            profile = load(company)
            with closing(open_journal(profile)) as journal:
                yield from in_force(profile, journal, whole=True).problems
                if ending := ends_soon(journal, ledger_type(profile.ledger).label, date.today()):  # noqa: DTZ011 - here
                    yield ending


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
