"""Two-way with a real Tryton: what we posted is no proposal, what a person does there is one."""

from decimal import Decimal

import pytest

from addin.usecases.proposals import accept
from connectors.problems import CannotRun
from connectors.records import Kind
from tests.addin.conftest import add_invoice
from tests.addin.test_proposals import reference, shown, told
from tests.connectors.ledgers.tryton_harness import served

pytestmark = pytest.mark.tryton


@pytest.fixture
def company(association, tmp_path):
    """Two members, an invoice, a credit note, a receipt and a payment, transferred to Tryton."""
    try:
        with served(tmp_path) as harness:
            association.ledger = "tryton"
            association.settings |= {
                "ledger.url": harness.settings.url,
                "ledger.database": harness.settings.database,
            }
            association.add("accounts", key="A2", number="1002", name="Chorale d'Orford", email="c@example.org")
            for key, kind in (("N2", "credit_note"), ("S2", "sales_receipt"), ("R2", "refund"), ("B2", "invoice")):
                add_invoice(association, key, f"{key}-1", "A2", kind=kind)
            association.init()
            association.pull()
            report = association.sync()
            assert sum(report.counts["posted"].values()) == 8, report.problems
            association.harness = harness
            yield association
    except CannotRun as missing:
        pytest.skip(f"Tryton cannot be installed from PyPI: {missing}")


def test_what_we_posted_is_no_proposal_and_what_a_person_does_is_one(company):
    assert company.pull().counts["proposed"] == {}
    first, second = reference(company, "A1"), reference(company, "A2")
    company.harness.change_email(first, "nouvelle@example.org")
    made = company.harness.add_invoice(second, Decimal("80.00"))
    [[booked]] = company.harness.query("SELECT id FROM account_invoice WHERE reference = 'B2-1'")
    company.harness.take_out_invoice(f"account.invoice,{booked}")
    counts = company.pull().counts["proposed"]
    rows = shown(company)
    assert counts[Kind.CUSTOMER] == 1
    assert set(rows) == {f"customer/{first}/email", f"invoice/{made}", f"invoice/account.invoice,{booked}"}
    email = rows[f"customer/{first}/email"]
    assert (email["ours"], email["theirs"]) == ("a@example.org", "nouvelle@example.org")
    assert rows[f"invoice/{made}"]["what"] == "Created"
    assert "Total: 80.00" in rows[f"invoice/{made}"]["theirs"]
    assert rows[f"invoice/account.invoice,{booked}"]["what"] == "Voided"
    company.run(lambda session: accept(session, (), everything=True))
    assert {(row["key"], row["what"]) for row in told(company)} >= {
        ("A1", "changed"),
        ("", "created"),
        ("B2", "voided"),
    }
    assert company.pull().counts["proposed"] == {}
