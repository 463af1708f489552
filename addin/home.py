"""Where configuration and data live on this machine."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_data_path


def home() -> Path:
    """The folder of all companies: ``PASSERELLE_HOME``, else the platform's place for a person's data."""
    named = os.environ.get("PASSERELLE_HOME")
    return Path(named).expanduser().resolve() if named else user_data_path("Passerelle", appauthor=False)


def companies(at: Path | None = None) -> Path:
    """The folder that holds one folder per company, below a home."""
    return (at or home()) / "companies"
