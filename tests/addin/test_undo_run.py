"""Undo a run: all that one Sync transferred is out of the books again, and what that means is shown first.

Source: the design of the first hour, "More to book with": undo of a whole run, consequences shown first.
"""

from __future__ import annotations

import pytest

from addin.session import Session
from addin.usecases.report import Report
from addin.usecases.undo_run import undo_run, undo_run_preview
from connectors.problems import CannotRun
from connectors.records import Kind
from tests.addin.conftest import INVOICES, PAYMENTS, Association, add_invoice
from tests.addin.test_undo import codes, shown, standing
from workbook.layout import ACCOUNTS


@pytest.fixture
def paid_later(two_booked: Association) -> Association:
    """The second invoice is paid, and a second Sync transferred the payment."""
    two_booked.add(
        "payments", key="P2", number="R-2", date="2025-02-01", account="A1", amount="114.98", method="cheque",
        currency="CAD",
    )  # fmt: skip
    two_booked.add("allocations", payment="P2", invoice="I2", amount="114.98")
    next(row for row in two_booked.files["documents"] if row["key"] == "I2")["balance"] = ""
    two_booked.pull()
    assert two_booked.sync().counts["posted"] == {Kind.PAYMENT: 1}
    return two_booked


def undoing(association: Association, run: int = 0, *, answer: bool = True) -> tuple[Report, str]:
    """Undo a run by a person who gives this answer; and what they were asked."""
    asked: list[str] = []

    def use_case(session: Session) -> Report:
        return undo_run(session, run, lambda question: asked.append(question) or answer)  # type: ignore[func-returns-value]

    use_case.__name__ = "undo_run"
    return association.run(use_case), asked[0]


def sync_runs(association: Association) -> list[int]:
    """The numbers of the syncs, the first one first."""
    found: list[int] = []

    def look(session: Session) -> Report:
        found.extend(sorted(run.id for run in session.journal.runs(None, "sync")))
        return Report(run=0)

    association.run(look)
    return found


def test_all_that_the_last_sync_transferred_is_out_of_the_books_and_its_rows_wait(
    two_booked: Association,
) -> None:
    report, asked = undoing(two_booked)
    assert report.counts["undone"] == {Kind.INVOICE: 2, Kind.PAYMENT: 1}
    assert standing(two_booked) == {}
    assert shown(two_booked, INVOICES, "I1") == shown(two_booked, PAYMENTS, "P1") == ("Stand By", "")
    lines = asked.splitlines()
    assert lines[0].startswith(f"Take out of the ledger again what run {sync_runs(two_booked)[0]} transferred (")
    assert lines[1:] == [
        "Invoice: 2 · 229.96 CAD",
        "Payment: 1 · 114.98 CAD",
        "The rows are “Stand By” afterwards. The accounts that the run made stay.",
    ]


def test_who_says_no_undoes_nothing(two_booked: Association) -> None:
    report, _ = undoing(two_booked, answer=False)
    assert report.facts["declined"]
    assert standing(two_booked) == {"F-1": 1, "F-2": 1, "R-1": 1}


def test_what_a_later_run_paid_stays_and_that_is_said_before(paid_later: Association) -> None:
    first, _ = sync_runs(paid_later)
    report, asked = undoing(paid_later, first)
    assert "1 others stay in the ledger: It cannot be undone while something is applied to it: R-2." in asked
    assert "Invoice: 1 · 114.98 CAD" in asked
    assert standing(paid_later) == {"F-2": 1, "R-2": 1}
    assert codes(report) == ["undo_applied"]
    assert report.facts["left"] == 1


def test_the_last_sync_is_meant_where_none_is_named_and_the_one_before_can_follow(paid_later: Association) -> None:
    assert undoing(paid_later)[0].counts["undone"] == {Kind.PAYMENT: 1}
    assert standing(paid_later) == {"F-1": 1, "F-2": 1, "R-1": 1}
    first, _ = sync_runs(paid_later)
    undoing(paid_later, first)
    assert standing(paid_later) == {}


def test_a_sync_that_moved_nothing_is_not_the_last_one_and_an_undo_is_not_gone_past(paid_later: Association) -> None:
    """Rounds by the clock and Auto sync mostly end with a run that found nothing to transfer."""
    assert paid_later.sync().counts["posted"] == {}
    assert undoing(paid_later)[0].counts["undone"] == {Kind.PAYMENT: 1}
    with pytest.raises(CannotRun) as stopped:
        undoing(paid_later)
    assert stopped.value.problems[0].code == "run_left_nothing"
    assert standing(paid_later) == {"F-1": 1, "F-2": 1, "R-1": 1}


def test_a_preview_undoes_nothing(paid_later: Association) -> None:
    first, _ = sync_runs(paid_later)
    report = paid_later.run(lambda session: undo_run_preview(session, first))
    assert report.counts["undoable"] == {Kind.INVOICE: 1, Kind.PAYMENT: 1}
    assert codes(report) == ["undo_applied"]
    assert standing(paid_later) == {"F-1": 1, "F-2": 1, "R-1": 1, "R-2": 1}


def test_of_a_run_that_transferred_nothing_or_was_none_nothing_is_undone(two_booked: Association) -> None:
    undoing(two_booked)
    for run, code in ((0, "run_left_nothing"), (9999, "run_unknown")):
        with pytest.raises(CannotRun) as stopped:
            two_booked.run(lambda session, run=run: undo_run(session, run))  # type: ignore[misc]
        assert stopped.value.problems[0].code == code


def test_before_any_sync_that_is_said(association: Association) -> None:
    association.init()
    association.pull()
    with pytest.raises(CannotRun) as stopped:
        association.run(undo_run)
    assert stopped.value.problems[0].code == "never_synced"


def test_what_a_later_run_only_amended_is_not_what_it_transferred(two_booked: Association) -> None:
    """A run that brought a confirmation number to a payment would else take the whole payment out of the books."""
    two_booked.files["payments"][0]["confirmation"] = "0042-77"
    two_booked.pull()
    assert two_booked.sync().counts["amended"] == {Kind.PAYMENT: 1}
    with pytest.raises(CannotRun) as stopped:
        undoing(two_booked)
    assert stopped.value.problems[0].code == "run_left_nothing"
    assert standing(two_booked) == {"F-1": 1, "F-2": 1, "R-1": 1}


def test_what_a_person_booked_by_hand_is_not_the_runs(two_booked: Association) -> None:
    add_invoice(two_booked, "I3", "F-3", balance="114.98")
    two_booked.keyed_in("F-3", "114.98", two_booked.row(ACCOUNTS, "A1")["reference"])
    two_booked.pull()
    two_booked.type(INVOICES, "I3", reference="F-3")
    two_booked.sync()
    report, _ = undoing(two_booked)
    assert report.counts["undone"] == {Kind.INVOICE: 2, Kind.PAYMENT: 1}
    assert shown(two_booked, INVOICES, "I3") == ("Transfer Completed", "F-3")
