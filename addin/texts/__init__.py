"""Every sentence a person reads, in English and French."""

from __future__ import annotations

import contextlib
import gettext
import json
import os
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path

from addin.installation import chosen
from connectors.connector_problems import connector_problems
from connectors.problems import Owner, Problem, is_known
from workbook.layout import LANGUAGES, Language, caption_of, tables

from .problems import OWNERS, SENTENCES, Sentences
from .refused import OTHERWISE, REFUSED
from .visible import in_one_line, visible


def mark(message: str) -> str:
    """Mark a text for the catalogues without translating it yet."""
    return message


@cache
def _catalogue(language: Language) -> gettext.NullTranslations:
    if language == "en":
        return gettext.NullTranslations()
    return gettext.translation("passerelle", Path(__file__).parent, [language])


def say(language: Language, message: str, **params: object) -> str:
    """A sentence of the catalogues in a language, with its parameters filled in; a missing one shows as …

    A stranger's text among them hides nothing and commands nothing: what has no form shows as its number.
    """
    return filled(_catalogue(language).gettext(message), params) if message else ""


def filled(text: str, params: Mapping[str, object]) -> str:
    """A text with its parameters; a missing one shows as …"""
    return text.format_map(defaultdict(lambda: "…", {key: visible(str(value)) for key, value in params.items()}))


def sentences(language: Language, code: str) -> Sentences:
    """What happened and what to do, with ``{parameters}``; a connector's own problem is said in its own words."""
    if code in SENTENCES:
        return Sentences(*map(_catalogue(language).gettext, SENTENCES[code]))
    own = connector_problems()[code]
    return Sentences(own.what[language], own.fix[language])


def what(language: Language, problem: Problem) -> str:
    """What happened, in a person's words; an unmapped answer of another system is shown verbatim."""
    return _said(language, sentences(language, problem.code).what, problem)


def fix(language: Language, problem: Problem) -> str:
    """What to do about it."""
    return _said(language, sentences(language, problem.code).fix, problem)


WITHOUT: dict[str, str] = {
    "code": mark("(without a code)"),
    "name": mark("(without a name)"),
    "number": mark("(without a number)"),
    "invoice": mark("(without a number)"),
    "reference": mark("(without a reference)"),
    "detail": mark("(no details)"),
}
EMPTY = mark("(empty)")
"""What a sentence of a problem says in place of what has no text."""


def _said(language: Language, sentence: str, problem: Problem) -> str:
    """A sentence in which nothing is empty; what it would only add in parentheses is left out."""
    text, params = sentence, _params(language, problem)
    for name in [name for name, value in params.items() if not value.strip()]:
        text = text.replace(f" ({{{name}}})", "")
        params[name] = _catalogue(language).gettext(WITHOUT.get(name, EMPTY))
    return filled(text, params)


def amount(language: Language, value: Decimal) -> str:
    """An amount as people write it in a language: 1,234.50 or 1 234,50."""
    english = f"{value:,}"
    return english.replace(",", "\u00a0").replace(".", ",") if language == "fr" else english


def measured(language: Language, text: str) -> str:
    """A text in which amounts and rates that stand by themselves have the form of a language."""
    return MEASURED.sub(lambda found: amount(language, Decimal(found[1])) + found[2], text)


_LIKENESS = {
    "number": mark("it bears the same number"),
    "content": mark("same customer and amount, a few days apart at most"),
}
ROLES: dict[str, str] = {
    "nobody": mark("nobody who may look"),
    "viewer": mark("viewer"),
    "preparer": mark("preparer"),
    "approver": mark("approver"),
    "administrator": mark("administrator"),
}
CATEGORIES: dict[str, str] = {
    "taxed": mark("taxed"),
    "zero_rated": mark("zero-rated"),
    "exempt": mark("exempt"),
    "out_of_scope": mark("out of scope"),
}
"""What a supply is in a tax return, in words."""
UNKNOWN_TAX: dict[str, str] = {
    "outcome": mark("whether it was booked is not known"),
    "changed": mark("the source changed it after its transfer"),
    "currency": mark("it is in a foreign currency"),
    "taxes": mark("its taxes do not come to its tax"),
    "category": mark("a line has no known tax group"),
}
"""Why a document stands in no box."""
PARTS: dict[str, str] = {
    "codes": mark("the ledger's accounts and codes"),
    "ledger_customer": mark("the ledger's customer of the account"),
    "generation": mark("its transfer was undone"),
}
"""What an approval covers beside the fields of a record."""

_MOVED = frozenset({"changed", "changes"})
_TELLING = frozenset(
    ("approval_outdated", "changed_after_transfer", "changed_with_applied", "changed_in_closed_period",
     "changed_beyond_undo", "to_be_amended", "amend_by_hand")
)  # fmt: skip
"""The problems that tell what moved, field by field."""
_SAID = frozenset({"role", "needed", "act", "category", "of_return", "question"})
_WORDS = ROLES | CATEGORIES | UNKNOWN_TAX
_CHOICES = {"asked": "status", "kept": "status", "kind": "kind"}
_AMOUNTS = frozenset(
    ("lines", "taxes", "total", "paid", "amount", "allocated", "debit", "credit", "ledger_total", "expected")
)
_LISTS = frozenset(("there", "right", "candidates", "amount", "taxes", "expected"))


MEASURED = re.compile(r"(?<!\S)(-?\d+(?:\.\d+)?)( [A-Z]{3}| %)(?= [·+] |;|$)")
"""An amount with its currency, or a rate, that stands by itself in a list or alone."""


SHOWN = 300
"""Characters of somebody else's text that a sentence repeats; a cell may hold 32,767, and so could not be told of."""


def shortened(text: str, most: int = SHOWN) -> str:
    """A text of so many characters at most, with … where it was cut."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _params(language: Language, problem: Problem) -> dict[str, str]:
    params = {
        name: in_one_line(shortened(str(text))) for name, text in {"detail": problem.detail, **problem.params}.items()
    }
    for name in _CHOICES.keys() & params.keys():
        params[name] = caption_of(_CHOICES[name], params[name], language)
    for name in _AMOUNTS & params.keys():
        with contextlib.suppress(InvalidOperation):
            params[name] = amount(language, Decimal(params[name]))
    for name in _LISTS & params.keys():
        params[name] = measured(language, params[name])
    if "table" in params:
        params["table"] = next((t.caption.of(language) for _, t in tables() if t.name == params["table"]), "…")
    for name in _SAID & params.keys():
        said = _WORDS.get(params[name], params[name])
        params[name] = say(language, said)
    for name in _MOVED & params.keys() if problem.code in _TELLING else ():
        with contextlib.suppress(ValueError):  # a text that is none of ours stays as it is
            params[name] = shortened(", ".join(_differences(language, problem.params[name])))
    if "refused" in params:
        reason = REFUSED.get(params["refused"], OTHERWISE)
        params["refused"] = say(language, reason, **params)
    if problem.code == "setting_invalid":
        params |= {name: say(language, params[name]) for name in ("accepted", "setting") if params.get(name)}
    if (because := params.get("because")) and is_known(because):
        told = {name.removeprefix("of_"): text for name, text in params.items() if name.startswith("of_")}
        params["why"] = filled(sentences(language, because).what, told)
    if params.get("likeness") in _LIKENESS:
        params["likeness"] = say(language, _LIKENESS[params["likeness"]])
    if problem.code == "status_refused" and params.get("why"):
        params["why"] = say(language, params["why"], **problem.params)
    return params


def _differences(language: Language, changed: str) -> Iterator[str]:
    """What moved in an approved record, by the captions of its fields; a value where one cell can show it."""
    for name, was, now in json.loads(changed):
        caption = say(language, PARTS[name]) if name in PARTS else caption_of("field", name, language)
        short = all(isinstance(value, str | None) for value in (was, now)) and name not in PARTS
        yield f"{caption} {was or '–'} → {now or '–'}" if short else caption


def owner(language: Language, who: Owner) -> str:
    """Who acts next."""
    return say(language, OWNERS[who])


def machine_language() -> Language:
    """The language where no workbook says one: ``PASSERELLE_LANGUAGE``, else the one that Passerelle was installed in,
    else the machine's, else English."""
    environment = os.environ.get
    told = environment("PASSERELLE_LANGUAGE"), chosen("language"), environment("LC_ALL"), environment("LANG")
    named = next(filter(None, told), "en")
    return next((language for language in LANGUAGES if named.lower().startswith(language)), "en")
