"""Why a setting is not accepted, by the name that pydantic or a check of ours gives the reason; each ends a sentence.

``{accepted}`` is what the setting itself accepts: its choices, its bound, or how such a value is written.
"""

from __future__ import annotations

from collections.abc import Mapping

MISSING = "It is missing."
UNKNOWN = "There is no setting of this name."
YES_OR_NO = "It accepts yes or no."
WHOLE = "It accepts a whole number, such as 5."
NUMBER = "It accepts an amount, such as 0.05."
DATE = "It accepts a date, such as 2026-12-31."
TEXT = "It accepts a text; in the file profile.toml it stands in quotation marks."
LIST = "It accepts several values: in the file profile.toml they stand in square brackets, separated by commas."
SECTION = "It is a section of the file profile.toml, with settings of its own."
PATH = "It accepts the path of a file or folder."
WRITTEN = "It is written like {accepted}."
ONE_OF = "It accepts one of: {accepted}."
OTHERWISE = "It is not as it has to be."

REFUSED: Mapping[str, str] = {
    "missing": MISSING,
    "extra_forbidden": UNKNOWN,
    **dict.fromkeys(("bool_parsing", "bool_type"), YES_OR_NO),
    **dict.fromkeys(("int_parsing", "int_type", "int_from_float", "int_parsing_size"), WHOLE),
    **dict.fromkeys(("decimal_parsing", "decimal_type", "finite_number"), NUMBER),
    **dict.fromkeys(
        ("date_parsing", "date_type", "date_from_datetime_parsing", "date_from_datetime_inexact", "date_past"), DATE
    ),
    "string_type": TEXT,
    "string_sub_type": TEXT,
    "string_unicode": TEXT,
    "string_too_short": "It may not be empty.",
    "string_pattern_mismatch": WRITTEN,
    **dict.fromkeys(("literal_error", "enum"), ONE_OF),
    "greater_than_equal": "It accepts a number from {accepted}.",
    "path_type": PATH,
    **dict.fromkeys(("list_type", "tuple_type", "frozen_set_type", "set_type"), LIST),
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), SECTION),
    "date_format": "It names year, month and day once each, as YYYY, MM or M, DD or D, such as DD/MM/YYYY.",
    "redirect_address": "It begins with https://, or is a port of this machine, such as http://localhost:8712/callback.",
    "not_toml": "The file cannot be read as settings from line {accepted} on.",
    "not_utf8": "The file is not text in UTF-8.",
    "side": "A setting of the source begins with source., one of the ledger with ledger.; the company's have no dot.",
    "kind": "It accepts kinds of records, and there is no kind {accepted}.",
    "absent": "The ledger has no {accepted}.",
    "header": "It holds characters that cannot be sent.",
    "no_address": "It is no address.",
    "address_secret": "An address holds no user and no password; a secret is kept with passerelle password.",
    "address_query": "An address holds no ? and no #.",
    "address_plain": "It begins with https://, or with http:// where it leads to this very machine.",
}
