"""The guide says what the code does; ``python -m tests.connectors.ledgers.test_quickbooks_docs`` writes its tables."""

from pathlib import Path

import pytest

from connectors.ledgers.quickbooks_online.connector import QuickBooksOnlineLedger
from connectors.ledgers.quickbooks_online.forms import ENTITIES, FORMS
from connectors.ledgers.quickbooks_online.problems import TABLE
from connectors.ledgers.quickbooks_online.settings import QuickBooksOnlineSettings
from connectors.records import Kind
from connectors.registry import GIVEN
from tests.connectors.ledgers.guide_tables import assert_current, write
from tests.connectors.ledgers.in_french import french_page, heading, said
from workbook.layout import LANGUAGES

ENGLISH = Path(__file__).parents[3] / "docs" / "ledger-quickbooks-online.md"
GUIDES = {"en": ENGLISH, "fr": french_page(ENGLISH)}


def documents_table(language):
    yield from heading(language, "record", "in QuickBooks")
    for kind, entity in ENTITIES.items():
        yield f"| {said(language, kind.replace('_', ' '))} | {entity} |"


def errors_table(language):
    yield from heading(language, "code", "its words", "our problem")
    for row in TABLE:
        pattern = row.pattern.replace("|", "\\|")
        yield f"| {row.code} | {f'`{pattern}`' if pattern else said(language, 'any')} | `{row.problem}` |"


TABLES = {"documents": documents_table, "errors": errors_table}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tables_of_the_guide_are_current(language):
    assert_current(GUIDES[language], TABLES, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_guide_names_every_setting(language):
    text = GUIDES[language].read_text(encoding="utf-8")
    assert [name for name in QuickBooksOnlineSettings.model_fields.keys() - GIVEN if f"`{name}`" not in text] == []


def test_every_kind_it_takes_has_its_fields():
    assert FORMS.keys() == ENTITIES.keys()
    assert FORMS.keys() | {Kind.CUSTOMER} == QuickBooksOnlineLedger.capabilities.kinds


if __name__ == "__main__":
    write(GUIDES, TABLES)
