"""XML as bytes: encodings, well-formedness, where elements stand, and edits that leave every other byte alone."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple
from xml.parsers import expat

ATTRIBUTES = rb"""(?:\s++[\w:.-]++\s*+=\s*+(?:"[^"]*+"|'[^']*+'))*+\s*+"""
_TAG = re.compile(rb"<[^\s/>]+" + ATTRIBUTES + rb"/?>")
_DECLARED = re.compile(rb"""<\?xml[^>]*?\sencoding\s*=\s*["']([\w.-]+)["']""")
_HIDDEN = re.compile(rb"<!--.*?-->|<\?.*?\?>|<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_UTF_16 = {
    codecs.BOM_UTF16_LE: "utf-16-le",
    b"<\0": "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
    b"\0<": "utf-16-be",
}


DEEPEST = 200
"""Elements within elements; Office nests some thirty."""

LONGEST = 1 << 22
"""Bytes of a tag, a comment or a text; a cell holds 32,767 characters, some of which are written with seven bytes."""

MOST = 200_000
"""Elements of a part that is looked at as a whole."""

SMALL = 1 << 14
"""Bytes of a part whose elements are remembered; with those, the parts that are take some megabytes."""

_BLOCK = 1 << 16
_NOT_OF_XML = frozenset(
    {"idna", "punycode", "undefined", "utf-7", "utf7", "unicode_escape", "unicode-escape", "raw_unicode_escape",
     "raw-unicode-escape"}
)  # fmt: skip
"""What Python counts among the encodings of text, and no XML is in."""


class BrokenMarkup(ValueError):
    """A part that is not well-formed, is out of all bounds, or declares a document type (which no part may)."""


class Element(NamedTuple):
    """An element: local names from the root joined by "/", and the offsets of its start tag, content and end."""

    path: str
    attributes: Mapping[str, str]
    start: int
    inner: int
    close: int
    end: int


def decoded(raw: bytes) -> tuple[bytes, str]:
    """A part as UTF-8, and the encoding it came in; a byte order mark is kept as a character."""
    encoding = _UTF_16.get(raw[:2]) or _declared(raw)
    if encoding == "utf-8":
        return raw, encoding
    if encoding in _NOT_OF_XML:
        raise BrokenMarkup(f"the encoding {encoding}")
    try:
        return raw.decode(encoding).encode(), encoding
    except (UnicodeError, LookupError) as wrong:
        raise BrokenMarkup(str(wrong)) from wrong


def encoded(body: bytes, encoding: str) -> bytes:
    """The part back in its own encoding."""
    return body if encoding == "utf-8" else body.decode().encode(encoding, "xmlcharrefreplace")


def _declared(raw: bytes) -> str:
    found = _DECLARED.match(raw)
    name = found[1].decode().lower() if found else "utf-8"
    return "utf-8" if name in ("utf8", "us-ascii") else name


def check(body: bytes) -> None:
    """Raise ``BrokenMarkup`` unless a part is well-formed UTF-8 without a document type, whatever it declares.

    Its depth and the length of its tags are bounded before it is parsed, because they cost memory and time.
    """
    if not _depth_is_counted(body):
        _check_depth(body)
    _parse(expat.ParserCreate("utf-8"), body)


def _depth_is_counted(body: bytes) -> bool:
    """Whether every ``<`` and ``>`` is a tag's, so that counting them bounds the depth. Raises ``BrokenMarkup``.

    It is many times faster than to hear of each element.
    """
    at = body.find(b"?>", 0, 200) + 2 if body.lstrip(codecs.BOM_UTF8).startswith(b"<?xml") else 0
    depth, counts = 0, not hides(body)
    while at < len(body):
        stop = body.find(b">", at + _BLOCK, at + _BLOCK + LONGEST) + 1
        if not stop and len(body) > at + _BLOCK + LONGEST:
            raise BrokenMarkup(f"more than {LONGEST} bytes in one piece")
        stop = stop or len(body)
        tags, ends = body.count(b"<", at, stop), body.count(b"</", at, stop)
        counts = counts and tags == body.count(b">", at, stop)
        depth += tags - 2 * ends - body.count(b"/>", at, stop)
        if counts and depth > DEEPEST:
            raise BrokenMarkup(f"more than {DEEPEST} elements within each other")
        at = stop
    return counts


def _check_depth(body: bytes) -> None:
    depth = 0

    def deeper(*_: object) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise BrokenMarkup(f"more than {DEEPEST} elements within each other")

    def less_deep(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler, parser.EndElementHandler = deeper, less_deep
    _parse(parser, body)


def _parse(parser: expat.XMLParserType, body: bytes) -> None:
    def refuse(*_: object) -> None:
        raise BrokenMarkup("document type declaration")

    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(body, True)
    except expat.ExpatError as wrong:
        raise BrokenMarkup(str(wrong)) from wrong


def elements(body: bytes) -> tuple[Element, ...]:
    """Every element of a small part, in document order; names are local, whatever the prefix.

    Raises ``BrokenMarkup`` where there are more than of any part that is looked at as a whole.
    """
    return _remembered(body) if len(body) <= SMALL else _elements(body)


def _elements(body: bytes) -> tuple[Element, ...]:
    parser = expat.ParserCreate("utf-8")
    open_: list[tuple[int, str, dict[str, str], int]] = []
    found: list[Element | None] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(found) >= MOST:
            raise BrokenMarkup(f"more than {MOST} elements")
        path = f"{open_[-1][1]}/{_local(name)}" if open_ else _local(name)
        open_.append((len(found), path, _locally(attributes), parser.CurrentByteIndex))
        found.append(None)

    def end(_: str) -> None:
        order, path, attributes, begin = open_.pop()
        tag = _TAG.match(body, begin)
        if tag is None:
            raise BrokenMarkup(f"no tag at byte {begin}")
        inner = close = stop = tag.end()
        if not body.endswith(b"/>", begin, inner):
            close = parser.CurrentByteIndex
            stop = body.index(b">", close) + 1
        found[order] = Element(path, attributes, begin, inner, close, stop)

    parser.StartElementHandler, parser.EndElementHandler = start, end
    _parse(parser, body)
    return tuple(element for element in found if element)


_remembered = lru_cache(maxsize=128)(_elements)
"""A use case looks at the same tables, relations and frames of sheets again and again."""


def _locally(attributes: dict[str, str]) -> dict[str, str]:
    """Attributes by their local names; of two with the same, the one without a prefix counts."""
    if ":" not in "".join(attributes):
        return attributes
    named = {_local(key): value for key, value in attributes.items() if ":" in key}
    return named | {key: value for key, value in attributes.items() if ":" not in key}


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def spliced(body: bytes, edits: Iterable[tuple[int, int, bytes]]) -> bytes:
    """The part with some stretches (start, end, replacement) exchanged."""
    for start, end, new in sorted(edits, reverse=True):
        body = body[:start] + new + body[end:]
    return body


def with_attribute(tag: bytes, name: str, value: str) -> bytes:
    """A start tag in which an attribute has this value (which needs no escaping)."""
    present = re.compile(rb"""(\s%b\s*=\s*)("[^"]*"|'[^']*')""" % name.encode())
    if present.search(tag):
        return present.sub(lambda found: found[1] + b'"' + value.encode() + b'"', tag, count=1)
    stop = len(tag) - (2 if tag.endswith(b"/>") else 1)
    return tag[:stop].rstrip() + f' {name}="{value}"'.encode() + tag[stop:]


def without_attribute(tag: bytes, *names: str) -> bytes:
    """A start tag, or its attributes alone, without these attributes."""
    choice = "|".join(names).encode()
    return re.sub(rb"""\s+(?:%b)\s*=\s*(?:"[^"]*"|'[^']*')""" % choice, b"", tag)


def masked(body: bytes) -> bytes:
    """The part, byte by byte as long, with comments, instructions and CDATA blanked: every ``<`` starts a tag."""
    return _HIDDEN.sub(lambda found: b" " * len(found[0]), body) if hides(body) else body


def plain(body: bytes) -> bytes:
    """The part without comments and instructions, and with CDATA as escaped text."""
    return _HIDDEN.sub(lambda found: _escaped(found[1] or b""), body) if hides(body) else body


def hides(body: bytes) -> bool:
    """Whether a part has comments, CDATA or instructions, where a ``<`` may be no tag."""
    # One byte is found many times faster than two, and most parts hold no further "!" or "?".
    return (b"!" in body and b"<!" in body) or (body.find(b"?", 64) > 0 and body.find(b"<?", 2) > 0)


def _escaped(text: bytes) -> bytes:
    return text.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")


_REFERENCE = re.compile(r"&(?:#x([0-9A-Fa-f]+)|#([0-9]+)|(amp|lt|gt|quot|apos));")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


def text_of(inner: bytes) -> str:
    """Character data as text: references resolved, line ends as XML reads them."""
    text = inner.decode()
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _REFERENCE.sub(_resolved, text) if "&" in text else text


def _resolved(found: re.Match[str]) -> str:
    hexadecimal, decimal, name = found.groups()
    return _NAMED[name] if name else chr(int(hexadecimal, 16) if hexadecimal else int(decimal))
