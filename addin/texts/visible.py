"""A stranger's text as it is shown: what has no form of its own, or changes that of others, stands there as its number.

A direction mark shows a name or a file's end the other way round (Unicode Technical Report 36, 3.1), an escape sequence
commands a terminal, and two names that differ in an invisible character look the same. What is kept and posted stays as
it was given.
"""

from __future__ import annotations

import re
import unicodedata

UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Categories of characters without a form: controls, format characters, halves of pairs, ends of lines."""

FILLERS = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters and signs that are drawn as nothing."""

_SUSPECT = re.compile(r"[^\n\t -~\u00a1-\u00ac\u00ae-\u02ff]")
"""What has to be looked at; the usual letters need not."""


def visible(text: str) -> str:
    r"""The text with ``\u202e`` for what cannot be seen; line feeds and tabulators stay.

    It is written as JSON writes it, so that a line of JSON stays one and means the same.
    """
    return _SUSPECT.sub(_shown, text)


def in_one_line(text: str) -> str:
    """A text in one line, with what cannot be seen in it shown."""
    return visible(" ".join(text.split("\n")).replace("\t", " ").replace("\r", ""))


def _shown(found: re.Match[str]) -> str:
    character = found[0]
    if unicodedata.category(character) not in UNSEEN and character not in FILLERS:
        return character
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
