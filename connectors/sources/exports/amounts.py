"""Amounts as people write them: signs of currency and of thousands, either decimal sign, minus in three ways."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from connectors.sources.tables.cells import Number

SIGNS = (".", ",")
"""What may stand before decimals."""
_DOLLARS = frozenset({"CAD", "USD", "AUD", "NZD", "HKD", "SGD"})
_OF_A_SIGN = {
    "€": "EUR",
    "£": "GBP",
    "US$": "USD",
    "$US": "USD",
    "CA$": "CAD",
    "C$": "CAD",
    "$CA": "CAD",
    "$CAD": "CAD",
}
_MONEY = r"(?:US\$|CA\$|C\$|\$ ?US|\$ ?CAD?|\$|€|£|[A-Z]{3})"
_BODY = re.compile(
    rf"(?P<before>{_MONEY})?(?P<minus>-)?(?P<before2>{_MONEY})?(?P<digits>[0-9][0-9 .,'’]*)(?P<after>{_MONEY})?"
)
_NOTHING = re.compile(rf"(?P<before>{_MONEY})?\s*[-\u2012-\u2015\u2212]\s*(?P<after>{_MONEY})?")
"""How formats of accounting write nothing: a dash, with or without the sign of a currency."""
MAX_LENGTH = 64
"""Characters of an amount with its sign of currency; in a longer text the patterns are not looked for."""
_SPACES = re.compile("[\u00a0\u2007\u2009\u202f]")


@cache
def _grouped(decimal: str) -> re.Pattern[str]:
    other = re.escape("," if decimal == "." else ".")
    sign = re.escape(decimal)
    return re.compile(
        rf"(?:[1-9][0-9]{{0,2}}(?P<by>[ '’]|{other})[0-9]{{3}}(?:(?P=by)[0-9]{{3}})*|[0-9]+)(?:{sign}[0-9]+)?"
    )


@lru_cache(65_536)
def plain_amount(text: str, decimal: str, currency: str = "") -> str | None:
    """The amount with a point and a leading minus and nothing else; ``None`` where it is none, or of another currency.

    Without a ``currency`` any is taken.
    """
    if len(text) > MAX_LENGTH:
        return None
    if nothing := _NOTHING.fullmatch(text.strip()):
        return "0" if not currency or of_currency(nothing["before"] or nothing["after"] or "", currency) else None
    found = _BODY.fullmatch(_positive(text))
    if not found:
        return None
    money = found["before"] or found["before2"] or found["after"] or ""
    digits = found["digits"].strip()
    if not _grouped(decimal).fullmatch(digits) or (currency and not of_currency(money, currency)):
        return None
    plain = re.sub(f"[^0-9{re.escape(decimal)}]", "", digits).replace(decimal, ".")
    negative = found["minus"] or _is_negative(text)
    return f"-{plain}" if negative else plain


def amount_without_sign(text: str, currency: str = "") -> str | None:
    """The amount that a text is whichever the decimal sign; ``None`` where they make different amounts of it."""
    amounts = {plain for sign in SIGNS if (plain := plain_amount(text, sign, currency)) is not None}
    return amounts.pop() if len(amounts) == 1 else None


def signs_of(text: str) -> frozenset[str]:
    """The decimal signs by which a text is an amount: both where it cannot be told, none where it is no amount."""
    return frozenset(sign for sign in SIGNS if plain_amount(text, sign) is not None)


def tells_sign(text: str) -> bool:
    """Whether an amount has a comma or a point at all, so that its decimal sign matters."""
    return "," in text or "." in text


def _positive(text: str) -> str:
    """The text without parentheses or a minus at its end, which both say that it is below zero."""
    text = _SPACES.sub(" ", text.strip()).replace("\u2212", "-")
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1].strip()
    text = text.removesuffix("-").strip() if not text.startswith("-") else text
    return re.sub(rf"\s*({_MONEY})\s*", r"\1", text).replace("- ", "-")


def _is_negative(text: str) -> bool:
    text = text.strip().replace("\u2212", "-")
    return (text.startswith("(") and text.endswith(")")) or text.endswith("-")


def money_shown(cell: Number) -> str:
    """The sign of a currency that a number's format shows beside it."""
    literals = "".join(text for mark, text in cell.format.sections[0].tokens if mark == "literal")
    found = re.search(_MONEY, literals)
    return found[0] if found else ""


def of_currency(money: str, currency: str) -> bool:
    """Whether a sign may stand for a currency: a bare dollar for each that is called so."""
    money = money.replace(" ", "")
    if not money:
        return True
    return currency in _DOLLARS if money == "$" else _OF_A_SIGN.get(money, money) == currency
