"""The file of a workbook: its parts as they were read, and the writing of changed ones in its place."""

from __future__ import annotations

import errno
import io
import os
import stat
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from connectors.disk import content_of, refusal
from connectors.formats import ENCRYPTED, XLSX, format_of
from connectors.problems import CannotRun, Problem
from workbook.file.entries import BrokenArchive, extents, rewritten
from workbook.file.in_place import move_in_place, write_beside
from workbook.markup import BrokenMarkup, check, decoded, plain

FILE_LIMIT = 1 << 29
PART_LIMIT = 1 << 29
"""Bytes of the whole file, and of one part when inflated (512 MiB each): what is larger is refused, not read."""

WHOLE_LIMIT = 1 << 31
"""Bytes of all parts together when inflated."""


class Package:
    """A workbook file, held in memory so that nothing keeps it open.

    Raises ``CannotRun``: ``workbook_missing``, ``workbook_damaged``, ``workbook_encrypted`` (Office keeps a workbook
    with a password to open in a compound file), ``workbook_open``, ``workbook_read_only``,
    ``workbook_changed_meanwhile``, ``workbook_of_another_format``, ``not_a_file``, ``file_not_opened``, ``disk_full``,
    ``disk_read_only``, ``file_unwritable``.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._load(self._read())

    def _load(self, data: bytes) -> None:
        self._data, self._digest = data, sha256(data).digest()
        self._checked: set[str] = set()
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
            self.sizes: Mapping[str, int] = {entry.filename: entry.file_size for entry, _ in extents(self._archive)}
        except (zipfile.BadZipFile, BrokenArchive, NotImplementedError, ValueError) as wrong:
            raise self._other(data, wrong) from wrong
        if sum(self.sizes.values()) > WHOLE_LIMIT:
            raise self.damaged("its parts are too large together")

    def _other(self, data: bytes, wrong: Exception) -> CannotRun:
        """What to raise for what is no package of a workbook: what it is instead, where that can be told."""
        try:
            actual = format_of(io.BytesIO(data))
        except zipfile.BadZipFile:
            actual = XLSX
        if actual == ENCRYPTED:
            return self._cannot("workbook_encrypted")
        if actual == XLSX or not data:
            return self.damaged(wrong)
        return self._cannot("workbook_of_another_format", wrong, value=actual)

    def foreign(self, why: str) -> CannotRun:
        """What to raise for a package without the part of a workbook."""
        return self._other(self._data, ValueError(why))

    def _read(self) -> bytes:
        try:
            data = content_of(self.path, FILE_LIMIT)
        except (FileNotFoundError, NotADirectoryError) as missing:
            raise self._cannot("workbook_missing", missing) from missing
        except PermissionError as refused:
            code = "workbook_open" if os.name == "nt" else "file_not_opened"
            raise self._cannot(code, refused, file=str(self.path)) from refused
        except OSError as refused:
            if refused.errno == errno.ENAMETOOLONG:  # no file can have this name
                raise self._cannot("workbook_missing", refused) from refused
            raise CannotRun(refusal(refused, self.path)) from refused
        if len(data) > FILE_LIMIT:
            raise self.damaged("larger than a workbook can be here")
        return data

    def __contains__(self, name: str) -> bool:
        return name in self.sizes

    def raw(self, name: str) -> bytes:
        """A part's bytes, checked against their checksum."""
        if name not in self.sizes:
            raise self.damaged(f"no part {name}")
        if self.sizes[name] > PART_LIMIT:
            raise self.damaged(f"{name} is too large")
        return b"".join(self.blocks(name))

    def blocks(self, name: str) -> Iterator[bytes]:
        """A part's bytes in blocks of a megabyte, for what looks at it once, and never more than it says it has."""
        if name not in self.sizes:
            raise self.damaged(f"no part {name}")
        try:
            with self._archive.open(name) as part:
                while block := part.read(1 << 20):
                    yield block
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as wrong:
            raise self.damaged(f"{name}: {wrong}") from wrong

    def markup(self, name: str) -> tuple[bytes, str]:
        """An XML part as UTF-8, known to be well-formed, and the encoding it came in."""
        try:
            body, encoding = decoded(self.raw(name))
            if name not in self._checked:
                check(body)
                self._checked.add(name)
        except BrokenMarkup as wrong:
            raise self.damaged(f"{name}: {wrong}") from wrong
        return body, encoding

    def text(self, name: str) -> bytes:
        """An XML part to read from: UTF-8, well-formed, without comments, CDATA as plain text."""
        return plain(self.markup(name)[0])

    def damaged(self, why: object) -> CannotRun:
        """What to raise when the file is not what a workbook must be."""
        return self._cannot("workbook_damaged", why)

    def _cannot(self, code: str, detail: object = "", **params: str) -> CannotRun:
        return CannotRun(Problem(code=code, params={"path": str(self.path), **params}, detail=str(detail)))

    def save(self, changed: Mapping[str, Iterable[bytes]], removed: Collection[str] = ()) -> None:
        """Write the package with these parts changed, or left out; every other entry keeps its bytes.

        The content of a part comes in pieces, so that a large one is never held whole.
        """
        self._guard()
        written = rewritten(self._data, self._archive, changed, removed)
        try:
            self._replace(written)
        except OSError as wrong:
            raise self._unsaved(wrong) from wrong
        self._load(written)

    def _guard(self) -> None:
        """Excel and LibreOffice keep a file of their own beside a workbook as long as they have it open.

        One that a crash left behind cannot be told from it: the problem's ``owner`` names the file.
        """
        for owner in (f"~${self.path.name}", f".~lock.{self.path.name}#"):
            if self.path.with_name(owner).exists():
                raise self._cannot("workbook_open", owner=owner)
        if sha256(self._read()).digest() != self._digest:
            raise self._cannot("workbook_changed_meanwhile")
        may_write = self.path.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)
        if not may_write or not os.access(self.path, os.W_OK):
            raise self._cannot("workbook_read_only")

    def _replace(self, written: bytes) -> None:
        target = Path(os.path.realpath(self.path))
        beside = write_beside(target, written)
        try:
            move_in_place(beside, target)
        except PermissionError as held:
            # The folder took a new file a moment ago, so on Windows it is the workbook itself that someone holds.
            if os.name == "nt":
                raise self._cannot("workbook_open", held) from held
            raise

    def _unsaved(self, wrong: OSError) -> CannotRun:
        if isinstance(wrong, PermissionError):
            return self._cannot("workbook_read_only", wrong)
        if isinstance(wrong, FileNotFoundError):
            return self._cannot("workbook_missing", wrong)
        return CannotRun(refusal(wrong, self.path, writing=True))
