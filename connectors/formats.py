"""What a file is by its content, whatever its ending says."""

from __future__ import annotations

import zipfile
from typing import BinaryIO

XLSX, TEXT = ".xlsx", ".csv"
ENCRYPTED = "encrypted"
START = 4096
"""Bytes by which a file is told."""
_OLE, _OLE_SEARCHED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 1 << 26
_STARTS = (
    (b"%PDF", ".pdf"),
    (b"\x1f\x8b", ".gz"),
    (b"7z\xbc\xaf", ".7z"),
    (b"Rar!", ".rar"),
    (b"SQLite format 3", "SQLite"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
    (b"\x09\x08\x10\x00", ".xls"),
    (b"\x09\x08\x08\x00", ".xls"),
    (b"\x09\x04\x06\x00", ".xls"),
    (b"\x09\x02\x06\x00", ".xls"),
    (b"\x09\x00\x04\x00", ".xls"),
)
_MARKUP = ((b"mso-application", "XML (Excel 2003)"), (b"<html", ".html"), (b"<!doctype html", ".html"))
_PACKAGES = (("xl/workbook.bin", ".xlsb"), ("xl/workbook.xml", XLSX), ("word/document.xml", ".docx"))


def format_of(stream: BinaryIO) -> str:
    """The format of a file, by the ending it should have, or ``ENCRYPTED``; text is taken for CSV.

    Raises ``zipfile.BadZipFile`` of a package that cannot be opened.
    """
    start = stream.read(START)
    stream.seek(0)
    if start.startswith(_OLE):
        return _compound(stream)
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _package(stream)
    known = next((name for magic, name in _STARTS if start.startswith(magic)), "")
    return known or _text(start)


def _text(start: bytes) -> str:
    """UTF-16 without a mark has a zero in every second byte of what is Latin; text has none, or a stray one."""
    zeros = sorted((start[::2].count(0), start[1::2].count(0)))
    if zeros[1] > len(start) // 3 and zeros[0] < len(start) // 20:
        return "UTF-16"
    lower = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not lower.startswith(b"<"):
        return TEXT
    return next((name for mark, name in _MARKUP if mark in lower), ".xml" if lower.startswith(b"<?xml") else ".html")


def _compound(stream: BinaryIO) -> str:
    """An old Office file; an encrypted workbook is packed into one."""
    content = stream.read(_OLE_SEARCHED)
    if "EncryptedPackage".encode("utf-16-le") in content:
        return ENCRYPTED
    old = any(name.encode("utf-16-le") in content for name in ("Workbook", "Book"))
    return ".xls" if old else "OLE"


def _package(stream: BinaryIO) -> str:
    try:
        with zipfile.ZipFile(stream) as package:
            parts = {name.casefold() for name in package.namelist()}
            if "mimetype" in parts and "content.xml" in parts:
                return ".ods"
            if "[content_types].xml" in parts:
                return next((name for part, name in _PACKAGES if part in parts), XLSX)
    except (OSError, ValueError, NotImplementedError) as error:
        raise zipfile.BadZipFile(str(error)) from error
    return ".zip"
