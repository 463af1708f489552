"""What the cells of a sheet hold, as values of ours; shared strings and number formats included."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache, partial

from workbook.book import CellError, Value
from workbook.cells import FIRST_DAY
from workbook.layout import Type
from workbook.markup import elements, text_of

SHOWN_AS_TEXT = frozenset({Type.TEXT, Type.LONG_TEXT, Type.CHOICE, Type.LINK})

_DATE_FORMATS = frozenset({14, 15, 16, 17, 22, *range(27, 32), 34, 35, 36, *range(50, 59)})
"""Built-in number formats that show a day (ECMA-376, 18.8.30); those that show a time alone are numbers here."""

_NOT_FORMAT = re.compile(r'"[^"]*"|\\.|[_*].|\[[^\]]*\]')
_DAYS = re.compile(r"[dy]|mmm", re.IGNORECASE)
_ITEM = re.compile(
    rb"<(?:[\w.-]+:)?si(?:\s[^>]*)?(?:/>|>(?:<t(?:\s[^>]*)?>([^<&\r_]*)</t></si>|(.*?)</(?:[\w.-]+:)?si\s*>))",
    re.DOTALL,
)
"""A shared string: one that is as it stands, or whatever else is in it."""

_PHONETIC = re.compile(rb"<(?:[\w.-]+:)?rPh[\s>].*?</(?:[\w.-]+:)?rPh\s*>", re.DOTALL)
_TEXT = re.compile(rb"<(?:[\w.-]+:)?t(?:\s[^>]*)?>([^<]*)<")
_VALUE = re.compile(rb"<(?:[\w.-]+:)?v(?:\s[^>]*)?>([^<]*)<")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_ATTRIBUTE = re.compile(rb"""\s([rst])\s*=\s*["']([^"']*)["']""")
_SHORT_TEXT, _KEPT = 64, 4_096
"""Texts of up to so many bytes (statuses, codes, names) come again and again; so many are kept, each held once."""

_CERTAIN = re.compile(rb"[^&\r_]*").fullmatch
"""Whether a text is what stands in the file."""

_LAST_SERIAL = 2_958_465
_LEAP_BUG = 60
_CERTAIN_DIGITS = 15
"""A number written with at most so many characters has at most 15 digits, and is what a person typed."""

_SHORT = 5
"""Numbers of up to so many characters (counts, round amounts, dates) are many times the same one, and made once."""


def unescaped(text: str) -> str:
    """A text with its ``_xHHHH_`` escapes resolved; half of a surrogate pair, which is no character, becomes U+FFFD."""
    if "_x" not in text:
        return text
    text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def rich_text(inner: bytes) -> str:
    """The text of a shared or inline string: its runs in order, without phonetic hints."""
    if b"rPh" in inner:
        inner = _PHONETIC.sub(b"", inner)
    return unescaped(text_of(b"".join(_TEXT.findall(inner))))


def shared_strings(body: bytes) -> list[str | None]:
    """The texts of a shared strings part, by index; an empty one is none."""
    return [plain.decode() if plain else rich_text(other) or None for plain, other in _ITEM.findall(body)]


def formats(body: bytes) -> list[str]:
    """Of every cell style, by index: ``date``, or the zeros it fills a number with, or nothing."""
    parts = elements(body)
    codes = {
        part.attributes.get("numFmtId", ""): part.attributes.get("formatCode", "")
        for part in parts
        if part.path == "styleSheet/numFmts/numFmt"
    }
    styles = (part.attributes.get("numFmtId", "0") for part in parts if part.path == "styleSheet/cellXfs/xf")
    return [_format(number, codes.get(number, "")) for number in styles]


def _format(number: str, code: str) -> str:
    if not code:
        return "date" if number.isdigit() and int(number) in _DATE_FORMATS else ""
    if set(code) == {"0"}:
        return code
    shown = _NOT_FORMAT.sub("", code.split(";")[0])
    return "date" if _DAYS.search(shown) and "general" not in shown.lower() else ""


class _Numbers(dict[bytes, Value]):
    """Numbers by how they stand in the file, made when they are first met; long ones are not kept."""

    def __init__(self, make: Callable[[bytes], Value]) -> None:
        self._make = make

    def __missing__(self, raw: bytes) -> Value:
        value = self._make(raw)
        if len(raw) <= _SHORT:
            self[raw] = value
        return value


class Values:
    """Turns the XML of cells into values, for one workbook."""

    def __init__(self, strings: list[str | None], formats: list[str], *, from_1904: bool) -> None:
        self._formats, self._from_1904 = formats, from_1904
        self._strings = strings
        self._kinds: dict[bytes, tuple[bytes, str]] = {}
        self._numbers = cache(self._new_numbers)

    def of(self, attributes: bytes, inner: bytes, type_: Type) -> Value:
        """The value of a cell by its attributes and all that is in it."""
        kind, _ = self._kind(attributes)
        if kind == b"inlineStr":
            return rich_text(inner) or None
        found = _VALUE.search(inner)
        return self.reader(attributes, type_)(found[1]) if found and found[1] else None

    def reader(self, attributes: bytes, type_: Type) -> Callable[[bytes], Value]:
        """What turns the ``v`` of any cell with these attributes, in a column of this type, into its value.

        The reader raises ``ValueError``, ``IndexError`` or ``ArithmeticError`` where the file contradicts itself.
        """
        kind, shown = self._kind(attributes)
        if kind == b"s":
            return self._shared
        if kind in (b"inlineStr", b"str"):
            return _plain_text
        if kind:
            return partial(_other, kind)
        return self._numbers(shown, type_ in SHOWN_AS_TEXT)

    def _shared(self, index: bytes) -> Value:
        if not index.isdigit():  # one below zero would be counted from the end
            raise IndexError(f"no shared text {index[:20]!r}")
        return self._strings[int(index)]

    def _new_numbers(self, shown: str, as_text: bool) -> Callable[[bytes], Value]:
        make = partial(self._number, shown, as_text) if shown or as_text else _decimal
        return _Numbers(make).__getitem__

    def _kind(self, attributes: bytes) -> tuple[bytes, str]:
        if attributes in self._kinds:
            return self._kinds[attributes]
        found = dict(_ATTRIBUTE.findall(attributes))
        kind, style = found.get(b"t", b"n"), int(found.get(b"s", b"0"))
        answer = b"" if kind == b"n" else kind, self._formats[style] if 0 <= style < len(self._formats) else ""
        self._kinds[attributes] = answer
        return answer

    def _number(self, shown: str, as_text: bool, raw: bytes) -> Value:
        number = _decimal(raw)
        day = _day(number, from_1904=self._from_1904) if shown == "date" else None
        if day is not None:
            return day
        if not as_text:
            return number
        text = format(number, "f")
        return text.zfill(len(shown)) if set(shown) == {"0"} and text.isdigit() else text


def _decimal(raw: bytes) -> Decimal:
    """The number Excel means: it writes 17 digits of a binary number that a person typed with at most 15."""
    digits = raw.decode()
    if "_" in digits:  # Python would read it as a number
        raise ValueError(f"not a number: {digits}")
    if len(digits) > _CERTAIN_DIGITS or "E" in digits or "e" in digits:
        digits = format(Decimal(repr(float(digits))), "f")
    if digits[-1] == "0" and "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    number = Decimal(digits)
    if not number.is_finite():
        raise ValueError(f"not a number: {digits}")
    return number


def _day(number: Decimal, *, from_1904: bool) -> date | None:
    days = int(number)
    if number < (0 if from_1904 else 1) or days > _LAST_SERIAL or (not from_1904 and days == _LEAP_BUG):
        return None
    if not from_1904 and days < _LEAP_BUG:
        days += 1
    return FIRST_DAY[from_1904] + timedelta(days=days)


def _iso_day(text: str) -> date | str:
    """A day as strict Office Open XML writes it; a time alone is left as text."""
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        return text


def _any_text(simple: bytes) -> str:
    return simple.decode() if _CERTAIN(simple) else unescaped(text_of(simple))


_short_text = lru_cache(_KEPT)(_any_text)


def _plain_text(simple: bytes) -> str:
    return _short_text(simple) if len(simple) <= _SHORT_TEXT else _any_text(simple)


def _other(kind: bytes, simple: bytes) -> Value:
    text = _plain_text(simple)
    match kind:
        case b"b":
            return text in ("1", "true")
        case b"e":
            return CellError(text)
        case b"d":
            return _iso_day(text)
        case _:
            return text
