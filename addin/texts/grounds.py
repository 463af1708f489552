"""Why a column of an export is guessed to be a field, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from addin import texts
from addin.texts import mark
from workbook.layout import Language

GROUNDS: Mapping[str, str] = {
    "heading": mark("heading known as “{heading}”"),
    "alike": mark("heading like “{heading}” ({alike} %)"),
    "partly": mark("heading has the words of “{heading}”"),
    "export": mark("“{heading}” is known of the exports of {system}"),
    "refers": mark("its values are those of “{heading}” on {sheet}"),
    "adds_up": mark("adds up with “{heading}”"),
    "rate": mark("“{heading}” is at a known rate of it"),
    "values": mark("its values"),
    "confirmed": mark("as it was confirmed before"),
    "empty": mark("nothing stands in it"),
    "other_values": mark("its heading is known as “{heading}”, but its values are of another sort"),
    "unknown": mark("nothing of ours is known by this heading"),
}


def grounds(language: Language, told: Iterable[Mapping[str, str]]) -> str:
    """The reasons for one column, one after the other."""
    return "; ".join(texts.say(language, GROUNDS[ground["why"]], **ground) for ground in told)
