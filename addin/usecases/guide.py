"""Guide: open the page that says more of what a person looks at, as files of their own machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from addin.guide.pages import FIRST, PAGES, Place, named, of_problem, of_sheet, written
from addin.guide.rendering import document, headings, leading_to
from addin.home import own_homes
from addin.usecases.report import Report
from connectors import private
from connectors.disk import refusal
from connectors.problems import CannotRun, Problem
from workbook.book import Book, Value
from workbook.layout import PROBLEMS_TABLE, REVIEW_TABLES, SHEETS, Language
from workbook.review import text_of
from workbook.row_keys import keyed

OPENED = "open.html"
"""The file that leads on to the place that was asked for last."""


def open_guide(place: Place, language: Language, browse: Callable[[str], bool]) -> Report:
    """Write the guide in a language into the person's own home and open it at a place. Raises ``CannotRun``."""
    folder, name = own_homes()[0] / "guide" / language, place.page.of(language)
    with _written(folder):
        _write(folder, language)
        (folder / OPENED).write_text(leading_to(name, place.anchor), encoding="utf-8")
    file = folder / OPENED
    browse(file.as_uri())
    return Report(run=0, facts={"file": str(file), "page": "#".join(filter(None, (name, place.anchor)))})


def place_named(word: str) -> Place:
    """The place of a problem's code or a page's name; the first page where nothing is named.

    Raises ``CannotRun(guide_page_unknown)``.
    """
    place = named(word) if word else FIRST
    if place is None:
        known = ", ".join(page.en for page in PAGES)
        raise CannotRun(Problem(code="guide_page_unknown", params={"name": word, "known": known}))
    return place


def place_in(book: Book, open_sheet: str, language: Language) -> Place:
    """What the guide says of the problem that is selected in a workbook, or of the sheet that is open, by its name."""
    if code := _selected_problem(book):
        return of_problem(code)
    keys = (sheet.key for sheet in SHEETS if open_sheet in (sheet.caption.en, sheet.caption.fr))
    return of_sheet(next(keys, ""), language)


def _selected_problem(book: Book) -> str:
    """The code of the problem of the selected row: of the Dashboard's problems, or of a record that they name."""
    problems = book.read(PROBLEMS_TABLE).rows
    chosen = set(book.selected(PROBLEMS_TABLE))
    for key, row in keyed(PROBLEMS_TABLE, problems):
        if key in chosen:
            return text_of(row.values["code"])
    records = set(_selected_records(book))
    return next((text_of(row.values["code"]) for row in problems if _names(row.values) in records), "")


def _selected_records(book: Book) -> Iterator[tuple[str, str]]:
    """The sheets and numbers of the selected records."""
    for table in REVIEW_TABLES:
        if chosen := set(book.selected(table)):
            grid = book.read(table)
            rows = [row for key, row in keyed(table, grid.rows) if key in chosen]
            yield from ((grid.sheet, text_of(row.values["number"])) for row in rows)


def _names(problem: Mapping[str, Value]) -> tuple[str, str]:
    """The sheet and number that a row of the Dashboard's problems names."""
    sheet, _, _ = text_of(problem["place"]).rpartition(" ")  # "Invoices C5"
    return sheet, text_of(problem["number"])


@contextmanager
def _written(folder: Path) -> Iterator[None]:
    """What a disk refuses of the guide's files, as a problem."""
    try:
        private.make_folder(folder)
        yield
    except OSError as refused:
        raise CannotRun(refusal(refused, folder, writing=True)) from refused


def _write(folder: Path, language: Language) -> None:
    texts = {page.of(language): written(page, language) for page in PAGES}
    titles = [(name, headings(text)[0][0]) for name, text in texts.items()]
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(document(text, language, titles, name), encoding="utf-8")
