"""The pages that people read: no link leads nowhere, and what is told in English is told in French."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(#[^)]*)?\)")
INDEX = re.compile(r"\]\(docs/|^\| (for|pour) |^\| (developers|les développeurs) ")
"""The table of pages, which names each for its own readers."""
PAIRS = {
    "README.md": "LISEZMOI.md",
    "CHANGELOG.md": "NOUVEAUTES.md",
    "docs/first-sync.md": "docs/premiere-synchronisation.md",
    "docs/starting-in-sync.md": "docs/partir-d-un-meme-point.md",
    "docs/day.md": "docs/journee.md",
    "docs/problems.md": "docs/problemes.md",
    "docs/settings.md": "docs/parametres.md",
    "docs/administration.md": "docs/installation.md",
    "docs/sign-in.md": "docs/connexion.md",
    "docs/libreoffice.md": "docs/classeur-libreoffice.md",
    "docs/source-files.md": "docs/fichiers-source.md",
    "docs/source-membri-365.md": "docs/membri-365-source.md",
    "docs/ledger-beancount.md": "docs/grand-livre-beancount.md",
    "docs/ledger-quickbooks-online.md": "docs/grand-livre-quickbooks-online.md",
    "docs/quickbooks-online-live.md": "docs/quickbooks-online-en-service.md",
    "docs/ledger-tryton.md": "docs/grand-livre-tryton.md",
    "docs/ledger-xero.md": "docs/grand-livre-xero.md",
    "connectors/sources/files/sample/README.md": "connectors/sources/files/sample/LISEZMOI.md",
}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    wanted = [path for path, _ in LINK.findall(page.read_text(encoding="utf-8")) if path]
    assert [path for path in wanted if not (page.parent / path).exists()] == []


@pytest.mark.parametrize(("english", "french"), PAIRS.items())
def test_the_french_page_has_the_sections_commands_and_rows_of_the_english_one(english: str, french: str) -> None:
    assert outline(ROOT / french) == outline(ROOT / english)


def outline(page: Path) -> dict[str, list[object]]:
    """What translation keeps: the levels of the headings, the commands in order, the columns of every table row."""
    lines = page.read_text(encoding="utf-8").splitlines()
    return {
        "headings": [len(line.split()[0]) for line in lines if re.match(r"#+ \S", line)],
        "commands": [found.group() for line in lines if (found := re.match(r"passerelle \w+", line))],
        "rows": [line.count(" | ") for line in lines if line.startswith("|") and not INDEX.search(line)],
    }


TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def test_every_test_that_a_page_names_is_there() -> None:
    """``docs/trust.md`` says which tests hold which rule: a renamed test must be renamed there."""
    named = {found for page in PAGES for found in TEST.findall(page.read_text(encoding="utf-8"))}
    code = {path: (ROOT / path).read_text(encoding="utf-8") if (ROOT / path).exists() else "" for path, _ in named}
    gone = [path for path, name in named if not code[path] or (name and f"def {name}(" not in code[path])]
    assert gone == []
