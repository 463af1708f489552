"""The guide that the product brings: every page as HTML in both languages, opened at what a person looks at."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
import xlwings

from addin import ribbon
from addin.guide.pages import FIRST, PAGES, SECTIONS, Place, named, of_problem, of_sheet, written
from addin.guide.rendering import document, headings, leading_to
from addin.usecases.check import check
from addin.usecases.guide import open_guide, place_in, place_named
from connectors.problems import CannotRun, every_code
from tests.addin.conftest import Association, add_invoice
from tests.addin.test_cli import passerelle
from tests.test_docs import PAIRS
from workbook.book import RowKey
from workbook.file.file_book import FileBook
from workbook.layout import INVOICES, LANGUAGES, PROBLEMS_TABLE, SHEETS, Language, Table
from workbook.row_keys import keyed

ROOT = Path(__file__).parents[2]


class Page(HTMLParser):
    """What a browser could follow, fetch or run of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.tags.add(tag)
        self.ids.add(told.get("id") or "")
        if told.get("href"):
            self.links.append(told["href"] or "")
        assert not any(name.startswith("on") or name == "src" for name in told)


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> Language:
    return request.param


@pytest.fixture
def opened(language: Language, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Page]:
    """The guide as it lies in a person's home, by the names of its files."""
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path / "à moi"))
    file = Path(str(open_guide(FIRST, language, lambda _: True).facts["file"]))
    return {path.stem: Page(path.read_text(encoding="utf-8")) for path in file.parent.glob("*.html")}


def test_every_link_of_the_guide_leads_to_a_place_of_it_or_to_the_web(opened: dict[str, Page]) -> None:
    assert len(opened) == len(PAGES) + 1
    for name, page in opened.items():
        for link in page.links:
            file, _, place = link.partition("#")
            if not file.startswith(("https://", "http://")):
                target = opened[file.removesuffix(".html") or name]
                assert not place or unquote(place) in target.ids, (name, link)


def test_nothing_in_it_runs_or_is_fetched(opened: dict[str, Page]) -> None:
    for page in opened.values():
        assert page.tags & {"script", "img", "iframe", "object", "link", "form", "embed"} == set()


def test_a_title_in_the_menu_is_as_it_is_read() -> None:
    """Seen: "The source `files`", with the signs of Markdown."""
    assert headings("# The source `files`\n\n## *Who* may\n") == [
        ("The source files", "the-source-files"),
        ("Who may", "who-may"),
    ]


def test_each_problem_has_its_place_in_both_languages(opened: dict[str, Page], language: Language) -> None:
    assert set(every_code()) <= opened[of_problem("").page.of(language)].ids


def test_the_guide_has_every_page_that_people_have_in_both_languages_but_the_one_of_pictures() -> None:
    docs = {(english, french) for english, french in PAIRS.items() if english.startswith("docs/")}
    ours = {(f"docs/{page.en}.md", f"docs/{page.fr}.md") for page in PAGES}
    assert docs - ours == {("docs/day.md", "docs/journee.md")}
    assert ours <= docs


@pytest.mark.parametrize("sheet", [sheet.key for sheet in SHEETS])
def test_each_sheet_has_its_place(sheet: str, language: Language) -> None:
    place = of_sheet(sheet, language)
    assert not place.anchor or place.anchor in {anchor for _, anchor in headings(written(place.page, language))}


def test_what_is_told_of_sheets_is_of_sheets_that_there_are() -> None:
    assert SECTIONS.keys() <= {sheet.key for sheet in SHEETS}


@pytest.mark.parametrize(
    ("word", "place"),
    [("sign-in", Place(PAGES[7])), ("connexion", Place(PAGES[7])), ("name_taken", Place(PAGES[1], "name_taken")),
     ("", None), ("../../etc/passwd", None), ("<script>", None)],
)  # fmt: skip
def test_a_place_is_named_by_a_code_or_by_a_page_in_either_language(word: str, place: Place | None) -> None:
    assert named(word) == place


def test_what_there_is_no_page_of_is_refused_with_what_there_is() -> None:
    with pytest.raises(CannotRun) as refused:
        place_named("javascript:alert(1)")
    [problem] = refused.value.problems
    assert problem.code == "guide_page_unknown"
    assert "settings" in problem.params["known"]


def test_a_browser_is_led_to_the_place_by_a_file_for_windows_drops_what_follows_a_files_path() -> None:
    assert 'content="0; url=problemes.html#name_taken"' in leading_to("problemes", "name_taken")
    assert 'url=settings.html"' in leading_to("settings", "")


def test_what_a_page_says_in_html_is_text_and_a_link_to_what_is_no_page_is_its_words() -> None:
    text = "# T\n\nx <script>x</script> [a](../README.md) [b](javascript:x) [c](other.md#d) [e](https://x.org)"
    shown = document(text, "en", [("here", "T"), ("other", "O")], "here")
    assert "<script>" not in shown
    assert re.findall(r'href="([^"]*)"', shown) == ["here.html", "other.html", "other.html#d", "https://x.org"]


def test_the_command_line_opens_a_page_and_says_where(tmp_path: Path) -> None:
    done = passerelle("guide", "name_taken", "--json", home=tmp_path, BROWSER="true")
    told = json.loads(done.stdout)
    assert Path(told["file"]).is_file()
    assert told["page"] == "problems#name_taken"


@pytest.fixture
def checked(association: Association) -> Association:
    """A company with one invoice that Check refuses, and one that it does not."""
    add_invoice(association, "I2", "F-2", on="2999-01-01", balance="114.98")
    association.init()
    association.pull()
    association.run(check)
    return association


def looking(workbook: Path, selected: Table, key: RowKey) -> FileBook:
    """A workbook in which a person has selected a row."""

    class Selected(FileBook):
        def selected(self, table: Table) -> tuple[RowKey, ...]:
            return (key,) if table is selected else ()

    return Selected(workbook)


def test_a_selected_row_with_a_problem_opens_what_the_guide_says_of_it(checked: Association) -> None:
    book = looking(checked.profile.workbook, INVOICES, ("invoice", "I2"))
    assert place_in(book, "Invoices", "en") == of_problem("day_far_ahead")


def test_a_problem_that_is_selected_on_the_dashboard_opens_what_the_guide_says_of_it(checked: Association) -> None:
    problems = FileBook(checked.profile.workbook).read(PROBLEMS_TABLE).rows
    [key, *_] = [key for key, _ in keyed(PROBLEMS_TABLE, problems)]
    book = looking(checked.profile.workbook, PROBLEMS_TABLE, key)
    assert place_in(book, "Dashboard", "en") == of_problem("day_far_ahead")


@pytest.mark.parametrize("sheet", ["Reconciliation", "Conciliation"])
def test_without_a_problem_the_open_sheet_says_which_page_in_either_language(checked: Association, sheet: str) -> None:
    book = looking(checked.profile.workbook, INVOICES, ("invoice", "I1"))
    assert place_in(book, sheet, "fr") == of_sheet("reconciliation", "fr")
    assert place_in(book, "Mes notes", "fr") == FIRST


def test_the_ribbon_opens_it_for_the_open_workbook(
    checked: Association, office: xlwings.App, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, went = [], []
    monkeypatch.setattr(ribbon, "tell", lambda _, text: said.append(text))
    monkeypatch.setattr("webbrowser.open", went.append)
    book = office.books.open(str(checked.profile.workbook))
    book.set_mock_caller()
    book.sheets["Reconciliation"].activate()
    ribbon.guide()
    book.close()
    assert said == ["The guide opens in the browser: first-sync#reconcile."]
    assert went[0].startswith("file:///")
