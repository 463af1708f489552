"""The company's rights as the Settings sheet shows them: to be read there, and set elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from addin.noticing import Noted, noted_text
from addin.rights import Rights
from addin.texts import say
from addin.texts.options import NAMES, RIGHTS, option_named
from connectors.problems import Problem
from connectors.records import Kind
from workbook.layout import LANGUAGES, SETTINGS_TABLE, Language, caption_of
from workbook.review import Typed
from workbook.rows import Cells


def right_shown(rights: Rights, name: str, language: Language) -> str:
    """One of the rights as a cell shows it: accounts, kinds of records, yes or no."""
    value = getattr(rights, name)
    if isinstance(value, bool):
        return caption_of("yes_no", "yes" if value else "no", language)
    return ", ".join(caption_of("kind", each, language) if isinstance(each, Kind) else each for each in value)


def right_rows(rights: Rights, language: Language) -> list[Cells]:
    """A row of the Settings sheet for each of the rights."""
    return [right_row(rights, name, language) for name in Rights.model_fields]


def right_row(rights: Rights, name: str, language: Language) -> Cells:
    """The row of one of the rights."""
    return {
        "key": say(language, NAMES[name]),
        "value": right_shown(rights, name, language),
        "meaning": say(language, RIGHTS[name]),
        "default": right_shown(Rights(), name, language),
    }


def typed_rights(settings: Mapping[str, Typed], rights: Rights, before: Noted) -> Iterator[Problem]:
    """What somebody typed for a right; what only stands there since the rights were set elsewhere was not typed."""
    for typed in settings.values():
        name = option_named(typed.text("key"))
        if name not in Rights.model_fields:
            continue
        shown = [right_shown(rights, name, language) for language in LANGUAGES]
        value = typed.text("value")
        stood = before.get((SETTINGS_TABLE.name, name))
        if value not in shown and stood is not None and noted_text(value) != stood:
            yield Problem(code="right_typed", column="value", place=typed.place("value"),
                          params={"right": name, "value": value or "–", "expected": shown[0] or "–"})  # fmt: skip
