"""The guide says what the code does; ``python -m tests.connectors.ledgers.test_beancount_docs`` writes its tables."""

from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from connectors.conformance import Chart
from connectors.conformance.making import Making
from connectors.double_entry import legs
from connectors.ledger import LedgerLists
from connectors.ledgers.beancount.connector import BeancountLedger
from connectors.ledgers.beancount.mapping import FIELDS
from connectors.ledgers.beancount.settings import BeancountSettings
from connectors.ledgers.beancount.starter import chart
from connectors.records import DOCUMENT_KINDS, Kind
from tests.connectors.ledgers.guide_tables import assert_current, write
from tests.connectors.ledgers.in_french import french_page, heading, said
from workbook.layout import LANGUAGES

ENGLISH = Path(__file__).parents[3] / "docs" / "ledger-beancount.md"
GUIDES = {"en": ENGLISH, "fr": french_page(ENGLISH)}
LISTS = LedgerLists(receivable="receivable : customer", payable="payable : supplier", deposit="deposit account")
LINE = "account of each line"
CHART = Chart(revenue=LINE, deferred=LINE, expense=LINE, bank="deposit account", tax="account of each tax")


def entries_table(language):
    make = Making(SimpleNamespace(chart=CHART, day=date(2024, 3, 15)), "CAD")
    yield from heading(language, "record", "debit", "credit", "metadata, beside `key`, `customer` and `total`")
    for kind, fields in FIELDS.items():
        posting = make.of_kind(kind, "c", "s", **({"tax": "5.00"} if kind in DOCUMENT_KINDS else {}))
        sides = legs(posting, LISTS)
        debit, credit = (
            ", ".join(
                said(language, name) for name in dict.fromkeys(leg.account for leg in sides if leg.amount * sign > 0)
            )
            for sign in (1, -1)
        )
        words = said(language, kind.replace("_", " "))
        yield f"| {words} | {debit} | {credit} | {', '.join(f'`{name}`' for name, _ in fields)} |"


def chart_table(language):
    yield from heading(language, "code", "account", "name", "tax")
    for row in chart(BeancountSettings(folder=Path("x"))):
        yield f"| {row.code} | `{row.account}` | {row.name} | {said(language, 'yes') if row.tax else ''} |"


TABLES = {"entries": entries_table, "chart": chart_table}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tables_of_the_guide_are_current(language):
    assert_current(GUIDES[language], TABLES, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_guide_names_every_setting(language):
    text = GUIDES[language].read_text(encoding="utf-8")
    assert [name for name in BeancountSettings.model_fields if f"`{name}`" not in text] == []


def test_every_kind_it_takes_has_its_metadata():
    assert FIELDS.keys() | {Kind.CUSTOMER} == BeancountLedger.capabilities.kinds


if __name__ == "__main__":
    write(GUIDES, TABLES)
