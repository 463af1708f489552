"""What a company is asked for before it works: what it is, and what the chosen source and ledger want to know.

A question is a field of a Settings model that has a title, and its name is what ``--set`` calls it, with the
connector's name between. The terminal and the Set-up sheet ask the same questions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from addin import texts
from addin.installation import chosen
from addin.profile import is_known, load, slug, validated
from addin.texts import mark
from connectors.entries import LEDGERS, SOURCES
from connectors.ledger import Ledger
from connectors.problems import CannotRun, Problem
from connectors.registry import GIVEN, ledger_type, names, source_type
from connectors.source import Source
from workbook.layout import LANGUAGES, YES_NO, Language

SIDES: Mapping[str, str] = {"source": SOURCES, "ledger": LEDGERS}
"""What a company has two of: where records come from, and where they are booked."""

USUAL: Mapping[str, str] = {"source": "files", "ledger": chosen("ledger") or "beancount"}
"""The connectors where none is named; the ledger is the one that this copy was installed for."""

SECRET = "secret"  # noqa: S105 - the name of a question, which is no setting
UNWRITABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Controls, ends of lines and halves of characters, which no line of a file or a cell holds."""

LANGUAGE_NAMES: Mapping[str, str] = {"en": mark("English"), "fr": mark("French")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One thing that is asked; its words are sentences of the catalogues, its choices are codes.

    ``of`` is the connector that asks, such as ``ledger.xero``; empty where every company is asked.
    """

    name: str
    label: str
    meaning: str
    example: str = ""
    choices: tuple[str, ...] = ()
    default: str = ""
    of: str = ""

    @property
    def setting(self) -> str:
        """What the connector's own settings call it."""
        return self.name.removeprefix(f"{self.of}.")

    @property
    def is_secret(self) -> bool:
        """Whether the answer is a secret, which stands in no cell, setting or log."""
        return bool(self.of) and self.name == f"{self.of}.{SECRET}"


GENERAL: tuple[Question, ...] = (
    Question(
        name="language",
        label=mark("Language"),
        meaning=mark("Of the workbook and of everything that is said about the company."),
        choices=LANGUAGES,
    ),
    Question(
        name="company",
        label=mark("Company"),
        meaning=mark("The name of the association or business, as it should stand on the Dashboard."),
        example="Northern Trails Association",
    ),
    Question(
        name="folder",
        label=mark("Folder"),
        meaning=mark("Where the company's files lie, by its whole path; empty takes one of its name in yours."),
    ),
)
OF_SIDES: Mapping[str, tuple[str, str]] = {
    "source": (mark("Records come from"), mark("The system whose invoices and payments are transferred.")),
    "ledger": (mark("Accounting system"), mark("Where they are booked.")),
}


def side_question(side: str, default: str = "") -> Question:
    """Which connector a company has on a side."""
    label, meaning = OF_SIDES[side]
    offered = tuple(names(SIDES[side]))
    return Question(name=side, label=label, meaning=meaning, choices=offered, default=default)


def connector_questions(side: str, connector: str) -> tuple[Question, ...]:
    """What a connector wants to know, its own fields first, and last its secret. Raises ``CannotRun``."""
    kind, of = connector_type(side, connector), f"{side}.{connector}"
    fields, own = kind.Settings.model_fields, vars(kind.Settings).get("__annotations__", {})
    asked = [_question(f"{of}.{name}", of, fields[name]) for name in sorted(fields, key=lambda name: name not in own)
             if fields[name].title and name not in GIVEN]  # fmt: skip
    if kind.secret_asked:
        label, meaning = kind.secret_asked.label, kind.secret_asked.meaning
        asked.append(Question(name=f"{of}.{SECRET}", label=label, meaning=meaning, of=of))
    return tuple(asked)


def every_question() -> Iterator[Question]:
    """All that any company can be asked, by the connectors that are installed here, in the order of asking."""
    yield from GENERAL
    for side in SIDES:
        yield side_question(side)
        for connector in names(SIDES[side]):
            with suppress(CannotRun):  # what its packages lack is said when it is chosen
                yield from connector_questions(side, connector)


def connector_type(side: str, connector: str) -> type[Ledger] | type[Source]:
    """The connector of a side. Raises ``CannotRun`` (connector_unknown, connector_not_installed)."""
    return ledger_type(connector) if side == "ledger" else source_type(connector)


def connector_label(side: str, connector: str, language: Language) -> str:
    """What people call a connector; its name where its packages are not installed."""
    try:
        return texts.say(language, connector_type(side, connector).label)
    except CannotRun:
        return connector


def choice_shown(question: Question, code: str, language: Language) -> str:
    """What people call one of a question's choices."""
    if question.name in SIDES:
        return connector_label(question.name, code, language)
    if question.name == "language":
        return texts.say(language, LANGUAGE_NAMES[code]) if code in LANGUAGE_NAMES else code
    return YES_NO[code].of(language) if code in YES_NO else code


def choice_of(question: Question, shown: str) -> str:
    """The code behind what a person typed for a choice, in either language; what is none of them stays as it is."""
    wanted = shown.strip().casefold()
    for code in question.choices:
        if wanted in {code.casefold(), *(choice_shown(question, code, each).casefold() for each in LANGUAGES)}:
            return code
    return shown.strip()


def default_folder(company: str) -> Path:
    """Where a company's files lie unless somebody says otherwise."""
    return Path.home() / "Passerelle" / slug(company)


def wrong_answer(question: Question, answer: str) -> Problem | None:
    """Why an answer is not accepted; an empty one takes the default."""
    if question.of:
        side, _, connector = question.of.partition(".")
        return _refused_setting(side, connector, question.setting, answer)
    if question.choices and answer not in question.choices:
        return Problem(
            code="answer_not_offered",
            params={"question": question.label, "answer": answer, "offered": ", ".join(question.choices)},
        )
    if question.name in SIDES:
        return _not_installed(question.name, answer)
    if question.name == "company":
        return wrong_name(answer)
    if question.name == "folder" and answer and not Path(answer).expanduser().is_absolute():
        return Problem(code="folder_not_whole", params={"folder": answer})
    return None


def wrong_name(company: str) -> Problem | None:
    """Why a company cannot have a name: it is none, or there is one already."""
    if not company.strip() or UNWRITABLE.search(company):
        return Problem(code="company_name_wrong", params={"company": company})
    if is_known(company):
        return Problem(code="company_exists", params={"company": company, "workbook": str(load(company).workbook)})
    return None


def settings_of(answers: Mapping[str, str]) -> dict[str, str]:
    """The settings among some answers, by the names of ``--set``: those of the chosen connectors, and no empty one."""
    settings = {}
    for side in SIDES:
        of = f"{side}.{answers.get(side, '')}."
        for name, answer in answers.items():
            if name.startswith(of) and answer and name != f"{of}{SECRET}":
                settings[f"{side}.{name.removeprefix(of)}"] = answer
    return settings


def _not_installed(side: str, connector: str) -> Problem | None:
    try:
        connector_type(side, connector)
    except CannotRun as missing:
        return missing.problems[0]
    return None


def _refused_setting(side: str, connector: str, setting: str, answer: str) -> Problem | None:
    model = connector_type(side, connector).Settings
    given = {setting: answer} if answer else {}
    try:
        validated(model, given, side)
    except CannotRun as refused:
        return next((each for each in refused.problems if each.params.get("setting") == f"{side}.{setting}"), None)
    return None


def _question(name: str, of: str, field: FieldInfo) -> Question:
    default = "" if field.is_required() or field.default is None else _written(field.default)
    example = str(field.examples[0]) if field.examples else default
    return Question(
        name=name,
        label=field.title or "",
        meaning=field.description or "",
        example=example,
        choices=_choices(field.annotation),
        default=default,
        of=of,
    )


def _choices(annotation: Any) -> tuple[str, ...]:  # noqa: ANN401 - whatever a field is declared as
    if get_origin(annotation) is Literal:
        return tuple(map(str, get_args(annotation)))
    return tuple(YES_NO) if annotation is bool else ()


def _written(default: object) -> str:
    if isinstance(default, bool):
        return "yes" if default else "no"
    return ", ".join(map(str, default)) if isinstance(default, tuple) else str(default)
