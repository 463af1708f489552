"""A company: which source, which ledger, which options. TOML on disk, no secret in it."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from addin.home import companies, home, is_own
from addin.options import Options
from addin.rights import Rights
from connectors import private
from connectors.disk import refusal, require_file
from connectors.ledger import Ledger
from connectors.problems import CannotRun, Problem
from connectors.records import Kind
from connectors.registry import GIVEN, ledger_type, source_type
from connectors.secrets.holder import Holder
from connectors.source import Source
from workbook.layout import Language

Model = TypeVar("Model", bound=BaseModel)

LARGEST = 1024 * 1024
"""Bytes of a profile: what is larger is none of ours."""
LONGEST = 60
"""Characters of a folder's name, its digest apart."""
DEVICES = re.compile(r"con|prn|aux|nul|com\d|lpt\d")
"""Names that Windows keeps for devices."""
PLAIN = re.compile(r"[a-z0-9][a-z0-9-]*")
REVISION = 1
"""Which settings this Passerelle writes; it is raised by what one before it would misread, and so refuses."""
FORMER = frozenset({"in_review", "approvers"})
"""Settings of former releases that are rights now."""


class Profile(BaseModel):
    """One company's settings; ``id`` is what idempotency keys are made from and never changes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    revision: int = REVISION
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
    rights: Rights = Rights()
    journal_url: str = ""
    """Where the journal is shared: ``postgresql://person@host/database``; empty for a file of this machine."""

    @model_validator(mode="before")
    @classmethod
    def _former_review(cls, given: Any) -> Any:  # noqa: ANN401 - whatever a file holds
        """Who approves stood among the options once; what a former release wrote there waits to be confirmed."""
        options = given.get("options") if isinstance(given, dict) else None
        if not isinstance(options, dict) or not FORMER & options.keys():
            return given
        names = [name.strip() for name in str(options.get("approvers", "")).split(",") if name.strip()]
        on = options.get("in_review") is True
        rights = {"approvers": names, "review": list(Kind)} if on else {}
        rest = {name: value for name, value in options.items() if name not in FORMER}
        return {**given, "options": rest, "rights": {**rights, **given.get("rights", {})}}

    @property
    def place(self) -> Path:
        """The company's own folder below the home."""
        return place_of(self.company, self.home)

    @property
    def holder(self) -> Holder:
        """Whose secrets this company's are."""
        return Holder(home=str(self.home), company=self.id, own=is_own(self.home))

    def open_ledger(self) -> Ledger:
        """The company's ledger, not yet connected; imports that connector alone. Raises ``CannotRun``."""
        kind = ledger_type(self.ledger)
        return kind(self._settings(kind, self.ledger_settings, "ledger"))

    def open_source(self) -> Source:
        """The company's source, not yet connected. Raises ``CannotRun``."""
        kind = source_type(self.source)
        return kind(self._settings(kind, self.source_settings, "source"))

    def _settings(self, kind: type[Ledger] | type[Source], given: Mapping[str, Any], side: str) -> BaseModel:
        ours = {"folder": self.folder, "holder": self.holder}
        where = {name: ours[name] for name in GIVEN & kind.Settings.model_fields.keys()}
        return validated(kind.Settings, {**given, **where}, side)

    def save(self) -> None:
        """Write the profile beside and move it in place."""
        text = tomli_w.dumps(self.model_dump(mode="json", exclude_none=True))
        private.write(self.place / "profile.toml", text)


def validated(model: type[Model], given: Mapping[str, Any], prefix: str = "") -> Model:
    """Settings checked against their model; every wrong one is a ``settings_invalid`` problem in ``CannotRun``."""
    try:
        return model.model_validate(dict(given))
    except ValidationError as wrong:
        raise CannotRun(*(_invalid(model, error, prefix) for error in wrong.errors())) from None


def _invalid(model: type[BaseModel], error: ErrorDetails, prefix: str) -> Problem:
    """What is wrong with one setting; its value is not repeated, for somebody may have typed a secret there."""
    params = {
        "setting": ".".join([*([prefix] if prefix else []), *map(str, error["loc"])]),
        "refused": error["type"],
        "accepted": _accepted(model, error),
        "known": ", ".join(sorted(model.model_fields.keys() - GIVEN)),
    }
    return Problem(code="settings_invalid", params=params, detail=error["type"])


def _accepted(model: type[BaseModel], error: ErrorDetails) -> str:
    """What a setting accepts, as far as its model says: choices, a bound, or an example of how it is written."""
    bounds = error.get("ctx", {})
    if "expected" in bounds:
        return ", ".join(f"“{choice}”" for choice in re.findall(r"'([^']*)'", str(bounds["expected"])))
    field = model.model_fields.get(str(error["loc"][0])) if error["loc"] else None
    example = (field.examples or [field.default])[0] if field else ""
    return str(bounds.get("ge", example))


def load(company: str, at: Path | None = None) -> Profile:
    """The profile of a company by its name, or by its folder's. Raises ``CannotRun``.

    company_unknown where there is none; profile_newer where a newer Passerelle wrote it; settings_invalid, not_a_file
    or file_not_opened where it cannot be read.
    """
    path = place_of(company, at) / "profile.toml"
    try:
        require_file(path)
    except OSError as refused:
        raise CannotRun(refusal(refused, path)) from refused
    if not path.is_file():
        raise CannotRun(Problem(code="company_unknown", params={"company": company, "known": ", ".join(known())}))
    try:
        content = _content(path)
    except OSError as refused:
        raise CannotRun(refusal(refused, path)) from refused
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
        line = re.search(r"line (\d+)", str(broken))
        why = "not_toml" if isinstance(broken, tomllib.TOMLDecodeError) else "not_utf8"
        params = {"path": str(path), "refused": why, "accepted": line[1] if line else "1"}
        raise CannotRun(Problem(code="settings_unreadable", params=params, detail=str(broken))) from broken
    revision = content.get("revision")
    if isinstance(revision, int) and revision > REVISION:
        params = {"path": str(path), "found": str(revision), "known": str(REVISION)}
        raise CannotRun(Problem(code="profile_newer", params=params))
    return validated(Profile, {**content, "home": at or home()})


def known() -> list[str]:
    """The folders' names of the companies on this machine."""
    return sorted(path.parent.name for path in companies().glob("*/profile.toml"))


def is_known(company: str) -> bool:
    """Whether a company of this name is there."""
    return (place_of(company) / "profile.toml").is_file()


def place_of(company: str, at: Path | None = None) -> Path:
    """The folder of a company below a home: by its name, by the name that earlier releases gave it, by its own name."""
    root = companies(at)
    new = root / slug(company)
    if (new / "profile.toml").is_file():
        return new
    former = root / plain_slug(company)
    if former != new and _is_of(former / "profile.toml", company):
        return former
    if PLAIN.fullmatch(company) and len(company) <= 2 * LONGEST and (root / company / "profile.toml").is_file():
        return root / company
    return new


def same_name(one: str, other: str) -> bool:
    """Whether two texts are one company's name: case, blanks and how accents are encoded make no other one."""
    return _canonical(one) == _canonical(other)


def slug(company: str) -> str:
    """A company's name as a folder name on every platform: letters, digits and dashes, never a path.

    What a plain name cannot hold (other scripts, punctuation, accents, length) is in a digest behind it, so that
    different names are different folders.
    """
    plain = plain_slug(company)
    if plain.replace("-", " ") == _canonical(company) and len(plain) <= LONGEST and not DEVICES.fullmatch(plain):
        return plain
    digest = sha256(_canonical(company).encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return f"{plain[:LONGEST].rstrip('-')}-{digest}"


def plain_slug(company: str) -> str:
    """The letters and digits of a name alone; different names may share it."""
    plain = unicodedata.normalize("NFKD", company).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-") or "company"


def _canonical(company: str) -> str:
    return " ".join(unicodedata.normalize("NFC", unicodedata.normalize("NFC", company).casefold()).split())


def _content(path: Path) -> dict[str, Any]:
    with path.open("rb") as stream:
        return tomllib.loads(stream.read(LARGEST).decode())


def _is_of(path: Path, company: str) -> bool:
    try:
        return path.is_file() and same_name(str(_content(path).get("company", "")), company)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError):
        return False
