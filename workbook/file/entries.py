"""A zip archive written anew: untouched entries keep their bytes, compressed as they were; only offsets move."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Collection, Iterable, Mapping

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_FLAGS, _METHOD, _CRC, _PACKED, _SIZE, _NAME, _EXTRA, _COMMENT, _OFFSET = 3, 4, 7, 8, 9, 10, 11, 12, 16
_LEVEL = 4
"""Less than half the time of the usual 6, for a sheet that is a sixth larger."""

_ENCRYPTED, _DESCRIPTOR, _ZIP64 = 0x01, 0x08, 1


class BrokenArchive(ValueError):
    """A zip archive whose entries and directory contradict each other, or that is encrypted."""


def extents(archive: zipfile.ZipFile) -> list[tuple[zipfile.ZipInfo, int]]:
    """Every entry in file order with the offset where it ends (its data descriptor and padding included)."""
    entries = sorted(archive.infolist(), key=lambda entry: entry.header_offset)
    ends = [entry.header_offset for entry in entries[1:]] + [archive.start_dir]
    if len({entry.filename.casefold() for entry in entries}) != len(entries):
        raise BrokenArchive("two entries of one name")
    for entry, end in zip(entries, ends, strict=True):
        if entry.flag_bits & _ENCRYPTED:
            raise BrokenArchive(f"{entry.filename} is encrypted")
        if entry.header_offset + _LOCAL.size + entry.compress_size > end:
            raise BrokenArchive(f"{entry.filename} overlaps the next entry")
    return list(zip(entries, ends, strict=True))


def rewritten(
    data: bytes, archive: zipfile.ZipFile, changed: Mapping[str, Iterable[bytes]], removed: Collection[str] = ()
) -> bytes:
    """The archive in ``data`` with the content of some entries changed, given in pieces, and some left out."""
    records = _records(data, archive)
    pieces: list[bytes] = []
    directory: list[bytes] = []
    offset = 0
    for entry, end in extents(archive):
        if entry.filename in removed:
            continue
        fields, names = records[entry.filename]
        fields[_PACKED], fields[_SIZE], fields[_OFFSET] = entry.compress_size, entry.file_size, offset
        piece = data[entry.header_offset : end]
        if entry.filename in changed:
            piece = _packed(fields, names, changed[entry.filename])
        pieces.append(piece)
        directory.append(_CENTRAL.pack(*fields) + names)
        offset += len(piece)
    size = sum(map(len, directory))
    end_record = _END.pack(b"PK\5\6", 0, 0, len(directory), len(directory), size, offset, len(archive.comment))
    return b"".join((*pieces, *directory, end_record, archive.comment))


def _records(data: bytes, archive: zipfile.ZipFile) -> dict[str, tuple[list[int], bytes]]:
    """Name → the fields of its directory record, and name, extra and comment as they stand after them."""
    records, position = {}, archive.start_dir
    for entry in archive.infolist():
        fields = list(_CENTRAL.unpack_from(data, position))
        names = position + _CENTRAL.size
        extra = names + fields[_NAME]
        comment = extra + fields[_EXTRA]
        position = comment + fields[_COMMENT]
        kept = _without_zip64(data[extra:comment])
        fields[_EXTRA] = len(kept)
        records[entry.filename] = (fields, data[names:extra] + kept + data[comment:position])
    return records


def _without_zip64(extra: bytes) -> bytes:
    """Sizes and offset are written in the record itself, so the extra field that held them must go."""
    kept, position = b"", 0
    while position + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, position)
        if kind != _ZIP64:
            kept += extra[position : position + 4 + length]
        position += 4 + length
    return kept


def _packed(fields: list[int], names: bytes, content: Iterable[bytes]) -> bytes:
    """A new local entry; its sizes and checksum also go into the fields of its directory record."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    pieces, size, checksum = [], 0, 0
    for piece in content:
        pieces.append(packer.compress(piece))
        size, checksum = size + len(piece), zlib.crc32(piece, checksum)
    packed = b"".join((*pieces, packer.flush()))
    fields[_FLAGS] &= ~_DESCRIPTOR
    fields[_METHOD], fields[_CRC] = zipfile.ZIP_DEFLATED, checksum
    fields[_PACKED], fields[_SIZE] = len(packed), size
    name = names[: fields[_NAME]]
    return _LOCAL.pack(b"PK\3\4", *fields[2:10], len(name), 0) + name + packed
