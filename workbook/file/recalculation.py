"""What a change on the closed file means for the formulas of a workbook: nothing is computed here, Excel does it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from workbook.file.outline import resolved
from workbook.formulas import is_hyperlink
from workbook.markup import elements, spliced, with_attribute

_BEFORE_SETTINGS = frozenset(
    f"workbook/{name}" for name in ("sheets", "functionGroups", "externalReferences", "definedNames")
)
_FORMULA = re.compile(rb"<(?:[\w.-]+:)?f(?:\s[^>]*)?(?:/>|>([^<]*)<)")
_PREFIX = re.compile(rb"<((?:[\w.-]+:)?)")


def computes(blocks: Iterable[bytes]) -> bool:
    """Whether a sheet's part, given in blocks, has a formula other than a link between two texts.

    A part that is not UTF-8 is not looked into and counts as one that has: the answer only makes Excel compute.
    """
    rest = b""
    for block in blocks:
        text = rest + block
        cut = text.rfind(b"</")
        some = b"<f" in text or b":f" in text
        if b"\0" in text or (some and not all(map(is_hyperlink, _FORMULA.findall(text, 0, cut + 1)))):
            return True
        rest = text[max(cut, 0) :]
    return False


def calculating_on_load(body: bytes) -> bytes:
    """The workbook's part with the wish that everything is computed when it is opened.

    Excel trusts the values that its own version saved: a sum over a cell we changed would stay as it was.
    """
    parts = elements(body)
    for part in parts:
        if part.path == "workbook/calcPr":
            if part.attributes.get("fullCalcOnLoad") in ("1", "true"):
                return body
            tag = with_attribute(body[part.start : part.inner], "fullCalcOnLoad", "1")
            return spliced(body, [(part.start, part.inner, tag)])
    before = max((part for part in parts if part.path in _BEFORE_SETTINGS), key=lambda part: part.end)
    prefix = _PREFIX.match(body, before.start)
    settings = b'<%bcalcPr fullCalcOnLoad="1"/>' % (prefix[1] if prefix else b"")
    return spliced(body, [(before.end, before.end, settings)])


def without_relation(body: bytes, part: str, target: str) -> bytes:
    """The relations of a part without those that lead to another part."""
    found = (element for element in elements(body) if element.path == "Relationships/Relationship")
    gone = [(e.start, e.end, b"") for e in found if resolved(part, e.attributes.get("Target", "")) == target]
    return spliced(body, gone)


def without_type(body: bytes, part: str) -> bytes:
    """The content types of the package without that of a part."""
    found = (element for element in elements(body) if element.path == "Types/Override")
    gone = [(e.start, e.end, b"") for e in found if resolved("", e.attributes.get("PartName", "")) == part]
    return spliced(body, gone)
