"""What a person can do to a sheet: each is a problem with its cell, and no untouched record changes status."""

from __future__ import annotations

from decimal import Decimal

import pytest

from addin.texts import fix
from addin.usecases.check import check
from tests.addin.conftest import ACCOUNTS, INVOICES, Association, add_invoice
from workbook.book import Value
from workbook.layout import SETTINGS_TABLE


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("status", "Perdu", "status_unknown"),
        ("status", None, "status_missing"),
        ("status", "Transfer Error", "status_refused"),
        ("total", Decimal("1.00"), "cell_changed"),
        ("total", "beaucoup", "cell_changed"),
        ("date", "hier", "cell_changed"),
        ("account", "Quelqu'un d'autre", "cell_changed"),
        ("kind", "Facture", None),
        ("kind", "rien", "row_unknown"),
    ],
)
def test_a_wrong_cell_is_told_by_its_place_and_holds_its_record_alone(
    association: Association, column: str, value: Value, code: str | None
) -> None:
    add_invoice(association, "I2", "F-2")
    association.init()
    association.pull()
    association.type(INVOICES, "I2", **{column: value})
    report = association.run(check)
    found = {problem.code for problem in report.problems}
    assert found == ({code, "row_missing"} if code == "row_unknown" else {code} if code else set())
    assert all(p.place is not None for p in report.problems if p.code == code)
    association.sync()
    assert association.row(INVOICES, "I1")["status"] == "Transfer Completed"
    assert ("F-2" in association.ledger_text()) is (code in (None, "status_refused"))


def test_a_duplicated_row_holds_both_and_a_deleted_row_comes_back_with_a_pull(association: Association) -> None:
    add_invoice(association, "I2", "F-2")
    association.init()
    association.pull()
    book = association.book
    rows = book.read(INVOICES).rows
    book.append(INVOICES, [dict(rows[1].values)])
    book.save()
    assert [p.code for p in association.run(check).problems] == ["row_duplicated", "row_duplicated"]
    book = association.book
    _, *others, _ = book.read(INVOICES).rows
    book.replace(INVOICES, [row.values for row in others])
    book.save()
    report = association.run(check)
    assert [(p.code, p.number) for p in report.problems] == [("row_missing", "F-1"), ("invoice_not_transferred", "R-1")]
    association.pull()
    assert association.row(INVOICES, "I1")["status"] == "To Be Transferred"
    assert [p.code for p in association.run(check).problems] == []


def test_a_pull_restores_a_locked_cell_that_was_changed(association: Association) -> None:
    association.init()
    association.pull()
    association.type(INVOICES, "I1", total=Decimal("1.00"))
    association.pull()
    assert association.row(INVOICES, "I1")["total"] == "114.98"


def test_a_wrong_setting_is_told_and_the_companys_own_holds(association: Association) -> None:
    association.init()
    association.pull()
    association.type(SETTINGS_TABLE, "all_when_paid", value="parfois")
    report = association.run(check)
    assert [(p.code, p.params["setting"]) for p in report.problems] == [("setting_invalid", "all_when_paid")]
    assert fix("en", report.problems[0]) == "It accepts Yes or No; an empty cell takes the default."


def test_a_setting_typed_in_the_sheet_counts_at_once(association: Association) -> None:
    association.files["documents"][0]["balance"] = "10.00"
    association.init()
    association.pull()
    association.type(SETTINGS_TABLE, "all_when_paid", value="Oui")
    assert "waits_for_payment" in {p.code for p in association.run(check).problems}


def test_a_sync_reference_that_the_ledger_does_not_have_is_told(association: Association) -> None:
    association.init()
    association.pull()
    association.type(ACCOUNTS, "A1", reference="M-UNKNOWN")
    report = association.sync()
    assert "account_unknown_in_ledger" in {problem.code for problem in report.problems}
    assert "F-1" not in association.ledger_text()


@pytest.mark.parametrize("typed", [True, False])
def test_yes_and_no_may_be_typed_as_a_truth_value(association: Association, typed: bool) -> None:
    """TRUE or VRAI in a cell is kept as a truth value, whatever word Excel's language shows of it."""
    association.settings["new_account_default"] = "no" if typed else "yes"
    association.init()
    association.pull()
    association.type(ACCOUNTS, "A1", new_account=typed)
    report = association.sync()
    told = {problem.code for problem in report.problems if problem.key == "A1"}
    status = association.row(ACCOUNTS, "A1")["status"]
    if typed:
        assert (told, status) == (set(), "Transfer Completed")
    else:
        assert (told, status) == ({"account_not_linked"}, "To Be Transferred")
