"""What is known of each ledger and from what stands beside it, and in its guides.

``python -m tests.connectors.ledgers.test_established`` writes the tables.
"""

import re
import tomllib
from pathlib import Path

import pytest

from connectors.entries import LEDGERS
from connectors.registry import ledger_type, names
from tests.connectors.ledgers.guide_tables import assert_current, write
from tests.connectors.ledgers.in_french import french_page
from workbook.layout import LANGUAGES

ROOT = Path(__file__).parents[3]
KNOWN = {
    "program": {"en": "the program itself, run by the tests", "fr": "le programme lui-même, exécuté par les tests"},
    "vendor": {"en": "the vendor's word", "fr": "la parole du fournisseur"},
    "recording": {"en": "recordings of the service", "fr": "des enregistrements du service"},
    "reports": {"en": "reports of other integrations", "fr": "des rapports d'autres intégrations"},
    "assumed": {"en": "assumed", "fr": "supposé"},
}
"""From the surest to what nobody has seen."""
HEADING = {"en": ("what", "known from"), "fr": ("quoi", "connu par")}
OURS = [name for name in names(LEDGERS) if ledger_type(name).__module__.startswith("connectors.ledgers.")]


def folder(name):
    return ROOT / Path(*ledger_type(name).__module__.split(".")[:-1])


def facts(name):
    return tomllib.loads((folder(name) / "established.toml").read_text(encoding="utf-8"))["fact"]


def tables(name):
    def table(language):
        yield f"| {' | '.join(HEADING[language])} |"
        yield "|---|---|"
        for fact in facts(name):
            yield f"| {fact[language]} | {KNOWN[fact['from']][language]} |"

    return {"established": table}


def guides(name):
    english = ROOT / "docs" / f"ledger-{name}.md"
    return {"en": english, "fr": french_page(english)}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", OURS)
def test_each_guide_says_what_is_established_and_what_is_assumed(name, language):
    assert_current(guides(name)[language], tables(name), language)


@pytest.mark.parametrize("name", OURS)
def test_facts_go_from_the_surest_to_the_assumed_and_are_said_once(name):
    rows, order = facts(name), list(KNOWN)
    assert [fact["from"] for fact in rows] == sorted((fact["from"] for fact in rows), key=order.index)
    for language in LANGUAGES:
        assert len({fact[language] for fact in rows}) == len(rows)
        assert not [fact for fact in rows if "|" in fact[language] or fact[language].endswith(".")]


@pytest.mark.parametrize("name", OURS)
def test_a_ledger_whose_code_assumes_something_says_so_to_its_readers(name):
    assumes = [
        path.name for path in folder(name).glob("*.py") if re.search("assumption", path.read_text(), re.IGNORECASE)
    ]
    assert not assumes or "assumed" in {fact["from"] for fact in facts(name)}


def main():
    for name in OURS:
        write(guides(name), tables(name))


if __name__ == "__main__":
    main()
