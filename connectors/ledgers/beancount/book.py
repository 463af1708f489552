"""The files of a book: loaded when they change; ours is appended to, or has a text amended, in one atomic step."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

from filelock import Timeout

from connectors import private
from connectors.disk import refusal, require_file
from connectors.ledgers.beancount import proof, reading
from connectors.ledgers.beancount.contents import Contents
from connectors.ledgers.beancount.problems import about, damaged, unwritten
from connectors.ledgers.beancount.settings import BeancountSettings
from connectors.problems import CannotRun

PATIENCE = 10.0
"""Seconds to wait for another process that writes to the same book."""


class Book:
    """A book on disk. What a person writes is guarded by digests: whoever changed a file, we load it anew first."""

    def __init__(self, settings: BeancountSettings) -> None:
        self.settings = settings
        self._contents: Contents | None = None
        self._digests: dict[Path, bytes] = {}

    def contents(self) -> Contents:
        """What the book holds now. Raises ``CannotRun`` (book_missing, book_damaged, book_not_included …)."""
        if self._contents is None or self._changed():
            self._contents = self._load()
        return self._contents

    def reloaded(self) -> Contents:
        """What the book holds, with the file and line of every directive: what was only appended bears none."""
        self._contents = None
        return self.contents()

    def take(self) -> Contents:
        """What the book holds, to be added to; ``append`` takes it back, otherwise the book is loaded again."""
        contents, self._contents = self.contents(), None
        return contents

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes of ours from writing; the system lets go of the lock when a process dies."""
        try:
            lock = private.lock(Path(f"{self.settings.file_path}.lock"), PATIENCE)
            lock.acquire()
        except Timeout as busy:
            raise about("ledger_busy", self.settings.file_path) from busy
        except OSError as error:
            raise unwritten(self.settings.file_path, error) from error
        try:
            yield
        finally:
            lock.release()

    def append(self, text: str, contents: Contents) -> bool:
        """Add a text to our file, whole or not at all, and keep ``contents``, which already holds it.

        False when somebody changed the book since it was loaded: nothing was written, take the contents again.
        """
        if text and not self._write(self.settings.file_path, "".join(proof.roots(contents.options)), text):
            return False
        self._contents = contents
        return True

    def text(self) -> str:
        """Our file as it was loaded. Raises ``CannotRun``."""
        try:
            return self.settings.file_path.read_bytes().decode()
        except OSError as error:
            raise unwritten(self.settings.file_path, error) from error

    def rewrite(self, before: str, after: str) -> bool:
        """Put another text in the place of our file's, whole or not at all; False where somebody changed the book."""
        path, kept = self.settings.file_path, before.encode()
        try:
            written = _move_in_place(path, after.encode(), lambda: self._unchanged(path, kept))
        except OSError as error:
            raise unwritten(path, error) from error
        self._contents = None
        return written

    def create(self, path: Path, text: str) -> None:
        """Write a file of the book that does not exist yet; what exists is left as it is."""
        try:
            if not path.exists():
                _move_in_place(path, text.encode(), lambda: True)
        except OSError as error:
            raise unwritten(path, error) from error

    def _write(self, path: Path, heading: str, text: str) -> bool:
        try:
            before = path.read_bytes()
            after = before + _addition(before, heading, text)
            written = _move_in_place(path, after, lambda: self._unchanged(path, before))
        except OSError as error:
            raise unwritten(path, error) from error
        if written:
            self._digests[path] = sha256(after).digest()
        return written

    def _load(self) -> Contents:
        book, file = self.settings.book_path, self.settings.file_path
        for path in (book, file):
            try:
                require_file(path)
            except OSError as error:
                raise CannotRun(refusal(error, path)) from error
            if not path.is_file():
                raise about("book_missing", path)
        # Digests come first: a change while the book is being loaded makes the next look load it again.
        digests = {path: _digest(path) for path in {*self._digests, Path(os.path.realpath(book)), file}}
        try:
            directives, errors, options = reading.load(self.settings)
        except OSError as error:
            raise about("book_damaged", book, str(error), place=str(book)) from error
        if errors:
            raise damaged(book, errors[0])
        files = {Path(name).resolve() for name in options["include"]}
        if file not in files:
            raise about("book_not_included", book, file=self.settings.file)
        contents = Contents(self.settings, options)
        contents.add(directives)
        if self.settings.receivable not in contents.accounts:
            raise about("book_lacks_account", book, account=self.settings.receivable)
        self._digests = {path: digests.get(path) or _digest(path) for path in files}
        return contents

    def _unchanged(self, path: Path, before: bytes) -> bool:
        return not self._changed() and sha256(before).digest() == self._digests[path]

    def _changed(self) -> bool:
        return any(_digest(path) != digest for path, digest in self._digests.items())


def _digest(path: Path) -> bytes:
    """The digest of a file; of one that cannot be read, nothing, which is what no file has."""
    try:
        return sha256(path.read_bytes()).digest()
    except OSError:
        return b""


def _addition(before: bytes, heading: str, text: str) -> bytes:
    """What follows the old text: its missing line end, the option lines it does not have yet, and the new text."""
    options = "".join(line for line in heading.splitlines(keepends=True) if line.encode() not in before)
    return (b"" if before.endswith(b"\n") or not before else b"\n") + (options + text).encode()


def _move_in_place(path: Path, content: bytes, still: Callable[[], bool]) -> bool:
    """Write beside and move; ``still`` is asked last of all, as an editor takes no lock and a save must not be lost."""
    beside = path.with_name(f"{path.name}.new")
    try:
        with open(beside, "wb", opener=private.opened) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, beside)
        if not still():
            return False
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    _sync_folder(path.parent)
    return True


def _sync_folder(folder: Path) -> None:
    """Make the move durable where a folder can be synchronised; Windows cannot, and some file systems refuse."""
    if os.name == "posix":
        with contextlib.suppress(OSError):
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
