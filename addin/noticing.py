"""What was typed since the sheet was last read, as the log tells it: decisions, mappings and settings."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from addin.options import CHOICES_OF
from addin.texts.options import option_named
from connectors.records import Kind
from workbook.layout import CHOICES, MAPPING_TABLES, SETTINGS_TABLE, Table, code_of
from workbook.review import Review, Typed

Noted = Mapping[tuple[str, str], str]
"""What stands in the sheet, as JSON, by scope (a kind, a table) and key."""

NOTHING = "{}"
"""What is noted of a row in which nothing was typed; such a row is noted only once something was."""

REFERENCE = "reference "
"""How the scope of a typed sync reference begins; the kind of its record follows."""

NEVER = ("sheet", "read")
"""Noted when the sheet was read and nothing was typed in it."""

LONGEST = 200
"""Characters of a key that are noted."""

DECISIONS = ("new_account", "deposit_account")
"""What is decided of a record beside its status and its reference, which have lines of the log of their own."""

CODES = ("ledger_account", "ledger_item", "ledger_tax")
"""What is decided of a line."""


def typed_in(review: Review) -> dict[tuple[str, str], str]:
    """What a person may have typed, of everything that stands in the sheet; without what is empty."""
    lines: dict[str, dict[str, str]] = {}
    for (document, line), typed in ((key, typed) for key, typed in review.lines.items() if len(key) == 2):
        for column in CODES:
            if column in typed.table and (code := typed.text(column)):
                lines.setdefault(document, {})[f"{column} {line}"] = code
    noted: dict[tuple[str, str], dict[str, str]] = {}
    for (kind, key), typed in review.rows.items():
        noted[kind.value, key] = _decided(typed) | (lines.get(key, {}) if kind is not Kind.CUSTOMER else {})
    for table in MAPPING_TABLES:
        for code, typed in review.maps.get(table.name, {}).items():
            chosen = (column.key for column in table.columns if column.editable)
            noted[table.name, code] = {column: typed.text(column) for column in chosen}
    texts = {at: _text(values) for at, values in noted.items()}
    shown = review.settings.items()
    settings = {(SETTINGS_TABLE.name, option_named(name)): noted_text(typed.text("value")) for name, typed in shown}
    return {(scope, key[:LONGEST]): text for (scope, key), text in (texts | settings).items()}


def noted_text(value: str) -> str:
    """What is noted of a setting's value; one of some captions is the same in both languages."""
    codes = (code_of(choices, value) for choices in CHOICES_OF.values())
    return _text({"value": next(filter(None, codes), value)})


def noted_value(text: str) -> str:
    """The value behind ``noted_text``."""
    return str(json.loads(text).get("value", ""))


def _text(values: Mapping[str, str]) -> str:
    return json.dumps({name: value for name, value in values.items() if value})


def _decided(typed: Typed) -> dict[str, str]:
    return {
        column: _shown(typed, column, _choices(typed.table, column)) for column in DECISIONS if column in typed.table
    }


def _choices(table: Table, column: str) -> str:
    return table.column(column).choices


def _shown(typed: Typed, column: str, choices: str) -> str:
    """A cell's code where it shows one, so that another language is no change; else its text."""
    text = typed.text(column)
    return (code_of(choices, text) if choices in CHOICES else None) or text


def acts(before: Noted, now: Noted, numbers: Mapping[tuple[Kind, str], str]) -> Iterator[dict[str, str]]:
    """A line of the log for each thing that stands there otherwise than when it was last read."""
    for (scope, key), text in now.items():
        was, becomes = json.loads(before.get((scope, key), NOTHING)), json.loads(text)
        for name in sorted({*was, *becomes}):
            if was.get(name) != becomes.get(name):
                yield {**_what(scope, key, name, numbers), "was": was.get(name, ""), "becomes": becomes.get(name, "")}


def _what(scope: str, key: str, name: str, numbers: Mapping[tuple[Kind, str], str]) -> dict[str, str]:
    if scope == SETTINGS_TABLE.name:
        return {"action": "setting", "key": key, "number": key}
    if scope in {table.name for table in MAPPING_TABLES}:
        return {"action": "map", "key": f"{scope} {key}", "number": key, "reference": scope}
    return {"action": "typed", "kind": scope, "key": key,
            "number": numbers.get((Kind(scope), key), key), "reference": name.partition(" ")[0]}  # fmt: skip
