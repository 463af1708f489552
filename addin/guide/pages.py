"""Which pages the guide has, which of them says something of a sheet or a problem, and where their texts are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from addin.guide.rendering import headings
from connectors.problems import is_known
from workbook.layout import Caption, Language

INSTALLED = Path(__file__).parent / "texts"
"""Where an installed product has the pages of ``docs/``."""
CHECKOUT = Path(__file__).parents[2] / "docs"

PAGES: tuple[Caption, ...] = (
    Caption("first-sync", "premiere-synchronisation"),
    Caption("problems", "problemes"),
    Caption("settings", "parametres"),
    Caption("starting-in-sync", "partir-d-un-meme-point"),
    Caption("source-files", "fichiers-source"),
    Caption("source-membri-365", "membri-365-source"),
    Caption("administration", "installation"),
    Caption("sign-in", "connexion"),
    Caption("libreoffice", "classeur-libreoffice"),
    Caption("ledger-beancount", "grand-livre-beancount"),
    Caption("ledger-quickbooks-online", "grand-livre-quickbooks-online"),
    Caption("quickbooks-online-live", "quickbooks-online-en-service"),
    Caption("ledger-tryton", "grand-livre-tryton"),
    Caption("ledger-xero", "grand-livre-xero"),
)
"""The pages by the names of their files, in the order of the guide's table of contents."""

SECTIONS: dict[str, tuple[str, str]] = {
    "dashboard": ("first-sync", "What the statuses mean"),
    "accounts": ("first-sync", "The first sync"),
    "invoices": ("first-sync", "What the statuses mean"),
    "lines": ("first-sync", "What the statuses mean"),
    "payments": ("first-sync", "What the statuses mean"),
    "entries": ("first-sync", "Dues in advance"),
    "reconciliation": ("first-sync", "Reconcile"),
    "source": ("source-files", "An export as it comes"),
    "proposals": ("first-sync", "What people do in the ledger"),
    "settings": ("settings", "Settings"),
    "log": ("administration", "Seeing what happened"),
}
"""The page and heading, in English, that say what a sheet is for; of any other sheet the first page speaks."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the guide: a page, and the anchor of what it says there (empty for its beginning)."""

    page: Caption
    anchor: str = ""


FIRST = Place(PAGES[0])


def written(page: Caption, language: Language) -> str:
    """A page as it is written (Markdown). Raises ``OSError``."""
    folder = INSTALLED if INSTALLED.is_dir() else CHECKOUT
    return (folder / f"{page.of(language)}.md").read_text(encoding="utf-8")


def of_problem(code: str) -> Place:
    """What the guide says of a problem."""
    return Place(PAGES[1], code)


def of_sheet(sheet: str, language: Language) -> Place:
    """What the guide says of a sheet, by its key in the layout; both languages have the same headings in order."""
    if sheet not in SECTIONS:
        return FIRST
    name, heading = SECTIONS[sheet]
    page = next(page for page in PAGES if page.en == name)
    place = [title for title, _ in _headings(page, "en")].index(heading)
    return Place(page, _headings(page, language)[place][1] if place else "")


def named(word: str) -> Place | None:
    """The place that a person names: a problem's code, or a page by its name in either language."""
    if is_known(word):
        return of_problem(word)
    return next((Place(page) for page in PAGES if word in (page.en, page.fr)), None)


@cache
def _headings(page: Caption, language: Language) -> list[tuple[str, str]]:
    return headings(written(page, language))
