"""Stop is heard while a ledger's turn is waited for: nothing of what waits was sent, nor is it in any doubt.

``docs/journal.md``: the limits of a ledger are waited for before an intent is written.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from addin.session import Session
from addin.usecases.pull import pull
from addin.usecases.report import Report
from addin.usecases.sync import sync
from addin.usecases.undo import Chosen, undo_transfer
from connectors.ledgers.beancount.connector import BeancountLedger
from connectors.records import Kind
from tests.addin.conftest import INVOICES, TODAY, Association, documents_in
from workbook.file.file_book import FileBook


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long each wait for a turn was said to be; the turn never comes."""
    told: list[float] = []

    def turn(*_: object) -> float:
        told.append(0.001)
        return told[-1]

    monkeypatch.setattr(BeancountLedger, "turn", turn)
    return told


def stopped_after(company: Association, waits: list[float], use_case: Callable[[Session], Report]) -> Report:
    """The use case, whose third wait Stop is pressed in."""
    book = FileBook(company.profile.workbook, stop=lambda: len(waits) >= 3)
    with Session.open(company.profile, book, use_case.__name__, TODAY) as session:
        return use_case(session)


def intents(company: Association) -> list[str]:
    """The states of every transfer there was."""
    found: list[str] = []

    def look(session: Session) -> Report:
        found.extend(t.state for history in session.journal.transfers().values() for t in history)
        return Report(run=0)

    company.run(look)
    return sorted(found)


def test_a_sync_that_waits_ends_and_leaves_everything_as_it_was(
    association: Association, monkeypatch: pytest.MonkeyPatch, waits: list[float]
) -> None:
    association.init()
    association.run(pull)
    report = stopped_after(association, waits, sync)
    assert (len(waits), report.facts["stopped"], report.counts["posted"], report.problems) == (3, True, {}, ())
    assert intents(association) == []
    assert documents_in(association.folder / "book.beancount") == {}
    row = association.row(INVOICES, "I1")
    assert (row["status"], row["reference"], row["reason"]) == ("To Be Transferred", "", "")
    monkeypatch.setattr(BeancountLedger, "turn", lambda *_: 0.0)
    assert association.sync().counts["posted"] == {Kind.CUSTOMER: 1, Kind.INVOICE: 1, Kind.PAYMENT: 1}


def test_an_undo_that_waits_ends_and_leaves_everything_as_it_was(
    association: Association, monkeypatch: pytest.MonkeyPatch, waits: list[float]
) -> None:
    association.init()
    association.run(pull)
    with monkeypatch.context() as patch:
        patch.setattr(BeancountLedger, "turn", lambda *_: 0.0)
        association.sync()

    def undo_transfer_of(session: Session) -> Report:
        return undo_transfer(session, Chosen(kind=Kind.PAYMENT, numbers=("R-1",)))

    undo_transfer_of.__name__ = "undo_transfer"
    report = stopped_after(association, waits, undo_transfer_of)
    assert (len(waits), report.facts, report.counts["undone"]) == (3, {"left": 1, "stopped": True}, {})
    assert intents(association) == ["posted", "posted", "posted"]
