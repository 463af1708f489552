"""Proof, before anything is written, that ``bean-check`` will pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from beancount.core import getters
from beancount.core.data import BeancountError, Directive, entry_sortkey
from beancount.ops import validation
from beancount.parser import booking, parser
from beancount.parser.options import OPTIONS_DEFAULTS

from connectors.ledgers.beancount.contents import Contents, Options

ROOTS = ("name_assets", "name_liabilities", "name_equity", "name_income", "name_expenses")
NO_FILE = "<string>"
"""What Beancount calls the file of a text that lies in none."""

Booked = tuple[list[Directive], list[BeancountError]]

# Beancount leaves these without annotations.
_book: Callable[[list[Directive], Options], Booked] = booking.book
_checks: tuple[Callable[[list[Directive], Options], list[BeancountError]], ...] = tuple(validation.BASIC_VALIDATIONS)
_check_types: Callable[[list[Directive], Options], list[BeancountError]] = validation.validate_data_types


def prove(text: str, contents: Contents) -> Booked:
    """The directives of a text, and what Beancount has against them in this book.

    Loads nothing: an entry is valid or not by itself and by the accounts it names. That holds as long as the book
    runs no plugins (see ``has_plugins``) and no asserted balance is touched, which is checked apart.
    """
    entries, errors, _ = parser.parse_string("".join(roots(contents.options)) + text)
    if errors:
        return entries, errors
    entries, errors = _book(entries, contents.options)
    together = sorted([*_accounts(entries, contents), *entries], key=entry_sortkey)
    for check in (*_checks, _check_types):
        errors += check(together, contents.options)
    return entries, errors


def has_plugins(contents: Contents) -> bool:
    """Whether the book runs code of its own, which only loading the whole book can satisfy."""
    return bool(contents.options["plugin"]) or contents.options["plugin_processing_mode"] != "default"


def roots(options: Options) -> Iterator[str]:
    """The option lines that every file of a book needs whose five root accounts are renamed (``Actif``)."""
    for name in ROOTS:
        if options[name] != OPTIONS_DEFAULTS[name]:
            yield f'option "{name}" "{options[name]}"\n'


def _accounts(entries: list[Directive], contents: Contents) -> Iterator[Directive]:
    named = {account for entry in entries for account in getters.get_entry_accounts(entry)}
    for account in named & contents.accounts.keys():
        yield from contents.accounts[account].directives
