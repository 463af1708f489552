"""Bytes of a file of text → its text, by the encoding that it is in."""

from __future__ import annotations

import codecs

OF_WINDOWS = "cp1252"
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_ONE_BYTE = (OF_WINDOWS, "mac_roman", "cp850")
"""What texts in English and French that are no UTF-8 are in: Windows, an old Macintosh, DOS."""
_USUAL = frozenset("àâäçéèêëîïôöùûüÿœæÀÂÇÉÈÊËÎÏÔÙÛÜŒÆ«»’‘“”–—€£°…•\u00a0ñóíáØø")
SAMPLE = 1 << 16


def decoded(raw: bytes, encoding: str = "") -> tuple[str, str]:
    """A text and its encoding, guessed where none is given; bytes that are none of it are told with their cells.

    A mark at the beginning says the encoding whatever is given.
    """
    found = next((name for mark, name in _MARKS if raw.startswith(mark)), "") or encoding or _guessed(raw)
    return raw.decode(found, "replace" if found.startswith("utf-16") else "surrogateescape"), found


def _guessed(raw: bytes) -> str:
    if found := _of_two_bytes(raw[:SAMPLE]):
        return found
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        beyond = bytes(byte for byte in raw[:SAMPLE] if byte > 0x7F)
        return max(_ONE_BYTE, key=lambda name: sum(letter in _USUAL for letter in beyond.decode(name, "replace")))
    return "utf-8"


def _of_two_bytes(start: bytes) -> str:
    """UTF-16 without a mark has a zero in every second byte of what is Latin."""
    even, odd = start[::2].count(0), start[1::2].count(0)
    if max(even, odd) < max(len(start) // 3, 1):
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"
