"""A pull is held against the source's own counts (books.md, rule 9): the file's rows as a text editor shows them."""

from __future__ import annotations

import csv
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from addin.sync.completeness import held, incomplete
from addin.usecases.pull import pull
from connectors.records import CreditNote, Kind
from connectors.source import Control, Pulled
from connectors.sources.files.connector import FilesSource
from connectors.sources.files.sample import write_sample
from connectors.sources.files.settings import FilesSettings
from tests.addin.cases import document
from tests.addin.conftest import Association, add_invoice
from workbook.layout import CONTROLS
from workbook.review import text_of


def shown(association: Association) -> dict[str, dict[str, str]]:
    """The table on the sheet, by file."""
    rows = association.book.read(CONTROLS).rows
    return {text_of(row.values["source"]): {name: text_of(value) for name, value in row.values.items()} for row in rows}


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_sample_comes_whole_by_count_and_sum(tmp_path: Path) -> None:
    write_sample(tmp_path)
    source = tmp_path / "source"
    pulled = FilesSource(FilesSettings(folder=tmp_path)).pull()
    counted = {control.name: control for control in pulled.controls}
    for name, column in (("documents", "total"), ("payments", "amount")):
        rows, control = rows_of(source / f"{name}.csv"), counted[f"{name}.csv"]
        assert control.count == len(rows)
        assert control.total == sum(Decimal(row[column]) for row in rows)
    debits = sum(Decimal(row["debit"]) for row in rows_of(source / "entry_lines.csv"))
    assert (counted["journal_entries.csv"].total, counted["accounts.csv"].total) == (debits, None)
    assert counted["accounts.csv"].count == len(rows_of(source / "accounts.csv"))


def test_a_whole_pull_says_nothing_and_the_sheet_shows_both_sides(association: Association) -> None:
    add_invoice(association, "I2", "F-2", total="not an amount")
    association.init()
    report = association.pull()
    assert "pull_incomplete" not in {problem.code for problem in report.problems}
    documents = shown(association)["documents.csv"]
    assert (documents["count"], documents["pulled"], documents["unread"], documents["missing"]) == ("2", "1", "1", "0")
    assert documents["total"] == documents["pulled_total"] == "114.98"
    assert shown(association)["accounts.csv"]["total"] == ""


def test_two_rows_of_one_key_are_two_that_were_not_read(association: Association) -> None:
    add_invoice(association, "I1", "F-9")
    association.init()
    report = association.pull()
    assert "pull_incomplete" not in {problem.code for problem in report.problems}
    assert shown(association)["documents.csv"]["unread"] == "2"


def test_a_line_of_which_no_cell_was_read_is_missing_by_name_and_figures(association: Association) -> None:
    association.init()
    with (association.folder / "source" / "documents.csv").open("a", encoding="utf-8") as file:
        file.write('"I2,invoice,F-2\n')
    [problem] = [each for each in association.run(pull).problems if each.code == "pull_incomplete"]
    assert problem.params == {"source": "documents.csv", "count": "2", "pulled": "1", "unread": "0", "amount": "0.00"}
    assert shown(association)["documents.csv"]["missing"] == "1"


@pytest.mark.parametrize("cut", [1, 0])
def test_a_record_that_is_lost_on_the_way_or_comes_with_another_amount_is_told(
    association: Association, monkeypatch: pytest.MonkeyPatch, cut: int
) -> None:
    """Such as by a defect of ours: the counts are of the file, and know nothing of what was made of it."""
    whole = FilesSource.pull

    def otherwise(source: FilesSource) -> Pulled:
        pulled = whole(source)
        *rest, last = [each for each in pulled.records if each.kind == "invoice"]
        others = [each for each in pulled.records if each.kind != "invoice"]
        changed = () if cut else (replace(last, total=Decimal("1.00")),)  # type: ignore[call-arg]
        return replace(pulled, records=(*others, *rest, *changed))

    association.init()
    association.write()
    monkeypatch.setattr(FilesSource, "pull", otherwise)
    [problem] = [each for each in association.run(pull).problems if each.code == "pull_incomplete"]
    assert problem.params["amount"] == ("114.98" if cut else "113.98")
    assert shown(association)["documents.csv"]["missing"] == str(cut)


def test_each_count_is_held_against_what_was_pulled_of_its_kinds() -> None:
    """With both sides' figures; a source that tells no sum is asked for the count alone."""
    bills = (document("I1", "60.00"), document("I2", "40.00"), document("C1", "5.00", type_=CreditNote))
    control = Control(name="documents.csv", kinds=frozenset({Kind.INVOICE}), count=4, total=Decimal("130.00"), unread=1,
                      unread_total=Decimal("10.00"))  # fmt: skip
    [counted] = held(Pulled(records=bills, controls=(control,)))
    assert (counted.pulled, counted.pulled_total, counted.missing, counted.total_missing) == (2, 100, 1, 20)
    told = {"source": "documents.csv", "count": "4", "pulled": "2", "unread": "1", "amount": "20.00"}
    assert [(p.code, dict(p.params)) for p in incomplete([counted])] == [("pull_incomplete", told)]
    assert incomplete([replace(counted, control=replace(control, count=3, total=Decimal("110.00")))]) == []
    assert len(incomplete([replace(counted, control=replace(control, count=3))])) == 1
    uncounted = replace(counted, control=replace(control, total=None))
    assert (uncounted.total_missing, len(incomplete([uncounted]))) == (0, 1)
