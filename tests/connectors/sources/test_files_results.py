"""results.csv: docs/source-files.md, "Results"."""

import csv
import os
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.problems import CannotRun
from connectors.records import Kind, SyncStatus
from connectors.source import Result
from connectors.sources.files.results import harmless, verbatim

DONE = Result(
    kind=Kind.INVOICE, key="D1", number="F-1", status=SyncStatus.COMPLETED, sync_reference="INV-9",
    ledger_number="9", on=date(2025, 3, 1),
)  # fmt: skip
FAILED = Result(kind=Kind.PAYMENT, key="D1", number="", status=SyncStatus.ERROR, reason='Refusé : "x",\nà revoir')


def read(company) -> list[list[str]]:
    with (company.source / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_results_lie_beside_the_input_and_open_in_excel(company):
    company.open().acknowledge([FAILED, DONE])
    assert (company.source / "results.csv").read_bytes().startswith(b"\xef\xbb\xbfkind,key,")
    assert read(company)[1:] == [
        ["invoice", "D1", "F-1", "completed", "INV-9", "9", "", "2025-03-01"],
        ["payment", "D1", "", "error", "", "", 'Refusé : "x",\nà revoir', ""],
    ]


def test_telling_the_same_twice_changes_no_byte(company):
    source, path = company.open(), company.source / "results.csv"
    source.acknowledge([DONE, FAILED])
    before = path.read_bytes()
    source.acknowledge([FAILED])
    source.acknowledge([DONE, FAILED])
    source.acknowledge([])
    assert path.read_bytes() == before


def test_the_latest_result_of_a_record_wins_and_the_others_stay(company):
    source = company.open()
    source.acknowledge([DONE, FAILED])
    source.acknowledge([Result(kind=Kind.PAYMENT, key="D1", number="P", status=SyncStatus.COMPLETED)])
    assert [row[:4] for row in read(company)[1:]] == [
        ["invoice", "D1", "F-1", "completed"],
        ["payment", "D1", "P", "completed"],
    ]


def test_nothing_told_makes_no_file(company):
    company.open().acknowledge([])
    assert not (company.source / "results.csv").exists()


def test_the_next_pull_does_not_mind_the_results(company):
    before = company.pull()
    company.open().acknowledge([DONE, FAILED])
    assert company.pull() == before


@pytest.mark.parametrize("foreign", [b"a,b\n1,2\n", b"kind;key\n", b"\xff\xfe", b'"', b""])
def test_a_file_that_is_not_ours_is_never_replaced(company, foreign):
    path = company.source / "results.csv"
    path.write_bytes(foreign)
    with pytest.raises(CannotRun) as stopped:
        company.open().acknowledge([DONE])
    assert stopped.value.problems[0].code == "results_foreign"
    assert path.read_bytes() == foreign


def test_results_wait_when_the_file_cannot_be_replaced_and_nothing_is_left_behind(company, monkeypatch):
    def held_open(*_: object) -> None:
        held = PermissionError("used by another process")
        held.winerror = 32  # ERROR_SHARING_VIOLATION
        raise held

    company.open().acknowledge([DONE])
    before = {path: path.read_bytes() for path in company.source.iterdir()}
    monkeypatch.setattr(os, "replace", held_open)
    with pytest.raises(CannotRun) as stopped:
        company.open().acknowledge([FAILED])
    assert stopped.value.problems[0].code == "results_wait"
    assert {path: path.read_bytes() for path in company.source.iterdir()} == before


@pytest.mark.parametrize("text", ["=1+2", "+1", "-1", "@x", "\tx", "'=1", "''+x"])
def test_a_text_that_excel_would_take_for_a_formula_gets_an_apostrophe(text):
    assert harmless([text]) == [f"'{text}"]


@pytest.mark.parametrize("text", ["", "a=1", "L'Anse", "'tis", "9"])
def test_any_other_text_is_written_as_it_is(text):
    assert harmless([text]) == [text]


@given(st.lists(st.text(st.sampled_from("'=+-@\t\r\nab"), max_size=6)))
def test_what_was_made_harmless_reads_back_verbatim(row):
    assert list(verbatim(harmless(row))) == row
    assert not any(text.startswith(tuple("=+-@\t\r\n")) for text in harmless(row))
