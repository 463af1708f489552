"""A month's file for the auditor (rule 10 of books.md), read back by another program than wrote it."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path

import openpyxl
import pytest

from addin.usecases.language import language
from addin.usecases.period import period
from addin.usecases.undo import Chosen, undo_transfer
from connectors.records import Kind
from tests.addin.conftest import Association, add_invoice

JANUARY = date(2025, 1, 1)


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
    january.run(partial(period, month=JANUARY, to=tmp_path / "month.xlsx"))
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
    january.run(partial(period, month=JANUARY, to=tmp_path / "mois.xlsx"))
    found = pages(tmp_path / "mois.xlsx")
    assert list(found) == ["Comptes", "Intégralité", "Documents", "Refus", "Écarts", "Annulations"]
    assert {row[0] for row in found["Documents"]} == {"Facture"}
