"""Which of their tables and columns are which of ours: what the mapping file says, checked to be well formed."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from importlib.resources import files
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from connectors import private
from connectors.problems import CannotRun, Problem
from connectors.records import SyncStatus
from connectors.sources.tables.columns import TABLES, Table
from connectors.sources.web.reading import Part

DEFAULT = files("connectors.sources.membri").joinpath("mapping.toml").read_text(encoding="utf-8")
OURS = {table.name: table for table in TABLES}
LARGEST = 1024 * 1024
PATH = re.compile(r"[a-z][a-z0-9_]*(/[a-z][a-z0-9_]*)?")
PART = re.compile(rf"({PATH.pattern})(?: if ({PATH.pattern}))?")

Rule = Literal["synchronize", "new_account_default", "all_when_paid", "dues_when_paid"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TableMap(_Part):
    """One of their tables read as one of ours; see the comments of ``mapping.toml``."""

    table: str
    gives: str
    chapter: str = ""
    only: dict[str, bool | int | str] = {}
    needs: tuple[str, ...] = ()
    always: dict[str, str] = {}
    columns: dict[str, str]
    words: dict[str, dict[str, str]] = {}

    @property
    def ours(self) -> Table:
        """The table of ours."""
        return OURS[self.gives]

    @property
    def paths(self) -> dict[str, tuple[Part, ...]]:
        """Where the values of each of our columns stand."""
        return {name: parts_of(text) for name, text in self.columns.items()}

    @model_validator(mode="after")
    def _ours(self) -> Self:
        if self.gives not in OURS:
            raise PydanticCustomError("not_ours", "gives: {name}", {"name": self.gives})
        known = {column.name for column in self.ours.columns}
        strange = {*self.columns, *self.always, *self.words, *self.needs} - known
        if strange:
            raise PydanticCustomError("not_ours", "{name}", {"name": ", ".join(sorted(strange))})
        for text in (*self.columns.values(), *([self.chapter] if self.chapter else []), *self.only):
            parts_of(text)
        return self


class Done(_Part):
    """The column of an invoice's own status, and its values of paid and of paid and transferred."""

    column: str
    paid: str
    done: str


class Told(_Part):
    """Into which columns it is written what became of a record; those that are empty are not told."""

    status: str
    reference: str
    number: str = ""
    error: str = ""
    new_account: str = ""
    done: Done | None = None

    @property
    def columns(self) -> dict[str, str]:
        """What stands in which column."""
        named = {"status": self.status, "reference": self.reference, "number": self.number, "error": self.error,
                 "new_account": self.new_account, "done": self.done.column if self.done else ""}  # fmt: skip
        return {name: column for name, column in named.items() if column}


class Chapter(_Part):
    """The table of the chapters, and the column of their names."""

    table: str
    name: str


class Settings(_Part):
    """The table of what each chapter sets, and where in it which setting stands."""

    table: str
    chapter: str
    columns: dict[Rule, str]


class Names(_Part):
    """The whole file."""

    chapter: Chapter
    settings: Settings | None = None
    tables: dict[str, TableMap]
    told: dict[str, Told]
    statuses: dict[SyncStatus, str]

    @model_validator(mode="after")
    def _told_of_what_is_read(self) -> Self:
        strange = self.told.keys() - self.tables.keys()
        if strange:
            raise PydanticCustomError("not_ours", "told.{name}", {"name": ", ".join(sorted(strange))})
        return self

    @model_validator(mode="after")
    def _each_status_once(self) -> Self:
        values = Counter(self.statuses.values())
        wrong = [*(s for s in SyncStatus if s not in self.statuses), *(v for v in values if values[v] > 1)]
        if wrong:
            raise PydanticCustomError("statuses", "statuses: {name}", {"name": ", ".join(wrong)})
        return self


def parts_of(text: str) -> tuple[Part, ...]:
    """The parts of a path: ``a + b``, ``a if b``, ``owner/name``. Raises ``PydanticCustomError``."""
    found = [PART.fullmatch(part) for part in text.split(" + ")]
    if not all(found):
        raise PydanticCustomError("path", "no path: {name}", {"name": text})
    return tuple(Part(match[1], match[3] or "") for match in found if match)


def load(file: Path) -> Names:
    """The company's own mapping, or ours where it has none. Raises ``CannotRun`` (membri_mapping_unreadable)."""
    try:
        with file.open("rb") as stream:
            text = stream.read(LARGEST).decode()
    except FileNotFoundError:
        text = DEFAULT
    except (OSError, UnicodeDecodeError) as wrong:
        raise _unreadable(file, str(wrong)) from wrong
    try:
        return Names.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as wrong:
        raise _unreadable(file, str(wrong)) from wrong
    except ValidationError as wrong:
        told = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in wrong.errors()[:8])
        raise _unreadable(file, told) from wrong


def offer(file: Path) -> None:
    """Put the commented mapping where a company has none."""
    if not file.exists() and file.parent.is_dir():
        private.write(file, DEFAULT)


def _unreadable(file: Path, detail: str) -> CannotRun:
    return CannotRun(Problem(code="membri_mapping_unreadable", params={"file": str(file)}, detail=detail))
