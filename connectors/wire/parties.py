"""Streets of several lines on the wires of ledgers that have so many fields for them, both ways."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence


def lines_of(street: str, names: Sequence[str]) -> dict[str, str]:
    """A street's lines by the names of their fields; the rest of a longer one goes into the last. All are named."""
    lines = [line.strip() for line in street.splitlines() if line.strip()]
    if len(lines) > len(names):
        lines = [*lines[: len(names) - 1], " ".join(lines[len(names) - 1 :])]
    return {name: lines[place] if place < len(lines) else "" for place, name in enumerate(names)}


def street_of(told: Mapping[str, object], names: Iterable[str]) -> str:
    """The lines that are not empty, as one street."""
    return "\n".join(str(told[name]) for name in names if told.get(name))
