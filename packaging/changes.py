"""What is new in a release, as the change logs tell it: a part for each release, in both languages alike."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOGS = {"en": "CHANGELOG.md", "fr": "NOUVEAUTES.md"}
PART = re.compile(
    r"^## (?P<version>\S+) – (?P<day>\d{4}-\d\d-\d\d)\n(?P<text>.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL
)
POINT = re.compile(r"^- (.*?)(?=^- |\Z)", re.MULTILINE | re.DOTALL)


class NotTold(Exception):
    """A release of which the change logs do not say what is new, or not the same in both languages."""


@dataclass(frozen=True, slots=True)
class Told:
    """A release's part of the change logs: its day, its text, and its points without their line ends."""

    day: date
    text: dict[str, str]
    points: dict[str, list[str]]


def told_of(version: str, root: Path = ROOT) -> Told:
    """What the change logs tell of a release. Raises ``NotTold``."""
    found = {language: _part(root / name, version) for language, name in LOGS.items()}
    days = {day for day, _ in found.values()}
    points = {language: list(map(_line, POINT.findall(text))) for language, (_, text) in found.items()}
    if len(days) != 1 or len({len(each) for each in points.values()}) != 1 or not points["en"]:
        raise NotTold(f"{version} has not the same day and as many points in {' and '.join(LOGS.values())}")
    return Told(date.fromisoformat(days.pop()), {language: text for language, (_, text) in found.items()}, points)


def _line(text: str) -> str:
    return " ".join(text.split())


def _part(path: Path, version: str) -> tuple[str, str]:
    for part in PART.finditer(path.read_text(encoding="utf-8")):
        if part["version"] == version:
            return part["day"], part["text"].strip() + "\n"
    raise NotTold(f"{path.name} tells nothing of {version}")
