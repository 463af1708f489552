"""A company: which source, which ledger, which options. TOML on disk, no secret in it."""

from __future__ import annotations

import os
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from addin.home import companies, home
from addin.options import Options
from connectors.ledger import Ledger
from connectors.problems import CannotRun, Problem
from connectors.registry import ledger_type, source_type
from connectors.source import Source
from workbook.layout import Language

Model = TypeVar("Model", bound=BaseModel)


class Profile(BaseModel):
    """One company's settings; ``id`` is what idempotency keys are made from and never changes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    home: Path = Field(default_factory=home, exclude=True)
    id: str
    company: str
    workbook: Path
    folder: Path
    language: Language = "en"
    source: str
    source_settings: dict[str, Any] = {}
    ledger: str
    ledger_settings: dict[str, Any] = {}
    options: Options = Options()
    journal_url: str = ""
    """Where the journal is shared: ``postgresql://person@host/database``; empty for a file of this machine."""

    @property
    def place(self) -> Path:
        """The company's own folder below the home."""
        return companies(self.home) / slug(self.company)

    def open_ledger(self) -> Ledger:
        """The company's ledger, not yet connected; imports that connector alone. Raises ``CannotRun``."""
        kind = ledger_type(self.ledger)
        return kind(self._settings(kind, self.ledger_settings, "ledger"))

    def open_source(self) -> Source:
        """The company's source, not yet connected. Raises ``CannotRun``."""
        kind = source_type(self.source)
        return kind(self._settings(kind, self.source_settings, "source"))

    def _settings(self, kind: type[Ledger] | type[Source], given: Mapping[str, Any], side: str) -> BaseModel:
        where = {"folder": self.folder} if "folder" in kind.Settings.model_fields else {}
        return validated(kind.Settings, {**where, **given}, side)

    def save(self) -> None:
        """Write the profile beside and move it in place."""
        self.place.mkdir(parents=True, exist_ok=True)
        text = tomli_w.dumps(self.model_dump(mode="json", exclude_none=True))
        beside = self.place / "profile.toml.new"
        beside.write_text(text, encoding="utf-8")
        os.replace(beside, self.place / "profile.toml")


def validated(model: type[Model], given: Mapping[str, Any], prefix: str = "") -> Model:
    """Settings checked against their model; every wrong one is a ``settings_invalid`` problem in ``CannotRun``."""
    try:
        return model.model_validate(dict(given))
    except ValidationError as wrong:
        known = ", ".join(sorted(model.model_fields.keys() - {"folder"}))
        raise CannotRun(
            *(
                Problem(
                    code="settings_invalid",
                    params={
                        "setting": ".".join([*([prefix] if prefix else []), *map(str, error["loc"])]),
                        "why": error["msg"],
                        "known": known,
                    },
                )
                for error in wrong.errors()
            )
        ) from wrong


def load(company: str, at: Path | None = None) -> Profile:
    """The profile of a company by its name. Raises ``CannotRun`` (company_unknown, settings_invalid)."""
    path = companies(at) / slug(company) / "profile.toml"
    if not path.is_file():
        raise CannotRun(Problem(code="company_unknown", params={"company": company, "known": ", ".join(known())}))
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
        raise CannotRun(
            Problem(code="settings_invalid", params={"setting": str(path), "why": str(broken), "known": ""})
        ) from broken
    return validated(Profile, {"home": at or home(), **content})


def of_workbook(identity: Mapping[str, str]) -> Profile:
    """The profile of the company a workbook belongs to: in the home of now, else in the one it was made in.

    So the demo's workbook, or one that Excel opens, finds its company wherever that lives. Raises ``CannotRun``.
    """
    made_in = identity.get("home")
    homes = [home(), *([Path(made_in)] if made_in else [])]
    for place in homes:
        if (companies(place) / slug(identity["company"]) / "profile.toml").is_file():
            profile = load(identity["company"], place)
            if identity.get("company_id") in (None, "", profile.id):
                return profile
    return load(identity["company"])


def known() -> list[str]:
    """The names of the companies on this machine."""
    return sorted(path.parent.name for path in companies().glob("*/profile.toml"))


def slug(company: str) -> str:
    """A company's name as a folder name on every platform: letters, digits and dashes, never a path."""
    plain = unicodedata.normalize("NFKD", company).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-") or "company"
