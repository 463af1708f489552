"""What an auditor asks of the source's own records (rule 9 of books.md): far days, numbering, what was deleted."""

from __future__ import annotations

from addin.usecases.answering import confirm
from addin.usecases.check import check
from addin.usecases.report import Report
from addin.usecases.undo import Chosen
from connectors.problems import Problem
from connectors.records import Kind
from tests.addin.conftest import Association, add_invoice
from tests.addin.test_reconciled import without
from workbook.layout import INVOICES, SETTINGS_TABLE


def told(report: Report, code: str) -> list[Problem]:
    return [problem for problem in report.problems if problem.code == code]


def test_what_is_dated_far_ahead_waits_until_its_day_is_confirmed(association: Association) -> None:
    """2062 for 2026: today is January 31, 2026, and 90 days ahead is May 1."""
    for key, number, on in (("I2", "F-2", "2062-01-15"), ("I3", "F-3", "2026-05-01"), ("I4", "F-4", "2026-05-02")):
        add_invoice(association, key, number, on=on)
    association.init()
    association.pull()
    far = told(association.run(check), "day_far_ahead")
    assert [(p.key, dict(p.params)) for p in far] == [
        ("I2", {"date": "2062-01-15", "days": "90"}), ("I4", {"date": "2026-05-02", "days": "90"})
    ]  # fmt: skip
    association.sync()
    assert association.row(INVOICES, "I2")["status"] == "To Be Transferred"
    association.run(lambda session: confirm(session, Chosen(kind=Kind.INVOICE, numbers=["F-4"])))
    association.sync()
    shown = {key: association.row(INVOICES, key)["status"] for key in ("I2", "I3", "I4")}
    assert shown == {"I2": "To Be Transferred", "I3": "Transfer Completed", "I4": "Transfer Completed"}
    association.type(SETTINGS_TABLE, "days_ahead", value="20000")
    association.sync()
    assert association.row(INVOICES, "I2")["status"] == "Transfer Completed"


def test_a_confirmed_day_is_no_other_day(association: Association) -> None:
    add_invoice(association, "I2", "F-2", on="2062-01-15")
    association.init()
    association.pull()
    association.run(lambda session: confirm(session, Chosen(kind=Kind.INVOICE, numbers=["F-2"])))
    assert told(association.run(check), "day_far_ahead") == []
    association.files["documents"][1]["date"] = "2063-01-15"
    association.pull()
    assert [p.key for p in told(association.run(check), "day_far_ahead")] == ["I2"]


def test_gaps_and_repeats_in_the_numbering_are_told_once_each(association: Association) -> None:
    """F-1, F-2, F-4, F-4 and F-8: 3, 5, 6 and 7 are missing; another series has its own numbers."""
    for key, number in (("I2", "F-2"), ("I4", "F-4"), ("I5", "F-4"), ("I8", "F-8"), ("J1", "2025-010"),
                        ("J2", "2025-012"), ("K1", "X1"), ("K2", "X900")):  # fmt: skip
        add_invoice(association, key, number)
    association.init()
    association.pull()
    report = association.run(check)
    [missing], [repeated] = told(report, "numbers_missing"), told(report, "numbers_repeated")
    assert dict(repeated.params) == {"numbers": "F-4", "count": "1"}
    assert dict(missing.params) == {"numbers": "2025-011, F-3, F-5, F-6, F-7", "count": "5"}


def test_what_was_deleted_in_the_source_after_its_transfer_is_told_in_its_row(association: Association) -> None:
    add_invoice(association, "I2", "F-2")
    association.init()
    association.pull()
    association.sync()
    without(association, "I2")
    association.pull()
    left = told(association.run(check), "left_after_transfer")
    assert [(p.key, dict(p.params)) for p in left] == [("I2", {"reference": "F-2"})]
    row = association.row(INVOICES, "I2")
    assert (row["status"], row["reason"]) == (
        "Transfer Completed", "The source no longer has this record, which is in the ledger as F-2."
    )  # fmt: skip
    association.type(SETTINGS_TABLE, "pulls_are_whole", value="No")
    assert told(association.run(check), "left_after_transfer") == []
