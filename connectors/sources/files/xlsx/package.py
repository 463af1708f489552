"""The parts of a workbook's package (a ZIP of XML), of a bounded size whatever its directory says."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO
from xml.parsers import expat

from connectors.sources.files.refusals import FileRefused

MAX_UNPACKED = 1 << 29
"""Bytes that the parts we read may come to."""
MAX_RATIO = 200
"""How many times larger than packed a part may be, beyond ``FREE`` bytes; repetitive sheets reach a hundred."""
FREE = 1 << 24
MAX_PARTS = 10_000
MAX_TOKEN = 1 << 21
"""Bytes of one tag, comment or instruction: an expat parser holds it whole."""
CHUNK = 1 << 16
_ENCRYPTED = 0x1


class Package:
    """An open package. Raises ``FileRefused`` wherever it is damaged, encrypted or too large."""

    def __init__(self, stream: BinaryIO) -> None:
        try:
            self._zip = zipfile.ZipFile(stream)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise FileRefused("file_damaged", detail=str(error)) from error
        parts = self._zip.infolist()
        if len(parts) > MAX_PARTS:
            raise FileRefused("file_too_large", f"{len(parts)} > {MAX_PARTS} ZIP")
        self._parts = {part.filename.lstrip("/").casefold(): part for part in parts}
        if len(self._parts) < len(parts):
            raise FileRefused("file_damaged", detail="two parts of one name")
        self._left = MAX_UNPACKED

    def __contains__(self, name: str) -> bool:
        return name.casefold() in self._parts

    def chunks(self, name: str) -> Iterator[bytes]:
        """The bytes of a part, which must be there."""
        part = self._parts[name.casefold()]
        if part.flag_bits & _ENCRYPTED:
            raise FileRefused("file_encrypted")
        read = 0
        try:
            with self._zip.open(part) as stream:
                while chunk := stream.read(CHUNK):
                    read += len(chunk)
                    self._left -= len(chunk)
                    if self._left < 0 or (read > FREE and read > MAX_RATIO * part.compress_size):
                        raise FileRefused("file_too_large", f"{read} → {name}")
                    yield chunk
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError) as error:
            raise FileRefused("file_damaged", detail=f"{name}: {error}") from error

    def elements(
        self,
        name: str,
        start: Callable[[str, dict[str, str]], None],
        end: Callable[[str], None] = lambda _: None,
        text: Callable[[str], None] = lambda _: None,
    ) -> Iterator[None]:
        """Parse a part; elements are named ``namespace name``. Yields after every piece of it.

        No tree is built, so that depth costs nothing; a document type, and with it every entity, is refused.
        """
        if name not in self:
            return
        parser = expat.ParserCreate(namespace_separator=" ")

        def refuse_doctype(*_: object) -> None:
            raise FileRefused("file_damaged", detail=f"{name}: a document type")

        parser.StartElementHandler, parser.EndElementHandler = start, end
        parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = text, refuse_doctype
        fed = 0
        try:
            for chunk in self.chunks(name):
                parser.Parse(chunk, False)
                fed += len(chunk)
                if fed - max(parser.CurrentByteIndex, 0) > MAX_TOKEN:
                    raise FileRefused("file_too_large", f"{MAX_TOKEN} → {name}")
                yield
            parser.Parse(b"", True)
        except (expat.ExpatError, ValueError, LookupError) as error:
            raise FileRefused("file_damaged", detail=f"{name}: {error}") from error
        yield
