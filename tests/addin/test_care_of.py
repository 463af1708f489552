"""In whose care mail is sent is a link to an account, checked like one (AutoVu, "Sync in use", check 3: "If used,
check for matching 'Care of ID'"); the source may also name somebody who has no account."""

from __future__ import annotations

import pytest

from addin.usecases.check import check
from connectors.records import Kind
from tests.addin.conftest import Association, add_invoice
from workbook.layout import ACCOUNTS, INVOICES


@pytest.fixture
def cared_for(association: Association) -> Association:
    """Two accounts, of which the second pays for the first."""
    association.add("accounts", key="A2", number="1002", name="Fédération des clubs")
    association.files["accounts"][0]["care_of"] = "A2"
    association.files["documents"][0]["care_of"] = "A2"
    return association


def test_an_accounts_key_is_shown_and_sent_as_its_name(cared_for: Association) -> None:
    cared_for.init()
    cared_for.pull()
    assert cared_for.row(ACCOUNTS, "A1")["care_of"] == "Fédération des clubs"
    assert cared_for.row(INVOICES, "I1")["care_of"] == "Fédération des clubs"
    assert cared_for.sync().counts["posted"][Kind.INVOICE] == 1
    booked = cared_for.ledger_text()
    assert booked.count('care-of: "Fédération des clubs"') == 2
    assert '"A2"' not in booked


def test_a_key_that_no_account_has_holds_what_names_it(cared_for: Association) -> None:
    cared_for.files["documents"][0]["care_of"] = "A77"
    add_invoice(cared_for, "I2", "F-2", care_of="Cabinet Gagnon CPA")
    cared_for.init()
    cared_for.pull()
    report = cared_for.run(check)
    told = [(p.kind, p.number, p.params["care_of"]) for p in report.problems if p.code == "care_of_unknown"]
    assert told == [(Kind.INVOICE, "F-1", "A77")]
    assert "A77" in cared_for.row(INVOICES, "I1")["reason"]
    assert cared_for.sync().counts["posted"][Kind.INVOICE] == 1
    assert 'care-of: "Cabinet Gagnon CPA"' in cared_for.ledger_text()
    cared_for.files["documents"][0]["care_of"] = "A2"
    cared_for.pull()
    assert cared_for.run(check).counts["ready"][Kind.INVOICE] == 1


@pytest.mark.parametrize("care_of", ["Cabinet 3", "Fédération des clubs", "a2 rue Nord", "Mme A. 2"])
def test_a_name_goes_as_it_is(cared_for: Association, care_of: str) -> None:
    cared_for.files["documents"][0]["care_of"] = care_of
    cared_for.init()
    cared_for.pull()
    assert "care_of_unknown" not in {problem.code for problem in cared_for.run(check).problems}


def test_an_account_whose_care_is_unknown_is_not_made(cared_for: Association) -> None:
    cared_for.files["accounts"][0]["care_of"] = "A9"
    cared_for.init()
    cared_for.pull()
    told = [(p.kind, p.key) for p in cared_for.run(check).problems if p.code == "care_of_unknown"]
    assert told == [(Kind.CUSTOMER, "A1")]
    assert cared_for.sync().counts["posted"].get(Kind.CUSTOMER, 0) == 0
