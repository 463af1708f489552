"""Where configuration and data live on this machine."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_data_path

_at_work: list[Path] = []


def home() -> Path:
    """The folder of all companies that this process works with: the one it was led into, else the person's own."""
    return _at_work[-1] if _at_work else own_homes()[0]


def own_homes() -> tuple[Path, ...]:
    """The homes that are this person's without a question: ``PASSERELLE_HOME``, and the platform's place.

    Only the environment that the process was started with names one, never a workbook.
    """
    named, usual = os.environ.get("PASSERELLE_HOME"), user_data_path("Passerelle", appauthor=False)
    return (Path(os.path.realpath(Path(named).expanduser())), usual) if named else (usual,)


def is_own(place: Path) -> bool:
    """Whether a home is the person's own."""
    return place.resolve() in {own.resolve() for own in own_homes()}


def work_in(place: Path) -> None:
    """From here on this process keeps its log and its defects in a company's home."""
    _at_work[:] = [place]


def companies(at: Path | None = None) -> Path:
    """The folder that holds one folder per company, below a home."""
    return (at or home()) / "companies"
