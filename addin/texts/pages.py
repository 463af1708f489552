"""The guides' pages of every problem and every setting, in both languages: ``python -m addin.texts.pages --write``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from addin.options import Options, shown
from addin.questions import (
    GENERAL,
    SIDES,
    Question,
    choice_shown,
    connector_label,
    connector_questions,
    side_question,
)
from connectors.problems import Owner, every_code, owner_of
from connectors.registry import names
from workbook.layout import Language

from . import filled, mark, owner, say, sentences
from .declared import require_installed
from .options import MEANINGS, NAMES, accepted

ASKED = (mark("What is asked"), mark("Name"), mark("What it is"), mark("Example or choices"))
DOCS = Path(__file__).parents[2] / "docs"


def problems(language: Language) -> str:
    """The page of every problem: who acts, then code, what happened and what to do."""

    def told() -> Iterator[str]:
        yield "# " + say(language, mark("Problems"))
        yield say(
            language,
            mark(
                "Every problem carries a code, which the Dashboard and the command line show. "
                "The sign … stands for what a message fills in: a number, a name, an amount, a date."
            ),
        )
        columns = (mark("Code"), mark("What happened"), mark("What to do"))
        for who in Owner:
            yield "## " + owner(language, who)
            codes = [code for code in every_code() if owner_of(code) is who]
            yield _table(language, columns, (_problem(language, code) for code in codes))

    return "\n\n".join(told()) + "\n"


def _problem(language: Language, code: str) -> tuple[str, str, str]:
    what, fix = (filled(sentence, {}).replace("….", "…") for sentence in sentences(language, code))
    return f'<a id="{code}"></a>`{code}`', what, fix


def settings(language: Language) -> str:
    """The page of every setting of a company: what it does, what it accepts, its default."""

    def told() -> Iterator[str]:
        yield "# " + say(language, mark("Settings"))
        yield say(
            language,
            mark(
                "Each setting is a row of the Settings sheet; an empty value takes the default. "
                "“passerelle init --set NAME=VALUE” sets it for a new company."
            ),
        )
        columns = (mark("Setting"), mark("What it does"), mark("What it accepts"), mark("Default"))
        yield _table(language, columns, (_setting(language, name) for name in Options.model_fields))
        yield "## " + say(language, mark("What a new company is asked for"))
        yield say(
            language,
            mark(
                "“passerelle init” alone asks for this in the terminal, and the Set-up sheet in its yellow cells; "
                "“--set” gives it as NAME=VALUE. An empty answer takes the default."
            ),
        )
        yield _table(language, ASKED, (_question(language, question) for question in _of_every_company()))
        for side in SIDES:
            for name in names(SIDES[side]):
                yield f"### {connector_label(side, name, language)}"
                yield _table(language, ASKED, (_question(language, each) for each in connector_questions(side, name)))

    return "\n\n".join(told()) + "\n"


def _setting(language: Language, name: str) -> tuple[str, str, str, str]:
    default = shown(Options.model_fields[name].default, language) or say(language, mark("empty"))
    takes = accepted(name)
    called = f"`{name}`" if language == "en" else f"{say(language, NAMES[name])} (`{name}`)"
    return called, say(language, MEANINGS[name]), say(language, takes), default


def _of_every_company() -> Iterator[Question]:
    yield from (*GENERAL, *map(side_question, SIDES))


def _question(language: Language, question: Question) -> tuple[str, str, str, str]:
    """A row of what is asked; the name is that of an option or of a setting, a secret has none."""
    side = question.of.partition(".")[0]
    name = f"`{side}.{question.setting}`" if side else f"`{question.name}`"
    choices = ", ".join(choice_shown(question, code, language) for code in question.choices)
    example = choices or question.example
    called = say(language, question.label)
    return called, "" if question.is_secret else name, say(language, question.meaning), example and f"`{example}`"


def _table(language: Language, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heading = [say(language, column) for column in columns]
    lines = (heading, ["---"] * len(heading), *rows)
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


PAGES: dict[str, Callable[[], str]] = {
    "problems.md": lambda: problems("en"),
    "problemes.md": lambda: problems("fr"),
    "settings.md": lambda: settings("en"),
    "parametres.md": lambda: settings("fr"),
}


def outdated() -> list[str]:
    """The pages that do not say what the code now says."""
    return [name for name, page in PAGES.items() if _read(DOCS / name) != page()]


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def main(arguments: list[str]) -> int:
    """Name the outdated pages; with ``--write``, bring them up to date. 1 when some are left outdated."""
    require_installed()
    names = outdated()
    sys.stdout.writelines(f"{name}\n" for name in names)
    if "--write" not in arguments:
        return 1 if names else 0
    for name in names:
        (DOCS / name).write_bytes(PAGES[name]().encode())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
