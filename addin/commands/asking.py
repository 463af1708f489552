"""``passerelle init`` without options: a new company's questions in the terminal, each until it is answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from addin import texts
from addin.commands.command import language_named
from addin.profile import load
from addin.questions import (
    GENERAL,
    SIDES,
    USUAL,
    Question,
    choice_of,
    choice_shown,
    connector_questions,
    default_folder,
    settings_of,
    side_question,
    wrong_answer,
)
from addin.screen import Screen
from addin.texts import mark
from addin.usecases.init import init
from addin.usecases.password import keep_for, kept_for
from addin.usecases.report import Report
from connectors.problems import CannotRun, Problem

EXAMPLE = mark("For example: {example}")
PROMPT = "> "


@dataclass(frozen=True, slots=True)
class Given:
    """What was said with options: answers, and settings by the names of ``--set``."""

    answers: Mapping[str, str]
    settings: Mapping[str, str]


def make(screen: Screen, given: Given, shared: str) -> Report:
    """Make the company that a person describes here, and keep the secrets that its source and its ledger ask for.

    Raises ``CannotRun`` (input_ended) before anything is made where the input ends first.
    """
    answers = _answers(screen, given)
    place, company = Path(answers["folder"]).expanduser(), answers["company"]
    settings = {**settings_of(answers), **given.settings}
    sides = answers["source"], answers["ledger"]
    report = init(place, company, *sides, settings, screen.book, screen.language, shared)
    return replace(report, problems=_kept(screen, company, answers))


def _kept(screen: Screen, company: str, answers: Mapping[str, str]) -> tuple[Problem, ...]:
    """What is wrong with keeping the secrets that are asked for; without an answer they are asked for later."""
    profile = load(company)
    asked = [(side, question) for side in SIDES for question in connector_questions(side, answers[side])]
    for side, question in asked:
        if not question.is_secret or kept_for(side, profile):
            continue
        _show(screen, question)
        try:
            if secret := screen.secret(texts.say(screen.language, question.label)):
                keep_for(side, profile, secret)
        except CannotRun as refused:
            return refused.problems
    return ()


def _answers(screen: Screen, given: Given) -> dict[str, str]:
    answers = dict(given.answers)
    for question in GENERAL:
        if not answers.get(question.name):
            answers[question.name] = _answered(screen, question, _default(question, screen, answers))
        if question.name == "language":
            screen.language = language_named(answers["language"])
    for side in SIDES:
        if not answers.get(side):
            answers[side] = _answered(screen, side_question(side), USUAL[side])
        for question in connector_questions(side, answers[side]):
            if not question.is_secret and f"{side}.{question.setting}" not in given.settings:
                answers[question.name] = _answered(screen, question, question.default)
    return answers


def _default(question: Question, screen: Screen, answers: Mapping[str, str]) -> str:
    if question.name == "language":
        return screen.language
    return str(default_folder(answers["company"])) if question.name == "folder" else question.default


def _answered(screen: Screen, question: Question, default: str) -> str:
    """An answer that is accepted; one that is not is refused in words, and asked for again."""
    _show(screen, question)
    while True:
        answer = _read(screen, question, default)
        wrong = wrong_answer(question, answer)
        if wrong is None:
            return answer
        screen.tell(texts.what(screen.language, wrong), texts.fix(screen.language, wrong))


def _show(screen: Screen, question: Question) -> None:
    lines = [texts.say(screen.language, question.meaning)]
    if question.example and question.example != question.default:
        lines.append(texts.say(screen.language, EXAMPLE, example=question.example))
    offered = (choice_shown(question, code, screen.language) for code in question.choices)
    lines += [f"{number}  {shown}" for number, shown in enumerate(offered, 1)]
    screen.ask(texts.say(screen.language, question.label), lines)


def _read(screen: Screen, question: Question, default: str) -> str:
    shown = choice_shown(question, default, screen.language) if question.choices else default
    line = screen.line(f"[{shown}] {PROMPT}" if default else PROMPT)
    if line is None:
        raise CannotRun(Problem(code="input_ended"))
    if not line:
        return default
    numbered = dict(zip(map(str, range(1, len(question.choices) + 1)), question.choices, strict=True))
    return numbered.get(line) or (choice_of(question, line) if question.choices else line)
