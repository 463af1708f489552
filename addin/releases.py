"""Whether a newer release exists: one static file, asked once a day at most, where somebody set its address here.

Nothing is asked without an address, and nothing is sent but the request. What the file says is text that is shown; no
program is fetched and none is started.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import date
from importlib.metadata import version
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from addin import texts
from addin.installation import chosen
from addin.texts import mark
from addin.texts.visible import in_one_line
from connectors import private
from connectors.disk import require_file
from connectors.problems import CannotRun, Problem
from workbook.layout import Language

ADDRESS = "PASSERELLE_RELEASES"
"""The variable of the environment that names the file; an installed copy may have it among its choices too."""

LARGEST = 64 * 1024
"""Bytes of the file."""
BOUNDS = {"connect": 3, "read": 3, "whole": 6, "size": LARGEST, "attempts": 1}
"""Seconds, bytes and tries of the question: nobody waits for news."""
NEWS = 1000
"""Characters of what is new that are shown."""
NUMBERS = r"\d{1,5}(\.\d{1,5}){0,3}"


NEWER = mark("Passerelle {released} of {day} exists; this is {version}. {news}")
GET_IT = mark("It is on {page}; an update keeps companies, settings and the language.")


class File(BaseModel):
    """A file of a release, and the SHA-256 by which one knows that it is the one that was meant."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(max_length=100)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Release(BaseModel):
    """A release, as its file tells it (``packaging/release.py`` writes that)."""

    model_config = ConfigDict(frozen=True)

    version: str = Field(pattern=f"^{NUMBERS}$")
    date: date
    page: str = Field(default="", max_length=300)
    news: dict[Language, tuple[str, ...]] = Field(default={}, max_length=2)
    files: tuple[File, ...] = Field(default=(), max_length=50)

    @property
    def is_newer(self) -> bool:
        """Whether it came after the one that runs."""
        return _numbers(self.version) > _numbers(version("passerelle"))


class Heard(BaseModel):
    """What an address said last, and on which day it was asked."""

    model_config = ConfigDict(frozen=True)

    address: str
    asked: date
    release: Release | None = None


def address() -> str:
    """Where to ask; empty where nobody wants that."""
    return os.environ.get(ADDRESS) or chosen("releases")


def ask(today: date) -> Release | None:
    """What the address says now; nothing without one. Raises ``CannotRun`` (settings_invalid, releases_unknown)."""
    where = address()
    if not where:
        return None
    _keep(Heard(address=where, asked=today))  # also what fails is not asked again today
    release = _fetched(where)
    _keep(Heard(address=where, asked=today, release=release))
    return release


def ask_once_a_day(today: date) -> None:
    """Ask where nobody asked on this day; what hinders that is said by Doctor alone."""
    heard = _kept()
    if heard is None or (heard.address, heard.asked) != (address(), today):
        with suppress(CannotRun):
            ask(today)


def newer() -> Release | None:
    """A newer release, as far as its address said so when it was asked last."""
    heard = _kept() if address() else None
    release = heard.release if heard and heard.address == address() else None
    return release if release and release.is_newer else None


def announced(release: Release, language: Language) -> str:
    """That a newer release exists, what is new, and where to get it; all of it a stranger's words, and bounded."""
    news = texts.shortened(" ".join(release.news.get(language) or release.news.get("en", ())), NEWS)
    told = {"released": release.version, "day": release.date.isoformat(), "version": version("passerelle")}
    sentences = [texts.say(language, NEWER, **told, news=news)]
    if release.page:
        sentences.append(texts.say(language, GET_IT, page=release.page))
    return in_one_line(" ".join(sentences))


def _fetched(where: str) -> Release:
    from connectors.http import Bounds, Http, Vendor  # slow to import, and needed once a day

    vendor = Vendor(label="Passerelle", unreachable="source_unreachable")
    try:
        with Http(where, vendor, bounds=Bounds(**BOUNDS), setting=ADDRESS) as http:
            content = http.get("", expects_json=False).content
        return Release.model_validate_json(content)
    except ValidationError as strange:
        first = strange.errors(include_url=False, include_input=False)[0]
        raise _unknown(where, ": ".join((".".join(map(str, first["loc"])), first["type"]))) from None
    except CannotRun as refused:
        if refused.problems[0].code == "settings_invalid":
            raise
        raise _unknown(where, refused.problems[0].detail) from refused


def _unknown(where: str, why: str) -> CannotRun:
    return CannotRun(Problem(code="releases_unknown", params={"address": where}, detail=why))


def _place() -> Path:
    return private.person_place() / "release.json"


def _keep(heard: Heard) -> None:
    try:
        private.put(_place(), heard.model_dump_json().encode())
    except OSError:
        return  # it is asked again then


def _kept() -> Heard | None:
    path = _place()
    try:
        require_file(path)
        with path.open("rb") as stream:
            return Heard.model_validate_json(stream.read(2 * LARGEST))
    except (OSError, ValidationError):
        return None


def _numbers(text: str) -> tuple[int, ...]:
    """A version's numbers, without zeros at their end: 1.2 is 1.2.0."""
    numbers = [int(part) for part in text.split(".")]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)
