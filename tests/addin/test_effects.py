"""What a problem does to its record, through a sync: refused and told, held as it is and told, or booked and told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from addin.sync import checks as checks_module
from addin.sync.case import Case
from addin.sync.effects import EFFECTS, Effect
from connectors.problems import OWNERS, Problem, problem_of
from connectors.records import Kind
from tests.addin.conftest import INVOICES, PAYMENTS, Association, add_invoice

KEY = (Kind.INVOICE, "I2")
SHOWN = {
    "ledger_refused": (Effect.REFUSE, "Transfer Error", False),
    "waits_for_date": (Effect.HOLD, "To Be Transferred", False),
    "tax_rounded": (Effect.NOTICE, "Transfer Completed", True),
}
"""A code, what it does, the status of its row after a sync, and whether the document is booked."""


@pytest.mark.parametrize("code", SHOWN)
def test_a_problem_does_to_its_record_what_its_effect_says_and_nothing_to_others(
    association: Association, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    does, status, booked = SHOWN[code]
    assert EFFECTS.get(code, Effect.REFUSE) is does

    def found(case: Case) -> Iterator[Problem]:
        if KEY in case.candidates:
            yield problem_of(case.candidates[KEY], code, detail="as only it knows", date="2026-02-01")

    monkeypatch.setattr(checks_module, "CHECKS", (*checks_module.CHECKS, found))
    add_invoice(association, "I2", "F-2", on="2025-08-15", balance="114.98")
    association.init()
    association.pull()
    association.sync()
    row = association.row(INVOICES, "I2")
    assert row["status"] == status
    assert row["reason"] != ""
    assert (row["reference"] != "", "F-2" in association.ledger_text()) == (booked, booked)
    assert association.row(INVOICES, "I1")["status"] == "Transfer Completed"
    assert association.row(PAYMENTS, "P1")["status"] == "Transfer Completed"


def test_an_effect_is_said_of_codes_that_there_are_and_refusing_is_said_of_none() -> None:
    assert EFFECTS.keys() <= OWNERS.keys()
    assert Effect.REFUSE not in EFFECTS.values(), "what nothing is said of refuses"
