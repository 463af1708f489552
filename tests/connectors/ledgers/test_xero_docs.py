"""The guide says what the code does; ``python -m tests.connectors.ledgers.test_xero_docs`` writes its tables."""

import re
from pathlib import Path

import pytest

from connectors.ledgers.xero import forms
from connectors.ledgers.xero.connector import XeroLedger
from connectors.ledgers.xero.service import AT_ONCE, CONCURRENT, LIMITS, provider
from connectors.ledgers.xero.settings import XeroSettings
from connectors.ledgers.xero.words import TABLE
from connectors.records import PAYMENT_KINDS, Kind
from connectors.registry import GIVEN
from tests.connectors.ledgers.guide_tables import assert_current, write
from tests.connectors.ledgers.in_french import french_page, heading, said
from workbook.layout import LANGUAGES

ENGLISH = Path(__file__).parents[3] / "docs" / "ledger-xero.md"
GUIDES = {"en": ENGLISH, "fr": french_page(ENGLISH)}
TODAY = XeroSettings(company="7f2a1c3e-0000-4000-8000-000000000001", client_id="x")


def entity(kind):
    """What a kind is in Xero: its entity, its type, and what of a payment is left on account."""
    form = forms.FORMS[kind]
    types = [str(field.always) for field in form.fields if field.wire == "Type"]
    more = [str(forms.ON_ACCOUNT[kind].fields[0].always)] if kind in PAYMENT_KINDS else []
    return ", ".join([" ".join([form.entity, *types]), *more])


def documents_table(language):
    yield from heading(language, "record", "in Xero")
    yield f"| {said(language, 'customer')}, {said(language, 'supplier')} | Contacts |"
    for kind in forms.FORMS:
        yield f"| {said(language, kind.replace('_', ' '))} | {entity(kind)} |"


def errors_table(language):
    yield from heading(language, "its words", "our problem")
    for row in TABLE:
        pattern = row.pattern.replace("|", "\\|")
        yield f"| `{pattern}` | `{row.problem}` |"


TABLES = {"documents": documents_table, "errors": errors_table}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tables_of_the_guide_are_current(language):
    assert_current(GUIDES[language], TABLES, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_guide_names_every_setting(language):
    text = GUIDES[language].read_text(encoding="utf-8")
    assert [name for name in XeroSettings.model_fields.keys() - GIVEN if f"`{name}`" not in text] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_guides_numbers_are_the_products(language):
    text = GUIDES[language].read_text(encoding="utf-8").replace("\u00a0", "").replace(",", "")
    minute, day, _ = LIMITS  # nobody comes near the application's own
    numbers = {minute.calls, day.calls, CONCURRENT, XeroLedger.capabilities.batch_size, AT_ONCE,
               int(provider(TODAY).refresh_life or 0) // 86_400}  # fmt: skip
    assert [number for number in numbers if not re.search(rf"\b{number}\b", text)] == []


def test_every_kind_it_takes_has_its_table():
    assert forms.FORMS.keys() | {Kind.CUSTOMER} == XeroLedger.capabilities.kinds


if __name__ == "__main__":
    write(GUIDES, TABLES)
