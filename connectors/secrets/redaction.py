"""A text for people without the credentials in it, whoever wrote it: a vendor, a proxy, a database, a library.

What is known to be secret is a ``Secret`` and needs none of this; here is what others say, by the shapes in which
credentials travel: under their names (RFC 6749, 6750, 7636, 8628), after their scheme (RFC 9110, 11.6), as a token
that says what it is (RFC 7519), in an address (RFC 3986, 3.2.1). A document's number or a name has none of them.
"""

from __future__ import annotations

import base64
import binascii
import re

from connectors.secrets.secret import FIELDS, MASK

HEADERS = frozenset({"x-api-key", "api-key", "x-auth-token", "x-access-token", "ocp-apim-subscription-key"})
LOOSE = frozenset({"token", "api_key", "apikey", "secret", "passwd", "pwd", "code", "session_id", "sessionid"})
"""Names that prose uses too: they count in a query, and with the quotation marks of JSON."""

_IS = r"""\\*["']?\s*(?:[:=]|%3[ad])\s*[\[(]?\s*"""
_WORD = r"""[^\s"'&,;<>}\])\\]+"""
_VALUE = rf"""(?:\\*"(?P<double>(?:[^"\\]|\\(?!"))+)|\\*'(?P<single>(?:[^'\\]|\\(?!'))+)|(?P<bare>{_WORD}))"""


def _any(names: frozenset[str]) -> str:
    return "|".join(sorted(map(re.escape, names), key=len, reverse=True))


_NAMED = re.compile(rf"(?:(?<![a-z])|(?<=%3f)|(?<=%2[26]))(?:{_any(FIELDS | HEADERS)}){_IS}{_VALUE}", re.IGNORECASE)
_IN_QUERY = re.compile(rf"(?:[?&]|%26|%3f)(?:{_any(LOOSE)})(?:=|%3d)(?P<value>{_WORD})", re.IGNORECASE)
_IN_TEXT = re.compile(rf"(?<![\w-])(?:{_any(LOOSE - {'code'})})=(?P<value>{_WORD})", re.IGNORECASE)
_IN_JSON = re.compile(rf"""["'](?:{_any(LOOSE - {"code"})})\\*["']\s*:\s*[\[(]?\s*{_VALUE}""", re.IGNORECASE)
_CODE = re.compile(
    r"""(?<![\w-])code\\*["']?\s*[:=]\s*\\*["']?(?P<value>(?=[^\s"'&]*\d)[^\s"'&,;<>}\\]{16,})""", re.IGNORECASE
)
_ELEMENT = re.compile(
    rf"<(?:[\w-]+:)?(?:{_any(FIELDS | HEADERS | (LOOSE - {'code'}))})(?:\s[^>]*)?>(?P<value>[^<]+)<", re.IGNORECASE
)
_HEADER = re.compile(
    rf"""(?<![\w-])(?:proxy-)?authorization{_IS}\\*["']?(?:[a-z][a-z-]{{1,11}}\s+)?+(?P<value>[^\s"',;<>}}\])\\]{{6,}})""",
    re.IGNORECASE,
)
_COOKIE = re.compile(rf"""(?<![\w-])(?:set-)?cookie{_IS}\\*["']?(?P<value>[^\r\n"'<>}}\\]+)""", re.IGNORECASE)
_BEARER = re.compile(r"\bBearer\s+(?P<value>(?=\S{16}|[^\s\d]*\d)[^\s\"'&,;<>}\\]+)", re.IGNORECASE)
_BASIC = re.compile(r"\bBasic\s+(?P<value>[A-Za-z0-9+/_-]{3,}={0,2})", re.IGNORECASE)
_SIGNED = re.compile(r"(?<![A-Za-z0-9_-])(?P<value>(?P<head>ey[A-Za-z0-9_-]{6,})(?:\.[A-Za-z0-9_-]*){2,4})")
_ADDRESS = re.compile(r"""://[^\s/:@"'<>]*:(?!\d{1,5}(?:[/?#]|$))(?P<value>[^\s"'<>]+)(?=@)""")
_ADDRESS_ENCODED = re.compile(
    r"""%3a%2f%2f(?:(?!%2f|%3a|%40)[^\s&"'<>])*%3a(?P<value>[^\s&"'<>]+?)(?=%40)""", re.IGNORECASE
)

_SHAPES = (
    _ADDRESS, _ADDRESS_ENCODED, _COOKIE, _HEADER, _BEARER, _NAMED, _IN_QUERY, _IN_TEXT, _IN_JSON, _CODE, _ELEMENT,
)  # fmt: skip


def scrubbed(text: str) -> str:
    """The text without what looks like a credential, by its name, its scheme or its own form."""
    for shape in _SHAPES:
        text = shape.sub(_masked, text)
    return _SIGNED.sub(_signed, _BASIC.sub(_basic, text))


def _masked(found: re.Match[str]) -> str:
    """The match, masked where its value stands."""
    [(start, end)] = {found.span(name) for name in found.groupdict() if found.span(name) != (-1, -1)}
    return found[0][: start - found.start()] + MASK + found[0][end - found.start() :]


def _basic(found: re.Match[str]) -> str:
    """A name and a password, or what is too long to be a word."""
    decoded = _decoded(found["value"])
    named = b":" in decoded and decoded.decode("utf-8", "replace").isprintable()
    return _masked(found) if named or len(found["value"]) >= 16 else found[0]


def _signed(found: re.Match[str]) -> str:
    """A token whose head is JSON (RFC 7515, 7516)."""
    if not _decoded(found["head"]).lstrip().startswith(b"{"):
        return found[0]
    return MASK


def _decoded(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text.rstrip("=").translate(str.maketrans("+/", "-_")) + "==")
    except (binascii.Error, ValueError):
        return b""
