"""A month's file for the auditor (rule 10 of books.md), read back by another program than wrote it."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path

import openpyxl
import pytest

from addin.usecases.language import language
from addin.usecases.period import period, period_file
from addin.usecases.taxes import tax_boxes
from addin.usecases.undo import Chosen, undo_transfer
from connectors.problems import CannotRun
from connectors.records import Kind
from tests.addin.conftest import Association, add_invoice
from workbook.layout import PERIOD

JANUARY, LAST = date(2025, 1, 1), date(2025, 1, 31)


def pages(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """The rows below the headers of each sheet."""
    book = openpyxl.load_workbook(path)
    return {sheet.title: list(sheet.iter_rows(min_row=5, values_only=True)) for sheet in book}


@pytest.fixture
def january(association: Association) -> Association:
    """F-1 was undone after its payment, F-2 is in the ledger, F-3 was refused."""
    add_invoice(association, "I2", "=F-2")
    add_invoice(association, "I3", "F-3", total="1.00")
    association.init()
    association.pull()
    association.sync()
    association.run(lambda session: undo_transfer(session, Chosen(kind=Kind.PAYMENT, numbers=["R-1"])))
    association.run(lambda session: undo_transfer(session, Chosen(kind=Kind.INVOICE, numbers=["F-1"])))
    return association


def test_a_month_is_one_workbook_for_the_auditor(january: Association, tmp_path: Path) -> None:
    january.run(partial(period, first=JANUARY, last=LAST, to=tmp_path / "month.xlsx"))
    found = pages(tmp_path / "month.xlsx")
    assert list(found) == ["Accounts", "Completeness", "Documents", "Refusals", "Differences", "Reversals"]
    documents = {row[1]: row for row in found["Documents"]}
    assert documents.keys() == {"F-1", "=F-2", "F-3"}, "the payment is of February"
    assert documents["=F-2"][3:9] == (
        "Club d'échecs de l'Île",
        114.98,
        "CAD",
        "Transfer Completed",
        "=F-2",
        "=F-2",
    ) or (documents["=F-2"][4:8] == (114.98, "CAD", "Transfer Completed", "=F-2"))
    assert documents["=F-2"][10], "who sent it"
    [refusal] = found["Refusals"]
    assert refusal[1] == "F-3"
    [reversal] = found["Reversals"]
    assert (reversal[1], reversal[6]) == ("F-1", "Undone")
    [kind] = found["Completeness"]
    assert (kind[0], kind[1], kind[3]) == ("Invoice", 3, 1)
    moved = {row[0]: row[3:] for row in found["Accounts"]}
    assert all(before + change == after for before, change, after in moved.values())
    assert sum(after for _, _, after in moved.values()) == pytest.approx(0)


def test_it_is_in_the_workbooks_language(january: Association, tmp_path: Path) -> None:
    january.run(partial(language, to="fr"))
    january.run(partial(period, first=JANUARY, last=LAST, to=tmp_path / "mois.xlsx"))
    found = pages(tmp_path / "mois.xlsx")
    assert list(found) == ["Comptes", "Intégralité", "Documents", "Refus", "Écarts", "Annulations"]
    assert {row[0] for row in found["Documents"]} == {"Facture"}


def test_the_sheet_names_the_period_of_its_file_and_no_other_file_is_written_over(january: Association) -> None:
    january.type(PERIOD, "Period", first=date(2025, 1, 1))
    written = [Path(str(january.run(period_file).facts["file"])) for _ in range(2)]
    stem = january.profile.workbook.stem
    assert [path.name for path in written] == [f"{stem} 2025-01.xlsx", f"{stem} 2025-01 (2).xlsx"]
    assert len(pages(written[0])["Documents"]) == 3
    january.type(PERIOD, "Period", last=date(2025, 2, 28))
    of_both = Path(str(january.run(period_file).facts["file"]))
    assert of_both.name == f"{stem} 2025-01-01 – 2025-02-28.xlsx"
    assert len(pages(of_both)["Documents"]) == 4, "the payment is of February"


@pytest.mark.parametrize(
    "typed", [{}, {"first": "soon"}, {"first": date(2025, 2, 1), "last": date(2025, 1, 31)}, {"last": "2025-01-31"}]
)
def test_days_that_are_no_period_are_told_of(association: Association, typed: dict[str, object]) -> None:
    association.init()
    association.type(PERIOD, "Period", **typed)
    for use_case in (period_file, tax_boxes):
        with pytest.raises(CannotRun) as stopped:
            association.run(use_case)
        assert [problem.code for problem in stopped.value.problems] == ["period_unread"]
