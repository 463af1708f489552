"""The guide says what the code does; ``python -m tests.connectors.ledgers.test_quickbooks_docs`` writes its tables."""

import re
from pathlib import Path

from connectors.ledgers.quickbooks_online.connector import QuickBooksOnlineLedger
from connectors.ledgers.quickbooks_online.mapping import ENTITIES, HEADS
from connectors.ledgers.quickbooks_online.problems import TABLE
from connectors.ledgers.quickbooks_online.settings import QuickBooksOnlineSettings
from connectors.records import Kind

GUIDE = Path(__file__).parents[3] / "docs" / "ledger-quickbooks-online.md"


def documents_table():
    yield "| record | in QuickBooks |"
    yield "|---|---|"
    for kind, entity in ENTITIES.items():
        yield f"| {kind.replace('_', ' ')} | {entity} |"


def errors_table():
    yield "| code | its words | our problem |"
    yield "|---|---|---|"
    for row in TABLE:
        pattern = row.pattern.replace("|", "\\|")
        yield f"| {row.code} | {f'`{pattern}`' if pattern else 'any'} | `{row.problem}` |"


TABLES = {"documents": documents_table, "errors": errors_table}


def current(text):
    """The guide with its tables as the code has them."""
    for name, table in TABLES.items():
        begin, end = f"<!-- table: {name} -->", f"<!-- end: {name} -->"
        body = "\n".join([begin, *table(), end])
        text = re.sub(f"{begin}.*?{end}", lambda _, body=body: body, text, flags=re.DOTALL)
    return text


def test_the_tables_of_the_guide_are_current():
    text = GUIDE.read_text(encoding="utf-8")
    assert all(f"<!-- table: {name} -->" in text for name in TABLES)
    assert current(text) == text


def test_the_guide_names_every_setting():
    text = GUIDE.read_text(encoding="utf-8")
    assert [name for name in QuickBooksOnlineSettings.model_fields if f"`{name}`" not in text] == []


def test_every_kind_it_takes_has_its_fields():
    assert HEADS.keys() == ENTITIES.keys()
    assert HEADS.keys() | {Kind.CUSTOMER} == QuickBooksOnlineLedger.capabilities.kinds


if __name__ == "__main__":
    GUIDE.write_text(current(GUIDE.read_text(encoding="utf-8")), encoding="utf-8")
