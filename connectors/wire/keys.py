"""Our key in a text of the ledger's: at its end, in brackets, where a person leaves it and a search finds it."""

from __future__ import annotations

import re

JOINT = " · "
"""Between the texts of a note that holds several; none of them but the last may hold it."""
LINE_END = "↵"
"""What stands for the end of a line in a note of one line."""
_MARK = re.compile(r"\[(?P<key>[^\[\]\s]+)\]\s*$")


def marked(text: str, key: str, most: int) -> str:
    """A text with our key at its end; a text that is too long for both is cut."""
    mark = f"[{key}]"
    return f"{text[: most - len(mark) - 1].rstrip()} {mark}".lstrip()


def note(texts: tuple[str, ...], key: str, most: int) -> str:
    """Several texts in one line, with our key at its end; only empty ones at their end are left out."""
    told = list(texts)
    while told and not told[-1].strip():
        told.pop()
    line = JOINT.join(LINE_END.join(text.strip().splitlines()) for text in told)
    return marked(line, key, most)


def key_in(text: object) -> str:
    """Our key at the end of a text; empty where it has none."""
    found = _MARK.search(str(text or ""))
    return found["key"] if found else ""


def texts_in(text: object, count: int) -> tuple[str, ...]:
    """The texts of a note without our key, as many as were joined; the missing ones empty."""
    whole = _MARK.sub("", str(text or "")).strip()
    parts = f" {whole}".split(JOINT, count - 1) if count > 1 else [whole]
    told = [part.replace(LINE_END, "\n").strip() for part in parts]
    return (*told, *[""] * (count - len(told)))
