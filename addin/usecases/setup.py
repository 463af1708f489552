"""Set up: make the company that the sheet of a workbook describes, and later change what it says."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

from addin.databases import open_journal
from addin.profile import Profile, same_name
from addin.questions import SIDES, Question, choice_shown, default_folder, every_question, settings_of
from addin.session import Session, claimed, identify, new_identity
from addin.texts import mark
from addin.trust import question as about_company
from addin.trust import remember
from addin.usecases.init import described, prepare
from addin.usecases.language import language as speak
from addin.usecases.report import Report
from addin.usecases.setup_sheet import (
    Answer,
    answers_of,
    asked_here,
    kept_secrets,
    show_company,
    show_reasons,
    typed_answers,
    wrong_answers,
)
from connectors.problems import CannotRun, Problem
from workbook.book import Book
from workbook.layout import IDENTITY, SETUP, Language

Agree = Callable[[str], bool]
"""Shows a person what is about to happen, and answers whether to go on."""

CHANGES = mark("Change these settings of “{company}”?\n\n{changes}")
CHANGE = mark("{question}: {before} → {after}")

FIXED = frozenset({"company", "ledger", "source"})
"""What a company with records cannot change any more: it would be another one."""


def create(book: Book, agree: Agree | None = None) -> Report:
    """Make the company of a workbook that has none: its folder, settings and journal; the workbook is bound to it.

    ``agree`` is asked before anything is made. Raises ``CannotRun``; what is wrong with an answer stands beside it.
    """
    identity = claimed(book)
    spoken = _spoken(identity)
    if identity.get("company"):
        raise CannotRun(Problem(code="workbook_bound", params={"company": identity["company"]}))
    typed = _accepted(book, spoken, {})
    answers = {name: answer.text for name, answer in typed.items()}
    company = answers["company"]
    folder = Path(answers.get("folder") or default_folder(company)).expanduser()
    profile = described(
        Path(os.path.realpath(book.path)), folder, company, answers["source"], answers["ledger"],
        settings_of(answers), spoken,
    )  # fmt: skip
    if agree and not agree(about_company(profile, spoken)):
        return Report(run=0, facts={"declined": True})
    prepare(profile)
    _bind(book, profile, identity)
    profile.save()
    remember(profile)
    with closing(open_journal(profile)):
        pass  # made by its first opening
    if (wanted := _language(answers["language"])) != spoken:
        with Session.open(profile, book, "language") as session:
            speak(session, wanted)
    facts = {"company": company, "workbook": str(profile.workbook), "profile": str(profile.place)}
    return Report(run=0, facts={**facts, "folder": str(profile.folder)})


def apply_settings(session: Session, agree: Agree | None = None) -> Report:
    """Take the settings that the Set-up sheet says, once the person agreed; the sheet then shows what holds.

    Raises ``CannotRun``; what is wrong with an answer, or cannot change any more, stands beside it.
    """
    profile, book = session.profile, session.book
    before = answers_of(profile)
    typed = _accepted(book, session.language, before, _unchangeable(session, before), kept_secrets(profile))
    answers = {**{name: answer.text for name, answer in typed.items()}, "company": profile.company}
    changed = _changed(answers, before)
    if not changed or (agree and not agree(_told(session, changed, before))):
        return Report(run=session.run.id, facts={"settings": [], "count": 0, "declined": True})
    new = _with(profile, answers)
    prepare(new)
    new.save()
    remember(new)
    for name, after in changed.items():
        session.log("settings", "done", message=f"{name}: {before.get(name, '')} → {after}")
    session.profile = new
    if (wanted := _language(answers["language"])) != session.language:
        speak(session, wanted)
    show_company(book, session.language, session.profile)
    book.save()
    return Report(run=session.run.id, facts={"settings": sorted(changed), "count": len(changed)})


def _accepted(
    book: Book, language: Language, before: Mapping[str, str], unchangeable: frozenset[str] = frozenset(),
    kept: frozenset[str] = frozenset(),
) -> dict[str, Answer]:  # fmt: skip
    """What was typed where it was asked, by question. Raises ``CannotRun`` with each problem's cell."""
    typed = typed_answers(book)
    if missing := [name for name in ("language", "company", *SIDES) if name not in typed]:
        params = {"table": SETUP.name, "column": missing[0]}
        raise CannotRun(Problem(code="setup_missing", params=params))
    asked = list(asked_here(typed))
    new = [answer for answer in asked if not _stands(answer, before)]
    problems = [*wrong_answers(new), *(_fixed(answer) for answer in new if answer.question.name in unchangeable)]
    show_reasons(book, language, asked, problems, kept)
    if problems:
        book.save()
        raise CannotRun(*problems)
    return {answer.question.name: answer for answer in asked if not answer.question.is_secret}


def _stands(answer: Answer, before: Mapping[str, str]) -> bool:
    stood = before.get(answer.question.name)
    return stood is not None and (answer.text == stood or (
        answer.question.name == "company" and same_name(answer.text, stood)))  # fmt: skip


def _unchangeable(session: Session, before: Mapping[str, str]) -> frozenset[str]:
    return FIXED & before.keys() if session.journal.seen() or session.journal.states() else frozenset({"company"})


def _fixed(answer: Answer) -> Problem:
    return Problem(code="setup_fixed", params={"question": answer.question.label}, place=answer.place)


def _changed(answers: Mapping[str, str], before: Mapping[str, str]) -> dict[str, str]:
    usual = {question.name: question.default for question in every_question()}
    return {name: answer for name, answer in answers.items() if answer != before.get(name, usual.get(name, ""))}


def _told(session: Session, changed: Mapping[str, str], before: Mapping[str, str]) -> str:
    questions = {question.name: question for question in every_question()}
    lines = (
        session.say(CHANGE, question=session.say(questions[name].label), after=_shown(questions[name], after, session),
                    before=_shown(questions[name], before.get(name, questions[name].default), session))
        for name, after in changed.items()
    )  # fmt: skip
    return session.say(CHANGES, company=session.profile.company, changes="\n".join(lines))


def _shown(question: Question, answer: str, session: Session) -> str:
    return (choice_shown(question, answer, session.language) if question.choices else answer) or "–"


def _with(profile: Profile, answers: Mapping[str, str]) -> Profile:
    """A company with other settings; those that the sheet has no row for stay as they are, if their connector does."""
    settings = settings_of(answers)
    changes: dict[str, object] = {"folder": Path(answers.get("folder") or profile.folder).expanduser()}
    for side in SIDES:
        mine = {name.removeprefix(f"{side}."): value for name, value in settings.items() if name.startswith(f"{side}.")}
        stays = getattr(profile, f"{side}_settings") if answers[side] == getattr(profile, side) else {}
        unasked = {name: value for name, value in stays.items() if f"{side}.{answers[side]}.{name}" not in answers}
        changes |= {side: answers[side], f"{side}_settings": {**unasked, **mine}}
    return profile.model_copy(update=changes)


def _bind(book: Book, profile: Profile, identity: Mapping[str, str]) -> None:
    """Let the workbook be this company's, in its hidden identity and on the Set-up sheet."""
    rows = {**identity, **new_identity(profile, profile.language), "workbook_id": identity["workbook_id"]}
    book.replace(IDENTITY, [{"key": key, "value": value} for key, value in rows.items()])
    identify(book, {"connected": "no"})
    show_company(book, profile.language, profile)
    book.save()


def _spoken(identity: Mapping[str, str]) -> Language:
    return _language(identity.get("language", ""))


def _language(code: str) -> Language:
    return "fr" if code == "fr" else "en"
