"""What of a company's preferences will hurt, said when we connect, each with where a person changes it.

The names are those of the reference's entity Preferences. Whether the company warns of duplicate numbers, and whether
closed books ask for a password, is told by none of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from connectors.ledgers.quickbooks_online.service import LABEL
from connectors.problems import Problem

Wishes = dict[str, Any]


def warnings_of(wishes: Wishes, closing: date | None, *, numbers: bool, home: str) -> Iterator[Problem]:
    """Each as a notice: ``numbers`` is whether ours are kept, ``closing`` until when the books are closed."""
    if not numbers:
        yield _told("numbers_not_kept")
    if _of(wishes, "TaxPrefs", "UsingSalesTax") is False:
        yield _told("sales_tax_off")
    if not (classes_by_line(wishes) or classes_by_document(wishes)):
        yield _told("classes_off")
    if closing:
        yield _told("books_closed", date=closing.isoformat())
    if _of(wishes, "CurrencyPrefs", "MultiCurrencyEnabled") is not True:
        yield _told("one_currency", home=home)


def classes_by_line(wishes: Wishes) -> bool:
    """Whether each line of a document may have a class."""
    return _of(wishes, "AccountingInfoPrefs", "ClassTrackingPerTxnLine") is True


def classes_by_document(wishes: Wishes) -> bool:
    """Whether a document has one class."""
    return _of(wishes, "AccountingInfoPrefs", "ClassTrackingPerTxn") is True


def _of(wishes: Wishes, section: str, name: str) -> object:
    return (wishes.get(section) or {}).get(name)


def _told(code: str, **params: str) -> Problem:
    return Problem(code=code, params={"ledger": LABEL, **params})
