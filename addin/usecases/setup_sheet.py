"""The Set-up sheet: its rows as questions of the Settings models, what was typed in them, and what a company has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from addin import texts
from addin.profile import Profile
from addin.questions import (
    SIDES,
    Question,
    choice_of,
    choice_shown,
    connector_label,
    every_question,
    wrong_answer,
)
from addin.texts import mark
from addin.usecases.password import kept_for
from connectors.problems import Place, Problem
from workbook.book import Book, Grid, Row, RowKey
from workbook.layout import LANGUAGES, SETUP, Caption, Language
from workbook.review import text_of
from workbook.rows import Cells
from workbook.template.setup import SetupRow

KEPT = mark("Kept in the credential store of this machine")
ASKED_LATER = mark("Not kept yet: asked on a page of its own, never in a cell")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the sheet holds for a question: the code or text that was typed, and its cell."""

    question: Question
    text: str
    place: Place


def setup_rows(answers: Mapping[str, str], kept: frozenset[str] = frozenset()) -> list[SetupRow]:
    """The sheet's rows with some answers; ``kept`` are the connectors whose secret is there, such as ledger.xero."""
    return [_row(question, answers, kept) for question in every_question()]


def kept_secrets(profile: Profile) -> frozenset[str]:
    """The connectors of a company, source and ledger, whose secret is there."""
    connectors = {"source": profile.source, "ledger": profile.ledger}
    return frozenset(f"{side}.{connectors[side]}" for side in SIDES if kept_for(side, profile))


def answers_of(profile: Profile) -> dict[str, str]:
    """What a company's profile says to each question."""
    general = {"language": profile.language, "company": profile.company, "folder": str(profile.folder)}
    sides = {"source": profile.source, "ledger": profile.ledger}
    given = {"source": profile.source_settings, "ledger": profile.ledger_settings}
    set_ = {f"{side}.{sides[side]}.{name}": str(value) for side in SIDES for name, value in given[side].items()}
    return {**general, **sides, **set_}


def typed_answers(book: Book) -> dict[str, Answer]:
    """What the sheet holds, by the names of the questions; a row of no question is passed over."""
    grid, known = book.read(SETUP), {question.name: question for question in every_question()}
    found = {}
    for row in grid.rows:
        if question := known.get(text_of(row.values.get("key"))):
            found[question.name] = _answer(grid, row, question)
    return found


def asked_here(typed: Mapping[str, Answer]) -> Iterator[Answer]:
    """The answers to what every company is asked, and to what the chosen source and ledger ask."""
    chosen = {f"{side}.{typed[side].text}" for side in SIDES if side in typed}
    yield from (answer for answer in typed.values() if not answer.question.of or answer.question.of in chosen)


def wrong_answers(answers: Iterable[Answer]) -> Iterator[Problem]:
    """What is not accepted, with the cell where it stands. A secret is typed in no cell."""
    for answer in answers:
        if answer.question.is_secret:
            if answer.text and not _is_said(answer.text):
                yield Problem(code="secret_in_cell", params={"question": answer.question.label}, place=answer.place)
        elif wrong := wrong_answer(answer.question, answer.text):
            yield replace(wrong, place=answer.place)


def show_company(book: Book, language: Language, profile: Profile) -> None:
    """Show a company's own settings in a language, whether its secrets are kept, and no reason beside them."""
    answers = setup_rows(answers_of(profile), kept_secrets(profile))
    rows: dict[RowKey, Cells] = {(row.key,): {**row.cells(language), "reason": ""} for row in answers}
    book.write(SETUP, rows)


def said_in(language: Language, row: Row) -> Cells:
    """A row in a language: its words, and the captions of what was chosen; what was typed stays.

    The language that is asked for is then this one.
    """
    question = next((each for each in every_question() if each.name == text_of(row.values.get("key"))), None)
    if question is None:
        return {}
    typed = text_of(row.values.get("value"))
    answer = language if question.name == "language" else choice_of(question, typed)
    cells = _row(question, {question.name: answer}, _said_kept(question, typed)).cells(language)
    return {**cells, "value": cells["value"] if question.choices or question.is_secret else typed}


def show_reasons(
    book: Book, language: Language, typed: Iterable[Answer], problems: Iterable[Problem], kept: frozenset[str]
) -> None:
    """Say beside each cell what is wrong with it; what was typed in the place of a secret is taken away."""
    said = {problem.place: problem for problem in problems}
    for answer in typed:
        problem = said.get(answer.place)
        reason = f"{texts.what(language, problem)} {texts.fix(language, problem)}" if problem else ""
        cells = {"reason": reason}
        if answer.question.is_secret:
            cells["value"] = _value(answer.question, {}, kept).of(language)
        book.write(SETUP, {(answer.question.name,): cells})


def _answer(grid: Grid, row: Row, question: Question) -> Answer:
    text = text_of(row.values.get("value")).strip()
    return Answer(question, choice_of(question, text) if question.choices else text, grid.place(row, "value"))


def _row(question: Question, answers: Mapping[str, str], kept: frozenset[str]) -> SetupRow:
    side, _, connector = question.of.partition(".")
    return SetupRow(
        key=question.name,
        question=_both(question.label),
        value=_value(question, answers, kept),
        meaning=_both(question.meaning),
        example=Caption(*[question.example if question.example != question.default else ""] * 2),
        of=Caption(*(connector_label(side, connector, each) if side else "" for each in LANGUAGES)),
        choices=tuple(_choice(question, code) for code in question.choices),
        typed=not question.is_secret,
        hidden=bool(side) and answers.get(side) != connector,
    )


def _value(question: Question, answers: Mapping[str, str], kept: frozenset[str]) -> Caption:
    if question.is_secret:
        return _both(KEPT if question.of in kept else ASKED_LATER)
    answer = answers.get(question.name, question.default)
    if answer and question.choices:
        return _choice(question, answer)
    return Caption(answer, answer)


def _choice(question: Question, code: str) -> Caption:
    return Caption(*(choice_shown(question, code, language) for language in LANGUAGES))


def _said_kept(question: Question, text: str) -> frozenset[str]:
    return frozenset({question.of} if _is_said_as(KEPT, text) else ())


def _is_said(text: str) -> bool:
    return _is_said_as(KEPT, text) or _is_said_as(ASKED_LATER, text)


def _is_said_as(sentence: str, text: str) -> bool:
    return text in _both(sentence)


def _both(sentence: str) -> Caption:
    return Caption(*(texts.say(language, sentence) for language in LANGUAGES))
