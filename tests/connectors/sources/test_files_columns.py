"""The documented columns are the ones that are read."""

import pytest
from columns_in_french import FRENCH
from columns_page import PAGES, START, tables
from sample_problems import EXPECTED

from connectors.registry import source_type
from connectors.sources.files.connector import FilesSource
from connectors.sources.tables.columns import TABLES, Type, heading
from connectors.sources.tables.words import WORDS

README = PAGES["en"].parents[1] / "connectors" / "sources" / "files" / "sample" / "README.md"


@pytest.mark.parametrize("language", PAGES)
def test_the_page_is_current(language):
    assert PAGES[language].read_text(encoding="utf-8").partition(START)[2] == "\n" + tables(language)


def test_every_french_text_is_on_the_page():
    page = tables("fr")
    assert [text for text in FRENCH.values() if text.removeprefix("choix : ") not in page] == []


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_no_heading_names_two_columns(table):
    headings = [{heading(column.name), heading(column.french)} for column in table.columns]
    assert len(set.union(*headings)) == sum(map(len, headings))
    assert all(column.name == heading(column.name) for column in table.columns)
    assert {*table.key, *([table.owner] if table.owner else [])} <= {column.name for column in table.columns}


def test_every_default_and_word_can_be_read():
    for table in TABLES:
        for column in table.columns:
            if column.default and column.type in WORDS:
                assert column.default in WORDS[column.type]
            assert not (column.required and column.default)
    assert all(word == heading(word) for words in WORDS.values() for word in words)
    choices = (Type.YES_NO, Type.SENT, Type.KIND, Type.WAY, Type.ORIGIN, Type.DIRECTION, Type.ROUNDING,
               Type.CATEGORY)  # fmt: skip
    assert set(WORDS) == set(choices)


def test_the_samples_readme_tells_every_deliberate_mistake():
    text = README.read_text(encoding="utf-8")
    for kind, key, number, code in EXPECTED:
        assert f"`{code}`" in text
        assert (key if kind == "customer" else number) in text


def test_the_source_is_found_by_its_name():
    assert source_type("files") is FilesSource
    assert FilesSource.label == "CSV or Excel files"
