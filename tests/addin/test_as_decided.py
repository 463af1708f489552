"""What the accountant decided in the sheet stands, on whichever row it was typed and whatever the source does."""

from __future__ import annotations

import pytest

from addin.usecases.check import check
from connectors.records import Kind
from tests.addin.conftest import ACCOUNTS, INVOICES, Association
from workbook.layout import ENTRIES


@pytest.fixture
def entry(association: Association) -> Association:
    """A journal entry of two lines besides the rest, pulled."""
    association.add("journal_entries", key="E1", number="E-1", date="2025-03-01", currency="CAD", memo="Correction")
    association.add("entry_lines", entry="E1", line="1", gl_account="4100", debit="10.00", credit="0")
    association.add("entry_lines", entry="E1", line="2", gl_account="4100", debit="0", credit="10.00")
    association.init()
    for number in ("JE-77", "JE-78"):
        association.keyed_in(number, "10.00", "", kind="journal_entry", on="2025-03-01")
    association.pull()
    return association


def test_a_reference_on_any_line_of_an_entry_says_that_it_is_booked(entry: Association) -> None:
    entry.type(ENTRIES, "E1#2", reference="JE-77")
    assert Kind.JOURNAL_ENTRY not in entry.sync().counts["posted"]
    for row in ("E1#1", "E1#2"):
        assert entry.row(ENTRIES, row)["reference"] == "JE-77"
        assert entry.row(ENTRIES, row)["status"] == "Transfer Completed"


def test_a_reference_corrected_on_any_line_of_an_entry_counts(entry: Association) -> None:
    entry.type(ENTRIES, "E1#1", reference="JE-77")
    entry.sync()
    entry.type(ENTRIES, "E1#2", reference="JE-78")
    entry.sync()
    assert {entry.row(ENTRIES, row)["reference"] for row in ("E1#1", "E1#2")} == {"JE-78"}


@pytest.mark.parametrize("status", ["Do Not Sync", "Stand By"])
def test_a_pull_leaves_the_status_that_was_typed_for_a_changed_account(association: Association, status: str) -> None:
    association.init()
    association.pull()
    association.sync()
    for phone in ("514 555-0101", "514 555-0102"):
        association.files["accounts"][0]["phone"] = phone
        association.pull()
        association.type(ACCOUNTS, "A1", status=status)
    association.files["accounts"][0]["phone"] = "514 555-0103"
    association.pull()
    assert association.row(ACCOUNTS, "A1")["status"] == status
    assert Kind.CUSTOMER not in association.sync().counts["posted"]


def test_numbers_written_in_another_way_change_nothing(association: Association) -> None:
    """Excel writes 100.00 as 100 when it saves a CSV file."""
    association.init()
    association.pull()
    association.sync()
    association.files["lines"][0].update(quantity="1.00", unit_price="100", amount="100")
    for _ in range(2):
        assert association.pull().counts["changed"] == {}
        assert association.run(check).problems == ()
    assert association.row(INVOICES, "I1")["changed"] == ""
    association.files["lines"][0]["unit_price"] = "100.01"
    assert association.pull().counts["changed"] == {Kind.INVOICE: 1}
