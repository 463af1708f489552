"""The body of an answer, read and unpacked piece by piece, so that neither a drip nor a bomb goes beyond its bound."""

from __future__ import annotations

import zlib

import requests

from connectors.http.trouble import TROUBLE, said

PIECE = 64 * 1024

PACKED = "gzip"
"""The one way in which an answer may be packed (RFC 9110, 8.4.1.3), and once."""


class _Plain:
    """What was not packed."""

    eof, unused_data = True, b""

    def decompress(self, data: bytes, _: int, /) -> bytes:
        """The bytes themselves."""
        return data


def received(response: requests.Response, most: int) -> tuple[bytes, str]:
    """The body and, when it did not come whole, why."""
    packed = response.headers.get("Content-Encoding", "").strip().lower()
    if packed not in ("", "identity", PACKED):
        return b"", f"packed in a way that was not asked for ({packed[:40]!r})"
    unpacks: zlib._Decompress | _Plain = zlib.decompressobj(16 + zlib.MAX_WBITS) if packed == PACKED else _Plain()
    content, arrived = bytearray(), 0
    try:
        while piece := response.raw.read1(PIECE):
            arrived += len(piece)
            content += unpacks.decompress(piece, most + 1 - len(content))  # what it leaves is beyond the bound
            if len(content) > most:
                return bytes(content), f"more than {most} bytes"
    except zlib.error:
        return bytes(content), "cannot be unpacked"
    except TROUBLE as trouble:
        return bytes(content), f"broken off after {arrived} bytes ({said(trouble)})"
    whole = not arrived or (unpacks.eof and not unpacks.unused_data)
    return bytes(content), "" if whole else "cannot be unpacked to its end"
