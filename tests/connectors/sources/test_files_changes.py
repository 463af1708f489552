"""``ledger_changes.csv``: what was accepted of the ledger's changes, a row for each field, harmless in Excel."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.problems import CannotRun
from connectors.records import Kind, What
from connectors.source import Accepted
from connectors.sources.files.results import CHANGES_HEADER, verbatim, write_changes

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)


def accepted(field="email", value="neuve@example.org", **fields):
    return Accepted(
        **{
            "id": f"customer/7/{field}",
            "what": What.CHANGED,
            "kind": Kind.CUSTOMER,
            "key": "A1",
            "ledger_id": "7",
            "number": "1001",
            "values": {field: value},
            "former": {field: "vieille@example.org"},
            **fields,
        }
    )


def rows(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *found = csv.reader(file)
    assert tuple(header) == CHANGES_HEADER
    return [dict(zip(CHANGES_HEADER, verbatim(row), strict=True)) for row in found]


@given(TEXTS, TEXTS)
def test_any_text_of_a_ledger_is_read_back_as_it_was_and_is_no_formula(tmp_path_factory, email, note):
    path = tmp_path_factory.mktemp("changes") / "ledger_changes.csv"
    write_changes(path, [accepted(value=email), accepted("notes", note)])
    assert [row["value"] for row in rows(path)] == [email, note]
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert not [cell for row in csv.reader(file) for cell in row if cell[:1] in tuple("=+-@\t\r\n")]


def test_the_latest_of_a_field_wins_and_the_same_again_gives_the_same_bytes(tmp_path):
    path = tmp_path / "ledger_changes.csv"
    write_changes(path, [accepted(), accepted("phone", "418 555-0100")])
    write_changes(path, [accepted(value="plus.neuve@example.org")])
    before = path.read_bytes()
    write_changes(path, [accepted("phone", "418 555-0100")])
    assert path.read_bytes() == before
    assert [(row["field"], row["value"]) for row in rows(path)] == [
        ("email", "plus.neuve@example.org"),
        ("phone", "418 555-0100"),
    ]


def test_what_is_gone_has_one_row_without_a_field(tmp_path):
    path = tmp_path / "ledger_changes.csv"
    gone = accepted(id="customer/7", what=What.MERGED, values={}, former={}, merged_into="9", account="A2")
    write_changes(path, [gone])
    [row] = rows(path)
    assert (row["what"], row["field"], row["merged_into"], row["account"]) == ("merged", "", "9", "A2")


def test_a_file_of_results_under_that_name_is_not_replaced(tmp_path):
    path = tmp_path / "ledger_changes.csv"
    path.write_text("kind,key,number,status,sync_reference,ledger_number,reason,on\r\n", encoding="utf-8")
    with pytest.raises(CannotRun) as stopped:
        write_changes(path, [accepted()])
    assert stopped.value.problems[0].code == "results_foreign"
    assert path.read_text(encoding="utf-8").startswith("kind,key")
