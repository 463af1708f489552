"""Init and build: a new company with its workbook, or a new workbook."""

from __future__ import annotations

import locale
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from addin.home import companies
from addin.installation import folder as programs
from addin.options import Options, shown
from addin.profile import Profile, slug, validated
from addin.questions import USUAL, wrong_name
from addin.rights import Rights
from addin.rights_in_sheet import right_rows
from addin.session import new_identity
from addin.texts import say
from addin.texts.options import MEANINGS, NAMES
from addin.trust import remember
from addin.usecases.report import Report
from addin.usecases.setup_sheet import answers_of, kept_secrets, setup_rows
from connectors import private
from connectors.disk import refusal
from connectors.problems import CannotRun, Problem
from workbook.book import Book
from workbook.layout import LANGUAGES, SETTINGS_TABLE, Language
from workbook.rows import Cells
from workbook.template.template import build as build_template

NOTE = "ribbon.txt"
"""The file in the person's place that says which program the ribbon starts (``NotedProgram`` in the macros)."""


def init(
    folder: Path,
    company: str,
    source: str,
    ledger: str,
    settings: Mapping[str, str],
    book_at: Callable[[Path], Book],
    language: Language = "en",
    shared: str = "",
) -> Report:
    """Make a company: its profile, its ledger's book where that is ours to make, its workbook. Raises ``CannotRun``.

    It is this person's alone, or, with a group of this machine named in ``shared``, the group's too.
    """
    workbook = Path(os.path.realpath(folder / f"{slug(company)}.xlsm"))
    profile = described(workbook, folder, company, source, ledger, settings, language)
    _refuse_to_replace(workbook)
    prepare(profile, shared)
    build(workbook, language, book_at, profile)
    profile.save()
    remember(profile)
    return Report(run=0, facts={"company": company, "workbook": str(workbook), "profile": str(profile.place)})


def described(
    workbook: Path,
    folder: Path,
    company: str,
    source: str,
    ledger: str,
    settings: Mapping[str, str],
    language: Language,
) -> Profile:
    """A new company with these settings, by the names of ``--set``; nothing is made yet. Raises ``CannotRun``."""
    if wrong := wrong_name(company):
        raise CannotRun(wrong)
    sorted_settings = _sorted(settings)
    return Profile(
        id=uuid4().hex,
        company=company,
        workbook=workbook,
        folder=Path(os.path.realpath(folder)),
        language=language,
        source=source,
        source_settings=sorted_settings["source"],
        ledger=ledger,
        ledger_settings=sorted_settings["ledger"],
        options=validated(Options, sorted_settings[""]),
    )


def prepare(profile: Profile, shared: str = "") -> None:
    """Make what a new company needs beside its workbook: its folder, and its book where that is ours to make.

    Raises ``CannotRun`` before anything is made where its settings are not accepted.
    """
    profile.open_source().close()
    if shared:
        _share((profile.home, companies(profile.home), profile.place, profile.folder), shared)
    with profile.open_ledger() as opened:
        _make_folder(profile.folder)
        opened.prepare(profile.company)


def _make_folder(folder: Path) -> None:
    try:
        private.make_folder(folder)
    except OSError as refused:
        raise CannotRun(refusal(refused, folder, writing=True)) from refused


def _share(folders: Iterable[Path], group: str) -> None:
    """Let a group work in these folders. Raises ``CannotRun`` (group_unknown)."""
    try:
        for folder in folders:
            private.share(folder, group)
    except (LookupError, OSError, NotImplementedError) as refused:
        problem = Problem(code="group_unknown", params={"group": group}, detail=str(refused))
        raise CannotRun(problem) from refused


def _sorted(settings: Mapping[str, str]) -> dict[str, dict[str, str]]:
    sides: dict[str, dict[str, str]] = {"source": {}, "ledger": {}, "": {}}
    for name, value in settings.items():
        side, _, rest = name.rpartition(".")
        if side not in sides:
            known = f"source.…, ledger.…, {', '.join(Options.model_fields)}"
            params = {"setting": name, "refused": "side", "known": known}
            raise CannotRun(Problem(code="settings_invalid", params=params))
        sides[side][rest] = value
    return sides


def build(path: Path, language: Language, book_at: Callable[[Path], Book], profile: Profile | None = None) -> Report:
    """Make a workbook, bound to a company where one is given, with a row for each setting."""
    if language not in LANGUAGES:
        raise CannotRun(Problem(code="usage", detail=f"--language {' | '.join(LANGUAGES)}"))
    _refuse_to_replace(path)
    _make_folder(path.parent)
    answers = answers_of(profile) if profile else {"language": language, **USUAL}
    asked = setup_rows(answers, kept_secrets(profile) if profile else frozenset())
    build_template(path, language=language, identity=new_identity(profile, language), setup=asked)
    note_program()
    book = book_at(path)
    options = profile.options if profile else Options()
    defaults = Options()
    rows: list[Cells] = [
        {
            "key": say(language, NAMES[name]),
            "value": "" if value == getattr(defaults, name) else shown(value, language),
            "meaning": say(language, MEANINGS[name]),
            "default": shown(getattr(defaults, name), language),
        }
        for name, value in options
    ]
    book.replace(SETTINGS_TABLE, [*rows, *right_rows(profile.rights if profile else Rights(), language)])
    book.save()
    return Report(run=0, facts={"workbook": str(path)})


def _refuse_to_replace(workbook: Path) -> None:
    """Raise ``CannotRun`` (workbook_exists): what was typed into a workbook is nowhere else."""
    if workbook.is_file():
        raise CannotRun(Problem(code="workbook_exists", params={"path": str(workbook)}))


def note_program() -> str:
    """Note for the ribbon of every workbook where this machine's program is; the program, or nothing.

    VBA reads the note in the system's own encoding. Where it cannot be kept, the ribbon looks through ``PATH``.
    """
    program = shutil.which("passerelle-ribbon", path=str(programs())) or ""
    if program:
        with suppress(OSError, UnicodeEncodeError):
            private.write(private.person_place() / NOTE, program + "\n", encoding=locale.getencoding())
    return program
