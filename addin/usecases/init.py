"""Init and build: a new company with its workbook, or a new workbook."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from uuid import uuid4

from addin.options import Options, shown
from addin.profile import Profile, is_known, slug, validated
from addin.session import new_identity
from addin.texts import say
from addin.texts.options import MEANINGS
from addin.trust import remember
from addin.usecases.report import Report
from connectors.problems import CannotRun, Problem
from workbook.book import Book
from workbook.layout import LANGUAGES, SETTINGS_TABLE, Language
from workbook.template.template import build as build_template


def init(
    folder: Path,
    company: str,
    source: str,
    ledger: str,
    settings: Mapping[str, str],
    book_at: Callable[[Path], Book],
    language: Language = "en",
) -> Report:
    """Make a company: its profile, its ledger's book where that is ours to make, its workbook. Raises ``CannotRun``."""
    workbook = (folder / f"{slug(company)}.xlsm").resolve()
    if is_known(company):
        raise CannotRun(Problem(code="company_exists", params={"company": company, "workbook": str(workbook)}))
    sorted_settings = _sorted(settings)
    profile = Profile(
        id=uuid4().hex,
        company=company,
        workbook=workbook,
        folder=folder.resolve(),
        language=language,
        source=source,
        source_settings=sorted_settings["source"],
        ledger=ledger,
        ledger_settings=sorted_settings["ledger"],
        options=validated(Options, sorted_settings[""]),
    )
    profile.open_source().close()
    with profile.open_ledger() as opened:
        folder.mkdir(parents=True, exist_ok=True)
        opened.prepare(company)
    build(workbook, language, book_at, profile)
    profile.save()
    remember(profile)
    return Report(run=0, facts={"company": company, "workbook": str(workbook), "profile": str(profile.place)})


def _sorted(settings: Mapping[str, str]) -> dict[str, dict[str, str]]:
    sides: dict[str, dict[str, str]] = {"source": {}, "ledger": {}, "": {}}
    for name, value in settings.items():
        side, _, rest = name.rpartition(".")
        if side not in sides:
            raise CannotRun(
                Problem(code="settings_invalid", params={"setting": name, "why": "", "known": "source.…, ledger.…"})
            )
        sides[side][rest] = value
    return sides


def build(path: Path, language: Language, book_at: Callable[[Path], Book], profile: Profile | None = None) -> Report:
    """Make a workbook, bound to a company where one is given, with a row for each setting."""
    if language not in LANGUAGES:
        raise CannotRun(Problem(code="usage", detail=f"--language {' | '.join(LANGUAGES)}"))
    path.parent.mkdir(parents=True, exist_ok=True)
    build_template(path, language=language, identity={**new_identity(profile, language), **_runtime()})
    book = book_at(path)
    options = profile.options if profile else Options()
    defaults = Options()
    book.replace(
        SETTINGS_TABLE,
        [
            {
                "key": name,
                "value": "" if value == getattr(defaults, name) else shown(value, language),
                "meaning": say(language, MEANINGS[name]),
                "default": shown(getattr(defaults, name), language),
            }
            for name, value in options
        ],
    )
    book.save()
    return Report(run=0, facts={"workbook": str(path)})


def _runtime() -> dict[str, str]:
    """How buttons reach Python: an installed copy by its own program, a checkout as xlwings is set up."""
    program = shutil.which("passerelle-ribbon", path=str(Path(sys.executable).parent))
    installed = "site-packages" in Path(__file__).parts and program
    return {"runtime": "installed", "executable": program} if installed and program else {"runtime": "checkout"}
