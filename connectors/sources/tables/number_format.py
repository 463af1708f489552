"""What a number format makes of a number (ECMA-376 part 1, § 18.8.30 and § 18.8.31): 00000 shows 123 as 00123.

Only what every reader sees alike is told: no sign of thousands, which changes with the country, and no text at all
where a format shows a fraction, a power of ten or words of its own making.
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum, auto
from functools import cache

DIGITS = 15
"""Significant digits of a number that Excel keeps (Microsoft, "Excel specifications and limits")."""
FOR_NUMBERS = 3
"""Sections of a format that are for numbers; a fourth is for texts, and so is a last one with ``@``."""
BUILT_IN = {
    0: "General",
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    48: "##0.0E+0",
    49: "@",
    **dict.fromkeys((14, 15, 16, 17, 22, *range(27, 32), 36, *range(50, 59)), "yyyy-mm-dd"),
    **dict.fromkeys((18, 19, 20, 21, 32, 33, 34, 35, 45, 46, 47), "h:mm"),
    **dict.fromkeys((37, 38), "#,##0;-#,##0"),
    **dict.fromkeys((39, 40), "#,##0.00;-#,##0.00"),
    **dict.fromkeys((5, 6, 41, 42), '#,##0" $";-#,##0" $"'),
    **dict.fromkeys((7, 8, 43, 44), '#,##0.00" $";-#,##0.00" $"'),
}
"""The formats that a workbook names by number alone; dates and times only by what they are, for countries differ."""


class Look(Enum):
    """What sort of thing a format shows."""

    GENERAL = auto()
    NUMBER = auto()
    PERCENT = auto()
    SCIENTIFIC = auto()
    FRACTION = auto()
    DATE = auto()
    TIME = auto()
    OTHER = auto()


_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|_.|\*.|\[(?P<bracket>[^\]]*)\]|(?P<general>General)'
    r"|(?P<power>E[+-])|(?P<noon>AM/PM|A/P)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[0-9.]+)")
_OPERATORS = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "<>": operator.ne,
}
_CURRENCY = re.compile(r"\$(?P<sign>[^-]*)(-[0-9A-Fa-f]+)?")
_ELAPSED = re.compile("h+|m+|s+", re.IGNORECASE)
_PLACES = "0#?"


@dataclass(frozen=True, slots=True)
class Section:
    """One of up to four parts of a format: its tokens as (mark, text), and the numbers that it is for.

    The marks: ``digit``, ``point``, ``comma``, ``literal``, ``general``, ``text`` (``@``), ``percent``, ``power``,
    ``slash``, ``date``, ``clock``, and ``unknown`` for what only some country's Excel understands.
    """

    tokens: tuple[tuple[str, str], ...]
    condition: tuple[str, Decimal] | None = None

    @property
    def marks(self) -> frozenset[str]:
        """What stands in it."""
        return frozenset(mark for mark, _ in self.tokens)

    @property
    def scale(self) -> int:
        """How many times the number is divided by a thousand before it is shown."""
        text = "".join({"digit": "0", "comma": ",", "point": "."}.get(mark, "") for mark, _ in self.tokens)
        whole, _, places = text.partition(".")
        return max(len(part) - len(part.rstrip(",")) for part in (whole, places))

    @property
    def adds_digits(self) -> bool:
        """Whether it shows digits of its own beside the number's: ``0"00"`` makes 500 of 5."""
        return any(mark == "literal" and any(map(str.isdecimal, text)) for mark, text in self.tokens)


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """A format by its code, such as ``00000`` or ``#,##0.00;[Red]-#,##0.00``.

    ``sections`` are those for numbers, up to three; ``words`` is the one for texts, where the format has one.
    """

    look: Look
    sections: tuple[Section, ...]
    words: Section | None = None

    @property
    def true_to_value(self) -> bool:
        """Whether a reader takes the number shown for the number that is kept, but for decimals."""
        return self.look in (Look.GENERAL, Look.NUMBER, Look.SCIENTIFIC, Look.FRACTION) and not any(
            section.scale or section.adds_digits for section in self.sections
        )

    def around(self, text: str) -> str:
        """What a cell shows that holds a text."""
        if self.words is None:
            return text
        return "".join(text if mark == "text" else held for mark, held in self.words.tokens)

    def text(self, number: float) -> str | None:
        """What a cell shows, without signs of thousands; ``None`` where that cannot be said for every reader."""
        kept = Decimal(format(number, f".{DIGITS}g"))
        section, shown = self._section(kept)
        if section is None or section.marks & {"percent", "power", "slash", "date", "clock", "unknown", "text"}:
            return None
        if "general" in section.marks:
            return "".join(_plain(shown) if mark == "general" else text for mark, text in section.tokens)
        return _filled(section, shown) if "digit" in section.marks else None

    def _section(self, number: Decimal) -> tuple[Section | None, Decimal]:
        """The section for a number, and the number as it shows it: a section for negative ones shows no sign."""
        sections = self.sections
        if any(section.condition for section in sections):
            fits = (s for s in sections if s.condition is None or _OPERATORS[s.condition[0]](number, s.condition[1]))
            return (None if number < 0 else next(fits, None)), number
        if number < 0 and len(sections) > 1:
            return sections[1], -number
        return sections[2 if number == 0 and len(sections) > 2 else 0], number


GENERAL = NumberFormat(Look.GENERAL, (Section((("general", ""),)),))
_AS_IT_IS = Section((("text", ""),))


def plain(form: NumberFormat) -> bool:
    """Whether a format shows a number as it is and nothing beside it."""
    return form == GENERAL


@cache
def number_format(code: str) -> NumberFormat:
    """A format by its code."""
    sections = tuple(map(_section, _split(code)))
    own_words = len(sections) > FOR_NUMBERS or "text" in sections[-1].marks
    numbers = sections[:-1][:FOR_NUMBERS] if own_words else sections
    if not numbers or numbers == (Section(()),):
        numbers = GENERAL.sections
    words = sections[FOR_NUMBERS if len(sections) > FOR_NUMBERS else -1] if own_words else None
    return NumberFormat(_look(numbers), numbers, None if words == _AS_IT_IS else words)


def _split(code: str) -> list[str]:
    parts = [""]
    for token in _TOKEN.finditer(code):
        if token["other"] == ";":
            parts.append("")
        else:
            parts[-1] += token.group()
    return parts


def _section(code: str) -> Section:
    tokens: list[tuple[str, str]] = []
    condition = None
    for token in _TOKEN.finditer(code):
        if token["bracket"] is not None:
            found = _CONDITION.fullmatch(token["bracket"])
            condition = (found[1], Decimal(found[2])) if found else condition
            tokens += _bracket(token["bracket"])
        else:
            tokens += _token(token)
    return Section(tuple(tokens), condition)


def _bracket(text: str) -> list[tuple[str, str]]:
    """A currency sign, or time that runs beyond a day; a colour, a language or a condition shows nothing."""
    if _ELAPSED.fullmatch(text):
        return [("clock", text)]
    currency = _CURRENCY.fullmatch(text)
    return [("literal", currency["sign"])] if currency and currency["sign"] else []


def _token(token: re.Match[str]) -> list[tuple[str, str]]:
    for group, mark in (("quoted", "literal"), ("escaped", "literal"), ("power", "power"), ("noon", "clock")):
        if token[group] is not None:
            return [(mark, token[group])]
    if token["general"]:
        return [("general", "")]
    match token["other"]:
        case None:
            return []
        case "0" | "#" | "?" as place:
            return [("digit", place)]
        case "@":
            return [("text", "")]
        case mark if mark in ".,%/":
            return [({".": "point", ",": "comma", "%": "percent", "/": "slash"}[mark], mark)]
        case letter if letter.casefold() in "ydge":
            return [("date", letter.casefold())]
        case letter if letter.casefold() in "mhs":
            return [("clock", letter.casefold())]
        case letter if letter.isalpha():
            return [("unknown", letter)]
        case sign:
            return [("literal", sign)]


def _look(sections: tuple[Section, ...]) -> Look:
    marks = sections[0].marks
    clock = {text for mark, text in sections[0].tokens if mark == "clock"}
    looks = (
        ("unknown" in marks, Look.OTHER),
        ("power" in marks, Look.SCIENTIFIC),
        ("date" in marks or clock == {"m"}, Look.DATE),
        (bool(clock), Look.TIME),
        ("percent" in marks, Look.PERCENT),
        ("digit" in marks and "slash" in marks, Look.FRACTION),
        ("digit" in marks, Look.NUMBER),
        ("general" in marks, Look.GENERAL),
    )
    return next((look for true, look in looks if true), Look.OTHER)


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _filled(section: Section, number: Decimal) -> str:
    """The digits of a number in the places of a section; digits beyond the first place stand before it."""
    tokens = [token for token in section.tokens if token[0] != "comma"]
    point = next((at for at, (mark, _) in enumerate(tokens) if mark == "point"), len(tokens))
    places = [place for mark, place in tokens[point:] if mark == "digit"]
    scaled = number.scaleb(-3 * section.scale)
    rounded = abs(scaled).quantize(Decimal(1).scaleb(-len(places)), ROUND_HALF_UP)
    whole, _, decimals = f"{rounded:f}".partition(".")
    sign = "-" if scaled < 0 and rounded else ""
    return sign + _whole(tokens[:point], whole.lstrip("0")) + _decimals(tokens[point:], decimals)


def _whole(tokens: list[tuple[str, str]], digits: str) -> str:
    """Filled from the right."""
    parts: list[str] = []
    left = sum(mark == "digit" for mark, _ in tokens)
    for mark, text in reversed(tokens):
        if mark != "digit":
            parts.append(text)
            continue
        left -= 1
        taken = digits if left == 0 else digits[-1:]
        digits = digits[: len(digits) - len(taken)]
        parts.append(taken or {"0": "0", "?": " "}.get(text, ""))
    return "".join(reversed(parts))


def _decimals(tokens: list[tuple[str, str]], digits: str) -> str:
    """Filled from the left; zeros at the end only where a place asks for them."""
    asked = max((at for at, place in enumerate(p for m, p in tokens if m == "digit") if place != "#"), default=-1)
    digits = digits[: asked + 1] + digits[asked + 1 :].rstrip("0")
    remaining = iter(digits)
    return "".join(next(remaining, "") if mark == "digit" else text for mark, text in tokens)
